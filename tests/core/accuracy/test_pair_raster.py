# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.assessment import AssessmentRequest, assess
from s2landcover_plugin.core.errors import Cancelled
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import open_raster
from tests.core.accuracy.class_rasters import write

NAMES = {1: "water", 2: "trees", 3: "crops"}


def test_every_pair_has_a_value_with_its_name(tmp_path):
    mapped, actual = np.ones((50, 70), np.uint8), np.ones((50, 70), np.uint8)
    mapped[0], actual[1], actual[2, :5] = 3, 2, 0
    paths = [write(tmp_path / f"{name}.tif", array, categories=NAMES) for name, array in (("m", mapped), ("r", actual))]
    assess(AssessmentRequest(*paths, errors=str(tmp_path / "e.tif")), SilentProgress())
    with open_raster(str(tmp_path / "e.tif")) as raster:
        values = raster.read()[0]
        assert raster.categories == {1: "same class", 2: "water mapped as crops", 3: "trees mapped as water"}
        assert (raster.bands[0].dtype, raster.bands[0].nodata) == ("uint8", 0)
        assert raster.colours[2][:3] == tuple(
            (2 * a + b) // 3 for a, b in zip(bytes.fromhex("E69F00"), bytes.fromhex("009E73"))
        )
    assert (values[0] == 2).all()
    assert (values[1] == 3).all()
    assert (values[2, :5] == 0).all()
    assert (values[3:] == 1).all()
    assert "water mapped as crops" in (tmp_path / "e.qml").read_text()


def test_more_than_255_pairs_take_two_bytes(tmp_path):
    values = np.arange(1, 21, dtype=np.uint8)
    mapped = np.tile(values, 175).reshape(50, 70)
    actual = np.tile(values.repeat(20), 9)[:3500].reshape(50, 70)
    paths = [write(tmp_path / f"{name}.tif", array) for name, array in (("m", mapped), ("r", actual))]
    result = assess(AssessmentRequest(*paths, errors=str(tmp_path / "e.tif")), SilentProgress())
    with open_raster(str(tmp_path / "e.tif")) as raster:
        coded = raster.read()[0]
        names = raster.categories
        assert raster.bands[0].dtype == "uint16"
    assert len(names) == 381
    assert (coded == 1).sum() == np.trace(result.matrix.counts)
    assert names[int(coded[0, 1])] == "Class 1 mapped as Class 2"


def test_a_cancelled_run_leaves_no_raster(tmp_path):
    class Impatient(SilentProgress):
        checks = 0

        def check(self) -> None:
            self.checks += 1
            if self.checks > 3:
                raise Cancelled

    paths = [write(tmp_path / f"{name}.tif", np.ones((50, 70), np.uint8)) for name in "mr"]
    with pytest.raises(Cancelled):
        assess(AssessmentRequest(*paths, errors=str(tmp_path / "e.tif")), Impatient())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.tif", "r.tif"]
