# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.radiometry import Radiometry, assumed_radiometry, to_stored
from s2landcover_plugin.core.raster import BandInfo


def test_the_same_ground_gives_the_same_reflectance_before_and_after_baseline_four():
    before = Radiometry.from_product(10000.0)
    after = Radiometry.from_product(10000.0, -1000.0)
    ground = np.array([1, 1500, 9000], dtype=np.uint16)
    np.testing.assert_allclose(before.to_reflectance(ground), after.to_reflectance(ground + 1000), atol=1e-7)


def test_valid_dark_pixels_stay_distinct_from_nodata():
    reflectance = np.array([-0.02, 0.0, 0.00004, 0.1234, 7.0, np.nan], dtype=np.float32)
    valid = np.array([True, True, True, True, True, False])
    np.testing.assert_array_equal(to_stored(reflectance, valid), [1, 1, 1, 1234, 65535, 0])


@pytest.mark.parametrize(
    ("info", "largest", "scale", "said"),
    [
        (BandInfo("", "uint16", scale=0.0001), 9000, 0.0001, ""),
        (BandInfo("", "uint16"), 9000, 0.0001, "reflectance x 10000"),
        (BandInfo("", "float32"), 0.8, 1.0, "reflectance from 0 to 1"),
        (BandInfo("", "float32"), 8000.0, 0.0001, "reflectance x 10000"),
    ],
)
def test_what_numbers_mean_is_taken_from_the_file_or_assumed_and_said(info, largest, scale, said):
    radiometry, sentence = assumed_radiometry(info, largest)
    assert radiometry.scale == pytest.approx(scale)
    assert said in sentence
    assert bool(sentence) == bool(said)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_gives_no_reflectance_is_refused(scale):
    with pytest.raises(InputError):
        Radiometry(scale)
