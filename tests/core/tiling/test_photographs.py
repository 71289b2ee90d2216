# SPDX-License-Identifier: GPL-2.0-or-later
"""Datasets of images that lie nowhere: photographs with masks of colours, and chips of reflectance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.datasets.inspection import inspect_dataset
from s2landcover_plugin.core.datasets.page import html_page
from s2landcover_plugin.core.errors import BandError, GridError, InputError
from s2landcover_plugin.core.labels.class_table import Row, build_table
from s2landcover_plugin.core.labels.raster_labels import RecodingOptions
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, RasterSpec, convert_raster, create_raster, open_raster
from s2landcover_plugin.core.tiling.dataset import INDEX_FILE, DatasetInfo
from s2landcover_plugin.core.tiling.grouping import folder_groups
from s2landcover_plugin.core.tiling.request import EdgeMode, SplitMethod, SplitOptions
from s2landcover_plugin.core.tiling.storage import STORED
from s2landcover_plugin.core.tiling.tiles import write_dataset
from tests.listeners import Recorder
from tests.scenes import random_stored, write_scene
from tests.tilings import tile_request

SIZE = 16
COLOURS = {"3C1098": 1, "6EC1E4": 3}
STRANGE = "123456"
TABLE = build_table(
    [
        Row("Line 2", (10,), (), ("3C1098",), 1, "Building", "3C1098"),
        Row("Line 3", (30,), (), ("6EC1E4",), 3, "Road", "6EC1E4"),
        Row("Line 4", (), (), ("9B9B9B",), 0),
    ]
)
PHOTOGRAPHS = {"tile_size": SIZE, "values": STORED, "gsd": 0.5, "recoding": RecodingOptions(TABLE), "is_checked": False}


def write(path: Path, array: np.ndarray, names: tuple[str, ...] = (), **fields) -> str:
    """Write numbers without a CRS: as PNG if the path says so, else as GeoTIFF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    grid = Grid(array.shape[2], array.shape[1], (0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
    spec = RasterSpec(grid, array.dtype.name, names or ("",) * len(array), **fields)
    made = path.with_suffix(".tif")
    with create_raster(str(made), spec) as writer:
        writer.write(array)
    if path.suffix == ".png":
        convert_raster(str(made), str(path), "PNG", {})
        made.unlink()
    return str(path)


def photograph(rows: int, cols: int, seed: int, bands: int = 3) -> np.ndarray:
    image = np.random.default_rng(seed).integers(0, 256, (bands, rows, cols), dtype=np.uint8)
    image[:, :4, :4] = 0  # a black roof, not a hole
    return image


def drawn(classes: np.ndarray, strange: int = 0) -> np.ndarray:
    """Return the colours of classes, that of no label for 0, and at some first pixels one that is not listed."""
    table = {value: bytes.fromhex(colour) for colour, value in COLOURS.items()}
    table[0] = bytes.fromhex("9B9B9B")
    colours = np.array([[list(table[int(value)]) for value in row] for row in classes], np.uint8)
    colours[0, :strange] = list(bytes.fromhex(STRANGE))
    return colours.transpose(2, 0, 1)


def classes_of(rows: int, cols: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).choice(np.array([0, 1, 3], np.uint8), (rows, cols))


def pixels(folder: Path, kind: str, name: str) -> np.ndarray:
    with open_raster(str(folder / kind / f"{name}.tif")) as raster:
        return raster.read()


@pytest.fixture
def town(tmp_path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Two photographs in each of four folders, under names that repeat."""
    images, masks = [], []
    for index in range(8):
        folder, name = f"Tile {index // 2 + 1}", f"part_{index % 2}.png"
        rows, cols = 32 + index, 35
        images.append(write(tmp_path / folder / "images" / name, photograph(rows, cols, index)))
        masks.append(write(tmp_path / folder / "masks" / name, drawn(classes_of(rows, cols, 50 + index), index)))
    return tuple(images), tuple(masks)


def test_bytes_and_colours_become_tiles_of_numbers_and_classes(town, tmp_path):
    images, masks = town
    folder, listener = tmp_path / "d", Recorder()
    split = SplitOptions(SplitMethod.RANDOM, validation=0.2, test=0)
    request = tile_request(images, str(folder), masks, edges=EdgeMode.DROP, split=split, **PHOTOGRAPHS)
    info = write_dataset(request, listener)
    assert info == DatasetInfo.read(folder)
    assert (info.values, info.bands, info.gsd, len(info.tiles)) == (STORED, ("1", "2", "3"), 0.5, 8 * 4)
    assert [item.name for item in info.legend] == ["Building", "Road"]
    assert (len(info.split("train")), len(info.split("validation"))) == (26, 6)
    assert not (folder / INDEX_FILE).exists()
    tile = next(tile for tile in info.tiles if tile.source == "part_0_2" and (tile.row, tile.col) == (0, 0))
    stored = pixels(folder, "images", tile.id)
    assert stored.dtype == np.uint8
    np.testing.assert_array_equal(stored, photograph(34, 35, 2)[:, :SIZE, :SIZE])
    expected = classes_of(34, 35, 52)[:SIZE, :SIZE]
    expected[0, :2] = 0
    np.testing.assert_array_equal(pixels(folder, "labels", tile.id)[0], expected)
    assert tile.valid_fraction == 1
    told = "Not in the class table are 28 labelled pixels of the tiles, which count as no data: #123456 (28)."
    assert listener.warnings[0] == told


def test_training_reads_bytes_as_shares_of_the_largest(town, tmp_path):
    images, masks = town
    info = write_dataset(tile_request(images, str(tmp_path / "d"), masks, **PHOTOGRAPHS), SilentProgress())
    tiles = np.stack([pixels(tmp_path / "d", "images", tile.id) for tile in info.split("train")])
    for index, band in enumerate(info.bands):
        known, numbers = info.statistics[band], tiles[:, index] / 255
        assert (known.minimum, known.maximum) == (0, 1)
        assert (known.mean, known.std) == pytest.approx((numbers.mean(), numbers.std()), rel=1e-9)
    with open_raster(str(tmp_path / "d" / "images" / f"{info.tiles[0].id}.tif")) as raster:
        assert {(band.scale, band.nodata) for band in raster.bands} == {(1 / 255, None)}
        assert raster.read_masked()[1].all()


def test_a_check_and_its_page_know_bytes(town, tmp_path):
    images, masks = town
    write_dataset(tile_request(images, str(tmp_path / "d"), masks, **PHOTOGRAPHS), SilentProgress())
    found = inspect_dataset(tmp_path / "d", SilentProgress())
    assert found.problems == ()
    tiles = np.stack([pixels(tmp_path / "d", "images", tile.id) for tile in found.info.split("train")])
    histogram = found.splits["train"].histogram
    np.testing.assert_array_equal(histogram[1], np.bincount(tiles[:, 1].ravel(), minlength=256))
    page = html_page(found)
    assert "Brightness" in page and "Reflectance" not in page and ">1.00</text>" in page
    write(tmp_path / "d" / "images" / f"{found.info.tiles[0].id}.tif", photograph(SIZE, SIZE, 1), ("1", "3", "2"))
    assert "bands 1, 3, 2; expected 1, 2, 3" in inspect_dataset(tmp_path / "d", SilentProgress()).problems[0]


def test_what_lacks_beyond_a_photograph_has_no_label(tmp_path):
    image = write(tmp_path / "a.tif", photograph(SIZE - 4, SIZE - 6, 1, bands=4))
    mask = write(tmp_path / "m.tif", np.full((1, SIZE - 4, SIZE - 6), 30, np.uint8))
    info = write_dataset(tile_request(image, str(tmp_path / "d"), mask, **PHOTOGRAPHS), SilentProgress())
    assert info.bands == ("1", "2", "3", "4")
    assert info.tiles[0].valid_fraction == pytest.approx((SIZE - 4) * (SIZE - 6) / SIZE**2)
    labels, stored = (pixels(tmp_path / "d", kind, info.tiles[0].id) for kind in ("labels", "images"))
    assert (labels == 3).sum() == (SIZE - 4) * (SIZE - 6)
    assert not labels[0, SIZE - 4 :].any() and not labels[0, :, SIZE - 6 :].any()
    np.testing.assert_array_equal(stored[:, : SIZE - 4, : SIZE - 6], photograph(SIZE - 4, SIZE - 6, 1, bands=4))


def test_folders_can_be_the_groups_of_folds(town, tmp_path):
    images, masks = town
    split = SplitOptions(SplitMethod.FOLDS, folds=2, test=0, groups=folder_groups(images))
    info = write_dataset(tile_request(images, str(tmp_path / "d"), masks, split=split, **PHOTOGRAPHS), SilentProgress())
    folds = {(tile.place, tile.fold) for tile in info.tiles}
    assert sorted(place for place, _ in folds) == ["Tile 1", "Tile 2", "Tile 3", "Tile 4"]
    assert sorted(fold for _, fold in folds) == [1, 1, 2, 2]
    with pytest.raises(InputError, match="lies in the folder that holds all of them"):
        folder_groups(images[:2])


def test_chips_of_reflectance_are_places_of_their_own(tmp_path):
    images = tuple(
        write(tmp_path / f"{index}.tif", np.vstack([random_stored(SIZE, SIZE, seed=index).astype(np.int16)] * 2)[:5])
        for index in range(6)
    )
    codes = np.full((1, SIZE, SIZE), 10, np.uint8)
    codes[:, :2] = 77
    labels = tuple(write(tmp_path / "l" / f"{index}.tif", codes) for index in range(6))
    split = SplitOptions(SplitMethod.FOLDS, folds=3, test=0)
    order = ("B02", "B03", "B04", "B8A", "-")
    recoding, listener = RecodingOptions(TABLE, keep=True), Recorder()
    request = tile_request(
        images, str(tmp_path / "d"), labels, tile_size=SIZE, gsd=30, split=split, band_order=order, recoding=recoding
    )
    info = write_dataset(request, listener)
    assert (info.bands, info.gsd, info.values) == (order[:4], 30, "reflectance")
    assert sorted(tile.fold for tile in info.tiles) == [1, 1, 2, 2, 3, 3]
    assert len({tile.place for tile in info.tiles}) == 6
    assert {item.value: item.name for item in info.legend} == {1: "Building", 3: "Road", 77: "Class 77"}
    tile = next(tile for tile in info.tiles if tile.source == "4")
    found = pixels(tmp_path / "d", "labels", tile.id)[0]
    assert (found[:2] == 77).all() and (found[2:] == 1).all()
    np.testing.assert_array_equal(pixels(tmp_path / "d", "images", tile.id)[:3], random_stored(SIZE, SIZE, seed=4))
    assert info.sources["4"]["crs"] is None
    assert sum("reflectance x 10000" in message for message in listener.infos) == 1
    assert inspect_dataset(tmp_path / "d", SilentProgress()).problems == ()


def test_images_with_and_without_a_place_make_one_dataset(tmp_path):
    placed = write_scene(tmp_path / "placed.tif", random_stored(SIZE, SIZE))
    nowhere = write(tmp_path / "nowhere.tif", random_stored(SIZE, SIZE, seed=1), ("B02", "B03", "B04"))
    request = tile_request((nowhere, placed), str(tmp_path / "d"), tile_size=SIZE, gsd=10, is_checked=False)
    assert len(write_dataset(request, SilentProgress()).tiles) == 2
    assert (tmp_path / "d" / INDEX_FILE).is_file()


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"gsd": 0}, GridError, "no coordinate reference system; assign .* or give the size of its pixels"),
        ({"recoding": RecodingOptions()}, InputError, "no class table lists any"),
        ({"values": "reflectance"}, BandError, "Nothing says which Sentinel-2 band"),
        ({"band_order": ("1", "2", "3", "4")}, BandError, r"has 3 band\(s\), and 4 are wanted"),
        ({"band_order": ("3", "2", "1")}, InputError, "'3 2 1' is not 1, 2 and so on"),
        ({"values": "radiance"}, InputError, "'radiance'; expected one of reflectance, stored"),
        ({"gsd": -1}, InputError, "-1 m is no size"),
    ],
)
def test_what_makes_no_sense_is_refused(town, tmp_path, fields, error, message):
    images, masks = town
    with pytest.raises(error, match=message):
        write_dataset(tile_request(images, str(tmp_path / "d"), masks, **{**PHOTOGRAPHS, **fields}), SilentProgress())
    assert not (tmp_path / "d").exists()


def test_labels_of_another_size_and_numbers_that_are_no_bytes_are_refused(town, tmp_path):
    images, masks = town
    request = tile_request(images, str(tmp_path / "d"), masks[::-1], **PHOTOGRAPHS)
    with pytest.raises(GridError, match=r"35 x 39 pixels and .* has 35 x 32 pixels; .* same order"):
        write_dataset(request, SilentProgress())
    wide = write(tmp_path / "w.tif", random_stored(SIZE, SIZE))
    with pytest.raises(InputError, match="holds uint16 numbers; values are kept as stored for bytes"):
        write_dataset(tile_request(wide, str(tmp_path / "d"), **PHOTOGRAPHS), SilentProgress())
