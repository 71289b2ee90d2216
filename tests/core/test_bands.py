# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.bands import (
    L1C_BANDS,
    L2A_BANDS,
    band_id,
    identify_bands,
    in_native_order,
    parse_band_list,
)
from s2landcover_plugin.core.errors import BandError
from s2landcover_plugin.core.raster import open_raster
from tests.scenes import random_stored, write_scene


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("B02", "B02"),
        ("b2", "B02"),
        ("B8A", "B8A"),
        ("b8a", "B8A"),
        ("B08A", "B8A"),
        ("nir", "B08"),
        ("swir22", "B12"),
        ("T33UUB_20201005T101031_B02_10m.jp2", "B02"),
        ("S2A_MSIL2A_20170617T113321_36_85_B8A.tif", "B8A"),
        ("B11.jp2", "B11"),
        ("B13", None),
        ("B0", None),
        ("SCL_20m", None),
        ("TCI", None),
        ("AB02", None),
        ("B021", None),
        ("B02 minus B03", None),
        ("", None),
    ],
)
def test_labels_are_understood_or_left_alone(label, expected):
    assert band_id(label) == expected


def test_levels_have_their_bands():
    assert len(L1C_BANDS) == 13
    assert len(L2A_BANDS) == 12
    assert "B10" not in L2A_BANDS


def test_a_typed_list_is_read_in_its_order():
    assert parse_band_list(" b3, 8A;B12 nir ") == ("B03", "B8A", "B12", "B08")
    assert parse_band_list("") == ()
    assert parse_band_list("B02 - nir, -", skips=True) == ("B02", "-", "B08", "-")


@pytest.mark.parametrize(
    ("text", "message"), [("B02 B99", "'B99' is not"), ("B02 -", "'-' is not"), ("B02 b2", "listed twice")]
)
def test_a_wrong_list_is_refused(text, message):
    with pytest.raises(BandError, match=message):
        parse_band_list(text)


def test_native_order_is_the_products_order():
    assert in_native_order(["B12", "B8A", "B08"]) == ("B08", "B8A", "B12")


def test_bands_are_identified_by_name_or_by_the_order_given(tmp_path):
    with open_raster(write_scene(tmp_path / "a.tif", random_stored(4, 4, 4), ("red", "NDVI", "B8A", "B04"))) as raster:
        assert identify_bands(raster, wanted=("B8A",)) == ("B04", None, "B8A", "B04")
        assert identify_bands(raster, ("B02", "B03", "B04", "B08")) == ("B02", "B03", "B04", "B08")
        with pytest.raises(BandError, match="more than one band named B04; give the band order"):
            identify_bands(raster)
        with pytest.raises(BandError, match=r"names 1 bands \(B02\), but .* has 4"):
            identify_bands(raster, ("B02",))
