# SPDX-License-Identifier: GPL-2.0-or-later
"""A dataset of tiny photographs, made in code: blue water, green trees, yellow sand, as bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from s2landcover_plugin.core.tiling.dataset import BandStatistics, DatasetInfo, TileRecord

from .tiles import LEGEND, SIZE, labels_of, write_raster

COLOURS = {1: (30, 60, 160), 4: (40, 120, 50), 7: (220, 200, 120)}
ATTRIBUTION = "Tiles made in code, 2026"


def photograph(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return bytes in the colours of the classes, a little noisy, shape (3, rows, cols)."""
    table = np.zeros((256, 3))
    for value, colour in COLOURS.items():
        table[value] = colour
    noise = np.random.default_rng(seed).normal(0, 6, (*labels.shape, 3))
    return np.clip(table[labels] + noise, 1, 255).astype(np.uint8).transpose(2, 0, 1)


def make_byte_dataset(folder: Path, splits: tuple[str, ...]) -> None:
    """Write a dataset folder of bytes with one tile for each entry of `splits`."""
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    tiles = []
    for number, split in enumerate(splits):
        labels = labels_of(number)
        image = photograph(labels[0], number)
        write_raster(folder / "images" / f"t{number}.tif", image, ("1", "2", "3"), scale=1 / 255)
        write_raster(folder / "labels" / f"t{number}.tif", labels, ("class",))
        tiles.append(TileRecord(f"t{number}", split, f"{split}-{number}", "scene", 0, 0, 1.0))
    statistics = {band: BandStatistics(0.4, 0.25, 0.0, 1.0) for band in ("1", "2", "3")}
    info = DatasetInfo(
        ("1", "2", "3"), 0.5, SIZE, 0, LEGEND, {}, statistics, {}, tuple(tiles), False, ATTRIBUTION, "stored"
    )
    info.write(folder)
