# SPDX-License-Identifier: GPL-2.0-or-later
"""Models of byte images: whatever the file's precision, the plugin maps a photograph with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from rasterio.crs import CRS

from s2landcover_plugin.core.classification.engine import classify
from s2landcover_plugin.core.classification.request import ClassificationRequest, MapPaths
from s2landcover_plugin.core.models.bundled import read_contract
from s2landcover_plugin.core.models.report import examine
from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster, open_raster
from training.cli import main
from training.export.parity import Difference
from training.export.precision import PRECISIONS
from training.export.request import ExportResult
from training.export.tiles import Agreement
from training.fitting.checkpoints import load_module
from training.terminal import TerminalProgress

from ..byte_tiles import ATTRIBUTION, photograph
from ..tiles import labels_of

LABELS = np.kron(labels_of(5)[0], np.ones((3, 3), np.uint8))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("image") / "photograph.tif"
    grid = Grid(*LABELS.shape[::-1], (5e5, 0.5, 0.0, 5e6, 0.0, -0.5), CRS.from_epsg(32633).to_wkt())
    with create_raster(str(path), RasterSpec(grid, "uint8", ("red", "green", "blue"))) as writer:
        writer.write(photograph(LABELS, 99))
    return path


def agreement(image: Path, model: Path, folder: Path) -> float:
    classify(ClassificationRequest(str(image), str(model), MapPaths(str(folder / "map.tif"))), TerminalProgress())
    with open_raster(str(folder / "map.tif")) as reader:
        found = reader.read()[0]
    return float((found == LABELS)[LABELS > 0].mean())


def export(checkpoint: Path, output: Path, *options: str) -> None:
    assert (
        main(["export", "--checkpoint", str(checkpoint), "--output", str(output), "--license", "CC0-1.0", *options])
        == 0
    )


def test_checkpoint_keeps_what_the_numbers_are(byte_checkpoint: Path) -> None:
    assert (load_module(byte_checkpoint).hparams["values"], load_module(byte_checkpoint).hparams["gsd"]) == (
        "stored",
        0.5,
    )


@pytest.fixture(scope="module")
def variants(byte_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The checkpoint in every precision."""
    folder = tmp_path_factory.mktemp("variants")
    paths = {precision: folder / precision / "photo.onnx" for precision in PRECISIONS}
    for precision, path in paths.items():
        export(byte_checkpoint, path, "--precision", precision)
    return paths


@pytest.mark.parametrize("precision", PRECISIONS)
def test_plugin_maps_a_photograph(precision: str, variants: dict[str, Path], image: Path, tmp_path: Path) -> None:
    model = variants[precision]
    contract = read_contract(model)
    assert (contract.name, contract.values, contract.bands, contract.gsd) == ("photo", "stored", ("1", "2", "3"), 0.5)
    assert contract.attribution == ATTRIBUTION
    assert not examine(model, TerminalProgress()).problems
    assert agreement(image, model, tmp_path) > 0.95
    known = contract.provenance["precision"]
    assert known["name"] == precision
    if precision != "fp32":
        assert (known["full"]["split"], known["full"]["tiles"]) == ("test", 2)
        assert known["full"]["overall_accuracy"] > 0.95
        assert abs(known["full"]["overall_accuracy"] - known["reduced"]["overall_accuracy"]) < 0.05


def test_fewer_bits_make_smaller_files_of_their_kind(variants: dict[str, Path]) -> None:
    sizes, kinds = {}, {}
    for precision, path in variants.items():
        model = onnx.load(str(path))
        weights = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) > 100]
        kinds[precision] = {onnx.TensorProto.DataType.Name(tensor.data_type) for tensor in weights}
        sizes[precision] = sum(len(tensor.raw_data) for tensor in weights)
        assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert kinds == {"fp32": {"FLOAT"}, "fp16": {"FLOAT16"}, "int8": {"INT8"}}
    assert sizes["int8"] * 4 == sizes["fp16"] * 2 == sizes["fp32"]


def test_what_is_lost_is_told() -> None:
    full, reduced = Agreement("test", 3, 0.91, 0.55), Agreement("test", 3, 0.9, None)
    text = ExportResult(Path("m.onnx"), 10, Difference(0.2, 0.01), full, reduced).to_text()
    assert "on 3 test tiles:" in text
    assert "float32: accuracy 0.9100, macro IoU 0.5500" in text
    assert "lost:    accuracy 0.0100, macro IoU -" in text


def test_softmax_in_the_graph(byte_checkpoint: Path, image: Path, tmp_path: Path) -> None:
    export(byte_checkpoint, tmp_path / "model.onnx", "--activation", "softmax", "--no-card")
    assert read_contract(tmp_path / "model.onnx").activation == "softmax"
    assert not (tmp_path / "model.md").exists()
    assert agreement(image, tmp_path / "model.onnx", tmp_path) > 0.95


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--precision", "int4"), "'int4' is not one of fp32, fp16, int8"),
        (("--precision", "int8", "--dataset", "{other}"), "give the dataset that the model was trained on"),
        (("--calibration-tiles", "0"), "cannot be calibrated on 0 tiles"),
    ],
)
def test_what_cannot_be_exported(
    options: tuple[str, ...],
    message: str,
    byte_checkpoint: Path,
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = [part.format(other=dataset) for part in options]
    required = ["--checkpoint", str(byte_checkpoint), "--output", str(tmp_path / "m.onnx"), "--license", "CC0-1.0"]
    required += ["--attribution", "Nobody"]
    assert main(["export", *required, *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
