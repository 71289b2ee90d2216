# SPDX-License-Identifier: GPL-2.0-or-later
"""A QGIS with the provider in it, a way to run its algorithms, and small inputs."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingException

from s2landcover_plugin.core.models.contract import ModelContract
from s2landcover_plugin.plugin import LandCoverPlugin
from tests.algorithms.log import Log
from tests.onnx_models import brightest_band_model, contract
from tests.scenes import random_stored, write_scene


@pytest.fixture(scope="session")
def provider(qgis_processing):
    plugin = LandCoverPlugin(None)
    plugin.initProcessing()
    yield plugin.provider
    plugin.unload()


@pytest.fixture
def run(provider):
    """Run an algorithm as `qgis_process` does: parameters are checked first, errors are exceptions."""

    def runner(name, feedback=None, context=None, **parameters):
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"s2landcover:{name}")
        context = context or QgsProcessingContext()
        parameters = {key: str(value) if isinstance(value, Path) else value for key, value in parameters.items()}
        fine, message = algorithm.checkParameterValues(parameters, context)
        if not fine:
            raise QgsProcessingException(message)
        results, fine = algorithm.run(parameters, context, feedback or Log(), {}, False)
        assert fine
        return results

    return runner


@pytest.fixture
def tiny_contract() -> ModelContract:
    return contract()


@pytest.fixture
def model(tmp_path, tiny_contract):
    """Bands B02, B03, B04; the class is the brightest band: 1 water, 2 trees, 7 built."""
    folder = tmp_path / "model"
    folder.mkdir()
    return brightest_band_model(folder / "tiny.onnx", tiny_contract)


@pytest.fixture
def stored():
    """Reflectance x 10000, shape (3, 24, 20), with a corner of no data."""
    numbers = random_stored(20, 24)
    numbers[:, :4, :4] = 0
    return numbers


@pytest.fixture
def image(tmp_path, stored):
    return write_scene(tmp_path / "image.tif", stored)


@pytest.fixture
def expected_classes(stored):
    values = np.array([1, 2, 7], np.uint8)[stored.argmax(axis=0)]
    return np.where((stored > 0).all(axis=0), values, 0)


@pytest.fixture
def class_map(tmp_path, expected_classes, tiny_contract):
    legend = tiny_contract.legend
    fields = {"scale": 1.0, "categories": legend.names, "colours": legend.colours}
    return write_scene(tmp_path / "classes.tif", expected_classes[np.newaxis], ("classes",), **fields)


@pytest.fixture
def no_onnxruntime(monkeypatch):
    """As on a fresh QGIS: importing onnxruntime fails."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
