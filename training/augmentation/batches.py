# SPDX-License-Identifier: GPL-2.0-or-later
"""All changes to a training batch, one after the other."""

from __future__ import annotations

import torch
from torch import Tensor

from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.tiling.dataset import DatasetInfo

from ..data.samples import Sample
from .geometry import no_data, randomly_cropped, randomly_resampled, randomly_turned
from .mixing import with_classes, with_rare_classes, with_rectangles
from .options import AugmentationOptions
from .spectral import relit, without_some_bands
from .spectrum import Spectrum


class BatchAugmentation:
    """Changes batches where they are, on the CPU or a GPU.

    Places come first, then parts of other tiles, then light, air and sensor, which so are one over a whole tile. All
    chance comes from torch's global generators: `seed_everything` repeats it.

    Args:
        options: how far.
        info: the dataset that the batches come from.

    Raises:
        DatasetError: if the tiles are too small for the crop sizes, or the dataset lacks statistics of a band.
    """

    def __init__(self, options: AugmentationOptions, info: DatasetInfo) -> None:
        too_large = [str(size) for size in options.crop_sizes if size > info.tile_size]
        if too_large:
            raise DatasetError(
                f"The tiles are {info.tile_size} pixels wide, too small for crops of {', '.join(too_large)}; cut "
                "larger tiles, or choose smaller crop sizes."
            )
        self._options = options
        self._spectrum = Spectrum.of(info)
        self._class_pixels = info.train_pixels

    def __call__(self, batch: Sample) -> Sample:
        """Return a changed batch, of one of the crop sizes; pixels without data stay 0, and without label."""
        dtypes = batch.image.dtype, batch.probabilities.dtype
        batch = batch._replace(image=batch.image.float(), probabilities=batch.probabilities.float())
        batch = self._mixed(self._moved(batch))
        image = self._seen(batch.image).masked_fill(no_data(batch).unsqueeze(1), 0.0)
        return batch._replace(image=image.to(dtypes[0]), probabilities=batch.probabilities.to(dtypes[1]))

    def _seen(self, image: Tensor) -> Tensor:
        """Return images in another light, by another sensor."""
        image = relit(image, self._options, self._spectrum)
        if self._options.band_dropout:
            return without_some_bands(image, self._options.band_dropout, self._spectrum)
        return image

    def _moved(self, batch: Sample) -> Sample:
        sizes = self._options.crop_sizes or batch.labels.shape[-1:]
        size = sizes[int(torch.randint(len(sizes), ()))]
        if self._options.resamples:
            batch = randomly_resampled(batch, self._options, size)
        elif size < batch.labels.shape[-1]:
            batch = randomly_cropped(batch, size)
        return randomly_turned(batch) if self._options.turn else batch

    def _mixed(self, batch: Sample) -> Sample:
        options = self._options
        if options.cutmix:
            batch = with_rectangles(batch, options.cutmix)
        if options.classmix:
            batch = with_classes(batch, options.classmix, len(self._class_pixels))
        if options.copy_paste:
            batch = with_rare_classes(batch, options.copy_paste, self._class_pixels)
        return batch
