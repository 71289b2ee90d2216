# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `augmentation`."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options; those of the augmentation are left to jsonargparse, as `fit` has them."""
    parser.set_defaults(run=_run, takes_any=True)
    parser.epilog = (
        "Options of 'fit' that begin with --data.augmentation can be given too, such as --data.augmentation.haze 0.05; "
        "they go before those of the file."
    )
    add = parser.add_argument
    add("folder", type=Path, metavar="DATASET", help="dataset folder")
    add("--config", type=Path, help="YAML file of 'fit' whose augmentation is shown (default: the package's own)")
    add("--output", type=Path, required=True, help="picture to write (.png)")
    add("--tiles", type=int, default=5, help="how many training tiles to show (default: 5)")
    add("--seed", type=int, default=0, help="of the random numbers (default: 0)")


def _run(options: argparse.Namespace, rest: list[str]) -> None:
    from ..augmentation.configuration import read_augmentation
    from ..augmentation.pictures import AugmentationPicture, write_picture

    chosen = read_augmentation(options.config, rest)
    write_picture(AugmentationPicture(options.folder, chosen, options.output, options.tiles, options.seed))
    print(options.output)
