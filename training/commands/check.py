# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `check`."""

from __future__ import annotations

import argparse
from pathlib import Path

from s2landcover_plugin.core.datasets.inspection import inspect_dataset
from s2landcover_plugin.core.datasets.page import write_dataset_page
from s2landcover_plugin.core.errors import DatasetError

from ..data.checks import to_text
from ..terminal import TerminalProgress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    parser.add_argument("folder", type=Path, help="dataset folder")
    parser.add_argument("--report", type=Path, help="HTML page to write")


def _run(options: argparse.Namespace, _: list[str]) -> None:
    inspection = inspect_dataset(options.folder, TerminalProgress())
    if options.report:
        write_dataset_page(inspection, options.report)
    print(to_text(inspection))
    if inspection.problems:
        raise DatasetError(f"{len(inspection.problems)} problem(s) were found; see above.")
