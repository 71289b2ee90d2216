# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.class_matching import Matching
from s2landcover_plugin.core.accuracy.estimation import estimate
from s2landcover_plugin.core.accuracy.inputs import AssessedFeatures
from s2landcover_plugin.core.accuracy.point_design import DrawnPoint, PointDesign
from s2landcover_plugin.core.accuracy.points import PointRequest, ReferencePoint, ReferencePoints, assess_points
from s2landcover_plugin.core.accuracy.result import Kind, SamplingDesign
from s2landcover_plugin.core.accuracy.sample import labelled_sample
from s2landcover_plugin.core.errors import GridError, InputError
from s2landcover_plugin.core.labels.class_table import Row
from s2landcover_plugin.core.labels.table_file import preset_rows, rows_of_pairs
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, crs_from_authority
from tests.core.accuracy.class_rasters import GRID, centre, write

NAMES = {1: "water", 2: "trees"}
HALVES = np.repeat(np.array([[1, 2]], np.uint8), [20, 50], axis=1).repeat(50, axis=0)
HALVES[0] = 0
SIZES = {1: 49 * 20, 2: 49 * 50}


def layer(points) -> ReferencePoints:
    return ReferencePoints(AssessedFeatures("points.gpkg", "points", "reference", len(points)), tuple(points))


def drawn(value: int, **changes) -> DrawnPoint:
    fields = {"stratum": value, "stratum_name": NAMES.get(value, "?"), "stratum_pixels": SIZES.get(value, 1)}
    return DrawnPoint(
        **{**fields, "all_pixels": sum(SIZES.values()), "map_class": value, "design": "stratified", **changes}
    )


def points(labels_of_water, labels_of_trees, drawer=drawn) -> list[ReferencePoint]:
    """Return points down column 3 (water) and column 40 (trees), with these labels."""
    found = []
    for col, value, labels in ((3, 1, labels_of_water), (40, 2, labels_of_trees)):
        found += [
            ReferencePoint(*centre(col, row), label, drawer(value) if drawer else None)
            for row, label in enumerate(labels, start=1)
        ]
    return found


@pytest.fixture
def class_map(tmp_path):
    return write(tmp_path / "map.tif", HALVES, categories=NAMES)


LABELS = ([1] * 9 + [2], [2] * 16 + [1] * 4)


def test_points_that_say_how_they_were_drawn_give_the_estimates_of_their_design(class_map):
    result = assess_points(PointRequest(class_map), layer(points(*LABELS)), SilentProgress())
    expected = estimate(labelled_sample([1] * 10 + [2] * 20, [1] * 10 + [2] * 20, [*LABELS[0], *LABELS[1]], SIZES))
    assert result.kind is Kind.SAMPLE
    assert result.sample.design is SamplingDesign.CLASSES
    assert result.matrix.counts.tolist() == [[9, 1], [4, 16]]
    assert result.headline.overall_accuracy == pytest.approx(expected.overall.value)
    assert result.headline.overall_accuracy == pytest.approx((20 * 0.9 + 50 * 0.8) / 70)
    assert result.intervals.headline["overall_accuracy"] == expected.overall.interval(greatest=1.0)
    assert result.classes[0].precision == pytest.approx(0.9)
    hectares = [area.value for area in result.sample.estimates.areas(result.sample.pixel_hectares)]
    assert sum(hectares) == pytest.approx(49 * 70 * 0.01)
    assert hectares[0] == pytest.approx((0.9 * 980 + 0.2 * 2450) * 0.01)
    assert result.notes == ()


def test_the_interval_of_f1_is_that_of_the_union(class_map):
    result = assess_points(PointRequest(class_map), layer(points(*LABELS)), SilentProgress())
    ends = result.intervals.classes[1]
    assert [2 * iou / (1 + iou) for iou in ends["iou"]] == pytest.approx(list(ends["f1"]))
    assert ends["iou"][0] < result.classes[0].iou < ends["iou"][1]


@pytest.mark.parametrize(
    ("design", "overall", "sampled"),
    [
        (PointDesign.STRATIFIED, (20 * 0.9 + 50 * 0.8) / 70, SamplingDesign.CLASSES),
        (PointDesign.POSTSTRATIFIED, (20 * 0.9 + 50 * 0.8) / 70, SamplingDesign.AFTERWARDS),
        (PointDesign.RANDOM, 25 / 30, SamplingDesign.WHOLE),
    ],
)
def test_the_user_says_how_points_were_drawn(class_map, design, overall, sampled):
    request = PointRequest(class_map, design)
    result = assess_points(request, layer(points(*LABELS, drawer=None)), SilentProgress())
    assert (result.kind, result.sample.design) == (Kind.SAMPLE, sampled)
    assert result.headline.overall_accuracy == pytest.approx(overall)


@pytest.mark.parametrize("design", [PointDesign.AUTO, PointDesign.NONE])
def test_points_of_unknown_origin_are_counted_and_nothing_is_estimated(class_map, design):
    result = assess_points(PointRequest(class_map, design), layer(points(*LABELS, drawer=None)), SilentProgress())
    assert (result.kind, result.sample, result.intervals.headline) == (Kind.POINTS, None, {})
    assert result.headline.overall_accuracy == pytest.approx(25 / 30)
    assert "do not say how they were drawn" in result.notes[0]


def test_what_cannot_be_used_is_counted_and_said(class_map):
    lost = [
        ReferencePoint(*centre(3, 30), None, drawn(1)),
        ReferencePoint(*centre(3, 31), "  ", drawn(1)),
        ReferencePoint(*centre(3, 0), 1, drawn(1)),
        ReferencePoint(*centre(500, 3), 1, drawn(1)),
        ReferencePoint(float("nan"), float("inf"), 1, drawn(1)),
    ]
    result = assess_points(PointRequest(class_map), layer([*points(*LABELS), *lost]), SilentProgress())
    assert result.left_out == {"outside": 2, "unlabelled": 2, "no_map": 1}
    assert result.matrix.pixels == 30
    assert [note.split(" points ")[0] for note in result.notes] == ["2 of 35", "2 of 35", "1 of 35"]


def test_a_stratum_without_points_and_another_map_are_said(class_map, tmp_path):
    def from_elsewhere(value):
        return drawn(value, all_pixels=10_000, map_class=3)

    result = assess_points(PointRequest(class_map), layer(points(*LABELS, drawer=from_elsewhere)), SilentProgress())
    text = " ".join(result.notes)
    assert "Strata with 65.7% of the sampled pixels have no point" in text
    assert "30 of 30 points have another class on this map" in text
    assert "drawn from 10,000 pixels, but this map has 3,430" in text


@pytest.mark.parametrize(("kind", "sampled"), [("random", SamplingDesign.WHOLE), ("systematic", SamplingDesign.GRID)])
def test_designs_without_strata(class_map, kind, sampled):
    def whole(value):
        total = sum(SIZES.values())
        return drawn(value, stratum=0, stratum_name="whole map", stratum_pixels=total, design=kind)

    result = assess_points(PointRequest(class_map), layer(points(*LABELS, drawer=whole)), SilentProgress())
    assert result.sample.design is sampled
    assert result.headline.overall_accuracy == pytest.approx(25 / 30)


def test_strata_other_than_classes(class_map):
    def mixed(value):
        return drawn(value, stratum=7, stratum_name="north", stratum_pixels=3430)

    result = assess_points(PointRequest(class_map), layer(points(*LABELS, drawer=mixed)), SilentProgress())
    assert result.sample.design is SamplingDesign.STRATA


def test_labels_may_be_names_and_a_table_translates_them(class_map):
    named = points(["Water"] * 9 + ["trees"], ["wood"] * 20)
    table = rows_of_pairs(["wood", "trees"])
    result = assess_points(PointRequest(class_map, remap=table), layer(named), SilentProgress())
    assert result.matrix.counts.tolist() == [[9, 1], [0, 20]]
    assert result.matched_by == "table"
    with pytest.raises(InputError, match=r"'wood' is no class.*water, trees"):
        assess_points(PointRequest(class_map), layer(named), SilentProgress())


def test_labels_may_be_of_the_kinds_that_any_class_table_lists(class_map):
    told = points([80.0] * 9 + ["Tree  cover"], ["10"] * 20)
    table = rows_of_pairs([80, "water", "Tree cover", 2, 10, 2])
    result = assess_points(PointRequest(class_map, remap=table), layer(told), SilentProgress())
    assert result.matrix.counts.tolist() == [[9, 1], [0, 20]]
    cover = preset_rows("worldcover")
    with pytest.raises(InputError, match="share no class name"):
        assess_points(PointRequest(class_map, remap=cover, matching=Matching.NAME), layer(told), SilentProgress())
    named = [Row("Row 1", (80,), (), (), 2, "Water"), Row("Row 2", (10,), ("Tree cover",), (), 1, "Trees")]
    result = assess_points(PointRequest(class_map, remap=tuple(named)), layer(told), SilentProgress())
    assert result.matrix.counts.tolist() == [[9, 1], [0, 20]]


@pytest.mark.parametrize(
    ("made", "error", "message"),
    [
        ([], InputError, "has no point"),
        ([ReferencePoint(0, 0, 1)], GridError, "No point of points.gpkg lies on"),
        ([ReferencePoint(*centre(3, 3), None)], InputError, "has a class in its field 'reference'"),
        ([ReferencePoint(*centre(3, 0), 1)], InputError, "lies where .* has data"),
        ([ReferencePoint(*centre(3, 3), 300)], InputError, "'300' is no class"),
        ([ReferencePoint(*centre(3, 3), 1.5)], InputError, "'1.5' is no class"),
        ([ReferencePoint(*centre(3, 3), 9)], InputError, "no class in common"),
        (
            [ReferencePoint(*centre(3, 3), 1, drawn(1)), ReferencePoint(*centre(3, 4), 1, drawn(1, stratum_pixels=5))],
            InputError,
            "belong to different samples",
        ),
    ],
)
def test_points_that_cannot_be_used_are_one_sentence(class_map, made, error, message):
    with pytest.raises(error, match=message):
        assess_points(PointRequest(class_map), layer(made), SilentProgress())


def test_confidence_is_weighted_by_what_each_point_stands_for(class_map, tmp_path):
    percent = np.where(HALVES == 1, 90, 60).astype(np.uint8)
    confidence = write(tmp_path / "confidence.tif", percent, nodata=255)
    request = PointRequest(class_map, confidence=confidence)
    result = assess_points(request, layer(points(*LABELS)), SilentProgress())
    assert result.calibration.accuracy == pytest.approx(result.headline.overall_accuracy)
    assert result.calibration.mean_confidence == pytest.approx((20 * 0.9 + 50 * 0.6) / 70)
    assert result.calibration.expected_error == pytest.approx(50 * 0.2 / 70)


def test_a_map_in_degrees_says_that_its_pixels_differ(tmp_path):
    grid = Grid(70, 50, (10.0, 0.001, 0.0, 50.0, 0.0, -0.001), crs_from_authority("EPSG:4326"))
    path = write(tmp_path / "map.tif", HALVES, grid)
    found = [ReferencePoint(*grid.xy(col + 0.5, 5.5), 1 if col < 20 else 2) for col in range(70)]
    result = assess_points(PointRequest(path, PointDesign.RANDOM), layer(found), SilentProgress())
    assert "measures in degrees" in result.notes[0]
    # A pixel of 0.001 degrees at 50 degrees north: about 111.2 m by 71.7 m.
    assert result.sample.pixel_hectares == pytest.approx(1.112 * 0.717, rel=0.01)


def test_points_lie_in_the_picture_where_they_lie_on_the_map(class_map):
    result = assess_points(PointRequest(class_map), layer(points(*LABELS)), SilentProgress())
    assert result.errors.aspect == pytest.approx(50 / 70)
    assert result.errors.places[0].tolist() == pytest.approx([3.5 / 70, 1.5 / 70])
    assert int((~result.errors.right).sum()) == 5
    assert GRID.width == 70
