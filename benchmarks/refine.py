# SPDX-License-Identifier: GPL-2.0-or-later
"""Refinement: what a minimum mapping unit costs in time and memory, and what it leaves, beside GDAL's sieve filter.

A made-up class raster as wide as a Sentinel-2 tile, with fields and some pixels scattered: ten times as many objects
as in a map that the bundled model makes. Both read and write GeoTIFFs with the same options, each run in a process of
its own. Run it with `make bench NAME=refine`.
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
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, RasterSpec, Window, create_raster, crs_from_authority
from s2landcover_plugin.core.refinement.context import Neighbourhood
from s2landcover_plugin.core.refinement.options import MAJORITY, PIXELS, MappingUnit, RefinementOptions
from s2landcover_plugin.core.refinement.refine import RefinementRequest, refine

ENVIRONMENT = "qgis"

SIZE = 10980
CLASSES = 9
FIELD = 20  # side of a field, pixels
SCATTERED = 0.02
ROWS = 512
PIXELS_KEPT = 25

METHODS = {
    "mapping_unit": RefinementOptions(mapping_unit=MappingUnit(PIXELS_KEPT, PIXELS)),
    "eight": RefinementOptions(mapping_unit=MappingUnit(PIXELS_KEPT, PIXELS, eight=True)),
    "majority_3": RefinementOptions(MAJORITY, Neighbourhood(3)),
    "majority_9": RefinementOptions(MAJORITY, Neighbourhood(9, is_round=True)),
}


def main() -> None:
    """Measure everything and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="rows of the raster")
    parser.add_argument("--run", nargs=3, metavar=("METHOD", "INPUT", "OUTPUT"), help="(internal) one run")
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(measured(*arguments.run)))
        return
    with tempfile.TemporaryDirectory() as name:
        print(*compared(Path(name), arguments.size), sep="\n")


def compared(folder: Path, rows: int) -> list[Bar]:
    """Refine a raster in every way, and one twice as high in one."""
    once, twice = (make_map(folder / f"map{times}.tif", times * rows) for times in (1, 2))
    print(f"{SIZE} x {rows} pixels, objects of at least {PIXELS_KEPT} pixels, {os.cpu_count()} cores")
    runs = {method: run(method, once, folder / f"{method}.tif") for method in ("sieve", *METHODS)}
    tall = run("mapping_unit", twice, folder / "tall.tif")
    left = {
        name: run("mapping_unit", folder / f"{name}.tif", folder / "again.tif") for name in ("sieve", "mapping_unit")
    }
    print(f"  pixels still in smaller objects: {left['sieve']['changed']:,.0f} after the sieve filter")
    own = runs["mapping_unit"]
    return [
        Bar("mapping_unit_over_sieve_processor_time", own["processor"] / runs["sieve"]["processor"], 3.0),
        Bar("mapping_unit_memory_mb", own["megabytes"], 500),
        Bar("memory_of_twice_the_rows", tall["megabytes"] / own["megabytes"], 1.1),
        Bar("pixels_left_too_small", left["mapping_unit"]["changed"], 0),
    ]


def run(method: str, source: Path, output: Path) -> dict[str, float]:
    """Refine in a process of its own; say and return what it took."""
    command = [sys.executable, "-m", "benchmarks.refine", "--run", method, str(source), str(output)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    figures: dict[str, float] = json.loads(answer)
    print(
        f"  {method:<13} {source.stem:<13} {figures['seconds']:7.1f} s  {figures['processor']:7.1f} s of processor  "
        f"{figures['megabytes']:6.0f} MB at most"
    )
    return figures


def measured(method: str, source: str, output: str) -> dict[str, float]:
    """Refine; return the seconds it took, the peak memory of this process (Linux), and the pixels changed."""
    start = time.perf_counter()
    if method == "sieve":
        changed = sieve(source, output)
    else:
        changed = refine(RefinementRequest(source, output, METHODS[method]), SilentProgress()).changed_pixels
    seconds, processor = time.perf_counter() - start, time.process_time()
    return {"seconds": seconds, "processor": processor, "megabytes": peak_megabytes(), "changed": changed}


def sieve(source: str, output: str) -> int:
    """Run GDAL's sieve filter, with the creation options that the plugin uses."""
    gdal.UseExceptions()
    raster = gdal.Open(source)
    options = [f"{key}={value}" for key, value in spec(raster.RasterYSize).creation_options().items()]
    target = raster.GetDriver().Create(output, raster.RasterXSize, raster.RasterYSize, 1, gdal.GDT_Byte, options)
    target.SetProjection(raster.GetProjection())
    target.SetGeoTransform(raster.GetGeoTransform())
    target.GetRasterBand(1).SetNoDataValue(0)
    gdal.SieveFilter(raster.GetRasterBand(1), raster.GetRasterBand(1), target.GetRasterBand(1), PIXELS_KEPT, 4)
    target.FlushCache()
    return 0


def spec(rows: int) -> RasterSpec:
    """Return what the map looks like."""
    grid = Grid(SIZE, rows, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), crs_from_authority("EPSG:32633"))
    return RasterSpec(grid, "uint8", ("class",), nodata=0)


def make_map(path: Path, rows: int) -> Path:
    """Write fields of random classes with scattered pixels."""
    rng = np.random.default_rng(0)
    with create_raster(str(path), spec(rows)) as writer:
        for row in range(0, rows, ROWS):
            window = Window(0, row, SIZE, min(ROWS, rows - row))
            writer.write(fields(rng, window.height)[np.newaxis], window)
    return path


def fields(rng: np.random.Generator, rows: int) -> NDArray[np.uint8]:
    """Return class values, shape (rows, SIZE)."""
    coarse = rng.integers(1, CLASSES + 1, (rows // FIELD + 1, SIZE // FIELD + 1), dtype=np.uint8)
    values = coarse.repeat(FIELD, axis=0).repeat(FIELD, axis=1)[:rows, :SIZE]
    scattered = rng.random((rows, SIZE), dtype=np.float32) < SCATTERED
    return np.where(scattered, rng.integers(1, CLASSES + 1, (rows, SIZE), dtype=np.uint8), values)


if __name__ == "__main__":
    main()
