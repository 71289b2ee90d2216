# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import BandError, DatasetError
from tests.training.sharpening.products import write_product
from training.sharpening.scenes import read_pieces


def test_a_product_becomes_pieces_of_native_resolution(tmp_path):
    images = write_product(tmp_path / "one", 50)
    (piece,) = read_pieces([tmp_path / "one"])
    assert piece.scene == "one"
    assert piece.guides.shape == (4, 100, 100) and piece.bands.shape == (6, 50, 50)
    np.testing.assert_allclose(piece.guides[1], images["B03"], atol=5e-5)
    np.testing.assert_allclose(piece.bands[4], images["B11"], atol=5e-5)


def test_a_folder_of_products_stands_for_them_all_and_sides_are_even(tmp_path):
    for name in ("a", "b"):
        write_product(tmp_path / "all" / name, 27)
    write_product(tmp_path / "c", 400)
    pieces = read_pieces([tmp_path / "all", tmp_path / "c"])
    assert [piece.scene for piece in pieces] == ["a", "b", "c"]
    assert pieces[0].bands.shape == (6, 26, 26) and pieces[2].bands.shape == (6, 300, 300)


def test_pieces_with_a_gap_are_left_out(tmp_path):
    write_product(tmp_path / "holes", 50, nodata=True)
    with pytest.raises(DatasetError, match="no piece of at least 48 x 48"):
        read_pieces([tmp_path / "holes"])


def test_what_is_missing_is_named(tmp_path):
    write_product(tmp_path / "one", 50)
    (tmp_path / "one" / "B8A.tif").unlink()
    with pytest.raises(BandError, match="B8A"):
        read_pieces([tmp_path / "one"])
