# SPDX-License-Identifier: GPL-2.0-or-later
"""How far around a pixel a U-Net looks: the halo that windowed inference needs.

Araujo et al. (2019), "Computing receptive fields of convolutional neural networks", https://doi.org/10.23915/distill.00021.
"""

from __future__ import annotations

from .light_unet import DECODER_CONVOLUTIONS, ENCODER_CONVOLUTIONS


def context_of_unet(depth: int) -> int:
    """Return the largest distance, in pixels along an axis, at which an input pixel can change an output pixel.

    It depends on where the output pixel lies in the grid of the coarsest level, so all positions are tried.

    Args:
        depth: how often the network halves the resolution.
    """
    return max(_reach(position, depth) for position in range(2**depth))


def _reach(position: int, depth: int) -> int:
    """Follow one output position back through decoder and encoder, as intervals of pixels at each level."""
    low = high = position
    needed = []
    for _ in range(depth):
        low, high = low - DECODER_CONVOLUTIONS, high + DECODER_CONVOLUTIONS
        needed.append((low, high))
        low, high = low // 2, high // 2
    low, high = low - ENCODER_CONVOLUTIONS, high + ENCODER_CONVOLUTIONS
    for skip_low, skip_high in reversed(needed):
        low, high = min(2 * low, skip_low), max(2 * high + 1, skip_high)
        low, high = low - ENCODER_CONVOLUTIONS, high + ENCODER_CONVOLUTIONS
    return max(position - low, high - position)
