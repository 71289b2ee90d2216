# SPDX-License-Identifier: GPL-2.0-or-later
"""The chain as a model of the model designer: named outputs feed the next step."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterFile,
    QgsProcessingParameterRasterLayer,
)

from s2landcover_plugin.core.raster import open_raster
from tests.algorithms.log import Log
from tests.scenes import random_stored, utm_grid, write_scene

Source = QgsProcessingModelChildParameterSource


def child(name, description, sources, outputs=()):
    step = QgsProcessingModelChildAlgorithm(f"s2landcover:{name}")
    step.setChildId(name)
    step.setDescription(description)
    for parameter, source in sources.items():
        step.addParameterSources(parameter, [source])
    kept = {}
    for output in outputs:
        kept[f"{name}_{output}"] = QgsProcessingModelOutput(f"{name}_{output}", f"{name}_{output}")
        kept[f"{name}_{output}"].setChildId(name)
        kept[f"{name}_{output}"].setChildOutputName(output)
    step.setModelOutputs(kept)
    return step


@pytest.fixture
def chain(provider):
    """Folder of bands and a model file -> pansharpen -> classify -> accuracy against the map itself."""
    model = QgsProcessingModelAlgorithm("chain", "test")
    for parameter in (
        QgsProcessingParameterFile("folder", "folder", QgsProcessingParameterFile.Behavior.Folder),
        QgsProcessingParameterFile("network", "network"),
        QgsProcessingParameterRasterLayer("reference", "reference"),
    ):
        model.addModelParameter(parameter, QgsProcessingModelParameter(parameter.name()))
    model.addChildAlgorithm(child("pansharpen", "stack", {"INPUT": Source.fromModelParameter("folder")}))
    sources = {
        "INPUT": Source.fromChildOutput("pansharpen", "OUTPUT"),
        "MODEL": Source.fromModelParameter("network"),
        "PROVIDER": Source.fromStaticValue("cpu"),
    }
    model.addChildAlgorithm(child("classify", "map", sources, ["OUTPUT"]))
    sources = {
        "INPUT": Source.fromChildOutput("classify", "OUTPUT"),
        "REFERENCE": Source.fromModelParameter("reference"),
    }
    model.addChildAlgorithm(child("accuracy", "report", sources, ["OUTPUT_HTML"]))
    return model


def test_pansharpen_classify_accuracy(chain, model, tmp_path):
    stored = random_stored(24, 20)
    folder = tmp_path / "bands"
    folder.mkdir()
    for name, plane in zip(("B02", "B03", "B04", "B08"), [*stored, stored[0]]):
        write_scene(folder / f"{name}.tif", plane[np.newaxis], ("",))
    truth = np.array([1, 2, 7], np.uint8)[stored.argmax(axis=0)]
    reference = write_scene(tmp_path / "truth.tif", truth[np.newaxis], ("",), scale=1.0, grid=utm_grid(24, 20))
    parameters = {
        "folder": str(folder),
        "network": str(model),
        "reference": reference,
        "classify:classify_OUTPUT": str(tmp_path / "map.tif"),
        "accuracy:accuracy_OUTPUT_HTML": str(tmp_path / "report.html"),
    }
    fine, message = chain.canExecute()
    assert fine, message
    running = chain.create()
    results, fine = running.run(parameters, QgsProcessingContext(), Log(), {}, False)
    assert fine
    with open_raster(str(tmp_path / "map.tif")) as raster:
        np.testing.assert_array_equal(raster.read()[0], truth)
    assert (tmp_path / "report.html").is_file()
    assert results["CHILD_RESULTS"]["accuracy"]["OVERALL_ACCURACY"] == 1.0
    assert QgsApplication.processingRegistry().providerById("s2landcover") is not None
