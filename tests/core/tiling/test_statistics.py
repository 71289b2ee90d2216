# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.tiling.statistics import add_up, sum_bands


def test_sums_of_tiles_add_up_to_the_statistics_of_all_valid_pixels():
    rng = np.random.default_rng(0)
    tiles = rng.integers(1, 65536, (5, 2, 9, 11), dtype=np.uint16)
    valid = rng.random((5, 9, 11)) < 0.7
    tiles = np.where(valid[:, np.newaxis], tiles, 0).astype(np.uint16)
    sums = [sum_bands(tile, mask) for tile, mask in zip(tiles, valid)]
    for band in range(2):
        pixels = tiles[:, band][valid] * 1e-4
        found = add_up(part[band] for part in sums).statistics()
        assert (found.mean, found.std) == (pytest.approx(pixels.mean()), pytest.approx(pixels.std()))
        assert (found.minimum, found.maximum) == (pytest.approx(pixels.min()), pytest.approx(pixels.max()))


def test_a_constant_band_has_no_spread():
    tile = np.full((1, 300, 300), 65535, dtype=np.uint16)
    found = sum_bands(tile, np.ones((300, 300), dtype=bool))[0].statistics()
    assert found.std == 0.0
    assert found.mean == pytest.approx(6.5535)
