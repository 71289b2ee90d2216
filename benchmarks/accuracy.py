# SPDX-License-Identifier: GPL-2.0-or-later
"""Accuracy: what comparing two rasters costs beside merely reading them, and its counting beside common ways to count.

Two made-up class rasters of a Sentinel-2 tile's size, compressed and tiled as the plugin writes them. Run it with
`make bench NAME=accuracy`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._bars import Bar
from benchmarks._processes import peak_megabytes
from s2landcover_plugin.core.accuracy.assessment import AssessmentRequest, assess
from s2landcover_plugin.core.accuracy.blocks import BlockPairs
from s2landcover_plugin.core.class_raster import class_windows
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, RasterSpec, Window, create_raster, crs_from_authority, open_raster

ENVIRONMENT = "training"

SIZE = 10980
CLASSES = 9
PATCH = 20  # side of a patch of one class, pixels
ROWS = 512
REPEATS = 3
COUNT_PIXELS = 1 << 24
COUNT_WIDTH = 1 << 12
BLOCK = 100


def main() -> None:
    """Measure everything and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peak-of", nargs=2, metavar=("MAP", "REFERENCE"), help="(internal) print the peak memory")
    arguments = parser.parse_args()
    if arguments.peak_of:
        assess(AssessmentRequest(*arguments.peak_of), SilentProgress())
        print(peak_megabytes())
        return
    with tempfile.TemporaryDirectory() as name:
        paths = [make_raster(Path(name) / f"{role}.tif", seed) for seed, role in enumerate(("map", "reference"))]
        shifted = make_raster(Path(name) / "shifted.tif", 1, shift=3.0)
        bars = [*streaming(paths), memory("memory_mb", paths), memory("memory_other_grid_mb", [paths[0], shifted])]
    print(*bars, *counting(), sep="\n")


def make_raster(path: Path, seed: int, shift: float = 0.0) -> str:
    """Write patches of random classes with a tenth of the pixels scattered; `shift` moves it, metres."""
    grid = Grid(SIZE, SIZE, (600000.0 + shift, 10.0, 0.0, 5000000.0, 0.0, -10.0), crs_from_authority("EPSG:32633"))
    rng = np.random.default_rng(seed)
    with create_raster(str(path), RasterSpec(grid, "uint8", ("class",), nodata=0)) as writer:
        for row in range(0, SIZE, ROWS):
            shape = (min(ROWS, SIZE - row), SIZE)
            writer.write(_patches(rng, shape)[np.newaxis], Window(0, row, shape[1], shape[0]))
    return str(path)


def _patches(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.uint8]:
    coarse = rng.integers(1, CLASSES + 1, [side // PATCH + 1 for side in shape], dtype=np.uint8)
    classes = coarse.repeat(PATCH, axis=0).repeat(PATCH, axis=1)[: shape[0], : shape[1]]
    scattered = rng.random(shape, dtype=np.float32) < 0.1
    return np.where(scattered, rng.integers(0, CLASSES + 1, shape, dtype=np.uint8), classes)


def streaming(paths: list[str]) -> list[Bar]:
    """Compare the whole assessment, with and without checksums, with reading both rasters."""
    reading, bare, whole = best(
        lambda: read_all(paths),
        lambda: assess(AssessmentRequest(*paths, checksums=False), SilentProgress()),
        lambda: assess(AssessmentRequest(*paths), SilentProgress()),
    )
    size = sum(Path(path).stat().st_size for path in paths) / 1e6
    print(f"two rasters of {SIZE} x {SIZE}, {size:.0f} MB on disk")
    for name, seconds in (("reading", reading), ("assessing", bare), ("with checksums", whole)):
        print(f"  {name:<17} {seconds:6.2f} s  {2 * SIZE * SIZE / seconds / 1e6:6.0f} Mpx/s")
    return [Bar("time_over_reading", whole / reading, 2.0)]


def read_all(paths: list[str]) -> None:
    """Read rasters in bands of rows and do nothing with them."""
    for path in paths:
        with open_raster(path) as raster:
            for row in range(0, SIZE, ROWS):
                raster.read(Window(0, row, SIZE, min(ROWS, SIZE - row)))


def memory(name: str, paths: list[str]) -> Bar:
    """Measure the peak memory of an assessment in a process of its own, MB."""
    command = [sys.executable, "-m", "benchmarks.accuracy", "--peak-of", *paths]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Bar(name, float(output), 500.0)


def counting() -> list[Bar]:
    """Compare the counting, block by block, with ways to count without blocks; all are given the same arrays."""
    rng = np.random.default_rng(5)
    first, second = (_patches(rng, (COUNT_PIXELS // COUNT_WIDTH, COUNT_WIDTH)) for _ in range(2))
    others = rivals(first.ravel(), second.ravel())
    own, *theirs = best(lambda: count_blocks(first, second), *others.values())
    print(f"counting {COUNT_PIXELS / 1e6:.1f} Mpx in memory, here by blocks of {BLOCK} x {BLOCK} pixels")
    for name, seconds in zip(("here", *others), (own, *theirs)):
        print(f"  {name:<17} {seconds:6.2f} s  {COUNT_PIXELS / seconds / 1e6:6.0f} Mpx/s")
    return [Bar(f"counting_over_{name}", own / seconds, 1.0) for name, seconds in zip(others, theirs)]


def count_blocks(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> None:
    """Count as an assessment does: in windows, by blocks."""
    grid = Grid(first.shape[1], first.shape[0], (0.0, 10.0, 0.0, 0.0, 0.0, -10.0))
    blocks = BlockPairs(grid, BLOCK)
    for window in class_windows(grid):
        blocks.add(window, first[window.rows, window.cols], second[window.rows, window.cols])
    blocks.table()


def rivals(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> dict[str, Callable[[], object]]:
    """Return other ways to count: numpy's unique pairs, one large bincount, and scikit-learn's if it is installed."""

    def unique() -> object:
        return np.unique(first.astype(np.uint16) * 256 + second, return_counts=True)

    def bincount() -> object:
        return np.bincount(first.astype(np.int64) * 256 + second, minlength=65536)

    found: dict[str, Callable[[], object]] = {"unique": unique, "bincount": bincount}
    try:
        from sklearn.metrics import confusion_matrix
    except ImportError:
        print("scikit-learn is not installed here and is left out (python -m pip install scikit-learn)")
    else:
        found["sklearn"] = lambda: confusion_matrix(first, second)
    return found


def best(*works: Callable[[], object]) -> list[float]:
    """Return the shortest of a few runs of each, seconds; in turns, so that a busy moment hits all of them alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(REPEATS):
        for work, taken in zip(works, times):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return [min(taken) for taken in times]


if __name__ == "__main__":
    main()
