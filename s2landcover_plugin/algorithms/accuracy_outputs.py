# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures of an assessment as named outputs, and in the log."""

from __future__ import annotations

from collections.abc import Mapping

from qgis.core import QgsProcessingOutputNumber

from ..core.accuracy.result import Assessment
from ..core.progress import Progress
from .base import LandCoverAlgorithm, Parameters

PIXELS = "PIXELS"

_FIGURES = {
    "OVERALL_ACCURACY": "overall_accuracy",
    "KAPPA": "kappa",
    "MEAN_IOU": "mean_iou",
    "MACRO_F1": "macro_f1",
    "WEIGHTED_F1": "weighted_f1",
    "WEIGHTED_IOU": "weighted_iou",
    "MICRO_IOU": "micro_iou",
    "MEAN_USERS_ACCURACY": "macro_precision",
    "MEAN_PRODUCERS_ACCURACY": "macro_recall",
    "COMPOSITE": "composite",
    "MATTHEWS": "matthews",
    "QUANTITY_DISAGREEMENT": "quantity_disagreement",
    "ALLOCATION_DISAGREEMENT": "allocation_disagreement",
    "EXCHANGE": "exchange",
    "SHIFT": "shift",
}
"""Names in `HeadlineFigures` by output."""

LOW, HIGH, STANDARD_ERROR = "OVERALL_ACCURACY_LOW", "OVERALL_ACCURACY_HIGH", "OVERALL_ACCURACY_ERROR"
CALIBRATION_ERROR = "CALIBRATION_ERROR"


def add_figures(algorithm: LandCoverAlgorithm) -> None:
    """Declare the outputs."""
    for name, label in _labels(algorithm).items():
        algorithm.addOutput(QgsProcessingOutputNumber(name, label))


def figures_of(assessment: Assessment) -> Parameters:
    """Return the outputs; None for what is undefined or belongs to another kind of assessment."""
    headline, sample, calibration = assessment.headline, assessment.sample, assessment.calibration
    low, high = assessment.intervals.headline.get("overall_accuracy", (None, None))
    return {
        **{output: getattr(headline, name) for output, name in _FIGURES.items()},
        LOW: low,
        HIGH: high,
        STANDARD_ERROR: sample.estimates.overall.standard_error if sample else None,
        CALIBRATION_ERROR: calibration.expected_error if calibration else None,
        PIXELS: headline.pixels,
    }


def log_figures(algorithm: LandCoverAlgorithm, figures: Mapping[str, float | None], progress: Progress) -> None:
    """Write the figures into the log, with the interval of the overall accuracy."""
    for name in _FIGURES:
        value = figures[name]
        label = algorithm.outputDefinition(name).description()
        progress.info(f"{label}: " + ("undefined" if value is None else f"{value:.4f}"))


def _labels(algorithm: LandCoverAlgorithm) -> dict[str, str]:
    tr = algorithm.tr
    return {
        "OVERALL_ACCURACY": tr("Overall accuracy (0-1)"),
        "KAPPA": tr("Cohen's kappa"),
        "MEAN_IOU": tr("Mean intersection over union (0-1)"),
        "MACRO_F1": tr("Mean F1 of the classes (0-1)"),
        "WEIGHTED_F1": tr("F1 weighted by class (0-1)"),
        "WEIGHTED_IOU": tr("Intersection over union weighted by class (0-1)"),
        "MICRO_IOU": tr("Intersection over union of all classes pooled (0-1)"),
        "MEAN_USERS_ACCURACY": tr("Mean user's accuracy (0-1)"),
        "MEAN_PRODUCERS_ACCURACY": tr("Mean producer's accuracy (0-1)"),
        "COMPOSITE": tr("Mean of overall accuracy and mean intersection over union (0-1)"),
        "MATTHEWS": tr("Matthews' correlation coefficient (-1 to 1)"),
        "QUANTITY_DISAGREEMENT": tr("Quantity disagreement (0-1)"),
        "ALLOCATION_DISAGREEMENT": tr("Allocation disagreement (0-1)"),
        "EXCHANGE": tr("Exchange, a part of the allocation disagreement (0-1)"),
        "SHIFT": tr("Shift, the other part of the allocation disagreement (0-1)"),
        LOW: tr("Overall accuracy, lower end of the 95 % interval"),
        HIGH: tr("Overall accuracy, upper end of the 95 % interval"),
        STANDARD_ERROR: tr("Standard error of the overall accuracy, for a sample"),
        CALIBRATION_ERROR: tr("Expected calibration error of the confidence (0-1)"),
        PIXELS: tr("Pixels or points compared"),
    }
