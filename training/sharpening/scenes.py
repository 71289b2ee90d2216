# SPDX-License-Identifier: GPL-2.0-or-later
"""Sentinel-2 products as pieces of native resolution: 10 m guides and the 20 m bands that they sharpen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2landcover_plugin.core.bands import GUIDE_BANDS
from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.products.product import Product, open_product
from s2landcover_plugin.core.radiometry import FloatArray
from s2landcover_plugin.core.raster import Window
from s2landcover_plugin.core.sharpening.stack import StackReader, plan_stack

FACTOR = 2
BANDS = ("B05", "B06", "B07", "B8A", "B11", "B12")
"""The bands at 20 m."""

# Pieces of this many fine pixels a side, on a lattice over a scene, and how many at most a side.
_SIDE, _PIECES_PER_SIDE = 600, 4
# Smaller pieces hold too few neighbourhoods once they are degraded.
_LEAST_SIDE = 48


@dataclass(frozen=True, eq=False)
class NativePiece:
    """A piece of a scene without a gap.

    Attributes:
        scene: what the scene is called; a scene is either trained on or held out.
        guides: reflectance, shape (4, rows x 2, cols x 2); rows and columns are even.
        bands: reflectance of `BANDS`, shape (6, rows, cols).
    """

    scene: str
    guides: FloatArray
    bands: FloatArray


def read_pieces(products: Sequence[Path]) -> tuple[NativePiece, ...]:
    """Read pieces of every product.

    Args:
        products: whatever `pansharpen` takes as its input; a folder of several products stands for them all.

    Raises:
        ProductError, BandError, GridError: if something is no product with 10 m and 20 m bands.
        DatasetError: if no product has a piece without a gap.
    """
    pieces = [piece for path in products for product in _products(path) for piece in _pieces(product)]
    if not pieces:
        names = ", ".join(str(path) for path in products)
        raise DatasetError(
            f"Nothing can be learnt from {names}: there is no piece of at least {_LEAST_SIDE} x {_LEAST_SIDE} 10 m "
            "pixels without nodata."
        )
    return tuple(pieces)


def _products(path: Path) -> Iterator[Product]:
    folders = sorted(part for part in path.iterdir() if part.is_dir()) if path.is_dir() else []
    if folders and path.suffix.upper() != ".SAFE" and not any(part.is_file() for part in path.iterdir()):
        for folder in folders:
            yield open_product([str(folder)])
    else:
        yield open_product([str(path)])


def _pieces(product: Product) -> Iterator[NativePiece]:
    plan = plan_stack(product, product.select(BANDS))
    with StackReader(product, (*GUIDE_BANDS, *BANDS), plan) as stack:
        for window in _windows(plan.grid.width, plan.grid.height):
            guides, valid = stack.read_guides(GUIDE_BANDS, window)
            images = [stack.read(band, window.coarsened(FACTOR)) for band in BANDS]
            if valid.all() and all(known.all() for _, known in images):
                yield NativePiece(product.name, guides, np.stack([image for image, _ in images]))


def _windows(width: int, height: int) -> Iterator[Window]:
    """Yield windows on a lattice, their corners and sides on multiples of two degraded pixels."""
    step = 2 * FACTOR
    size = [min(_SIDE, length // step * step) for length in (width, height)]
    if min(size) < _LEAST_SIDE:
        return
    places = []
    for length, part in zip((width, height), size):
        count = min(_PIECES_PER_SIDE, length // part)
        places.append(sorted({int(start) // step * step for start in np.linspace(0, length - part, count)}))
    for row in places[1]:
        for col in places[0]:
            yield Window(col, row, size[0], size[1])
