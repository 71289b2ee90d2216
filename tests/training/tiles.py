# SPDX-License-Identifier: GPL-2.0-or-later
"""Datasets of a few tiny tiles, made in code: three surfaces that any network can tell apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster
from s2landcover_plugin.core.tiling.dataset import BandStatistics, DatasetInfo, TileRecord, count_classes

BANDS = ("B02", "B03", "B04", "B08")
SIZE = 32
LEGEND = Legend(
    (
        LandCoverClass(1, "Water", "0000FF"),
        LandCoverClass(4, "Trees", "00FF00"),
        LandCoverClass(7, "Sand", "FFFF00", "Bright: dunes, [beaches], {all}"),
    )
)
SPECTRA = {0: (1, 1, 1, 1), 1: (500, 400, 300, 100), 4: (300, 500, 300, 3500), 7: (2000, 2500, 3000, 3500)}


def write_raster(path: Path, array: np.ndarray, names: tuple[str, ...], **options: float) -> None:
    """Write an array, shape (bands, rows, cols), as a GeoTIFF."""
    grid = Grid(array.shape[2], array.shape[1], (0.0, 10.0, 0.0, 0.0, 0.0, -10.0))
    with create_raster(str(path), RasterSpec(grid, array.dtype.name, names, **options)) as writer:
        writer.write(array)


def labels_of(seed: int) -> np.ndarray:
    """Return blocks of classes 1, 4, 7 and some unlabelled pixels, shape (1, SIZE, SIZE)."""
    rng = np.random.default_rng(seed)
    blocks = rng.choice([0, 1, 4, 7], p=[0.1, 0.3, 0.3, 0.3], size=(SIZE // 8, SIZE // 8))
    return np.kron(blocks, np.ones((8, 8)))[np.newaxis].astype(np.uint8)


def make_dataset(folder: Path, splits: tuple[str, ...], soft: bool = True) -> DatasetInfo:
    """Write a dataset folder with one tile for each entry of `splits`."""
    for kind in ("images", "labels", "probabilities"):
        (folder / kind).mkdir(parents=True)
    tiles = []
    for number, split in enumerate(splits):
        name = f"tile-{number}"
        labels = labels_of(number)
        spectra = np.zeros((256, 4), dtype=np.uint16)
        spectra[list(SPECTRA)] = list(SPECTRA.values())
        image = spectra[labels[0]].transpose(2, 0, 1)
        one_hot = np.stack([(labels[0] == value) * 255 for value in LEGEND.values]).astype(np.uint8)
        write_raster(folder / "images" / f"{name}.tif", image, BANDS, nodata=0, scale=0.0001)
        write_raster(folder / "labels" / f"{name}.tif", labels, ("class",))
        if soft:
            write_raster(folder / "probabilities" / f"{name}.tif", one_hot, ("water", "trees", "sand"))
        shares = {value: float((labels == value).mean()) for value in LEGEND.values}
        tiles.append(TileRecord(name, split, f"{split}-{number}", "scene", 0, 0, 1.0, class_fractions=shares))
    statistics = {band: BandStatistics(0.15, 0.12, 0.0, 0.35) for band in BANDS}
    pixels = count_classes(tiles, LEGEND, SIZE)
    info = DatasetInfo(BANDS, 10.0, SIZE, 0, LEGEND, pixels, statistics, {}, tuple(tiles), soft)
    info.write(folder)
    return info


def quick_options(folder: Path) -> list[str]:
    """Return options that make `fit` and `test` quick, quiet, and write below `folder`."""
    values = {
        "data.batch_size": "4",
        "data.workers": "0",
        "model.network.width": "8",
        "model.optimiser.learning_rate": "0.02",
        "trainer.accelerator": "cpu",
        "trainer.precision": "32-true",
        "trainer.enable_progress_bar": "false",
        "trainer.enable_model_summary": "false",
        "trainer.logger.init_args.save_dir": str(folder),
        "trainer.logger.init_args.name": "run",
        "trainer.callbacks": "null",
    }
    return [part for name, value in values.items() for part in (f"--{name}", value)]
