# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a faster computation gives the same classes as an exact one, on samples of the user's own scene."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
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

_SAMPLES, _SIZE = 4, 256  # windows, and their side in pixels
_PLACES = (0, 4, 2, 6, 1, 5, 3, 7)  # of eight down a scene, as many as it takes: a scene's corners are often empty

_Sample = tuple[FloatArray, BoolArray]


def agreement_report(
    request: ClassificationRequest, path: Path, scene: Scene, model: SegmentationModel, progress: Progress
) -> Callable[[], None]:
    """Prepare to say on how many pixels a model in `fast` precision gives the class of `accurate` precision.

    Args:
        request: says whether `fast` was asked for.
        path: the model's file.
        scene: the user's; samples of it are read at once.
        model: the one that is going to run.
        progress: hears the result.

    Returns:
        What runs the model on the samples and reports; it may raise what the model does. It does not touch the scene,
        which may be read in another thread meanwhile.
    """
    if request.session.precision != FAST:
        return lambda: None
    if model.precision == "float32":
        message = f"This machine's {model.provider} computes in float32 only; fast is as accurate."
        return lambda: progress.info(message)
    samples = list(itertools.islice(_samples(scene, model), _SAMPLES))
    wanted = SessionRequest(model.provider, ACCURATE, request.session.threads)
    return lambda: _report(samples, model, load_model(path, wanted), progress)


def _report(
    samples: Sequence[_Sample], model: SegmentationModel, accurate: SegmentationModel, progress: Progress
) -> None:
    same = total = 0
    for feed, valid in samples:
        labels = [_labels(each, feed, valid.shape, progress) for each in (model, accurate)]
        same += int(np.count_nonzero((labels[0] == labels[1]) & valid))
        total += int(np.count_nonzero(valid))
    if total:
        progress.info(
            f"In {model.precision} the model gives the same class as in {accurate.precision} on {same / total:.2%} of "
            f"{total:,} sample pixels of this image."
        )


def _samples(scene: Scene, model: SegmentationModel) -> Iterator[_Sample]:
    """Yield feeds and valid pixels of windows that are spread over the scene, where it has data."""
    height, width = model.fixed_size or (_SIZE, _SIZE)
    height, width = min(height, scene.grid.height), min(width, scene.grid.width)
    multiple = model.contract.size_multiple
    places = model.fixed_size or (round_up(height, multiple), round_up(width, multiple))
    last = len(_PLACES) - 1
    for number in _PLACES:
        down, across = number / last, (number * 3 % len(_PLACES)) / last
        row, col = int(down * (scene.grid.height - height)), int(across * (scene.grid.width - width))
        stored, valid = scene.read(Window(col, row, width, height))
        if valid.any():
            out: FloatArray = np.empty((1, len(stored), *places), np.float32)
            yield network_input(scene, model, stored, valid, (row, col), out), valid


def _labels(
    model: SegmentationModel, feed: FloatArray, shape: tuple[int, ...], progress: Progress
) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    probabilities = model.probabilities(model.run(feed, progress.check))[0, :, : shape[0], : shape[1]]
    labels: np.ndarray[tuple[int, ...], np.dtype[np.intp]] = probabilities.argmax(axis=0)
    return labels
