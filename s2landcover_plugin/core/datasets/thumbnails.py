# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiles as small pictures: the image, its labels, and both together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..bands import BANDS
from ..errors import RasterError
from ..legend import NODATA, Legend
from ..raster import open_raster
from ..tiling.cutting import IMAGES, LABELS
from ..tiling.dataset import SPLITS, DatasetInfo, TileRecord
from ..tiling.storage import STORED
from .inspection import Inspection

Picture = NDArray[np.uint8]

_SIDE = 112  # largest side of a picture, pixels
_GAP = 4
_SHOWN = {"train": 6, "validation": 3, "test": 3}
_TRUE_COLOUR = ("B04", "B03", "B02")
_CLIPPED = (0.02, 0.98)  # shares of pixels that are shown as black, and as white above
_OVERLAY = 0.45
_UNLABELLED = (236, 236, 236)


@dataclass(frozen=True)
class Thumbnail:
    """A tile as a picture: the image, and where there are labels, these and both together, side by side.

    Attributes:
        tile: the tile.
        picture: shape (rows, cols, 3).
    """

    tile: TileRecord
    picture: Picture


def thumbnails(inspection: Inspection) -> tuple[Thumbnail, ...]:
    """Return pictures of some tiles of each split; tiles that cannot be read are passed over."""
    info, found = inspection.info, []
    low, high = _limits(inspection)
    for split in SPLITS:
        for tile in _chosen(info.split(split), _SHOWN[split]):
            try:
                found.append(Thumbnail(tile, _side_by_side(inspection.folder, info, tile, low, high)))
            except RasterError:
                continue
    return tuple(found)


def _chosen(tiles: Sequence[TileRecord], most: int) -> list[TileRecord]:
    """Return tiles that are spread evenly over those with the most classes first: they show most."""
    ranked = sorted(tiles, key=lambda tile: (-len(tile.class_fractions), tile.id))[: max(most, len(tiles) // 2)]
    places = np.linspace(0, len(ranked) - 1, min(most, len(ranked))).astype(int)
    return [ranked[place] for place in places]


def shown_bands(bands: Sequence[str], values: str) -> list[int]:
    """Return the positions of the bands that are shown as red, green and blue.

    Args:
        bands: ids, as in a dataset or a model's contract.
        values: what images hold, see `core.tiling.storage`.
    """
    if values == STORED or not set(bands) <= set(BANDS):
        return [min(position, len(bands) - 1) for position in range(3)]
    if all(band in bands for band in _TRUE_COLOUR):
        return [bands.index(band) for band in _TRUE_COLOUR]
    order = sorted(range(len(bands)), key=lambda index: -BANDS[bands[index]].wavelength)
    return (order * 3)[:3] if len(bands) < 3 else order[:3]


def _limits(inspection: Inspection) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the stored numbers that are shown as black and as white, by band shown."""
    info = inspection.info
    shown = shown_bands(info.bands, info.values)
    if info.values == STORED:  # made to be looked at
        return np.zeros(3), np.full(3, 255.0)
    histogram = sum(figures.histogram for figures in inspection.splits.values())
    shares = np.cumsum(histogram, axis=1) / np.maximum(np.sum(histogram, axis=1, keepdims=True), 1)
    low, high = ((shares < share).sum(axis=1) * float(info.storage.bin) for share in _CLIPPED)
    return low[shown], np.maximum(high + info.storage.bin, low + 2 * info.storage.bin)[shown]


def _side_by_side(
    folder: Path, info: DatasetInfo, tile: TileRecord, low: NDArray[np.float64], high: NDArray[np.float64]
) -> Picture:
    step = -(-info.tile_size // _SIDE)
    with open_raster(str(folder / IMAGES / f"{tile.id}.tif")) as raster:
        numbers = [index + 1 for index in shown_bands(info.bands, info.values)]
        stored = raster.read(bands=numbers)[:, ::step, ::step]
    scaled = np.clip((stored.transpose(1, 2, 0) - low) / (high - low), 0, 1)
    # Reflectance is brightened as cameras do it; photographs are so already.
    image: Picture = np.rint(255 * (scaled if info.values == STORED else np.sqrt(scaled))).astype(np.uint8)
    if info.legend is None:
        return image
    with open_raster(str(folder / LABELS / f"{tile.id}.tif")) as raster:
        values = raster.read()[0, ::step, ::step]
    labels = _colours(info.legend)[values]
    mixed = np.rint((1 - _OVERLAY) * image + _OVERLAY * labels).astype(np.uint8)
    overlay = np.where((values == NODATA)[..., np.newaxis], image, mixed)
    gap = np.full((len(image), _GAP, 3), 255, dtype=np.uint8)
    return np.hstack([image, gap, labels, gap, overlay])


def _colours(legend: Legend) -> Picture:
    """Return red, green and blue by class value, shape (256, 3)."""
    table = np.full((256, 3), _UNLABELLED, dtype=np.uint8)
    for value, colour in legend.colours.items():
        table[value] = colour[:3]
    return table
