# SPDX-License-Identifier: GPL-2.0-or-later
"""Plausible values for pixels without data, so that a network is not disturbed by a hole beside the pixel it labels."""

from __future__ import annotations

import numpy as np

from ..radiometry import BoolArray, FloatArray


def fill_gaps(values: FloatArray, valid: BoolArray, origin: tuple[int, int] = (0, 0)) -> FloatArray:
    """Continue the valid pixels into the others, from nearby.

    Averages of the valid pixels over 2 x 2 blocks fill what they can, coarser averages the rest ("push-pull": Gortler
    et al. 1996, https://doi.org/10.1145/237170.237200).

    Args:
        values: shape (bands, rows, cols); anything where not valid, NaN too.
        valid: shape (rows, cols); where nothing is valid at all, the result is zero.
        origin: row and column of the first pixel in the raster; blocks are those of the raster, so that overlapping
            windows fill a gap alike.

    Returns:
        The same array where there is no gap, or a new one; every pixel finite.
    """
    if valid.all():
        return values
    known: FloatArray = np.where(valid, values, np.float32(0))
    if not valid.any():
        return known
    top, left = origin[0] % 2, origin[1] % 2
    sums = _halved(known, top, left)
    counts = _halved(valid.astype(np.float32)[np.newaxis], top, left)
    means: FloatArray = np.divide(sums, np.maximum(counts, 1), dtype=np.float32)
    coarse = fill_gaps(means, counts[0] > 0, (origin[0] // 2, origin[1] // 2))
    rows, cols = valid.shape
    spread = coarse.repeat(2, axis=1)[:, top : top + rows].repeat(2, axis=2)[:, :, left : left + cols]
    filled: FloatArray = np.where(valid, known, spread)
    return filled


def _halved(values: FloatArray, top: int, left: int) -> FloatArray:
    """Return sums over 2 x 2 blocks, of which the first may lack its first row or column, and the last its last."""
    rows, cols = values.shape[1:]
    even: FloatArray = np.pad(values, ((0, 0), (top, (top + rows) % 2), (left, (left + cols) % 2)))
    tall = even[:, 0::2] + even[:, 1::2]
    sums: FloatArray = tall[:, :, 0::2] + tall[:, :, 1::2]
    return sums
