# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core import class_raster
from s2landcover_plugin.core.accuracy.assessment import AssessmentRequest, assess
from s2landcover_plugin.core.accuracy.class_matching import Matching
from s2landcover_plugin.core.accuracy.result import Kind
from s2landcover_plugin.core.errors import Cancelled, GridError, InputError, RasterError
from s2landcover_plugin.core.labels.table_file import rows_of_pairs
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, crs_from_authority, open_raster
from tests.core.accuracy.class_rasters import GRID, UTM, write


class Listener(SilentProgress):
    """Remembers warnings, and cancels at the nth check."""

    def __init__(self, patience: int = 10**6) -> None:
        self.warnings: list[str] = []
        self._patience = patience

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def check(self) -> None:
        self._patience -= 1
        if self._patience < 0:
            raise Cancelled


def classes(seed: int, count: int = 4, grid: Grid = GRID) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, count + 1, (grid.height, grid.width), dtype=np.uint8)


def brute_force(mapped: np.ndarray, actual: np.ndarray, count: int = 4) -> list[list[int]]:
    return [
        [int(((mapped == row) & (actual == column)).sum()) for column in range(1, count + 1)]
        for row in range(1, count + 1)
    ]


@pytest.mark.parametrize("window", [(8192, 512), (16, 7), (70, 1)])
def test_counts_are_those_of_a_plain_comparison(tmp_path, monkeypatch, window):
    monkeypatch.setattr(class_raster, "_WINDOW_WIDTH", window[0])
    monkeypatch.setattr(class_raster, "_WINDOW_HEIGHT", window[1])
    mapped, actual = classes(1), classes(2)
    request = AssessmentRequest(write(tmp_path / "map ä.tif", mapped), write(tmp_path / "ref b.tif", actual))
    result = assess(request, SilentProgress())
    assert result.matrix.counts.tolist() == brute_force(mapped, actual)
    assert result.headline.overall_accuracy == pytest.approx((mapped == actual)[(mapped > 0) & (actual > 0)].mean())
    assert result.left_out == {
        "no_reference": int(((mapped > 0) & (actual == 0)).sum()),
        "no_map": int(((mapped == 0) & (actual > 0)).sum()),
        "neither": int(((mapped == 0) & (actual == 0)).sum()),
    }
    assert (result.kind, result.resampled, result.matched_by) == (Kind.PIXELS, False, "value")
    assert [note for note in result.notes if "blocks" not in note] == []


def test_inputs_are_described(tmp_path):
    path = write(tmp_path / "a.tif", classes(1))
    other = write(tmp_path / "b.tif", classes(1).astype(np.int16))
    result = assess(AssessmentRequest(path, other), SilentProgress())
    assert result.map.sha256 == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert (result.map.path, result.map.dtype, result.reference.dtype) == (path, "uint8", "int16")
    assert result.reference.grid.matches(GRID)
    assert assess(AssessmentRequest(path, other, checksums=False), SilentProgress()).map.sha256 is None


def test_a_coarser_reference_that_ends_early_is_brought_on_by_nearest(tmp_path):
    coarse = Grid(10, 6, (600000.0, 50.0, 0.0, 5000000.0, 0.0, -50.0), UTM)
    actual, mapped = classes(3, grid=coarse), classes(4)
    request = AssessmentRequest(write(tmp_path / "m.tif", mapped), write(tmp_path / "r.tif", actual, coarse))
    result = assess(request, SilentProgress())
    there = np.zeros_like(mapped)
    there[:30, :50] = np.kron(actual, np.ones((5, 5), dtype=np.uint8))
    assert result.resampled
    assert result.matrix.counts.tolist() == brute_force(mapped, there)


def test_a_reference_in_another_crs_is_compared_on_the_maps_grid(tmp_path):
    mapped = np.repeat(np.array([[1, 2]], dtype=np.uint8), [35, 35], axis=1).repeat(50, axis=0)
    path = write(tmp_path / "m.tif", mapped)
    geographic = Grid(400, 300, (16.26, 0.00005, 0.0, 45.15, 0.0, -0.00005), crs_from_authority("EPSG:4326"))
    with open_raster(path) as raster:
        actual = raster.onto(geographic).read_masked()
    actual = np.where(actual[1], actual[0], 0)[0].astype(np.uint8)
    assert {1, 2} <= set(actual.flat)
    result = assess(AssessmentRequest(path, write(tmp_path / "r.tif", actual, geographic)), SilentProgress())
    assert result.resampled
    assert result.headline.overall_accuracy > 0.98
    assert result.matrix.pixels > 1000


def test_a_float_raster_with_nan_is_a_class_raster_if_its_numbers_are_whole(tmp_path):
    actual = classes(2).astype(np.float32)
    actual[0] = np.nan
    mapped = classes(1)
    result = assess(
        AssessmentRequest(write(tmp_path / "m.tif", mapped), write(tmp_path / "r.tif", actual, nodata=None)),
        SilentProgress(),
    )
    assert result.matrix.counts.tolist() == brute_force(mapped, np.nan_to_num(actual))
    assert any("which means no data here" in note for note in result.notes)


def test_classes_on_one_side_only_are_said(tmp_path):
    mapped, actual = np.full((50, 70), 1, np.uint8), np.full((50, 70), 1, np.uint8)
    mapped[0], actual[1] = 5, 7
    names = {1: "water", 5: "trees", 7: "built"}
    listener = Listener()
    result = assess(
        AssessmentRequest(
            write(tmp_path / "m.tif", mapped, categories=names), write(tmp_path / "r.tif", actual, categories=names)
        ),
        listener,
    )
    assert listener.warnings == list(result.notes)
    assert result.notes[1:] == (
        "On the map but not in the reference: trees. Macro averages leave them out.",
        "In the reference but never on the map: built.",
    )
    assert result.matrix.counts.tolist() == [[50 * 70 - 140, 0, 70], [70, 0, 0], [0, 0, 0]]


def test_a_map_compared_with_itself_is_perfect_and_said_to_be_empty_of_meaning(tmp_path):
    path = write(tmp_path / "m.tif", classes(1))
    result = assess(AssessmentRequest(path, path), SilentProgress())
    assert (result.headline.overall_accuracy, result.headline.kappa) == (1.0, 1.0)
    assert "are the same file" in result.notes[0]


def test_one_pixel_is_enough(tmp_path):
    grid = Grid(1, 1, GRID.transform, UTM)
    one = np.ones((1, 1), dtype=np.uint8)
    result = assess(
        AssessmentRequest(write(tmp_path / "m.tif", one, grid), write(tmp_path / "r.tif", one, grid)), SilentProgress()
    )
    assert (result.headline.pixels, result.headline.overall_accuracy, result.headline.kappa) == (1, 1.0, None)


@pytest.mark.parametrize(
    ("east", "mapped", "actual", "error", "message"),
    [
        (10**5, 1, 1, GridError, "do not overlap"),
        (0, 0, 1, InputError, "nothing to assess"),
        (0, 1, 0, GridError, "has no data anywhere"),
    ],
)
def test_nothing_to_compare_is_one_sentence(tmp_path, east, mapped, actual, error, message):
    away = Grid(70, 50, (600000.0 + east, *GRID.transform[1:]), UTM)
    request = AssessmentRequest(
        write(tmp_path / "m.tif", np.full((50, 70), mapped, np.uint8)),
        write(tmp_path / "r.tif", np.full((50, 70), actual, np.uint8), away),
    )
    with pytest.raises(error, match=message):
        assess(request, SilentProgress())


def test_data_in_different_places_is_nothing_to_compare(tmp_path):
    mapped, actual = np.ones((50, 70), np.uint8), np.ones((50, 70), np.uint8)
    mapped[:25], actual[25:] = 0, 0
    request = AssessmentRequest(write(tmp_path / "m.tif", mapped), write(tmp_path / "r.tif", actual))
    with pytest.raises(InputError, match="No pixel has a class both in"):
        assess(request, SilentProgress())


def test_another_crs_far_away_does_not_overlap(tmp_path):
    away = Grid(10, 10, (-60.0, 0.01, 0.0, -20.0, 0.0, -0.01), crs_from_authority("EPSG:4326"))
    request = AssessmentRequest(
        write(tmp_path / "m.tif", classes(1)), write(tmp_path / "r.tif", np.ones((10, 10), np.uint8), away)
    )
    with pytest.raises(GridError):
        assess(request, SilentProgress())


def test_a_truncated_map_is_one_sentence(tmp_path):
    path = write(tmp_path / "m.tif", classes(1), compress="NONE")
    Path(path).write_bytes(Path(path).read_bytes()[:-2000])
    with pytest.raises(RasterError, match=r"damaged|cannot be opened"):
        assess(AssessmentRequest(path, write(tmp_path / "r.tif", classes(1))), SilentProgress())


def test_cancelling_stops_the_comparison(tmp_path):
    request = AssessmentRequest(write(tmp_path / "m.tif", classes(1)), write(tmp_path / "r.tif", classes(2)))
    with pytest.raises(Cancelled):
        assess(request, Listener(patience=0))


def test_codes_above_255_are_classes_if_a_table_says_which(tmp_path):
    mapped = classes(1)
    codes = np.where(classes(2) > 0, classes(2).astype(np.uint16) + 310, 0).astype(np.uint16)
    paths = write(tmp_path / "m.tif", mapped), write(tmp_path / "r.tif", codes)
    table = rows_of_pairs([cell for value in range(1, 5) for cell in (310 + value, value)])
    result = assess(AssessmentRequest(*paths, remap=table), SilentProgress())
    assert result.matched_by == "table"
    assert result.matrix.counts.tolist() == brute_force(mapped, classes(2))
    with pytest.raises(InputError, match="classes are whole numbers from 1 to 255"):
        assess(AssessmentRequest(*paths), SilentProgress())


def test_names_decide_where_they_should(tmp_path):
    mapped, actual = np.full((50, 70), 1, np.uint8), np.full((50, 70), 2, np.uint8)
    paths = (
        write(tmp_path / "m.tif", mapped, categories={1: "water", 2: "trees"}),
        write(tmp_path / "r.tif", actual, categories={2: "Water", 1: "snow", 3: "built"}),
    )
    by_name = assess(AssessmentRequest(*paths, matching=Matching.NAME), SilentProgress())
    assert (by_name.matched_by, by_name.headline.overall_accuracy) == ("name", 1.0)
    np.testing.assert_array_equal(by_name.errors.shares, np.zeros((50, 70)))
    with pytest.raises(InputError, match="no class in common"):
        assess(AssessmentRequest(*paths, matching=Matching.VALUE), SilentProgress())


def test_intervals_come_from_blocks_and_too_few_are_said(tmp_path):
    paths = write(tmp_path / "m.tif", classes(1)), write(tmp_path / "r.tif", classes(2))
    result = assess(AssessmentRequest(*paths, block_size=10, seed=4), SilentProgress())
    low, high = result.intervals.headline["overall_accuracy"]
    assert low < result.headline.overall_accuracy < high
    assert (result.blocks.size, result.blocks.blocks, result.blocks.seed) == (10, 35, 4)
    few = assess(AssessmentRequest(*paths), SilentProgress())
    assert few.intervals.headline == {}
    assert "at least 10 blocks with data; blocks of 100 x 100 pixels gave 1" in few.notes[0]
    with pytest.raises(InputError, match="size of 1 or more"):
        AssessmentRequest(*paths, block_size=0)
