# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json
import types

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.models import precision, session
from s2landcover_plugin.core.models.inference import load_model
from s2landcover_plugin.core.models.precision import cpu_has_bfloat16, provider_options, working_precision
from s2landcover_plugin.core.models.session import PROVIDERS, SessionRequest, available_providers, open_session
from tests.onnx_models import blurring_model, brightest_band_model


@pytest.fixture
def has_bfloat16(monkeypatch):
    """Pretend that the processor multiplies bfloat16, or that it does not."""
    return lambda truth: monkeypatch.setattr(precision, "cpu_has_bfloat16", lambda: truth)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu sse avx512_bf16 amx_bf16 amx_tile", True),
        ("flags\t\t: fpu sse avx512f avx512bw", False),
        ("Features\t: fp asimd i8mm bf16", True),
        ("model name\t: bf16 machine", False),
    ],
)
def test_the_processors_flags_tell_whether_it_has_bfloat16(tmp_path, monkeypatch, line, expected):
    info = tmp_path / "cpuinfo"
    info.write_text(f"processor\t: 0\n{line}\n\nprocessor\t: 1\n{line}\n", encoding="ascii")
    monkeypatch.setattr(precision, "_CPU_INFO", info)
    assert cpu_has_bfloat16.__wrapped__() is expected


def test_where_nothing_tells_there_is_no_bfloat16(tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "_CPU_INFO", tmp_path / "none")
    assert cpu_has_bfloat16.__wrapped__() is False


@pytest.mark.parametrize(
    ("provider", "wanted", "hardware", "expected"),
    [
        ("openvino", "fast", True, "bfloat16"),
        ("openvino", "fast", False, "float32"),
        ("openvino", "auto", True, "float32"),
        ("openvino", "accurate", True, "float32"),
        ("cuda", "auto", False, "tf32"),
        ("cuda", "accurate", False, "float32"),
        ("tensorrt", "fast", False, "float16"),
        ("coreml", "fast", False, "float16"),
        ("coreml", "auto", False, "float32"),
        ("directml", "fast", False, "float32"),
    ],
)
def test_fewer_bits_only_where_the_hardware_has_them(has_bfloat16, provider, wanted, hardware, expected):
    has_bfloat16(hardware)
    assert working_precision(provider, wanted) == expected


@pytest.mark.parametrize(("machine", "expected"), [("x86_64", "float32"), ("aarch64", "bfloat16")])
def test_the_plain_cpu_provider_has_bfloat16_on_arm_only(has_bfloat16, monkeypatch, machine, expected):
    has_bfloat16(True)
    monkeypatch.setattr(precision.platform, "machine", lambda: machine)
    assert working_precision("cpu", "fast") == expected
    entries = precision.session_entries("cpu", "fast")
    assert entries.get("mlas.enable_gemm_fastmath_arm64_bfloat16") == ("1" if expected == "bfloat16" else None)


@pytest.mark.parametrize(("wanted", "hint"), [("fast", "bf16"), ("accurate", "f32"), ("auto", "f32")])
def test_openvino_is_told_in_json_text(has_bfloat16, wanted, hint):
    has_bfloat16(True)
    options = provider_options("openvino", wanted, threads=3)
    settings = {"CPU": {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": 3}}
    assert options["device_type"] == "CPU"
    assert json.loads(options["load_config"]) == settings


def test_graphics_cards_are_told_in_their_own_words():
    assert provider_options("cuda", "accurate", 0)["use_tf32"] == "0"
    assert provider_options("cuda", "fast", 0)["use_tf32"] == "1"
    assert provider_options("tensorrt", "fast", 0) == {"trt_fp16_enable": "True"}
    assert provider_options("tensorrt", "auto", 0) == {"trt_fp16_enable": "False"}
    assert provider_options("coreml", "fast", 0)["MLComputeUnits"] == "ALL"
    assert provider_options("coreml", "accurate", 0)["MLComputeUnits"] == "CPUAndGPU"
    assert provider_options("directml", "auto", 0)["performance_preference"] == "high_performance"


class FakeRuntime(types.SimpleNamespace):
    """An onnxruntime with every provider, which remembers what its sessions were opened with."""

    def __init__(self, real, broken: tuple[str, ...] = ()) -> None:
        self.opened = []
        self.broken = broken
        super().__init__(SessionOptions=real.SessionOptions, ExecutionMode=real.ExecutionMode)

    def set_default_logger_severity(self, level):
        pass

    def get_available_providers(self):
        return list(PROVIDERS.values())

    def InferenceSession(self, path, sess_options, providers, enable_fallback):  # noqa: N802
        first = providers[0][0]
        if first in self.broken:
            raise RuntimeError("no such device\nsecond line")
        self.opened.append((providers, sess_options))
        return types.SimpleNamespace(get_providers=lambda: [name for name, _ in providers])


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_is_opened_with_its_options(tmp_path, monkeypatch, name):
    runtime = FakeRuntime(session.import_onnxruntime())
    monkeypatch.setattr(session, "import_onnxruntime", lambda: runtime)
    opened = open_session(tmp_path / "a.onnx", SessionRequest(name, "fast", threads=2))
    (providers, options), *_ = runtime.opened
    assert (opened.provider, opened.fallback) == (name, "")
    assert opened.precision == working_precision(name, "fast")
    assert providers[0] == (PROVIDERS[name], provider_options(name, "fast", 2))
    assert [theirs for theirs, _ in providers[1:]] == (["CUDAExecutionProvider"] if name == "tensorrt" else [])
    assert options.intra_op_num_threads == 2
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert options.get_session_config_entry("session.dynamic_block_base") == "4"


def test_auto_takes_the_best_that_works(tmp_path, monkeypatch):
    runtime = FakeRuntime(session.import_onnxruntime(), broken=("CUDAExecutionProvider", "TensorrtExecutionProvider"))
    monkeypatch.setattr(session, "import_onnxruntime", lambda: runtime)
    opened = open_session(tmp_path / "a.onnx", SessionRequest())
    assert opened.provider == "directml"
    assert "cuda does not work here (no such device)" in opened.fallback


def test_the_session_reports_what_it_runs_on(tmp_path):
    opened = open_session(brightest_band_model(tmp_path / "a.onnx"), SessionRequest("cpu"))
    assert opened.session.get_providers() == ["CPUExecutionProvider"]
    assert list(opened.session.get_provider_options()) == ["CPUExecutionProvider"]
    assert (opened.provider, opened.precision) == ("cpu", "float32")


def test_openvino_computes_with_the_bits_it_is_told(tmp_path):
    if "openvino" not in available_providers():
        pytest.skip("the installed onnxruntime has no OpenVINO provider (package onnxruntime-openvino)")
    path = blurring_model(tmp_path / "a.onnx")
    batch = np.random.default_rng(0).random((1, 3, 32, 32), dtype=np.float32)
    exact = load_model(path, SessionRequest("cpu")).predict(batch)
    accurate = load_model(path, SessionRequest("openvino", "accurate"))
    fast = load_model(path, SessionRequest("openvino", "fast"))
    np.testing.assert_allclose(accurate.predict(batch), exact, atol=1e-4)
    error = np.abs(fast.predict(batch) - exact).max()
    assert (error > 1e-4) == (fast.precision == "bfloat16")
    assert error < 0.1


def test_an_unknown_precision_says_what_there_is():
    with pytest.raises(InputError, match="choose one of auto, accurate, fast"):
        SessionRequest(precision="int8")
