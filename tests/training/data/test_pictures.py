# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from training.data.pictures import Look, label_colours

from ..tiles import BANDS, LEGEND


def test_reflectance_is_stretched_and_brightened(dataset: Path) -> None:
    info = DatasetInfo.read(dataset)
    image = torch.linspace(0.0, 0.4, 101).expand(4, 3, 101) * torch.tensor([1.0, 2.0, 4.0, 8.0]).reshape(4, 1, 1)
    picture = Look.of(info, image.unsqueeze(0)).picture(image)
    assert [BANDS[band] for band in Look.of(info, image.unsqueeze(0)).bands] == ["B04", "B03", "B02"]
    assert picture.shape == (3, 101, 3)
    assert picture[0, 0].tolist() == [0, 0, 0] and picture[0, -1].tolist() == [1, 1, 1]
    # The 2 % at either end are clipped; halfway between, a square root brightens.
    np.testing.assert_allclose(picture[1, 50], np.sqrt(0.5), rtol=1e-4)


def test_photographs_are_shown_as_they_are(dataset: Path) -> None:
    info = replace(DatasetInfo.read(dataset), bands=("1", "2", "3"), values="stored")
    image = torch.rand(3, 4, 5)
    np.testing.assert_allclose(Look.of(info, image.unsqueeze(0)).picture(image), image.permute(1, 2, 0), rtol=1e-6)


def test_colours_of_labels() -> None:
    assert label_colours(LEGEND).tolist() == [[255] * 3, [0, 0, 255], [0, 255, 0], [255, 255, 0]]
