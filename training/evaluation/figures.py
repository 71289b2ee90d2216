# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of a test: by split, class and place, their spread over places, and the random forest's beside them.

All are functions of the counts. Macro means are over the classes present in the reference, of whatever is looked at:
a place that shows three of eight classes has the mean of three, and a class that a split lacks does not count in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from s2landcover_plugin.core.accuracy.bootstrap import block_intervals
from s2landcover_plugin.core.accuracy.figures import (
    ConfusionMatrix,
    Counts,
    FloatArray,
    Table,
    class_figures,
    headline_figures,
    headline_values,
)
from s2landcover_plugin.core.accuracy.result import Interval

from .record import FOREST, NETWORK, EvaluationRecord

FIGURES_FILE = "figures.json"
"""What `test` writes, for `export` to put into the contract."""

HEADLINE = {
    "overall_accuracy": "Accuracy",
    "mean_iou": "Macro IoU",
    "macro_f1": "Macro F1",
    "kappa": "Kappa",
}
"""The figures that are shown first, by their names in `HeadlineFigures`."""


@dataclass(frozen=True)
class Spread:
    """How a figure differs between places: quartiles over the places that have it."""

    places: int
    lower: float
    median: float
    upper: float


@dataclass(frozen=True)
class FoldMean:
    """A figure over folds: mean, and standard deviation of a sample (n - 1); None with a single fold."""

    mean: float
    deviation: float | None


def values_by_place(record: EvaluationRecord, split: str, who: str) -> dict[str, FloatArray]:
    """Return the headline figures of each place of a split, shape (places,); NaN where undefined."""
    values = headline_values(record.stack(split, who))
    return {name: values[name] for name in HEADLINE}


def spread(values: FloatArray) -> Spread | None:
    """Return the quartiles of what is defined; None if nothing is."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    lower, median, upper = np.quantile(known, (0.25, 0.5, 0.75)).tolist()
    return Spread(len(known), lower, median, upper)


def fold_mean(values: Sequence[float | None]) -> FoldMean | None:
    """Return mean and standard deviation of what is defined; None if nothing is."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return FoldMean(float(np.mean(known)), float(np.std(known, ddof=1)) if len(known) > 1 else None)


def intervals(record: EvaluationRecord, split: str, who: str) -> dict[str, Interval]:
    """Return 95 % intervals of the headline figures over places like these; none with fewer than ten places.

    Whole places are drawn, since the tiles of one resemble each other; see `core.accuracy.bootstrap`.
    """
    ends = block_intervals(record.stack(split, who), _headline_columns)
    return {name: (low, high) for name, (low, high) in zip(HEADLINE, ends.T.tolist()) if not np.isnan(low)}


def gain_interval(record: EvaluationRecord, split: str, name: str) -> Interval | None:
    """Return the 95 % interval of how far the network is ahead of the forest in a figure; None if there is none.

    Both are counted in the same places, so that drawing places for both at once takes out what makes a place hard.
    """
    if FOREST not in record.contenders:
        return None
    size = len(record.legend)
    ours_and_theirs = (record.stack(split, who) for who in (NETWORK, FOREST))
    # Side by side on the diagonal of a square table, which is what the bootstrap draws.
    pairs = np.stack([_block_diagonal(*both) for both in zip(*ours_and_theirs)])

    def gain(tables: Table) -> FloatArray:
        parts = (tables[:, :size, :size], tables[:, size:, size:])
        ours, theirs = (headline_values(part)[name] for part in parts)
        return np.asarray(ours - theirs)[:, np.newaxis]

    low, high = block_intervals(pairs, gain)[:, 0].tolist()
    return None if np.isnan(low) else (low, high)


def headline_of(matrix: ConfusionMatrix) -> dict[str, float | None]:
    """Return the number of pixels and the headline figures."""
    every = asdict(headline_figures(matrix))
    return {name: every[name] for name in ("pixels", *HEADLINE)}


def present_classes(matrix: ConfusionMatrix) -> int:
    """Return the number of classes in the reference, over which macro means are taken."""
    return int((matrix.reference_pixels > 0).sum())


def to_json(record: EvaluationRecord) -> dict[str, Any]:
    """Return the figures by split; what belongs to the forest under `baseline`."""
    result = {}
    for split in record.splits:
        result[split] = {
            **_split_json(record, split, NETWORK),
            "classes_in_reference": present_classes(record.matrix(split)),
            "classes_in_legend": len(record.legend),
        }
        if FOREST in record.contenders:
            result[split]["baseline"] = {"method": record.model.forest, **_split_json(record, split, FOREST)}
    return result


def _split_json(record: EvaluationRecord, split: str, who: str) -> dict[str, Any]:
    matrix = record.matrix(split, who)
    spreads = {name: spread(values) for name, values in values_by_place(record, split, who).items()}
    return {
        "all": headline_of(matrix),
        "classes": {item.name: asdict(row) for item, row in zip(record.legend, class_figures(matrix))},
        "places": {
            place.place: headline_of(ConfusionMatrix(record.legend, place.counts[who]))
            for place in record.of_split(split)
        },
        "over_places": {name: asdict(found) for name, found in spreads.items() if found},
        "intervals": {name: list(ends) for name, ends in intervals(record, split, who).items()},
    }


def to_text(record: EvaluationRecord) -> str:
    """Return the figures as a table for the terminal."""
    lines = [f"{'':44}{'pixels':>10}" + "".join(f"{title:>11}" for title in HEADLINE.values())]
    for split, figures in to_json(record).items():
        lines.append(_row(f"{split}, all", figures["all"]))
        if "baseline" in figures:
            lines.append(_row("  random forest beside it", figures["baseline"]["all"]))
        lines += [_row(f"  {place}", values) for place, values in figures["places"].items()]
        lines.append(f"  {'class':42}{'reference':>10}{'F1':>33}{'IoU':>11}" if figures["classes"] else "")
        for name, values in figures["classes"].items():
            f1, iou = figure_text(values["f1"]), figure_text(values["iou"])
            lines.append(f"  {name:42}{values['reference_pixels']:>10}{f1:>33}{iou:>11}")
    return "\n".join(lines)


def _row(title: str, figures: Mapping[str, float | None]) -> str:
    return f"{title:44}{figures['pixels']:>10}" + "".join(f"{figure_text(figures[name]):>11}" for name in HEADLINE)


def figure_text(value: float | None) -> str:
    """Return a figure as the terminal shows it."""
    return "-" if value is None else f"{value:.3f}"


def _block_diagonal(first: Counts, second: Counts) -> Counts:
    return np.block([[first, np.zeros_like(first)], [np.zeros_like(first), second]])


def _headline_columns(tables: Table) -> FloatArray:
    values = headline_values(tables)
    return np.stack([values[name] for name in HEADLINE], axis=1)
