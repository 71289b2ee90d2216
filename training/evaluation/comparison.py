# SPDX-License-Identifier: GPL-2.0-or-later
"""Several tests side by side, from what each has counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.tiling.dataset import SPLITS

from .figures import HEADLINE, figure_text, headline_of
from .record import FOREST, NETWORK, EvaluationRecord, ModelSummary

Figures = Mapping[str, "float | None"]


@dataclass(frozen=True, eq=False)
class Competitor:
    """A row of the comparison.

    Attributes:
        name: of the run.
        model: what was tested; None for a random forest.
        figures: headline figures by split.
    """

    name: str
    model: ModelSummary | None
    figures: Mapping[str, Figures]

    def value(self, split: str, name: str) -> float | None:
        """Return a figure, None where it is undefined or the run was not tested on that split."""
        return self.figures.get(split, {}).get(name)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Tests side by side.

    Attributes:
        rows: best first; as they were given if they do not compare.
        splits: that any of them has.
        comparable: the splits that all of them have, with the same tiles, labels and classes.
        warnings: why they do not compare on others; sentences.
    """

    rows: tuple[Competitor, ...]
    splits: tuple[str, ...]
    comparable: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def ranked(self) -> str | None:
        """The split whose macro IoU ranks the rows; None if they do not compare. Test tiles have chosen nothing."""
        return self.comparable[-1] if self.comparable else None

    def is_best(self, row: Competitor, split: str, name: str) -> bool:
        """Return whether no row has a larger figure; of what does not compare, none is best."""
        if split not in self.comparable:
            return False
        known = [value for value in (other.value(split, name) for other in self.rows) if value is not None]
        return bool(known) and row.value(split, name) == max(known)


def compare(folders: Sequence[Path]) -> Comparison:
    """Return the tests in some folders side by side; random forests have rows of their own, alike ones one.

    Raises:
        InputError: if a folder has no counts, or the folders have no split in common.
    """
    records = dict(zip(_names(folders), map(EvaluationRecord.read, folders)))
    common = [split for split in SPLITS if all(split in record.splits for record in records.values())]
    if not common:
        raise InputError("The runs have no split in common; test them on the same tiles.")
    rows = [*_networks(records), *_forests(records)]
    splits = tuple(split for split in SPLITS if any(split in record.splits for record in records.values()))
    warnings = {split: list(_warnings(records, split)) for split in common}
    comparable = tuple(split for split in common if not warnings[split])
    # Other classes are told of once.
    told = tuple(dict.fromkeys(text for texts in warnings.values() for text in texts))
    if comparable:
        rows.sort(key=lambda row: -(row.value(comparable[-1], "mean_iou") or 0.0))
    return Comparison(tuple(rows), splits, comparable, told)


def to_csv(comparison: Comparison) -> str:
    """Return a table with a row for each run."""
    columns = [(split, name) for split in comparison.splits for name in HEADLINE]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["run", *_MODEL, *(f"{split}_{name}" for split, name in columns)])
    for row in comparison.rows:
        model = [getattr(row.model, name) if row.model else "" for name in _MODEL]
        writer.writerow([row.name, *model, *(row.value(*column) for column in columns)])
    return text.getvalue()


def to_text(comparison: Comparison) -> str:
    """Return a table for the terminal; the best figure of each column has a star."""
    width = max(len(row.name) for row in comparison.rows) + 2
    lines = []
    for split in comparison.splits:
        lines.append(f"{split:{width}}" + "".join(f"{title:>12}" for title in HEADLINE.values()))
        for row in comparison.rows:
            cells = (_cell(comparison, row, split, name) for name in HEADLINE)
            lines.append(f"{row.name:{width}}" + "".join(f"{cell:>12}" for cell in cells))
        lines.append("")
    for row in comparison.rows:
        if row.model:
            lines.append(
                f"{row.name:{width}}{row.model.network}; {row.model.parameters:,} parameters; {row.model.loss}"
            )
    return "\n".join(lines)


def _cell(comparison: Comparison, row: Competitor, split: str, name: str) -> str:
    return figure_text(row.value(split, name)) + ("*" if comparison.is_best(row, split, name) else " ")


_MODEL = ("network", "loss", "epochs", "parameters", "checkpoint")


def _networks(records: Mapping[str, EvaluationRecord]) -> Iterator[Competitor]:
    for name, record in records.items():
        yield Competitor(name, record.model, _figures(record, NETWORK))


def _forests(records: Mapping[str, EvaluationRecord]) -> Iterator[Competitor]:
    told: list[Mapping[str, Figures]] = []
    for name, record in records.items():
        if FOREST not in record.contenders:
            continue
        figures = _figures(record, FOREST)
        if figures not in told:
            told.append(figures)
            yield Competitor(f"random forest of {name}", None, figures)


def _figures(record: EvaluationRecord, who: str) -> dict[str, Figures]:
    return {split: headline_of(record.matrix(split, who)) for split in record.splits}


def _warnings(records: Mapping[str, EvaluationRecord], split: str) -> Iterator[str]:
    (first, standard), *others = records.items()
    for name, record in others:
        if record.legend.names != standard.legend.names:
            yield f"{name} has other classes than {first}; their figures do not compare."
        elif record.tiles(split) != standard.tiles(split):
            yield f"{name} was tested on other {split} tiles than {first}; their figures do not compare."
        elif (record.matrix(split).reference_pixels != standard.matrix(split).reference_pixels).any():
            yield f"{name} was tested against other {split} labels than {first}; their figures do not compare."


def _names(folders: Sequence[Path]) -> list[str]:
    """Return as many of the last parts of each path as tell them apart, two at least."""
    paths = [folder.resolve().parts for folder in folders]
    if len(set(paths)) < len(paths):
        raise InputError("A run is given twice; give each once.")
    parts = next(n for n in range(2, 100) if len({path[-n:] for path in paths}) == len(paths))
    return ["/".join(path[-parts:]) for path in paths]
