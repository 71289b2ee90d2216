# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.assessment import AssessmentRequest
from s2landcover_plugin.core.accuracy.inputs import AssessedFeatures
from s2landcover_plugin.core.accuracy.polygons import ReferencePolygons, assess_polygons
from s2landcover_plugin.core.accuracy.result import Kind
from s2landcover_plugin.core.errors import GridError, InputError
from s2landcover_plugin.core.progress import SilentProgress
from tests.core.accuracy.class_rasters import GRID, write

NAMES = {1: "water", 2: "trees"}


def box(left: float, top: float, right: float, bottom: float):
    """Return a rectangle in pixels of the grid."""
    return [GRID.xy(left, top), GRID.xy(right, top), GRID.xy(right, bottom), GRID.xy(left, bottom)]


def layer(polygons, labels) -> ReferencePolygons:
    source = AssessedFeatures("polygons.gpkg", "polygons", "class", len(polygons))
    return ReferencePolygons(source, tuple(polygons), tuple(labels))


@pytest.fixture
def request_(tmp_path):
    values = np.ones((50, 70), np.uint8)
    values[:, 35:] = 2
    return AssessmentRequest(write(tmp_path / "map.tif", values, categories=NAMES), "")


def test_pixels_whose_centre_lies_inside_are_compared(request_):
    # 10 x 10 pixels of water with a hole of 4 x 4, and 10.4 x 5.6 pixels, of which 10 x 6 centres, of trees on water.
    polygons = [[box(0, 0, 10, 10), box(2, 2, 6, 6)], [box(20, 0, 30.4, 5.6)]]
    result = assess_polygons(request_, layer(polygons, [1, "Trees"]), SilentProgress())
    assert result.kind is Kind.POLYGONS
    assert result.matrix.legend.names == NAMES
    assert result.matrix.counts.tolist() == [[100 - 16, 60], [0, 0]]
    assert (result.reference.path, result.matched_by) == ("polygons.gpkg", "name")
    assert result.left_out["no_reference"] == 70 * 50 - 144


def test_later_polygons_lie_on_top_and_blank_ones_are_said(request_):
    polygons = [[box(0, 0, 10, 10)], [box(5, 0, 15, 10)], [box(40, 0, 50, 10)]]
    result = assess_polygons(request_, layer(polygons, [1, 2, None]), SilentProgress())
    assert result.matrix.counts.tolist() == [[50, 100], [0, 0]]
    assert result.notes[0] == "1 of 3 polygons have no class and are left out."


@pytest.mark.parametrize(
    ("polygons", "labels", "error", "message"),
    [
        ([], [], InputError, "has no polygon"),
        ([[box(0, 0, 5, 5)]], [None], InputError, "has a class in its field 'class'"),
        ([[box(500, 0, 505, 5)]], [1], GridError, "holds the centre of a pixel"),
        ([[box(0.1, 0.1, 0.2, 0.2)]], [1], GridError, "holds the centre of a pixel"),
        ([[box(0, 0, 5, 5)]], ["lava"], InputError, "'lava' is no class"),
        ([[box(0, 0, 5, 5)]], [2], InputError, "no class in common"),
    ],
)
def test_polygons_that_cannot_be_used_are_one_sentence(request_, polygons, labels, error, message):
    with pytest.raises(error, match=message):
        assess_polygons(request_, layer(polygons, labels), SilentProgress())
