# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.classification.engine import classify
from s2landcover_plugin.core.classification.request import ClassificationRequest, ClassificationResult, MapPaths
from tests.listeners import Recorder


@pytest.fixture
def run(tmp_path):
    """Classify `tmp_path/scene.tif` with `tmp_path/model.onnx` into `tmp_path/out`."""

    def run(progress: Recorder | None = None, name: str = "map", **fields) -> ClassificationResult:
        given = {
            "raster": str(tmp_path / "scene.tif"),
            "model": str(tmp_path / "model.onnx"),
            "outputs": MapPaths(*(str(tmp_path / "out" / f"{name}{kind}.tif") for kind in ("", "-confidence"))),
            **fields,
        }
        return classify(ClassificationRequest(**given), progress or Recorder())

    return run
