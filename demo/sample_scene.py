# SPDX-License-Identifier: GPL-2.0-or-later
"""A small Sentinel-2 product whose land cover is known: nothing in it was measured, everything in it is plausible.

python -m demo.sample_scene FOLDER
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from demo.acquisition import Acquisition
from demo.landscape import cloud_and_shadow, make_landscape
from demo.safe_writer import write_safe
from demo.sensor import observe, scene_classification
from demo.surfaces import LEGEND, REFLECTANCE, Surface
from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.legend import NODATA, qml_style
from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster, crs_from_authority

SIZE = 1020
"""Pixels a side at 10 m, about 10 km."""

_CODE = "EPSG:32632"
_CORNER = (600000.0, 5200020.0)
_SHADOW_LIGHT = 0.45
# Beyond this line, in shares of the side along row plus column, the swath ends.
_SWATH = 1.9


@dataclass(frozen=True)
class SampleScene:
    """The sample scene's files.

    Attributes:
        safe: the L2A product, a SAFE folder.
        truth: its classes at 10 m, with names and colours; 0 where there is no data, a cloud or its shadow.
    """

    safe: Path
    truth: Path


def make_sample_scene(folder: Path, size: int = SIZE, seed: int = 0) -> SampleScene:
    """Make the sample scene; the same size and seed give the same scene.

    Args:
        folder: where the SAFE folder and `truth.tif` go; made if need be, and what is there of the same name is
            replaced.
        size: pixels a side at 10 m; a multiple of 6, so that the 60 m pixels fit.
        seed: of the landscape.

    Raises:
        InputError: if the size is no positive multiple of 6.
        OutputError: if the folder cannot be written to, or GDAL has no JPEG 2000 writer.
    """
    if size < 6 or size % 6:
        raise InputError(f"A scene of {size} pixels a side cannot have 60 m bands; give a multiple of 6.")
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    landscape = make_landscape(size, random)
    opacity, shadow = cloud_and_shadow(size, random)
    landscape.light(np.where(shadow, _SHADOW_LIGHT, 1).astype(np.float32))
    reflectance = _under_cloud(landscape.reflectance(random), opacity)
    axis = (np.arange(size) + 0.5) / size
    valid = axis[:, None] + axis[None] < _SWATH
    cloud = opacity > 0.02
    scl = scene_classification(landscape.classes, reflectance, cloud, shadow)
    grid = Grid(size, size, (_CORNER[0], 10.0, 0.0, _CORNER[1], 0.0, -10.0), crs_from_authority(_CODE))
    safe = write_safe(folder, Acquisition(grid, _CODE), observe(reflectance, scl, valid, random))
    truth = _write_truth(folder, np.where(valid & ~cloud & ~shadow, landscape.classes, NODATA), grid)
    return SampleScene(safe, truth)


def _under_cloud(reflectance: NDArray[np.float32], opacity: NDArray[np.float32]) -> NDArray[np.float32]:
    white = REFLECTANCE[Surface.CLOUD][:, None, None]
    seen: NDArray[np.float32] = reflectance * (1 - opacity) + white * opacity
    return seen


def _write_truth(folder: Path, classes: NDArray[np.uint8], grid: Grid) -> Path:
    path = folder / "truth.tif"
    spec = RasterSpec(
        grid, "uint8", ("land cover",), nodata=NODATA, colours=LEGEND.colours, categories={NODATA: "", **LEGEND.names}
    )
    with create_raster(str(path), spec) as writer:
        writer.write(classes.astype(np.uint8)[None])
    path.with_suffix(".qml").write_text(qml_style(LEGEND), encoding="utf-8")
    return path


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="demo.sample_scene", description="Make a sample scene with known classes.")
    parser.add_argument("folder", type=Path, help="where to put it")
    parser.add_argument("--size", type=int, default=SIZE, help="pixels a side at 10 m (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="another number gives another landscape")
    options = parser.parse_args()
    scene = make_sample_scene(options.folder, options.size, options.seed)
    print(f"Product: {scene.safe}\nClasses: {scene.truth}")


if __name__ == "__main__":
    main()
