# SPDX-License-Identifier: GPL-2.0-or-later
"""The windows of a run: how large they are, how far they overlap, and how many go to the network at a time."""

from __future__ import annotations

from ..models.inference import SegmentationModel
from ..raster import Window
from ..scene import Scene
from .appetite import ASSUMED_BYTES, network_bytes
from .request import CHOOSE_BATCH, CHOOSE_OVERLAP, CHOOSE_SIZE, ClassificationRequest
from .windows import AxisPlan, balanced_size, choose_overlap, choose_size, plan_axis, round_up

_OTHER_BYTES = 250_000_000  # the interpreter and its libraries, what GDAL keeps, rows that are read ahead
_MODEL_BYTES = 2.7  # times a file's size: its weights as they are read, and as they are laid out anew (measured)
_LARGE_SIZE, _LARGE_CONTEXTS = 768, 32  # windows beyond both waste hardly less, and leave the processor's cache
_MOST_AT_A_TIME = 8
_BATCHING = ("cuda", "tensorrt", "directml")  # a processor's cores are busy with one window
_COMPILING = ("tensorrt", "coreml")  # which take long for every new shape of a window (OpenVINO: a tenth of a second)


def plan_windows(
    request: ClassificationRequest, scene: Scene, area: Window, model: SegmentationModel
) -> tuple[AxisPlan, AxisPlan]:
    """Return the windows down and across a part of a scene.

    Raises:
        InputError: if the request's overlap does not fit its windows.
    """
    lengths = area.height, area.width
    if model.fixed_size is not None:
        rows, cols = (_plan_fixed(*axis, request, model) for axis in zip(lengths, model.fixed_size))
    else:
        size = request.window_size or _choose_size(request, scene, area.width, model)
        rows, cols = (_plan(length, size, request, model) for length in lengths)
    return rows, cols


def _plan(length: int, size: int, request: ClassificationRequest, model: SegmentationModel) -> AxisPlan:
    multiple, overlap = model.contract.size_multiple, _overlap(size, request, model)
    if request.window_size == CHOOSE_SIZE:
        size = balanced_size(length, size, overlap, multiple)
    if model.provider in _COMPILING:
        return _plan_fixed(length, min(round_up(size, multiple), round_up(length, multiple)), request, model)
    return plan_axis(length, size, overlap, multiple, model.contract.context)


def _plan_fixed(length: int, size: int, request: ClassificationRequest, model: SegmentationModel) -> AxisPlan:
    overlap = _overlap(size, request, model)
    return plan_axis(length, size, overlap, model.contract.size_multiple, model.contract.context, is_fixed=True)


def _overlap(size: int, request: ClassificationRequest, model: SegmentationModel) -> int:
    if request.overlap != CHOOSE_OVERLAP:
        return request.overlap
    return choose_overlap(model.contract.context, size, model.contract.size_multiple)


def plan_batch(request: ClassificationRequest, model: SegmentationModel, rows: AxisPlan, cols: AxisPlan) -> int:
    """Return how many windows the network is given at a time: several on graphics cards, as the memory allows."""
    if model.is_one_at_a_time:
        return 1
    if request.batch != CHOOSE_BATCH:
        return request.batch
    if model.provider not in _BATCHING:
        return 1
    window_bytes = rows.size * cols.size * ASSUMED_BYTES
    return min(max(request.memory * 1_000_000 // window_bytes, 1), _MOST_AT_A_TIME)


def _choose_size(request: ClassificationRequest, scene: Scene, width: int, model: SegmentationModel) -> int:
    # A strip with its masks, and what windows share.
    row_bytes = scene.pixel_bytes + 2 + len(model.contract.legend)
    # A window in the network; another one, and what that is made of, on the way into it; one on the way out.
    pixel_bytes = network_bytes(model) + 4 * (2 * len(model.contract.bands) + len(model.contract.legend))
    budget = request.memory * 1_000_000 - _OTHER_BYTES - _MODEL_BYTES * model.file_bytes
    fitting = choose_size(width, row_bytes, pixel_bytes, max(budget, 1), model.contract.size_multiple)
    multiple = model.contract.size_multiple
    return min(fitting, max(_LARGE_SIZE, _LARGE_CONTEXTS * model.contract.context) // multiple * multiple or multiple)
