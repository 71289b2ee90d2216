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
    add("--name", required=True, help="identifier of the model")
    add("--version", required=True, help="the model's own version")
    add("--license", required=True, help="SPDX expression of the weights' licence, such as CC-BY-4.0")
    add("--attribution", required=True, help="who and what has to be credited")
    add("--description", default="", help="one paragraph on what the model is for")
    add("--levels", nargs="+", default=["L1C", "L2A"], help="product levels it was trained for (default: L1C L2A)")
    add("--data", default="", help="what it was trained on, for the provenance")
    add("--data-license", default="", help="licence of the training data")
    add("--figures", type=Path, help="JSON file of 'test' with the held-out figures, for the provenance")


def _run(options: argparse.Namespace, _: list[str]) -> None:
    from ..export.graph import ExportRequest, export

    values = request_values(options)
    result = export(ExportRequest(**{**values, "levels": tuple(options.levels)}))
    print(f"{result.path} ({result.size / 1e6:.1f} MB); largest difference from PyTorch: {result.difference:.1e}")
