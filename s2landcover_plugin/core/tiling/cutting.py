# SPDX-License-Identifier: GPL-2.0-or-later
"""One tile: summed up, padded if it must be, and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..class_raster import ClassArray
from ..datasets.tile_counts import TileCounts, count_tile
from ..legend import NODATA
from ..raster import Array, RasterSpec, Window, create_raster
from ..scene import LEVEL_TAG
from ..validity import Cover
from .source import SourceInfo, TilePixels
from .statistics import BandSums, sum_bands

IMAGES, LABELS = "images", "labels"

# Tiles are read as a whole: one block spares those of 300 pixels, say, the padding of four.
_BLOCK = 512


@dataclass(frozen=True)
class CutTile:
    """A tile, its pixels aside.

    Attributes:
        id: file name without folder and ending.
        source: index of the scene that it was cut from.
        window: its pixels, always a full tile; reaches beyond a scene that is smaller.
        valid_fraction: share of pixels that are valid in every band, 0-1.
        covers: share of pixels under each cover that is known, 0-1.
        class_pixels: labelled pixels by class value; empty without labels.
        sums: by band; empty if no pixel is valid.
        counts: what the check of the dataset wants to know; None if there is none.
    """

    id: str
    source: int
    window: Window
    valid_fraction: float
    covers: Mapping[Cover, float]
    class_pixels: Mapping[int, int]
    sums: tuple[BandSums, ...]
    counts: TileCounts | None = None

    @property
    def area(self) -> int:
        """Pixels."""
        return self.window.width * self.window.height

    def paths(self, folder: Path) -> tuple[Path, ...]:
        """Return where the tile's files are, or would be, in a dataset folder."""
        return tuple(folder / part / f"{self.id}.tif" for part in (IMAGES, LABELS))


def padded(pixels: TilePixels, window: Window) -> TilePixels:
    """Return pixels enlarged to a full tile: what it has beyond the scene, to the right and below, is nodata.

    Args:
        pixels: what the scene shows.
        window: the full tile.
    """
    below, right = window.height - pixels.valid.shape[0], window.width - pixels.valid.shape[1]
    if not below and not right:
        return pixels
    return TilePixels(
        _enlarged(pixels.image, below, right),
        _enlarged(pixels.valid, below, right),
        None if pixels.labels is None else _enlarged(pixels.labels, below, right),
        {cover: _enlarged(where, below, right) for cover, where in pixels.covers.items()},
    )


def _enlarged(array: Array, below: int, right: int) -> Array:
    return np.pad(array, [(0, 0)] * (array.ndim - 2) + [(0, below), (0, right)])


def summed_up(info: SourceInfo, source: int, window: Window, pixels: TilePixels, is_checked: bool = False) -> CutTile:
    """Return what is to be known of a tile.

    Args:
        info: the scene that it is cut from.
        source: the scene's index.
        window: where it was cut, a full tile.
        pixels: what the tile shows.
        is_checked: whether to count for the check of the dataset as well.
    """
    valid, area = int(np.count_nonzero(pixels.valid)), window.width * window.height
    return CutTile(
        id=f"{info.name}_r{window.row:05d}_c{window.col:05d}",
        source=source,
        window=window,
        valid_fraction=valid / area,
        covers={cover: np.count_nonzero(where) / area for cover, where in pixels.covers.items()},
        class_pixels=_count_classes(pixels.labels),
        sums=sum_bands(pixels.image, pixels.valid) if valid else (),
        counts=_counts(info, pixels) if is_checked else None,
    )


def _counts(info: SourceInfo, pixels: TilePixels) -> TileCounts:
    """Count a tile as it will be read: a number of its own tells where there is no data, if one does."""
    nodata, valid = info.storage.nodata, np.ones_like(pixels.valid)
    if nodata is not None:
        for plane in pixels.image:
            valid &= plane != nodata
    return count_tile(pixels.image, valid, pixels.labels, info.storage.bin)


def _count_classes(labels: ClassArray | None) -> dict[int, int]:
    if labels is None:
        return {}
    counts = np.bincount(labels.ravel(), minlength=256).tolist()
    return {value: count for value, count in enumerate(counts) if count and value != NODATA}


def write_tile(info: SourceInfo, tile: CutTile, pixels: TilePixels, folder: Path) -> None:
    """Write a tile into a dataset folder.

    Args:
        info: the scene that it was cut from.
        tile: the tile.
        pixels: what the tile shows.
        folder: holds `images`, and `labels` if there are labels.

    Raises:
        OutputError: if the files cannot be written.
    """
    image_path, label_path = tile.paths(folder)
    _write_image(info, tile.window, image_path, pixels.image)
    if pixels.labels is not None:
        _write_labels(info, tile.window, label_path, pixels.labels)


def _write_image(info: SourceInfo, window: Window, path: Path, image: Array) -> None:
    storage = info.storage
    spec = RasterSpec(
        grid=info.grid.crop(window),
        dtype=storage.dtype,
        band_names=info.bands,
        nodata=storage.nodata,
        scale=storage.scale,
        tags={LEVEL_TAG: info.level} if info.level else {},
        block=_BLOCK,
    )
    with create_raster(str(path), spec) as writer:
        writer.write(image)


def _write_labels(info: SourceInfo, window: Window, path: Path, labels: ClassArray) -> None:
    colours = info.legend.colours if info.legend else {}
    spec = RasterSpec(info.grid.crop(window), "uint8", ("class",), nodata=NODATA, colours=colours, block=_BLOCK)
    with create_raster(str(path), spec) as writer:
        writer.write(labels[np.newaxis])
