# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `compare`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from s2landcover_plugin.core.outputs import write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("runs", type=Path, nargs="+", metavar="RUN", help="folder that 'test' or 'crossvalidate' wrote")
    add("--table", type=Path, help="table to write (.csv)")
    add("--page", type=Path, help="page to write (.html)")


def _run(options: argparse.Namespace, _: list[str]) -> None:
    from ..evaluation.comparison import compare, to_csv, to_text
    from ..evaluation.comparison_report import html_page

    comparison = compare(options.runs)
    for path, text in ((options.table, to_csv), (options.page, html_page)):
        if path:
            write_text(path, text(comparison))
    print(to_text(comparison))
    for warning in comparison.warnings:
        print(f"warning: {warning}", file=sys.stderr)
