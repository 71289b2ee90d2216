# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands that are Lightning's own: every option is in a YAML file and on the command line alike."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Leave the options to Lightning."""
    parser.set_defaults(run=run, takes_any=True)


def run(options: argparse.Namespace, rest: list[str]) -> None:
    """Run `fit` or `test`."""
    from ..fitting.command_line import run_lightning

    run_lightning([options.command, *rest])
