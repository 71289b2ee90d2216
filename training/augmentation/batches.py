# SPDX-License-Identifier: GPL-2.0-or-later
"""All changes to a training batch, one after the other."""

from __future__ import annotations

from ..data.samples import Sample
from .geometry import randomly_turned
from .options import AugmentationOptions
from .spectral import relit


class BatchAugmentation:
    """Changes batches where they are, on the CPU or a GPU.

    Args:
        options: how far.
    """

    def __init__(self, options: AugmentationOptions) -> None:
        self._options = options

    def __call__(self, batch: Sample) -> Sample:
        """Return a changed batch of the same shapes."""
        batch = batch._replace(image=relit(batch.image, self._options))
        return randomly_turned(batch) if self._options.turn else batch
