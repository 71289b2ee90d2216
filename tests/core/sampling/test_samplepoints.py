# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import sqlite3
import struct
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.estimation import estimate
from s2landcover_plugin.core.accuracy.sample import labelled_sample, poststratified
from s2landcover_plugin.core.errors import GridError, InputError, OutputError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, crs_from_authority
from s2landcover_plugin.core.sampling.design import Allocation, ExpectedAccuracy, Method, SampleDesign
from s2landcover_plugin.core.sampling.samplepoints import SamplePointsRequest, sample_points
from tests.listeners import Recorder
from tests.scenes import utm_grid, write_scene

QUIET = SilentProgress()
RANDOM = np.random.default_rng(11)
VALUES = RANDOM.choice(np.array([0, 1, 2, 5], np.uint8), (120, 150), p=[0.1, 0.6, 0.25, 0.05])
TRUTH = np.where(RANDOM.random(VALUES.shape) < 0.85, VALUES, RANDOM.choice(np.array([1, 2, 5]), VALUES.shape))
NAMES = {1: "water", 2: "Wälder", 5: "a <b>", 7: "never mapped"}


@pytest.fixture
def class_map(tmp_path):
    return write_scene(tmp_path / "map.tif", VALUES[np.newaxis], ("classes",), scale=1.0, categories=NAMES)


def rows(path) -> list[dict]:
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM points ORDER BY id")]


def place(row: dict) -> tuple[int, int]:
    """Return the row and column of a point, which must lie at the centre of its pixel."""
    x, y = struct.unpack("<2d", row["geom"][-16:])
    col, line = (x - 600000.0) / 10 - 0.5, (5000000.0 - y) / 10 - 0.5
    assert (col, line) == (int(col), int(line))
    return int(line), int(col)


def draw(path: str, folder: Path, progress=QUIET, strata="", **design):
    return sample_points(
        SamplePointsRequest(path, str(folder / "points.gpkg"), SampleDesign(**design), strata), progress
    )


def test_points_carry_their_design(class_map, tmp_path):
    result = draw(class_map, tmp_path, count=200, allocation=Allocation.EQUAL)
    found = rows(result.path)
    assert result.points == len(found) == 200
    assert [row["id"] for row in found] == list(range(1, 201))
    pixels = {value: int((value == VALUES).sum()) for value in (1, 2, 5)}
    for row in found:
        value = int(VALUES[place(row)])
        assert (row["map_class"], row["map_name"], row["stratum"], row["stratum_name"]) == (value, NAMES[value]) * 2
        assert (row["stratum_pixels"], row["class_pixels"]) == (pixels[value], pixels[value])
        assert row["stratum_points"] in (66, 67)
        assert row["probability"] == pytest.approx(row["stratum_points"] / pixels[value])
        assert row["stratum_weight"] == pytest.approx(pixels[value] / np.count_nonzero(VALUES))
        assert (row["all_pixels"], row["design"]) == (np.count_nonzero(VALUES), "stratified")
        assert (row["reference"], row["comment"]) == (None, None)


@pytest.mark.parametrize("method", Method)
def test_labelled_points_estimate_the_accuracy_without_further_input(class_map, tmp_path, method):
    found = rows(draw(class_map, tmp_path, method=method, count=900, seed=4).path)
    sizes = {row["stratum"]: row["stratum_pixels"] for row in found}
    mapped = [row["map_class"] for row in found]
    reference = [int(TRUTH[place(row)]) for row in found]
    sample = labelled_sample([row["stratum"] for row in found], mapped, reference, sizes)
    if method is not Method.STRATIFIED:
        sample = poststratified(sample, {row["map_class"]: row["class_pixels"] for row in found})
    estimates = estimate(sample)
    known = VALUES > 0
    assert estimates.pixels == np.count_nonzero(known)
    truth = (VALUES == TRUTH)[known].mean()
    assert abs(estimates.overall.value - truth) < 3 * estimates.overall.standard_error
    for value, share in zip(estimates.classes, estimates.shares):
        assert abs(share.value - (TRUTH[known] == value).mean()) < 3 * share.standard_error


def test_the_same_request_gives_the_same_points(class_map, tmp_path):
    first, again, other = (rows(draw(class_map, tmp_path, count=100, seed=seed).path) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_strata_of_another_raster(class_map, tmp_path):
    halves = np.array([[[3, 4]]], np.uint8)
    grid = Grid(2, 1, (600000.0, 750.0, 0.0, 5000000.0, 0.0, -1200.0), utm_grid(1, 1).crs)
    strata = write_scene(tmp_path / "s.tif", halves, ("s",), scale=1.0, grid=grid, categories={3: "west", 4: "east"})
    result = draw(class_map, tmp_path, strata=strata, count=100)
    for row in rows(result.path):
        line, col = place(row)
        assert (row["stratum"], row["stratum_name"]) == ((3, "west") if col < 75 else (4, "east"))
        assert row["map_class"] == VALUES[line, col]
    assert [stratum.name for stratum in result.strata] == ["west", "east"]
    assert sum(stratum.pixels for stratum in result.strata) == np.count_nonzero(VALUES)


def test_a_systematic_sample_says_its_probability(class_map, tmp_path):
    log = Recorder()
    result = draw(class_map, tmp_path, log, method=Method.SYSTEMATIC, count=180)
    assert any("as if it were a simple random one" in line for line in log.warnings)
    found = rows(result.path)
    step = round((np.count_nonzero(VALUES) / 180) ** 0.5)
    assert {row["probability"] for row in found} == {1 / step**2}
    assert {(row["stratum"], row["stratum_name"], row["design"]) for row in found} == {(0, "whole map", "systematic")}
    assert len({(line % step, col % step) for line, col in map(place, found)}) == 1


def test_a_target_error_decides_the_number(class_map, tmp_path):
    log = Recorder()
    expected = ExpectedAccuracy(0.9, {5: 0.6})
    for method in Method:
        result = draw(class_map, tmp_path, log, method=method, count=1, target_error=0.02, expected=expected)
        assert result.expected_error == pytest.approx(0.02, rel=0.08)
    assert any("standard error of 0.0" in line for line in log.infos)


def test_what_was_planned_and_drawn_is_said(class_map, tmp_path):
    log = Recorder()
    draw(class_map, tmp_path, log, count=90, least_distance=300.0, expected=ExpectedAccuracy(0.8, {9: 0.5}))
    assert any("water" in line and "planned" in line and "standard error" in line for line in log.infos)
    assert any("that keeps the least distance of 300" in line for line in log.warnings)
    assert any("expected of 9" in line for line in log.warnings)


def test_a_class_of_one_pixel_gets_its_pixel(tmp_path):
    values = np.ones((1, 30, 30), np.uint8)
    values[0, 12, 17] = 2
    result = draw(write_scene(tmp_path / "one.tif", values, ("c",), scale=1.0), tmp_path, count=40)
    assert Counter(row["map_class"] for row in rows(result.path)) == {1: 39, 2: 1}


def test_floats_with_nan_are_classes_too(tmp_path):
    values = VALUES.astype(np.float32)
    values[values == 0] = np.nan
    path = write_scene(tmp_path / "float.tif", values[np.newaxis], ("c",), scale=1.0, nodata=None)
    found = rows(draw(path, tmp_path, count=300).path)
    assert all(VALUES[place(row)] == row["map_class"] > 0 for row in found)
    assert found[0]["map_name"] == f"Class {found[0]['map_class']}"


def measurements(folder):
    return write_scene(folder / "ndvi.tif", np.full((1, 9, 9), 0.5, np.float32), ("c",), scale=1.0), {}


def many_classes(folder):
    values = np.arange(400, dtype=np.uint16).reshape(1, 20, 20)
    return write_scene(folder / "many.tif", values, ("c",), scale=1.0), {}


def nodata_only(folder):
    return write_scene(folder / "empty.tif", np.zeros((1, 9, 9), np.uint8), ("c",), scale=1.0), {}


def more_points_than_pixels(folder):
    return write_scene(folder / "small.tif", np.ones((1, 4, 4), np.uint8), ("c",), scale=1.0), {"count": 17}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (measurements, "raster of measurements"),
        (many_classes, "holds the value 256"),
        (nodata_only, "nothing to sample"),
        (more_points_than_pixels, "only 16 pixels with data"),
    ],
)
@pytest.mark.parametrize("method", Method)
def test_bad_input_is_one_sentence_and_leaves_nothing(tmp_path, damage, message, method):
    path, design = damage(tmp_path)
    with pytest.raises(InputError, match=message):
        draw(path, tmp_path, method=method, **design)
    assert not list(tmp_path.glob("points*"))


def test_a_map_without_a_crs_is_refused(tmp_path):
    grid = Grid(9, 9, (5.0, 2.0, 0.0, 7.0, 0.0, -2.0))
    path = write_scene(tmp_path / "nowhere.tif", np.ones((1, 9, 9), np.uint8), ("c",), scale=1.0, grid=grid)
    with pytest.raises(GridError, match="coordinate reference system"):
        draw(path, tmp_path, count=5)


def test_degrees_are_warned_of(tmp_path):
    grid = Grid(20, 20, (10.0, 0.001, 0.0, 50.0, 0.0, -0.001), crs_from_authority("EPSG:4326"))
    path = write_scene(tmp_path / "wgs.tif", np.ones((1, 20, 20), np.uint8), ("c",), scale=1.0, grid=grid)
    log = Recorder()
    draw(path, tmp_path, log, count=30)
    assert any("measures in degrees" in line for line in log.warnings)


def test_zeros_that_are_not_declared_are_counted_once(tmp_path):
    path = write_scene(tmp_path / "plain.tif", VALUES[np.newaxis], ("c",), scale=1.0, nodata=None)
    log = Recorder()
    draw(path, tmp_path, log, count=100)
    assert log.warnings[0].startswith(f"{np.count_nonzero(VALUES == 0):,} pixels of plain.tif have the value 0")


def test_the_map_is_not_written_over(class_map):
    with pytest.raises(OutputError, match="is also an input"):
        sample_points(SamplePointsRequest(class_map, class_map, SampleDesign()), QUIET)


def test_strata_belong_to_stratified_samples(class_map, tmp_path):
    with pytest.raises(InputError, match="has no strata"):
        draw(class_map, tmp_path, strata=class_map, method=Method.RANDOM)
