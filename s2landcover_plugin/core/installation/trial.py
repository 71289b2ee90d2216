# SPDX-License-Identifier: GPL-2.0-or-later
"""Trying packages out in a process of their own, before anything relies on them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..errors import DependencyError
from ..progress import SilentProgress
from .command import run
from .interpreter import interpreter

# A graph with one node, y = Identity(x), over any number of float32; ONNX IR 7, opset 13.
_IDENTITY = (
    "08073a390a100a017812017922084964656e746974791201675a100a0178120b0a09080112050a0312016e"
    "62100a0179120b0a09080112050a0312016e42040a00100d"
)
_PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import numpy, onnxruntime
session = onnxruntime.InferenceSession(bytes.fromhex(sys.argv[2]), providers=["CPUExecutionProvider"])
given = numpy.arange(4, dtype="float32")
(result,) = session.run(None, {"x": given})
print(json.dumps({"numpy": numpy.__version__, "same": bool((result == given).all())}))
"""


def try_out(packages: Path) -> None:
    """Run a model of one node with the onnxruntime in a folder, in a new process of the host's Python.

    Raises:
        DependencyError: if that fails, or the NumPy in use is not the host's.
    """
    finished = run([interpreter(), "-c", _PROGRAM, str(packages), _IDENTITY], {}, packages.parent, SilentProgress())
    last = finished.lines[-1] if finished.lines else f"exit code {finished.code}"
    try:
        found = json.loads(last) if finished.code == 0 else {}
    except ValueError:
        found = {}
    if not found.get("same"):
        raise DependencyError(f"onnxruntime was fetched and does not run here ({last}). Nothing was installed.")
    if found["numpy"] != np.__version__:
        raise DependencyError(
            f"{interpreter()} has NumPy {found['numpy']}, and QGIS has NumPy {np.__version__}: it is not the Python of "
            "this QGIS. Nothing was installed."
        )
