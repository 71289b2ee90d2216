# SPDX-License-Identifier: GPL-2.0-or-later
"""What to export, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from s2landcover_plugin.core.errors import InputError

from .parity import Difference
from .precision import FP32, PRECISIONS
from .tiles import Agreement

LOGITS, SOFTMAX = "logits", "softmax"
ACTIVATIONS = (LOGITS, SOFTMAX)
"""Whether the graph gives scores, or probabilities."""


@dataclass(frozen=True)
class ExportRequest:
    """What to export, and what to say about it; see `ModelContract` for the fields that are not explained here.

    Attributes:
        checkpoint: Lightning checkpoint of a `SegmentationModule`.
        output: the ONNX file to write.
        name: identifier.
        version: the model's own version.
        license: SPDX expression of the weights' licence.
        attribution: credit; empty for that of the dataset.
        description: what the model is for.
        levels: product levels that it was trained for.
        data: what it was trained on; empty for what the dataset's folder tells.
        data_license: licence of the training data.
        figures: JSON file that `test` wrote; None for that of the latest test of the checkpoint, if there is one.
        dataset: folder of the tiles; None for that of the run, if it is still there.
        precision: one of `PRECISIONS`.
        activation: one of `ACTIVATIONS`.
        calibration_tiles: training tiles at most that the ranges of int8 are taken from.
        seed: of the random numbers that choose them.
        card: write a model card (Markdown) beside the file.

    Raises:
        InputError: if the output is no ONNX file, or an option is out of its range.
    """

    checkpoint: Path
    output: Path
    name: str
    version: str
    license: str
    attribution: str = ""
    description: str = ""
    levels: tuple[str, ...] = ("L1C", "L2A")
    data: str = ""
    data_license: str = ""
    figures: Path | None = None
    dataset: Path | None = None
    precision: str = FP32
    activation: str = LOGITS
    calibration_tiles: int = 32
    seed: int = 0
    card: bool = True

    def __post_init__(self) -> None:
        if self.output.suffix.lower() != ".onnx":
            raise InputError(f"The model file is called {self.output.name}; give it a name that ends with .onnx.")
        for value, choices in ((self.precision, PRECISIONS), (self.activation, ACTIVATIONS)):
            if value not in choices:
                raise InputError(f"'{value}' is not one of {', '.join(choices)}.")
        if self.calibration_tiles < 1:
            raise InputError(f"int8 cannot be calibrated on {self.calibration_tiles} tiles; give 1 at least.")

    @property
    def card_path(self) -> Path:
        """Where the model card goes."""
        return self.output.with_suffix(".md")


@dataclass(frozen=True)
class ExportResult:
    """What was written.

    Attributes:
        path: the ONNX file.
        size: bytes.
        difference: between onnxruntime and PyTorch, over all checks.
        full: how the map of the float32 file agrees with the labels of the held-out tiles; None if it was not asked.
        agreement: how that of the file written does.
        card: the model card, or None.
    """

    path: Path
    size: int
    difference: Difference
    full: Agreement | None = None
    agreement: Agreement | None = None
    card: Path | None = None

    def to_text(self) -> str:
        """Return what came of it, for a terminal."""
        lines = [
            f"{self.path} ({self.size / 1e6:.1f} MB); difference from PyTorch in a class probability: "
            f"{self.difference.largest:.1e} at most, {self.difference.mean:.1e} on average"
        ]
        if self.full and self.agreement:
            lines.append(f"on {self.full.tiles} {self.full.split} tiles:")
            lines.append(f"  float32: {self.full.to_text()}")
            lines.append(f"  written: {self.agreement.to_text()}")
            lines.append(f"  lost:    {self.agreement.lost(self.full).to_text()}")
        return "\n".join(lines + ([str(self.card)] if self.card else []))
