# SPDX-License-Identifier: GPL-2.0-or-later
"""Weights that lie outside a model file: only in its own folder, never elsewhere on the disk."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from ..errors import ModelError
from .onnx_graph import OnnxGraph, read_graph


def check_weights(path: Path) -> None:
    """Make sure that a model file does not make a program read files outside the model's folder.

    Raises:
        ModelError: if it names such a file, or one that does not exist; or if it is no ONNX file.
    """
    for problem in weight_problems(path, read_graph(path)):
        raise ModelError(problem)


def weight_problems(path: Path, graph: OnnxGraph) -> list[str]:
    """Return what is wrong with the files of weights that a model names, a sentence each."""
    return [problem for location in graph.external for problem in [_problem(path, location)] if problem]


def _problem(path: Path, location: str) -> str:
    leaves = "\0" in location or ".." in PureWindowsPath(location).parts
    # A Windows path is absolute on Windows only, and a model file that has one was made to be opened there.
    if leaves or not location or Path(location).is_absolute() or PureWindowsPath(location).anchor:
        return f"{path.name} wants to read weights from '{location}', outside its own folder; that is refused."
    folder = path.parent.resolve()
    target = (folder / location).resolve()
    if folder not in target.parents:
        return f"{path.name} wants to read weights from '{location}', a link that leads out of its folder: refused."
    if not target.is_file():
        return f"{path.name} keeps weights in '{location}', which is not there; put that file next to the model."
    return ""
