# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiling: how long it takes beside a plain read and write of the same bytes.

A made-up stack of 13 bands of uint16 reflectance, as `pansharpen` writes it, and labels. The plain way reads the stack
in bands of rows and writes it as one GeoTIFF with the same compression; each run in a process of its own. Besides the
time on the clock, the time of all processor cores is compared, which other work on the machine changes little. Run it
with `make bench NAME=tile`; `--full` for the size of a whole Sentinel-2 tile.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._bars import Bar
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, RasterSpec, Window, create_raster, crs_from_authority, open_raster
from s2landcover_plugin.core.tiling.request import SplitOptions, TileRequest, paired
from s2landcover_plugin.core.tiling.tiles import write_dataset

ENVIRONMENT = "qgis"

FULL, REDUCED = 10980, 4096
BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
ROWS = 512
LARGEST_RATIO = 1.5
SHAPES = {"256": (256, 0), "300": (300, 0), "512": (512, 0), "1000": (1000, 0), "256_96": (256, 96)}


def main() -> None:
    """Measure everything and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL} x {FULL} pixels, not {REDUCED} x {REDUCED}")
    parser.add_argument("--shapes", nargs="+", choices=list(SHAPES), default=["256", "512"])
    parser.add_argument("--run", nargs=2, metavar=("WHAT", "FOLDER"), help="(internal) one run")
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(seconds(arguments.run[0], Path(arguments.run[1]))))
        return
    with tempfile.TemporaryDirectory() as name:
        for bar in compared(Path(name), FULL if arguments.full else REDUCED, arguments.shapes):
            print(bar, flush=True)


def compared(folder: Path, size: int, shapes: list[str]) -> list[Bar]:
    """Return a bar for each shape of tiles, without and with the check of the dataset that follows."""
    make_inputs(folder, size)
    plain = measured("copy", folder)
    print(f"plain read and write: {plain} ({size} x {size} x {len(BANDS)})", flush=True)
    bars = []
    for shape in shapes:
        for kind in ("cut", "checked"):
            took = measured(f"{kind}:{shape}", folder)
            factor = written(size, *SHAPES[shape])
            print(f"{kind} {shape}: {took}", flush=True)
            name = f"tile_{kind}_{shape}"
            bars.append(Bar(name, took.clock / (plain.clock * factor), LARGEST_RATIO))
            bars.append(Bar(f"{name}_processor", took.processor / (plain.processor * factor), LARGEST_RATIO))
    return bars


def written(size: int, tile: int, overlap: int) -> float:
    """Return the pixels that tiles hold over those of the stack: the plain way would write as many.

    Tiles overlap as asked, and at the far edges, where they are shifted inwards.
    """
    along = math.ceil((size - overlap) / (tile - overlap))
    return (along * tile / size) ** 2


@dataclass(frozen=True)
class Seconds:
    """What a run took: on the clock, and of all processor cores."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:.1f} s, {self.processor:.1f} s of processor time"


def measured(what: str, folder: Path) -> Seconds:
    """Return what one run takes in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.tile", "--run", what, str(folder)]
    return Seconds(*json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def seconds(what: str, folder: Path) -> tuple[float, float]:
    """Do one thing and return the seconds that it took, on the clock and of the processor."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        clock, processor = time.perf_counter(), time.process_time()
        if what == "copy":
            copy(folder / "stack.tif", Path(name) / "copy.tif")
        else:
            cut(what, folder, Path(name) / "dataset")
        return time.perf_counter() - clock, time.process_time() - processor


def cut(what: str, folder: Path, target: Path) -> None:
    """Make a dataset; all in one part, so that no tile is deleted for overlapping another part."""
    kind, _, shape = what.partition(":")
    scenes = paired((str(folder / "stack.tif"),), (str(folder / "labels.tif"),))
    split = SplitOptions(validation=0, test=0)
    request = TileRequest(scenes, str(target), *SHAPES[shape], split=split, is_checked=kind == "checked")
    write_dataset(request, SilentProgress())


def copy(source: Path, target: Path) -> None:
    """Read a raster in bands of rows and write it again with the same compression."""
    with open_raster(str(source)) as reader, create_raster(str(target), stack_spec(reader.grid)) as writer:
        for row in range(0, reader.grid.height, ROWS):
            window = Window(0, row, reader.grid.width, min(ROWS, reader.grid.height - row))
            writer.write(reader.read(window), window)


def make_inputs(folder: Path, size: int) -> None:
    """Write the stack and the labels: fields of a few dozen pixels, with noise as sensors have it."""
    grid = Grid(size, size, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), crs_from_authority("EPSG:32633"))
    random = np.random.default_rng(0)
    labels = create_raster(str(folder / "labels.tif"), RasterSpec(grid, "uint8", ("class",), nodata=0))
    with create_raster(str(folder / "stack.tif"), stack_spec(grid)) as stack, labels:
        for row in range(0, size, ROWS):
            window = Window(0, row, size, min(ROWS, size - row))
            fields = random.integers(1, 10, (-(-window.height // 30), -(-size // 30)), dtype=np.uint8)
            values = fields.repeat(30, axis=0).repeat(30, axis=1)[: window.height, :size]
            labels.write(values[np.newaxis], window)
            stack.write(_reflectance(values, random), window)


def _reflectance(values: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint16]:
    noise = random.normal(0, 60, values.shape).astype(np.float32)
    planes = [(300 * (1 + (values * (3 + band)) % 11) + noise * (1 + band % 3)) for band in range(len(BANDS))]
    return np.clip(np.stack(planes), 1, 20000).astype(np.uint16)


def stack_spec(grid: Grid) -> RasterSpec:
    """Return how the stack is written."""
    return RasterSpec(grid, "uint16", BANDS, nodata=0, scale=0.0001)


if __name__ == "__main__":
    main()
