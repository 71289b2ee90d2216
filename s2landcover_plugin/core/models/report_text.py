# SPDX-License-Identifier: GPL-2.0-or-later
"""A report on a model as lines for a log."""

from __future__ import annotations

from collections.abc import Iterator

from .provenance import Facts, Table, provenance_parts
from .report import ModelReport
from .report_facts import facts


def report_text(report: ModelReport) -> str:
    """Return the whole report, a fact a line."""
    return "\n".join(_lines(report))


def _lines(report: ModelReport) -> Iterator[str]:
    yield f"{report.name}: {verdict(report)}"
    yield from (f"  Wrong: {problem}" for problem in report.problems)
    yield from (f"  Note: {doubt}" for doubt in report.doubts)
    if report.contract and report.contract.description:
        yield report.contract.description
    for part in facts(report):
        yield from _fact_lines(part)
    if report.contract:
        yield "Classes"
        for item in report.contract.legend:
            yield f"  {item.value} {item.name} #{item.colour}" + (f": {item.description}" if item.description else "")
        for told in provenance_parts(report.contract.provenance, "Provenance"):
            yield from _fact_lines(told) if isinstance(told, Facts) else _table_lines(told)


def _fact_lines(part: Facts) -> Iterator[str]:
    yield part.title
    yield from (f"  {name}: {text}" for name, text in part.rows)


def _table_lines(part: Table) -> Iterator[str]:
    yield part.title
    for name, texts in part.rows:
        yield f"  {name}: " + ", ".join(f"{column} {text}" for column, text in zip(part.columns, texts))


def verdict(report: ModelReport) -> str:
    """Return in a few words whether the model can be used."""
    if report.problems:
        return f"cannot be used, {len(report.problems)} problem{'s' if len(report.problems) > 1 else ''}"
    return "can be used" + (
        f", {len(report.doubts)} note{'s' if len(report.doubts) > 1 else ''}" if report.doubts else ""
    )
