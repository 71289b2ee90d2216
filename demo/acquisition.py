# SPDX-License-Identifier: GPL-2.0-or-later
"""Where and when the made product was taken, and the names that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from s2landcover_plugin.core.raster import Grid


@dataclass(frozen=True)
class Acquisition:
    """Where and when a product was taken. The tile's name is none that exists.

    Attributes:
        tile: name of the tile, with its leading T.
        sensed: start of sensing, as in file names.
        orbit: relative orbit.
        absolute_orbit: absolute orbit.
        grid: the 10 m grid.
        code: authority code of its CRS.
    """

    grid: Grid
    code: str
    tile: str = "T32ZZZ"
    sensed: str = "20240615T101559"
    orbit: int = 65
    absolute_orbit: int = 46912

    @property
    def product(self) -> str:
        """The product's name, without `.SAFE`."""
        return f"S2A_MSIL2A_{self.sensed}_N0511_R{self.orbit:03d}_{self.tile}_{self.sensed}"

    @property
    def granule(self) -> str:
        """The granule folder's name."""
        return f"L2A_{self.tile}_A{self.absolute_orbit:06d}_{self.sensed}"

    def image(self, kind: str, gsd: int) -> str:
        """Return an image's path inside the product, without ending."""
        return f"GRANULE/{self.granule}/IMG_DATA/R{gsd}m/{self.tile}_{self.sensed}_{kind}_{gsd}m"
