# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.assessment import AssessmentRequest, assess
from s2landcover_plugin.core.accuracy.calibration import Calibration, CalibrationCounts
from s2landcover_plugin.core.accuracy.inputs import AssessedRaster
from s2landcover_plugin.core.errors import GridError, InputError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid
from tests.core.accuracy.class_rasters import GRID, UTM, write

SOURCE = AssessedRaster("confidence.tif", GRID, "uint8")


def test_the_expected_error_is_the_weighted_gap_of_the_bins():
    counts = CalibrationCounts()
    counts.add(np.array([95, 91, 95, 100, 52, 255], np.uint8), np.array([1, 1, 0, 1, 0, 1], bool))
    found = counts.result(SOURCE)
    assert [part.share for part in found.bins] == pytest.approx([0.2, 0.8])
    assert [part.accuracy for part in found.bins] == pytest.approx([0.0, 0.75])
    assert [part.confidence for part in found.bins] == pytest.approx([0.52, (0.95 + 0.91 + 0.95 + 1.0) / 4])
    assert found.expected_error == pytest.approx(0.2 * 0.52 + 0.8 * (0.9525 - 0.75))
    assert (found.accuracy, found.mean_confidence) == (pytest.approx(0.6), pytest.approx((3.81 + 0.52) / 5))


def test_a_map_that_is_right_as_often_as_it_says_has_no_error():
    weights = np.zeros(101)
    weights[[60, 80]] = 100
    right = weights * np.arange(101) / 100
    assert Calibration(SOURCE, weights, right).expected_error == pytest.approx(0.0)


def raster_with(tmp_path, percent, **fields):
    mapped = np.ones((50, 70), np.uint8)
    actual = mapped.copy()
    actual[:25] = 2
    mapped[0] = 2
    paths = [write(tmp_path / f"{name}.tif", array) for name, array in (("m", mapped), ("r", actual))]
    return AssessmentRequest(*paths, confidence=write(tmp_path / "c.tif", percent, **{"nodata": 255, **fields}))


def test_it_is_counted_in_the_same_pass(tmp_path):
    percent = np.full((50, 70), 80, np.uint8)
    percent[:, :35] = 255
    result = assess(raster_with(tmp_path, percent), SilentProgress())
    assert result.calibration.weights.sum() == 50 * 35
    assert result.calibration.accuracy == pytest.approx(26 / 50)
    assert result.calibration.source.path.endswith("c.tif")


def test_confidence_nowhere_is_said(tmp_path):
    result = assess(raster_with(tmp_path, np.full((50, 70), 255, np.uint8)), SilentProgress())
    assert result.calibration is None
    assert any("has no confidence where" in note for note in result.notes)


def test_what_is_no_percentage_or_elsewhere_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="holds the value 180; a confidence is 0 to 100"):
        assess(raster_with(tmp_path, np.full((50, 70), 180, np.uint8)), SilentProgress())
    away = Grid(70, 50, (900000.0, *GRID.transform[1:]), UTM)
    with pytest.raises(GridError, match="do not overlap"):
        assess(raster_with(tmp_path, np.full((50, 70), 80, np.uint8), grid=away), SilentProgress())
