# SPDX-License-Identifier: GPL-2.0-or-later
"""A Sentinel-2 product to one raster with all bands on its finest grid, 10 m."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, ProductError
from ..output_format import COMPRESSIONS, FORMATS, make_cog
from ..outputs import check_distinct, staged_together
from ..pipeline import WriteBehind
from ..products.product import Product, open_product
from ..products.scene_classification import (
    SceneClassification,
    checked_classes,
    scene_classification,
    write_scene_classification,
)
from ..progress import Progress, ProgressPart
from ..radiometry import STORED_DTYPE, STORED_NODATA, STORED_SCALE
from ..raster import Grid, RasterSpec, RasterWriter, Window, create_raster
from .blocks import sharpened_blocks
from .methods import METHODS
from .sampling import fit_stack
from .stack import Bounds, StackPlan, StackReader, plan_stack


@dataclass(frozen=True)
class PansharpenRequest:
    """What to make.

    Attributes:
        inputs: a SAFE folder, its `MTD_*.xml`, a folder of band files, or band rasters.
        output: the GeoTIFF to write.
        bands: Sentinel-2 ids of the bands wanted; all by default.
        method: one of `sharpening.METHODS`.
        scl: the GeoTIFF for the scene classification on the same grid; empty for none.
        mask_classes: values of the scene classification whose pixels become nodata in all bands.
        extent: smallest x, smallest y, largest x, largest y of the part wanted, in the CRS that `scene_crs` returns;
            it grows to whole pixels of the coarsest band. None for the whole scene.
        align: whether bands whose grids do not nest are brought onto the grid of the 10 m bands (bilinear).
        compress: one of `output_format.COMPRESSIONS`.
        file_format: one of `output_format.FORMATS`.
    """

    inputs: tuple[str, ...]
    output: str
    bands: tuple[str, ...] = ()
    method: str = "regression"
    scl: str = ""
    mask_classes: tuple[int, ...] = ()
    extent: Bounds | None = None
    align: bool = False
    compress: str = "DEFLATE"
    file_format: str = "GeoTIFF"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(f"There is no sharpening method '{self.method}'; choose one of {', '.join(METHODS)}.")
        if self.compress not in COMPRESSIONS:
            raise InputError(f"There is no compression '{self.compress}'; choose one of {', '.join(COMPRESSIONS)}.")
        if self.file_format not in FORMATS:
            raise InputError(f"There is no format '{self.file_format}'; choose one of {', '.join(FORMATS)}.")
        object.__setattr__(self, "mask_classes", checked_classes(self.mask_classes))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every file to write, the stack first."""
        return (self.output, self.scl) if self.scl else (self.output,)


@dataclass(frozen=True)
class PansharpenResult:
    """What was made.

    Attributes:
        output: the GeoTIFF.
        bands: ids of its bands, in order.
        level: `L1C`, `L2A`, or None where the product does not say.
        grid: its grid.
        scl: the scene classification on that grid; empty where it was not wanted.
    """

    output: str
    bands: tuple[str, ...]
    level: str | None
    grid: Grid
    scl: str = ""


def pansharpen(request: PansharpenRequest, progress: Progress) -> PansharpenResult:
    """Write a product's bands as one raster of reflectance x 10000 (uint16, nodata 0, scale 0.0001).

    Works through the scene in blocks of rows; memory does not depend on its height.

    Args:
        request: what to make.
        progress: hears what was assumed about the input.

    Raises:
        ProductError: if the input is no usable product, holds no valid pixel, or lacks the scene classification that
            the request needs.
        BandError: if bands are missing.
        GridError: if the bands' grids do not nest, or have no CRS, or the extent lies outside the scene.
        OutputError: if the output cannot be written, or is one of the inputs.
        Cancelled: if the user asked to stop.
    """
    product = open_product(request.inputs)
    bands = product.select(request.bands)
    plan = plan_stack(product, bands, request.align)
    if request.extent is not None:
        plan = plan.within(request.extent)
    _check_outputs(request, product)
    _announce(product, plan, request.method, progress)
    with contextlib.ExitStack() as closing:
        paths = closing.enter_context(staged_together(request.outputs))
        classification = None
        if request.scl or request.mask_classes:
            classification = closing.enter_context(scene_classification(product, plan.grid))
        hidden = _HiddenPixels(classification, request.mask_classes)
        stacked = 1.0 - 0.05 * len(paths[1:]) - 0.2 * (request.file_format == "COG")
        _write_stack(paths[0], product, plan, request, hidden, ProgressPart(progress, 0.0, stacked))
        if classification is not None and request.scl:
            part = ProgressPart(progress, stacked, stacked + 0.05)
            write_scene_classification(classification, paths[1], part, request.compress)
        if request.file_format == "COG":
            _make_cogs(paths, request.compress, ProgressPart(progress, 0.8, 1.0))
    return PansharpenResult(str(Path(request.output)), bands, product.level, plan.grid, request.scl)


def scene_crs(inputs: Sequence[str], bands: Sequence[str] = (), alignment: bool = False) -> str:
    """Return the CRS (WKT) of the stack that `pansharpen` would make of these inputs.

    Raises:
        ProductError, BandError, GridError: as `pansharpen` does.
    """
    product = open_product(inputs)
    return plan_stack(product, product.select(bands), alignment).grid.crs


class _HiddenPixels:
    """Where the scene classification shows classes that the user does not want to see."""

    def __init__(self, classification: SceneClassification | None, classes: tuple[int, ...]) -> None:
        self._classification = classification if classes else None
        self._classes = classes

    def clear(self, stored: NDArray[np.uint16], window: Window) -> None:
        """Make hidden pixels nodata in what is stored of a window, shape (bands, rows, cols)."""
        if self._classification is not None:
            stored[:, self._classification.shows(self._classes, window)] = STORED_NODATA


def _make_cogs(paths: Sequence[Path], compress: str, progress: Progress) -> None:
    """Make all outputs cloud-optimised: the stack, and the classification if there is one."""
    starts = (0.0, *(0.9 for _ in paths[1:]), 1.0)
    for path, start, stop in zip(paths, starts, starts[1:]):
        make_cog(path, compress, ProgressPart(progress, start, stop), classes=path != paths[0])


def _write_bands(writer: RasterWriter, stored: NDArray[np.uint16], window: Window, progress: Progress) -> None:
    for number, plane in enumerate(stored, start=1):
        progress.check()
        writer.write(plane[None], window, [number])
        writer.flush()


def _write_stack(
    path: Path, product: Product, plan: StackPlan, request: PansharpenRequest, hidden: _HiddenPixels, progress: Progress
) -> None:
    bands = tuple(plan.factors)
    valid_pixels = 0
    with StackReader(product, tuple({*bands, *plan.guides}), plan) as stack:
        sharpening = request.method != "none" and bool(plan.coarse)
        fits = fit_stack(stack, plan, ProgressPart(progress, 0.0, 0.05)) if sharpening else {}
        part = ProgressPart(progress, 0.05, 1.0)
        with contextlib.ExitStack() as closing:
            writer = closing.enter_context(create_raster(str(path), _output_spec(product, plan, request)))
            behind = closing.enter_context(WriteBehind())
            blocks = sharpened_blocks(stack, plan, request.method, fits, part)
            for window, stored in closing.enter_context(contextlib.closing(blocks)):
                hidden.clear(stored, window)
                valid_pixels += int(np.count_nonzero(stored))
                behind.submit(_write_bands, writer, stored, window, progress)
    if not valid_pixels:
        masked = " outside the classes to mask" if request.mask_classes else ""
        raise ProductError(f"The product {product.name} has no valid pixel in {', '.join(bands)}{masked}.")


def _check_outputs(request: PansharpenRequest, product: Product) -> None:
    sources = {source.path for source in product.bands.values()}
    for output in request.outputs:
        check_distinct(output, {*request.inputs, *sources, *([product.scl.path] if product.scl else [])})


def _announce(product: Product, plan: StackPlan, method: str, progress: Progress) -> None:
    for note in product.notes:
        progress.warning(note)
    if plan.moved:
        progress.warning(f"{', '.join(plan.moved)} did not lie on the grid of the stack; resampled (bilinear).")
    if not plan.coarse:
        progress.info(f"All bands lie on one grid of {plan.grid.pixel_size[0]:g}; they are stacked as they are.")
    elif method != "none":
        progress.info(f"Sharpening {', '.join(plan.coarse)} with {', '.join(plan.guides)}.")


def _output_spec(product: Product, plan: StackPlan, request: PansharpenRequest) -> RasterSpec:
    tags = {
        "S2LC_PRODUCT": product.name,
        "S2LC_LEVEL": product.level or "",
        "S2LC_BASELINE": product.baseline,
        "S2LC_METHOD": request.method if plan.coarse else "none",
    }
    return RasterSpec(
        plan.grid,
        STORED_DTYPE,
        tuple(plan.factors),
        nodata=STORED_NODATA,
        scale=STORED_SCALE,
        tags={key: value for key, value in tags.items() if value},
        compress=request.compress,
    )
