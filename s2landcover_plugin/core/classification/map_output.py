# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of a land-cover map: classes with names, colours and a QGIS style, and how sure the model was."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from ..legend import NODATA, Legend, write_style
from ..radiometry import BoolArray, FloatArray
from ..raster import Array, Grid, RasterSpec, RasterWriter, Window, create_raster
from .measures import UNKNOWN_PERCENT, Likeliest, entropy, likeliest, margin, to_percent
from .request import MapPaths


@dataclass(frozen=True)
class _Layer:
    """One raster of the map.

    Attributes:
        path: where it is written.
        spec: what it is.
        measure: its pixels, from probabilities (classes, rows, cols) and the likeliest class; shape (rows, cols), or
            (bands, rows, cols).
    """

    path: Path
    spec: RasterSpec
    measure: Callable[[FloatArray, Likeliest], Array]


def _layers(paths: MapPaths, grid: Grid, legend: Legend, tags: Mapping[str, str], is_float: bool) -> tuple[_Layer, ...]:
    values = np.array(legend.values, np.uint8)
    names = tuple(legend.names[value] for value in legend.values)
    shares = RasterSpec(grid, "float32", names, nodata=math.nan, tags=tags)
    candidates = (
        (paths.classes, class_spec(grid, legend, tags), lambda shares, best: values[best.position]),
        (paths.confidence, _percent(grid, "confidence", tags), lambda shares, best: to_percent(best.probability)),
        (paths.entropy, _percent(grid, "entropy", tags), lambda shares, best: to_percent(entropy(shares))),
        (paths.margin, _percent(grid, "margin", tags), lambda shares, best: to_percent(margin(shares, best))),
        (
            paths.probabilities,
            shares if is_float else percent_spec(grid, names, tags),
            (lambda shares, best: shares) if is_float else (lambda shares, best: to_percent(shares)),
        ),
    )
    return tuple(_Layer(Path(path), spec, measure) for path, spec, measure in candidates if path)


def class_spec(grid: Grid, legend: Legend, tags: Mapping[str, str]) -> RasterSpec:
    """Return a class raster with its legend."""
    return RasterSpec(
        grid,
        "uint8",
        ("land cover",),
        nodata=NODATA,
        colours={NODATA: (0, 0, 0, 0), **legend.colours},
        categories=legend.names,
        tags=tags,
    )


def percent_spec(grid: Grid, names: tuple[str, ...], tags: Mapping[str, str]) -> RasterSpec:
    """Return a raster of per cent, 0-100."""
    return RasterSpec(grid, "uint8", names, nodata=UNKNOWN_PERCENT, tags=tags)


def _percent(grid: Grid, name: str, tags: Mapping[str, str]) -> RasterSpec:
    return percent_spec(grid, (f"{name} (%)",), tags)


class MapWriter:
    """Writes the rasters of a map, all at a time. Use it as a context manager; files are complete after it.

    Args:
        paths: where they go.
        grid: of all of them.
        legend: the model's classes.
        tags: metadata for all of them.
        is_float: whether probabilities are written as float32 (0-1) instead of per cent.

    Raises:
        OutputError: if one cannot be created.
    """

    def __init__(
        self, paths: MapPaths, grid: Grid, legend: Legend, tags: Mapping[str, str], is_float: bool = False
    ) -> None:
        self._style = Path(paths.classes), legend
        self._layers = _layers(paths, grid, legend, tags, is_float)
        self._writers: list[RasterWriter] = []
        with contextlib.ExitStack() as stack:
            for layer in self._layers:
                self._writers.append(stack.enter_context(create_raster(str(layer.path), layer.spec)))
            self._stack = stack.pop_all()

    def new_rows(self, height: int, width: int) -> tuple[Array, ...]:
        """Return memory for rows of each raster, classes first: shape (bands, height, width)."""
        return tuple(np.empty((len(layer.spec.band_names), height, width), layer.spec.dtype) for layer in self._layers)

    def clear(self, places: Sequence[Array]) -> None:
        """Mark pixels of each raster as having no class."""
        for layer, place in zip(self._layers, places):
            place[...] = layer.spec.nodata

    def fill(self, probabilities: FloatArray, valid: BoolArray, places: Sequence[Array]) -> None:
        """Measure pixels.

        Args:
            probabilities: shape (classes, rows, cols), in the order of the legend.
            valid: which pixels have a class, shape (rows, cols).
            places: where the pixels of each raster go, shape (bands, rows, cols).
        """
        best = likeliest(probabilities)
        missing = None if valid.all() else ~valid
        for layer, place in zip(self._layers, places):
            place[...] = layer.measure(probabilities, best)
            if missing is not None:
                place[:, missing] = layer.spec.nodata

    def write(self, window: Window, rows: Sequence[Array]) -> None:
        """Write finished pixels of each raster, shape (bands, rows, cols).

        Raises:
            OutputError: if a file cannot be written.
        """
        for writer, array in zip(self._writers, rows):
            writer.write(array, window)

    def __enter__(self) -> MapWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if error is None:
            write_style(*self._style)
