# SPDX-License-Identifier: GPL-2.0-or-later
"""A labelled probability sample, as counts by stratum, map class and reference class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .figures import Counts

WHOLE = 0
"""The one stratum of a design without strata."""


@dataclass(frozen=True, eq=False)
class LabelledSample:
    """Sample units that were drawn at random within strata, and labelled.

    Attributes:
        classes: class values in the order of rows and columns.
        strata: a number for each stratum.
        sizes: pixels of each stratum in the population, int64, shape (strata,).
        counts: sample units, int64, shape (strata, classes, classes): second axis the map, third the reference.
    """

    classes: tuple[int, ...]
    strata: tuple[int, ...]
    sizes: Counts
    counts: Counts

    def __post_init__(self) -> None:
        for name in ("sizes", "counts"):
            array = np.array(getattr(self, name), dtype=np.int64)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        shape = (len(self.strata), len(self.classes), len(self.classes))
        if self.counts.shape != shape or self.sizes.shape != shape[:1]:
            raise InputError(f"A sample of {shape[0]} strata and {shape[1]} classes needs counts of shape {shape}.")
        if (self.counts < 0).any() or not self.counts.any():
            raise InputError("The sample holds no labelled unit; label its points first.")
        for stratum, size, units in zip(self.strata, self.sizes, self.units):
            if size < units or size < 1:
                raise InputError(
                    f"Stratum {stratum} has {units} sample units but a size of {size} pixels. Give the number of "
                    "pixels of each stratum in the map that the sample was drawn from."
                )

    @property
    def units(self) -> Counts:
        """Sample units of each stratum, shape (strata,)."""
        return np.asarray(self.counts.sum(axis=(1, 2)))

    @property
    def matrix(self) -> Counts:
        """Sample units by map class and reference class, shape (classes, classes)."""
        return np.asarray(self.counts.sum(axis=0))

    @property
    def strata_are_classes(self) -> bool:
        """Whether each stratum is a class of the map."""
        if not set(self.strata) <= set(self.classes):
            return False
        own = [self.classes.index(stratum) for stratum in self.strata]
        return bool((self.counts.sum(axis=2)[range(len(own)), own] == self.units).all())


def labelled_sample(
    strata: Sequence[int], mapped: Sequence[int], reference: Sequence[int], sizes: Mapping[int, int]
) -> LabelledSample:
    """Count sample units.

    Args:
        strata: stratum of each unit.
        mapped: class of each unit on the map.
        reference: class of each unit in the reference.
        sizes: pixels of each stratum; a stratum without a unit belongs in here too.

    Raises:
        InputError: if the lists differ in length, are empty, or a stratum has no size or is smaller than its sample.
    """
    if not len(strata) == len(mapped) == len(reference):
        raise InputError(
            f"The sample has {len(strata)} strata, {len(mapped)} map classes and {len(reference)} labels; each unit "
            "needs one of each."
        )
    unknown = sorted(set(strata) - set(sizes))
    if unknown:
        raise InputError(f"The size of stratum {unknown[0]} is not known; give the number of its pixels.")
    classes, names = sorted({*mapped, *reference}), sorted(sizes)
    counts = np.zeros((len(names), len(classes), len(classes)), dtype=np.int64)
    np.add.at(counts, (_positions(names, strata), _positions(classes, mapped), _positions(classes, reference)), 1)
    return LabelledSample(tuple(classes), tuple(names), np.array([sizes[name] for name in names]), counts)


def poststratified(sample: LabelledSample, class_sizes: Mapping[int, int]) -> LabelledSample:
    """Return a sample that was drawn without strata as if the map's classes had been its strata.

    For simple random and systematic samples whose map classes' sizes are known; usually the more precise estimator
    (Olofsson et al. 2013, https://doi.org/10.1016/j.rse.2012.10.031; Cochran 1977, section 5A.9).

    Args:
        sample: with one stratum.
        class_sizes: pixels of each class on the map.

    Raises:
        InputError: if the sample has several strata, or a class of the map has no size.
    """
    if len(sample.strata) != 1:
        raise InputError("Only a sample without strata can be stratified afterwards.")
    sizes = {value: size for value, size in class_sizes.items() if size}
    matrix = sample.matrix
    mapped, reference = np.nonzero(matrix)
    repeats = matrix[mapped, reference]
    values = np.array(sample.classes)
    on_map = np.repeat(values[mapped], repeats).tolist()
    return labelled_sample(on_map, on_map, np.repeat(values[reference], repeats).tolist(), sizes)


def _positions(known: Sequence[int], wanted: Sequence[int]) -> NDArray[np.int64]:
    place = {value: index for index, value in enumerate(known)}
    return np.array([place[value] for value in wanted], dtype=np.int64)
