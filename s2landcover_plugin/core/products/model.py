# SPDX-License-Identifier: GPL-2.0-or-later
"""What a Sentinel-2 product consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..bands import in_native_order
from ..errors import BandError, ProductError
from ..radiometry import Radiometry
from ..raster import Grid
from ..validity import MaskKind


@dataclass(frozen=True)
class BandSource:
    """Where a band is, and what its numbers mean.

    Attributes:
        path: the raster.
        index: band number in it, from 1.
        radiometry: how stored numbers become reflectance.
        nodata: stored number of pixels without data, or None.
        grid: the raster's own grid.
    """

    path: str
    index: int
    radiometry: Radiometry
    nodata: float | None
    grid: Grid


@dataclass(frozen=True)
class Product:
    """A Sentinel-2 product.

    Attributes:
        name: what to call it.
        level: `L1C`, `L2A`, or None where nothing says so.
        bands: what is there, by band id in native order.
        scl: scene classification, where there is one.
        masks: other masks of cloud that are there.
        cloud_cover: share of the whole scene under cloud that its metadata states, 0-1; None where they do not.
        coarser: which of the bands are there only at a coarser resolution than the instrument took.
        expected: what a complete product has; for loose files, what is there.
        baseline: processing baseline; empty where not known.
        notes: what the user should know: assumptions made, files ignored.
    """

    name: str
    level: str | None
    bands: Mapping[str, BandSource]
    scl: BandSource | None = None
    expected: tuple[str, ...] = ()
    baseline: str = ""
    notes: tuple[str, ...] = field(default=())
    coarser: tuple[str, ...] = ()
    masks: Mapping[MaskKind, BandSource] = field(default_factory=dict)
    cloud_cover: float | None = None

    @property
    def cover_mask(self) -> tuple[MaskKind, BandSource] | None:
        """The mask that tells most of what covers the ground; None if there is none."""
        if self.scl is not None:
            return MaskKind.SCL, self.scl
        ranked = (MaskKind.PROBABILITY, MaskKind.QA60)
        return next(((kind, self.masks[kind]) for kind in ranked if kind in self.masks), None)

    @property
    def missing(self) -> tuple[str, ...]:
        """The bands that a complete product has and this one lacks, or has only at a coarser resolution."""
        return tuple(band for band in self.expected if band not in self.bands or band in self.coarser)

    def select(self, wanted: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the bands wanted, in native order; all bands of a complete product by default.

        Bands that are there only at a coarser resolution count if they are asked for.

        Raises:
            BandError: if a band asked for is not there.
            ProductError: if all are wanted and the product is incomplete, or none is there.
        """
        there = ", ".join(self.bands)
        if not self.bands:
            raise ProductError(f"The product {self.name} has no band. Download it completely.")
        absent = [band for band in wanted if band not in self.bands]
        if absent:
            raise BandError(f"The product {self.name} has no {', '.join(absent)}; it has {there}.")
        if not wanted and self.missing:
            coarser = f" ({', '.join(self.coarser)} at a coarser resolution only)" if self.coarser else ""
            raise ProductError(
                f"The product {self.name} lacks {', '.join(self.missing)}{coarser}. Download it completely, or list "
                f"only the bands that are there: {there}."
            )
        return in_native_order(wanted or tuple(self.bands))
