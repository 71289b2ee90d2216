# SPDX-License-Identifier: GPL-2.0-or-later
"""How much memory a network takes for a pixel of a window: U-Nets differ by a factor of two."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ..models.inference import SegmentationModel
from .windows import round_up

ASSUMED_BYTES = 700
"""A pixel in the layers of a U-Net under onnxruntime, where it cannot be measured (measured: 390-650)."""

_TRIAL_SIZE = 384  # pixels; a fifth of a second for a network of 33 million parameters on two cores
_MARGIN = 1.1
_HALF = ("bfloat16", "float16")
_STATM = Path("/proc/self/statm")


def network_bytes(model: SegmentationModel) -> float:
    """Return the bytes that a network takes for a pixel of a window.

    The network is run once on a small window, and what the process has grown by is looked at: onnxruntime keeps what
    it has allocated. That tells something on the CPU and under Linux only; elsewhere a common value is assumed.
    """
    before = _resident_bytes()
    if model.provider != "cpu" or model.fixed_size is not None or before is None:
        return ASSUMED_BYTES / 2 if model.precision in _HALF else ASSUMED_BYTES
    size = round_up(_TRIAL_SIZE, model.contract.size_multiple)
    batch = np.full((1, len(model.contract.bands), size, size), 0.1, np.float32)
    model.run(model.feed(batch))
    grown = (_resident_bytes() or before) - before
    least = 2 * 4 * (len(model.contract.bands) + len(model.contract.legend))
    return max(_MARGIN * grown / size**2, least)


def _resident_bytes() -> int | None:
    """Return what this process has in memory; None where the system does not tell."""
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
