# SPDX-License-Identifier: GPL-2.0-or-later
"""How far around a pixel a network looks: the halo that windowed inference needs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .base import SegmentationNetwork

SHARE = 0.99
"""Share of the gradient's energy that lies within the effective receptive field."""

LIMIT = 1024
"""The theoretical field is followed this far, pixels; pooling over the whole image has no end."""

_RANDOM_IMAGES = 4


@dataclass(frozen=True)
class Context:
    """How much windows have to overlap.

    Attributes:
        pixels: around a pixel, on every side.
        basis: what it was taken from, for people.
    """

    pixels: int
    basis: str


def context_of(
    network: SegmentationNetwork, bands: int, tile_size: int, images: Callable[[], Tensor] | None = None
) -> Context:
    """Return the context that windows need.

    Args:
        network: any; its weights and mode stay as they are.
        bands: number of input channels.
        tile_size: of the training tiles, pixels.
        images: gives what the effective field is measured on where it matters, shape (images, bands, rows, cols); noise
            if None, which networks may look at less closely than at the ground.
    """

    def effective() -> int:
        return effective_reach(network, random_images(network, bands, tile_size) if images is None else images())

    theoretical = theoretical_reach(network, bands, tile_size // 2)
    return choose_context(theoretical, effective, tile_size, "noise" if images is None else "held-out tiles")


def choose_context(theoretical: int | None, effective: Callable[[], int], tile_size: int, images: str) -> Context:
    """Return the context that windows need: all that a network looks at, or nearly all where that is too much.

    The theoretical field if it is at most half a tile; else the effective one, and half a tile at most, because the
    network has never seen more around a pixel on every side.

    Args:
        theoretical: what `theoretical_reach` found.
        effective: gives what `effective_reach` found; called only where it matters.
        tile_size: of the training tiles, pixels.
        images: what it was measured on, for people.
    """
    half = tile_size // 2
    if theoretical is not None and theoretical <= half:
        return Context(theoretical, "the theoretical receptive field")
    reach = effective()
    if reach <= half:
        return Context(reach, f"the effective receptive field on {images} ({SHARE:.0%} of the gradient's energy)")
    return Context(half, f"half a tile; the effective receptive field on {images} is {reach} pixels")


def random_images(network: SegmentationNetwork, bands: int, tile_size: int) -> Tensor:
    """Return noise as large as a tile, as far as the network takes that size, shape (images, bands, rows, cols)."""
    size = max(tile_size // network.size_multiple, 1) * network.size_multiple
    random = torch.Generator().manual_seed(0)
    if not network.takes_reflectance:
        return torch.randn(_RANDOM_IMAGES, bands, size, size, generator=random)
    # Like land: bands rise and fall together.
    brightness = torch.rand(_RANDOM_IMAGES, 1, size, size, generator=random)
    colour = torch.rand(_RANDOM_IMAGES, bands, size, size, generator=random)
    return 0.05 + 0.3 * brightness + 0.02 * colour


def theoretical_reach(network: SegmentationNetwork, bands: int, limit: int = LIMIT) -> int | None:
    """Return the largest distance along an axis at which an input pixel can change an output pixel, or None.

    A line of not-a-number goes through the network as far as anything could: through convolutions whatever their
    weights, through pooling, interpolation, gates. It depends on where the line lies in the grid of the coarsest level,
    so all positions are tried. Araujo et al. (2019), https://doi.org/10.23915/distill.00021, derive the same for
    convolutions alone.

    Args:
        network: any; its weights and mode stay as they are.
        bands: number of input channels.
        limit: pixels.

    Returns:
        Pixels; None if it is more than `limit`.
    """
    # Quick float32 convolutions mix neighbouring outputs, and not-a-number would spread there; those of float64 do not.
    probed = copy.deepcopy(network).double().eval()
    across = _reach_along(3, probed, bands, network.size_multiple, limit)
    down = None if across is None else _reach_along(2, probed, bands, network.size_multiple, limit)
    return None if across is None or down is None else max(across, down)


def effective_reach(network: nn.Module, images: Tensor, share: float = SHARE) -> int:
    """Return the distance, in pixels, within which a share (0 to 1) of the gradient's energy lies.

    See `energy_within` for the other arguments.
    """
    return distance_of(energy_within(network, images), share)


def distance_of(within: Tensor, share: float) -> int:
    """Return the distance, in pixels, within which a share (0 to 1) lies of what `energy_within` found."""
    return int((within < share).sum())


def energy_within(network: nn.Module, images: Tensor) -> Tensor:
    """Return how much of what an output pixel depends on lies within each distance, in the mean over images.

    Luo et al. (2016), https://arxiv.org/abs/1701.04128: how the gradient of an output pixel is spread over the input.
    Here in squares around the pixel, as windows overlap, and by energy (the squared gradient): the change of a score
    when everything beyond is replaced by something else, independent from pixel to pixel, has the remaining share of
    the variance.

    Args:
        network: from the images to scores; its weights and mode stay as they are.
        images: shape (images, bands, rows, cols), at least as large as the field to be seen.

    Returns:
        Share of the energy, 0 to 1, at most 0, 1, 2 … pixels away along both axes.
    """
    probed = copy.deepcopy(network).eval().requires_grad_(False)
    random = torch.Generator().manual_seed(0)
    energy = torch.stack([_energy_by_distance(probed, image, random) for image in images]).sum(dim=0)
    return energy.cumsum(dim=0) / energy.sum()


def _reach_along(axis: int, network: nn.Module, bands: int, step: int, limit: int) -> int | None:
    # Long enough that no kernel, however dilated and at whatever level, can leap over the end of the strip.
    side = 4 * step + step * max((_span(part) for part in network.modules()), default=0)
    while _reach_of(0, axis, network, bands, step, side) > side - 2 * step:
        if side > limit + 2 * step:
            return None
        side *= 2
    reach = max(_reach_of(position, axis, network, bands, step, side) for position in range(step))
    return reach if reach <= limit else None


def _span(part: nn.Module) -> int:
    if not isinstance(part, nn.Conv2d):
        return 0
    return max(dilation * (size - 1) for dilation, size in zip(part.dilation, part.kernel_size))


def _reach_of(position: int, axis: int, network: nn.Module, bands: int, step: int, side: int) -> int:
    """Return how far a line of not-a-number gets to either side, in a strip of `side` pixels on each."""
    line = side + position
    image = torch.zeros(1, bands, step, 2 * side, dtype=torch.float64)
    image[..., line] = torch.nan
    if axis == 2:
        image = image.transpose(2, 3)
    with torch.no_grad():
        changed = network(image).isnan().any(dim=1).any(dim=4 - axis)
    touched = changed.flatten().nonzero()
    return max(line - int(touched.min()), int(touched.max()) - line)


def _energy_by_distance(network: nn.Module, image: Tensor, random: torch.Generator) -> Tensor:
    """Return the share of the gradient's energy at each distance from a pixel near the middle."""
    rows, cols = image.shape[-2:]
    row, col = (
        size // 2 + int(torch.randint(-size // 8, size // 8 + 1, (), generator=random)) for size in (rows, cols)
    )
    image = image.unsqueeze(0).clone().requires_grad_()
    with torch.enable_grad():
        scores = network(image)[0, :, row, col]
        signs = torch.randint(0, 2, scores.shape, generator=random) * 2.0 - 1.0
        (gradient,) = torch.autograd.grad((scores * signs).sum(), image)
    energy = gradient[0].square().sum(dim=0).double()
    down, right = (torch.arange(rows) - row).abs(), (torch.arange(cols) - col).abs()
    distance = torch.maximum(down[:, None], right[None, :])
    shares = torch.bincount(distance.flatten(), energy.flatten(), minlength=max(rows, cols))
    return shares / shares.sum().clamp_min(torch.finfo(torch.float64).tiny)
