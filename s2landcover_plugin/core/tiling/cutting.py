# SPDX-License-Identifier: GPL-2.0-or-later
"""One tile: read, padded if it must be, written, and summed up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..legend import NODATA
from ..radiometry import STORED_DTYPE, STORED_NODATA, STORED_SCALE, BoolArray
from ..raster import Array, RasterSpec, create_raster
from ..scene import LEVEL_TAG
from .plan import TilePlace, inside
from .source import TileSource
from .statistics import BandSums, sum_bands

IMAGES, LABELS = "images", "labels"


@dataclass(frozen=True)
class CutTile:
    """A tile that has been written.

    Attributes:
        id: file name without folder and ending.
        place: where it lies.
        valid_fraction: share of pixels that are valid in every band, above 0, up to 1.
        sums: by band.
        class_pixels: labelled pixels by class value; empty without labels.
    """

    id: str
    place: TilePlace
    valid_fraction: float
    sums: tuple[BandSums, ...]
    class_pixels: dict[int, int]

    def paths(self, folder: Path) -> tuple[Path, ...]:
        """Return where the tile's files are, or would be, in a dataset folder."""
        return tuple(folder / part / f"{self.id}.tif" for part in (IMAGES, LABELS))


def cut_tile(source: TileSource, place: TilePlace, folder: Path, min_valid: float) -> CutTile | None:
    """Write a tile into a dataset folder, unless too few of its pixels are valid.

    Labels are written where the image is valid only: a label without an image teaches nothing.

    Args:
        source: what to cut from.
        place: where to cut.
        folder: holds `images`, and `labels` if the source has labels.
        min_valid: share of valid pixels that a tile needs, 0-1; a tile without any is never written.

    Raises:
        RasterError: if the source is damaged.
        InputError: if a label is not a class value.
        OutputError: if the files cannot be written.
    """
    window = inside(place.window, source.grid)
    image, valid = source.read_image(window)
    valid_fraction = float(np.count_nonzero(valid)) / (place.window.width * place.window.height)
    if not valid_fraction or valid_fraction < min_valid:
        return None
    labels = source.read_labels(window)
    name = f"{source.name}_r{window.row:05d}_c{window.col:05d}"
    tile = CutTile(name, place, valid_fraction, sum_bands(image, valid), _count_classes(labels, valid))
    image_path, label_path = tile.paths(folder)
    _write_image(source, place, image_path, image)
    if labels is not None:
        _write_labels(source, place, label_path, np.where(valid, labels, NODATA).astype(np.uint8))
    return tile


def _count_classes(labels: ClassArray | None, valid: BoolArray) -> dict[int, int]:
    if labels is None:
        return {}
    counts = np.bincount(labels[valid], minlength=256).tolist()
    return {value: count for value, count in enumerate(counts) if count and value != NODATA}


def _write_image(source: TileSource, place: TilePlace, path: Path, image: NDArray[np.uint16]) -> None:
    level = source.scene.raster.tags.get(LEVEL_TAG)
    spec = RasterSpec(
        grid=source.grid.crop(place.window),
        dtype=STORED_DTYPE,
        band_names=source.bands,
        nodata=STORED_NODATA,
        scale=STORED_SCALE,
        tags={LEVEL_TAG: level} if level else {},
    )
    with create_raster(str(path), spec) as writer:
        writer.write(_padded(image, place))


def _write_labels(source: TileSource, place: TilePlace, path: Path, labels: ClassArray) -> None:
    colours = source.legend.colours if source.legend else {}
    grid = source.grid.crop(place.window)
    spec = RasterSpec(grid, "uint8", ("class",), nodata=NODATA, colours=colours)
    with create_raster(str(path), spec) as writer:
        writer.write(_padded(labels[np.newaxis], place))


def _padded(array: Array, place: TilePlace) -> Array:
    """Return an array of shape (bands, rows, cols) enlarged to a full tile, zeros (nodata) to the right and below."""
    below, right = place.window.height - array.shape[1], place.window.width - array.shape[2]
    return np.pad(array, ((0, 0), (0, below), (0, right))) if below or right else array
