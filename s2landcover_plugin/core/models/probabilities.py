# SPDX-License-Identifier: GPL-2.0-or-later
"""From what a graph gives to class probabilities."""

from __future__ import annotations

import numpy as np

from ..errors import ModelError
from ..radiometry import FloatArray
from .contract import ModelContract
from .normalisation import sigmoid

_TOLERANCE = 1e-3  # how far a probability may lie outside 0-1
_BLOCK_ROWS = 32  # at a time: they stay in the processor's cache, which makes it twice as fast


def output_channels(contract: ModelContract) -> tuple[int, ...]:
    """Return how many channels a graph may give: one a class, or a single one for the second of two classes."""
    return (2, 1) if len(contract.legend) == 2 else (len(contract.legend),)


def class_probabilities(output: FloatArray, contract: ModelContract) -> FloatArray:
    """Return class probabilities.

    Args:
        output: what the graph gave, shape (n, channels, rows, cols), float32; may be overwritten.
        contract: says what these numbers are.

    Returns:
        Shape (n, classes, rows, cols), float32, 0-1. They add up to 1 unless the activation is `sigmoid` for more than
        one channel: then each class has a probability of its own.

    Raises:
        ModelError: if the numbers are not what the contract says.
    """
    low, high = float(output.min()), float(output.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise broken(contract, "gave NaN or infinite numbers for valid pixels")
    is_single = output.shape[1] < len(contract.legend)
    if contract.activation == "logits":
        output = sigmoid(output) if is_single else softmax(output)
    elif low < -_TOLERANCE or high > 1 + _TOLERANCE:
        raise broken(
            contract,
            f"gave numbers from {low:.3g} to {high:.3g} where its contract promises probabilities; if they are "
            "unnormalised scores, its activation has to be 'logits'",
        )
    return _two_classes(output, contract.threshold) if is_single else output


def _two_classes(probability: FloatArray, threshold: float) -> FloatArray:
    """Return probabilities of both classes, stretched so that the threshold becomes one half: where the class turns."""
    second = np.interp(probability, (0.0, threshold, 1.0), (0.0, 0.5, 1.0)).astype(np.float32)
    return np.concatenate([1 - second, second], axis=1)


def softmax(scores: FloatArray) -> FloatArray:
    """Return probabilities of unnormalised scores of shape (n, classes, rows, cols); overwrites its argument."""
    for top in range(0, scores.shape[2], _BLOCK_ROWS):
        block = scores[:, :, top : top + _BLOCK_ROWS]
        block -= block.max(axis=1, keepdims=True)
        np.exp(block, out=block)
        block /= block.sum(axis=1, keepdims=True)
    return scores


def broken(contract: ModelContract, finding: str) -> ModelError:
    """Return the error for a model that does not do what its contract says."""
    return ModelError(f"Model '{contract.name}' {finding}. Correct its contract, or export it again.")
