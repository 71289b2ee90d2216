# SPDX-License-Identifier: GPL-2.0-or-later
"""Rasters through QGIS's own GDAL (`osgeo.gdal`).

GDAL's Python exceptions are a setting of the whole process, which belongs to QGIS: nothing here turns them on or off,
and both kinds of failure (None, or RuntimeError) are handled.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal, gdal_array, osr

from ..errors import Cancelled, GridError, InputError, OutputError, RasterError
from ..progress import Progress
from .access import RasterReader, RasterWriter
from .model import Array, BandInfo, Colour, Grid, RasterSpec, Resampling, Window
from .sidecar import read_categories

_CONVERTING_CACHE = 256_000_000  # bytes; a row of 512 px tiles of 13 bands takes 150 MB

_RESAMPLING = {
    Resampling.NEAREST: gdal.GRA_NearestNeighbour,
    Resampling.BILINEAR: gdal.GRA_Bilinear,
    Resampling.CUBIC: gdal.GRA_Cubic,
    Resampling.AVERAGE: gdal.GRA_Average,
    Resampling.MODE: gdal.GRA_Mode,
}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep GDAL from printing what is raised as an exception anyway."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        yield
    finally:
        gdal.PopErrorHandler()


def _reason() -> str:
    return gdal.GetLastErrorMsg().strip() or "no reason given"


def _mapping(dataset: Any) -> Mapping[int, Colour]:
    table = dataset.GetRasterBand(1).GetColorTable() if dataset.RasterCount == 1 else None
    if table is None:
        return {}
    return {value: table.GetColorEntry(value) for value in range(table.GetCount())}


def _band_info(band: Any) -> BandInfo:
    dtype = np.dtype(gdal_array.GDALTypeCodeToNumericTypeCode(band.DataType)).name
    scale, offset = band.GetScale(), band.GetOffset()
    return BandInfo(
        name=band.GetDescription(),
        dtype=dtype,
        nodata=band.GetNoDataValue(),
        scale=1.0 if scale is None else scale,
        offset=0.0 if offset is None else offset,
    )


class GdalReader(RasterReader):
    """A `RasterReader` over an `osgeo.gdal` dataset."""

    def __init__(self, dataset: Any, path: str, grid: Grid | None = None, alpha: bool = False) -> None:
        self._dataset = dataset
        self._alpha = alpha
        self.path = path
        count = dataset.RasterCount - int(alpha)
        if count < 1:
            raise RasterError(f"{path} has no raster bands. If it is a container, give one of its layers.")
        wkt = dataset.GetProjection()
        self.grid = grid or Grid(dataset.RasterXSize, dataset.RasterYSize, tuple(dataset.GetGeoTransform()), wkt)
        self.bands = tuple(_band_info(dataset.GetRasterBand(i + 1)) for i in range(count))
        self.block_rows = int(dataset.GetRasterBand(1).GetBlockSize()[1])
        self.tags: Mapping[str, str] = dataset.GetMetadata() or {}
        self.colours = _mapping(dataset)
        self.categories: Mapping[int, str] = read_categories(path)

    def _read(self, window: Window, numbers: Sequence[int]) -> Array:
        dtype = np.result_type(*(self.bands[number - 1].dtype for number in numbers))
        out = np.empty((len(numbers), window.height, window.width), dtype=dtype)
        for plane, number in zip(out, numbers):
            self._read_pixels(self._dataset.GetRasterBand(number), window, plane)
        return out

    def _view(self, grid: Grid, resampling: Resampling, nodata: float | None, tolerance: float) -> GdalReader:
        corners = [grid.xy(0, 0), grid.xy(grid.width, grid.height)]
        alpha = nodata is None and all(info.nodata is None for info in self.bands)
        with _quiet():
            try:
                view = gdal.Warp(
                    "",
                    self._dataset,
                    format="VRT",
                    srcSRS=self.grid.crs or None,
                    dstSRS=grid.crs or None,
                    outputBounds=[corners[0][0], corners[1][1], corners[1][0], corners[0][1]],
                    width=grid.width,
                    height=grid.height,
                    resampleAlg=_RESAMPLING[resampling],
                    dstAlpha=alpha,
                    srcNodata=nodata,
                    dstNodata=nodata,
                    warpOptions=[] if nodata is None else ["UNIFIED_SRC_NODATA=NO"],
                    errorThreshold=tolerance,
                    overviewLevel="NONE",  # overviews may hold means, which are no classes
                )
            except RuntimeError:
                view = None
        if view is None:
            raise GridError(f"{self.path} cannot be brought onto the target grid: {_reason()}.")
        return GdalReader(view, self.path, grid, alpha)

    def forget(self, band: int | None = None) -> None:
        """See `RasterReader.forget`."""
        with _quiet(), contextlib.suppress(RuntimeError):
            (self._dataset if band is None else self._dataset.GetRasterBand(band)).FlushCache()

    def close(self) -> None:
        """See `RasterReader.close`."""
        self._dataset = None

    def _has_mask(self, number: int) -> bool:
        if self._alpha:
            return True
        flags = self._dataset.GetRasterBand(number).GetMaskFlags()
        return bool(flags & (gdal.GMF_PER_DATASET | gdal.GMF_ALPHA))

    def _read_mask(self, number: int, window: Window) -> Array:
        if self._alpha:
            band = self._dataset.GetRasterBand(self._dataset.RasterCount)
        else:
            band = self._dataset.GetRasterBand(number).GetMaskBand()
        out = np.empty((window.height, window.width), dtype=np.uint8)
        self._read_pixels(band, window, out)
        return out

    def _read_pixels(self, band: Any, window: Window, out: Array) -> None:
        with _quiet():
            try:
                result = band.ReadAsArray(window.col, window.row, window.width, window.height, buf_obj=out)
            except RuntimeError:
                result = None
            reason = _reason() if result is None else ""
        if result is None:
            raise RasterError(
                f"{self.path} could not be read at row {window.row}; the file is damaged or truncated ({reason}). "
                "Copy or download it again."
            )


class GdalWriter(RasterWriter):
    """A `RasterWriter` over an `osgeo.gdal` GeoTIFF."""

    def __init__(self, dataset: Any, path: str, spec: RasterSpec) -> None:
        self._dataset = dataset
        self.path = path
        self.spec = spec

    def _write(self, array: Array, window: Window, numbers: Sequence[int]) -> None:
        with _quiet():
            for plane, number in zip(array, numbers):
                try:
                    failed = self._dataset.GetRasterBand(number).WriteArray(plane, window.col, window.row)
                except RuntimeError:
                    failed = 1
                if failed:
                    raise self._error()

    def flush(self) -> None:
        """See `RasterWriter.flush`."""
        gdal.ErrorReset()
        with _quiet():
            try:
                for number in range(1, self._dataset.RasterCount + 1):
                    self._dataset.GetRasterBand(number).FlushCache()
            except RuntimeError as error:
                raise self._error() from error
            if gdal.GetLastErrorType() >= gdal.CE_Failure:
                raise self._error()

    def _finish(self) -> None:
        if self._dataset is None:
            return
        gdal.ErrorReset()
        with _quiet():
            try:
                self._dataset.FlushCache()
                self._dataset = None
            except RuntimeError as error:
                raise self._error() from error
            if gdal.GetLastErrorType() >= gdal.CE_Failure:
                raise self._error()

    def _abandon(self) -> None:
        with _quiet(), contextlib.suppress(RuntimeError):
            self._dataset = None

    def _error(self) -> OutputError:
        return OutputError(f"{self.path} could not be written ({_reason()}). Check the free space on that disk.")


def open_raster(path: str) -> GdalReader:
    """See `core.raster.open_raster`."""
    gdal.ErrorReset()
    with _quiet():
        try:
            dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_READONLY | gdal.OF_VERBOSE_ERROR)
        except RuntimeError:
            dataset = None
        reason = _reason() if dataset is None else ""
    if dataset is None:
        if not os.path.exists(path) and not path.startswith("/vsi") and ":" not in path[2:]:
            raise RasterError(f"There is no file {path}.")
        raise RasterError(f"{path} is not a raster that can be opened ({reason}).")
    return GdalReader(dataset, path)


def create_raster(path: str, spec: RasterSpec) -> GdalWriter:
    """See `core.raster.create_raster`."""
    code = gdal_array.NumericTypeCodeToGDALTypeCode(np.dtype(spec.dtype).type)
    options = [f"{key}={value}" for key, value in spec.creation_options().items()]
    gdal.ErrorReset()
    with _quiet():
        try:
            dataset = gdal.GetDriverByName("GTiff").Create(
                path, spec.grid.width, spec.grid.height, len(spec.band_names), code, options
            )
        except RuntimeError:
            dataset = None
        if dataset is None:
            raise OutputError(f"{path} could not be created ({_reason()}). Check the folder and its permissions.")
    dataset.SetGeoTransform(list(spec.grid.transform))
    if spec.grid.crs:
        dataset.SetProjection(spec.grid.crs)
    dataset.SetMetadata(dict(spec.tags))
    for number, name in enumerate(spec.band_names, start=1):
        _describe(dataset.GetRasterBand(number), name, spec)
    return GdalWriter(dataset, path, spec)


def _describe(band: Any, name: str, spec: RasterSpec) -> None:
    band.SetDescription(name)
    if spec.nodata is not None:
        band.SetNoDataValue(spec.nodata)
    if (spec.scale, spec.offset) != (1.0, 0.0):
        band.SetScale(spec.scale)
        band.SetOffset(spec.offset)
    if spec.colours:
        table = gdal.ColorTable()
        for value, colour in spec.colours.items():
            table.SetColorEntry(value, colour)
        band.SetColorTable(table)
        band.SetColorInterpretation(gdal.GCI_PaletteIndex)


def convert_raster(source: str, target: str, driver: str, options: dict[str, str], progress: Progress) -> None:
    """See `core.raster.convert_raster`."""
    reader = open_raster(source)
    maker = gdal.GetDriverByName(driver)
    if maker is None:
        raise OutputError(f"This GDAL cannot write {driver} files; install the package that carries the driver.")
    gdal.ErrorReset()
    with _quiet(), _block_cache(_CONVERTING_CACHE):
        pairs = [f"{key}={value}" for key, value in options.items()]
        try:
            copy = maker.CreateCopy(target, reader._dataset, options=pairs, callback=gdal_callback(progress))
        except RuntimeError:
            copy = None
        if copy is None:
            progress.check()
            raise OutputError(f"{target} could not be written ({_reason()}).")
        del copy


@contextlib.contextmanager
def _block_cache(size: int) -> Iterator[None]:
    """Let GDAL keep no more than so many bytes of blocks: by default, it takes a twentieth of the machine's memory."""
    before = gdal.GetCacheMax()
    gdal.SetCacheMax(min(before, size))
    try:
        yield
    finally:
        gdal.SetCacheMax(before)


def gdal_callback(progress: Progress) -> Callable[[float, str, Any], int]:
    """Return what GDAL calls as it goes; 0 stops it, as it lets no exception through."""

    def report(fraction: float, message: str, data: Any) -> int:
        try:
            progress.check()
        except Cancelled:
            return 0
        progress.fraction(min(1.0, fraction))  # some algorithms overshoot on small rasters
        return 1

    return report


def _reference(wkt: str) -> Any:
    reference = osr.SpatialReference()
    reference.ImportFromWkt(wkt)
    return reference


def same_crs(first: str, second: str) -> bool:
    """See `core.raster.same_crs`."""
    return bool(_reference(first).IsSame(_reference(second), ["IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES"]))


def is_geographic(crs: str) -> bool:
    """See `core.raster.is_geographic`."""
    return bool(_reference(crs).IsGeographic())


def crs_unit(crs: str) -> float:
    """See `core.raster.crs_unit`."""
    reference = _reference(crs)
    return float(reference.GetAngularUnits() if reference.IsGeographic() else reference.GetLinearUnits())


def crs_name(crs: str) -> str:
    """See `core.raster.crs_name`."""
    reference = _reference(crs)
    reference.AutoIdentifyEPSG()
    authority, code = reference.GetAuthorityName(None), reference.GetAuthorityCode(None)
    return f"{authority}:{code}" if authority and code else reference.GetName()


def crs_from_authority(code: str) -> str:
    """See `core.raster.crs_from_authority`."""
    reference = osr.SpatialReference()
    with _quiet():
        try:
            failed = reference.SetFromUserInput(code)
        except RuntimeError:
            failed = 1
    if failed:
        raise InputError(f"There is no coordinate reference system '{code}'; give a code such as EPSG:32633.")
    return str(reference.ExportToWkt())


def transformed(xy: NDArray[np.float64], source: str, target: str) -> NDArray[np.float64]:
    """See `core.raster.transformed`."""
    references = [_reference(wkt) for wkt in (source, target)]
    for reference in references:
        reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    with _quiet():
        try:
            places = osr.CoordinateTransformation(*references).TransformPoints(xy.tolist())
        except (RuntimeError, TypeError):  # between two planets, say
            return np.full(xy.shape, np.inf)
    return np.array(places, np.float64).reshape(-1, 3)[:, :2]
