# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a faster computation gives the same classes as an exact one, on samples of the user's own scene."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..models.inference import SegmentationModel, load_model
from ..models.precision import ACCURATE, FAST
from ..models.session import SessionRequest
from ..progress import Progress
from ..radiometry import BoolArray, FloatArray
from ..raster import Window
from ..scene import Scene
from .prepare import network_input
from .request import ClassificationRequest
from .windows import round_up

_SAMPLES, _SIZE = 8, 256  # windows, and their side in pixels


def report_agreement(
    request: ClassificationRequest, path: Path, scene: Scene, model: SegmentationModel, progress: Progress
) -> None:
    """Say on how many pixels a model in `fast` precision gives the class that it gives in `accurate` precision.

    Args:
        request: says whether `fast` was asked for.
        path: the model's file.
        scene: the user's.
        model: the one that is going to run.
        progress: hears the result.
    """
    if request.session.precision != FAST:
        return
    if model.precision == "float32":
        progress.info(f"This machine's {model.provider} computes in float32 only; fast is as accurate.")
        return
    accurate = load_model(path, SessionRequest(model.provider, ACCURATE, request.session.threads))
    same = total = 0
    for feed, valid in _samples(scene, model):
        labels = [_labels(each, feed, valid.shape, progress) for each in (model, accurate)]
        same += int(np.count_nonzero((labels[0] == labels[1]) & valid))
        total += int(np.count_nonzero(valid))
    if total:
        progress.info(
            f"In {model.precision} the model gives the same class as in {accurate.precision} on {same / total:.2%} of "
            f"{total:,} sample pixels of this image."
        )


def _samples(scene: Scene, model: SegmentationModel) -> Iterator[tuple[FloatArray, BoolArray]]:
    """Yield feeds and valid pixels of windows that are spread over the scene's diagonals."""
    height, width = model.fixed_size or (_SIZE, _SIZE)
    height, width = min(height, scene.grid.height), min(width, scene.grid.width)
    multiple = model.contract.size_multiple
    places = model.fixed_size or (round_up(height, multiple), round_up(width, multiple))
    for number in range(_SAMPLES):
        down, across = number / (_SAMPLES - 1), (number * 3 % _SAMPLES) / (_SAMPLES - 1)
        row, col = int(down * (scene.grid.height - height)), int(across * (scene.grid.width - width))
        stored, valid = scene.read(Window(col, row, width, height))
        if valid.any():
            yield network_input(scene, model, stored, valid, (row, col), places), valid


def _labels(
    model: SegmentationModel, feed: FloatArray, shape: tuple[int, ...], progress: Progress
) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    probabilities = model.probabilities(model.run(feed, progress.check))[0, :, : shape[0], : shape[1]]
    labels: np.ndarray[tuple[int, ...], np.dtype[np.intp]] = probabilities.argmax(axis=0)
    return labels
