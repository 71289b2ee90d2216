# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `crossvalidate`."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options; those of training are left to `fit`."""
    parser.set_defaults(run=_run, takes_any=True)
    # Or --data.fold would be taken for --data.folder.
    parser.allow_abbrev = False
    parser.epilog = (
        "All options of 'fit' can be given too, such as --config FILE or --model.network.width 32; those of 'baseline' "
        "are for the random forest. A call that was interrupted goes on when it is given again."
    )
    add = parser.add_argument
    add("--data.folder", dest="dataset", type=Path, required=True, help="folder of a dataset with folds")
    add("--output", type=Path, required=True, help="folder for the results: a folder a fold, and a report on all")
    add(
        "--checkpoint",
        choices=("last", "best"),
        default="last",
        help="which checkpoint of each fold is tested; 'best' is chosen by the held-out fold itself, so that its "
        "figures are too good (default: last)",
    )


def _run(options: argparse.Namespace, rest: list[str]) -> None:
    from ..evaluation.crossvalidation import CrossValidationRequest, crossvalidate, run_as_process
    from ..evaluation.crossvalidation_report import REPORT_FILE, to_text, write_crossvalidation
    from ..terminal import TerminalProgress

    request = CrossValidationRequest(options.output, options.dataset, tuple(rest), options.checkpoint)
    result = crossvalidate(request, run_as_process, TerminalProgress())
    write_crossvalidation(result)
    print(to_text(result))
    print(f"\nThe report is {options.output / REPORT_FILE}.")
