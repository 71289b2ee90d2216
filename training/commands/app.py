# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `app`."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("--model", default="", help="ONNX file of a model, or the name of a bundled one (default: the bundled one)")
    add("--port", type=int, default=7860, help="the page is http://127.0.0.1:PORT (default: 7860)")
    add("--browser", action=argparse.BooleanOptionalAction, default=True, help="open the page (default: yes)")


def _run(options: argparse.Namespace, _: list[str]) -> None:
    from ..app.page import serve

    serve(options.model, options.port, options.browser)
