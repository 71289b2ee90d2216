# SPDX-License-Identifier: GPL-2.0-or-later
"""Where labels come from, whatever they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ..legend import Legend
from ..raster import Window
from .overlap import LabelBlock


class LabelSource(Protocol):
    """Labels over an image, read window by window.

    Attributes:
        legend: the classes as the labels themselves name them, or None.
        factor: about how many label pixels lie along the side of an image pixel, at least 1.
        pixel_bytes: bytes that the labels of an image pixel take while they are read, in the library's cache.
        block_bytes: bytes of a whole row of the blocks in which a file is compressed; 0 if it does not matter.
        unlisted: how many labels were read so far that the class table does not list, by value, name or colour.
    """

    legend: Legend | None
    factor: int
    pixel_bytes: int
    block_bytes: int

    @property
    def unlisted(self) -> Mapping[str, int]:
        """See above."""

    def read(self, window: Window) -> LabelBlock | None:
        """Return the labels over a window of the image; None where there is none.

        Each label is counted as unlisted in one window only.
        """

    def forget(self) -> None:
        """Let go of what the library keeps in case it is read again."""
