# SPDX-License-Identifier: GPL-2.0-or-later
"""Classification: how far windows agree with a single pass, and what the pipeline costs in time and memory.

Seams are measured with the bundled model on real scenes where they lie beside the checkout (mirrored to twice their
size), else on a made-up one; speed and memory with a ResNet-50 U-Net and with a single convolution on made-up ones.
Run it with `make bench NAME=classify`, or a part of it with

    .venv/qgis/bin/python -m benchmarks.classify --only speed

The part `openvino` needs an onnxruntime with that provider, in an environment of its own:

    python -m venv /tmp/openvino && /tmp/openvino/bin/pip install onnxruntime-openvino onnx rasterio
    /tmp/openvino/bin/python -m benchmarks.classify --only openvino
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from benchmarks._bars import Bar
from benchmarks._classification import bare_seconds, classified, made_up_scene, reading_seconds, real_scenes
from benchmarks._networks import one_convolution, resnet50_unet
from benchmarks._processes import peak_megabytes
from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.classification.request import ClassificationResult
from s2landcover_plugin.core.classification.windows import choose_overlap
from s2landcover_plugin.core.models.bundled import find_model, read_contract
from s2landcover_plugin.core.models.contract import METADATA_KEY, ModelContract
from s2landcover_plugin.core.models.precision import ACCURATE, FAST, working_precision
from s2landcover_plugin.core.models.session import SessionRequest, available_providers
from s2landcover_plugin.core.raster import open_raster

ENVIRONMENT = "qgis"

SEAM_SIZE = 1200
SPEED_SIZE = 5490  # a Sentinel-2 tile at 20 m
READ_SIZE = 10980  # and at 10 m
REPEATS = 3


def main() -> None:
    """Measure what was asked for and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure")
    parser.add_argument("--scale", type=float, default=1.0, help="make scenes smaller, for a quick look")
    parser.add_argument("--peak-of", nargs=3, metavar="X", help="(internal) scene, model, window size: print the peak")
    arguments = parser.parse_args()
    if arguments.peak_of:
        print(_own_peak(*arguments.peak_of))
        return
    with tempfile.TemporaryDirectory() as name:
        bars = [bar for part in arguments.only for bar in PARTS[part](Path(name), arguments.scale)]
    print(*bars, sep="\n")


def seams(folder: Path, scale: float) -> list[Bar]:
    """Compare tiled runs with a single pass: blended, and cropped hard at the middle of the same overlap.

    A network's error falls tenfold in ten pixels from a window's edge. Where the nearer window adds anything, it adds
    an error of its own, so that even the best weights beat cropping by the square root of two at most, where both
    windows are equally wrong and their errors independent: in the middle of the overlap, and nowhere else.
    """
    model = find_model("")
    contract = read_contract(model)
    scenes = real_scenes(folder, contract.bands)
    if not scenes:
        print("no real scenes beside the checkout: seams are measured on a made-up one")
        scenes = [made_up_scene(folder / "seams.tif", contract.bands, SEAM_SIZE, SEAM_SIZE)]
    bars = []
    for size, least in ((512, 0.999), (256, 0.995)):
        default, cropped, twice = np.mean([_differing(folder, scene, model, size) for scene in scenes], axis=0)
        print(
            f"windows of {size}, {len(scenes)} scene(s): labels other than a single pass's: {default:.4%} blended over "
            f"the default overlap, {cropped:.4%} cropped in its middle, {twice:.4%} with twice the context"
        )
        bars.append(Bar(f"seam-agreement-{size}", 1 - default, least, at_least=True))
        bars.append(Bar(f"seam-disagreement-with-twice-the-context-{size}", twice, 0))
        bars.append(Bar(f"cropping-to-blending-{size}", cropped / default, 2.0, at_least=True))
    return bars


def _differing(folder: Path, scene: str, model: Path, size: int) -> tuple[float, ...]:
    """Return the share of labels that differ from a single pass's: by default, cropped, with twice the context."""
    contract = read_contract(model)
    overlap = choose_overlap(contract.context, size, contract.size_multiple)
    cropping = _with_contract(folder / "cropping.onnx", model, replace(contract, context=overlap // 2))

    def labels(path: Path, window_size: int, **fields: object) -> np.ndarray:
        return _classes(classified(folder, scene, path, window_size=window_size, **fields))

    whole = labels(model, SEAM_SIZE + contract.size_multiple)
    tiled = (
        labels(model, size),
        labels(cropping, size, overlap=overlap),
        labels(model, size, overlap=2 * contract.context),
    )
    return tuple(float(np.mean(each != whole)) for each in tiled)


def speed(folder: Path, scale: float) -> list[Bar]:
    """Compare the pipeline with the bare network over the same pixels, in fp32 on the CPU."""
    ratio = _pipeline_to_bare(folder, scale, SessionRequest("cpu", ACCURATE))
    return [Bar("pipeline-to-bare-network", ratio, 0.8, at_least=True)]


def openvino(folder: Path, scale: float) -> list[Bar]:
    """Compare the same with OpenVINO in bf16."""
    if "openvino" not in available_providers():
        print("openvino: skipped; this onnxruntime has no such provider (this module says how to measure it)")
        return []
    if working_precision("openvino", FAST) != "bfloat16":
        print("openvino: skipped; this processor has no bf16")
        return []
    ratio = _pipeline_to_bare(folder, scale, SessionRequest("openvino", FAST))
    return [Bar("pipeline-to-bare-network-openvino-bf16", ratio, 0.6, at_least=True)]


def _pipeline_to_bare(folder: Path, scale: float, session: SessionRequest) -> float:
    size = round(SPEED_SIZE * scale)
    model = resnet50_unet(folder / "unet.onnx", tuple(BANDS))
    scene = _scene(folder, size, size)
    result = classified(folder, scene, model, session=session)
    # In turn, and the better of each: whatever else the machine does then slows neither.
    bare, running = bare_seconds(scene, model, result.window_size, session), result.seconds
    for _ in range(REPEATS - 1):
        running = min(running, classified(folder, scene, model, session=session).seconds)
        bare = min(bare, bare_seconds(scene, model, result.window_size, session))
    pixels = size**2 / 1e6
    print(
        f"{size} x {size} x {len(BANDS)}, ResNet-50 U-Net on {result.provider} in {result.precision}: pipeline "
        f"{pixels / running:.2f} Mpx/s (windows {result.window_size}, overlap {result.overlap}), bare network "
        f"{pixels / bare:.2f} Mpx/s"
    )
    return bare / running


def overhead(folder: Path, scale: float) -> list[Bar]:
    """Compare a run of a one-convolution model with merely reading the raster once."""
    size = round(READ_SIZE * scale)
    model = one_convolution(folder / "one.onnx", tuple(BANDS))
    scene = _scene(folder, size, size)
    pairs = [(reading_seconds(scene), classified(folder, scene, model).seconds) for _ in range(REPEATS)]
    reading, running = (min(seconds) for seconds in zip(*pairs))
    print(f"{size} x {size} x {len(BANDS)}: reading {reading:.1f} s, one-convolution model {running:.1f} s")
    return [Bar("one-convolution-to-reading", running / reading, 3.0)]


def memory(folder: Path, scale: float) -> list[Bar]:
    """Measure the peak memory of a run, and of one over a raster twice as tall, each in a process of its own."""
    size = round(SPEED_SIZE * scale)
    model = resnet50_unet(folder / "unet.onnx", tuple(BANDS))
    wide = one_convolution(folder / "one.onnx", tuple(BANDS))
    peak = _peak(_scene(folder, size, size), model)
    taller = [_peak(_scene(folder, size, height), wide, 1024) for height in (size, 2 * size)]
    columns = _peak(_scene(folder, round(60_000 * scale), 1024), wide)
    print(
        f"peak memory: ResNet-50 U-Net on {size} x {size} pixels {peak:.0f} MB; one convolution {taller[0]:.0f} MB, "
        f"{taller[1]:.0f} MB for a raster twice as tall, {columns:.0f} MB for {round(60_000 * scale)} columns"
    )
    return [
        Bar("peak-memory-MB", peak, 1500),
        Bar("peak-memory-growth-with-height", taller[1] / taller[0] - 1, 0.1),
    ]


def _peak(scene: str, model: Path, window_size: int = 0) -> float:
    command = [sys.executable, "-m", "benchmarks.classify", "--peak-of", scene, str(model), str(window_size)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def _own_peak(scene: str, model: str, window_size: str) -> float:
    """Run and return this process's peak, megabytes (Linux)."""
    classified(Path(scene).parent, scene, Path(model), window_size=int(window_size), session=SessionRequest("cpu"))
    return peak_megabytes()


def _scene(folder: Path, width: int, height: int, bands: Sequence[str] = tuple(BANDS)) -> str:
    path = folder / f"{width}x{height}.tif"
    return str(path) if path.exists() else made_up_scene(path, bands, width, height)


def _classes(result: ClassificationResult) -> np.ndarray:
    with open_raster(result.outputs.classes) as raster:
        return raster.read()[0]


def _with_contract(path: Path, model: Path, contract: ModelContract) -> Path:
    copy = onnx.load(str(model))
    helper.set_model_props(copy, {METADATA_KEY: contract.to_json()})
    onnx.save(copy, str(path))
    return path


PARTS = {"seams": seams, "speed": speed, "openvino": openvino, "overhead": overhead, "memory": memory}


if __name__ == "__main__":
    main()
