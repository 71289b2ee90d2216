# SPDX-License-Identifier: GPL-2.0-or-later
"""The intervals of estimates, by the names of the figures that they belong to."""

from __future__ import annotations

from .estimation import Estimate, SampleEstimates
from .result import Interval, Intervals


def sample_intervals(estimates: SampleEstimates) -> Intervals:
    """Return 95 % confidence intervals, cut to 0-1.

    F1 grows with the intersection over union and depends on nothing else, so that its interval is that of the latter
    in its terms: F1 = 2 IoU / (1 + IoU).
    """
    overall = _interval(estimates.overall)
    classes = {}
    for value, user, producer, union in zip(estimates.classes, estimates.users, estimates.producers, estimates.unions):
        iou = _interval(union)
        found = {
            "precision": _interval(user),
            "recall": _interval(producer),
            "f1": None if iou is None else (_f1(iou[0]), _f1(iou[1])),
            "iou": iou,
        }
        classes[value] = {name: ends for name, ends in found.items() if ends is not None}
    return Intervals({} if overall is None else {"overall_accuracy": overall}, classes)


def _interval(estimate: Estimate) -> Interval | None:
    return estimate.interval(greatest=1.0)


def _f1(iou: float) -> float:
    return 2 * iou / (1 + iou)
