# SPDX-License-Identifier: GPL-2.0-or-later
"""A cross-validation as a page, a table, a document for programs and lines for the terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from s2landcover_plugin.core.outputs import write_text
from s2landcover_plugin.core.pages.page import html_document, page_footer, page_header, page_notes
from s2landcover_plugin.core.pages.provenance import now, software
from s2landcover_plugin.core.pages.text import count

from .crossvalidation import HELD_OUT, CrossValidation, FoldRecord
from .figures import HEADLINE, FoldMean, figure_text, fold_mean, headline_of, present_classes, to_json
from .record import COUNTS_FILE, FOREST, NETWORK, TITLES
from .report import split_sections
from .tables import figure_table, headline, measure, row, section, shown

REPORT_FILE = "report.html"
DOCUMENT_FILE = "crossvalidation.json"
TABLE_FILE = "crossvalidation.csv"

_CHECKPOINTS = {
    "last": (
        "Tested is the last checkpoint of each fold, which no tile has chosen. A learning rate that falls when the "
        "validation loss stops falling, or early stopping, would still look at the held-out fold."
    ),
    "best": (
        "Tested is the best checkpoint of each fold, which was chosen by the held-out fold itself: the figures are too "
        "good. '--checkpoint last' tests one that was not."
    ),
}
_NOTES = (
    "The bands are normalised with the mean and standard deviation of the training tiles as the dataset was made, some "
    "of which are held out in other folds: two numbers a band, and no label.",
    "The folds share training tiles, so that the standard deviation over folds is a measure of how much the figures "
    "differ from place to place, and no standard error.",
)


def write_crossvalidation(result: CrossValidation) -> None:
    """Write page, table, document, and the pooled counts, which `compare` reads, into the output folder.

    Raises:
        OutputError: if a file cannot be written.
    """
    folder = result.request.output
    write_text(folder / REPORT_FILE, html_page(result))
    write_text(folder / TABLE_FILE, to_csv(result))
    write_text(folder / DOCUMENT_FILE, json.dumps(document(result), ensure_ascii=False, indent=1))
    result.pooled.write(folder / COUNTS_FILE)


def document(result: CrossValidation) -> dict[str, Any]:
    """Return all figures: of each fold, their mean and standard deviation, and of the folds pooled."""
    means = {
        who: {name: asdict(found) for name, found in fold_means(result, who).items() if found}
        for who in result.pooled.contenders
    }
    pooled = to_json(result.pooled)[HELD_OUT]
    return {
        "checkpoint": result.request.checkpoint,
        "mean": means[NETWORK],
        "baseline_mean": means.get(FOREST, {}),
        "pooled": {**pooled, "confusion": result.pooled.matrix(HELD_OUT).counts.tolist()},
        "folds": {str(item.fold): to_json(item.record)[HELD_OUT] for item in result.folds},
    }


def fold_means(result: CrossValidation, who: str) -> dict[str, FoldMean | None]:
    """Return mean and standard deviation over the folds of each headline figure."""
    values = [fold_figures(item, who) for item in result.folds]
    return {name: fold_mean([each[name] for each in values]) for name in HEADLINE}


def fold_figures(item: FoldRecord, who: str) -> dict[str, float | None]:
    """Return the headline figures of one fold."""
    return headline_of(item.record.matrix(HELD_OUT, who))


def to_csv(result: CrossValidation) -> str:
    """Return a table with a row for each fold and contender, and for the folds pooled."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["fold", "method", "tiles", "pixels", "classes_in_reference", *HEADLINE])
    for name, record in [*((str(item.fold), item.record) for item in result.folds), ("pooled", result.pooled)]:
        for who in record.contenders:
            matrix = record.matrix(HELD_OUT, who)
            figures = headline_of(matrix)
            numbers = (len(record.tiles(HELD_OUT)), figures["pixels"], present_classes(matrix))
            writer.writerow([name, who, *numbers, *(figures[key] for key in HEADLINE)])
    return text.getvalue()


def to_text(result: CrossValidation) -> str:
    """Return the figures of the folds as a table for the terminal."""
    lines = [f"{'':24}" + "".join(f"{title:>17}" for title in HEADLINE.values())]
    for who in result.pooled.contenders:
        lines.append(TITLES[who])
        lines += [_line(f"  fold {item.fold}", fold_figures(item, who)) for item in result.folds]
        means = fold_means(result, who).values()
        lines.append(f"{'  mean':24}" + "".join(f"{_mean_text(found):>17}" for found in means))
        lines.append(_line("  pooled", headline_of(result.pooled.matrix(HELD_OUT, who))))
    return "\n".join(lines)


def _line(title: str, figures: dict[str, float | None]) -> str:
    return f"{title:24}" + "".join(f"{figure_text(figures[name]):>17}" for name in HEADLINE)


def _mean_text(found: FoldMean | None) -> str:
    if found is None:
        return figure_text(None)
    return figure_text(found.mean) + ("" if found.deviation is None else f" ± {figure_text(found.deviation)}")


def html_page(result: CrossValidation) -> str:
    """Return the page."""
    record = result.pooled
    name, model = result.request.output.name, record.model
    lead = (
        f"{len(result.folds)} folds of {result.request.dataset.name}; {model.network}; {count(model.parameters)} "
        f"parameters; loss {model.loss}"
    )
    sections = (
        page_header("Cross-validation", name, lead),
        page_notes((_CHECKPOINTS[result.request.checkpoint], *_NOTES, *_repeated(result))),
        _mean_section(result),
        _fold_section(result),
        *split_sections(record, HELD_OUT, "All folds pooled"),
        page_footer(now(), software()),
    )
    return html_document(f"Cross-validation {name}", sections)


def _repeated(result: CrossValidation) -> Iterator[str]:
    """Yield a warning if a place is in several folds."""
    names = [place.place for item in result.folds for place in item.record.of_split(HELD_OUT)]
    repeated = len(names) - len(set(names))
    if repeated:
        yield (
            f"Places in more than one fold: {repeated}. Networks were tested on places that they had been trained on, "
            "so that the figures are too good for new places. Make the folds of groups or blocks."
        )


def _mean_section(result: CrossValidation) -> str:
    means = fold_means(result, NETWORK)
    beside = fold_means(result, FOREST) if FOREST in result.pooled.contenders else {}
    glosses = {
        name: (
            _deviation(name, found),
            f"random forest {_shown_mean(name, beside[name])}" if name in beside else "",
        )
        for name, found in means.items()
    }
    values = {name: None if found is None else found.mean for name, found in means.items()}
    return section("Mean over the folds", "Each fold counts the same.", headline(values, glosses))


def _deviation(name: str, found: FoldMean | None) -> str:
    if found is None or found.deviation is None:
        return ""
    return f"± {shown(name, found.deviation)} standard deviation over the folds"


def _shown_mean(name: str, found: FoldMean | None) -> str:
    if found is None:
        return shown(name, None)
    return shown(name, found.mean) + ("" if found.deviation is None else f" ± {shown(name, found.deviation)}")


def _fold_section(result: CrossValidation) -> str:
    contenders = result.pooled.contenders
    rows = [_fold_row(item, contenders) for item in result.folds]
    headings = ("Fold", "Tiles", "Labelled pixels", "Classes in the labels", *HEADLINE.values())
    caption = "Each fold by the network that has not been trained on it. Macro figures are over the fold’s own classes."
    if FOREST in contenders:
        caption += " Small figures are the random forest’s, grown on the same training tiles."
    return section("Fold by fold", caption, figure_table(headings, rows))


def _fold_row(item: FoldRecord, contenders: tuple[str, ...]) -> str:
    record = item.record
    matrix = record.matrix(HELD_OUT)
    numbers = (len(record.tiles(HELD_OUT)), matrix.pixels, present_classes(matrix))
    figures = [fold_figures(item, who) for who in contenders]
    cells = [f"<td>{count(number)}</td>" for number in numbers]
    for name in HEADLINE:
        ours, *beside = (each[name] for each in figures)
        cells.append(measure(name, ours, beside))
    return row(str(item.fold), cells)
