# SPDX-License-Identifier: GPL-2.0-or-later
"""Models through onnxruntime: class probabilities of windows, checked against what the model says it gives."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import LandCoverError, ModelError
from ..pipeline import wait_for
from ..radiometry import FloatArray
from .bundled import read_contract
from .contract import LAYOUTS, ModelContract
from .dependencies import import_onnxruntime
from .session import AUTO, FATAL, first_line, open_session

_TOLERANCE = 1e-3  # how far a probability may lie outside 0-1


@dataclass(frozen=True)
class SegmentationModel:
    """A model that is ready to run.

    Attributes:
        contract: what the file says about itself.
        provider: what runs it, one of `PROVIDERS`.
        fallback: why that is not what was wanted; empty if it is.
        fixed_size: height and width of the only input that the graph takes, pixels; None if any will do.
    """

    contract: ModelContract
    provider: str
    fallback: str
    fixed_size: tuple[int, int] | None
    _session: Any

    def predict(self, batch: FloatArray, check: Callable[[], None] = lambda: None) -> FloatArray:
        """Return class probabilities.

        Args:
            batch: reflectance, shape (n, bands, rows, cols), float32, in the contract's band order; rows and columns
                multiples of the contract's size multiple.
            check: called again and again while the model runs; if it raises, the model stops in the middle.

        Returns:
            Probabilities, shape (n, classes, rows, cols), float32, channels in the order of the legend.

        Raises:
            ModelError: if the model fails, or gives something other than its contract says.
        """
        scaled = batch if self.contract.input_scale == 1.0 else batch * np.float32(self.contract.input_scale)
        is_last = self.contract.layout == "NHWC"
        feed = np.ascontiguousarray(scaled.transpose(0, 2, 3, 1)) if is_last else scaled
        output = self._run(feed, check)
        result: FloatArray = np.ascontiguousarray(output.transpose(0, 3, 1, 2)) if is_last else output
        wanted = (len(batch), len(self.contract.legend), *batch.shape[2:])
        if result.shape != wanted:
            raise self._broken(
                f"gave {_axes(result.shape)} (n x classes x rows x columns) for an input of {_axes(batch.shape)}; "
                f"expected {_axes(wanted)}"
            )
        return self._probabilities(result)

    def _run(self, feed: FloatArray, check: Callable[[], None]) -> FloatArray:
        options = import_onnxruntime().RunOptions()
        options.log_severity_level = FATAL
        names = [self._session.get_outputs()[0].name]
        try:
            with ThreadPoolExecutor(max_workers=1) as pool:
                running = pool.submit(self._session.run, names, {_input(self._session).name: feed}, options)
                (output,) = _wait(running, options, check)
        except LandCoverError:
            raise
        except Exception as error:  # onnxruntime has no common root for its errors
            raise ModelError(
                f"Model '{self.contract.name}' failed on a window of {_axes(feed.shape)} ({first_line(error)}). "
                "If memory ran out, choose a smaller window."
            ) from error
        array: FloatArray = np.asarray(output, dtype=np.float32)
        if array.ndim != 4:
            raise self._broken(f"gave an output with {array.ndim} dimensions; expected 4")
        return array

    def _probabilities(self, output: FloatArray) -> FloatArray:
        low, high = float(output.min()), float(output.max())
        if not (np.isfinite(low) and np.isfinite(high)):
            raise self._broken("gave NaN or infinite numbers for valid reflectance")
        if self.contract.activation == "logits":
            return softmax(output)
        if low < -_TOLERANCE or high > 1 + _TOLERANCE:
            raise self._broken(
                f"gave numbers from {low:.3g} to {high:.3g} where its contract promises probabilities; if they are "
                "unnormalised scores, its activation has to be 'logits'"
            )
        return output

    def _broken(self, finding: str) -> ModelError:
        return ModelError(f"Model '{self.contract.name}' {finding}. It has to be exported again.")


def _wait(running: Future[Any], options: Any, check: Callable[[], None]) -> Any:
    try:
        return wait_for(running, check)
    except BaseException:
        options.terminate = True
        raise


def softmax(scores: FloatArray) -> FloatArray:
    """Return probabilities of unnormalised scores over axis 1; overwrites its argument."""
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def load_model(path: Path, provider: str = AUTO, threads: int = 0) -> SegmentationModel:
    """Open a model file and check it against its contract.

    The file is only data: no library for operators of its own is ever loaded.

    Args:
        path: the .onnx file.
        provider: one of `PROVIDERS`, or `auto` for the best that works here.
        threads: threads for the CPU; 0 leaves it to onnxruntime.

    Raises:
        DependencyError: if there is no onnxruntime.
        InputError: if there is no such provider.
        ModelError: if the file cannot be run, has no contract, or does not fit the one it has.
    """
    contract = read_contract(path)
    opened = open_session(path, provider, threads)
    problem = next(iter(_mismatches(opened.session, contract)), "")
    if problem:
        raise ModelError(f"Model '{contract.name}' does not fit its contract: {problem}. It has to be exported again.")
    fixed_size = _fixed_size(opened.session, contract)
    return SegmentationModel(contract, opened.provider, opened.fallback, fixed_size, opened.session)


def _input(session: Any) -> Any:
    return session.get_inputs()[0]


def _mismatches(session: Any, contract: ModelContract) -> list[str]:
    """Return what a session's input and output say against the contract; nothing where they leave it open."""
    if len(session.get_inputs()) != 1:
        return [f"it takes {len(session.get_inputs())} inputs; expected one image"]
    found = []
    sides = (
        ("input", _input(session), len(contract.bands)),
        ("output", session.get_outputs()[0], len(contract.legend)),
    )
    for side, node, channels in sides:
        if len(node.shape) != 4 or node.type != "tensor(float)":
            found.append(f"its {side} is {node.type} with {len(node.shape)} dimensions; expected tensor(float) with 4")
            continue
        sizes = dict(zip(LAYOUTS[contract.layout], node.shape))
        if isinstance(sizes["bands"], int) and sizes["bands"] != channels:
            kind = "bands" if side == "input" else "classes"
            found.append(f"its {side} has {sizes['bands']} channels, and the contract names {channels} {kind}")
        if isinstance(sizes["batch"], int) and sizes["batch"] != 1:
            found.append(f"its {side} is a fixed batch of {sizes['batch']} images; expected one, or any number")
    return found


def _fixed_size(session: Any, contract: ModelContract) -> tuple[int, int] | None:
    sizes = dict(zip(LAYOUTS[contract.layout], _input(session).shape))
    height, width = sizes["height"], sizes["width"]
    if isinstance(height, int) and isinstance(width, int):
        return height, width
    return None


def _axes(shape: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in shape)
