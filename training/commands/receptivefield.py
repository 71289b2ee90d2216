# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `receptivefield`."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("--checkpoint", type=Path, required=True, help="Lightning checkpoint (.ckpt) of 'fit'")
    add("--dataset", type=Path, help="folder whose held-out tiles the network is watched on (default: noise)")
    add("--tiles", type=int, default=16, help="of the dataset, at most (default: 16)")


def _run(options: argparse.Namespace, _: list[str]) -> None:
    from ..evaluation.receptive_field import report_field

    print(report_field(options.checkpoint, options.dataset, options.tiles).to_text())
