# SPDX-License-Identifier: GPL-2.0-or-later
"""How well a scene is sharpened, as one HTML page that needs no network, no script and no other file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..outputs import write_text
from ..pages.page import html_document, page_footer, page_header, page_notes
from ..pages.png import picture
from ..pages.provenance import now, software
from ..pages.text import UNDEFINED, count, decimal, escape
from ..products.product import Product
from ..radiometry import FloatArray
from .quality import BandFigures, Example, Quality, ResolutionQuality
from .quality_text import CAVEATS, PROTOCOL, SOURCES, TERMS, method_name
from .reduced_scale import SENSOR_BLUR

# Share of the darkest and of the brightest pixels that a picture shows as black and as white, per cent.
_CLIPPED = 2


def write_quality_page(quality: Quality, product: Product, inputs: Sequence[str], path: Path) -> None:
    """Write the page.

    Args:
        quality: what was measured.
        product: the scene.
        inputs: what the user gave.
        path: the page; it appears only when it is complete.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, html_page(quality, product, inputs))


def html_page(quality: Quality, product: Product, inputs: Sequence[str]) -> str:
    """Return the page; arguments as in `write_quality_page`."""
    sections = (
        page_header("Sharpening quality", product.name, _lead(quality)),
        _headline(quality),
        page_notes(quality.notes),
        *(_resolution_section(resolution) for resolution in quality.resolutions),
        _example_section(quality.example),
        _meaning_section(quality),
        _input_section(quality, product, inputs),
        page_footer(now(), software()),
    )
    return html_document(f"Sharpening quality of {product.name}", sections)


def _lead(quality: Quality) -> str:
    if not quality.resolutions:
        return "nothing was measured"
    bands = sum(len(resolution.methods[0].bands) for resolution in quality.resolutions)
    windows = "one window" if quality.windows == 1 else f"{quality.windows} windows"
    return f"{method_name(quality.method)}, {bands} bands, measured on {windows} of the scene, one scale down"


def _headline(quality: Quality) -> str:
    if not quality.resolutions:
        return ""
    other = "regression" if quality.method == "none" else "none"
    chosen, beside, name = quality.headline(quality.method), quality.headline(other), method_name(other).lower()
    entries = (
        ("RMSE", _units(chosen.rmse), f"reflectance x 10000, mean over bands ({name}: {_units(beside.rmse)})"),
        ("ERGAS", _fine(chosen.ergas), f"relative error of all bands, % ({name}: {_fine(beside.ergas)})"),
        ("Spectral angle", _degrees(chosen.sam), f"mean, how far colours are off ({name}: {_degrees(beside.sam)})"),
        ("Consistency", _units(chosen.consistency), "RMSE x 10000 of the worst band, degraded again, full scale"),
    )
    cells = (
        f'<div><dt>{label}</dt><dd class="figure">{value}</dd><dd class="gloss">{gloss}</dd></div>'
        for label, value, gloss in entries
    )
    return f'<dl class="headline">{"".join(cells)}</dl>'


def _resolution_section(resolution: ResolutionQuality) -> str:
    names = [escape(method_name(figures.method)) for figures in resolution.methods]
    groups = "".join(
        f'<th scope="colgroup" colspan="{len(names)}">{label}</th>' for label in ("RMSE x 10000", "Q", "Consistency")
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in names * 3)
    bands = zip(*(figures.bands for figures in resolution.methods))
    rows = "".join(_band_row(row) for row in bands)
    return (
        f"<section><h2>Bands of {resolution.gsd:g}\u202fm</h2>"
        f'<p class="caption">{_scales(resolution)}</p>'
        '<div class="scroll"><table class="classes"><thead>'
        f'<tr><td></td>{groups}</tr><tr><th scope="col">Band</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_together(resolution)}</section>"
    )


def _scales(resolution: ResolutionQuality) -> str:
    restored = f"restored at {resolution.guided:g}\u202fm"
    if resolution.guided != resolution.gsd:
        restored += f", averaged to {resolution.gsd:g}\u202fm"
    return (
        f"Degraded to {resolution.degraded:g}\u202fm, {restored}, and compared with the original on "
        f"{count(resolution.pixels)} pixels. Consistency: at full scale. The scene's own blur, of these bands relative "
        f"to the 10\u202fm bands, is estimated at {resolution.blur:.2f} pixels."
    )


def _band_row(row: Sequence[BandFigures]) -> str:
    cells = [
        *(_units(figures.rmse) for figures in row),
        *(decimal(figures.q) for figures in row),
        *(_units(figures.consistency) for figures in row),
    ]
    return f'<tr><th scope="row">{escape(row[0].band)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _together(resolution: ResolutionQuality) -> str:
    parts = (
        f"<span>{escape(method_name(figures.method))}: ERGAS {_fine(figures.ergas)}\u202f%, "
        f"spectral angle {_degrees(figures.sam)}</span>"
        for figures in resolution.methods
    )
    return f'<p class="key"><b>All of them together</b>{"".join(parts)}</p>'


def _example_section(example: Example | None) -> str:
    if example is None:
        return ""
    low, high = np.percentile(example.original, (_CLIPPED, 100 - _CLIPPED), axis=(1, 2))
    shown = [("Degraded", example.degraded)]
    # The one that was chosen comes first, and is best seen next to the original.
    shown += [(method_name(method), image) for method, image in reversed(tuple(example.restored.items()))]
    shown.append(("Original", example.original))
    figures = (
        f"<figure>{picture(_stretched(image, low, high), name)}<figcaption>{escape(name)}</figcaption></figure>"
        for name, image in shown
    )
    bands = " ".join(example.bands)
    return (
        f'<section><h2>One place</h2><p class="caption">The middle of one window, one scale down: {escape(bands)}'
        f"{' as red, green and blue' if len(example.bands) == 3 else ''}. The closer to the original, the better.</p>"
        f'<div class="pictures">{"".join(figures)}</div></section>'
    )


def _stretched(image: FloatArray, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return reflectance, shape (bands, rows, cols), as a picture, shape (rows, cols, bands)."""
    span = np.maximum(high - low, 1e-6)[:, np.newaxis, np.newaxis]
    scaled = np.clip((image - low[:, np.newaxis, np.newaxis]) / span, 0, 1)
    return np.rint(255 * scaled).astype(np.uint8).transpose(1, 2, 0)


def _meaning_section(quality: Quality) -> str:
    caveats = "".join(f"<p>{text}</p>" for text in (PROTOCOL.format(blur=SENSOR_BLUR), *CAVEATS))
    terms = "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in TERMS)
    sources = "".join(f'<li>{text} <a href="{link}">{link}</a></li>' for text, link in SOURCES)
    return (
        f'<section><h2>What these figures are, and what they are not</h2><div class="prose">{caveats}</div>'
        f'<dl class="terms">{terms}</dl><ul class="sources">{sources}</ul></section>'
    )


def _input_section(quality: Quality, product: Product, inputs: Sequence[str]) -> str:
    facts = {
        "Product": escape(product.name),
        "Input": "<br>".join(f"<code>{escape(path)}</code>" for path in inputs),
        "Level": escape(product.level or UNDEFINED),
        "Baseline": escape(product.baseline or UNDEFINED),
        "Method": escape(method_name(quality.method)),
    }
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in facts.items())
    return f'<section><h2>Input</h2><table class="facts"><tbody>{rows}</tbody></table></section>'


def _units(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.1f}"


def _fine(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.2f}"


def _degrees(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.2f}°"
