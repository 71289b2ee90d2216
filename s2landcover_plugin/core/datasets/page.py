# SPDX-License-Identifier: GPL-2.0-or-later
"""A dataset as one HTML page that needs no network, no script and no other file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..legend import LandCoverClass
from ..outputs import write_text
from ..pages.drawing import Segment, meter, stacked_bar
from ..pages.page import html_document, page_footer, page_header, page_notes
from ..pages.png import picture
from ..pages.provenance import now, software
from ..pages.text import UNDEFINED, count, decimal, escape, percent, short_count
from ..tiling.dataset import SPLITS, TileRecord
from ..tiling.storage import REFLECTANCE, STORED
from .histograms import histogram_figure
from .inspection import Inspection, SplitFigures
from .thumbnails import Thumbnail, thumbnails

REPORT_FILE = "report.html"
_LISTED = 20
_TRAIN = SPLITS[0]
_UNITS = {REFLECTANCE: "Reflectance", STORED: "Brightness (1 is the byte 255)"}
_BARS = "display:grid;grid-template-columns:90px minmax(0,1fr);gap:10px 0;align-items:center;margin-bottom:26px"


def write_dataset_page(inspection: Inspection, path: Path) -> None:
    """Write the page; it appears only when it is complete.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, html_page(inspection))


def html_page(inspection: Inspection) -> str:
    """Return the page."""
    info = inspection.info
    name = inspection.folder.name
    sections = (
        page_header("Dataset", name, _lead(inspection)),
        _headline(inspection),
        page_notes(_first(inspection.problems), "To be put right"),
        page_notes(inspection.notes),
        _class_section(inspection) if info.legend else "",
        _picture_section(thumbnails(inspection), bool(info.legend)),
        _band_section(inspection),
        _source_section(inspection),
        page_footer(now(), software()),
    )
    return html_document(f"Dataset {name}", sections)


def _lead(inspection: Inspection) -> str:
    info = inspection.info
    classes = f"{len(info.legend)} classes" if info.legend else "no labels"
    images = "image" if len(info.sources) == 1 else "images"
    return (
        f"{len(info.tiles)} tiles of {info.tile_size} x {info.tile_size} pixels of {info.gsd:g} m, "
        f"{len(info.bands)} bands, {classes}, {len(info.sources)} {images}"
    )


def _headline(inspection: Inspection) -> str:
    splits = inspection.splits
    entries = [("Problems", count(len(inspection.problems)), "files and parts to be put right before training")]
    for name in SPLITS:
        share = splits[name].tiles / max(len(inspection.info.tiles), 1)
        entries.append((f"{name.capitalize()} tiles", count(splits[name].tiles), f"{percent(share)} of all"))
    cells = (
        f'<div><dt>{label}</dt><dd class="figure">{value}</dd><dd class="gloss">{gloss}</dd></div>'
        for label, value, gloss in entries
    )
    return f'<dl class="headline">{"".join(cells)}</dl>'


def _first(lines: tuple[str, ...]) -> Iterator[str]:
    yield from lines[:_LISTED]
    if len(lines) > _LISTED:
        yield f"and {len(lines) - _LISTED} more"


def _class_section(inspection: Inspection) -> str:
    legend = inspection.info.legend or ()
    heads = "".join(f'<th scope="col">{name.capitalize()}</th>' for name in SPLITS)
    rows = "".join(_class_row(inspection, item) for item in legend)
    bars = "".join(_bar_row(inspection, name) for name in SPLITS)
    unlabelled = "".join(
        f"<td>{_share(figures.unlabelled, _pixels(inspection, figures))}</td>" for figures in _figures(inspection)
    )
    return (
        '<section><h2>Classes</h2><p class="caption">Share of the labelled pixels of each split, and their number.</p>'
        f'<div style="{_BARS}">{bars}</div>'
        '<div class="scroll"><table class="classes"><thead>'
        f'<tr><th scope="col">Class</th>{heads}</tr></thead><tbody>{rows}</tbody>'
        f'<tfoot><tr><th scope="row">Pixels without a label</th>{unlabelled}</tr></tfoot></table></div></section>'
    )


def _figures(inspection: Inspection) -> list[SplitFigures]:
    return [inspection.splits[name] for name in SPLITS]


def _pixels(inspection: Inspection, figures: SplitFigures) -> int:
    return figures.tiles * inspection.info.tile_size**2


def _share(part: int, whole: int) -> str:
    return percent(part / whole if whole else None)


def _bar_row(inspection: Inspection, split: str) -> str:
    pixels = inspection.splits[split].class_pixels
    total = sum(pixels.values())
    if not total:
        return ""
    legend = inspection.info.legend or ()
    segments = [Segment(pixels[item.value] / total, f"#{item.colour}") for item in legend]
    return f"<span>{split.capitalize()}</span><figure>{stacked_bar(segments, f'Classes of {split}')}</figure>"


def _class_row(inspection: Inspection, item: LandCoverClass) -> str:
    chip = f'<span class="chip" style="background:#{item.colour}"></span>'
    cells = []
    for figures in _figures(inspection):
        total = sum(figures.class_pixels.values())
        share = figures.class_pixels[item.value] / total if total else None
        number = short_count(figures.class_pixels[item.value])
        cells.append(f'<td class="measure">{percent(share)} <small>{number}</small>{meter(share)}</td>')
    return f'<tr><th scope="row">{chip}{escape(item.name)} <small>{item.value}</small></th>{"".join(cells)}</tr>'


def _picture_section(pictures: tuple[Thumbnail, ...], is_labelled: bool) -> str:
    if not pictures:
        return ""
    figures = "".join(
        f"<figure>{picture(item.picture, item.tile.id)}<figcaption>{_caption(item.tile)}</figcaption></figure>"
        for item in pictures
    )
    parts = "Image, labels (grey: none), and both together" if is_labelled else "Images"
    columns = ' style="grid-template-columns:repeat(auto-fill,minmax(300px,1fr))"' if is_labelled else ""
    return (
        f'<section><h2>Some tiles</h2><p class="caption">{parts}; all on one scale of brightness.</p>'
        f'<div class="pictures"{columns}>{figures}</div></section>'
    )


def _caption(tile: TileRecord) -> str:
    told = [tile.split, *([tile.date] if tile.date else []), *([f"{tile.repeat} times"] if tile.repeat > 1 else [])]
    return f"{escape(tile.id)}<br>{escape(', '.join(told))}"


def _band_section(inspection: Inspection) -> str:
    train = inspection.splits[_TRAIN].histogram
    held = np.sum([inspection.splits[name].histogram for name in SPLITS[1:]], axis=0)
    storage = inspection.info.storage
    width = storage.bin * storage.scale
    figures = "".join(
        f"<figure>{histogram_figure(train[index], held[index], band, width)}"
        f"<figcaption>{_band_caption(inspection, band)}</figcaption></figure>"
        for index, band in enumerate(inspection.info.bands)
    )
    return (
        '<section><h2>Bands</h2><p class="caption">'
        f"{_UNITS[inspection.info.values]} of valid pixels: filled, the training tiles; line, validation and "
        "test tiles. Where the two differ much, figures from held-out tiles tell less about training."
        f'</p><div class="pictures">{figures}</div></section>'
    )


def _band_caption(inspection: Inspection, band: str) -> str:
    known = inspection.info.statistics.get(band)
    if known is None:
        return escape(band)
    return f"{escape(band)}: mean {decimal(known.mean)}, standard deviation {decimal(known.std)}"


def _source_section(inspection: Inspection) -> str:
    tiles = inspection.info.tiles
    rows = []
    for name, source in list(inspection.info.sources.items())[:_LISTED]:
        number = sum(tile.source == name for tile in tiles)
        covers = source.get("covers") or {}
        told = ", ".join(f"{percent(share)} {cover}" for cover, share in covers.items()) or UNDEFINED
        cells = (source.get("date") or UNDEFINED, source.get("crs") or UNDEFINED, told, count(number))
        rows.append(
            f'<tr><th scope="row">{escape(name)}</th>'
            + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
            + "</tr>"
        )
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Image", "Date", "Reference system", "Covered", "Tiles")
    )
    more = len(inspection.info.sources) - _LISTED
    rest = f'<p class="caption">and {more} more</p>' if more > 0 else ""
    return (
        '<section><h2>Images</h2><div class="scroll"><table class="classes"><thead>'
        f"<tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>{rest}</section>"
    )
