# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `sharpener`."""

from __future__ import annotations

import argparse
from pathlib import Path

from .request import request_values


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("--scenes", type=Path, nargs="+", required=True, help="Sentinel-2 products, or folders of products")
    add("--output", type=Path, required=True, help="ONNX file to write")
    add("--name", required=True, help="identifier of the network")
    add("--version", required=True, help="the network's own version")
    add("--license", required=True, help="SPDX expression of the weights' licence, such as CC-BY-4.0")
    add("--attribution", required=True, help="who and what has to be credited")
    add("--hold-out", nargs="+", default=[], help="scenes to measure and not to learn from; names, * for anything")
    add("--description", default="", help="one paragraph on what the network is for")
    add("--data-license", default="", help="licence of the scenes")
    add("--steps", type=int, default=1500, help="training steps (default: 1500)")
    add("--batch-size", type=int, default=16, help="crops a step (default: 16)")
    add("--crop", type=int, default=32, help="side of a crop, degraded pixels (default: 32)")
    add("--blurs", type=int, default=8, help="random blurs that each piece is degraded by (default: 8)")
    add("--mixed", type=float, default=0.3, help="share of the crops that mix bands (default: 0.3)")
    add("--width", type=int, default=32, help="channels of the network (default: 32)")
    add("--blocks", type=int, default=3, help="residual blocks of the network (default: 3)")
    add("--learning-rate", type=float, default=3e-3, help="largest learning rate (default: 0.003)")
    add("--threads", type=int, default=0, help="CPU threads (default: as many as PyTorch thinks best)")
    add("--seed", type=int, default=0, help="of the random numbers (default: 0)")


def _run(options: argparse.Namespace, _: list[str]) -> None:
    from ..sharpening.evaluation import to_text
    from ..sharpening.train import SharpenerRequest, train_sharpener

    values = request_values(options)
    lists = {name: tuple(values[name]) for name in ("scenes", "hold_out")}
    figures = train_sharpener(SharpenerRequest(**{**values, **lists}))
    if figures:
        print(to_text(figures))
    print(f"{options.output} ({options.output.stat().st_size / 1e6:.2f} MB)")
