# SPDX-License-Identifier: GPL-2.0-or-later
"""Weights that make up for how unevenly classes are spread."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from s2landcover_plugin.core.errors import DatasetError

from .options import LossOptions


def class_weights(options: LossOptions, class_pixels: Sequence[int]) -> Tensor | None:
    """Return the weight of each class, shape (classes,), float32; None if all are to count by their pixels.

    Computed weights have the mean 1 over the classes that the training tiles have; a class they lack weighs 0. Only
    the weights' ratios matter, since the losses are means weighted by them.

    Args:
        options: which weights, or the weights themselves.
        class_pixels: labelled pixels of each class in the training tiles.

    Raises:
        DatasetError: if weights are given that are not one for each class, or are to be computed without any pixel.
    """
    if options.class_weights == "none":
        return None
    if not isinstance(options.class_weights, str):
        return _given(options.class_weights, len(class_pixels))
    pixels = torch.tensor(class_pixels, dtype=torch.float64)
    present = pixels > 0
    if not present.any():
        raise DatasetError(
            f"The training tiles have no labelled pixel to compute the class weights '{options.class_weights}' from; "
            "use 'none', or a dataset with labels."
        )
    weights = torch.zeros_like(pixels)
    weights[present] = _FORMULAS[options.class_weights](pixels[present], options)
    return (weights / weights[present].mean()).float()


def _given(weights: Sequence[float], classes: int) -> Tensor:
    if len(weights) != classes or not all(math.isfinite(value) and value >= 0 for value in weights) or not any(weights):
        raise DatasetError(
            f"The class weights are {', '.join(map(str, weights))}; expected {classes} numbers, one for each class in "
            "the order of the legend, none negative and not all 0."
        )
    return torch.tensor(weights, dtype=torch.float32)


def _effective(pixels: Tensor, options: LossOptions) -> Tensor:
    """Return the inverse of (1 - beta ** n) / (1 - beta), exact for beta close to 1.

    Cui et al. (2019), https://doi.org/10.1109/CVPR.2019.00949.
    """
    if options.effective_beta == 0:
        return torch.ones_like(pixels)
    return -1.0 / torch.expm1(pixels * math.log(options.effective_beta))


# Median frequency: Eigen and Fergus (2015), https://doi.org/10.1109/ICCV.2015.304, with the frequency over all training
# tiles rather than over those that have the class.
_FORMULAS: dict[str, Callable[[Tensor, LossOptions], Tensor]] = {
    "ins": lambda pixels, _: 1.0 / pixels,
    "isns": lambda pixels, _: pixels.rsqrt(),
    "median": lambda pixels, _: pixels.median() / pixels,
    "effective": _effective,
}
