# SPDX-License-Identifier: GPL-2.0-or-later
"""Classification: how far windows agree with a single pass, and what the pipeline costs in time and memory.

Seams are measured on a real scene where one lies beside the checkout (mirrored to 1200 x 1200 pixels), else on a
made-up one; speed and memory on a made-up one. Run it with `make bench NAME=classify`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from benchmarks._bars import Bar
from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.classification.engine import ClassificationRequest, ClassificationResult, classify
from s2landcover_plugin.core.legend import LandCoverClass, Legend, fallback_colour
from s2landcover_plugin.core.models.bundled import find_model, read_contract
from s2landcover_plugin.core.models.contract import METADATA_KEY, ModelContract
from s2landcover_plugin.core.models.inference import load_model
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import (
    Grid,
    RasterSpec,
    Resampling,
    Window,
    create_raster,
    crs_from_authority,
    open_raster,
)

ENVIRONMENT = "qgis"

REAL_SCENE = Path(__file__).resolve().parents[2] / "shared" / "data" / "l1c_multires_T33UUB"
SEAM_SIZE = 1200
SPEED_SIZE = 2048
READ_SIZE = 3072
REPEATS = 3


def main() -> None:
    """Measure everything and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="", help="name of a bundled model, or a path")
    parser.add_argument("--peak-of", metavar="JSON", help="(internal) run one request and print its peak memory")
    arguments = parser.parse_args()
    if arguments.peak_of:
        print(_peak_megabytes(ClassificationRequest(**json.loads(arguments.peak_of))))
        return
    model = find_model(arguments.model)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bars = [*seams(folder, model), *speed(folder, model), *overhead(folder), *memory(folder, model)]
    print(*bars, sep="\n")


def seams(folder: Path, model: Path) -> list[Bar]:
    """Compare tiled runs with a single pass: blended, and cropped hard at the middle of the overlap."""
    contract = read_contract(model)
    scene = _seam_scene(folder, contract)
    whole = _classes(_run(folder, scene, model, window_size=SEAM_SIZE + contract.size_multiple))
    bars = []
    for size, least in ((512, 0.999), (256, 0.995)):
        default = _run(folder, scene, model, window_size=size)
        for overlap in (default.overlap[0], default.overlap[0] // 4):
            cropping = _with_contract(folder / "cropping.onnx", model, replace(contract, context=overlap // 2))
            wrong = {
                name: 1 - _agreement(whole, _run(folder, scene, path, window_size=size, overlap=overlap))
                for name, path in (("blended", model), ("cropped", cropping))
            }
            print(
                f"windows of {size}, overlap {overlap}: labels other than a single pass's: "
                f"{wrong['blended']:.4%} blended, {wrong['cropped']:.4%} cropped"
            )
            if overlap == default.overlap[0]:
                bars.append(Bar(f"seam-agreement-{size}", 1 - wrong["blended"], least, at_least=True))
                if wrong["blended"] + wrong["cropped"] > 0:
                    bars.append(
                        Bar(
                            f"cropping-to-blending-{size}",
                            _ratio(wrong["cropped"], wrong["blended"]),
                            2.0,
                            at_least=True,
                        )
                    )
    return bars


def speed(folder: Path, model: Path) -> list[Bar]:
    """Compare the pipeline with the bare network over the same pixels, by turns."""
    contract = read_contract(model)
    scene = _made_up_scene(folder / "speed.tif", contract.bands, SPEED_SIZE, SPEED_SIZE)
    pipeline, bare, result = [], [], None
    for _ in range(REPEATS):
        result = _run(folder, scene, model)
        pipeline.append(result.seconds)
        bare.append(_bare_seconds(scene, model, min(result.window_size)))
    pixels = SPEED_SIZE**2 / 1e6
    assert result is not None
    print(
        f"{SPEED_SIZE} x {SPEED_SIZE} x {len(contract.bands)} with {contract.name} on {result.provider}: pipeline "
        f"{pixels / min(pipeline):.2f} Mpx/s (windows {result.window_size}, overlap {result.overlap}), bare network "
        f"{pixels / min(bare):.2f} Mpx/s"
    )
    return [Bar("pipeline-to-bare-network", min(bare) / min(pipeline), 0.8, at_least=True)]


def overhead(folder: Path) -> list[Bar]:
    """Compare a run of a one-convolution model with merely reading the raster once."""
    bands = tuple(BANDS)
    model = _one_convolution(folder / "one.onnx", bands)
    scene = _made_up_scene(folder / "read.tif", bands, READ_SIZE, READ_SIZE)
    reading = min(_reading_seconds(scene) for _ in range(REPEATS))
    running = min(_run(folder, scene, model).seconds for _ in range(REPEATS))
    print(f"{READ_SIZE} x {READ_SIZE} x {len(bands)}: reading {reading:.1f} s, one-convolution model {running:.1f} s")
    return [Bar("one-convolution-to-reading", running / reading, 3.0)]


def memory(folder: Path, model: Path) -> list[Bar]:
    """Measure the peak memory of a run, and of one over a raster twice as tall, each in a process of its own."""
    bands = read_contract(model).bands
    peaks = []
    for height in (SPEED_SIZE, 2 * SPEED_SIZE):
        scene = _made_up_scene(folder / f"tall{height}.tif", bands, SPEED_SIZE, height)
        # Windows chosen to fit the height would differ by more than what is measured.
        request = {"raster": scene, "model": str(model), "classes": str(folder / "peak.tif"), "window_size": 1024}
        command = [sys.executable, "-m", "benchmarks.classify", "--peak-of", json.dumps(request)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        peaks.append(float(output.split()[-1]))
    print(f"peak memory: {peaks[0]:.0f} MB, and {peaks[1]:.0f} MB for a raster twice as tall")
    return [
        Bar("peak-memory-MB", peaks[0], 1500),
        Bar("peak-memory-growth", peaks[1] / peaks[0] - 1, 0.1),
    ]


def _peak_megabytes(request: ClassificationRequest) -> float:
    """Run a request and return this process's peak (Linux; getrusage would include the parent's)."""
    classify(request, SilentProgress())
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def _run(folder: Path, scene: str, model: Path, **fields: int) -> ClassificationResult:
    request = ClassificationRequest(scene, str(model), str(folder / "map.tif"), str(folder / "sure.tif"), **fields)
    return classify(request, SilentProgress())


def _classes(result: ClassificationResult) -> np.ndarray:
    with open_raster(result.classes) as raster:
        return raster.read()[0]


def _agreement(whole: np.ndarray, tiled: ClassificationResult) -> float:
    return float(np.mean(_classes(tiled) == whole))


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else float("inf")


def _bare_seconds(scene: str, path: Path, size: int) -> float:
    """Time the network alone, on windows that do not overlap and lie in memory."""
    model = load_model(path)
    with open_raster(scene) as raster:
        reflectance = raster.read().astype(np.float32) * np.float32(0.0001)
    starts = range(0, SPEED_SIZE - size + 1, size)
    windows = [
        np.ascontiguousarray(reflectance[np.newaxis, :, r : r + size, c : c + size]) for r in starts for c in starts
    ]
    name = model._session.get_inputs()[0].name
    model._session.run(None, {name: windows[0]})
    started = time.perf_counter()
    for window in windows:
        model._session.run(None, {name: window})
    return (time.perf_counter() - started) * SPEED_SIZE**2 / (len(windows) * size**2)


def _reading_seconds(scene: str) -> float:
    started = time.perf_counter()
    with open_raster(scene) as raster:
        for row in range(0, raster.grid.height, 256):
            raster.read_masked(Window(0, row, raster.grid.width, min(256, raster.grid.height - row)))
    return time.perf_counter() - started


def _seam_scene(folder: Path, contract: ModelContract) -> str:
    if not REAL_SCENE.is_dir():
        print("no real scene beside the checkout: seams are measured on a made-up one")
        return _made_up_scene(folder / "seams.tif", contract.bands, SEAM_SIZE, SEAM_SIZE)
    crop = _real_bands(contract.bands)
    mirrored = np.concatenate([crop, crop[:, ::-1]], axis=1)
    return _write(folder / "seams.tif", np.concatenate([mirrored, mirrored[:, :, ::-1]], axis=2), contract.bands)


def _real_bands(bands: Sequence[str]) -> np.ndarray:
    """Return the bands of the real scene on its 10 m grid, (bands, 600, 600)."""
    found = {}
    with open_raster(str(REAL_SCENE / "10m.tif")) as finest:
        for name in ("10m.tif", "20m.tif", "60m.tif"):
            with open_raster(str(REAL_SCENE / name)) as raster:
                names = [info.name for info in raster.bands]
                found.update(zip(names, raster.onto(finest.grid, Resampling.BILINEAR).read()))
    return np.stack([found[band] for band in bands]).astype(np.uint16)


def _made_up_scene(path: Path, bands: Sequence[str], width: int, height: int) -> str:
    """Write fields of a few reflectances with noise: it compresses about as badly as a real scene."""
    random = np.random.default_rng(0)
    fields = random.integers(300, 4000, (len(bands), -(-height // 64), -(-width // 64)), dtype=np.uint16)
    stored = fields.repeat(64, axis=1).repeat(64, axis=2)[:, :height, :width].copy()
    for plane in stored:
        plane += random.integers(0, 300, plane.shape, dtype=np.uint16)
    return _write(path, stored, bands)


def _write(path: Path, stored: np.ndarray, bands: Sequence[str]) -> str:
    transform = (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0)
    grid = Grid(stored.shape[2], stored.shape[1], transform, crs_from_authority("EPSG:32633"))
    with create_raster(str(path), RasterSpec(grid, "uint16", tuple(bands), nodata=0, scale=0.0001)) as writer:
        writer.write(stored)
    return str(path)


def _with_contract(path: Path, model: Path, contract: ModelContract) -> Path:
    copy = onnx.load(str(model))
    helper.set_model_props(copy, {METADATA_KEY: contract.to_json()})
    onnx.save(copy, str(path))
    return path


def _one_convolution(path: Path, bands: Sequence[str]) -> Path:
    """Write a model of one 1 x 1 convolution and a softmax, with nine classes."""
    legend = Legend(tuple(LandCoverClass(value, f"class {value}", fallback_colour(value)) for value in range(1, 10)))
    contract = ModelContract("one convolution", "1.0", "CC0-1.0", "nobody", tuple(bands), legend, context=0)
    kernel = np.random.default_rng(0).normal(size=(len(legend), len(bands), 1, 1)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["classes"], axis=1),
    ]
    float32 = onnx.TensorProto.FLOAT
    source = helper.make_tensor_value_info("image", float32, ["n", len(bands), "h", "w"])
    result = helper.make_tensor_value_info("classes", float32, ["n", len(legend), "h", "w"])
    graph = helper.make_graph(nodes, "one", [source], [result], [numpy_helper.from_array(kernel, "kernel")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))
    return _with_contract(path, path, contract)


if __name__ == "__main__":
    main()
