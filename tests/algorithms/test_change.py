# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsRasterLayer

from tests.algorithms.log import Log
from tests.scenes import write_scene


@pytest.fixture
def later(tmp_path, expected_classes, tiny_contract):
    """The map with its first five pixels of trees built over."""
    values = expected_classes.copy()
    values.flat[np.flatnonzero(values == 2)[:5]] = 7
    names = tiny_contract.legend.names
    return write_scene(tmp_path / "later.tif", values[np.newaxis], ("classes",), scale=1.0, categories=names)


def test_transitions_are_outputs_and_a_styled_raster(run, class_map, later, tmp_path):
    given = {"EARLIER": class_map, "LATER": later, "OUTPUT": tmp_path / "change.tif"}
    files = {f"OUTPUT_{kind.upper()}": tmp_path / f"change.{kind}" for kind in ("html", "csv", "json")}
    log = Log()
    results = run("change", log, **given, **files)
    assert results["CHANGED_PIXELS"] == 5
    assert results["CHANGED_HECTARES"] == pytest.approx(0.05)
    assert results["CHANGED_SHARE"] == pytest.approx(5 / results["PIXELS"])
    document = json.loads(files["OUTPUT_JSON"].read_text(encoding="utf-8"))
    assert document["changed_ha"] == results["CHANGED_HECTARES"]
    assert "trees to built: 0.05 ha" in log.lines
    layer = QgsRasterLayer(results["OUTPUT"], "change")
    assert [entry.label for entry in layer.renderer().classes()] == ["no change", "trees to built"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"LATER": "/no/such.tif"}, "There is no file"),
        ({"OUTPUT": "later"}, "is also an input"),
        ({"OUTPUT": "change.png"}, "end the file name in .tif"),
        ({"REMAP_TABLE": [1, "lava"]}, "'lava', which is no known class; give one of water"),
        ({"MATCHING": "colour"}, "cannot be 'colour'"),
    ],
)
def test_what_cannot_be_compared(run, class_map, later, tmp_path, given, message):
    given = {name: later if value == "later" else value for name, value in given.items()}
    usual = {"EARLIER": class_map, "LATER": later, "OUTPUT": tmp_path / "change.tif"}
    with pytest.raises(QgsProcessingException, match=message):
        run("change", **{**usual, **given})
    assert not (tmp_path / "change.tif").exists()
