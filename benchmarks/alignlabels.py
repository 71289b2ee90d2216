# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels onto an image's grid: what it costs in time and memory, beside gdalwarp with `-r mode`.

Made-up 1 m labels, 100,000 x 100,000 in a sparse GeoTIFF with fields in some places, onto a 10 m grid; and a smaller
raster that is full of fields. Fields as polygons, too: the other way burns them by gdal_rasterize on pixels of an
eighth of the side, and gives those to gdalwarp. All write GeoTIFFs with the same options, each run in a process of its
own. Run it with `make bench NAME=alignlabels`; `--whole-tile` lays the polygons on the pixels of a Sentinel-2 tile.
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
from s2landcover_plugin.core.labels.polygon_labels import SAMPLES
from s2landcover_plugin.core.labels.request import AlignmentRequest
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster, crs_from_authority, open_raster
from s2landcover_plugin.core.vector import Column, FieldKind, PolygonLayer, Ring, write_polygons

ENVIRONMENT = "qgis"

SIZE = 100_000  # label pixels along a side
DENSE = 20_480
RATIO = 10  # label pixels along the side of an image pixel
PLACES = 100  # with labels, in the sparse raster
PLACE = 2048  # side of such a place, label pixels
CLASSES = 9
FIELD = 60  # side of a field, label pixels
TILE, REDUCED = 10_980, 3660  # image pixels along a side under polygons
PARCEL = 78  # side of a polygon, image pixels: some 20,000 polygons on a whole tile


def main() -> None:
    """Measure everything and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="label pixels along a side of the sparse raster")
    parser.add_argument("--whole-tile", action="store_true", help=f"polygons on {TILE} x {TILE} pixels, not {REDUCED}")
    parser.add_argument("--run", nargs=4, metavar=("METHOD", "LABELS", "IMAGE", "OUTPUT"), help="(internal) one run")
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(measured(*arguments.run)))
        return
    with tempfile.TemporaryDirectory() as name:
        print(*compared(Path(name), arguments.size), sep="\n")
        print(*compared_polygons(Path(name), TILE if arguments.whole_tile else REDUCED), sep="\n")


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


def compared_polygons(folder: Path, side: int) -> list[Bar]:
    """Align polygons both ways."""
    polygons, image = make_polygons(folder / "polygons.gpkg", side), make_image(folder / "polygons10.tif", side * RATIO)
    outputs = {method: folder / f"polygons_{method}.tif" for method in ("rasterize", "alignlabels")}
    runs = {method: run(method, polygons, image, output) for method, output in outputs.items()}
    other, own = runs["rasterize"], runs["alignlabels"]
    return [
        Bar("polygons_over_gdal_rasterize_time", own["seconds"] / other["seconds"], 1.0),
        Bar("polygons_over_gdal_rasterize_processor_time", own["processor"] / other["processor"], 1.0),
        Bar("polygons_memory_mb", own["megabytes"], 500),
        Bar("polygons_same_class_as_gdal_rasterize", agreement(*outputs.values()), 0.999, at_least=True),
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
    elif method == "rasterize":
        rasterize(labels, image, output)
    elif labels.endswith(".gpkg"):
        align(AlignmentRequest(image, output, polygons=labels, class_field="class"), SilentProgress())
    else:
        align(AlignmentRequest(image, output, labels=labels, least=0), SilentProgress())
    seconds, processor = time.perf_counter() - start, time.process_time()
    return {"seconds": seconds, "processor": processor, "megabytes": peak_megabytes()}


def rasterize(polygons: str, image: str, output: str) -> None:
    """Run gdal_rasterize on as fine a grid as the plugin looks at, and gdalwarp on what it makes."""
    gdal.UseExceptions()
    with open_raster(image) as raster:
        grid = raster.grid
    fine = grid.refined(SAMPLES)
    west, south, east, north = fine.bounds
    gdal.Rasterize(
        f"{output}.fine.tif",
        polygons,
        attribute="class",
        outputBounds=[west, south, east, north],
        width=fine.width,
        height=fine.height,
        outputType=gdal.GDT_Byte,
        noData=0,
        creationOptions=["TILED=YES", "COMPRESS=LZW", "BIGTIFF=YES", "NUM_THREADS=ALL_CPUS"],
    )
    warp(f"{output}.fine.tif", image, output)


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


def make_polygons(path: Path, side: int) -> Path:
    """Write four-sided fields of random classes without gaps, over `side` pixels of 10 m each way."""
    rng = np.random.default_rng(0)
    count = round(side / PARCEL)
    places = np.stack(np.meshgrid(*[np.linspace(0, side, count + 1)] * 2), axis=-1)
    places += rng.uniform(-0.3, 0.3, places.shape) * PARCEL
    corners = np.stack([places[:-1, :-1], places[:-1, 1:], places[1:, 1:], places[1:, :-1]], axis=2).reshape(-1, 4, 2)
    rings = tuple(Ring(tuple((600000.0 + 10 * x, 5000000.0 - 10 * y) for x, y in ring)) for ring in corners.tolist())
    classes = Column("class", FieldKind.INTEGER, tuple(rng.integers(1, CLASSES + 1, len(rings)).tolist()))
    write_polygons(str(path), PolygonLayer("fields", _crs(), rings, (classes,)))
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
