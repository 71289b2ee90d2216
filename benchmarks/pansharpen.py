# SPDX-License-Identifier: GPL-2.0-or-later
"""Pansharpening: what a product costs in time and memory beside plain cubic stacking with GDAL.

A made-up product of all 13 bands, as wide as a Sentinel-2 tile, with fields and noise so that a pixel takes as many
bits as in a real one. By default it is 2196 rows high, a fifth of a tile, in GeoTIFFs, which takes a few minutes with
`make bench NAME=pansharpen`. A whole tile, as it is delivered:

    python -m benchmarks.pansharpen --rows 10980 --jp2 --cog

Everything writes GeoTIFFs with the same options, each run in a process of its own. GDAL is measured with one thread,
and as someone in a hurry would call it: all cores decode and compress. The bar is set by the faster of the two.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal

from benchmarks._bars import Bar
from benchmarks._processes import peak_megabytes
from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.errors import Cancelled
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, RasterSpec, Window, convert_raster, create_raster, crs_from_authority
from s2landcover_plugin.core.sharpening.pansharpen import pansharpen
from s2landcover_plugin.core.sharpening.request import PansharpenRequest

ENVIRONMENT = "qgis"

WIDTH = 10980
HEIGHT = 2196
ROWS = 360
JP2_TILES = {10: 1024, 20: 640, 60: 192}  # as ESA delivers them, by GSD
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


class SteadyProgress(SilentProgress):
    """A listener that remembers its longest wait and the largest step."""

    def __init__(self) -> None:
        self.wait = self.step = self._last = 0.0
        self._moment = time.perf_counter()

    def fraction(self, value: float) -> None:
        """Look at the clock."""
        now = time.perf_counter()
        self.wait, self.step = max(self.wait, now - self._moment), max(self.step, value - self._last)
        self._moment, self._last = now, value


@dataclass(frozen=True)
class Run:
    """What one run cost.

    Attributes:
        seconds: wall time.
        cpu_seconds: of all cores together.
        megabytes: peak memory of its process.
        wait: longest time without progress, seconds.
        step: largest step of progress, percent.
    """

    seconds: float
    cpu_seconds: float
    megabytes: float
    wait: float
    step: float

    @property
    def cores(self) -> float:
        """How many cores were busy on average."""
        return self.cpu_seconds / self.seconds


def main() -> None:
    """Measure everything and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=HEIGHT, help="of the product at 10 m, a multiple of 6")
    parser.add_argument("--jp2", action="store_true", help="make JPEG 2000 files, lossless, in tiles as delivered")
    parser.add_argument("--cog", action="store_true", help="measure the making of a COG, too")
    parser.add_argument("--run", nargs=3, metavar=("METHOD", "INPUT", "OUTPUT"), help="(internal) one run")
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(asdict(measured(*arguments.run))))
        return
    with tempfile.TemporaryDirectory() as name:
        product, results = Path(name) / "product", Path(name) / "results"
        product.mkdir(), results.mkdir()
        make_product(product, arguments.rows, arguments.jp2)
        describe(product, arguments.rows)
        methods = ["gdal", "gdal_threads", "none", "regression", *(["regression_cog"] if arguments.cog else [])]
        runs = {method: separate_run(method, product, results) for method in methods}
        bars = [*costs(runs), *cancelling(product, results, runs["regression"].seconds)]
    print(*bars, sep="\n")


def describe(product: Path, height: int) -> None:
    """Print what is measured, and on what."""
    size = sum(path.stat().st_size for path in product.iterdir())
    pixels = sum(WIDTH * height / (info.gsd // 10) ** 2 for info in BANDS.values())
    print(
        f"{len(BANDS)} bands, {WIDTH} x {height} pixels of 10 m, {size / 1e6:.0f} MB ({8 * size / pixels:.1f} bits a "
        f"pixel), {os.cpu_count()} cores"
    )


def separate_run(method: str, product: Path, results: Path) -> Run:
    """Make the stack in a process of its own, print what it cost, and delete the result."""
    output = results / f"{method}.tif"
    command = [sys.executable, "-m", "benchmarks.pansharpen", "--run", method, str(product), str(output)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
    run = Run(**json.loads(answer))
    print(
        f"  {method:<14} {run.seconds:7.1f} s, {run.cpu_seconds:7.1f} s of all cores, {run.megabytes:6.0f} MB at most, "
        f"{output.stat().st_size / 1e6:6.0f} MB written",
        flush=True,
    )
    output.unlink()
    return run


def costs(runs: dict[str, Run]) -> Iterator[Bar]:
    """Compare the times with GDAL's, and look at memory, cores and progress."""
    regression = runs["regression"]
    fastest = min(runs["gdal"].seconds, runs["gdal_threads"].seconds)
    yield Bar("regression_over_gdal_cubic", regression.seconds / fastest, 2.5)
    yield Bar("regression_over_single_threaded_gdal", regression.seconds / runs["gdal"].seconds, 2.5)
    # On a machine that does other work as well, the processor's time says more than the clock.
    yield Bar("regression_over_gdal_cubic_cpu", regression.cpu_seconds / runs["gdal"].cpu_seconds, 2.5)
    yield Bar("regression_memory_mb", max(run.megabytes for name, run in runs.items() if "regression" in name), 1500)
    yield Bar("regression_cores_busy", regression.cores, 0.75 * (os.cpu_count() or 1), at_least=True)
    yield Bar("largest_step_of_progress_percent", 100 * regression.step, 5)
    yield Bar("longest_wait_for_progress_percent", 100 * regression.wait / regression.seconds, 5)
    if "regression_cog" in runs:
        yield Bar("cog_over_geotiff", runs["regression_cog"].seconds / regression.seconds, 1.5)


def cancelling(product: Path, results: Path, whole: float) -> Iterator[Bar]:
    """Cancel at several moments; see how long the answer takes and what is left."""
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


def measured(method: str, product: str, output: str) -> Run:
    """Make the stack; return what it cost (Linux)."""
    progress = SteadyProgress()
    start = time.perf_counter()
    if method.startswith("gdal"):
        stack_with_gdal(Path(product), output, "ALL_CPUS" if method == "gdal_threads" else "1")
    else:
        name, _, cog = method.partition("_")
        request = PansharpenRequest((product,), output, method=name, file_format="COG" if cog else "GeoTIFF")
        pansharpen(request, progress)
    seconds = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak_megabytes(), progress.wait, progress.step)


def stack_with_gdal(product: Path, output: str, threads: str) -> None:
    """Stack all bands on the 10 m grid by cubic convolution, with the creation options that the plugin uses."""
    gdal.UseExceptions()
    gdal.SetConfigOption("GDAL_NUM_THREADS", threads)
    paths = [str(band_file(product, band)) for band in BANDS]
    mosaic = gdal.BuildVRT(
        "", paths, separate=True, resolution="highest", resampleAlg="cubic", srcNodata=0, VRTNodata=0
    )
    options = {**spec(mosaic.RasterYSize, 1, tuple(BANDS)).creation_options(), "NUM_THREADS": threads}
    gdal.Translate(output, mosaic, creationOptions=[f"{key}={value}" for key, value in options.items()])


def band_file(product: Path, band: str) -> Path:
    """Return the file of a band."""
    return next(path for path in product.glob(f"{band}.*") if path.suffix in (".tif", ".jp2"))


def spec(height: int, factor: int, names: tuple[str, ...]) -> RasterSpec:
    """Return what a raster of the product looks like, pixels `factor` times 10 m."""
    pixel = 10.0 * factor
    crs = crs_from_authority("EPSG:32633")
    grid = Grid(WIDTH // factor, height // factor, (600000.0, pixel, 0.0, 5000000.0, 0.0, -pixel), crs)
    return RasterSpec(grid, "uint16", names, nodata=0)


def make_product(folder: Path, height: int, jp2: bool) -> None:
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
        if jp2:
            make_jp2(folder / f"{band}.tif", JP2_TILES[info.gsd])


def make_jp2(path: Path, tile: int) -> None:
    """Replace a GeoTIFF by a JPEG 2000 file that loses nothing."""
    options = {"QUALITY": "100", "REVERSIBLE": "YES", "BLOCKXSIZE": str(tile), "BLOCKYSIZE": str(tile)}
    convert_raster(str(path), str(path.with_suffix(".jp2")), "JP2OpenJPEG", options)
    path.with_suffix(".jp2.aux.xml").unlink(missing_ok=True)
    path.unlink()


def taken(mean: NDArray[np.float32], window: Window, factor: int, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Return a window of a band, digital numbers: the fields that its pixels lie in, and noise."""
    rows = (np.arange(window.row, window.row + window.height) * factor) // FIELD
    cols = (np.arange(window.width) * factor) // FIELD
    noise = rng.standard_normal((window.height, window.width), dtype=np.float32) * np.float32(NOISE)
    return np.maximum(mean[rows[:, None], cols] + noise, 1).astype(np.uint16)


if __name__ == "__main__":
    main()
