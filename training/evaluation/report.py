# SPDX-License-Identifier: GPL-2.0-or-later
"""The report of a test as one HTML page that needs no network, no script and no other file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from s2landcover_plugin.core.accuracy.figures import ConfusionMatrix, class_figures, headline_figures
from s2landcover_plugin.core.accuracy.report.matrix import MAP_AND_REFERENCE, MatrixTable, chip, matrix_section
from s2landcover_plugin.core.pages.page import html_document, page_footer, page_header, page_notes
from s2landcover_plugin.core.pages.provenance import now, software
from s2landcover_plugin.core.pages.text import count, escape, short_count

from .figures import HEADLINE, gain_interval, headline_of, intervals, present_classes, spread, values_by_place
from .record import FOREST, NETWORK, TITLES, EvaluationRecord, PlaceCounts
from .tables import figure_table, headline, interval_text, measure, row, section, shown, strips

REPORT_FILE = "report.html"

_CLASS_COLUMNS = {"precision": "User’s accuracy", "recall": "Producer’s accuracy", "f1": "F1", "iou": "IoU"}
_CLASS_MEANS = ("macro_precision", "macro_recall", "macro_f1", "mean_iou")
_MOST_PLACES = 200
_RELIANCE = (
    "The figures say how far maps and labels agree on the labelled pixels of these tiles; they are accuracy only as "
    "far as the labels are right, and hold elsewhere only as far as it looks like these places."
)
_CHOSEN = (
    "A checkpoint called “best” was chosen by the validation tiles, so that figures on them are somewhat too good for "
    "it. Those on test tiles are not."
)


def html_page(record: EvaluationRecord, folder: Path) -> str:
    """Return the page; `folder` is the run's, which gives it its name."""
    name = f"{folder.parent.name}/{folder.name}"
    model = record.model
    epochs = "" if model.epochs is None else f", {model.epochs} epochs"
    lead = f"{model.network}; {count(model.parameters)} parameters; loss {model.loss}{epochs}"
    sections = (
        page_header("Test of a model", name, lead),
        page_notes(_notes(record)),
        *(part for split in record.splits for part in split_sections(record, split, f"{split.capitalize()} tiles")),
        _input_section(record),
        page_footer(now(), software()),
    )
    return html_document(f"Test of {name}", sections)


def split_sections(record: EvaluationRecord, split: str, title: str) -> tuple[str, ...]:
    """Return what is said of the tiles of one split, which are called `title`."""
    return (
        _summary_section(record, split, title),
        class_section(record, split, title),
        place_section(record, split, title),
        *confusion_sections(record, split, title),
    )


def _summary_section(record: EvaluationRecord, split: str, title: str) -> str:
    places = record.of_split(split)
    matrix = record.matrix(split)
    forest = headline_of(record.matrix(split, FOREST)) if FOREST in record.contenders else None
    ends = intervals(record, split, NETWORK)
    glosses = {
        name: (
            f"random forest {shown(name, forest[name])}" if forest else "",
            f"95 % over places: {interval_text(name, ends[name])}" if name in ends else "",
        )
        for name in HEADLINE
    }
    caption = (
        f"{count(len(record.tiles(split)))} tiles in {count(len(places))} places, {count(matrix.pixels)} labelled "
        f"pixels. {_present(matrix)}{_gain(record, split)}"
    )
    return section(title, caption, headline(headline_of(matrix), glosses))


def _present(matrix: ConfusionMatrix) -> str:
    absent = [item.name for item, pixels in zip(matrix.legend, matrix.reference_pixels) if not pixels]
    without = f" (without {', '.join(absent)})" if absent else ""
    return (
        f"Macro figures are means over the {present_classes(matrix)} of {len(matrix.legend)} classes that the labels "
        f"show here{without}."
    )


def _gain(record: EvaluationRecord, split: str) -> str:
    ends = gain_interval(record, split, "mean_iou")
    if ends is None:
        return ""
    return (
        f" The network’s macro IoU less the random forest’s is {interval_text('mean_iou', ends)} (95 % interval, "
        "places drawn with replacement)."
    )


def class_section(record: EvaluationRecord, split: str, title: str) -> str:
    """Return the table of the classes' figures, those of the forest small below."""
    matrices = [record.matrix(split, who) for who in record.contenders]
    rows = []
    for item, figures in zip(record.legend, zip(*(class_figures(matrix) for matrix in matrices))):
        values = {name: [getattr(each, name) for each in figures] for name in _CLASS_COLUMNS}
        cells = [f"<td>{count(figures[0].reference_pixels)}</td>"]
        cells += [measure(name, ours, beside) for name, (ours, *beside) in values.items()]
        rows.append(row(f"{chip(item)}{escape(item.name)}", cells))
    means = [headline_figures(matrix) for matrix in matrices]
    last = [
        measure(column, *_first_and_rest([getattr(each, name) for each in means]))
        for column, name in zip(_CLASS_COLUMNS, _CLASS_MEANS)
    ]
    foot = row("Mean over the classes in the labels", [f"<td>{count(matrices[0].pixels)}</td>", *last])
    headings = ("Class", "Labelled pixels", *_CLASS_COLUMNS.values())
    return section(f"{title}: class by class", _beside(record), figure_table(headings, rows, [foot]))


def _first_and_rest(values: list[float | None]) -> tuple[float | None, list[float | None]]:
    return values[0], values[1:]


def _beside(record: EvaluationRecord) -> str:
    return "Large figures are the network’s, small ones the random forest’s." if FOREST in record.contenders else ""


def place_section(record: EvaluationRecord, split: str, title: str) -> str:
    """Return the figures by place, worst first, and how they spread."""
    values = {who: values_by_place(record, split, who) for who in record.contenders}
    places = record.of_split(split)
    # Places without a labelled pixel have no figures, and come last.
    order = np.argsort(values[NETWORK]["mean_iou"], kind="stable").tolist()
    rows = [_place_row(places[index], index, values) for index in order[:_MOST_PLACES]]
    caption = f"Worst macro IoU first; at each place over the classes that its labels show. {_beside(record)}"
    if len(order) > _MOST_PLACES:
        caption += f" The other {count(len(order) - _MOST_PLACES)} places are in figures.json."
    headings = ("Place", "Tiles", "Labelled pixels", *HEADLINE.values())
    picture = strips(
        "Macro IoU of each place, and quartiles", {who: found["mean_iou"] for who, found in values.items()}
    )
    foot = list(_quartile_rows(values))
    return section(f"{title}: place by place", caption, picture + figure_table(headings, rows, foot))


def _place_row(place: PlaceCounts, index: int, values: dict[str, dict[str, np.ndarray]]) -> str:
    cells = [f"<td>{count(len(place.tiles))}</td>", f"<td>{count(int(place.counts[NETWORK].sum()))}</td>"]
    for name in HEADLINE:
        ours, *beside = (_defined(found[name][index]) for found in values.values())
        cells.append(measure(name, ours, beside))
    return row(escape(place.place), cells)


def _quartile_rows(values: dict[str, dict[str, np.ndarray]]) -> Iterator[str]:
    for title, part in (("Lower quartile", "lower"), ("Median", "median"), ("Upper quartile", "upper")):
        cells = ["<td></td><td></td>"]
        for name in HEADLINE:
            spreads = [spread(found[name]) for found in values.values()]
            ours, *beside = (None if found is None else getattr(found, part) for found in spreads)
            cells.append(measure(name, ours, beside))
        yield row(title, cells)


def confusion_sections(record: EvaluationRecord, split: str, title: str) -> Iterator[str]:
    """Yield the confusion matrix of the network, and of the forest."""
    caption = (
        "Labelled pixels by class on the map (rows) and in the labels (columns). On the diagonal the two agree; a "
        "column shows what became of the pixels of a class."
    )
    for who in record.contenders:
        counts = MatrixTable(
            record.legend,
            record.matrix(split, who).counts,
            MAP_AND_REFERENCE,
            lambda number: short_count(int(number)),
            lambda number: f"{count(int(number))} pixels",
        )
        yield matrix_section(f"{title}: confusion matrix, {TITLES[who].lower()}", caption, counts)


def _notes(record: EvaluationRecord) -> Iterator[str]:
    yield _RELIANCE
    if "validation" in record.splits:
        yield _CHOSEN


def _input_section(record: EvaluationRecord) -> str:
    model = record.model
    facts = {
        "Dataset": model.dataset,
        "Checkpoint": model.checkpoint or "none",
        "Random forest": f"{model.forest}; it sees one pixel at a time, all bands." if model.forest else "none",
    }
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{escape(text)}</td></tr>' for name, text in facts.items())
    return f'<section><h2>What was tested</h2><table class="facts"><tbody>{rows}</tbody></table></section>'


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
