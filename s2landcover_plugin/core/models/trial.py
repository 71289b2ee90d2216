# SPDX-License-Identifier: GPL-2.0-or-later
"""One small made-up window through a model, to see whether it does what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import DependencyError, ModelError
from ..progress import Progress
from ..radiometry import FloatArray
from .contract import ModelContract
from .inference import load_model
from .session import SessionRequest

_SIZE = 64  # pixels, or the next multiple that the network takes


def trial_run(path: Path, progress: Progress) -> tuple[str, str]:
    """Run a model on the CPU over noise.

    Returns:
        What went wrong, and why it could not be tried; both empty if it works.

    Raises:
        Cancelled: if the user asks to stop.
    """
    try:
        model = load_model(path, SessionRequest("cpu"))
        multiple = model.contract.size_multiple
        side = -(-_SIZE // multiple) * multiple
        model.predict(_noise(model.contract, model.fixed_size or (side, side)), progress.check)
    except DependencyError:
        return "", "Whether it runs was not tried: the Python package onnxruntime is not installed."
    except ModelError as error:
        return str(error), ""
    return "", ""


def _noise(contract: ModelContract, size: tuple[int, int]) -> FloatArray:
    largest = 0.4 if contract.values == "reflectance" else 255.0
    random = np.random.default_rng(0)
    return (largest * random.random((1, len(contract.bands), *size))).astype(np.float32)
