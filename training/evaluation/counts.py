# SPDX-License-Identifier: GPL-2.0-or-later
"""Agreement with the labels of held-out tiles, by split and by place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from s2landcover_plugin.core.accuracy.figures import (
    ConfusionMatrix,
    Counts,
    HeadlineFigures,
    class_figures,
    headline_figures,
)
from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.outputs import write_text

from ..data.samples import Sample

_HEADLINE = ("pixels", "overall_accuracy", "kappa", "macro_f1", "mean_iou")


class Evaluation:
    """Confusion counts that grow batch by batch.

    Args:
        legend: the classes, in the order of the network's output.
    """

    def __init__(self, legend: Legend) -> None:
        self._legend = legend
        self._counts: dict[tuple[str, str], Counts] = {}

    def reset(self) -> None:
        """Forget everything counted."""
        self._counts.clear()

    def add(self, predicted: Tensor, batch: Sample) -> None:
        """Count one batch.

        Args:
            predicted: position in the legend plus 1, shape (batch, rows, cols).
            batch: what it was predicted from; pixels without a label do not count.
        """
        size = len(self._legend)
        for found, truth, split, place in zip(predicted, batch.labels, batch.split, batch.place):
            labelled = truth > 0
            pairs = (found[labelled] - 1) * size + (truth[labelled] - 1)
            counts = np.bincount(pairs.cpu().numpy(), minlength=size * size).reshape(size, size)
            self._counts[split, place] = self._counts.get((split, place), 0) + counts

    def matrix(self, split: str | None = None) -> ConfusionMatrix:
        """Return the counts of one split, or of everything."""
        chosen = [counts for (name, _), counts in self._counts.items() if split in (None, name)]
        empty = np.zeros((len(self._legend), len(self._legend)), dtype=np.int64)
        return ConfusionMatrix(self._legend, sum(chosen, start=empty))

    def headline(self) -> HeadlineFigures:
        """Return the figures over everything counted."""
        return headline_figures(self.matrix())

    def to_json(self) -> dict[str, Any]:
        """Return the figures by split, in each by class and by place."""
        result: dict[str, Any] = {}
        for split in sorted({split for split, _ in self._counts}):
            matrix = self.matrix(split)
            places = {
                place: _figures(ConfusionMatrix(self._legend, counts))
                for (name, place), counts in sorted(self._counts.items())
                if name == split
            }
            by_class = {item.name: asdict(row) for item, row in zip(self._legend, class_figures(matrix))}
            result[split] = {"all": _figures(matrix), "classes": by_class, "places": places}
        return result

    def to_text(self) -> str:
        """Return the figures as a table for the terminal."""
        lines = [f"{'':44}{'pixels':>9}{'agreement':>11}{'kappa':>8}{'mean F1':>9}"]
        for split, figures in self.to_json().items():
            lines.append(_row(f"{split}, all", figures["all"]))
            lines += [_row(f"  {place}", values) for place, values in figures["places"].items()]
            for name, values in figures["classes"].items():
                lines.append(f"  {name:42}{values['reference_pixels']:>9}{_share(values['f1']):>28}")
        return "\n".join(lines)

    def write(self, path: Path) -> None:
        """Write the figures as JSON.

        Raises:
            OutputError: if the file cannot be written.
        """
        write_text(path, json.dumps(self.to_json(), indent=1))


def _figures(matrix: ConfusionMatrix) -> dict[str, float | None]:
    every = asdict(headline_figures(matrix))
    return {name: every[name] for name in _HEADLINE}


def _row(title: str, figures: Mapping[str, float | None]) -> str:
    shares = [_share(figures[name]) for name in ("overall_accuracy", "kappa", "macro_f1")]
    return f"{title:44}{figures['pixels']:>9}{shares[0]:>11}{shares[1]:>8}{shares[2]:>9}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
