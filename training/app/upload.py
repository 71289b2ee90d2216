# SPDX-License-Identifier: GPL-2.0-or-later
"""An uploaded image through the plugin's own classification: no PyTorch, no QGIS."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from rasterio.crs import CRS

from s2landcover_plugin.core.classification.engine import classify
from s2landcover_plugin.core.classification.request import ClassificationRequest, MapPaths
from s2landcover_plugin.core.datasets.thumbnails import shown_bands
from s2landcover_plugin.core.errors import GridError, RasterError
from s2landcover_plugin.core.legend import NODATA, Legend
from s2landcover_plugin.core.models.bundled import read_contract
from s2landcover_plugin.core.models.contract import ModelContract
from s2landcover_plugin.core.progress import Progress
from s2landcover_plugin.core.raster import Array, BandInfo, Grid, RasterSpec, create_raster, open_raster
from s2landcover_plugin.core.scene import match_bands
from s2landcover_plugin.core.tiling.storage import STORED

Picture = NDArray[np.uint8]
"""Red, green, blue, shape (rows, cols, 3)."""

LARGEST = 4096
"""Largest side of an image that a page is for, pixels."""

_SHOWN = 1024  # largest side of a picture on the page, pixels
_PHOTOGRAPHS = (".png", ".jpg", ".jpeg", ".bmp", ".webp")


@dataclass(frozen=True, eq=False)
class Trial:
    """What a model made of an image.

    Attributes:
        image: the image in natural colours, thinned out to a size for pages.
        classes: class values, uint8, as many rows and columns as the image.
        shares: share of the pixels with a class, by class value, 0-1; over the whole image.
        legend: the classes.
        notes: what had to be assumed or doubted.
    """

    image: Picture
    classes: Picture
    shares: Mapping[int, float]
    legend: Legend
    notes: tuple[str, ...]

    def overlay(self, opacity: float) -> Picture:
        """Return the image with the classes' colours over it; pixels without a class stay as they are.

        Args:
            opacity: of the colours, 0-1.
        """
        table = np.zeros((256, 3), dtype=np.float32)
        for item in self.legend:
            table[item.value] = item.rgba[:3]
        share = np.where(self.classes == NODATA, 0.0, opacity)[..., np.newaxis].astype(np.float32)
        return np.asarray(np.rint(self.image * (1 - share) + table[self.classes] * share), dtype=np.uint8)


class Listener(Progress):
    """Keeps what a classification has to say."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def fraction(self, value: float) -> None:
        """Pass over it: the page shows that it is busy."""

    def info(self, message: str) -> None:
        """Pass over what is only of interest in a log."""

    def warning(self, message: str) -> None:
        """Keep."""
        self.notes.append(message)

    def check(self) -> None:
        """Never cancel."""


def try_model(upload: Path, model: Path, folder: Path) -> Trial:
    """Return what a model makes of an uploaded image.

    Args:
        upload: a GeoTIFF with the model's bands, or a PNG, JPEG, … for a model that takes bytes.
        model: the ONNX file.
        folder: for temporary files.

    Raises:
        LandCoverError: if the image or the model cannot be used.
    """
    contract, listener = read_contract(model), Listener()
    raster, output = _as_raster(upload, contract, folder), folder / "map" / "classes.tif"
    result = classify(ClassificationRequest(str(raster), str(model), MapPaths(str(output))), listener)
    with open_raster(str(output)) as reader:
        classes = reader.read()[0]
    step = math.ceil(max(classes.shape) / _SHOWN)
    counts = result.class_pixels
    total = max(sum(counts.values()), 1)
    return Trial(
        image=_picture(raster, contract, step),
        classes=np.ascontiguousarray(classes[::step, ::step]),
        shares={value: number / total for value, number in counts.items()},
        legend=contract.legend,
        notes=tuple(listener.notes),
    )


def _as_raster(upload: Path, contract: ModelContract, folder: Path) -> Path:
    """Return a raster that says where it lies: the upload itself, or a copy at the origin of a made-up map."""
    copy = folder / f"{upload.stem}.tif"
    if upload.suffix.lower() in _PHOTOGRAPHS:
        return _located(_photograph(upload), [BandInfo(name, "uint8") for name in "123"], contract, copy)
    with open_raster(str(upload)) as reader:
        _check_size(reader.grid.width, reader.grid.height)
        if reader.grid.crs:
            return upload
        bands = reader.bands
        # What a file says of scale and nodata is kept where all its bands agree.
        agree = len({(band.nodata, band.scale, band.offset) for band in bands}) == 1
        return _located(reader.read(), bands if agree else _named(bands), contract, copy)


def _named(bands: Sequence[BandInfo]) -> tuple[BandInfo, ...]:
    return tuple(BandInfo(band.name, band.dtype) for band in bands)


def _photograph(upload: Path) -> Array:
    """Return red, green and blue, shape (3, rows, cols).

    Raises:
        RasterError: if it is no image.
    """
    try:
        with Image.open(upload) as image:
            _check_size(*image.size)
            return np.asarray(image.convert("RGB")).transpose(2, 0, 1)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise RasterError(f"{upload.name} is not an image that can be read ({error}).") from error


def _check_size(width: int, height: int) -> None:
    if max(width, height) > LARGEST:
        raise GridError(
            f"The image has {width} x {height} pixels, and this page is for {LARGEST} x {LARGEST} at most; cut out a "
            "part, or classify it in QGIS."
        )


def _located(array: Array, bands: Sequence[BandInfo], contract: ModelContract, path: Path) -> Path:
    """Write an array, shape (bands, rows, cols), as a raster at the origin of a map."""
    size, first = contract.gsd, bands[0]
    grid = Grid(array.shape[2], array.shape[1], (0.0, size, 0.0, 0.0, 0.0, -size), CRS.from_epsg(3857).to_wkt())
    names = tuple(band.name for band in bands)
    spec = RasterSpec(grid, array.dtype.name, names, first.nodata, first.scale, first.offset)
    with create_raster(str(path), spec) as writer:
        writer.write(array)
    return path


def _picture(raster: Path, contract: ModelContract, step: int) -> Picture:
    """Return an image for the eye: red, green and blue where the model has them, else other bands."""
    with open_raster(str(raster)) as reader:
        numbers, _ = match_bands(reader, contract.bands)
        shown = [numbers[position] for position in shown_bands(contract.bands, contract.values)]
        stored = reader.read(bands=shown)[:, ::step, ::step]
    if contract.values == STORED and stored.dtype == np.uint8:
        return np.ascontiguousarray(stored.transpose(1, 2, 0))
    low, high = np.nanpercentile(stored, (2, 98), axis=(1, 2), keepdims=True)
    scaled = np.clip((stored - low) / np.maximum(high - low, 1e-6), 0, 1)
    return np.asarray(np.rint(255 * np.nan_to_num(np.sqrt(scaled))).transpose(1, 2, 0), dtype=np.uint8)
