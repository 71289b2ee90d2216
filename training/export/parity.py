# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether onnxruntime, given a file, repeats what PyTorch says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models.contract import ModelContract
from s2landcover_plugin.core.models.probabilities import softmax
from s2landcover_plugin.core.radiometry import FloatArray
from s2landcover_plugin.core.tiling.storage import STORAGES, STORED

INPUT, OUTPUT = "image", "classes"
"""Names of a graph's input and output."""


@dataclass(frozen=True)
class Difference:
    """Difference in a class probability between two ways to compute it, 0-1.

    Attributes:
        largest: over all classes of all pixels of all images.
        mean: over all classes and pixels, of the image where it is largest.
    """

    largest: float
    mean: float

    def exceeds(self, tolerance: Difference) -> bool:
        """Say whether it is more than is tolerated; a difference that is no number always is."""
        return not (self.largest <= tolerance.largest and self.mean <= tolerance.mean)


def check_parity(network: nn.Module, path: Path, contract: ModelContract, tolerance: Difference) -> Difference:
    """Return the difference between a network and its file on made-up images of several sizes.

    Args:
        network: takes reflectance, or bytes divided by 255, and gives scores.
        path: the file, whose numbers are what the contract says.
        contract: of the file.
        tolerance: what is let through.

    Raises:
        ModelError: if the difference is larger.
    """
    return checked(difference(network, path, contract, made_up_images(contract)), tolerance)


def checked(found: Difference, tolerance: Difference) -> Difference:
    """Return a difference that is tolerated.

    Raises:
        ModelError: if it is not.
    """
    if found.exceeds(tolerance):
        raise ModelError(
            f"onnxruntime and PyTorch differ by up to {found.largest:.2g} in a class probability, on average by "
            f"{found.mean:.2g}; at most {tolerance.largest:g} and {tolerance.mean:g} are let through, so no file was "
            "written. Export with --precision fp32, or try another version of torch, onnx or onnxruntime."
        )
    return found


def difference(network: nn.Module, path: Path, contract: ModelContract, images: Iterable[FloatArray]) -> Difference:
    """Return the difference between a network and its file on images of 0-1, shape (n, bands, rows, cols)."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    largest = mean = 0.0
    for image in images:
        with torch.inference_mode():
            expected = softmax(network(torch.from_numpy(image)).numpy())
        (output,) = session.run([OUTPUT], {INPUT: as_the_graph_takes_it(image, contract)})
        found = output if contract.activation == "softmax" else softmax(output)
        # A difference that is no number must not pass for a small one.
        gaps = np.nan_to_num(np.abs(found - expected), nan=np.inf)
        largest, mean = max(largest, float(gaps.max())), max(mean, float(gaps.mean()))
    return Difference(largest, mean)


def as_the_graph_takes_it(image: FloatArray, contract: ModelContract) -> FloatArray:
    """Return an image of 0-1 in the numbers that a graph takes: as it is, or as bytes (float32)."""
    scale = STORAGES[STORED].scale if contract.values == STORED else 1.0
    return image if scale == 1.0 else np.asarray(image / np.float32(scale), dtype=np.float32)


def made_up_images(contract: ModelContract) -> Iterator[FloatArray]:
    """Yield images of several sizes: noise, smooth surfaces like real ones, darkness, and glare."""
    rng = np.random.default_rng(0)
    step, bands = contract.size_multiple, len(contract.bands)
    for batch, rows, cols in ((1, 1, 1), (3, 32, 56), (1, 128, 64), (2, 256, 256)):
        shape = (batch, bands, _whole_steps(rows, step), _whole_steps(cols, step))
        yield rng.random(shape, dtype=np.float32)
        yield _smooth(rng, shape)
        yield np.zeros(shape, dtype=np.float32)
        yield np.full(shape, 1.0 if contract.values == STORED else 1.6, dtype=np.float32)


def _whole_steps(pixels: int, step: int) -> int:
    return max(round(pixels / step), 1) * step


def _smooth(rng: np.random.Generator, shape: tuple[int, int, int, int]) -> FloatArray:
    """Return gradients between land-like reflectances of 0.01 to 0.5, a little rough."""
    batch, bands, rows, cols = shape
    ends = rng.uniform(0.01, 0.5, (2, batch, bands, 1, 1))
    ramp = np.linspace(0, 1, rows).reshape(-1, 1) * np.linspace(0, 1, cols)
    image = ends[0] + (ends[1] - ends[0]) * ramp + rng.normal(0, 0.005, shape)
    return np.asarray(np.clip(image, 0, None), dtype=np.float32)
