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
        row_bytes: bytes that a row of image pixels takes while it is read, in the library's cache.
        unlisted: how many labels were read so far that the class table does not list, by value, name or colour.
    """

    legend: Legend | None
    factor: int
    row_bytes: int

    @property
    def unlisted(self) -> Mapping[str, int]:
        """See above."""

    def read(self, window: Window) -> LabelBlock | None:
        """Return the labels over a window of the image; None where there is none.

        Each label is counted as unlisted in one window only.
        """

    def forget(self) -> None:
        """Let go of what the library keeps in case it is read again."""
