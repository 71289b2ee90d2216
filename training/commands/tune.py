# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `tune`."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options; whatever else is given goes to `fit`."""
    parser.set_defaults(run=_run, takes_any=True)
    parser.epilog = (
        "All other options are those of 'fit' and the same in all trials, such as --data.folder DATASET. A search that "
        "was interrupted goes on when the same command is run again."
    )
    add = parser.add_argument
    add("--search", type=Path, required=True, help="YAML file of what is searched; docs/training.md describes it")
    add("--output", type=Path, required=True, help="folder for the trials, a table of them and the best setting")
    add("--config", type=Path, help="YAML file of 'fit' to start from (default: the package's own)")
    add("--cpus", type=float, default=1, help="cores for a trial (default: 1)")
    add("--gpus", type=float, default=0, help="GPUs for a trial, such as 1 or 0.5 (default: 0)")
    add("--concurrent", type=int, default=0, help="trials at a time (default: as many as fit)")
    add("--address", default="", help="of a Ray cluster, such as auto or ray://host:10001 (default: this machine)")


def _run(options: argparse.Namespace, rest: list[str]) -> None:
    from ..search.plan import read_plan
    from ..search.run import BEST, TABLE, SearchRequest, search, to_csv

    config = ["--config", str(options.config.resolve())] if options.config else []
    request = SearchRequest(
        plan=read_plan(options.search),
        folder=options.output,
        arguments=(*config, *_absolute(rest)),
        cpus=options.cpus,
        gpus=options.gpus,
        concurrent=options.concurrent,
        address=options.address,
    )
    print(to_csv(search(request)), end="")
    print(f"All trials are in {options.output / TABLE}, the best setting is in {options.output / BEST}.")


def _absolute(arguments: list[str]) -> list[str]:
    """Return options whose existing paths do not depend on the folder: a trial runs in its own."""
    return [_absolute_option(part) for part in arguments]


def _absolute_option(text: str) -> str:
    """Return a value, or `--name=value`, with its path made absolute if it is one."""
    name, separator, value = text.partition("=") if text.startswith("--") else ("", "", text)
    is_path = value and not value.startswith("-") and Path(value).exists()
    return f"{name}{separator}{Path(value).resolve()}" if is_path else text
