# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `export`."""

from __future__ import annotations

import argparse
from pathlib import Path

from .request import request_values


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("--checkpoint", type=Path, required=True, help="Lightning checkpoint (.ckpt) of 'fit'")
    add("--output", type=Path, required=True, help="ONNX file to write")
    add("--license", required=True, help="SPDX expression of the weights' licence, such as CC-BY-4.0")
    add("--name", default="", help="identifier of the model (default: the name of the file)")
    add("--version", default="1.0", help="the model's own version (default: 1.0)")
    add("--attribution", default="", help="who and what has to be credited (default: as in the dataset)")
    add("--description", default="", help="one paragraph on what the model is for")
    add("--levels", nargs="+", default=["L1C", "L2A"], help="product levels it was trained for (default: L1C L2A)")
    add("--data", default="", help="what it was trained on (default: what the dataset's folder tells)")
    add("--data-license", default="", help="licence of the training data")
    add("--figures", type=Path, help="JSON file of 'test' (default: that of the latest test of the checkpoint)")
    add("--dataset", type=Path, help="dataset folder, for fp16 and int8 (default: that of the run)")
    add("--precision", default="fp32", help="fp32, fp16 (half as large) or int8 (a quarter, faster; default: fp32)")
    add("--activation", default="logits", help="logits, or softmax for probabilities, slower (default: logits)")
    add("--calibration-tiles", type=int, default=32, help="training tiles at most to calibrate int8 on (default: 32)")
    add("--seed", type=int, default=0, help="of the choice of these tiles (default: 0)")
    add(
        "--card",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="write a model card (Markdown) beside the file (default: yes)",
    )


def _run(options: argparse.Namespace, _: list[str]) -> None:
    from ..export.graph import export
    from ..export.request import ExportRequest

    values = request_values(options)
    name = options.name or options.output.stem
    print(export(ExportRequest(**{**values, "name": name, "levels": tuple(options.levels)})).to_text())
