# SPDX-License-Identifier: GPL-2.0-or-later
"""The module refuses what cannot work."""

from __future__ import annotations

import json

import pytest

from s2landcover_plugin.core.errors import DatasetError
from training.module import SegmentationModule

from .tiles import BANDS, LEGEND

CLASSES = json.dumps(LEGEND.to_json())


def test_tile_size_has_to_fit_the_depth() -> None:
    options = {"bands": list(BANDS), "classes": CLASSES, "statistics": [(0.1, 0.1)] * 4, "width": 2}
    assert SegmentationModule(tile_size=100, depth=2, **options).hparams["tile_size"] == 100
    with pytest.raises(DatasetError, match=r"multiple of 8\. Cut tiles of 104 pixels"):
        SegmentationModule(tile_size=100, depth=3, **options)


def test_checkpoint_of_other_bands_or_classes_is_refused() -> None:
    options = {"tile_size": 32, "statistics": [(0.1, 0.1)] * 4, "width": 2}
    module = SegmentationModule(bands=list(BANDS), classes=CLASSES, **options)
    fitting = {"bands": list(BANDS), "classes": CLASSES}
    module.on_load_checkpoint({"hyper_parameters": fitting})
    with pytest.raises(DatasetError, match="other bands than the dataset has: B04, B03, B02, B08 instead of B02"):
        module.on_load_checkpoint({"hyper_parameters": {**fitting, "bands": ["B04", "B03", "B02", "B08"]}})
    with pytest.raises(DatasetError, match="other classes than the dataset has: 1 Water, 4 Trees instead of 1 Water"):
        module.on_load_checkpoint({"hyper_parameters": {**fitting, "classes": json.dumps(LEGEND.to_json()[:2])}})
