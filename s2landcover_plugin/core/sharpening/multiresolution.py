# SPDX-License-Identifier: GPL-2.0-or-later
"""Moving images between nested grids whose pixels differ by a whole factor.

Grids share their corners: a coarse pixel covers exactly `factor` x `factor` fine ones, and everything here keeps the
centres where they are, without the half-pixel shift of plain slicing. Whatever lies beyond an array's border, or is
not valid, has no weight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from ..radiometry import BoolArray, FloatArray
from ..raster import Array

KERNEL_REACH = 3.0
"""A Gaussian is cut off at this many standard deviations."""


def degrade(fine: FloatArray, factor: int, sigma: float, valid: BoolArray | None = None) -> FloatArray:
    """Return an image as a coarser sensor would see it: blurred by a Gaussian and sampled at the coarse centres.

    Args:
        fine: shape (..., rows x factor, cols x factor), float32, finite.
        factor: coarse pixel size in fine pixels.
        sigma: standard deviation of the Gaussian, in coarse pixels; positive.
        valid: which fine pixels count, shape (rows x factor, cols x factor); all by default.

    Returns:
        Shape (..., rows, cols), float32: the weighted mean of the valid pixels, 0 where there are none.
    """
    if valid is None:
        # The weight that falls outside the array is the product of what falls outside along each axis.
        ones = np.ones(max(fine.shape[-2:]), dtype=np.float32)
        weight = np.multiply.outer(
            _blur_axis(ones[: fine.shape[-2]], factor, sigma, -1), _blur_axis(ones[: fine.shape[-1]], factor, sigma, -1)
        )
        return (_blur(fine, factor, sigma) / weight).astype(np.float32, copy=False)
    weight = _blur(valid.astype(np.float32), factor, sigma)
    total = _blur(np.where(valid, fine, np.float32(0)), factor, sigma)
    return np.divide(total, weight, out=np.zeros_like(total), where=np.broadcast_to(weight > 1e-6, total.shape))


def coverage(valid: BoolArray, factor: int, sigma: float) -> FloatArray:
    """Return the share (0-1) of each coarse pixel's Gaussian weight that falls on valid fine pixels.

    Args:
        valid: shape (rows x factor, cols x factor).
        factor: coarse pixel size in fine pixels.
        sigma: standard deviation of the Gaussian, in coarse pixels.

    Returns:
        Shape (rows, cols), float32.
    """
    return degrade(valid.astype(np.float32), factor, sigma)


def cubic_upsample(coarse: FloatArray, factor: int) -> FloatArray:
    """Return an image on a grid `factor` times finer by cubic convolution.

    Keys' kernel with a = -0.5 (Keys 1981, https://doi.org/10.1109/TASSP.1981.1163711); borders are replicated.

    Args:
        coarse: shape (..., rows, cols), float32.
        factor: coarse pixel size in fine pixels.

    Returns:
        Shape (..., rows x factor, cols x factor), float32.
    """
    return _upsample(coarse, factor, reach=2)


def linear_upsample(coarse: FloatArray, factor: int) -> FloatArray:
    """Return an image on a grid `factor` times finer by bilinear interpolation; shapes as in `cubic_upsample`."""
    return _upsample(coarse, factor, reach=1)


def repeat(coarse: Array, factor: int) -> Array:
    """Return every coarse pixel as `factor` x `factor` equal ones; shape (..., rows x factor, cols x factor)."""
    return np.repeat(np.repeat(coarse, factor, axis=-2), factor, axis=-1)


def box_sum(image: FloatArray, radius: int) -> FloatArray:
    """Return the sums over windows of 2 x radius + 1 pixels a side, same shape; outside the array everything is 0."""
    for axis in (-2, -1):
        padded = _padded(image, axis, radius, "constant")
        size = image.shape[axis]
        image = _weighted_sum([(1.0, _cut(padded, axis, slice(k, k + size))) for k in range(2 * radius + 1)])
    return image


def fill_invalid(image: FloatArray, valid: BoolArray, reach: int) -> FloatArray:
    """Continue an image into its invalid pixels, so that filters near the edge of the data see plausible numbers.

    Args:
        image: shape (..., rows, cols); what it holds at invalid pixels is ignored.
        valid: shape (rows, cols).
        reach: how many pixels far from a valid one are filled; beyond, the result is 0.

    Returns:
        Same shape; valid pixels unchanged.
    """
    filled = np.where(valid, image, np.float32(0))
    known = valid
    for _ in range(reach):
        if known.all():
            break
        count = box_sum(known.astype(np.float32), 1)
        grown = ~known & (count > 0.5)
        filled = np.where(grown, box_sum(filled, 1) / np.maximum(count, 1), filled)
        known = known | grown
    return filled


def convolve(image: FloatArray, kernel: FloatArray) -> FloatArray:
    """Return an image convolved with one symmetric kernel of odd length along both axes; borders are replicated."""
    radius = len(kernel) // 2
    for axis in (-2, -1):
        padded = _padded(image, axis, radius, "edge")
        size = image.shape[axis]
        image = _weighted_sum([(weight, _cut(padded, axis, slice(k, k + size))) for k, weight in enumerate(kernel)])
    return image


def soften(fine: FloatArray, variance: float, valid: BoolArray | None = None) -> FloatArray:
    """Return an image blurred a little, or sharpened a little, by three taps along either axis.

    Args:
        fine: shape (..., rows, cols), float32; 0 where not valid.
        variance: of the blur, in pixels squared, at most 0.5; a negative one takes as much of a blur away.
        valid: which pixels count, shape (rows, cols); all by default. Others stay 0.
    """
    if not variance:
        return fine
    side = np.float32(0.5 * variance)
    kernel = np.array([side, 1 - 2 * side, side], dtype=np.float32)
    blurred = convolve(fine, kernel)
    if valid is None or valid.all():
        return blurred
    weight = convolve(valid.astype(np.float32), kernel)
    return np.divide(blurred, weight, out=np.zeros_like(blurred), where=np.broadcast_to(valid, blurred.shape))


def restoring_kernel(factor: int, sigma: float, steps: int, radius: int) -> FloatArray:
    """Return the filter that makes a coarse image survive being upsampled and degraded again.

    Upsampling (cubic) and then degrading a coarse image is nearly a convolution k along each axis. Its inverse is
    developed as `sum((1 - k)^i, i < steps)`, Van Cittert's iteration, in which every step gives back more of the
    highest frequencies, and more of their noise.

    Args:
        factor: coarse pixel size in fine pixels.
        sigma: standard deviation of the Gaussian, in coarse pixels.
        steps: terms of the series.
        radius: taps on each side of the centre that are kept.

    Returns:
        Shape (2 x radius + 1,), float32, sum 1; to be applied along both axes.
    """
    size = 64
    impulse = np.zeros((1, size), dtype=np.float32)
    impulse[0, size // 2] = 1.0
    response = _blur_axis(_upsample_axis(impulse, factor, 2, -1), factor, sigma, -1)[0]
    gain = np.fft.fft(np.fft.ifftshift(response)).real
    inverse = sum((1.0 - gain) ** power for power in range(steps))
    kernel = np.fft.fftshift(np.fft.ifft(inverse).real)[size // 2 - radius : size // 2 + radius + 1]
    normalised: FloatArray = (kernel / kernel.sum()).astype(np.float32)
    return normalised


def _blur(fine: FloatArray, factor: int, sigma: float) -> FloatArray:
    return _blur_axis(_blur_axis(fine, factor, sigma, -2), factor, sigma, -1)


def _blur_axis(fine: FloatArray, factor: int, sigma: float, axis: int) -> FloatArray:
    """Blur and decimate along one axis, without normalising."""
    first, weights = _gaussian_taps(factor, sigma)
    margin = max(0, -first)
    padded = _padded(fine, axis, margin, "constant")
    span = fine.shape[axis] - factor + 1
    starts = (first + margin + k for k in range(len(weights)))
    return _weighted_sum([(w, _cut(padded, axis, slice(k, k + span, factor))) for k, w in zip(starts, weights)])


def _gaussian_taps(factor: int, sigma: float) -> tuple[int, FloatArray]:
    """Return the first fine pixel (relative to the coarse pixel's own first) and the weights from there on."""
    centre = (factor - 1) / 2
    reach = max(KERNEL_REACH * sigma * factor, centre - math.floor(centre))
    pixels = np.arange(math.ceil(centre - reach), math.floor(centre + reach) + 1)
    weights = np.exp(-0.5 * ((pixels - centre) / (sigma * factor)) ** 2)
    return int(pixels[0]), (weights / weights.sum()).astype(np.float32)


def _upsample(coarse: FloatArray, factor: int, reach: int) -> FloatArray:
    return _upsample_axis(_upsample_axis(coarse, factor, reach, -1), factor, reach, -2)


def _upsample_axis(coarse: FloatArray, factor: int, reach: int, axis: int) -> FloatArray:
    size = coarse.shape[axis]
    padded = _padded(coarse, axis, reach, "edge")
    shape = list(coarse.shape)
    shape[axis] = size * factor
    fine = np.empty(shape, dtype=np.float32)
    for phase in range(factor):
        position = (phase + 0.5) / factor - 0.5
        taps = range(math.floor(position) - reach + 1, math.floor(position) + reach + 1)
        kernel = _cubic if reach == 2 else _triangle
        _cut(fine, axis, slice(phase, None, factor))[...] = _weighted_sum(
            [(kernel(abs(position - tap)), _cut(padded, axis, slice(tap + reach, tap + reach + size))) for tap in taps]
        )
    return fine


def _cubic(distance: float) -> float:
    if distance < 1:
        return 1.5 * distance**3 - 2.5 * distance**2 + 1
    return -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2


def _triangle(distance: float) -> float:
    return 1 - distance


def _weighted_sum(terms: Sequence[tuple[float, FloatArray]]) -> FloatArray:
    weight, image = terms[0]
    total = image * np.float32(weight)
    for weight, image in terms[1:]:
        total += image if weight == 1.0 else image * np.float32(weight)
    return total


def _padded(image: FloatArray, axis: int, margin: int, mode: Literal["constant", "edge"]) -> FloatArray:
    widths = [(0, 0)] * image.ndim
    widths[axis] = (margin, margin)
    return np.pad(image, widths, mode=mode)


def _cut(image: FloatArray, axis: int, part: slice) -> FloatArray:
    index: list[slice] = [slice(None)] * image.ndim
    index[axis] = part
    return image[tuple(index)]
