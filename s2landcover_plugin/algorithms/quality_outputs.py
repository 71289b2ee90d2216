# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures of sharpening quality as number outputs, for models to act on."""

from __future__ import annotations

from qgis.core import QgsProcessingOutputNumber

from ..core.sharpening.quality import Quality
from .base import LandCoverAlgorithm, Parameters

RMSE, RMSE_CUBIC, ERGAS = "QUALITY_RMSE", "QUALITY_RMSE_CUBIC", "QUALITY_ERGAS"
SAM, Q, CONSISTENCY = "QUALITY_SAM", "QUALITY_Q", "QUALITY_CONSISTENCY"


def add_quality_outputs(algorithm: LandCoverAlgorithm) -> None:
    """Declare the figures."""
    for name, label in (
        (RMSE, algorithm.tr("RMSE one scale down (reflectance x 10000)")),
        (RMSE_CUBIC, algorithm.tr("RMSE of cubic resampling (reflectance x 10000)")),
        (ERGAS, algorithm.tr("ERGAS (%)")),
        (SAM, algorithm.tr("Mean spectral angle (degrees)")),
        (Q, algorithm.tr("Universal quality index (1 at best)")),
        (CONSISTENCY, algorithm.tr("Consistency of the worst band (reflectance x 10000)")),
    ):
        algorithm.addOutput(QgsProcessingOutputNumber(name, label))


def quality_outputs(quality: Quality | None) -> Parameters:
    """Return what was measured; what was not, or not asked for, is left out."""
    if quality is None:
        return {}
    chosen, cubic = quality.headline(quality.method), quality.headline("none")
    figures = {
        RMSE: chosen.rmse,
        RMSE_CUBIC: cubic.rmse,
        ERGAS: chosen.ergas,
        SAM: chosen.sam,
        Q: chosen.q,
        CONSISTENCY: chosen.consistency,
    }
    return {name: value for name, value in figures.items() if value is not None}
