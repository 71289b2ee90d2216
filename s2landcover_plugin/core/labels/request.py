# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked of an alignment, and what it gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InputError
from ..legend import Legend
from .raster_labels import RecodingOptions
from .voting import Ballot, Method


@dataclass(frozen=True)
class AlignmentRequest:
    """Labels, and the image whose pixels are to get them.

    Attributes:
        image: path of a raster; only its grid matters.
        output: path of the class raster to write.
        labels: path of a raster of labels; empty for polygons.
        polygons: path of a vector file; empty for a raster.
        layer: of the vector file; empty for its first.
        class_field: of the polygons, with their class as value or name.
        options: what label values become.
        method: how a pixel gets its class.
        weights: by class value or name, for the method 'weighted'.
        least: how much of a pixel needs labels for it to get one, per cent.
    """

    image: str
    output: str
    labels: str = ""
    polygons: str = ""
    layer: str = ""
    class_field: str = ""
    options: RecodingOptions = field(default_factory=RecodingOptions)
    method: Method = Method.MODE
    weights: Mapping[str, float] = field(default_factory=dict)
    least: int = 50

    def __post_init__(self) -> None:
        if bool(self.labels) == bool(self.polygons):
            raise InputError("Give either a raster of labels or a layer of polygons, one of the two.")
        if self.polygons and not self.class_field:
            raise InputError("Give the field of the polygons that holds their class.")
        Ballot(self.method, {1: 1.0} if self.weights else {}, self.least)


@dataclass(frozen=True)
class AlignmentResult:
    """What a run gave.

    Attributes:
        output: path of the class raster.
        legend: its classes, those included that do not occur.
        pixels: how many pixels each class has, by value.
        nodata_pixels: pixels without a class.
        unlisted: how many labels the class table does not list, by value, name or colour.
    """

    output: str
    legend: Legend
    pixels: Mapping[int, int]
    nodata_pixels: int
    unlisted: Mapping[str, int]

    @property
    def labelled_pixels(self) -> int:
        """Pixels with a class."""
        return sum(self.pixels.values())

    @property
    def labelled_share(self) -> float:
        """Share of the image's pixels with a class, 0-1."""
        return self.labelled_pixels / (self.labelled_pixels + self.nodata_pixels)

    def lines(self) -> list[str]:
        """Return a sentence for each class, the most frequent first, and one on what has none."""
        ordered = sorted(self.legend, key=lambda item: (-self.pixels[item.value], item.value))
        all_labelled = max(self.labelled_pixels, 1)
        counted = [(item, self.pixels[item.value]) for item in ordered]
        lines = [f"{item.value} {item.name}: {count:,} pixels ({count / all_labelled:.1%})" for item, count in counted]
        return [*lines, f"{self.nodata_pixels:,} pixels have no label ({1 - self.labelled_share:.1%} of the image)."]
