# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening a model in onnxruntime: which execution provider runs it, and with what options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, ModelError
from .dependencies import import_onnxruntime
from .precision import AUTO, PRECISIONS, provider_options, session_entries, working_precision

PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""What can run a model, best first: our names and onnxruntime's."""

FATAL, _WARNING = 4, 2  # onnxruntime's log levels


@dataclass(frozen=True)
class SessionRequest:
    """What a model is to run on.

    Attributes:
        provider: one of `PROVIDERS`, or `auto` for the best that works here.
        precision: one of `precision.PRECISIONS`.
        threads: threads for the CPU; 0 leaves it to onnxruntime.
    """

    provider: str = AUTO
    precision: str = AUTO
    threads: int = 0

    def __post_init__(self) -> None:
        if self.provider != AUTO and self.provider not in PROVIDERS:
            raise InputError(f"There is no provider '{self.provider}'; choose {AUTO} or one of {', '.join(PROVIDERS)}.")
        if self.precision not in PRECISIONS:
            raise InputError(f"There is no precision '{self.precision}'; choose one of {', '.join(PRECISIONS)}.")
        if self.threads < 0:
            raise InputError(f"A model cannot run in {self.threads} threads; give 0 for as many as there are cores.")


@dataclass(frozen=True)
class OpenedModel:
    """A session of onnxruntime.

    Attributes:
        session: the `InferenceSession`.
        provider: what runs it, one of `PROVIDERS`.
        precision: the type of the numbers that it computes with, such as `float32`.
        fallback: why it does not run on what was wanted; empty if it does.
    """

    session: Any
    provider: str
    precision: str
    fallback: str


def available_providers() -> tuple[str, ...]:
    """Return the providers (our names) that the installed onnxruntime offers, best first.

    Raises:
        DependencyError: if there is no onnxruntime.
    """
    offered = import_onnxruntime().get_available_providers()
    return tuple(name for name, theirs in PROVIDERS.items() if theirs in offered)


def open_session(path: Path, request: SessionRequest) -> OpenedModel:
    """Open a model file with the provider asked for, or with the CPU where that one does not work.

    Raises:
        DependencyError: if there is no onnxruntime.
        ModelError: if the file cannot be run.
    """
    offered = available_providers()
    failures = []
    for name in offered if request.provider == AUTO else (request.provider, "cpu"):
        if name not in offered:
            failures.append(f"{name} is not part of the installed onnxruntime, which has {', '.join(offered)}")
            continue
        session, failure = _try_provider(path, name, request)
        if session is not None:
            fallback = f"The model runs on {name}: {'; '.join(failures)}." if failures else ""
            return OpenedModel(session, name, working_precision(name, request.precision), fallback)
        failures.append(f"{name} does not work here ({failure})")
    raise ModelError(f"{path.name} cannot be run: {'; '.join(failures)}.")


def _try_provider(path: Path, name: str, request: SessionRequest) -> tuple[Any, str]:
    runtime = import_onnxruntime()
    options = _session_options(runtime, name, request)
    # TensorRT leaves to CUDA what it cannot do itself.
    chain = ("tensorrt", "cuda") if name == "tensorrt" else (name,)
    # A GPU library that is not there is reported in the result; onnxruntime would also print it.
    runtime.set_default_logger_severity(FATAL)
    try:
        session = runtime.InferenceSession(
            str(path),
            sess_options=options,
            providers=[(PROVIDERS[step], provider_options(step, request.precision, request.threads)) for step in chain],
            enable_fallback=0,  # it would print, and hide the reason
        )
    except Exception as error:  # onnxruntime has no common root for its errors
        return None, first_line(error)
    finally:
        runtime.set_default_logger_severity(_WARNING)
    # onnxruntime puts the CPU in the place of a provider that it could not start.
    runs_on = session.get_providers()[0]
    return (session, "") if runs_on == PROVIDERS[name] else (None, f"onnxruntime fell back to {runs_on}")


def _session_options(runtime: Any, name: str, request: SessionRequest) -> Any:
    options = runtime.SessionOptions()
    options.log_severity_level = FATAL
    options.intra_op_num_threads = request.threads
    # A pattern for the next run is laid out beside the memory of the first: half as much again. DirectML refuses it.
    options.enable_mem_pattern = False
    # DirectML runs one node after the other only; the others do so by default.
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    for key, value in session_entries(name, request.precision).items():
        options.add_session_config_entry(key, value)
    return options


def first_line(error: BaseException) -> str:
    """Return what an error of onnxruntime says, in one line of at most 300 characters."""
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
