# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.errors import Cancelled, GridError, InputError, OutputError
from s2landcover_plugin.core.legend import legend_of
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, crs_from_authority, open_raster
from s2landcover_plugin.core.refinement.context import Neighbourhood, majority
from s2landcover_plugin.core.refinement.options import (
    HECTARES,
    MAJORITY,
    PIXELS,
    PROBABILITY,
    MappingUnit,
    RefinementOptions,
)
from s2landcover_plugin.core.refinement.refine import RefinementRequest, refine, refine_in_place
from s2landcover_plugin.core.refinement.steps import apply_majority, apply_mapping_unit, apply_probabilities
from tests.listeners import Recorder
from tests.onnx_models import LEGEND
from tests.scenes import utm_grid, write_scene

FOUR_PIXELS = RefinementOptions(mapping_unit=MappingUnit(4, PIXELS))


def class_map(path, values, **fields):
    fields = {"scale": 1.0, "categories": LEGEND.names, "colours": LEGEND.colours, **fields}
    return write_scene(path, np.asarray(values)[np.newaxis], ("classes",), **fields)


def refined(path, values, options, **fields):
    source = class_map(path / "map.tif", values, **fields)
    result = refine(RefinementRequest(source, str(path / "refined.tif"), options), SilentProgress())
    with open_raster(result.output) as raster:
        return result, raster.read()[0]


def test_small_objects_go_to_the_neighbour_with_the_longest_boundary(tmp_path):
    before = np.uint8([[1, 1, 1, 2, 2], [1, 7, 7, 2, 2], [1, 1, 1, 2, 2], [0, 7, 0, 2, 2], [0, 0, 0, 0, 7]])
    result, after = refined(tmp_path, before, FOUR_PIXELS)
    assert after.tolist() == [[1, 1, 1, 2, 2], [1, 1, 1, 2, 2], [1, 1, 1, 2, 2], [0, 1, 0, 2, 2], [0, 0, 0, 0, 2]]
    assert result.changed_pixels == 4
    assert {area.item.name: area.pixels for area in result.areas.classes} == {"water": 10, "trees": 9, "built": 0}


def test_objects_among_nodata_stay(tmp_path):
    before = np.uint8([[0, 0, 0, 0], [0, 7, 7, 0], [0, 0, 0, 1], [2, 0, 1, 1]])
    result, after = refined(tmp_path, before, FOUR_PIXELS)
    np.testing.assert_array_equal(after, before)
    assert result.changed_pixels == 0


@pytest.mark.parametrize(("eight", "kept"), [(False, False), (True, True)])
def test_corners_connect_if_asked_to(tmp_path, eight, kept):
    before = np.ones((6, 6), np.uint8)
    before[[1, 2, 3, 4], [1, 2, 3, 4]] = 2
    _, after = refined(tmp_path, before, RefinementOptions(mapping_unit=MappingUnit(4, PIXELS, eight)))
    assert (after == before).all() == kept
    assert kept or (after == 1).all()


def test_hectares_are_those_of_the_pixels(tmp_path):
    before = np.ones((8, 8), np.uint8)
    before[1, 1:6] = 2  # 5 pixels of 0.01 ha
    for hectares, kept in ((0.05, True), (0.051, False)):
        folder = tmp_path / str(hectares)
        folder.mkdir()
        _, after = refined(folder, before, RefinementOptions(mapping_unit=MappingUnit(hectares, HECTARES)))
        assert (after == before).all() == kept


def test_in_degrees_the_same_number_of_pixels_is_smaller_towards_the_pole(tmp_path):
    grid = Grid(6, 600, (0.0, 0.1, 0.0, 60.0, 0.0, -0.1), crs_from_authority("EPSG:4326"))
    before = np.ones((600, 6), np.uint8)
    before[[10, 11, 590, 591], 2] = 2
    options = RefinementOptions(mapping_unit=MappingUnit(20_000, HECTARES))
    _, after = refined(tmp_path, before, options, grid=grid)
    assert (after[:300] == 1).all()
    np.testing.assert_array_equal(after[300:], before[300:])


def test_the_legend_the_style_and_the_tags_stay(tmp_path):
    result, _ = refined(tmp_path, np.uint8([[1, 1, 2]] * 3), FOUR_PIXELS, tags={"S2LC_MODEL": "tiny"})
    with open_raster(result.output) as raster:
        assert legend_of(raster) == LEGEND == result.areas.legend
        assert raster.tags["S2LC_MODEL"] == "tiny"
        assert raster.tags["S2LC_REFINEMENT"] == "minimum mapping unit 4 pixels, 4-connected"
        assert (raster.bands[0].dtype, raster.bands[0].nodata) == ("uint8", 0)
    assert 'label="trees"' in (tmp_path / "refined.qml").read_text(encoding="utf-8")
    names = {"map.tif", "map.tif.aux.xml", "refined.tif", "refined.tif.aux.xml", "refined.qml"}
    assert {item.name for item in tmp_path.iterdir()} == names


def test_maps_of_other_types_without_names_get_some(tmp_path):
    before = np.int16([[200, 200, 200, -9], [200, 13, 200, 200]])
    result, after = refined(tmp_path, before, FOUR_PIXELS, categories={}, colours={}, nodata=-9)
    assert after.tolist() == [[200, 200, 200, 0], [200, 200, 200, 200]]
    assert result.areas.legend.names == {13: "Class 13", 200: "Class 200"}


def test_context_comes_first_then_the_mapping_unit(tmp_path):
    rng = np.random.default_rng(4)
    before = rng.choice(np.uint8([1, 2, 7]), (40, 30))
    both = RefinementOptions(MAJORITY, Neighbourhood(5, True), MappingUnit(9, PIXELS))
    result, after = refined(tmp_path, before, both)
    calmer = majority(np.pad(before, ((2, 2), (0, 0))), both.neighbourhood)
    folder = tmp_path / "second"
    folder.mkdir()
    _, expected = refined(folder, calmer, RefinementOptions(mapping_unit=both.mapping_unit))
    np.testing.assert_array_equal(after, expected)
    assert result.changed_pixels == np.count_nonzero(after != before)


def probabilities_of(path, planes, names=("trees", "water", "built"), **fields):
    return write_scene(path, planes, names, **{"nodata": 255, "scale": 1.0, **fields})


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_probabilities_tell_more_than_the_class_alone(tmp_path, dtype):
    before = np.uint8([[1, 1, 2, 1, 1]] * 3)
    water = np.array([[60, 55, 5, 55, 60]] * 3)
    planes = np.stack([100 - water, water, 0 * water]).astype(dtype) / (1 if dtype == np.uint8 else 100)
    source, beside = class_map(tmp_path / "map.tif", before), probabilities_of(tmp_path / "p.tif", planes.astype(dtype))
    options = RefinementOptions(PROBABILITY, Neighbourhood(3))
    refine(RefinementRequest(source, str(tmp_path / "out.tif"), options, beside), SilentProgress())
    with open_raster(str(tmp_path / "out.tif")) as raster:
        # Where the majority of three columns is water, the doubts about it weigh more.
        assert raster.read()[0].tolist() == [[1, 2, 2, 2, 1]] * 3


def test_probabilities_of_another_run_are_refused(tmp_path):
    source = class_map(tmp_path / "map.tif", np.ones((4, 4), np.uint8))
    planes = np.full((3, 4, 4), 30, np.uint8)
    options = RefinementOptions(PROBABILITY)
    renamed = probabilities_of(tmp_path / "a.tif", planes, ("trees", "water", "snow"))
    shifted = probabilities_of(tmp_path / "b.tif", planes, grid=utm_grid(4, 4, 20.0))
    wild = probabilities_of(tmp_path / "c.tif", planes.astype(np.float32))
    for beside, kind, message in (
        (renamed, InputError, "'snow'"),
        (shifted, GridError, "another grid"),
        (wild, InputError, "holds 30 to 30"),
    ):
        with pytest.raises(kind, match=message):
            refine(RefinementRequest(source, str(tmp_path / "out.tif"), options, beside), SilentProgress())
    with pytest.raises(InputError, match="needs the class probabilities"):
        RefinementRequest(source, "out.tif", options)


@pytest.mark.parametrize("rows", [1, 3, 7])
def test_no_step_depends_on_how_many_rows_are_read_at_a_time(tmp_path, rows):
    rng = np.random.default_rng(rows)
    values = rng.choice(np.uint8([0, 1, 2, 7]), (23, 17), p=[0.1, 0.3, 0.3, 0.3])
    planes = rng.integers(0, 101, (3, 23, 17)).astype(np.uint8)
    around = Neighbourhood(5)
    from s2landcover_plugin.core.refinement.probabilities import ProbabilityReader

    source, beside = class_map(tmp_path / "map.tif", values), probabilities_of(tmp_path / "p.tif", planes)
    with open_raster(source) as raster, open_raster(beside) as probable:
        reader = ProbabilityReader(probable, LEGEND, raster.grid)
        for step, arguments in (
            (apply_majority, (around,)),
            (apply_probabilities, (reader, around)),
            (apply_mapping_unit, (MappingUnit(6, PIXELS),)),
        ):
            results = []
            for height in (rows, 64):
                parts = []
                step(*arguments, raster, lambda _, part: parts.append(part), SilentProgress(), height)  # noqa: B023
                results.append(np.concatenate(parts))
            np.testing.assert_array_equal(*results)
            assert (results[0] != values).any()


def test_a_map_is_refined_where_it_is(tmp_path):
    before = np.uint8([[1, 1, 1, 2, 2], [1, 7, 1, 2, 2]])
    _, expected = refined(tmp_path, before, FOUR_PIXELS)
    folder = tmp_path / "staged"
    folder.mkdir()
    path = class_map(folder / "map.tif", before)
    result = refine_in_place(folder / "map.tif", FOUR_PIXELS, "", SilentProgress())
    assert (result.output, result.changed_pixels) == (path, 1)
    with open_raster(path) as raster:
        np.testing.assert_array_equal(raster.read()[0], expected)
        assert legend_of(raster) == LEGEND
    assert {item.name for item in folder.iterdir()} == {"map.tif", "map.tif.aux.xml", "map.qml"}


def test_what_cannot_be_refined_is_refused(tmp_path):
    source = class_map(tmp_path / "map.tif", np.zeros((4, 4), np.uint8))
    with pytest.raises(InputError, match="no pixel with a class"):
        refine(RefinementRequest(source, str(tmp_path / "out.tif"), FOUR_PIXELS), SilentProgress())
    with pytest.raises(InputError, match="nothing to refine with"):
        refine(RefinementRequest(source, str(tmp_path / "out.tif")), SilentProgress())
    with pytest.raises(OutputError, match="also an input"):
        refine(RefinementRequest(source, source, FOUR_PIXELS), SilentProgress())
    with pytest.raises(InputError, match="minimum mapping unit of -1"):
        MappingUnit(-1)
    with pytest.raises(InputError, match="no spatial context 'median'"):
        RefinementOptions("median")


def test_cancelling_leaves_nothing(tmp_path):
    source = class_map(tmp_path / "map.tif", np.tile(np.uint8([[1, 2], [2, 1]]), (200, 4)))
    both = RefinementOptions(MAJORITY, mapping_unit=MappingUnit(4, PIXELS))
    whole = Recorder()
    refine(RefinementRequest(source, str(tmp_path / "out.tif"), both), whole)
    assert whole.fractions == sorted(whole.fractions)
    assert whole.fractions[-1] == 1.0
    for item in tmp_path.glob("out.*"):
        item.unlink()
    for checks in range(whole.checks):
        with pytest.raises(Cancelled):
            refine(RefinementRequest(source, str(tmp_path / "out.tif"), both), Recorder(checks))
    assert {item.name for item in tmp_path.iterdir()} == {"map.tif", "map.tif.aux.xml"}
