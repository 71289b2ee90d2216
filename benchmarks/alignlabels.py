# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels onto an image's grid: what it costs in time and memory, beside gdalwarp with `-r mode`.

Made-up 1 m labels, 100,000 x 100,000 in a sparse GeoTIFF with fields in some places, onto a 10 m grid; and a smaller
raster that is full of fields. Both write GeoTIFFs with the same options, each run in a process of its own. Run it with
`make bench NAME=alignlabels`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal

from benchmarks._bars import Bar
from benchmarks._processes import peak_megabytes
from s2landcover_plugin.core.labels.align import align
from s2landcover_plugin.core.labels.request import AlignmentRequest
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster, crs_from_authority, open_raster

ENVIRONMENT = "qgis"

SIZE = 100_000  # label pixels along a side
DENSE = 20_480
RATIO = 10  # label pixels along the side of an image pixel
PLACES = 100  # with labels, in the sparse raster
PLACE = 2048  # side of such a place, label pixels
CLASSES = 9
FIELD = 60  # side of a field, label pixels


def main() -> None:
    """Measure everything and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="label pixels along a side of the sparse raster")
    parser.add_argument("--run", nargs=4, metavar=("METHOD", "LABELS", "IMAGE", "OUTPUT"), help="(internal) one run")
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(measured(*arguments.run)))
        return
    with tempfile.TemporaryDirectory() as name:
        print(*compared(Path(name), arguments.size), sep="\n")


def compared(folder: Path, size: int) -> list[Bar]:
    """Align a sparse raster and a full one, both ways."""
    print(f"1 m labels onto 10 m, {os.cpu_count()} cores")
    cases = {"sparse": (size, min(PLACES, (size // PLACE) ** 2)), "full": (DENSE, (DENSE // PLACE) ** 2)}
    runs, same = {}, {}
    for case, (side, places) in cases.items():
        labels, image = make_labels(folder / f"{case}.tif", side, places), make_image(folder / f"{case}10.tif", side)
        outputs = {method: folder / f"{case}_{method}.tif" for method in ("gdalwarp", "alignlabels")}
        runs[case] = {method: run(method, labels, image, output) for method, output in outputs.items()}
        same[case] = agreement(*outputs.values())
    return [
        *(Bar(f"{case}_over_gdalwarp_processor_time", ratio(runs[case]), 1.0) for case in cases),
        Bar("sparse_memory_mb", runs["sparse"]["alignlabels"]["megabytes"], 500),
        *(Bar(f"{case}_same_class_as_gdalwarp", same[case], 0.999, at_least=True) for case in cases),
    ]


def ratio(runs: dict[str, dict[str, float]]) -> float:
    """Return the processor time of `alignlabels` over gdalwarp's; other work on the machine changes it little."""
    return runs["alignlabels"]["processor"] / runs["gdalwarp"]["processor"]


def run(method: str, labels: Path, image: Path, output: Path) -> dict[str, float]:
    """Align in a process of its own; say and return what it took."""
    command = [sys.executable, "-m", "benchmarks.alignlabels", "--run", method, str(labels), str(image), str(output)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    figures: dict[str, float] = json.loads(answer)
    print(
        f"  {method:<12} {labels.stem:<8} {figures['seconds']:7.1f} s  {figures['processor']:7.1f} s of processor  "
        f"{figures['megabytes']:6.0f} MB at most"
    )
    return figures


def measured(method: str, labels: str, image: str, output: str) -> dict[str, float]:
    """Align; return the seconds it took and the peak memory of this process (Linux)."""
    start = time.perf_counter()
    if method == "gdalwarp":
        warp(labels, image, output)
    else:
        align(AlignmentRequest(image, output, labels=labels, least=0), SilentProgress())
    seconds, processor = time.perf_counter() - start, time.process_time()
    return {"seconds": seconds, "processor": processor, "megabytes": peak_megabytes()}


def warp(labels: str, image: str, output: str) -> None:
    """Run gdalwarp onto the image's grid, with the creation options that the plugin uses and all cores."""
    gdal.UseExceptions()
    with open_raster(image) as raster:
        grid = raster.grid
    west, south, east, north = grid.bounds
    gdal.Warp(
        output,
        labels,
        outputBounds=[west, south, east, north],
        width=grid.width,
        height=grid.height,
        resampleAlg="mode",
        multithread=True,
        warpOptions=["NUM_THREADS=ALL_CPUS"],
        creationOptions=[f"{k}={v}" for k, v in RasterSpec(grid, "uint8", ("",)).creation_options().items()],
    )


def agreement(first: Path, second: Path) -> float:
    """Return the share of pixels with a label in both that have the same class."""
    with open_raster(str(first)) as one, open_raster(str(second)) as other:
        values, others = one.read(), other.read()
    there = (values > 0) & (others > 0)
    return int(np.count_nonzero(there & (values == others))) / int(np.count_nonzero(there))


def make_image(path: Path, side: int) -> Path:
    """Write an empty image of which only the grid matters."""
    grid = Grid(side // RATIO, side // RATIO, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), _crs())
    with create_raster(str(path), RasterSpec(grid, "uint8", ("image",))):
        return path


def make_labels(path: Path, side: int, places: int) -> Path:
    """Write a sparse raster with fields of random classes in some places."""
    options = ["TILED=YES", "COMPRESS=DEFLATE", "SPARSE_OK=TRUE", "BIGTIFF=YES"]
    raster = gdal.GetDriverByName("GTiff").Create(str(path), side, side, 1, gdal.GDT_Byte, options)
    raster.SetGeoTransform([600000.0, 1.0, 0.0, 5000000.0, 0.0, -1.0])
    raster.SetProjection(_crs())
    raster.GetRasterBand(1).SetNoDataValue(0)
    rng = np.random.default_rng(0)
    across = side // PLACE
    for place in sorted(rng.choice(across**2, places, replace=False).tolist()):
        raster.GetRasterBand(1).WriteArray(fields(rng), place % across * PLACE, place // across * PLACE)
    raster.FlushCache()
    return path


def fields(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return class values, shape (PLACE, PLACE)."""
    parts = PLACE // FIELD + 1
    coarse = rng.integers(1, CLASSES + 1, (parts, parts), dtype=np.uint8)
    return coarse.repeat(FIELD, axis=0).repeat(FIELD, axis=1)[:PLACE, :PLACE]


def _crs() -> str:
    return crs_from_authority("EPSG:32633")


if __name__ == "__main__":
    main()
