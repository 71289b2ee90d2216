# SPDX-License-Identifier: GPL-2.0-or-later
"""From labelled points to a probability sample: what their fields, or the user, say of how they were drawn."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .figures import FloatArray
from .result import SamplingDesign
from .sample import WHOLE, LabelledSample, labelled_sample, poststratified

_WITHOUT_STRATA = {"random": SamplingDesign.WHOLE, "systematic": SamplingDesign.GRID}


class PointDesign(enum.Enum):
    """How points were drawn; the values are what users read."""

    AUTO = "auto"
    STRATIFIED = "stratified"
    RANDOM = "random"
    POSTSTRATIFIED = "poststratified"
    NONE = "none"


@dataclass(frozen=True)
class DrawnPoint:
    """What a point from `core.sampling` says of the sample that it belongs to.

    Attributes:
        stratum: number of its stratum, `WHOLE` where the design has none.
        stratum_name: what it is called.
        stratum_pixels: pixels of the stratum.
        all_pixels: pixels of all strata, those included that no point shows.
        map_class: class value on the map that the points were drawn from.
        design: kind of sample.
    """

    stratum: int
    stratum_name: str
    stratum_pixels: int
    all_pixels: int
    map_class: int
    design: str


@dataclass(frozen=True, eq=False)
class UsablePoints:
    """Points with a label, on a pixel with a class.

    Attributes:
        mapped: class values on the map, shape (points,).
        labels: class values that they were given, same shape.
    """

    mapped: NDArray[np.int64]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class DesignedSample:
    """A probability sample.

    Attributes:
        sample: the labelled points.
        design: how they were drawn.
        strata: stratum of each usable point.
        stratum_names: by number; empty where the strata are classes of the map.
        notes: what a reader should know, in sentences.
    """

    sample: LabelledSample
    design: SamplingDesign
    strata: tuple[int, ...]
    stratum_names: Mapping[int, str]
    notes: tuple[str, ...] = ()

    @property
    def weights(self) -> FloatArray:
        """Pixels that each usable point stands for, shape (points,)."""
        by_stratum = dict(zip(self.sample.strata, self.sample.sizes / np.maximum(self.sample.units, 1)))
        return np.array([by_stratum[stratum] for stratum in self.strata])


def designed_sample(
    design: PointDesign,
    points: UsablePoints,
    usable: NDArray[np.bool_],
    drawn: Sequence[DrawnPoint | None],
    pixels: Mapping[int, int],
) -> DesignedSample | None:
    """Return the points as a probability sample, or None if they are none.

    Args:
        design: how the user says that they were drawn; `AUTO` believes the fields of the points.
        points: those that are usable.
        usable: which of all points these are, shape (all points,).
        drawn: what all points say of their sample; None where they say nothing.
        pixels: pixels of each class on the map.

    Raises:
        InputError: if the points belong to different samples.
    """
    if design is PointDesign.NONE:
        return None
    if design is PointDesign.AUTO:
        told = [item for item in drawn if item is not None]
        return _as_drawn(points, usable, told, pixels) if told and len(told) == len(drawn) else None
    mapped, labels = points.mapped.tolist(), points.labels.tolist()
    if design is PointDesign.STRATIFIED:
        return DesignedSample(
            labelled_sample(mapped, mapped, labels, pixels), SamplingDesign.CLASSES, tuple(mapped), {}
        )
    one = (WHOLE,) * len(mapped)
    whole = labelled_sample(one, mapped, labels, {WHOLE: sum(pixels.values())})
    if design is PointDesign.POSTSTRATIFIED:
        return DesignedSample(poststratified(whole, pixels), SamplingDesign.AFTERWARDS, tuple(mapped), {})
    return DesignedSample(whole, SamplingDesign.WHOLE, one, {WHOLE: "whole map"})


def _as_drawn(
    points: UsablePoints, usable: NDArray[np.bool_], drawn: Sequence[DrawnPoint], pixels: Mapping[int, int]
) -> DesignedSample:
    sizes = _sizes(drawn)
    own = [item for item, chosen in zip(drawn, usable.tolist()) if chosen]
    strata = tuple(item.stratum for item in own)
    sample = labelled_sample(strata, points.mapped.tolist(), points.labels.tolist(), sizes)
    by_class = SamplingDesign.CLASSES if sample.strata_are_classes else SamplingDesign.STRATA
    design = _WITHOUT_STRATA.get(drawn[0].design, by_class)
    names = {item.stratum: item.stratum_name for item in drawn}
    notes = (_missing_strata(sizes, drawn[0].all_pixels), _other_map(own, points), _other_size(drawn[0], pixels))
    return DesignedSample(sample, design, strata, names, tuple(note for note in notes if note))


def _sizes(drawn: Sequence[DrawnPoint]) -> dict[int, int]:
    sizes: dict[int, int] = {}
    for item in drawn:
        known = sizes.setdefault(item.stratum, item.stratum_pixels)
        if known != item.stratum_pixels or item.all_pixels != drawn[0].all_pixels:
            raise InputError(
                f"The points belong to different samples: stratum {item.stratum} has {known:,} pixels for one point "
                f"and {item.stratum_pixels:,} for another, or the totals differ. Assess each sample by itself."
            )
    return sizes


def _missing_strata(sizes: Mapping[int, int], all_pixels: int) -> str:
    missing = all_pixels - sum(sizes.values())
    if missing <= 0:
        return ""
    return (
        f"Strata with {missing / all_pixels:.1%} of the sampled pixels have no point in this layer. The estimates are "
        "about the rest; bring the points of those strata back to include them."
    )


def _other_map(own: Sequence[DrawnPoint], points: UsablePoints) -> str:
    changed = sum(item.map_class != mapped for item, mapped in zip(own, points.mapped.tolist()))
    if not changed:
        return ""
    return (
        f"{changed:,} of {len(own):,} points have another class on this map than on the one that they were drawn from. "
        "Their strata stay those of the drawing, which keeps the estimates unbiased (Stehman 2014)."
    )


def _other_size(drawn: DrawnPoint, pixels: Mapping[int, int]) -> str:
    here = sum(pixels.values())
    if here == drawn.all_pixels:
        return ""
    return (
        f"The points were drawn from {drawn.all_pixels:,} pixels, but this map has {here:,} with a class. The "
        "estimates are about the pixels that they were drawn from."
    )
