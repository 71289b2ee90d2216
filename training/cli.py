# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line: `python -m training COMMAND`.

Torch is imported only where it is needed: commands that look at data run without it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from s2landcover_plugin.core.errors import LandCoverError

from .commands import (
    alignlabels,
    app,
    augmentation,
    check,
    compare,
    crossvalidate,
    distil,
    download,
    export,
    lightning,
    prepare,
    receptivefield,
    sharpener,
    tune,
)
from .terminal import say

_EPILOG = """examples:
  python -m training download --extent 14.2 52.2 14.4 52.4 --start 2024-06-01 --end 2024-06-30 --folder PRODUCTS
  python -m training prepare --images SCENE_1.tif SCENE_2.tif --labels LABELS.tif --folder DATASET
  python -m training check DATASET --report report.html
  python -m training fit --data.folder DATASET
  python -m training fit --data.folder DATASET --model.network.width 32 --trainer.max_epochs 30
  python -m training test --data.folder DATASET --ckpt_path CHECKPOINT
  python -m training crossvalidate --data.folder DATASET --output RESULTS --trainer.max_epochs 30
  python -m training compare build/training/version_1 build/training/version_3 --page comparison.html
  python -m training tune --data.folder DATASET --search SEARCH.yaml --output TRIALS
  python -m training export --checkpoint CHECKPOINT --output my-model.onnx --license CC-BY-4.0
  python -m training app --model my-model.onnx
  python -m training sharpener --scenes SCENES --hold-out 'S2B_*' --output my-sharpener.onnx --name my-sharpener \\
      --version 1.0 --license CC-BY-4.0 --attribution "Who made it, from what"

'python -m training COMMAND --help' lists the options of a command. DATASET is a folder made by 'prepare', by the
plugin's 'tile' or by 'distil'."""

_Add = Callable[[argparse.ArgumentParser], None]

# In the order of the work.
_COMMANDS: dict[str, tuple[_Add, str]] = {
    "download": (download.add_arguments, "find Sentinel-2 products in a catalogue and download them"),
    "alignlabels": (alignlabels.add_arguments, "bring labels onto an image's grid"),
    "prepare": (prepare.add_arguments, "cut images and labels into a dataset folder"),
    "check": (check.add_arguments, "tell what is in a dataset folder, and what is wrong with it"),
    "augmentation": (augmentation.add_arguments, "show what augmentation makes of a dataset's tiles"),
    "fit": (lightning.add_arguments, "train a model on a dataset folder"),
    "test": (lightning.add_arguments, "measure a model on held-out tiles"),
    "crossvalidate": (crossvalidate.add_arguments, "train and test once for each fold of a dataset"),
    "compare": (compare.add_arguments, "put the figures of several tests side by side"),
    "tune": (tune.add_arguments, "search for the options that train best"),
    "receptivefield": (receptivefield.add_arguments, "tell how far a network looks, and what windows should overlap"),
    "export": (export.add_arguments, "write a checkpoint as an ONNX file with its contract"),
    "app": (app.add_arguments, "try a model on an image, on a page in the browser"),
    "distil": (distil.add_arguments, "make a dataset folder from scenes and a teacher network"),
    "sharpener": (sharpener.add_arguments, "train a network that sharpens 20 m bands, from any scenes"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0, or 1 with one line on stderr."""
    parser = _parser()
    options, rest = parser.parse_known_args(sys.argv[1:] if arguments is None else arguments)
    if rest and not options.takes_any:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    run: Callable[[argparse.Namespace, list[str]], None] = options.run
    try:
        run(options, rest)
    except LandCoverError as error:
        say(f"error: {error}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Train land-cover models for the plugin and export them as one ONNX file.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(takes_any=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (add_arguments, text) in _COMMANDS.items():
        # Lightning shows the help of its commands itself.
        command = commands.add_parser(name, help=text, add_help=add_arguments is not lightning.add_arguments)
        add_arguments(command)
    return parser
