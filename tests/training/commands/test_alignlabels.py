# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.raster import Grid, open_raster
from tests.scenes import utm_grid, write_scene
from training.cli import main

IMAGE = utm_grid(4, 3)


@pytest.fixture
def files(tmp_path):
    """Options for an image, and labels of half its pixels' size: vegetation, water in a line, a class of their own."""
    codes = np.full((6, 8), 4, np.uint8)
    codes[:, 2] = 6
    codes[4:, 6:] = 77
    fine = Grid(8, 6, IMAGE.refined(2).transform, IMAGE.crs)
    image = write_scene(tmp_path / "image.tif", np.ones((1, 3, 4), np.uint16), ("B02",))
    labels = write_scene(tmp_path / "labels.tif", codes[np.newaxis], ("SCL",), grid=fine, scale=1.0, nodata=None)
    return ["alignlabels", "--image", image, "--labels", labels, "--output", str(tmp_path / "out.tif")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], [[4, 4, 4, 4], [4, 4, 4, 4], [4, 4, 4, 77]]),
        (["--class-table", "scl-surface"], [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 0]]),
        (["--class-table", "scl", "--keep-unlisted"], [[4, 4, 4, 4], [4, 4, 4, 4], [4, 4, 4, 77]]),
        (
            ["--class-table", "scl-surface", "--method", "weighted", "--weights", "Water: 2"],
            [[1, 3, 1, 1], [1, 3, 1, 1], [1, 3, 1, 0]],
        ),
    ],
)
def test_labels_are_aligned_as_in_the_toolbox(files, tmp_path, options, expected):
    assert main([*files, *options]) == 0
    with open_raster(str(tmp_path / "out.tif")) as raster:
        assert raster.read()[0].tolist() == expected


def test_what_cannot_work_is_one_line(files, capsys):
    assert main([*files, "--class-table", "no.csv"]) == 1
    assert capsys.readouterr().err.startswith("error: The class table no.csv cannot be read")
