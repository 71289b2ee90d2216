# SPDX-License-Identifier: GPL-2.0-or-later
"""Rasters through rasterio, for training, servers and clusters. Never imported inside QGIS."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
import rasterio.warp
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import MaskFlags
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterioWindow

from ..errors import GridError, InputError, OutputError, RasterError
from ..progress import Progress
from .access import RasterReader, RasterWriter
from .model import Array, BandInfo, Colour, Grid, RasterSpec, Resampling, Window
from .sidecar import read_categories

_RESAMPLING = {method: rasterio.enums.Resampling[method.value] for method in Resampling}
# GDAL closes a truncated file with an error of its own class, outside rasterio's hierarchy.
_FAILURES = (RasterioError, rasterio._err.CPLE_BaseError, OSError)


def _reason(error: BaseException) -> str:
    cause = error.__cause__ or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else "no reason given"


def _grid(dataset: Any) -> Grid:
    wkt = dataset.crs.to_wkt() if dataset.crs else ""
    return Grid(dataset.width, dataset.height, dataset.transform.to_gdal(), wkt)


def _colours(dataset: Any) -> Mapping[int, Colour]:
    if dataset.count != 1:
        return {}
    try:
        return dict(dataset.colormap(1))
    except ValueError:
        return {}


class _ErrorLog(logging.Handler):
    """Remembers what GDAL signals as an error and rasterio only logs (1.4: as information, with these words)."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        message = record.getMessage()
        if record.levelno >= logging.ERROR or "signalled an error" in message:
            self.messages.append(message)


@contextlib.contextmanager
def _logged_errors() -> Iterator[list[str]]:
    """Collect errors that do not become exceptions: closing a file writes what GDAL kept, and a disk may be full."""
    log, logger = _ErrorLog(), logging.getLogger("rasterio._env")
    level = logger.level
    logger.addHandler(log)
    logger.setLevel(logging.INFO)
    try:
        with rasterio.Env():
            yield log.messages
    finally:
        logger.setLevel(level)
        logger.removeHandler(log)


class RasterioReader(RasterReader):
    """A `RasterReader` over a rasterio dataset."""

    def __init__(self, dataset: Any, path: str, grid: Grid | None = None, alpha: bool = False) -> None:
        self._dataset = dataset
        self._alpha = alpha
        self.path = path
        count = dataset.count - int(alpha)
        if count < 1:
            raise RasterError(f"{path} has no raster bands. If it is a container, give one of its layers.")
        self.grid = grid or _grid(dataset)
        names = [name or "" for name in dataset.descriptions]
        columns = zip(names, dataset.dtypes, dataset.nodatavals, dataset.scales, dataset.offsets)
        self.bands = tuple(BandInfo(*column) for column in columns)[:count]
        self.block_rows = int(dataset.block_shapes[0][0])
        self.tags: Mapping[str, str] = dataset.tags()
        self.colours = _colours(dataset)
        self.categories: Mapping[int, str] = read_categories(path)

    def _read(self, window: Window, numbers: Sequence[int]) -> Array:
        dtype = np.result_type(*(self.bands[number - 1].dtype for number in numbers))
        with self._reading(window):
            array: Array = self._dataset.read(numbers, window=_rasterio_window(window))
        return array.astype(dtype, copy=False)

    def _view(self, grid: Grid, resampling: Resampling, nodata: float | None, tolerance: float) -> RasterioReader:
        # Without any CRS the two share one plane; GDAL needs a name for it.
        plane = 'LOCAL_CS["plane",UNIT["metre",1]]'
        alpha = nodata is None and all(info.nodata is None for info in self.bands)
        undeclared = {} if nodata is None else {"src_nodata": nodata, "nodata": nodata, "UNIFIED_SRC_NODATA": "NO"}
        try:
            view = WarpedVRT(
                self._dataset,
                src_crs=self.grid.crs or plane,
                crs=grid.crs or plane,
                transform=Affine.from_gdal(*grid.transform),
                width=grid.width,
                height=grid.height,
                resampling=_RESAMPLING[resampling],
                add_alpha=alpha,
                tolerance=max(tolerance, 1e-6),
                **undeclared,
            )
        except _FAILURES as error:
            raise GridError(f"{self.path} cannot be brought onto the target grid: {_reason(error)}.") from error
        return RasterioReader(view, self.path, grid, alpha)

    def forget(self, band: int | None = None) -> None:
        """See `RasterReader.forget`; rasterio has no call for it, but a file that is opened again has read nothing."""
        if not isinstance(self._dataset, WarpedVRT):
            self._dataset.close()
            self._dataset = _open(self.path)

    def close(self) -> None:
        """See `RasterReader.close`."""
        self._dataset.close()

    def _has_mask(self, number: int) -> bool:
        if self._alpha:
            return True
        flags = self._dataset.mask_flag_enums[number - 1]
        return MaskFlags.per_dataset in flags or MaskFlags.alpha in flags

    def _read_mask(self, number: int, window: Window) -> Array:
        with self._reading(window):
            if self._alpha:
                mask: Array = self._dataset.read(self._dataset.count, window=_rasterio_window(window))
            else:
                mask = self._dataset.read_masks(number, window=_rasterio_window(window))
        return mask

    @contextlib.contextmanager
    def _reading(self, window: Window) -> Any:
        try:
            yield
        except _FAILURES as error:
            raise RasterError(
                f"{self.path} could not be read at row {window.row}; the file is damaged or truncated "
                f"({_reason(error)}). Copy or download it again."
            ) from error


class RasterioWriter(RasterWriter):
    """A `RasterWriter` over a rasterio GeoTIFF."""

    def __init__(self, dataset: Any, path: str, spec: RasterSpec) -> None:
        self._dataset = dataset
        self.path = path
        self.spec = spec

    def _write(self, array: Array, window: Window, numbers: Sequence[int]) -> None:
        try:
            self._dataset.write(array, indexes=numbers, window=_rasterio_window(window))
        except _FAILURES as error:
            raise self._error(error) from error

    def _finish(self) -> None:
        if self._dataset.closed:
            return
        try:
            with _logged_errors() as messages:
                self._dataset.close()
        except _FAILURES as error:
            raise self._error(error) from error
        if messages:
            raise self._error(OSError(messages[0]))

    def _abandon(self) -> None:
        with contextlib.suppress(*_FAILURES):
            self._dataset.close()

    def _error(self, error: BaseException) -> OutputError:
        return OutputError(f"{self.path} could not be written ({_reason(error)}). Check the free space on that disk.")


def _rasterio_window(window: Window) -> Any:
    return RasterioWindow(window.col, window.row, window.width, window.height)


def open_raster(path: str) -> RasterioReader:
    """See `core.raster.open_raster`."""
    return RasterioReader(_open(path), path)


def _open_quietly(*arguments: Any, **options: Any) -> Any:
    """Open a raster without a warning that it lies nowhere: who needs a CRS asks for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return rasterio.open(*arguments, **options)


def _open(path: str) -> Any:
    try:
        return _open_quietly(path)
    except _FAILURES as error:
        if not os.path.exists(path) and not path.startswith("/vsi") and ":" not in path[2:]:
            raise RasterError(f"There is no file {path}.") from error
        raise RasterError(f"{path} is not a raster that can be opened ({_reason(error)}).") from error


def create_raster(path: str, spec: RasterSpec) -> RasterioWriter:
    """See `core.raster.create_raster`."""
    try:
        dataset = _open_quietly(
            path,
            "w",
            driver="GTiff",
            width=spec.grid.width,
            height=spec.grid.height,
            count=len(spec.band_names),
            dtype=spec.dtype,
            crs=spec.grid.crs or None,
            transform=Affine.from_gdal(*spec.grid.transform),
            nodata=spec.nodata,
            **{key.lower(): value for key, value in spec.creation_options().items()},
        )
    except _FAILURES as error:
        raise OutputError(
            f"{path} could not be created ({_reason(error)}). Check the folder and its permissions."
        ) from error
    dataset.update_tags(**spec.tags)
    for number, name in enumerate(spec.band_names, start=1):
        dataset.set_band_description(number, name)
    if (spec.scale, spec.offset) != (1.0, 0.0):
        dataset.scales = (spec.scale,) * dataset.count
        dataset.offsets = (spec.offset,) * dataset.count
    if spec.colours:
        dataset.write_colormap(1, dict(spec.colours))
    return RasterioWriter(dataset, path, spec)


def convert_raster(source: str, target: str, driver: str, options: dict[str, str], progress: Progress) -> None:
    """See `core.raster.convert_raster`."""
    progress.check()
    with open_raster(source) as reader:
        try:
            rasterio.shutil.copy(reader._dataset, target, driver=driver, **options)
        except _FAILURES as error:
            raise OutputError(f"{target} could not be written ({_reason(error)}).") from error


def same_crs(first: str, second: str) -> bool:
    """See `core.raster.same_crs`."""
    return bool(CRS.from_wkt(first) == CRS.from_wkt(second))


def is_geographic(crs: str) -> bool:
    """See `core.raster.is_geographic`."""
    return bool(CRS.from_wkt(crs).is_geographic)


def crs_unit(crs: str) -> float:
    """See `core.raster.crs_unit`."""
    return float(CRS.from_wkt(crs).units_factor[1])


def crs_name(crs: str) -> str:
    """See `core.raster.crs_name`."""
    reference = CRS.from_wkt(crs)
    authority = reference.to_authority()
    return ":".join(authority) if authority else crs.split('"')[1]


def crs_from_authority(code: str) -> str:
    """See `core.raster.crs_from_authority`."""
    try:
        return str(CRS.from_user_input(code).to_wkt())
    except CRSError as error:
        raise InputError(
            f"There is no coordinate reference system '{code}'; give a code such as EPSG:32633."
        ) from error


def transformed(xy: NDArray[np.float64], source: str, target: str) -> NDArray[np.float64]:
    """See `core.raster.transformed`; rasterio gives all places up for one that fails, which is then looked for."""
    try:
        places = rasterio.warp.transform(CRS.from_wkt(source), CRS.from_wkt(target), xy[:, 0], xy[:, 1])
    except _FAILURES:
        if len(xy) == 1:
            return np.full((1, 2), np.inf)
        half = len(xy) // 2
        return np.concatenate([transformed(part, source, target) for part in (xy[:half], xy[half:])])
    return np.array(places, np.float64).T
