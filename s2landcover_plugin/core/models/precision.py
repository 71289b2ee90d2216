# SPDX-License-Identifier: GPL-2.0-or-later
"""With what numbers a network computes, and how each execution provider is told.

Options are those of https://onnxruntime.ai/docs/execution-providers/. A model's own numbers stay 32 bits wide in its
file; what is faster is to multiply with fewer bits, where the processor has circuits for that.
"""

from __future__ import annotations

import functools
import json
import platform
from pathlib import Path
from typing import Any

AUTO, ACCURATE, FAST = "auto", "accurate", "fast"

PRECISIONS = {
    AUTO: "what the provider does best without a visible difference",
    ACCURATE: "32 bits all the way",
    FAST: "16 bits where the hardware has them",
}
"""What can be asked for, and what it means."""

_CPU_INFO = Path("/proc/cpuinfo")
_FASTER = {
    "cuda": {AUTO: "tf32", FAST: "tf32"},
    "tensorrt": {AUTO: "tf32", ACCURATE: "tf32", FAST: "float16"},  # which leaves no choice about tf32
    "coreml": {FAST: "float16"},
    "openvino": {FAST: "bfloat16"},
    "cpu": {FAST: "bfloat16"},
}


def working_precision(provider: str, precision: str) -> str:
    """Return the type of the numbers that a provider multiplies: `float32`, `tf32`, `float16` or `bfloat16`.

    Args:
        provider: one of `session.PROVIDERS`.
        precision: one of `PRECISIONS`.
    """
    wanted = _FASTER.get(provider, {}).get(precision, "float32")
    if wanted != "bfloat16":
        return wanted
    # onnxruntime's own CPU provider has such kernels for ARM only.
    has_kernels = cpu_has_bfloat16() and (provider == "openvino" or _is_arm())
    return wanted if has_kernels else "float32"


def provider_options(provider: str, precision: str, threads: int) -> dict[str, str]:
    """Return the options that make a provider compute so.

    Args:
        provider: one of `session.PROVIDERS`.
        precision: one of `PRECISIONS`.
        threads: threads for the CPU; 0 leaves it to the provider.
    """
    works_in = working_precision(provider, precision)
    if provider == "cuda":
        return {
            "use_tf32": str(int(works_in == "tf32")),
            "cudnn_conv_algo_search": "HEURISTIC",  # an exhaustive search takes longer than a small scene
            "arena_extend_strategy": "kSameAsRequested",  # by powers of two, half of a card's memory may lie idle
        }
    if provider == "tensorrt":
        return {"trt_fp16_enable": str(works_in == "float16")}
    if provider == "coreml":
        is_half = works_in == "float16"  # the neural engine knows nothing wider
        return {
            "ModelFormat": "MLProgram",
            "MLComputeUnits": "ALL" if is_half else "CPUAndGPU",
            "AllowLowPrecisionAccumulationOnGPU": str(int(is_half)),
        }
    if provider == "directml":
        return {"performance_preference": "high_performance", "device_filter": "gpu"}  # of two cards, the faster
    if provider == "openvino":
        return {"device_type": "CPU", "load_config": _openvino_config(works_in, threads)}
    return {}


def session_entries(provider: str, precision: str) -> dict[str, str]:
    """Return the entries of a session's configuration for it."""
    # A thread that spins while it waits keeps a core from the threads that prepare and blend windows; and with work in
    # small portions, none waits for another that lost its core to one of those.
    entries = {"session.intra_op.allow_spinning": "0", "session.dynamic_block_base": "4"}
    if provider == "cpu" and working_precision(provider, precision) == "bfloat16":
        entries["mlas.enable_gemm_fastmath_arm64_bfloat16"] = "1"
    return entries


def _openvino_config(works_in: str, threads: int) -> str:
    """Return the JSON text that `load_config` takes."""
    # Without the hint OpenVINO computes in bf16 wherever the CPU can.
    settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "bf16" if works_in == "bfloat16" else "f32"}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    return json.dumps({"CPU": settings})


@functools.lru_cache(maxsize=1)
def cpu_has_bfloat16() -> bool:
    """Say whether the processor multiplies bfloat16; False where that cannot be told (other systems than Linux)."""
    try:
        text = _CPU_INFO.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    lines = (line.partition(":") for line in text.splitlines())
    flags = {flag for name, _, values in lines if name.strip() in ("flags", "Features") for flag in values.split()}
    return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})


def _is_arm() -> bool:
    return platform.machine().lower() in ("aarch64", "arm64")
