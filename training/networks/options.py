# SPDX-License-Identifier: GPL-2.0-or-later
"""Which network is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class NetworkOptions:
    """A network by its parts.

    Attributes:
        architecture: `light-unet`, small and quick with added skips.
        normalisation: of reflectance: `logarithm`, `standard` (zero mean, unit deviation) or `none`.
        width: channels of a light U-Net at full resolution.
        depth: how often a light U-Net halves the resolution.
    """

    architecture: Literal["light-unet"] = "light-unet"
    normalisation: Literal["logarithm", "standard", "none"] = "logarithm"
    width: int = 24
    depth: int = 3
