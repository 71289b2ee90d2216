# SPDX-License-Identifier: GPL-2.0-or-later
"""What `pansharpen` is asked for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import InputError
from ..output_format import COMPRESSIONS, FORMATS
from ..products.cover import SceneCover
from ..products.scene_classification import checked_classes
from ..raster import Grid
from .methods import METHODS
from .quality import Quality
from .stack import Bounds


@dataclass(frozen=True)
class PansharpenRequest:
    """What to make.

    Attributes:
        inputs: a SAFE folder, its `MTD_*.xml`, a folder of band files, or band rasters.
        output: the GeoTIFF to write.
        bands: Sentinel-2 ids of the bands wanted; all by default.
        method: one of `sharpening.METHODS`.
        scl: the GeoTIFF for the scene classification on the same grid; empty for none.
        mask_classes: values of the scene classification whose pixels become nodata in all bands.
        mask_growth: how far these are grown, pixels of the stack: the rims of clouds and shadows are blurred.
        extent: smallest x, smallest y, largest x, largest y of the part wanted, in the CRS that `scene_crs` returns;
            it grows to whole pixels of the coarsest band. None for the whole scene.
        align: whether bands whose grids do not nest are brought onto the grid of the 10 m bands (bilinear).
        compress: one of `output_format.COMPRESSIONS`.
        file_format: one of `output_format.FORMATS`.
        validity: the GeoTIFF for what makes pixels of the stack valid, classes of `VALIDITY_LEGEND`; empty for none.
        quality: the HTML page on how well the scene's bands are sharpened; empty for none.
        network: the sharpening network's file, for the method `learned`; empty for the one that comes with the plugin.
    """

    inputs: tuple[str, ...]
    output: str
    bands: tuple[str, ...] = ()
    method: str = "regression"
    scl: str = ""
    mask_classes: tuple[int, ...] = ()
    mask_growth: int = 0
    extent: Bounds | None = None
    align: bool = False
    compress: str = "DEFLATE"
    file_format: str = "GeoTIFF"
    validity: str = ""
    quality: str = ""
    network: str = ""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(f"There is no sharpening method '{self.method}'; choose one of {', '.join(METHODS)}.")
        if self.compress not in COMPRESSIONS:
            raise InputError(f"There is no compression '{self.compress}'; choose one of {', '.join(COMPRESSIONS)}.")
        if self.file_format not in FORMATS:
            raise InputError(f"There is no format '{self.file_format}'; choose one of {', '.join(FORMATS)}.")
        if self.mask_growth < 0:
            raise InputError(f"A mask cannot be grown by {self.mask_growth} pixels; give 0 or more.")
        object.__setattr__(self, "mask_classes", checked_classes(self.mask_classes))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every file to write, the stack first."""
        return (self.output, *(path for path in (self.scl, self.validity, self.quality) if path))


@dataclass(frozen=True)
class PansharpenResult:
    """What was made.

    Attributes:
        output: the GeoTIFF.
        bands: ids of its bands, in order.
        level: `L1C`, `L2A`, or None where the product does not say.
        grid: its grid.
        scl: the scene classification on that grid; empty where it was not wanted.
        validity: what makes its pixels valid; empty where it was not wanted.
        quality: how well bands were sharpened; None where it was not wanted.
        cover: what covers the ground.
    """

    output: str
    bands: tuple[str, ...]
    level: str | None
    grid: Grid
    scl: str = ""
    validity: str = ""
    quality: Quality | None = None
    cover: SceneCover = field(default_factory=SceneCover)
