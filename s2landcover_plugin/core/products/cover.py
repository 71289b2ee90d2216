# SPDX-License-Identifier: GPL-2.0-or-later
"""How much of a scene lies under cloud, shadow and snow: by its masks, and as its metadata states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..errors import GridError, RasterError
from ..progress import Progress
from ..raster import Grid, open_raster, same_crs
from ..validity import Cover, CoverMask, MaskKind, cover_shares
from .model import BandSource, Product

_TOLD = {
    MaskKind.SCL: "the scene classification",
    MaskKind.QA60: "QA60",
    MaskKind.PROBABILITY: "the cloud probability (50 % or more)",
}


@dataclass(frozen=True)
class SceneCover:
    """What covers the ground.

    Attributes:
        shares: share of what a mask has seen under each cover that it knows, 0-1; empty without a mask.
        kind: what the mask is; None without one.
        stated: share of the whole scene under cloud that its metadata states, 0-1; None where they do not.
    """

    shares: Mapping[Cover, float] = field(default_factory=dict)
    kind: MaskKind | None = None
    stated: float | None = None


def scene_cover(product: Product, grid: Grid, progress: Progress) -> SceneCover:
    """Say what covers the ground on a grid, and tell it.

    A mask that cannot be used is told, not raised: it is no reason to do without the bands.

    Args:
        product: its mask that tells most is used.
        grid: the part of the scene that counts.
        progress: hears the figures, and may cancel.

    Raises:
        Cancelled: if the user asked to stop.
    """
    shares: Mapping[Cover, float] = {}
    kind: MaskKind | None = None
    if product.cover_mask is not None:
        kind, source = product.cover_mask
        try:
            shares = _shares(kind, source, grid, progress)
        except (RasterError, GridError) as error:
            progress.warning(f"What covers the ground is not known: {error}")
            kind = None
    cover = SceneCover(shares, kind, product.cloud_cover)
    text = described(cover)
    if text:
        progress.info(text)
    return cover


def described(cover: SceneCover) -> str:
    """Return the figures as a sentence or two; empty if nothing is known."""
    sentences = []
    if cover.kind is not None:
        told = ", ".join(f"{share:.1%} {kind.value}" for kind, share in cover.shares.items())
        sentences.append(f"By {_TOLD[cover.kind]}: {told}.")
    if cover.stated is not None:
        sentences.append(f"The metadata states {cover.stated:.1%} cloud for the whole scene.")
    return " ".join(sentences)


def _shares(kind: MaskKind, source: BandSource, grid: Grid, progress: Progress) -> dict[Cover, float]:
    with open_raster(source.path) as raster:
        # Over the same ground, the mask's own pixels say it exactly.
        whole = same_crs(raster.grid.crs, grid.crs) and np.allclose(raster.grid.bounds, grid.bounds, rtol=0, atol=0.01)
        return cover_shares(CoverMask(raster, raster.grid if whole else grid, source.index, kind), progress)
