# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from s2landcover_plugin.core.errors import GridError
from s2landcover_plugin.core.raster import Grid, Window, crs_from_authority, transformed
from s2landcover_plugin.core.tiling.ground import Footprint, Ground, Neighbours, united

UTM33, UTM32 = crs_from_authority("EPSG:32633"), crs_from_authority("EPSG:32632")


def grid(col=0.0, row=0.0, width=50, height=40, crs=UTM33, gsd=10.0):
    return Grid(width, height, (400000.0 + 10 * col, gsd, 0.0, 5000000.0 - 10 * row, 0.0, -gsd), crs)


def test_windows_are_measured_in_pixels_of_the_first_scene():
    ground = Ground([grid(), grid(3, -2), grid(10, 10, gsd=20.0)])
    assert ground.regions == [0, 0, 0]
    expected = [(2, 1, 6, 8), (5, -1, 9, 6), (14, 12, 22, 26)]
    for scene, box in enumerate(expected):
        (found,) = ground.footprints(scene, [Window(2, 1, 4, 7)])
        assert (found.left, found.top, found.right, found.bottom) == pytest.approx(box)


def test_a_scene_in_another_zone_covers_at_least_its_true_ground():
    middle = transformed(np.array([[400250.0, 4999800.0]]), UTM33, UTM32)[0]
    other = Grid(50, 40, (middle[0] - 250, 10.0, 0.0, middle[1] + 200, 0.0, -10.0), UTM32)
    ground = Ground([grid(), other])
    window = Window(10, 5, 30, 20)
    (found,) = ground.footprints(1, [window])
    rng = np.random.default_rng(0)
    inside = rng.random((500, 2)) * (30, 20) + (10, 5)
    places = transformed(np.array([other.xy(*place) for place in inside]), UTM32, UTM33)
    cols, rows = (places[:, 0] - 400000) / 10, (5000000 - places[:, 1]) / 10
    assert (cols > found.left).all() and (cols < found.right).all()
    assert (rows > found.top).all() and (rows < found.bottom).all()
    assert found.area < 1.5 * 30 * 20


def test_scenes_far_apart_are_regions_of_their_own():
    far = Grid(50, 40, (400000.0, 10.0, 0.0, 9000000.0, 0.0, -10.0), crs_from_authority("EPSG:32733"))
    ground = Ground([grid(), far, grid(100, 0), Grid(9, 9, far.transform, far.crs)])
    assert ground.regions == [0, 1, 0, 1]


def test_nonsense_coordinates_are_refused():
    with pytest.raises(GridError, match=r"Assign Projection|no transformation"):
        Ground([Grid(5, 5, (4e20, 10.0, 0.0, 5e20, 0.0, -10.0), UTM33)])


def test_distances_and_shares():
    first = Footprint(0, 0, 0, 10, 10)
    assert first.distance(Footprint(0, 13, 2, 20, 9)) == 3
    assert first.distance(Footprint(0, 13, 15, 20, 19)) == 5
    assert first.distance(Footprint(0, 8, 9, 20, 19)) == -1
    assert (first.shared(Footprint(0, 8, 9, 20, 19)), first.shared(Footprint(0, 10, 0, 20, 9))) == (2, 0)


@pytest.mark.parametrize("distance", [0, 3.5])
def test_neighbours_are_all_that_are_near(distance):
    rng = random.Random(4)
    boxes = []
    for _ in range(120):
        left, top, size = rng.uniform(-60, 60), rng.uniform(-60, 60), rng.uniform(1, 15)
        boxes.append(Footprint(rng.randrange(2), left, top, left + size, top + size))
    near = Neighbours(boxes, distance)
    for index in range(len(boxes)):
        near.add(index)
    for index, box in enumerate(boxes):
        expected = {i for i, o in enumerate(boxes) if o.region == box.region and box.distance(o) < distance - 0.01}
        assert set(near.near(index)) == expected


def test_sets_are_named_after_their_smallest_member():
    pairs = [(1, 2), (3, 5), (5, 2)]
    for order in itertools.permutations(pairs):
        assert united(7, order) == [0, 1, 1, 1, 4, 1, 6]
