# SPDX-License-Identifier: GPL-2.0-or-later
"""Pansharpening: what a product costs in time and memory beside plain cubic stacking with GDAL.

A made-up product of all 13 bands, as wide as a Sentinel-2 tile, with fields, texture and noise so that it compresses
like a real one. By default it is 2196 pixels high, a fifth of a tile; `--height 10980` makes a whole one. Both write
GeoTIFFs with the same options, each run in a process of its own. Run it with `make bench NAME=pansharpen`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal

from benchmarks._bars import Bar
from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.errors import Cancelled
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, RasterSpec, Window, create_raster, crs_from_authority
from s2landcover_plugin.core.sharpening.pansharpen import PansharpenRequest, pansharpen

ENVIRONMENT = "qgis"

WIDTH = 10980
HEIGHT = 2196
ROWS = 360
FIELD = 24  # side of a field, pixels of 10 m
NOISE = 15.0  # standard deviation, reflectance x 10000
CANCEL_AFTER = (0.1, 0.4, 0.7)  # shares of a whole run


class ImpatientProgress(SilentProgress):
    """A listener that asks to stop after a while."""

    def __init__(self, seconds: float) -> None:
        self.moment = time.perf_counter() + seconds

    def check(self) -> None:
        """Raise `Cancelled` when the time has come."""
        if time.perf_counter() > self.moment:
            raise Cancelled


def main() -> None:
    """Measure everything and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--height", type=int, default=HEIGHT, help="of the product at 10 m, a multiple of 6")
    parser.add_argument("--run", nargs=3, metavar=("METHOD", "INPUT", "OUTPUT"), help="(internal) one run")
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(measured(*arguments.run)))
        return
    with tempfile.TemporaryDirectory() as name:
        product, results = Path(name) / "product", Path(name) / "results"
        product.mkdir(), results.mkdir()
        make_product(product, arguments.height)
        size = sum(path.stat().st_size for path in product.iterdir()) / 1e6
        print(f"{len(BANDS)} bands, {WIDTH} x {arguments.height} pixels of 10 m, {size:.0f} MB, {os.cpu_count()} cores")
        bars = [*costs(product, results), *cancelling(product, results)]
    print(*bars, sep="\n")


def costs(product: Path, results: Path) -> Iterator[Bar]:
    """Compare the time of every method with GDAL's, and look at the memory."""
    seconds = {}
    for method in ("gdal", "none", "regression"):
        output = results / f"{method}.tif"
        command = [sys.executable, "-m", "benchmarks.pansharpen", "--run", method, str(product), str(output)]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        seconds[method] = answer["seconds"]
        size = output.stat().st_size / 1e6
        output.unlink()
        print(
            f"  {method:<11} {answer['seconds']:7.1f} s  {answer['megabytes']:6.0f} MB at most  {size:6.0f} MB written"
        )
        if method == "regression":
            yield Bar("regression_memory_mb", answer["megabytes"], 1500)
    yield Bar("regression_over_gdal_cubic", seconds["regression"] / seconds["gdal"], 2.5)


def cancelling(product: Path, results: Path) -> Iterator[Bar]:
    """Cancel at several moments; see how long the answer takes and what is left."""
    start = time.perf_counter()
    pansharpen(PansharpenRequest((str(product),), str(results / "whole.tif")), SilentProgress())
    whole = time.perf_counter() - start
    (results / "whole.tif").unlink()
    answers = []
    for share in CANCEL_AFTER:
        progress = ImpatientProgress(share * whole)
        with contextlib.suppress(Cancelled):
            pansharpen(PansharpenRequest((str(product),), str(results / "cancelled.tif")), progress)
            raise SystemExit("A run that was to be cancelled came to its end; nothing was measured.")
        answers.append(time.perf_counter() - progress.moment)
    print(f"  cancelled after {', '.join(f'{answer:.2f}' for answer in answers)} s")
    yield Bar("cancel_answer_s", max(answers), 2.0)
    yield Bar("files_left_by_cancelling", len(list(results.iterdir())), 0)


def measured(method: str, product: str, output: str) -> dict[str, float]:
    """Make the stack; return the seconds it took and the peak memory of this process (Linux)."""
    start = time.perf_counter()
    if method == "gdal":
        stack_with_gdal(Path(product), output)
    else:
        pansharpen(PansharpenRequest((product,), output, method=method), SilentProgress())
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    return {"seconds": seconds, "megabytes": peak / 1024}


def stack_with_gdal(product: Path, output: str) -> None:
    """Stack all bands on the 10 m grid by cubic convolution, with the creation options that the plugin uses."""
    gdal.UseExceptions()
    paths = [str(product / f"{band}.tif") for band in BANDS]
    mosaic = gdal.BuildVRT(
        "", paths, separate=True, resolution="highest", resampleAlg="cubic", srcNodata=0, VRTNodata=0
    )
    options = [f"{key}={value}" for key, value in spec(mosaic.RasterYSize, 1, tuple(BANDS)).creation_options().items()]
    gdal.Translate(output, mosaic, creationOptions=options)


def spec(height: int, factor: int, names: tuple[str, ...]) -> RasterSpec:
    """Return what a raster of the product looks like, pixels `factor` times 10 m."""
    pixel = 10.0 * factor
    crs = crs_from_authority("EPSG:32633")
    grid = Grid(WIDTH // factor, height // factor, (600000.0, pixel, 0.0, 5000000.0, 0.0, -pixel), crs)
    return RasterSpec(grid, "uint16", names, nodata=0)


def make_product(folder: Path, height: int) -> None:
    """Write one file a band: fields whose reflectance differs from band to band, with noise."""
    rng = np.random.default_rng(0)
    fields = rng.random((4, height // FIELD + 1, WIDTH // FIELD + 1), dtype=np.float32)
    for band, info in BANDS.items():
        factor = info.gsd // 10
        described = spec(height, factor, (band,))
        mean = np.tensordot(rng.random(4, dtype=np.float32), fields, axes=1) * 1500 + 300
        with create_raster(str(folder / f"{band}.tif"), described) as writer:
            for row in range(0, described.grid.height, ROWS):
                rows = min(ROWS, described.grid.height - row)
                window = Window(0, row, described.grid.width, rows)
                writer.write(taken(mean, window, factor, rng)[None], window)


def taken(mean: NDArray[np.float32], window: Window, factor: int, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Return a window of a band, digital numbers: the fields that its pixels lie in, and noise."""
    rows = (np.arange(window.row, window.row + window.height) * factor) // FIELD
    cols = (np.arange(window.width) * factor) // FIELD
    noise = rng.standard_normal((window.height, window.width), dtype=np.float32) * np.float32(NOISE)
    return np.maximum(mean[rows[:, None], cols] + noise, 1).astype(np.uint16)


if __name__ == "__main__":
    main()
