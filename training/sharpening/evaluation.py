# SPDX-License-Identifier: GPL-2.0-or-later
"""How a sharpening network compares with regression on scenes that it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.sharpening.fitting import BandFit
from s2landcover_plugin.core.sharpening.learned import fit_learned
from s2landcover_plugin.core.sharpening.methods import sharpen
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.network import SharpeningNetwork

from .pairs import EVALUATION_BLURS, Degraded, degraded
from .scenes import BANDS, NativePiece

_UNITS = 1e4  # of reflectance, as products store it


@dataclass(frozen=True)
class SceneFigures:
    """One scene under one blur: mean over pieces and bands, reflectance x 10000.

    Attributes:
        scene: its name.
        blur: of the degradation; 0 is a box average.
        regression: RMSE of `regression`.
        learned: RMSE of `learned`.
        consistency: RMSE between what `learned` gave, degraded again, and what it was made of.
    """

    scene: str
    blur: float
    regression: float
    learned: float
    consistency: float


def evaluate(network: SharpeningNetwork, pieces: Sequence[NativePiece]) -> tuple[SceneFigures, ...]:
    """Restore the bands of pieces under every one of `EVALUATION_BLURS`."""
    figures = []
    for scene in dict.fromkeys(piece.scene for piece in pieces):
        for blur in EVALUATION_BLURS:
            lows = [degraded(piece, blur) for piece in pieces if piece.scene == scene]
            means = np.mean([_errors(network, low) for low in lows], axis=0)
            figures.append(SceneFigures(scene, blur, *map(float, means)))
    return tuple(figures)


def summary(figures: Sequence[SceneFigures]) -> dict[str, Any]:
    """Return the figures for the contract's provenance."""
    return {"rmse_over_regression": ratio(figures), "scenes": [asdict(each) for each in figures]}


def ratio(figures: Sequence[SceneFigures]) -> float:
    """Return the RMSE of `learned` over that of `regression`: the mean over scenes and blurs."""
    return float(np.mean([each.learned / each.regression for each in figures]))


def to_text(figures: Sequence[SceneFigures]) -> str:
    """Return a table for people."""
    lines = [f"{'scene':50}{'blur':>6}{'regression':>12}{'learned':>9}{'ratio':>7}{'consistency':>13}"]
    for each in figures:
        blur = "box" if each.blur == 0 else f"{each.blur:g}"
        lines.append(
            f"{each.scene[:48]:50}{blur:>6}{each.regression:12.1f}{each.learned:9.1f}"
            f"{each.learned / each.regression:7.3f}{each.consistency:13.2f}"
        )
    lines.append(f"RMSE of learned over that of regression, mean over scenes and blurs: {ratio(figures):.3f}")
    return "\n".join(lines)


def _errors(network: SharpeningNetwork, low: Degraded) -> list[float]:
    """Return the mean RMSE of regression and of the network, and its inconsistency."""
    samples = [[patch] for patch in low.patches]
    fits = fit_learned(network, BANDS, samples, low.fits, SilentProgress())
    rows = [_band_errors(low, k, fit) for k, fit in enumerate(fits)]
    return [_UNITS * float(value) for value in np.mean(rows, axis=0)]


def _band_errors(low: Degraded, number: int, fit: BandFit) -> list[float]:
    patch, truth = low.patches[number], low.piece.bands[number]
    plain, learned = (sharpen(patch, method, fit) for method in ("regression", "learned"))
    again = degrade(learned, patch.factor, fit.blur("learned"))
    pairs = ((plain, truth), (learned, truth), (again, patch.coarse))
    return [float(np.sqrt(np.mean((first - second) ** 2))) for first, second in pairs]
