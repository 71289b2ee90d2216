# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `distil`."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..terminal import TerminalProgress
from .request import request_values


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("--scenes", type=Path, required=True, help="folder with l1c_multires_T33UUB, bigearthnet_tiny, s2_l2a_chips")
    add("--teacher", type=Path, required=True, help="Dynamic World's forward model as ONNX")
    add("--output", type=Path, required=True, help="dataset folder to make")
    add("--train-tiles", type=int, default=1600, help="number of training tiles to make up (default: 1600)")
    add("--seed", type=int, default=0, help="of the random numbers (default: 0)")
    add("--rare", action="store_true", help="training tiles with more of rare classes, standing water and snow")
    add("--covered", action="store_true", help="let held-out scenes stand in water and lie under snow, for comparison")
    add("--direct", action="store_true", help="label held-out tiles with the teacher's bare answer, for comparison")


def _run(options: argparse.Namespace, _: list[str]) -> None:
    from ..distillation.dataset import DistillationRequest, distil

    values = request_values(options)
    info = distil(DistillationRequest(**values), TerminalProgress())
    print(f"{options.output}: {len(info.tiles)} tiles")
