# SPDX-License-Identifier: GPL-2.0-or-later
"""Uploaded images through the plugin's classification."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2landcover_plugin.core.errors import BandError, GridError, LandCoverError, RasterError
from training.app import upload
from training.app.page import legend_html
from training.app.upload import try_model

from ..byte_tiles import COLOURS, photograph
from ..tiles import labels_of, write_raster
from .models import write_colour_model

LABELS = np.kron(labels_of(2)[0], np.ones((2, 2), np.uint8))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    write_colour_model(tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


@pytest.mark.parametrize("name", ["photo.png", "photo.tif"])
def test_photograph_is_mapped(name: str, model: Path, tmp_path: Path) -> None:
    pixels = photograph(np.where(LABELS == 0, 7, LABELS))
    if name.endswith(".png"):
        Image.fromarray(pixels.transpose(1, 2, 0)).save(tmp_path / name)
    else:
        write_raster(tmp_path / name, pixels, ("", "", ""))
    trial = try_model(tmp_path / name, model, tmp_path)
    assert np.array_equal(trial.image, pixels.transpose(1, 2, 0))
    assert (trial.classes == np.where(LABELS == 0, 7, LABELS)).mean() > 0.999
    assert trial.shares[1] == pytest.approx((LABELS == 1).mean(), abs=0.001)
    assert sum(trial.shares.values()) == pytest.approx(1)


def test_overlay_mixes_image_and_colours(model: Path, tmp_path: Path) -> None:
    pixels = np.empty((8, 6, 3), np.uint8)
    pixels[:] = COLOURS[1]
    pixels[0, 0] = 0  # black is no data
    Image.fromarray(pixels).save(tmp_path / "water.png")
    trial = try_model(tmp_path / "water.png", model, tmp_path)
    assert trial.overlay(1.0)[4, 3].tolist() == [0, 0, 255]
    assert trial.overlay(0.5)[4, 3].tolist() == [15, 30, 208]
    assert trial.overlay(0.0)[4, 3].tolist() == list(COLOURS[1])
    assert trial.overlay(1.0)[0, 0].tolist() == [0, 0, 0]


def test_large_pictures_are_thinned_out_and_shares_are_not(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "_SHOWN", 16)
    pixels = np.empty((40, 33, 3), np.uint8)
    pixels[:], pixels[:, 32] = COLOURS[4], COLOURS[7]
    Image.fromarray(pixels).save(tmp_path / "trees.png")
    trial = try_model(tmp_path / "trees.png", model, tmp_path)
    assert trial.image.shape == (14, 11, 3)
    assert trial.classes.shape == (14, 11)
    assert trial.shares == pytest.approx({1: 0, 4: 32 / 33, 7: 1 / 33})


def test_legend_has_names_colours_and_shares(model: Path, tmp_path: Path) -> None:
    pixels = np.empty((10, 4, 3), np.uint8)
    pixels[:8], pixels[8:] = COLOURS[4], COLOURS[7]
    Image.fromarray(pixels).save(tmp_path / "trees.png")
    html = legend_html(try_model(tmp_path / "trees.png", model, tmp_path))
    assert html.index("Trees") < html.index("Sand") < html.index("Water")
    assert "80.0\u202f%" in html
    assert "background:#00FF00" in html


def test_what_cannot_be_mapped(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_raster(tmp_path / "two.tif", np.ones((2, 8, 8), np.uint8), ("", ""))
    (tmp_path / "text.png").write_text("no image")
    Image.new("RGB", (9, 4)).save(tmp_path / "large.png")
    expected: tuple[tuple[str, type[LandCoverError], str], ...] = (
        ("two.tif", BandError, r"has 2 band\(s\), and the model takes the first 3"),
        ("text.png", RasterError, r"text\.png is not an image that can be read"),
        ("large.png", GridError, "has 9 x 4 pixels, and this page is for 8 x 8 at most"),
    )
    monkeypatch.setattr(upload, "LARGEST", 8)
    for name, error, message in expected:
        with pytest.raises(error, match=message):
            try_model(tmp_path / name, model, tmp_path)
