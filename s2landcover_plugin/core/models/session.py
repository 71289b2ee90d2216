# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening a model in onnxruntime: which execution provider runs it, with what options."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, ModelError
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

FATAL, _WARNING = 4, 2  # onnxruntime's log levels


@dataclass(frozen=True)
class OpenedModel:
    """A session of onnxruntime.

    Attributes:
        session: the `InferenceSession`.
        provider: what runs it, one of `PROVIDERS`.
        fallback: why that is not what was wanted; empty if it is.
    """

    session: Any
    provider: str
    fallback: str


def available_providers() -> tuple[str, ...]:
    """Return the providers (our names) that the installed onnxruntime offers, best first.

    Raises:
        DependencyError: if there is no onnxruntime.
    """
    offered = import_onnxruntime().get_available_providers()
    return tuple(name for name, theirs in PROVIDERS.items() if theirs in offered)


def open_session(path: Path, wanted: str = AUTO, threads: int = 0) -> OpenedModel:
    """Open a model file with a provider, or with the CPU where that one does not work.

    Args:
        path: the .onnx file.
        wanted: one of `PROVIDERS`, or `auto` for the best that works here.
        threads: threads for the CPU; 0 leaves it to onnxruntime.

    Raises:
        DependencyError: if there is no onnxruntime.
        InputError: if there is no such provider.
        ModelError: if the file cannot be run.
    """
    if wanted != AUTO and wanted not in PROVIDERS:
        raise InputError(f"There is no provider '{wanted}'; choose {AUTO} or one of {', '.join(PROVIDERS)}.")
    offered = available_providers()
    failures = []
    for name in offered if wanted == AUTO else (wanted, "cpu"):
        if name not in offered:
            failures.append(f"{name} is not part of the installed onnxruntime, which has {', '.join(offered)}")
            continue
        session, failure = _try_provider(path, name, threads)
        if session is not None:
            fallback = f"The model runs on {name}: {'; '.join(failures)}." if failures else ""
            return OpenedModel(session, name, fallback)
        failures.append(f"{name} does not work here ({failure})")
    raise ModelError(f"{path.name} cannot be run: {'; '.join(failures)}.")


def _try_provider(path: Path, name: str, threads: int) -> tuple[Any, str]:
    runtime = import_onnxruntime()
    options = _session_options(runtime, threads)
    # A GPU library that is not there is reported in the result; onnxruntime would also print it.
    runtime.set_default_logger_severity(FATAL)
    try:
        session = runtime.InferenceSession(
            str(path),
            sess_options=options,
            providers=[(PROVIDERS[name], _provider_options(name, threads))],
            enable_fallback=0,  # it would print, and hide the reason
        )
    except Exception as error:  # onnxruntime has no common root for its errors
        return None, first_line(error)
    finally:
        runtime.set_default_logger_severity(_WARNING)
    # onnxruntime puts the CPU in the place of a provider that it could not start.
    runs_on = session.get_providers()[0]
    return (session, "") if runs_on == PROVIDERS[name] else (None, f"onnxruntime fell back to {runs_on}")


def _session_options(runtime: Any, threads: int) -> Any:
    options = runtime.SessionOptions()
    options.log_severity_level = FATAL
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


def first_line(error: BaseException) -> str:
    """Return what an error of onnxruntime says, in one line of at most 300 characters."""
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
