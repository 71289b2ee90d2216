# SPDX-License-Identifier: GPL-2.0-or-later
"""What tiles are cut from: an image as it is to be stored, labels on the same grid, and a mask of cloud."""

from __future__ import annotations

import contextlib
import datetime
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..class_raster import ClassArray
from ..errors import GridError, InputError
from ..legend import NODATA, Legend
from ..pixel_size import pixel_metres
from ..progress import Progress
from ..radiometry import STORED_DTYPE, STORED_SCALE, BoolArray, Radiometry, to_stored
from ..raster import Grid, RasterReader, Window, crs_name, open_raster
from ..scene import LEVEL_TAG, Scene, radiometry_of
from ..validity import Cover, CoverMask, ValidityOptions, kind_of, usable
from .image_bands import chosen_bands
from .label_reader import LabelReader, open_labels
from .request import SceneFiles, TileRequest
from .storage import REFLECTANCE, STORAGES, STORED, Storage

_NAMELESS = "image"


@dataclass(frozen=True)
class SourceInfo:
    """What is known of an image when it is closed again.

    Attributes:
        name: what its tiles are named after.
        path: the image.
        bands: Sentinel-2 ids, or `1`, `2`, … of stored values.
        grid: where its pixels lie; of an image that lies nowhere, in metres from its upper left corner, without a CRS.
        gsd: ground sampling distance in metres, at the middle of the scene.
        date: day on which it was taken, such as `2020-07-31`; empty if its name does not say.
        level: `L1C`, `L2A`, or empty if it does not say.
        legend: the classes as a class table or its labels themselves name them, or None.
        labels: name of the label raster's file, or None.
        mask: name of the mask's file, or None.
        values: what its numbers are, see `core.tiling.storage`.
    """

    name: str
    path: str
    bands: tuple[str, ...]
    grid: Grid
    gsd: float
    date: str
    level: str
    legend: Legend | None
    labels: str | None
    mask: str | None
    values: str = REFLECTANCE

    @property
    def storage(self) -> Storage:
        """How its tiles are stored."""
        return STORAGES[self.values]

    def describe(self) -> dict[str, Any]:
        """Return what `DatasetInfo.sources` holds."""
        files = {"image": Path(self.path).name, "labels": self.labels, "mask": self.mask}
        place = {"crs": crs_name(self.grid.crs) if self.grid.crs else None, "transform": list(self.grid.transform)}
        size = {"width": self.grid.width, "height": self.grid.height}
        return {**files, "date": self.date, "level": self.level or None, **place, **size}


@dataclass(frozen=True)
class TilePixels:
    """What a source shows in a window.

    Attributes:
        image: numbers as they are stored, shape (bands, rows, cols), 0 where a band has no data.
        valid: where all bands have data, shape (rows, cols).
        labels: class values, shape (rows, cols), 0 where there is no label or the ground does not show; None without
            labels.
        covers: where each cover lies that the mask knows, shape (rows, cols); empty without a mask.
    """

    image: NDArray[np.uint16] | NDArray[np.uint8]
    valid: BoolArray
    labels: ClassArray | None
    covers: Mapping[Cover, BoolArray]


@dataclass(frozen=True)
class TileSource:
    """An open image, with or without labels and a mask.

    Attributes:
        info: what is known of it.
        scene: the image, with the bands of the dataset.
        labels: on the image's grid, or None.
        mask: where cloud is, or None.
        unlabelled: which pixels lose their label.
    """

    info: SourceInfo
    scene: Scene
    labels: LabelReader | None = None
    mask: CoverMask | None = None
    unlabelled: ValidityOptions = field(default_factory=ValidityOptions)

    def read(self, window: Window) -> TilePixels:
        """Return what lies in a window inside the grid.

        Labels are kept where the image is valid only: a label without an image teaches nothing.

        Raises:
            RasterError: if a raster is damaged.
            InputError: if a label is not a class value.
        """
        around = self.info.grid.around(window, self.unlabelled.reach)
        image, valid = self._read_image(around)
        covers = self.mask.covers(around) if self.mask else {}
        labels = self.labels.read(window) if self.labels else None
        crop = np.s_[..., window.row - around.row :, window.col - around.col :]
        size = np.s_[..., : window.height, : window.width]
        if labels is not None:
            shown = usable(image, valid, covers, self.unlabelled)
            labels = np.where(shown[crop][size], labels, np.uint8(NODATA))
        found = {cover: where[crop][size] for cover, where in covers.items()}
        return TilePixels(image[crop][size], valid[crop][size], labels, found)

    def _read_image(self, window: Window) -> tuple[NDArray[np.uint16] | NDArray[np.uint8], BoolArray]:
        if self.info.values == STORED:
            return self._read_bytes(window)
        numbers, valid = self.scene.read(window)
        if self.scene.dtype == STORED_DTYPE and set(self.scene.radiometry) == {Radiometry(STORED_SCALE)}:
            # Already as it is to be written; a valid zero is kept apart from nodata as `to_stored` does it.
            return np.asarray(np.maximum(numbers, 1) * valid, dtype=np.uint16), valid
        return to_stored(self.scene.to_reflectance(numbers), valid), valid

    def _read_bytes(self, window: Window) -> tuple[NDArray[np.uint8], BoolArray]:
        # Not by way of the scene, to which zeros in all bands are no data: in a photograph, they are black.
        numbers, known = self.scene.raster.read_masked(window, self.scene.numbers)
        valid: BoolArray = np.logical_and.reduce(known, axis=0)
        return np.asarray(numbers * valid, dtype=np.uint8), valid


@contextlib.contextmanager
def open_source(
    files: SceneFiles, name: str, wanted: Sequence[str], request: TileRequest, progress: Progress
) -> Iterator[TileSource]:
    """Open an image, and its labels and mask if it has them.

    Args:
        files: what to open.
        name: what to call it.
        wanted: the bands, in order; empty for all that it has.
        request: says what bands and values are, and how labels and masks are read.
        progress: hears what had to be assumed.

    Raises:
        RasterError: if a raster cannot be opened.
        BandError: if nothing says which band is which, or one is missing.
        GridError: if there is neither CRS nor pixel size, or labels and image do not lie on the same grid.
        InputError: if the labels are not a class raster, or a mask is needed and cannot be told, or bytes are none.
    """
    with contextlib.ExitStack() as stack:
        raster = stack.enter_context(open_raster(files.image))
        grid = _grid_of(raster, request.gsd)
        bands, numbers = chosen_bands(raster, request.values, request.band_order, wanted, progress)
        labels = stack.enter_context(open_labels(files.labels, raster, request.recoding)) if files.labels else None
        mask = _open_mask(files, raster, request, stack)
        info = SourceInfo(
            name=name,
            path=files.image,
            bands=bands,
            grid=grid,
            gsd=_gsd(grid),
            date=date_in(files.image),
            level=raster.tags.get(LEVEL_TAG, ""),
            legend=labels.legend if labels else None,
            labels=Path(files.labels).name if files.labels else None,
            mask=Path(mask.path).name if mask else None,
            values=request.values,
        )
        meanings = () if request.values == STORED else radiometry_of(raster, numbers, progress)
        scene = Scene(raster, numbers, meanings)
        yield TileSource(info, scene, labels, mask, request.mask.unlabelled)


def _open_mask(
    files: SceneFiles, image: RasterReader, request: TileRequest, stack: contextlib.ExitStack
) -> CoverMask | None:
    needed = {cover for cover, share in request.filters.max_covers.items() if share < 1}
    needed.update(request.mask.unlabelled.covers)
    raster = stack.enter_context(open_raster(files.mask)) if files.mask else image
    found = kind_of(raster)
    if files.mask and request.mask.kind is not None:
        found = (1, request.mask.kind)
    if found is None and not files.mask and not needed:
        return None
    if found is None:
        raise InputError(
            f"Nothing says what kind of cloud mask {raster.path} is; give a mask, and its kind where neither file nor "
            "band is called SCL, QA60 or cloud probability."
        )
    mask = CoverMask(raster, image.grid, *found, request.mask.threshold)
    lacking = sorted(cover.value for cover in needed - mask.known)
    if lacking:
        raise InputError(
            f"{raster.path} is a mask of the kind {mask.kind.value.upper()}, which does not tell {', '.join(lacking)}; "
            "only the scene classification (SCL) does. Leave these limits out, or give that."
        )
    return mask


def _grid_of(raster: RasterReader, gsd: float) -> Grid:
    """Return where an image lies; one without a CRS lies on a plane of its own.

    Raises:
        GridError: if it has no CRS, and nobody says how large its pixels are.
    """
    grid = raster.grid
    if grid.crs:
        return grid
    if not gsd:
        raise GridError(
            f"{raster.path} has no coordinate reference system; assign the right one first (Raster > Projections > "
            "Assign Projection), or give the size of its pixels in metres if it is a picture that lies nowhere."
        )
    return Grid(grid.width, grid.height, (0.0, gsd, 0.0, 0.0, 0.0, -gsd))


def _gsd(grid: Grid) -> float:
    width, height = pixel_metres(grid)
    return round(math.sqrt(width * height), 3)


def date_in(path: str) -> str:
    """Return the first day of this century that a file's name holds as eight digits, as ISO 8601; empty without one."""
    for match in re.finditer(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)", Path(path).stem):
        with contextlib.suppress(ValueError):
            return datetime.date(*map(int, match.groups())).isoformat()
    return ""


def source_names(paths: Sequence[str]) -> list[str]:
    """Return a name of its own for each file."""
    names: list[str] = []
    for path in paths:
        name = base = source_name(path)
        number = 1
        while name in names:
            number += 1
            name = f"{base}_{number}"
        names.append(name)
    return names


def source_name(path: str) -> str:
    """Return a name that a file's tiles can be called after: letters, digits, hyphens and underscores of any script."""
    return re.sub(r"[^\w-]+", "_", Path(path).stem).strip("_") or _NAMELESS
