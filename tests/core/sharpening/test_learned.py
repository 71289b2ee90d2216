# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.sharpening.fitting import fit_band, fit_bands
from s2landcover_plugin.core.sharpening.learned import fit_learned, refit_learned, sharpen_learned
from s2landcover_plugin.core.sharpening.methods import sharpen, support
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.network import SharpeningNetwork, load_sharpener
from s2landcover_plugin.core.sharpening.patch import Patch
from tests.scenes import related_bands
from tests.sharpeners import edge_sharpener, sharpener_contract

UNIT = 1e-4


@dataclass(frozen=True, eq=False)
class Oracle:
    """A network that knows the truth, and how far it is believed to look."""

    truth: np.ndarray
    contract: object = sharpener_contract(context=4)

    def correction(self, band, guides, regression, coarse, blur):
        return self.truth - regression


@pytest.fixture
def network(tmp_path) -> SharpeningNetwork:
    return load_sharpener(str(edge_sharpener(tmp_path / "a.onnx")))


def scene(sigma=0.45, rows=80, cols=96):
    """A band with detail of its own, which no guide shows."""
    guides, band = related_bands(rows, cols)
    guides = np.concatenate([guides, guides[:1] ** 2])
    own = np.random.default_rng(1).normal(0, 0.01, band.shape).astype(np.float32)
    truth = band + own
    return Patch.of(degrade(truth, 2, sigma), guides, 2), truth


def learned(patch, network, band="B05"):
    return fit_learned(network, [band], [[patch]], [fit_band([patch])], SilentProgress())[0]


def rmse(first, second):
    return float(np.sqrt(np.mean((first - second) ** 2)))


def test_the_correction_is_made_and_the_original_given_back():
    patch, truth = scene()
    fit = learned(patch, Oracle(truth))
    result = sharpen(patch, "learned", fit)
    assert rmse(result, truth) < 0.3 * rmse(sharpen(patch, "regression", fit), truth)
    assert rmse(degrade(result, 2, fit.blur("learned")), patch.coarse) < 2 * UNIT


@pytest.mark.parametrize("sigma", [0.35, 0.5, 0.65])
def test_the_networks_result_shows_the_blur(sigma):
    patch, truth = scene(sigma)
    fit = learned(patch, Oracle(truth))
    assert fit.blur("learned") == pytest.approx(sigma, abs=0.01)
    assert fit.blur("regression") == fit.sigma != fit.blur("learned")


def test_bands_that_it_does_not_know_are_sharpened_by_regression(network):
    patch, _ = scene()
    fit = learned(patch, network, "B09")
    assert fit.learned is None
    np.testing.assert_array_equal(sharpen(patch, "learned", fit), sharpen(patch, "regression", fit))
    assert support("learned", [fit]) == support("regression", [fit])


def test_near_nodata_regression_is_left_as_it_is():
    patch, truth = scene()
    valid = np.ones(patch.coarse.shape, dtype=bool)
    valid[:, 20] = False
    patch = Patch.of(patch.coarse, patch.guides, 2, valid)
    fit = learned(patch, Oracle(truth + np.float32(1)))
    moved = sharpen_learned(patch, fit) - sharpen(patch, "regression", fit)
    assert np.isfinite(moved).all()
    # What is given back takes the step away again, but not its edge.
    assert np.abs(moved[:, 2 * 20 - 2 : 2 * 20 + 4]).max() < 0.1 < np.abs(moved[:, 2 * 15 : 2 * 16]).max()


def test_pieces_with_halo_equal_the_whole(network):
    patch, _ = scene(rows=240, cols=40)
    fit = learned(patch, network)
    halo = support("learned", [fit])
    first, last = 50, 60
    rows = slice(first - halo, last + halo)
    part = Patch.of(patch.coarse[rows], patch.guides[:, 2 * rows.start : 2 * rows.stop], 2)
    piece = sharpen(part, "learned", fit)[2 * halo : -2 * halo]
    np.testing.assert_allclose(piece, sharpen(patch, "learned", fit)[2 * first : 2 * last], atol=1e-6)


def test_fits_of_another_scale_take_the_network_over(network):
    patch, _ = scene()
    plain = fit_bands([[patch]])
    assert refit_learned(["B05"], plain, [[patch]], plain, SilentProgress()) == plain
    (again,) = refit_learned(["B05"], [learned(patch, network)], [[patch]], plain, SilentProgress())
    assert again.learned.network is network and again.learned.band == "B05"


def test_nothing_to_compare_leaves_the_guides_blur(network):
    patch, _ = scene(rows=16, cols=16)
    nothing = Patch.of(patch.coarse, patch.guides, 2, np.zeros(patch.coarse.shape, dtype=bool))
    fit = learned(nothing, network)
    assert fit.blur("learned") == fit.sigma
    assert np.isfinite(sharpen(nothing, "learned", fit)).all()
