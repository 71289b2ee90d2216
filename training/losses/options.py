# SPDX-License-Identifier: GPL-2.0-or-later
"""Which losses are added up, and how classes are weighted in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from s2landcover_plugin.core.errors import InputError

LOSSES = ("cross_entropy", "soft", "dice", "focal", "tversky", "lovasz")


@dataclass(frozen=True)
class LossOptions:
    """Weights of the losses, 0 leaves one out; and what shapes them.

    Attributes:
        cross_entropy: weight of the cross entropy with the labels.
        soft: weight of the divergence from soft labels; without soft labels the cross entropy gets it.
        dice: weight of the Dice loss.
        focal: weight of the focal loss, a cross entropy that looks at pixels the network is still unsure of.
        tversky: weight of the Tversky loss, a Dice loss that counts missed and invented pixels differently.
        lovasz: weight of the Lovász-softmax loss, which stands for the mean IoU.
        class_weights: of cross entropy and focal loss, from the labelled pixels of the training tiles: `ins` (inverse
            of their number), `isns` (inverse square root), `median` (median frequency over frequency), `effective`
            (inverse effective number), `none`; or a number for each class in the order of the legend. The other
            losses count classes alike by themselves.
        label_smoothing: share of the cross entropy's target that is spread over all classes, 0-1.
        focal_gamma: how much less the focal loss counts sure pixels; 0 makes it the cross entropy.
        tversky_alpha: weight of invented pixels (false positives) in the Tversky loss.
        tversky_beta: weight of missed pixels (false negatives) in the Tversky loss.
        effective_beta: of `effective`, 0-1; classes of far more than 1 / (1 - beta) pixels weigh the same.

    Raises:
        InputError: if a value is out of its range, or no loss has a weight.
    """

    cross_entropy: float = 1.0
    soft: float = 0.0
    dice: float = 0.0
    focal: float = 0.0
    tversky: float = 0.0
    lovasz: float = 0.0
    class_weights: Literal["none", "ins", "isns", "median", "effective"] | tuple[float, ...] = "none"
    label_smoothing: float = 0.0
    focal_gamma: float = 2.0
    tversky_alpha: float = 0.3
    tversky_beta: float = 0.7
    effective_beta: float = 0.999999

    def __post_init__(self) -> None:
        values = {name: getattr(self, name) for name in (*LOSSES, "focal_gamma", "tversky_alpha", "tversky_beta")}
        negative = [f"{name} is {value}" for name, value in values.items() if not value >= 0]
        if negative:
            raise InputError(f"In the options of the loss, {' and '.join(negative)}; expected 0 or more.")
        for name in ("label_smoothing", "effective_beta"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"In the options of the loss, {name} is {getattr(self, name)}; expected 0 to below 1.")
        if not any(values[name] for name in LOSSES):
            raise InputError(f"Every loss has the weight 0; give at least one of {', '.join(LOSSES)} a weight.")
