# SPDX-License-Identifier: GPL-2.0-or-later
"""What augmentation knows of a dataset's bands."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.tiling.dataset import BandStatistics, DatasetInfo
from training.augmentation.spectrum import Spectrum


def info_of(*bands: str, values: str = "reflectance") -> DatasetInfo:
    """Return what a dataset without tiles says."""
    statistics = {band: BandStatistics(0.1 * number, 0.1, 0.0, 1.0) for number, band in enumerate(bands)}
    return DatasetInfo(bands, 10.0, 32, 0, None, {}, statistics, {}, (), values=values)


def test_sentinel_bands_are_known() -> None:
    spectrum = Spectrum.of(info_of("B02", "B10", "B12"))
    assert spectrum.wavelengths == pytest.approx((492.4 / 490, 1373.5 / 490, 2202.4 / 490))
    scattering = spectrum.scattering(torch.full((1, 1, 1, 1), -1.0)).flatten()
    assert scattering.tolist() == pytest.approx([490 / 492.4, 0.0, 490 / 2202.4])
    assert spectrum.sky_light(torch.zeros(1)).flatten()[0].item() == pytest.approx(0.3, abs=0.01)
    assert spectrum.means == (0.0, 0.1, 0.2) and spectrum.highest == 1.6


def test_haze_over_photographs_is_grey() -> None:
    spectrum = Spectrum.of(info_of("1", "2", "3", values="stored"))
    assert (spectrum.scattering(torch.full((2, 1, 1, 1), -1.3)) == 1).all()
    assert spectrum.highest == 1.0


def test_statistics_are_needed() -> None:
    with pytest.raises(DatasetError, match="no statistics of B04"):
        Spectrum.of(replace(info_of("B03", "B04"), statistics={"B03": BandStatistics(0.1, 0.1, 0.0, 1.0)}))
