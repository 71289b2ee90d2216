# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up tiles: complete, bounded, reproducible, and the same surface for teacher and student."""

from __future__ import annotations

import numpy as np
import pytest

from training.distillation.rarity import RareSpots, Spot
from training.distillation.resample import resize
from training.distillation.scenes import Scene
from training.distillation.synthesis import Pool, padded, patch, question, sampling_weights
from training.dynamic_world import SHRUB


def scene_of(name: str, reflectance: np.ndarray, source: str = "chips", level: str = "L2A") -> Scene:
    return Scene(name, name, "train", source, level, reflectance.astype(np.float32))


def flat(value: float, size: int = 40) -> np.ndarray:
    return np.full((10, size, size), value)


def test_patch_contains_only_what_the_scene_has() -> None:
    rng = np.random.default_rng(0)
    image = np.stack([np.full((20, 50), value) for value in (0.1, 0.2, 0.3)]).astype(np.float32)
    for _ in range(20):
        piece = patch(image, 32, 24, rng)
        assert piece.shape == (3, 32, 24)
        np.testing.assert_allclose(piece, image[:, :1, :1] * np.ones((3, 32, 24)), rtol=1e-5)


def test_patches_are_turned_and_scaled() -> None:
    rng = np.random.default_rng(0)
    image = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (1, 64, 1))
    pieces = [patch(image, 32, 32, rng)[0] for _ in range(40)]
    slopes = np.array([[np.diff(piece, axis=axis).mean() * 63 for axis in (0, 1)] for piece in pieces])
    along = np.abs(slopes).max(axis=1)
    assert along.min() > 0.6
    assert along.max() < 1.5
    assert along.std() > 0.1
    directions = {tuple(np.sign(np.round(slope, 3))) for slope in slopes}
    assert directions == {(0, 1), (0, -1), (1, 0), (-1, 0)}


@pytest.mark.parametrize("spot", [Spot(0, 0, 0), Spot(0, 63, 63), Spot(0, 40, 9)])
def test_patches_around_a_pixel_contain_it(spot: Spot) -> None:
    image = np.zeros((1, 64, 64), dtype=np.float32)
    image[0, max(0, spot.row - 1) : spot.row + 2, max(0, spot.col - 1) : spot.col + 2] = 1.0
    for seed in range(20):
        assert patch(image, 24, 24, np.random.default_rng(seed), spot).max() > 0.5


def test_tiles_seek_rare_pixels_and_are_covered_within_bounds() -> None:
    answers = np.full((2, 9, 40, 40), 0.1, dtype=np.float32)
    answers[1, SHRUB] = 0.8
    scenes = [scene_of("plenty", flat(0.2)), scene_of("rare", flat(0.4))]
    plain = Pool(scenes, np.array([1.0, 0.0]))
    wide = Pool(scenes, plain.weights, RareSpots(list(answers)))
    tiles = [[question(pool, 32, np.random.default_rng(seed)) for seed in range(40)] for pool in (plain, wide)]
    assert all(np.allclose(tile.surface, 0.2, atol=1e-5) for tile in tiles[0])
    surfaces = np.stack([tile.surface for tile in tiles[1]])
    assert 0.15 < np.isclose(surfaces, 0.4, atol=1e-4).all(axis=1).mean() < 0.45, "sought, and not covered"
    assert not np.isclose(surfaces, 0.2, atol=1e-4).all(axis=1).all(), "some are covered"
    assert surfaces.min() > 0.0 and surfaces.max() < 1.1


def test_padding_mirrors_outwards() -> None:
    assert padded(np.array([[[1, 2], [3, 4]]]), 3, 4)[0].tolist() == [[1, 2, 2, 1], [3, 4, 4, 3], [3, 4, 4, 3]]


@pytest.mark.parametrize("level", ["L1C", "L2A"])
def test_question_shows_one_surface_in_both_levels(level: str) -> None:
    scenes = [scene_of("a", flat(0.2), level=level)]
    for seed in range(10):
        tile = question(Pool(scenes, np.ones(1)), 32, np.random.default_rng(seed))
        assert tile.student.shape == tile.teacher.shape == tile.surface.shape == (10, 32, 32)
        assert tile.student.dtype == tile.teacher.dtype == np.float32
        assert tile.student.min() > 0
        assert 0.2 / 1.5 < tile.student[8:].mean() < 0.2 * 1.5, "infrared changes by relighting only"
        assert 0.85 < tile.teacher[8:].mean() / 0.2 < 1.15, "the teacher sees less of it"
        air = (tile.teacher - tile.surface).mean(axis=(1, 2))
        assert air[0] > air[8] + 0.02, "the teacher looks through the air"


def test_question_repeats_with_its_seed_and_differs_without() -> None:
    scenes = [scene_of("a", np.random.default_rng(1).uniform(0, 0.4, (10, 50, 50)))]
    first, again, other = (question(Pool(scenes, np.ones(1)), 32, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.student, again.student)
    assert not np.array_equal(first.student, other.student)


def test_mosaics_join_scenes() -> None:
    scenes = [scene_of("dark", flat(0.02)), scene_of("bright", flat(0.6))]
    mixed = 0
    for seed in range(30):
        tile = question(Pool(scenes, np.array([0.5, 0.5])), 32, np.random.default_rng(seed))
        mixed += tile.surface[6].max() > 0.5 and tile.surface[6].min() < 0.1
        assert np.minimum(np.abs(tile.surface - 0.02), np.abs(tile.surface - 0.6)).max() < 1e-5
    assert 8 <= mixed <= 25


def test_featureless_scenes_are_drawn_less_and_collections_alike() -> None:
    varied = np.random.default_rng(0).uniform(0, 0.4, (10, 20, 20))
    scenes = [scene_of("sea", flat(0.01)), scene_of("coast", varied), scene_of("field", varied, source="patches")]
    weights = sampling_weights(scenes)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[2] == pytest.approx(weights[0] + weights[1])
    assert weights[1] == pytest.approx(6 * weights[0])


def test_resize_keeps_a_ramp_straight_and_the_mean() -> None:
    ramp = np.tile(np.linspace(0, 1, 20, dtype=np.float32), (1, 6, 1))
    doubled = resize(ramp, 12, 40)
    assert doubled.shape == (1, 12, 40)
    expected = (np.arange(40) + 0.5) / 2 - 0.5
    np.testing.assert_allclose(doubled[0, 5, 6:-6], expected[6:-6] / 19, atol=1e-5)
    assert doubled.mean() == pytest.approx(ramp.mean(), abs=1e-4)


def test_resize_to_the_same_size_changes_nothing() -> None:
    image = np.random.default_rng(0).random((2, 5, 7)).astype(np.float32)
    np.testing.assert_array_equal(resize(image, 5, 7), image)
