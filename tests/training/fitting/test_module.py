# SPDX-License-Identifier: GPL-2.0-or-later
"""The module refuses what cannot work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch.nn.functional import pad

from s2landcover_plugin.core.errors import DatasetError, ModelError
from training.fitting.module import SegmentationModule
from training.networks.options import NetworkOptions

from ..tiles import BANDS, LEGEND

CLASSES = json.dumps(LEGEND.to_json())
DATASET = {"tile_size": 32, "statistics": [(0.1, 0.1)] * 4, "class_pixels": [1, 1, 1]}
OPTIONS = {"bands": list(BANDS), "classes": CLASSES, **DATASET}
SMALL = NetworkOptions(width=2)


def test_tiles_may_be_of_any_size_from_that_of_one_deepest_pixel_on() -> None:
    options = {"bands": list(BANDS), "classes": CLASSES, "statistics": [(0.1, 0.1)] * 4, "class_pixels": [1, 1, 1]}
    deep = NetworkOptions(width=2, depth=3)
    module = SegmentationModule(tile_size=30, network=deep, **options).eval()
    image = torch.rand(1, 4, 30, 21)
    with torch.inference_mode():
        scores, whole = module(image), module.network(pad(image, (0, 3, 0, 2), mode="reflect"))
    assert torch.equal(scores, whole[..., :30, :21])
    with pytest.raises(DatasetError, match=r"Tiles of 7 pixels are too small for this network, which needs 8 at least"):
        SegmentationModule(tile_size=7, network=deep, **options)


def test_checkpoint_of_other_bands_classes_or_values_is_refused() -> None:
    options = {**DATASET, "network": SMALL}
    module = SegmentationModule(bands=list(BANDS), classes=CLASSES, **options)
    fitting = {"bands": list(BANDS), "classes": CLASSES, "values": "reflectance"}
    module.on_load_checkpoint({"hyper_parameters": fitting})
    with pytest.raises(DatasetError, match="other bands than the dataset has: B04, B03, B02, B08 instead of B02"):
        module.on_load_checkpoint({"hyper_parameters": {**fitting, "bands": ["B04", "B03", "B02", "B08"]}})
    with pytest.raises(DatasetError, match="other values than the dataset has: stored instead of reflectance"):
        module.on_load_checkpoint({"hyper_parameters": {**fitting, "values": "stored"}})
    with pytest.raises(DatasetError, match="other classes than the dataset has: 1 Water, 4 Trees instead of 1 Water"):
        module.on_load_checkpoint({"hyper_parameters": {**fitting, "classes": json.dumps(LEGEND.to_json()[:2])}})


def test_training_starts_from_a_checkpoint(tmp_path: Path) -> None:
    before = SegmentationModule(network=SMALL, **OPTIONS)
    path = tmp_path / "before.ckpt"
    hparams = {"bands": list(BANDS), "classes": CLASSES, "values": "reflectance"}
    torch.save({"state_dict": before.state_dict(), "hyper_parameters": hparams}, path)
    after = SegmentationModule(network=SMALL, initial_checkpoint=path, **{**OPTIONS, "statistics": [(0.3, 0.2)] * 4})
    assert all(torch.equal(value, after.state_dict()[name]) for name, value in before.state_dict().items())
    assert "initial_checkpoint" not in after.hparams
    with pytest.raises(ModelError, match="same network options"):
        SegmentationModule(network=NetworkOptions(width=3), initial_checkpoint=path, **OPTIONS)


@pytest.mark.parametrize("content", [None, b"no checkpoint"])
def test_start_from_no_checkpoint_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "none.ckpt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"Training cannot start from .*none\.ckpt"):
        SegmentationModule(network=SMALL, initial_checkpoint=path, **OPTIONS)
