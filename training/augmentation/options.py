# SPDX-License-Identifier: GPL-2.0-or-later
"""How far training batches are changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AugmentationOptions:
    """How far training batches are changed; 0 leaves a change out.

    Attributes:
        turn: whether to flip and to rotate by right angles.
        illumination: largest relative change of all bands together.
        band_gain: largest relative change of each band by itself.
        haze: largest reflectance added to the first (bluest) band, falling to zero towards the last.
        noise: largest standard deviation of noise, in reflectance.
    """

    turn: bool = True
    illumination: float = 0.1
    band_gain: float = 0.05
    haze: float = 0.0
    noise: float = 0.0
