# SPDX-License-Identifier: GPL-2.0-or-later
"""A model over a raster: one pass from top to bottom, in memory that depends on the raster's width only.

One thread reads the next strip of rows while the model works on this one, another writes the rows that are finished.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..legend import NODATA, Legend
from ..models.bundled import find_model
from ..models.inference import SegmentationModel, load_model
from ..models.session import AUTO
from ..outputs import check_distinct, staged_together
from ..pipeline import WriteBehind, read_ahead
from ..progress import Progress
from ..radiometry import BoolArray, FloatArray
from ..raster import Array, Window
from ..scene import Scene, open_scene
from .blending import RowBlend
from .fill import fill_gaps
from .map_output import MapWriter
from .windows import AxisPlan, balanced_size, choose_overlap, choose_size, plan_axis

CHOOSE_SIZE, CHOOSE_OVERLAP = 0, -1

_NETWORK_BYTES = 700  # a pixel of a window, in the layers of a U-Net under onnxruntime (measured: 580-650)
_ROWS_A_READ = 256
_CACHE_BYTES = 128_000_000  # what GDAL may keep of the input; forgetting sooner would decompress more blocks twice


@dataclass(frozen=True)
class ClassificationRequest:
    """What to classify, and how.

    Attributes:
        raster: path of the input.
        model: empty for the default model, the name of a bundled one, or a path.
        classes: path of the class raster to write.
        confidence: path of the confidence raster to write; empty for none.
        band_order: Sentinel-2 id of each band of the raster, if its bands are not named.
        window_size: height and width of a window, pixels; 0 to choose from the memory.
        overlap: pixels that neighbouring windows share; -1 to choose from the model's context.
        provider: one of `session.PROVIDERS`, or `auto`.
        threads: threads of the model on the CPU; 0 leaves it to onnxruntime.
        memory: what the run may take, megabytes; a guide when the window size is chosen.
    """

    raster: str
    model: str
    classes: str
    confidence: str = ""
    band_order: tuple[str, ...] = ()
    window_size: int = CHOOSE_SIZE
    overlap: int = CHOOSE_OVERLAP
    provider: str = AUTO
    threads: int = 0
    memory: int = 900

    def __post_init__(self) -> None:
        if self.window_size < 0 or self.overlap < CHOOSE_OVERLAP or self.threads < 0 or self.memory < 1:
            raise InputError(
                f"A window of {self.window_size} pixels, an overlap of {self.overlap}, {self.threads} threads and "
                f"{self.memory} MB are no way to run a model; leave them at their defaults if in doubt."
            )


@dataclass(frozen=True)
class ClassificationResult:
    """What a run gave.

    Attributes:
        classes: path of the class raster.
        confidence: path of the confidence raster; empty if none was asked for.
        legend: the classes.
        class_pixels: pixels by class value, zeros included.
        nodata_pixels: pixels without data.
        model: name and version of the model.
        provider: what ran it.
        window_size: height and width of the windows, pixels.
        overlap: pixels that neighbouring windows shared, down and across.
        seconds: how long the run took.
    """

    classes: str
    confidence: str
    legend: Legend
    class_pixels: Mapping[int, int]
    nodata_pixels: int
    model: str
    provider: str
    window_size: tuple[int, int]
    overlap: tuple[int, int]
    seconds: float


def classify(request: ClassificationRequest, progress: Progress) -> ClassificationResult:
    """Make a land-cover map.

    Raises:
        LandCoverError: if an input, the model or an output cannot be used, or the user cancelled. No output exists
            then.
    """
    started = time.monotonic()
    path = find_model(request.model)
    outputs = [output for output in (request.classes, request.confidence) if output]
    for output in outputs:
        check_distinct(output, [request.raster, path])
    model = load_model(path, request.provider, request.threads)
    with contextlib.ExitStack() as stack:
        scene = stack.enter_context(open_scene(request.raster, model.contract, request.band_order, progress))
        rows, cols = plan_windows(request, scene, model)
        _announce(model, rows, cols, progress)
        staged = stack.enter_context(staged_together(outputs))
        maps = MapWriter(
            staged[0], staged[1] if request.confidence else None, scene.grid, model.contract.legend, _tags(model)
        )
        counts = _run(_Job(scene, model, rows, cols), stack.enter_context(maps), progress)
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
    # Two strips of stored numbers with their masks, and the sums of the probabilities.
    row_bytes = 2 * (scene.pixel_bytes + 1) + 4 * len(model.contract.legend)
    budget = request.memory * 1_000_000
    return choose_size(scene.grid.width, row_bytes, _NETWORK_BYTES, budget, model.contract.size_multiple)


def _announce(model: SegmentationModel, rows: AxisPlan, cols: AxisPlan, progress: Progress) -> None:
    if model.fallback:
        progress.warning(model.fallback)
    progress.info(
        f"Model {model.contract.name} {model.contract.version} on {model.provider}: {len(rows.starts)} x "
        f"{len(cols.starts)} windows of {rows.size} x {cols.size} pixels, overlapping by {rows.overlap} and "
        f"{cols.overlap}."
    )


def _tags(model: SegmentationModel) -> dict[str, str]:
    return {
        "S2LC_MODEL": model.contract.name,
        "S2LC_MODEL_VERSION": model.contract.version,
        "S2LC_MODEL_ATTRIBUTION": model.contract.attribution,
        "S2LC_PROVIDER": model.provider,
    }


@dataclass(frozen=True)
class _Job:
    scene: Scene
    model: SegmentationModel
    rows: AxisPlan
    cols: AxisPlan


@dataclass(frozen=True)
class _Strip:
    """Rows of the raster: stored numbers (bands, rows, width) and where they are valid (rows, width)."""

    stored: Array
    valid: BoolArray


def _run(job: _Job, maps: MapWriter, progress: Progress) -> Array:
    """Classify strip by strip; return pixels by class value (0-255), 0 being nodata."""
    counts = np.zeros(256, np.int64)
    width = job.scene.grid.width
    blend = RowBlend(len(job.model.contract.legend), job.rows.size, width)
    strips = read_ahead(_strips(job.scene, job.rows), progress.check)
    with contextlib.closing(strips), WriteBehind() as background:
        for index, strip in enumerate(strips):
            _add_strip(job, index, strip, blend, progress)
            done = job.rows.final(index)
            positions, probability = blend.finish(done)
            values = maps.class_values(positions, strip.valid[:done])
            counts += np.bincount(values.ravel(), minlength=256)
            window = Window(0, job.rows.starts[index], width, done)
            background.submit(maps.write, window, values, probability)
    if counts[NODATA] == counts.sum():
        raise InputError(
            f"{job.scene.raster.path} has no pixel that is valid in all of the bands used; check its nodata value and "
            "whether it is the raster you meant."
        )
    return counts


def _strips(scene: Scene, rows: AxisPlan) -> Iterator[_Strip]:
    """Yield the rows of each row of windows, reading every row of the raster once."""
    width = scene.grid.width
    kept = width * scene.dtype.itemsize * len(scene.raster.bands)  # bytes a row, in GDAL's cache
    strip, end, cached = None, 0, 0
    for index in range(len(rows.starts)):
        span = rows.pixels(index)
        height = span.stop - span.start
        following = _Strip(
            np.empty((len(scene.numbers), height, width), scene.dtype), np.empty((height, width), np.bool_)
        )
        if strip is not None:
            shared = end - span.start
            first = strip.valid.shape[0] - shared
            following.stored[:, :shared] = strip.stored[:, first:]
            following.valid[:shared] = strip.valid[first:]
        for row in range(end, span.stop, _ROWS_A_READ):
            part = Window(0, row, width, min(_ROWS_A_READ, span.stop - row))
            place = slice(row - span.start, row - span.start + part.height)
            following.stored[:, place], following.valid[place] = scene.read(part)
            cached += kept * part.height
            if cached > _CACHE_BYTES:
                scene.raster.forget()
                cached = 0
        strip, end = following, span.stop
        yield strip


def _add_strip(job: _Job, index: int, strip: _Strip, blend: RowBlend, progress: Progress) -> None:
    windows = len(job.cols.starts)
    height = strip.valid.shape[0]
    down = job.rows.weights[index, :height, np.newaxis]
    for number in range(windows):
        progress.check()
        cols = job.cols.pixels(number)
        valid = strip.valid[:, cols]
        if valid.any():
            reflectance = job.scene.to_reflectance(strip.stored[:, :, cols])
            filled = fill_gaps(reflectance, valid, (job.rows.starts[index], cols.start))
            probabilities = _predict(job, filled, progress.check)
            blend.add(cols, probabilities, down * job.cols.weights[number, : cols.stop - cols.start])
        progress.fraction((index * windows + number + 1) / (len(job.rows.starts) * windows))


def _predict(job: _Job, reflectance: FloatArray, check: Callable[[], None]) -> FloatArray:
    """Return probabilities (classes, rows, cols) of a window, which the network may need padded."""
    height, width = reflectance.shape[1:]
    missing = ((0, 0), (0, job.rows.size - height), (0, job.cols.size - width))
    padded: FloatArray = np.pad(reflectance, missing, mode="reflect") if np.any(missing) else reflectance
    return job.model.predict(padded[np.newaxis], check)[0, :, :height, :width]


def _result(
    request: ClassificationRequest,
    model: SegmentationModel,
    plans: tuple[AxisPlan, AxisPlan],
    counts: Array,
    seconds: float,
) -> ClassificationResult:
    legend = model.contract.legend
    return ClassificationResult(
        classes=request.classes,
        confidence=request.confidence,
        legend=legend,
        class_pixels={value: int(counts[value]) for value in legend.values},
        nodata_pixels=int(counts[NODATA]),
        model=f"{model.contract.name} {model.contract.version}",
        provider=model.provider,
        window_size=(plans[0].size, plans[1].size),
        overlap=(plans[0].overlap, plans[1].overlap),
        seconds=seconds,
    )
