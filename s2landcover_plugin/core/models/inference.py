# SPDX-License-Identifier: GPL-2.0-or-later
"""Models through onnxruntime: choosing the execution provider, checking what a model says against what it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, LandCoverError, ModelError
from ..pipeline import wait_for
from ..radiometry import FloatArray
from .bundled import read_contract
from .contract import LAYOUTS, ModelContract
from .dependencies import import_onnxruntime

PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""What can run a model, best first: our names and onnxruntime's."""

AUTO = "auto"

_FATAL, _WARNING = 4, 2  # onnxruntime's log levels
_TOLERANCE = 1e-3  # how far a probability may lie outside 0-1


def available_providers() -> tuple[str, ...]:
    """Return the providers (our names) that the installed onnxruntime offers, best first.

    Raises:
        DependencyError: if there is no onnxruntime.
    """
    offered = import_onnxruntime().get_available_providers()
    return tuple(name for name, theirs in PROVIDERS.items() if theirs in offered)


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
        options.log_severity_level = _FATAL
        names = [self._session.get_outputs()[0].name]
        try:
            with ThreadPoolExecutor(max_workers=1) as pool:
                running = pool.submit(self._session.run, names, {_input(self._session).name: feed}, options)
                (output,) = _wait(running, options, check)
        except LandCoverError:
            raise
        except Exception as error:  # onnxruntime has no common root for its errors
            raise ModelError(
                f"Model '{self.contract.name}' failed on a window of {_axes(feed.shape)} ({_first_line(error)}). "
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
    if provider != AUTO and provider not in PROVIDERS:
        raise InputError(f"There is no provider '{provider}'; choose {AUTO} or one of {', '.join(PROVIDERS)}.")
    contract = read_contract(path)
    session, used, fallback = _open_session(path, provider, threads)
    problem = next(iter(_mismatches(session, contract)), "")
    if problem:
        raise ModelError(f"Model '{contract.name}' does not fit its contract: {problem}. It has to be exported again.")
    return SegmentationModel(contract, used, fallback, _fixed_size(session, contract), session)


def _open_session(path: Path, wanted: str, threads: int) -> tuple[Any, str, str]:
    """Return a session, the provider that runs it, and why it is not the one wanted."""
    offered = available_providers()
    failures = []
    for name in offered if wanted == AUTO else (wanted, "cpu"):
        if name not in offered:
            failures.append(f"{name} is not part of the installed onnxruntime, which has {', '.join(offered)}")
            continue
        session, failure = _try_provider(path, name, threads)
        if session is not None:
            return session, name, f"The model runs on {name}: {'; '.join(failures)}." if failures else ""
        failures.append(f"{name} does not work here ({failure})")
    raise ModelError(f"{path.name} cannot be run: {'; '.join(failures)}.")


def _try_provider(path: Path, name: str, threads: int) -> tuple[Any, str]:
    runtime = import_onnxruntime()
    options = _session_options(runtime, threads)
    # A GPU library that is not there is reported in the result; onnxruntime would also print it.
    runtime.set_default_logger_severity(_FATAL)
    try:
        session = runtime.InferenceSession(
            str(path),
            sess_options=options,
            providers=[(PROVIDERS[name], _provider_options(name, threads))],
            enable_fallback=0,  # it would print, and hide the reason
        )
    except Exception as error:  # onnxruntime has no common root for its errors
        return None, _first_line(error)
    finally:
        runtime.set_default_logger_severity(_WARNING)
    # onnxruntime puts the CPU in the place of a provider that it could not start.
    runs_on = session.get_providers()[0]
    return (session, "") if runs_on == PROVIDERS[name] else (None, f"onnxruntime fell back to {runs_on}")


def _session_options(runtime: Any, threads: int) -> Any:
    options = runtime.SessionOptions()
    options.log_severity_level = _FATAL
    options.intra_op_num_threads = threads
    # A pattern for the next run is laid out beside the memory of the first: half as much again. DirectML refuses it.
    options.enable_mem_pattern = False
    return options


def _provider_options(name: str, threads: int) -> dict[str, str]:
    if name == "cuda":
        return {"cudnn_conv_algo_search": "HEURISTIC"}  # an exhaustive search takes longer than a small scene
    if name == "openvino":
        # Without the hint OpenVINO computes in bf16 where the CPU can; the default here is the exact result.
        settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
        if threads:
            settings["INFERENCE_NUM_THREADS"] = threads
        return {"device_type": "CPU", "load_config": json.dumps({"CPU": settings})}
    return {}


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


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
