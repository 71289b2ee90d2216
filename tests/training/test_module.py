# SPDX-License-Identifier: GPL-2.0-or-later
"""The module refuses what cannot work."""

from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import DatasetError
from training.module import SegmentationModule

from .tiles import BANDS, LEGEND


def test_tile_size_has_to_fit_the_depth() -> None:
    options = {"bands": list(BANDS), "classes": LEGEND.to_json(), "statistics": [(0.1, 0.1)] * 4, "width": 2}
    assert SegmentationModule(tile_size=100, depth=2, **options).hparams["tile_size"] == 100
    with pytest.raises(DatasetError, match=r"multiple of 8\. Cut tiles of 104 pixels"):
        SegmentationModule(tile_size=100, depth=3, **options)
