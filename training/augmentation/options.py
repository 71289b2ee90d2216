# SPDX-License-Identifier: GPL-2.0-or-later
"""How far training batches are changed."""

from __future__ import annotations

from dataclasses import dataclass

from s2landcover_plugin.core.errors import InputError

_CHANCES = ("shadow", "band_dropout", "cutmix", "classmix", "copy_paste")
_AMOUNTS = ("rotation", "illumination", "band_gain", "band_offset", "haze", "noise")


@dataclass(frozen=True)
class AugmentationOptions:
    """How far training batches are changed; 0 leaves a change out.

    Attributes:
        turn: whether to flip and to rotate by right angles.
        scale: smallest and largest zoom: 2 shows half of the ground at twice the size. What lies outside the tile is
            its mirror image, without labels.
        rotation: largest angle to rotate by besides, degrees.
        crop_sizes: sizes to cut batches to at random places, pixels; one is drawn for each batch. No larger than
            the tiles; whole tiles if empty.
        illumination: largest relative change of all bands together.
        band_gain: largest relative change of each band by itself.
        band_offset: largest reflectance added to or taken from each band by itself.
        haze: largest path reflectance at 490 nm, falling with the wavelength.
        shadow: chance that soft shadows lie over a part of a tile, 0-1; sky light, bluer than the sun's, stays.
        noise: largest standard deviation of noise, in reflectance.
        band_dropout: chance that a band is replaced by its mean over the training tiles, 0-1; one at least stays.
        cutmix: chance that a rectangle of a tile comes from another of the batch, 0-1.
        classmix: chance that half of the classes of another tile of the batch are laid over a tile, 0-1.
        copy_paste: chance that the rare classes of another tile of the batch, those with fewer pixels than the mean
            of all, are laid over more frequent ones of a tile, 0-1.

    Raises:
        InputError: if a value is out of its range.
    """

    turn: bool = True
    scale: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    crop_sizes: tuple[int, ...] = ()
    illumination: float = 0.1
    band_gain: float = 0.05
    band_offset: float = 0.0
    haze: float = 0.0
    shadow: float = 0.0
    noise: float = 0.0
    band_dropout: float = 0.0
    cutmix: float = 0.0
    classmix: float = 0.0
    copy_paste: float = 0.0

    def __post_init__(self) -> None:
        for name in (*_CHANCES, *_AMOUNTS):
            value, limit = getattr(self, name), 1.0 if name in _CHANCES else float("inf")
            if not 0 <= value <= limit:
                expected = "from 0 to 1" if name in _CHANCES else "0 or more"
                raise InputError(f"In the options of the augmentation, {name} is {value}; expected {expected}.")
        if len(self.scale) != 2 or not 0 < self.scale[0] <= self.scale[1] < float("inf"):
            found = " ".join(map(str, self.scale))
            raise InputError(f"The scale of the augmentation is {found}; expected the smallest and the largest zoom.")
        if any(size < 1 for size in self.crop_sizes):
            raise InputError(f"The crop sizes are {', '.join(map(str, self.crop_sizes))}; expected pixels.")

    @property
    def resamples(self) -> bool:
        """Whether images are interpolated."""
        return bool(self.rotation) or tuple(self.scale) != (1.0, 1.0)
