# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core import class_raster
from s2landcover_plugin.core.class_raster import open_class_raster
from s2landcover_plugin.core.errors import Cancelled, InputError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.sampling.drawing import draw_grid, draw_points, grid_step
from s2landcover_plugin.core.sampling.population import StratifiedMap, count_population, find_pixels
from tests.listeners import Recorder
from tests.scenes import utm_grid, write_scene

QUIET = SilentProgress()
VALUES = np.random.default_rng(7).choice(np.array([0, 1, 2, 9], np.uint8), (37, 53), p=[0.2, 0.5, 0.25, 0.05])


@pytest.fixture(params=[(2048, 512), (16, 7)], ids=["one window", "many windows"])
def source(request, tmp_path, monkeypatch):
    monkeypatch.setattr(class_raster, "_WINDOW_WIDTH", request.param[0])
    monkeypatch.setattr(class_raster, "_WINDOW_HEIGHT", request.param[1])
    path = write_scene(tmp_path / "map.tif", VALUES[np.newaxis], ("classes",), scale=1.0)
    with open_class_raster(path) as raster:
        yield StratifiedMap(raster, None, whole=False)


def test_pixels_are_counted_by_window(source):
    population = count_population(source, QUIET)
    assert population.strata.tolist() == [1, 2, 9]
    assert population.sizes.tolist() == [np.count_nonzero(value == VALUES) for value in (1, 2, 9)]
    assert population.pixels == np.count_nonzero(VALUES)


def test_ranks_number_every_pixel_of_a_stratum_once(source):
    population = count_population(source, QUIET)
    ranks = {9: np.arange(population.sizes[2])[::-1], 1: np.array([5, 0, 17])}
    found = find_pixels(source, population, ranks, QUIET)
    nines = found.strata == 9
    assert set(zip(found.rows[nines].tolist(), found.cols[nines].tolist())) == set(
        zip(*map(list, np.nonzero(VALUES == 9)))
    )
    np.testing.assert_array_equal(VALUES[found.rows, found.cols], found.mapped)
    again = find_pixels(source, population, {1: np.array([0, 5, 17])}, QUIET)
    np.testing.assert_array_equal(found.rows[~nines], again.rows[[1, 0, 2]])


def test_points_lie_in_their_strata_and_repeat_with_their_seed(source):
    population = count_population(source, QUIET)
    wanted = {1: 20, 2: 15, 9: 10}
    found, same, other = (draw_points(source, population, wanted, 0.0, seed, QUIET) for seed in (1, 1, 2))
    assert {value: int((found.strata == value).sum()) for value in wanted} == wanted
    assert len(set(zip(found.rows.tolist(), found.cols.tolist()))) == 45
    np.testing.assert_array_equal(VALUES[found.rows, found.cols], found.strata)
    np.testing.assert_array_equal(found.cols, same.cols)
    assert (found.cols != other.cols).any()
    # In random order: a labeller who stops early has not seen one stratum only.
    assert len(set(found.strata[:15].tolist())) > 1


def test_every_pixel_is_as_likely_as_any_other(source):
    population = count_population(source, QUIET)
    size, hits = int(population.sizes[2]), np.zeros(VALUES.shape)
    for seed in range(300):
        found = draw_points(source, population, {9: 10}, 0.0, seed, QUIET)
        hits[found.rows, found.cols] += 1
    seen = hits[VALUES == 9]
    assert hits[VALUES != 9].sum() == 0
    # Chi-square of the counts, 300 draws of 10 without replacement: its mean is about size - 1.
    mean = 3_000 / size
    chi = ((seen - mean) ** 2 / (mean * (1 - 10 / size))).sum()
    assert abs(chi - (size - 1)) < 4 * np.sqrt(2 * size)


def test_points_keep_their_distance_within_and_across_strata(source):
    population = count_population(source, QUIET)
    found = draw_points(source, population, {1: 20, 2: 10, 9: 5}, 45.0, 3, QUIET)
    places = np.stack([found.cols, found.rows], axis=1) * 10.0
    gaps = np.hypot(*(places[:, np.newaxis] - places[np.newaxis]).transpose(2, 0, 1))
    assert gaps[~np.eye(len(found), dtype=bool)].min() >= 45.0
    assert len(found) == 35


def test_a_distance_that_cannot_be_kept_leaves_points_out(source):
    population = count_population(source, QUIET)
    found = draw_points(source, population, {1: 200, 9: 5}, 150.0, 3, QUIET)
    # Neither crowds out the other.
    assert 1 <= (found.strata == 9).sum() <= 5
    assert 1 <= (found.strata == 1).sum() < 20


def test_a_systematic_sample_is_a_grid_with_a_random_start(source):
    population = count_population(source, QUIET)
    starts = set()
    for seed in range(8):
        found = draw_grid(source, population, 60, seed, QUIET)
        step = grid_step(population.pixels, 60)
        assert len({col % step for col in found.cols.tolist()}) == len({row % step for row in found.rows.tolist()}) == 1
        col, row = int(found.cols[0] % step), int(found.rows[0] % step)
        assert len(found) == np.count_nonzero(VALUES[row::step, col::step])
        np.testing.assert_array_equal(VALUES[found.rows, found.cols], found.mapped)
        starts.add((col, row))
    assert len(starts) > 1
    assert step == 5


def test_strata_of_another_grid_and_all_as_one(tmp_path):
    path = write_scene(tmp_path / "map.tif", VALUES[np.newaxis], ("classes",), scale=1.0)
    coarse = np.array([[[1, 2], [0, 3]]], np.uint8)
    # Twenty map pixels a side.
    strata = write_scene(tmp_path / "s.tif", coarse, ("strata",), scale=1.0, grid=utm_grid(2, 2, 200.0))
    with open_class_raster(path) as raster, open_class_raster(strata) as other:
        population = count_population(StratifiedMap(raster, other, whole=False), QUIET)
        whole = count_population(StratifiedMap(raster, None, whole=True), QUIET)
    expected = [VALUES[:20, :20], VALUES[:20, 20:40], VALUES[20:, 20:40]]
    assert population.strata.tolist() == [1, 2, 3]
    assert population.sizes.tolist() == [np.count_nonzero(part) for part in expected]
    assert population.classes.sum() == population.pixels
    assert (whole.strata.tolist(), whole.sizes.tolist()) == ([1], [np.count_nonzero(VALUES)])


def test_a_map_without_data_is_refused(tmp_path):
    path = write_scene(tmp_path / "map.tif", np.zeros((1, 5, 5), np.uint8), ("classes",), scale=1.0)
    with open_class_raster(path) as raster, pytest.raises(InputError, match="nothing to sample"):
        count_population(StratifiedMap(raster, None, whole=False), QUIET)


def test_drawing_can_be_cancelled(source):
    population = count_population(source, QUIET)
    with pytest.raises(Cancelled):
        draw_points(source, population, {1: 20}, 0.0, 1, Recorder(cancel_after=0))
