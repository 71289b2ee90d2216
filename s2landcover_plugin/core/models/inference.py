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
from .contract import ModelContract
from .dependencies import import_onnxruntime
from .external_weights import check_weights
from .graph_checks import fixed_size, mismatches
from .normalisation import normalise
from .onnx_graph import read_graph
from .probabilities import broken, class_probabilities, output_channels
from .session import FATAL, SessionRequest, first_line, open_session


@dataclass(frozen=True)
class SegmentationModel:
    """A model that is ready to run.

    Attributes:
        contract: what the file says about itself.
        provider: what runs it, one of `session.PROVIDERS`.
        precision: the type of the numbers that it computes with, such as `float32`.
        fallback: why that is not what was wanted; empty if it is.
        fixed_size: height and width of the only input that the graph takes, pixels; None if any will do.
        file_bytes: size of the model file.
    """

    contract: ModelContract
    provider: str
    precision: str
    fallback: str
    fixed_size: tuple[int, int] | None
    file_bytes: int
    _session: Any

    def predict(self, batch: FloatArray, check: Callable[[], None] = lambda: None) -> FloatArray:
        """Return class probabilities: `feed`, `run` and `probabilities` in one.

        Args:
            batch: as `feed` takes it.
            check: as `run` takes it.

        Returns:
            What `probabilities` does.

        Raises:
            ModelError: if the model fails, or gives something other than its contract says.
        """
        return self.probabilities(self.run(self.feed(batch), check))

    def feed(self, batch: FloatArray) -> FloatArray:
        """Return what the graph takes.

        Args:
            batch: what the contract's `values` say, shape (n, bands, rows, cols), float32, in the contract's band
                order; rows and columns multiples of the contract's size multiple.
        """
        scaled = batch if self.contract.input_scale == 1.0 else batch * np.float32(self.contract.input_scale)
        scaled = normalise(scaled, self.contract.normalisation)
        return np.ascontiguousarray(scaled.transpose(0, 2, 3, 1)) if self._is_last else scaled

    def run(self, feed: FloatArray, check: Callable[[], None] = lambda: None) -> FloatArray:
        """Run the graph.

        Args:
            feed: what `feed` returns.
            check: called again and again while the model runs; if it raises, the model stops in the middle.

        Returns:
            What the graph gives, shape (n, channels, rows, cols).

        Raises:
            ModelError: if the model fails, or gives another shape than its contract says.
        """
        output = self._run(feed, check)
        result: FloatArray = np.ascontiguousarray(output.transpose(0, 3, 1, 2)) if self._is_last else output
        rows, cols = feed.shape[1:3] if self._is_last else feed.shape[2:]
        wanted = [(len(feed), channels, rows, cols) for channels in output_channels(self.contract)]
        if result.shape not in wanted:
            raise broken(
                self.contract,
                f"gave {_axes(result.shape)} (n x classes x rows x columns) for an input of {_axes(feed.shape)}; "
                f"expected {_axes(wanted[0])}",
            )
        return result

    def probabilities(self, output: FloatArray) -> FloatArray:
        """Return class probabilities of what `run` returns, which may be overwritten.

        Returns:
            Shape (n, classes, rows, cols), float32, channels in the order of the legend.

        Raises:
            ModelError: if the numbers are not what the contract says.
        """
        return class_probabilities(output, self.contract)

    @property
    def is_one_at_a_time(self) -> bool:
        """Whether the graph takes one image at a time only."""
        return isinstance(_input(self._session).shape[0], int)

    @property
    def _is_last(self) -> bool:
        """Whether the graph's channels come last."""
        return self.contract.layout == "NHWC"

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
        if array.ndim == 3 and 1 in output_channels(self.contract):
            array = array[..., np.newaxis] if self.contract.layout == "NHWC" else array[:, np.newaxis]
        if array.ndim != 4:
            raise broken(self.contract, f"gave an output with {array.ndim} dimensions; expected 4")
        return array


def _wait(running: Future[Any], options: Any, check: Callable[[], None]) -> Any:
    try:
        return wait_for(running, check)
    except BaseException:
        options.terminate = True
        raise


def load_model(path: Path, request: SessionRequest | None = None) -> SegmentationModel:
    """Open a model file and check it against its contract.

    The file is only data: no library for operators of its own is ever loaded, and no file outside its folder is read.

    Args:
        path: the .onnx file.
        request: what it is to run on; by default the best that works here.

    Raises:
        DependencyError: if there is no onnxruntime.
        ModelError: if the file cannot be run, has no contract, or does not fit the one it has.
    """
    contract, graph = read_contract(path), read_graph(path)
    check_weights(path)
    for problem in mismatches(graph, contract):
        raise broken(contract, f"does not fit its contract: {problem}")
    opened = open_session(path, request or SessionRequest())
    size = fixed_size(graph, contract)
    return SegmentationModel(
        contract, opened.provider, opened.precision, opened.fallback, size, path.stat().st_size, opened.session
    )


def _input(session: Any) -> Any:
    return session.get_inputs()[0]


def _axes(shape: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in shape)
