# SPDX-License-Identifier: GPL-2.0-or-later
"""The frame of a page: its head, its style and its foot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from .text import escape

_STYLE = Path(__file__).with_name("page.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def html_document(title: str, sections: Iterable[str]) -> str:
    """Return a page that stands alone: no network, no script, no other file.

    Args:
        title: plain text.
        sections: HTML; empty ones are left out.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body>\n</html>\n"
    )


def page_header(overline: str, title: str, lead: str) -> str:
    """Return the head of a page from plain texts: what kind of page it is, what it is about, and one sentence."""
    return (
        f'<header><p class="overline">{escape(overline)}</p><h1>{escape(title)}</h1>'
        f'<p class="lead">{escape(lead)}</p></header>'
    )


def page_notes(notes: Iterable[str], heading: str = "Worth knowing") -> str:
    """Return the box of things worth knowing, from plain texts; empty if there are none."""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<aside class="notes"><h2>{escape(heading)}</h2><ul>{items}</ul></aside>' if items else ""


def page_footer(made: str, software: Mapping[str, str]) -> str:
    """Return the foot of a page: when it was made, and the versions it was made with."""
    versions = " · ".join(f"{escape(name)} {escape(version)}" for name, version in software.items())
    return f"<footer>Made {escape(made)} with {versions}</footer>"
