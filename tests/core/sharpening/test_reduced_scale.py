# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.sharpening.fitting import BandFit
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.reduced_scale import (
    SENSOR_BLUR,
    ReducedPiece,
    inconsistency,
    patches_of,
    reduction_of,
    sharpen_bands,
)
from tests.scenes import related_bands

FIT = BandFit(0.45, (0.1, 0.2, 0.3))


def patches(factor, size=36, hidden=0):
    """Return two bands with their guides; rows of the second one are hidden."""
    guides, band = related_bands(size * factor, size * factor)
    low = degrade(band, factor, 0.45)
    second = np.ones(low.shape, dtype=bool)
    second[:hidden] = False
    bands = [(low, np.ones(low.shape, dtype=bool)), (0.5 * low, second)]
    return patches_of(bands, guides, np.ones(guides.shape[1:], dtype=bool), factor)


@pytest.mark.parametrize(("factor", "reduction"), [(2, 2), (3, 3), (4, 2), (5, 5), (6, 3)])
def test_restored_pixels_nest_in_the_original_ones(factor, reduction):
    assert reduction_of(factor) == reduction
    assert factor % reduction == 0


@pytest.mark.parametrize("factor", [2, 6])
def test_bands_and_guides_are_degraded_alike(factor):
    pair = patches(factor)
    piece = ReducedPiece.of(pair)
    reduction = reduction_of(factor)
    np.testing.assert_array_equal(piece.truth[1], pair[1].coarse)
    np.testing.assert_allclose(piece.patches[0].coarse, degrade(pair[0].coarse, reduction, SENSOR_BLUR), rtol=1e-5)
    np.testing.assert_allclose(piece.patches[0].guides, degrade(pair[0].guides, reduction, SENSOR_BLUR), rtol=1e-5)
    assert piece.valid.all() and piece.degraded.shape == piece.truth.shape
    assert piece.patches[0].guides is piece.patches[1].guides


@pytest.mark.parametrize("factor", [2, 6])
def test_a_better_method_restores_more(factor):
    piece = ReducedPiece.of(patches(factor))
    errors = {
        method: np.abs(piece.restored(method, [FIT, FIT]) - piece.truth).mean() for method in ("regression", "none")
    }
    assert errors["regression"] < 0.8 * errors["none"]


def test_what_one_band_lacks_is_compared_in_none():
    piece = ReducedPiece.of(patches(2, hidden=9))
    # A degraded pixel sees one and a half of its own size to each side, here six pixels.
    assert not piece.valid[:9].any() and piece.valid[14:].all()


def test_bands_are_sharpened_as_they_are_one_by_one():
    pair = patches(2, hidden=6)
    together = sharpen_bands(pair, "regression", [FIT, FIT])
    for patch, image in zip(pair, together):
        np.testing.assert_array_equal(image, sharpen_bands([patch], "regression", [FIT])[0])


def test_inconsistency_is_what_a_band_lacks():
    patch = patches(2)[0]
    fine = np.full(patch.guides.shape[1:], 0.3, np.float32)
    np.testing.assert_allclose(inconsistency(patch, fine, 0.4), (0.3 - patch.coarse).ravel(), atol=1e-6)
    hidden = patches(2, hidden=36)[1]
    assert inconsistency(hidden, fine, 0.4).size == 0
