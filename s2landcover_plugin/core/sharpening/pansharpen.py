# SPDX-License-Identifier: GPL-2.0-or-later
"""A Sentinel-2 product to one raster with all bands on its finest grid, 10 m."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import ProductError
from ..output_format import make_cog
from ..outputs import check_distinct, staged_together
from ..products.cover import scene_cover
from ..products.product import Product, open_product
from ..products.scene_classification import scene_classification, write_scene_classification
from ..progress import Progress, ProgressPart
from ..radiometry import STORED_DTYPE, STORED_NODATA, STORED_SCALE
from ..raster import RasterSpec
from .assessment import assess_quality
from .blocks import sharpened_blocks
from .fitting import BandFit
from .network import SharpeningNetwork, load_sharpener
from .quality import Quality
from .quality_page import write_quality_page
from .request import PansharpenRequest, PansharpenResult
from .sampling import fit_stack
from .stack import StackPlan, StackReader, plan_stack
from .stack_output import HiddenPixels, StackWriter

__all__ = ["PansharpenRequest", "PansharpenResult", "pansharpen", "scene_crs"]


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
        DependencyError: if there is no onnxruntime to run a sharpening network.
        ModelError: if there is no sharpening network, or it cannot be used.
        OutputError: if the output cannot be written, or is one of the inputs.
        Cancelled: if the user asked to stop.
    """
    product = open_product(request.inputs)
    bands = product.select(request.bands)
    plan = plan_stack(product, bands, request.align)
    if request.extent is not None:
        plan = plan.within(request.extent)
    _check_outputs(request, product)
    network = load_sharpener(request.network) if request.method == "learned" else None
    _announce(product, plan, request.method, progress)
    if network:
        _tell_network(network, plan, progress)
    parts = _parts(request, progress)
    with contextlib.ExitStack() as closing:
        paths = dict(zip(request.outputs, closing.enter_context(staged_together(request.outputs))))
        cover = scene_cover(product, plan.grid, progress)
        classification = None
        if request.scl or request.mask_classes:
            classification = closing.enter_context(scene_classification(product, plan.grid))
        hidden = HiddenPixels(classification, request.mask_classes, request.mask_growth)
        quality = None
        with StackReader(product, tuple({*bands, *plan.guides}), plan) as stack:
            fits = _fits(stack, plan, request, network, ProgressPart(parts["stack"], 0.0, 0.05))
            spec = _output_spec(product, plan, request, network)
            with StackWriter(paths[request.output], spec, hidden, paths.get(request.validity)) as writer:
                _write_stack(writer, stack, plan, request.method, fits, ProgressPart(parts["stack"], 0.05, 1.0))
            if not writer.values:
                raise _empty(product, bands, request)
            if request.quality:
                quality = assess_quality(stack, plan, request.method, fits, parts["quality"])
                write_quality_page(quality, product, request.inputs, paths[request.quality])
                _tell(quality, progress)
        if classification is not None and request.scl:
            write_scene_classification(classification, paths[request.scl], parts["scl"], request.compress)
        if request.file_format == "COG":
            rasters = [paths[output] for output in (request.output, request.scl, request.validity) if output]
            _make_cogs(rasters, request.compress, parts["cog"])
    output = str(Path(request.output))
    return PansharpenResult(output, bands, product.level, plan.grid, request.scl, request.validity, quality, cover)


def scene_crs(inputs: Sequence[str], bands: Sequence[str] = (), alignment: bool = False) -> str:
    """Return the CRS (WKT) of the stack that `pansharpen` would make of these inputs.

    Raises:
        ProductError, BandError, GridError: as `pansharpen` does.
    """
    product = open_product(inputs)
    return plan_stack(product, product.select(bands), alignment).grid.crs


def _parts(request: PansharpenRequest, progress: Progress) -> dict[str, ProgressPart]:
    """Return the stretch of progress that every step takes."""
    wanted = {
        "stack": 1.0,
        "quality": 0.15 * bool(request.quality),
        "scl": 0.05 * bool(request.scl),
        "cog": 0.25 * (request.file_format == "COG"),
    }
    ends = list(itertools.accumulate(weight / sum(wanted.values()) for weight in wanted.values()))
    return {step: ProgressPart(progress, start, end) for step, start, end in zip(wanted, (0.0, *ends), ends)}


def _make_cogs(paths: Sequence[Path], compress: str, progress: Progress) -> None:
    """Make rasters cloud-optimised: the stack, and the class rasters after it."""
    starts = (0.0, *(0.9 for _ in paths[1:]), 1.0)
    for path, start, stop in zip(paths, starts, starts[1:]):
        make_cog(path, compress, ProgressPart(progress, start, stop), classes=path != paths[0])


def _fits(
    stack: StackReader,
    plan: StackPlan,
    request: PansharpenRequest,
    network: SharpeningNetwork | None,
    progress: Progress,
) -> dict[str, BandFit]:
    needed = request.method != "none" or bool(request.quality)
    return fit_stack(stack, plan, progress, network) if needed and plan.coarse else {}


def _write_stack(
    writer: StackWriter,
    stack: StackReader,
    plan: StackPlan,
    method: str,
    fits: Mapping[str, BandFit],
    progress: Progress,
) -> None:
    with contextlib.closing(sharpened_blocks(stack, plan, method, fits, progress)) as blocks:
        for window, stored in blocks:
            writer.write(stored, window, progress)


def _empty(product: Product, bands: Sequence[str], request: PansharpenRequest) -> ProductError:
    masked = " outside the classes to mask" if request.mask_classes else ""
    return ProductError(f"The product {product.name} has no valid pixel in {', '.join(bands)}{masked}.")


def _tell(quality: Quality, progress: Progress) -> None:
    for note in quality.notes:
        progress.warning(note)
    figures = {method: quality.headline(method).rmse for method in quality.methods}
    told = ", ".join(f"{method} {rmse:.1f}" for method, rmse in figures.items() if rmse is not None)
    if told:
        progress.info(f"RMSE one scale down, reflectance x 10000: {told}.")


def _check_outputs(request: PansharpenRequest, product: Product) -> None:
    sources = [*product.bands.values(), *product.masks.values(), *([product.scl] if product.scl else [])]
    inputs = {*request.inputs, *(source.path for source in sources), *([request.network] if request.network else [])}
    for output in request.outputs:
        check_distinct(output, inputs)


def _announce(product: Product, plan: StackPlan, method: str, progress: Progress) -> None:
    for note in product.notes:
        progress.warning(note)
    if plan.moved:
        progress.warning(f"{', '.join(plan.moved)} did not lie on the grid of the stack; resampled (bilinear).")
    if not plan.coarse:
        progress.info(f"All bands lie on one grid of {plan.grid.pixel_size[0]:g}; they are stacked as they are.")
    elif method != "none":
        progress.info(f"Sharpening {', '.join(plan.coarse)} with {', '.join(plan.guides)}.")


def _tell_network(network: SharpeningNetwork, plan: StackPlan, progress: Progress) -> None:
    contract = network.contract
    corrected = [band for band in plan.coarse if contract.sharpens(band, plan.factors[band])]
    others = [band for band in plan.coarse if band not in corrected]
    progress.info(f"The network {contract.name} {contract.version} sharpens {', '.join(corrected) or 'none of them'}.")
    if others:
        progress.info(f"It does not know {', '.join(others)}: these are sharpened by regression.")


def _output_spec(
    product: Product, plan: StackPlan, request: PansharpenRequest, network: SharpeningNetwork | None
) -> RasterSpec:
    tags = {
        "S2LC_PRODUCT": product.name,
        "S2LC_LEVEL": product.level or "",
        "S2LC_BASELINE": product.baseline,
        "S2LC_METHOD": request.method if plan.coarse else "none",
        "S2LC_NETWORK": f"{network.contract.name} {network.contract.version}" if network and plan.coarse else "",
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
