# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.classification.engine import classify
from s2landcover_plugin.core.classification.request import ClassificationRequest, MapPaths
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.refinement.context import Neighbourhood
from s2landcover_plugin.core.refinement.options import MAJORITY, PIXELS, PROBABILITY, MappingUnit, RefinementOptions
from s2landcover_plugin.core.refinement.refine import RefinementRequest, refine
from tests.listeners import Recorder
from tests.onnx_models import brightest_band_model, contract
from tests.scenes import write_scene


@pytest.fixture
def scene(tmp_path):
    stored = np.random.default_rng(2).integers(200, 5000, (3, 24, 20)).astype(np.uint16)
    stored[:, :4, :4] = 0
    return write_scene(tmp_path / "scene.tif", stored)


@pytest.fixture
def model(tmp_path):
    return str(brightest_band_model(tmp_path / "tiny.onnx", contract()))


def read(path):
    with open_raster(str(path)) as raster:
        return raster.read()[0]


@pytest.mark.parametrize(
    "options",
    [
        RefinementOptions(mapping_unit=MappingUnit(6, PIXELS)),
        RefinementOptions(MAJORITY, Neighbourhood(3), MappingUnit(4, PIXELS)),
        RefinementOptions(PROBABILITY, Neighbourhood(5)),
    ],
    ids=lambda options: options.context,
)
def test_the_same_run_refines_as_a_second_one_would(scene, model, tmp_path, options):
    plain = MapPaths(str(tmp_path / "plain.tif"), probabilities=str(tmp_path / "p.tif"))
    classify(ClassificationRequest(scene, model, plain), SilentProgress())
    beside = plain.probabilities if options.context == PROBABILITY else ""
    second = refine(RefinementRequest(plain.classes, str(tmp_path / "second.tif"), options, beside), SilentProgress())

    output = tmp_path / "once" / "map.tif"
    heard = Recorder()
    once = classify(ClassificationRequest(scene, model, MapPaths(str(output)), refinement=options), heard)
    np.testing.assert_array_equal(read(output), read(second.output))
    assert (read(output) != read(plain.classes)).any()
    assert once.refined_pixels == second.changed_pixels > 0
    assert once.class_pixels == {area.item.value: area.pixels for area in second.areas.classes}
    assert once.nodata_pixels == 16
    assert {item.name for item in output.parent.iterdir()} == {"map.tif", "map.tif.aux.xml", "map.qml"}
    assert heard.fractions == sorted(heard.fractions)
    with open_raster(str(output)) as raster:
        assert raster.tags["S2LC_REFINEMENT"] == options.describe()
        assert raster.tags["S2LC_MODEL"]


def test_without_refinement_the_areas_are_told_all_the_same(scene, model, tmp_path):
    output = tmp_path / "map.tif"
    result = classify(ClassificationRequest(scene, model, MapPaths(str(output))), SilentProgress())
    values = read(output)
    assert result.refined_pixels == 0
    assert {area.item.value: area.hectares for area in result.areas.classes} == pytest.approx(
        {value: np.count_nonzero(values == value) * 0.01 for value in (1, 2, 7)}
    )
    assert "GDALRasterAttributeTable" in (tmp_path / "map.tif.aux.xml").read_text(encoding="utf-8")
