# SPDX-License-Identifier: GPL-2.0-or-later
"""A Sentinel-2 product to one raster with all bands on its finest grid, 10 m."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError, ProductError
from ..outputs import check_distinct, staged_together
from ..products.product import Product, open_product
from ..products.scene_classification import (
    SceneClassification,
    checked_classes,
    scene_classification,
    write_scene_classification,
)
from ..progress import Progress, ProgressPart
from ..radiometry import STORED_DTYPE, STORED_NODATA, STORED_SCALE, BoolArray, FloatArray, to_stored
from ..raster import Grid, RasterSpec, Window, create_raster
from .methods import METHODS, SUPPORT, BandFit, Patch, fit_band, sharpen
from .stack import Bounds, StackPlan, StackReader, plan_stack

# Fine pixels held at once, per plane; some twenty planes of float32 are alive in a block.
_BLOCK_PIXELS = 6_000_000
# A block's rows are a multiple of the tiles that the output is stored in, so that none is written twice.
_TILE_ROWS = 256
# The blur is estimated from windows of this many fine pixels a side, on a lattice over the scene.
_SAMPLE_SIZE, _SAMPLES_PER_SIDE = 192, 3


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
        compress: GDAL's name of the output's compression.
    """

    inputs: tuple[str, ...]
    output: str
    bands: tuple[str, ...] = ()
    method: str = "regression"
    scl: str = ""
    mask_classes: tuple[int, ...] = ()
    extent: Bounds | None = None
    compress: str = "DEFLATE"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(f"There is no sharpening method '{self.method}'; choose one of {', '.join(METHODS)}.")
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
    plan = plan_stack(product, bands)
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
        part = ProgressPart(progress, 0.0, 0.95 if request.scl else 1.0)
        _write_stack(paths[0], product, plan, request, hidden, part)
        if classification is not None and request.scl:
            write_scene_classification(classification, paths[1], ProgressPart(progress, 0.95, 1.0))
    return PansharpenResult(str(Path(request.output)), bands, product.level, plan.grid, request.scl)


def scene_crs(inputs: Sequence[str], bands: Sequence[str] = ()) -> str:
    """Return the CRS (WKT) of the stack that `pansharpen` would make of these inputs.

    Raises:
        ProductError, BandError, GridError: as `pansharpen` does.
    """
    product = open_product(inputs)
    return plan_stack(product, product.select(bands)).grid.crs


class _HiddenPixels:
    """Where the scene classification shows classes that the user does not want to see."""

    def __init__(self, classification: SceneClassification | None, classes: tuple[int, ...]) -> None:
        self._classification = classification if classes else None
        self._classes = classes
        self._last: tuple[Window, BoolArray] | None = None

    def within(self, window: Window) -> BoolArray:
        """Return a boolean array of shape (rows, cols); all bands of a block ask for the same one in turn."""
        if self._last is None or self._last[0] != window:
            shown = np.zeros((window.height, window.width), dtype=bool)
            if self._classification is not None:
                shown = self._classification.shows(self._classes, window)
            self._last = window, shown
        return self._last[1]


def _write_stack(
    path: Path, product: Product, plan: StackPlan, request: PansharpenRequest, hidden: _HiddenPixels, progress: Progress
) -> None:
    bands = tuple(plan.factors)
    valid_pixels = 0
    with StackReader(product, tuple({*bands, *plan.guides}), plan) as stack:
        fits = _fit_bands(stack, plan, request.method, ProgressPart(progress, 0.0, 0.1))
        with create_raster(str(path), _output_spec(product, plan, request)) as writer:
            for band, window, reflectance, valid in _blocks(stack, plan, request.method, fits, progress):
                kept = valid & ~hidden.within(window)
                writer.write(to_stored(reflectance, kept)[None], window, [bands.index(band) + 1])
                valid_pixels += int(kept.sum())
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


def _fit_bands(stack: StackReader, plan: StackPlan, method: str, progress: Progress) -> dict[str, BandFit]:
    """Estimate every coarse band's blur and relation to the guides from windows all over the scene."""
    if method == "none" or not plan.coarse:
        return {}
    windows = list(_sample_windows(plan.grid, math.lcm(*plan.factors.values())))
    patches: dict[str, list[Patch]] = {band: [] for band in plan.coarse}
    for window in windows:
        progress.check()
        guides, guides_valid = stack.read_guides(plan.guides, window)
        if not guides_valid.any():
            continue
        for band in plan.coarse:
            coarse, coarse_valid = stack.read(band, _coarser(window, plan.factors[band]))
            patches[band].append(Patch.of(coarse, guides, plan.factors[band], coarse_valid, guides_valid))
    fits = {}
    for done, band in enumerate(plan.coarse, start=1):
        progress.check()
        # Where every window missed the data, the sensor's own blur has to do.
        fits[band] = fit_band(patches[band] or [_blank_patch(len(plan.guides), plan.factors[band])])
        progress.fraction(done / len(plan.coarse))
    return fits


def _blank_patch(guides: int, factor: int) -> Patch:
    return Patch.of(np.full((1, 1), np.nan), np.full((guides, factor, factor), np.nan), factor)


def _sample_windows(grid: Grid, step: int) -> Iterator[Window]:
    """Yield windows on a lattice over the grid, their corners on multiples of `step` pixels."""
    side = max(step, _SAMPLE_SIZE // step * step)
    width, height = min(side, grid.width), min(side, grid.height)
    places = [
        sorted({round(k * (size - part) / (_SAMPLES_PER_SIDE - 1) / step) * step for k in range(_SAMPLES_PER_SIDE)})
        for size, part in ((grid.width, width), (grid.height, height))
    ]
    for row in places[1]:
        for col in places[0]:
            yield Window(col, row, width, height)


def _blocks(
    stack: StackReader, plan: StackPlan, method: str, fits: dict[str, BandFit], progress: Progress
) -> Iterator[tuple[str, Window, FloatArray, BoolArray]]:
    """Yield every band of every block of rows: its id, its window, reflectance and validity at the fine grid."""
    windows = list(_row_windows(plan.grid, math.lcm(*plan.factors.values())))
    steps = len(windows) * len(plan.factors)
    halo = SUPPORT * max(plan.factors.values())
    done = 0
    for window in windows:
        around = _grown(window, halo, plan.grid)
        guides = stack.read_guides(plan.guides, around) if plan.guides and method != "none" else None
        for band, factor in plan.factors.items():
            progress.check()
            if factor == 1:
                yield (band, window, *stack.read(band, window))
            else:
                patch, trim = _patch(stack, band, factor, window, guides, around, plan.grid)
                valid = patch.guides_valid & _repeated(patch.coarse_valid, factor)
                yield band, window, sharpen(patch, method, fits.get(band))[trim], valid[trim]
            done += 1
            progress.fraction(0.1 + 0.9 * done / steps)


def _patch(
    stack: StackReader,
    band: str,
    factor: int,
    window: Window,
    guides: tuple[FloatArray, BoolArray] | None,
    around: Window,
    grid: Grid,
) -> tuple[Patch, tuple[slice, slice]]:
    """Return a band's patch for a window, with the halo that it needs, and where the window lies in it."""
    inner = _grown(window, SUPPORT * factor, grid)
    coarse, coarse_valid = stack.read(band, _coarser(inner, factor))
    shape = (inner.height, inner.width)
    if guides is None:
        images, valid = np.empty((0, *shape), dtype=np.float32), np.ones(shape, dtype=bool)
    else:
        rows = slice(inner.row - around.row, inner.row - around.row + inner.height)
        images, valid = guides[0][:, rows], guides[1][rows]
    first = window.row - inner.row
    trim = (slice(first, first + window.height), slice(None))
    return Patch.of(coarse, images, factor, coarse_valid, valid), trim


def _repeated(valid: BoolArray, factor: int) -> BoolArray:
    return np.repeat(np.repeat(valid, factor, axis=0), factor, axis=1)


def _row_windows(grid: Grid, step: int) -> Iterator[Window]:
    """Yield blocks of whole rows, each starting on a multiple of `step` and of the output's tiles."""
    unit = math.lcm(step, _TILE_ROWS)
    rows = max(1, _BLOCK_PIXELS // (grid.width * unit)) * unit
    for row in range(0, grid.height, rows):
        yield Window(0, row, grid.width, min(rows, grid.height - row))


def _grown(window: Window, halo: int, grid: Grid) -> Window:
    """Return a window of whole rows with a halo above and below, as far as the grid reaches."""
    first, last = max(0, window.row - halo), min(grid.height, window.row + window.height + halo)
    return Window(window.col, first, window.width, last - first)


def _coarser(window: Window, factor: int) -> Window:
    """Return the same rectangle on a grid whose pixels are `factor` times larger."""
    return Window(window.col // factor, window.row // factor, window.width // factor, window.height // factor)
