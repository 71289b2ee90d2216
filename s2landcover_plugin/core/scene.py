# SPDX-License-Identifier: GPL-2.0-or-later
"""A raster as a model sees it: the bands it wants, in the order it wants them, as reflectance, with one mask."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .bands import identify_bands
from .errors import BandError
from .models.contract import ModelContract
from .models.contract_checks import positions
from .pixel_size import gsd_doubt, resampled
from .progress import Progress
from .radiometry import BoolArray, FloatArray, Radiometry, assumed_radiometry
from .raster import Array, Grid, RasterReader, Window, open_raster

LEVEL_TAG = "S2LC_LEVEL"
"""Raster tag that holds the product level, `L1C` or `L2A`."""

_SAMPLE_WINDOWS, _SAMPLE_SIZE = 4, 128  # a side, and pixels
_LARGEST_BYTE = 255
_DARK = 0.02  # reflectance that the brightest per cent of any Sentinel-2 scene exceeds


@dataclass(frozen=True)
class Scene:
    """An open raster, matched to a model.

    Attributes:
        raster: the open raster.
        numbers: numbers (from 1) of the raster's bands, in the model's order.
        radiometry: what each of those bands' numbers mean.
    """

    raster: RasterReader
    numbers: tuple[int, ...]
    radiometry: tuple[Radiometry, ...]

    @property
    def grid(self) -> Grid:
        """Where the pixels lie."""
        return self.raster.grid

    @property
    def pixel_bytes(self) -> int:
        """Bytes that a pixel's stored numbers take, all bands together."""
        return len(self.numbers) * self.dtype.itemsize

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The type of the numbers that `read` returns."""
        return np.result_type(*(self.raster.bands[number - 1].dtype for number in self.numbers))

    def read(self, window: Window) -> tuple[Array, BoolArray]:
        """Return stored numbers, shape (bands, rows, cols), and where all bands are valid, shape (rows, cols).

        Where the raster declares no nodata value, pixels that are zero in every band are taken as having none: no
        ground is black in all of them, and rasters padded with zeros are common.

        Raises:
            RasterError: if the file is damaged.
        """
        stored, valid = self.raster.read_masked(window, self.numbers)
        everywhere: BoolArray = np.logical_and.reduce(valid, axis=0)
        if self.is_zero_nodata:
            everywhere &= stored.any(axis=0)
        return stored, everywhere

    @property
    def is_zero_nodata(self) -> bool:
        """Whether zero in every band means no data: no band declares a nodata value, and there are several."""
        undeclared = all(self.raster.bands[number - 1].nodata is None for number in self.numbers)
        return undeclared and len(self.numbers) > 1

    def to_reflectance(self, stored: Array, out: FloatArray | None = None) -> FloatArray:
        """Return reflectance, 0-1, of stored numbers of shape (bands, rows, cols); in `out` if given."""
        reflectance: FloatArray = np.empty(stored.shape, np.float32) if out is None else out
        for plane, numbers, relation in zip(reflectance, stored, self.radiometry):
            relation.to_reflectance(numbers, out=plane)
        return reflectance


@contextlib.contextmanager
def open_scene(
    path: str, contract: ModelContract, band_order: Sequence[str], progress: Progress, resample: bool = False
) -> Iterator[Scene]:
    """Open a raster for a model, and say what had to be assumed.

    Args:
        path: the raster.
        contract: the model's.
        band_order: Sentinel-2 id of each band of the raster, for one whose bands are not named; may be empty.
        progress: hears assumptions and doubts.
        resample: bring a raster with other pixels than the model's to the model's pixel size, instead of warning.

    Raises:
        RasterError: if the raster cannot be opened.
        GridError: if it has no CRS, or is to be resampled and rotated.
        BandError: if it lacks a band of the model, or does not say which band is which.
    """
    with open_raster(path) as opened:
        opened.check_crs()
        stored = contract.values == "stored"
        # Undeclared padding must not be blended with the ground; in byte images, a zero in one band is common.
        raster = resampled(opened, contract.gsd, None if stored else 0.0) if resample else opened
        numbers, doubt = match_bands(raster, contract.bands, band_order)
        for warning in (doubt, level_doubt(raster, contract), gsd_doubt(raster.grid, contract.gsd)):
            if warning:
                progress.warning(warning)
        meanings = _as_stored(raster, numbers, progress) if stored else radiometry_of(raster, numbers, progress)
        scene = Scene(raster, numbers, meanings)
        if scene.is_zero_nodata:
            progress.info("The raster declares no nodata value; pixels that are 0 in every band are taken as no data.")
        yield scene


def match_bands(
    raster: RasterReader, wanted: Sequence[str], band_order: Sequence[str] = ()
) -> tuple[tuple[int, ...], str]:
    """Find the bands that a model wants.

    Args:
        raster: the raster; its band descriptions name the bands.
        wanted: Sentinel-2 ids, in the model's order; or `1`, `2`, … for the first bands.
        band_order: ids of the raster's bands, in the raster's order; overrides the descriptions.

    Returns:
        Band numbers (from 1) in the model's order, and a warning, empty where there is nothing to doubt.

    Raises:
        BandError: if a band is missing or ambiguous, or nothing says which band is which.
    """
    count = len(raster.bands)
    if wanted == positions(len(wanted)):
        return _first_bands(raster, len(wanted), band_order), ""
    ids = identify_bands(raster, band_order, wanted)
    if any(ids):
        return _numbers_by_name(raster.path, ids, wanted), ""
    if count == len(wanted):
        return tuple(range(1, count + 1)), (
            f"The bands of {raster.path} are not named; they are taken in the model's order: {', '.join(wanted)}."
        )
    raise BandError(
        f"{raster.path} has {count} band(s) without names, and the model needs {len(wanted)}: {', '.join(wanted)}. "
        "Give the band order, or name the bands."
    )


def _numbers_by_name(path: str, ids: Sequence[str | None], wanted: Sequence[str]) -> tuple[int, ...]:
    missing = [band for band in wanted if band not in ids]
    if missing:
        present = ", ".join(band for band in ids if band)
        raise BandError(
            f"{path} lacks {', '.join(missing)}, which the model needs; it has {present}. "
            "Make a stack with all of the model's bands, or give the band order if the names are wrong."
        )
    return tuple(ids.index(band) + 1 for band in wanted)


def _first_bands(raster: RasterReader, count: int, band_order: Sequence[str]) -> tuple[int, ...]:
    if band_order:
        raise BandError(
            "The model takes a raster's first bands as they come, whatever they are; leave the order empty."
        )
    if len(raster.bands) < count:
        raise BandError(
            f"{raster.path} has {len(raster.bands)} band(s), and the model takes the first {count}; give a raster with "
            "these bands in the order that the model was trained with."
        )
    return tuple(range(1, count + 1))


def level_doubt(raster: RasterReader, contract: ModelContract) -> str:
    """Return a warning if the raster says that it is of a level the model was not trained for, else nothing."""
    level = raster.tags.get(LEVEL_TAG, "")
    if not level or level in contract.levels:
        return ""
    return (
        f"{raster.path} is {level}, and the model '{contract.name}' was trained for {' and '.join(contract.levels)}; "
        "expect a worse map."
    )


def radiometry_of(raster: RasterReader, numbers: Sequence[int], progress: Progress) -> tuple[Radiometry, ...]:
    """Return what the numbers of these bands (counted from 1) mean, and say what had to be assumed."""
    infos = [raster.bands[number - 1] for number in numbers]
    silent = [number for number, info in zip(numbers, infos) if not info.declares_scale]
    largest = _large_value(raster, silent) if silent else math.nan
    found = [assumed_radiometry(info, largest) for info in infos]
    for message in sorted({message for _, message in found if message}):
        progress.info(message)
    brightest = max((largest * relation.scale for relation, message in found if message), default=math.nan)
    if brightest < _DARK:
        progress.warning(
            f"The brightest pixels then have a reflectance of only {brightest:.2g}; if these are no reflectances x "
            "10000, scale the raster first."
        )
    return tuple(relation for relation, _ in found)


def _as_stored(raster: RasterReader, numbers: Sequence[int], progress: Progress) -> tuple[Radiometry, ...]:
    """Return relations that leave numbers as they are, for models made for byte images; warn if they are no bytes."""
    largest = _large_value(raster, numbers)
    if largest > _LARGEST_BYTE:
        progress.warning(
            f"The model takes numbers as they are stored, as a rule bytes from 0 to 255, and these reach {largest:g}; "
            "stretch the raster to bytes as in the images that the model was trained with "
            "(Raster > Conversion > Translate, type Byte)."
        )
    return (Radiometry(1.0),) * len(numbers)


def _large_value(raster: RasterReader, numbers: Sequence[int]) -> float:
    """Return the 99th percentile of the valid stored numbers in a sample of the raster; NaN if none is valid."""
    sample = []
    for window in _sample_windows(raster.grid):
        stored, valid = raster.read_masked(window, numbers)
        sample.append(stored[valid])
    values = np.concatenate(sample)
    return float(np.percentile(values, 99)) if values.size else math.nan


def _sample_windows(grid: Grid) -> list[Window]:
    width, height = min(grid.width, _SAMPLE_SIZE), min(grid.height, _SAMPLE_SIZE)
    cols = np.unique(np.linspace(0, grid.width - width, _SAMPLE_WINDOWS).astype(int))
    rows = np.unique(np.linspace(0, grid.height - height, _SAMPLE_WINDOWS).astype(int))
    return [Window(int(col), int(row), width, height) for row in rows for col in cols]
