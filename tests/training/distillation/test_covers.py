# SPDX-License-Identifier: GPL-2.0-or-later
"""Standing water and snow: physically bounded, reproducible, under the same air, and recognisable."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from training.distillation.atmosphere import STUDENT_BANDS, Views, both_views
from training.distillation.corrections import impossible_snow, normalised_difference
from training.distillation.covers import flooded, smooth_field, snowed

Cover = Callable[[Views, np.random.Generator], Views]
GREEN, NIR, SWIR = (STUDENT_BANDS.index(band) for band in ("B03", "B08", "B11"))
MEADOW = np.array([0.037, 0.079, 0.042, 0.132, 0.365, 0.445, 0.455, 0.475, 0.218, 0.106], dtype=np.float32)


def meadow() -> Views:
    return both_views(MEADOW[:, None, None] * np.ones((10, 48, 40), dtype=np.float32), "L2A", 0.7)


@pytest.mark.parametrize("cover", [flooded, snowed])
def test_covers_keep_reflectance_possible_and_the_air(cover: Cover) -> None:
    before = meadow()
    for seed in range(20):
        after = cover(before, np.random.default_rng(seed))
        assert after.surface.dtype == after.top.dtype == np.float32
        assert after.surface.shape == after.top.shape == (10, 48, 40)
        assert after.surface.min() > 0.0 and after.surface.max() < 1.1
        np.testing.assert_allclose(after.top - after.surface, before.top - before.surface, atol=1e-6)


@pytest.mark.parametrize("cover", [flooded, snowed])
def test_covers_repeat_with_their_seed_and_leave_their_input(cover: Cover) -> None:
    before = meadow()
    first, again, other = (cover(before, np.random.default_rng(seed)).surface for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(before.surface, meadow().surface)


def test_flooding_darkens_infrared_but_leaves_plants_standing() -> None:
    drowned = np.stack([flooded(meadow(), np.random.default_rng(seed)).surface for seed in range(20)])
    nir = drowned[:, NIR]
    assert nir.max() <= MEADOW[NIR] + 1e-5
    assert nir.min() > 0.08, "never water alone"
    assert 0.2 < (nir < 0.8 * MEADOW[NIR]).mean() < 0.9, "parts are flooded, parts are not"


def test_snow_is_possible_snow_where_it_is_closed() -> None:
    white = np.stack([snowed(meadow(), np.random.default_rng(seed)).surface for seed in range(20)], axis=1)
    closed = white[GREEN] > 0.35
    assert 0.1 < closed.mean() < 0.9
    assert not impossible_snow(white)[closed].any()
    assert np.median(normalised_difference(white[GREEN], white[SWIR])[closed]) > 0.4


def test_smooth_field_is_smooth_and_of_unit_spread() -> None:
    field = smooth_field(96, 64, np.random.default_rng(0))
    assert field.shape == (96, 64)
    assert field.std() == pytest.approx(1.0, abs=1e-3)
    assert np.abs(np.diff(field, axis=1)).mean() < 0.35
