# SPDX-License-Identifier: GPL-2.0-or-later
"""Test-time augmentation: the mean of what a model says about an image and about its mirrored and turned versions.

The eight symmetries of the square leave a scene plausible, as seen from above; where a network answers them
differently, their mean errs less than any one answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..models.inference import SegmentationModel
from ..radiometry import FloatArray

_SPATIAL_AXES = {"NCHW": (2, 3), "NHWC": (1, 2)}


@dataclass(frozen=True)
class Symmetry:
    """Quarter turns, then a mirroring from left to right or none."""

    turns: int
    is_mirrored: bool

    def apply(self, image: FloatArray, axes: tuple[int, int]) -> FloatArray:
        """Return an image turned and mirrored; `axes` are its rows and columns."""
        turned = np.rot90(image, self.turns, axes)
        return np.ascontiguousarray(np.flip(turned, axes[1]) if self.is_mirrored else turned)

    def undo(self, image: FloatArray, axes: tuple[int, int]) -> FloatArray:
        """Return what `apply` was given."""
        return np.rot90(np.flip(image, axes[1]) if self.is_mirrored else image, -self.turns, axes)


NO_AUGMENTATION = "none"

AUGMENTATIONS = {
    NO_AUGMENTATION: (Symmetry(0, False),),
    "flips": tuple(Symmetry(turns, is_mirrored) for turns in (0, 2) for is_mirrored in (False, True)),
    "all": tuple(Symmetry(turns, is_mirrored) for turns in range(4) for is_mirrored in (False, True)),
}
"""Under which symmetries the model is asked: once, four times, eight times."""


class Predictor:
    """A model that is asked under one symmetry or under several.

    Args:
        model: the model.
        augmentation: one of `AUGMENTATIONS`.

    Raises:
        InputError: if there is no such augmentation, or the model takes windows only that cannot be turned.
    """

    def __init__(self, model: SegmentationModel, augmentation: str = NO_AUGMENTATION) -> None:
        if augmentation not in AUGMENTATIONS:
            raise InputError(f"There is no augmentation '{augmentation}'; choose one of {', '.join(AUGMENTATIONS)}.")
        self._model = model
        self._symmetries = AUGMENTATIONS[augmentation]
        self._axes = _SPATIAL_AXES[model.contract.layout]
        size = model.fixed_size
        if size is not None and size[0] != size[1] and any(each.turns % 2 for each in self._symmetries):
            raise InputError(
                f"Model '{model.contract.name}' takes windows of {size[0]} x {size[1]} pixels only, which cannot be "
                "turned by 90 degrees; choose the augmentation 'flips'."
            )

    def run(self, feed: FloatArray, check: Callable[[], None]) -> FloatArray:
        """Run the model; give the result to `probabilities`, which may happen in another thread."""
        if len(self._symmetries) == 1:
            return self._model.run(feed, check)
        answers = (self._answer(feed, symmetry, check) for symmetry in self._symmetries)
        total: FloatArray = next(answers).copy()
        for answer in answers:
            total += answer
        total /= len(self._symmetries)
        return total

    def probabilities(self, output: FloatArray) -> FloatArray:
        """Return class probabilities, shape (n, classes, rows, cols), of what `run` returned."""
        return self._model.probabilities(output) if len(self._symmetries) == 1 else output

    def _answer(self, feed: FloatArray, symmetry: Symmetry, check: Callable[[], None]) -> FloatArray:
        output = self._model.run(symmetry.apply(feed, self._axes), check)
        return symmetry.undo(self._model.probabilities(output), _SPATIAL_AXES["NCHW"])
