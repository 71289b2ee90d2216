# SPDX-License-Identifier: GPL-2.0-or-later
"""Sample points as a layer that carries its design: whoever has the file can estimate from it.

`docs/accuracy.md` describes the fields, which stay what they are once released.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..legend import Legend
from ..raster import Grid
from ..vector import Column, FieldKind, Point, PointLayer
from .form import labelling_style
from .population import Pixels
from .result import StratumSample

LAYER = "points"
REFERENCE = "reference"
"""The field that takes the class value of the reference; empty until somebody labels the point."""

_FORM = ("id", REFERENCE, "comment")


@dataclass(frozen=True)
class SampledMap:
    """What the points' fields say about the map.

    Attributes:
        grid: of the map.
        legend: classes to choose from when labelling; all that are on the map among them.
        class_pixels: pixels of each class in the population.
        method: kind of sample, one of the values of `Method`.
    """

    grid: Grid
    legend: Legend
    class_pixels: Mapping[int, int]
    method: str


def points_layer(pixels: Pixels, strata: Sequence[StratumSample], sampled: SampledMap) -> PointLayer:
    """Return the points, at the centres of their pixels."""
    columns = (*_labels(len(pixels)), *_places(pixels, sampled), *_design(pixels, strata, sampled))
    centres = zip(pixels.cols.tolist(), pixels.rows.tolist())
    points = tuple(Point(*sampled.grid.xy(col + 0.5, row + 0.5)) for col, row in centres)
    style = labelling_style(sampled.legend, ["fid", *(column.name for column in columns)], REFERENCE, _FORM)
    return PointLayer(LAYER, sampled.grid.crs, points, columns, style)


def _labels(number: int) -> tuple[Column, ...]:
    empty = (None,) * number
    return (
        Column("id", FieldKind.INTEGER, tuple(range(1, number + 1))),
        Column(REFERENCE, FieldKind.INTEGER, empty),
        Column("comment", FieldKind.TEXT, empty),
    )


def _places(pixels: Pixels, sampled: SampledMap) -> tuple[Column, ...]:
    names, mapped = sampled.legend.names, pixels.mapped.tolist()
    return (
        Column("map_class", FieldKind.INTEGER, tuple(mapped)),
        Column("map_name", FieldKind.TEXT, tuple(names[value] for value in mapped)),
        Column("class_pixels", FieldKind.INTEGER, tuple(sampled.class_pixels[value] for value in mapped)),
    )


def _design(pixels: Pixels, strata: Sequence[StratumSample], sampled: SampledMap) -> tuple[Column, ...]:
    population = sum(stratum.pixels for stratum in strata)
    by_value = {stratum.value: stratum for stratum in strata}
    own = [by_value[value] for value in pixels.strata.tolist()]
    integer, real, text = FieldKind.INTEGER, FieldKind.REAL, FieldKind.TEXT
    return (
        Column("stratum", integer, tuple(stratum.value for stratum in own)),
        Column("stratum_name", text, tuple(stratum.name for stratum in own)),
        Column("stratum_pixels", integer, tuple(stratum.pixels for stratum in own)),
        Column("stratum_weight", real, tuple(stratum.pixels / population for stratum in own)),
        Column("stratum_points", integer, tuple(stratum.drawn for stratum in own)),
        Column("probability", real, tuple(stratum.probability for stratum in own)),
        Column("all_pixels", integer, (population,) * len(own)),
        Column("design", text, (sampled.method,) * len(own)),
    )


def drawn_by_value(values: np.ndarray) -> dict[int, int]:
    """Return how often each value occurs."""
    found, counts = np.unique(values, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist()))
