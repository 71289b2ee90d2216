# SPDX-License-Identifier: GPL-2.0-or-later
"""A raster and a model to a land-cover map."""

from __future__ import annotations

import contextlib
import time

from ..errors import InputError
from ..legend import NODATA
from ..models.bundled import find_model
from ..models.inference import SegmentationModel, load_model
from ..outputs import check_distinct, staged_together
from ..progress import Progress
from ..raster import Array
from ..scene import Scene, open_scene
from .agreement import report_agreement
from .map_output import MapWriter
from .request import CHOOSE_OVERLAP, CHOOSE_SIZE, ClassificationRequest, ClassificationResult
from .stream import Job, run
from .windows import AxisPlan, balanced_size, choose_overlap, choose_size, plan_axis

_NETWORK_BYTES = 700  # a pixel of a window, in the layers of a U-Net under onnxruntime (measured: 390-650)


def classify(request: ClassificationRequest, progress: Progress) -> ClassificationResult:
    """Make a land-cover map.

    Raises:
        LandCoverError: if an input, the model or an output cannot be used, or the user cancelled. No output exists
            then.
    """
    started = time.monotonic()
    path = find_model(request.model)
    wanted = request.outputs.wanted()
    for output in wanted:
        check_distinct(output, [request.raster, path])
    model = load_model(path, request.session)
    with contextlib.ExitStack() as stack:
        scene = stack.enter_context(
            open_scene(request.raster, model.contract, request.band_order, progress, request.resample)
        )
        rows, cols = plan_windows(request, scene, model)
        _announce(model, rows, cols, progress)
        report_agreement(request, path, scene, model, progress)
        staged = dict(zip(wanted, map(str, stack.enter_context(staged_together(wanted)))))
        paths = request.outputs.moved(staged)
        maps = stack.enter_context(MapWriter(paths, scene.grid, model.contract.legend, _tags(model)))
        counts = run(Job(scene, model, rows, cols), maps, progress)
        if counts[NODATA] == counts.sum():
            raise InputError(
                f"{request.raster} has no pixel that is valid in all of the bands used; check its nodata value and "
                "whether it is the raster you meant."
            )
    return _result(request, model, (rows, cols), counts, time.monotonic() - started)


def plan_windows(request: ClassificationRequest, scene: Scene, model: SegmentationModel) -> tuple[AxisPlan, AxisPlan]:
    """Return the windows down and across the raster.

    Raises:
        InputError: if the request's overlap does not fit its windows.
    """
    contract, grid = model.contract, scene.grid
    sizes, is_fixed = model.fixed_size, model.fixed_size is not None
    if sizes is None:
        size = request.window_size or _choose_size(request, scene, model)
        sizes = (size, size)
    plans = []
    for length, size in zip((grid.height, grid.width), sizes):
        overlap = request.overlap
        if overlap == CHOOSE_OVERLAP:
            overlap = choose_overlap(contract.context, size, contract.size_multiple)
        if request.window_size == CHOOSE_SIZE and not is_fixed:
            size = balanced_size(length, size, overlap, contract.size_multiple)
        plans.append(plan_axis(length, size, overlap, contract.size_multiple, contract.context, is_fixed))
    return plans[0], plans[1]


def _choose_size(request: ClassificationRequest, scene: Scene, model: SegmentationModel) -> int:
    classes, width = len(model.contract.legend), scene.grid.width
    row_bytes = scene.pixel_bytes + 1 + 4 * classes  # a strip with its mask, and what windows share (at most)
    # A window in the network, two more on their way into it, two on their way out.
    pixel_bytes = _NETWORK_BYTES + 2 * 4 * (len(model.contract.bands) + classes)
    return choose_size(width, row_bytes, pixel_bytes, request.memory * 1_000_000, model.contract.size_multiple)


def _announce(model: SegmentationModel, rows: AxisPlan, cols: AxisPlan, progress: Progress) -> None:
    if model.fallback:
        progress.warning(model.fallback)
    progress.info(
        f"Model {model.contract.name} {model.contract.version} on {model.provider} in {model.precision}: "
        f"{len(rows.starts)} x {len(cols.starts)} windows of {rows.size} x {cols.size} pixels, overlapping by "
        f"{rows.overlap} and {cols.overlap}."
    )


def _tags(model: SegmentationModel) -> dict[str, str]:
    return {
        "S2LC_MODEL": model.contract.name,
        "S2LC_MODEL_VERSION": model.contract.version,
        "S2LC_MODEL_ATTRIBUTION": model.contract.attribution,
        "S2LC_PROVIDER": model.provider,
        "S2LC_PRECISION": model.precision,
    }


def _result(
    request: ClassificationRequest,
    model: SegmentationModel,
    plans: tuple[AxisPlan, AxisPlan],
    counts: Array,
    seconds: float,
) -> ClassificationResult:
    legend = model.contract.legend
    return ClassificationResult(
        outputs=request.outputs,
        legend=legend,
        class_pixels={value: int(counts[value]) for value in legend.values},
        nodata_pixels=int(counts[NODATA]),
        model=f"{model.contract.name} {model.contract.version}",
        provider=model.provider,
        precision=model.precision,
        window_size=(plans[0].size, plans[1].size),
        overlap=(plans[0].overlap, plans[1].overlap),
        seconds=seconds,
    )
