# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.classification.map_output import MapWriter
from s2landcover_plugin.core.classification.request import MapPaths
from s2landcover_plugin.core.errors import OutputError
from s2landcover_plugin.core.legend import legend_of
from s2landcover_plugin.core.raster import Window, open_raster
from tests.onnx_models import LEGEND
from tests.scenes import utm_grid


def test_a_map_carries_its_legend_style_and_tags(tmp_path):
    valid = np.array([[True, True, True], [True, False, True]])
    probabilities = np.float32(
        [[[0.9, 0.1, 0], [0.1, 1, 0.5]], [[0.1, 0.504, 0], [0, 0, 0.3]], [[0, 0.4, 1], [0.9, 0, 0]]]
    )
    grid = utm_grid(3, 2)
    paths = MapPaths(str(tmp_path / "map.tif"), str(tmp_path / "sure.tif"))
    with MapWriter(paths, grid, LEGEND, {"S2LC_MODEL": "tiny"}) as maps:
        rows = maps.new_rows(2, 3)
        maps.fill(probabilities, valid, rows)
        maps.write(Window(0, 0, 3, 2), rows)
    with open_raster(str(tmp_path / "map.tif")) as raster:
        assert raster.read()[0].tolist() == [[1, 2, 7], [7, 0, 1]]
        assert (raster.bands[0].dtype, raster.bands[0].nodata) == ("uint8", 0)
        assert legend_of(raster) == LEGEND
        assert raster.tags["S2LC_MODEL"] == "tiny"
        assert raster.grid.matches(grid)
    with open_raster(str(tmp_path / "sure.tif")) as raster:
        assert raster.read()[0].tolist() == [[90, 50, 100], [90, 255, 50]]
        assert raster.bands[0].nodata == 255
    assert 'label="trees"' in (tmp_path / "map.qml").read_text(encoding="utf-8")


def test_without_confidence_there_is_one_raster(tmp_path):
    with MapWriter(MapPaths(str(tmp_path / "map.tif")), utm_grid(1, 1), LEGEND, {}) as maps:
        maps.write(Window(0, 0, 1, 1), [np.uint8([[[2]]])])
    names = sorted(item.name for item in tmp_path.iterdir())
    assert names == ["map.qml", "map.tif", "map.tif.aux.xml"]


def test_a_file_that_cannot_be_created_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="could not be created"):
        MapWriter(MapPaths(str(tmp_path / "map.tif"), str(tmp_path / "none" / "sure.tif")), utm_grid(1, 1), LEGEND, {})
