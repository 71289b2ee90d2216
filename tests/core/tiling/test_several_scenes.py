# SPDX-License-Identifier: GPL-2.0-or-later
"""Datasets of several images: dates, masks, filters, and what is refused."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from s2landcover_plugin.core.errors import BandError, GridError, InputError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from s2landcover_plugin.core.tiling.request import (
    EdgeMode,
    MaskOptions,
    SplitMethod,
    SplitOptions,
    TileFilters,
    TileRequest,
    paired,
)
from s2landcover_plugin.core.tiling.source import date_in, source_names
from s2landcover_plugin.core.tiling.tiles import write_dataset
from s2landcover_plugin.core.validity import Cover, MaskKind, ValidityOptions
from tests.listeners import Recorder
from tests.scenes import random_stored, utm_grid, write_scene
from tests.tilings import tile_request

SIDE = 64


@pytest.fixture
def dates(tmp_path):
    """Two dates of one place, the second with its bands in another order, and labels for both."""
    folder = tmp_path / "in"
    folder.mkdir()
    first = write_scene(folder / "T33UUB_20200701.tif", random_stored(SIDE, SIDE, seed=1))
    second = write_scene(folder / "T33UUB_20200801.tif", random_stored(SIDE, SIDE, seed=2), ("B04", "B02", "B03"))
    values = np.random.default_rng(3).choice(np.array([1, 2], np.uint8), (1, SIDE, SIDE), p=[0.9, 0.1])
    labels = write_scene(folder / "labels.tif", values, ("classes",), scale=1.0, categories={1: "land", 2: "water"})
    return (first, second), labels


def scl(path, classes):
    return write_scene(path, np.asarray(classes, np.uint8)[np.newaxis], ("SCL",), scale=1.0)


def pixels(folder, tile, kind="images"):
    with open_raster(str(folder / kind / f"{tile.id}.tif")) as raster:
        return raster.read()


def test_dates_of_a_place_are_files_of_their_own_in_the_same_part(dates, tmp_path):
    images, labels = dates
    folder = tmp_path / "d"
    info = write_dataset(tile_request(images, str(folder), labels, tile_size=16), SilentProgress())
    assert info == DatasetInfo.read(folder)
    assert len(info.tiles) == 32 and len({tile.id for tile in info.tiles}) == 32
    assert {(tile.source, tile.date) for tile in info.tiles} == {
        ("T33UUB_20200701", "2020-07-01"),
        ("T33UUB_20200801", "2020-08-01"),
    }
    assert info.sources["T33UUB_20200801"]["date"] == "2020-08-01"
    splits = {}
    for tile in info.tiles:
        splits.setdefault((tile.row, tile.col), set()).add((tile.split, tile.place))
    assert len(splits) == 16 and all(len(found) == 1 for found in splits.values())
    with open_raster(images[1]) as raster:
        second = raster.read()[[1, 2, 0]]
    for tile in info.tiles[16:]:
        np.testing.assert_array_equal(
            pixels(folder, tile), second[:, tile.row : tile.row + 16, tile.col : tile.col + 16]
        )
    with sqlite3.connect(folder / "index.gpkg") as connection:
        assert connection.execute("SELECT count(DISTINCT date) FROM tiles").fetchone() == (2,)


def test_images_that_do_not_fit_together_are_refused(dates, tmp_path):
    images, labels = dates
    other = write_scene(tmp_path / "other.tif", random_stored(SIDE, SIDE), ("B02", "B03", "B08"))
    with pytest.raises(BandError, match="lacks B04, which the first image has"):
        write_dataset(tile_request((images[0], other), str(tmp_path / "d"), tile_size=16), SilentProgress())
    coarse = write_scene(tmp_path / "coarse.tif", random_stored(SIDE, SIDE), grid=utm_grid(SIDE, SIDE, 20.0))
    with pytest.raises(GridError, match=r"20 m and .* of 10 m"):
        write_dataset(tile_request((images[0], coarse), str(tmp_path / "d"), tile_size=16), SilentProgress())
    assert not (tmp_path / "d").exists()
    with pytest.raises(InputError, match="2 images and 3 label rasters"):
        paired(images, (labels,) * 3)
    with pytest.raises(InputError, match="others have none"):
        TileRequest((*paired(images[:1]), *paired(images[1:], (labels,))), "d")
    with pytest.raises(InputError, match="no image"):
        TileRequest((), "d")


def test_levels_are_not_mixed_without_a_word(tmp_path):
    paths = tuple(
        write_scene(tmp_path / f"{level}.tif", random_stored(32, 32), tags={"S2LC_LEVEL": level})
        for level in ("L1C", "L2A")
    )
    listener = Recorder()
    write_dataset(tile_request(paths, str(tmp_path / "d"), tile_size=16), listener)
    assert any("L1C and L2A" in message for message in listener.warnings)


def test_cloud_is_told_by_tile_and_by_scene_and_filtered_by(dates, tmp_path):
    images, labels = dates
    classes = np.full((SIDE, SIDE), 4)
    classes[:16, :16], classes[16:24, :16], classes[32:40, 32:48], classes[48:, 48:56] = 9, 3, 11, 0
    mask, folder = scl(tmp_path / "SCL.tif", classes), tmp_path / "d"
    plain = tile_request(images[0], str(folder), labels, mask, tile_size=16, validation_share=0, test_share=0)
    info = write_dataset(plain, SilentProgress())
    shares = {(t.row, t.col): (t.cloud_fraction, t.shadow_fraction, t.snow_fraction) for t in info.tiles}
    assert shares[0, 0] == (1, 0, 0)
    assert shares[16, 0] == (0, 0.5, 0)
    assert shares[32, 32] == (0, 0, 0.5)
    assert info.sources["T33UUB_20200701"]["covers"] == {"cloud": 256 / 3968, "shadow": 128 / 3968, "snow": 128 / 3968}
    limits = {Cover.CLOUD: 0.5, Cover.SHADOW: 0.4, Cover.SNOW: 1.0}
    listener = Recorder()
    strict = replace(plain, folder=str(tmp_path / "e"), filters=TileFilters(max_covers=limits))
    assert len(write_dataset(strict, listener).tiles) == 14
    assert "1 of 16 tiles have too much cloud and were left out." in listener.infos
    assert "1 of 16 tiles have too much shadow and were left out." in listener.infos


def test_labels_under_cloud_go_and_the_rim_with_them_across_tiles(dates, tmp_path):
    images, labels = dates
    classes = np.full((SIDE, SIDE), 4)
    classes[20:24, 8:15] = 8
    request = replace(
        tile_request(images[0], str(tmp_path / "d"), labels, scl(tmp_path / "SCL.tif", classes), tile_size=16),
        mask=MaskOptions(unlabelled=ValidityOptions((Cover.CLOUD, Cover.SHADOW), dilation=3)),
        split=SplitOptions(validation=0, test=0),
    )
    info = write_dataset(request, SilentProgress())
    whole = np.zeros((SIDE, SIDE), np.uint8)
    for tile in info.tiles:
        whole[tile.row : tile.row + 16, tile.col : tile.col + 16] = pixels(tmp_path / "d", tile, "labels")[0]
    rows, cols = np.indices(whole.shape)
    cloud = np.argwhere(classes == 8)
    hidden = np.logical_or.reduce([(rows - row) ** 2 + (cols - col) ** 2 <= 9 for row, col in cloud])
    with open_raster(labels) as raster:
        np.testing.assert_array_equal(whole, np.where(hidden, 0, raster.read()[0]))
    assert hidden[:, 16:].any() and hidden[:16].sum() == 0


def test_labels_near_missing_data_and_on_saturated_pixels_go(tmp_path):
    stored = random_stored(32, 32)
    stored[:, :, 15] = 0
    stored[1, 4, 4] = 65000
    image = write_scene(tmp_path / "a.tif", stored)
    labels = write_scene(tmp_path / "l.tif", np.ones((1, 32, 32), np.uint8), ("c",), scale=1.0)
    request = replace(
        tile_request(image, str(tmp_path / "d"), labels, tile_size=16, validation_share=0, test_share=0),
        mask=MaskOptions(unlabelled=ValidityOptions(edge=2, drop_saturated=True)),
    )
    info = write_dataset(request, SilentProgress())
    expected = np.ones((32, 32), np.uint8)
    expected[:, 13:18] = expected[4, 4] = 0
    for tile in info.tiles:
        rows, cols = slice(tile.row, tile.row + 16), slice(tile.col, tile.col + 16)
        np.testing.assert_array_equal(pixels(tmp_path / "d", tile, "labels")[0], expected[rows, cols])


@pytest.mark.parametrize(
    ("values", "kind", "threshold", "cloud"),
    [([0, 1024, 2048, 1], MaskKind.QA60, 50, 0.5), ([0, 30, 60, 90], MaskKind.PROBABILITY, 40, 0.5)],
)
def test_other_masks(tmp_path, values, kind, threshold, cloud):
    image = write_scene(tmp_path / "a.tif", random_stored(8, 8))
    array = np.array(values, np.uint16).repeat(16).reshape(1, 8, 8)
    mask = write_scene(tmp_path / "m.tif", array, ("",), scale=1.0, nodata=None)
    request = tile_request(image, str(tmp_path / "d"), mask=mask, tile_size=8)
    with pytest.raises(InputError, match="kind of cloud mask"):
        write_dataset(request, SilentProgress())
    request = replace(request, mask=MaskOptions(kind, threshold))
    assert write_dataset(request, SilentProgress()).tiles[0].cloud_fraction == cloud
    snowy = replace(request, folder=str(tmp_path / "e"), filters=TileFilters(max_covers={Cover.SNOW: 0.5}))
    with pytest.raises(InputError, match="does not tell snow"):
        write_dataset(snowy, SilentProgress())


def test_a_mask_may_be_a_band_of_the_image(tmp_path):
    stored = random_stored(8, 8, 4)
    stored[3] = 0
    stored[3, :2] = 1024
    image = write_scene(tmp_path / "a.tif", stored, ("B02", "B03", "B04", "QA60"), nodata=None)
    info = write_dataset(tile_request(image, str(tmp_path / "d"), tile_size=8), SilentProgress())
    assert (info.bands, info.tiles[0].cloud_fraction) == (("B02", "B03", "B04"), 0.25)


def test_a_limit_without_a_mask_is_refused(dates, tmp_path):
    request = tile_request(dates[0], str(tmp_path / "d"), filters=TileFilters(max_covers={Cover.CLOUD: 0.2}))
    with pytest.raises(InputError, match="give a mask"):
        write_dataset(request, SilentProgress())


def test_one_tile_a_place_is_the_clearest(dates, tmp_path):
    images, labels = dates
    cloudy = np.full((SIDE, SIDE), 4)
    cloudy[:, :32] = 9
    masks = (scl(tmp_path / "SCL_1.tif", cloudy), scl(tmp_path / "SCL_2.tif", np.where(cloudy == 9, 4, 9)))
    request = tile_request(
        images, str(tmp_path / "d"), labels, masks, tile_size=16, filters=TileFilters(is_unique=True)
    )
    listener = Recorder()
    info = write_dataset(request, listener)
    assert {(tile.source, tile.col >= 32) for tile in info.tiles} == {
        ("T33UUB_20200801", False),
        ("T33UUB_20200701", True),
    }
    assert "16 of 32 tiles show a place that another image shows better and were left out." in listener.infos
    assert len(list((tmp_path / "d" / "images").iterdir())) == len(info.tiles)


def test_folds_groups_and_repeats_reach_the_description(dates, tmp_path):
    images, labels = dates
    folds = SplitOptions(SplitMethod.FOLDS, test=0.2, folds=3, block_size=16)
    info = write_dataset(
        tile_request(images, str(tmp_path / "d"), labels, tile_size=16, split=folds, max_repeat=5), SilentProgress()
    )
    assert info.folds == (1, 2, 3)
    assert {tile.split for tile in info.tiles if tile.fold == 1} == {"validation"}
    assert {tile.fold for tile in info.tiles if tile.split == "test"} == {None}
    assert {tile.repeat for tile in info.tiles if tile.split != "test"} == {2}
    assert {tile.repeat for tile in info.tiles if tile.split == "test"} == {1}


def test_padded_tiles_reach_beyond_the_image(tmp_path):
    stored = random_stored(40, 24)
    image = write_scene(tmp_path / "a.tif", stored)
    request = tile_request(
        image, str(tmp_path / "d"), tile_size=16, edges=EdgeMode.PAD, validation_share=0, test_share=0
    )
    info = write_dataset(request, SilentProgress())
    assert {(tile.row, tile.col) for tile in info.tiles} == {(row, col) for row in (0, 16) for col in (0, 16, 32)}
    last = info.tiles[-1]
    expected = np.pad(stored[:, 16:, 32:], ((0, 0), (0, 8), (0, 8)))
    np.testing.assert_array_equal(pixels(tmp_path / "d", last), expected)
    assert last.valid_fraction == 0.25


def test_names_of_files_tell_dates_and_become_names():
    assert date_in("/a/S2A_MSIL2A_20221005T115411_N0400.tif") == "2022-10-05"
    assert date_in("2019-02-30_2019-03-01.tif") == "2019-03-01"
    assert (date_in("120221005.tif"), date_in("scene.tif")) == ("", "")
    assert source_names(["/a/s.tif", "/b/s.tif", "/c/t.tif", "/d/s.tif"]) == ["s", "s_2", "t", "s_3"]
