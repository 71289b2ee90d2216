# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers and names as pages print them."""

from __future__ import annotations

import html

UNDEFINED = "–"
"""What is printed for a figure that does not exist."""


def escape(text: str) -> str:
    """Return text made harmless for HTML, inside tags and inside attributes."""
    return html.escape(text, quote=True)


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share (0-1) as a percentage, or a dash where it is undefined."""
    return UNDEFINED if value is None else f"{100 * value:.{digits}f}\u202f%"


def decimal(value: float | None) -> str:
    """Return a figure with three decimals, or a dash where it is undefined."""
    return UNDEFINED if value is None else f"{value:.3f}".replace("-", "\u2212")


def count(value: int) -> str:
    """Return a count with thin spaces between the thousands."""
    return f"{value:,}".replace(",", "\u202f")


def short_count(value: int) -> str:
    """Return a count in at most six characters and a unit: 99 999, 123 k, 4.56 M."""
    for unit, size, least in (("G", 1e9, 1e9), ("M", 1e6, 1e6), ("k", 1e3, 1e5)):
        if value >= least:
            number = value / size
            return f"{number:.3g}\u202f{unit}" if number < 999.5 else f"{number:.0f}\u202f{unit}"
    return count(value)
