# SPDX-License-Identifier: GPL-2.0-or-later
"""A raster and a model to a land-cover map."""

from __future__ import annotations

import contextlib
import time

from ..areas import ClassAreas
from ..errors import InputError
from ..models.bundled import find_model
from ..models.inference import SegmentationModel, load_model
from ..outputs import check_distinct, staged_together
from ..progress import Progress
from ..scene import Scene, open_scene
from .agreement import agreement_report
from .augmentation import Predictor
from .finishing import finish_classes, split, with_probabilities
from .layout import plan_batch, plan_windows
from .limits import Limits, Wanted, open_limits, region
from .map_output import MapWriter
from .request import ClassificationRequest, ClassificationResult
from .stream import Job, run


def classify(request: ClassificationRequest, progress: Progress) -> ClassificationResult:
    """Make a land-cover map.

    Raises:
        LandCoverError: if an input, the model or an output cannot be used, or the user cancelled. No output exists
            then.
    """
    started = time.monotonic()
    path = find_model(request.model)
    outputs = request.outputs.wanted()
    for output in outputs:
        check_distinct(output, [request.raster, path, *filter(None, [request.limits.mask])])
    model = load_model(path, request.session)
    with contextlib.ExitStack() as stack:
        scene = stack.enter_context(
            open_scene(request.raster, model.contract, request.band_order, progress, request.resample)
        )
        wanted = stack.enter_context(open_limits(request.limits, scene.grid))
        job = _plan(request, scene, wanted, model)
        _announce(job, progress)
        agreement = agreement_report(request, path, scene, model, progress)
        staged = dict(zip(outputs, map(str, stack.enter_context(staged_together(outputs)))))
        grid, legend = scene.grid.crop(wanted.window), model.contract.legend
        paths = stack.enter_context(with_probabilities(request.outputs.moved(staged), request.refinement))
        passing, finishing = split(progress, request.refinement)
        with MapWriter(paths, grid, legend, _tags(job, request), request.is_float) as maps:
            if not run(job, maps, passing, agreement):
                raise _nothing_valid(request)
        areas, refined = finish_classes(paths, legend, request.refinement, finishing)
    return _result(request, job, (areas, refined), time.monotonic() - started)


def _nothing_valid(request: ClassificationRequest) -> InputError:
    return InputError(
        f"{request.raster} has no pixel that is valid in all of the bands used{_within(request)}; check its nodata "
        "value and whether it is the raster you meant."
    )


def _plan(request: ClassificationRequest, scene: Scene, wanted: Wanted, model: SegmentationModel) -> Job:
    contract = model.contract
    part = region(scene.grid, wanted.window, contract.context, contract.size_multiple)
    rows, cols = plan_windows(request, scene, part.processed, model)
    predictor = Predictor(model, request.augmentation)
    return Job(scene, wanted, part, model, predictor, rows, cols, plan_batch(request, model, rows, cols))


def _within(request: ClassificationRequest) -> str:
    return "" if request.limits == Limits() else " inside the extent, area and mask given"


def _announce(job: Job, progress: Progress) -> None:
    model, rows, cols = job.model, job.rows, job.cols
    if model.fallback:
        progress.warning(model.fallback)
    at_a_time = f", {job.batch} at a time" if job.batch > 1 else ""
    progress.info(
        f"Model {model.contract.name} {model.contract.version} on {model.provider} in {model.precision}: "
        f"{len(rows.starts)} x {len(cols.starts)} windows of {rows.size} x {cols.size} pixels, overlapping by "
        f"{rows.overlap} and {cols.overlap}{at_a_time}."
    )


def _tags(job: Job, request: ClassificationRequest) -> dict[str, str]:
    contract = job.model.contract
    return {
        "S2LC_MODEL": contract.name,
        "S2LC_MODEL_VERSION": contract.version,
        "S2LC_MODEL_ATTRIBUTION": contract.attribution,
        "S2LC_PROVIDER": job.model.provider,
        "S2LC_PRECISION": job.model.precision,
        "S2LC_AUGMENTATION": request.augmentation,
    }


def _result(
    request: ClassificationRequest, job: Job, finished: tuple[ClassAreas, int], seconds: float
) -> ClassificationResult:
    contract = job.model.contract
    return ClassificationResult(
        outputs=request.outputs,
        legend=contract.legend,
        areas=finished[0],
        refined_pixels=finished[1],
        model=f"{contract.name} {contract.version}",
        provider=job.model.provider,
        precision=job.model.precision,
        window_size=(job.rows.size, job.cols.size),
        overlap=(job.rows.overlap, job.cols.overlap),
        seconds=seconds,
    )
