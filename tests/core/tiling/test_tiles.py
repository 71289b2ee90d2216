# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.errors import (
    BandError,
    Cancelled,
    DatasetError,
    GridError,
    InputError,
    OutputError,
    RasterError,
)
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster, crs_from_authority, crs_name, open_raster
from s2landcover_plugin.core.tiling.dataset import SPLITS, DatasetInfo
from s2landcover_plugin.core.tiling.source import source_name
from s2landcover_plugin.core.tiling.tiles import write_dataset
from tests.tilings import tile_request

UTM = crs_from_authority("EPSG:32633")
NAMES = {1: "water", 4: "crops"}
COLOURS = {1: (65, 155, 223, 255), 4: (228, 150, 53, 255)}


class Listener(SilentProgress):
    """Remembers what is said, and cancels at the nth check."""

    def __init__(self, patience: int = 10**6) -> None:
        self.messages: list[str] = []
        self.fractions: list[float] = []
        self._patience = patience

    def info(self, message: str) -> None:
        self.messages.append(message)

    def warning(self, message: str) -> None:
        self.messages.append(message)

    def fraction(self, value: float) -> None:
        self.fractions.append(value)

    def check(self) -> None:
        self._patience -= 1
        if self._patience < 0:
            raise Cancelled


def grid_of(height: int, width: int, east: float = 600000.0) -> Grid:
    return Grid(width, height, (east, 10.0, 0.0, 5000000.0, 0.0, -10.0), UTM)


def write(path: Path, array: np.ndarray, **fields) -> str:
    grid = fields.pop("grid", grid_of(*array.shape[1:]))
    bands = fields.pop("bands", ("B02", "B8A", "B12")[: len(array)])
    with create_raster(str(path), RasterSpec(grid, array.dtype.name, bands, **fields)) as writer:
        writer.write(array)
    return str(path)


def image(height: int, width: int, bands: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 9000, (bands, height, width), dtype=np.uint16)


def stored(path: Path, array: np.ndarray, **fields) -> str:
    return write(path, array, **{"nodata": 0, "scale": 0.0001, **fields})


def labels_for(height: int, width: int, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).choice(np.array([0, 1, 4], np.uint8), (1, height, width))


def read(path: Path) -> np.ndarray:
    with open_raster(str(path)) as raster:
        return raster.read()


def test_a_dataset_holds_the_image_and_its_labels(tmp_path):
    pixels, classes = image(50, 70), labels_for(50, 70)
    folder = tmp_path / "a dataset, für alle"
    request = tile_request(
        image=stored(tmp_path / "scene ä 1.tif", pixels, tags={"S2LC_LEVEL": "L2A"}),
        labels=write(tmp_path / "labels.tif", classes, bands=("c",), nodata=0, categories=NAMES, colours=COLOURS),
        folder=str(folder),
        tile_size=16,
    )
    listener = Listener()
    info = write_dataset(request, listener)
    assert info == DatasetInfo.read(folder)
    assert (info.bands, info.gsd, info.tile_size, info.overlap) == (("B02", "B8A"), 10.0, 16, 0)
    assert info.legend.names == NAMES
    assert info.legend.classes[1].colour == "E49635"
    assert info.sources["scene_ä_1"]["crs"] == "EPSG:32633"
    assert info.sources["scene_ä_1"]["level"] == "L2A"
    assert listener.fractions[-1] == 1.0
    for tile in info.tiles:
        rows, cols = slice(tile.row, tile.row + 16), slice(tile.col, tile.col + 16)
        assert tile.id == f"scene_ä_1_r{tile.row:05d}_c{tile.col:05d}"
        np.testing.assert_array_equal(read(folder / "images" / f"{tile.id}.tif"), pixels[:, rows, cols])
        np.testing.assert_array_equal(read(folder / "labels" / f"{tile.id}.tif"), classes[:, rows, cols])
        for value in NAMES:
            assert tile.class_fractions[value] == pytest.approx((classes[0, rows, cols] == value).mean())
    assert len(list((folder / "images").glob("*.tif"))) == len(list((folder / "labels").iterdir())) == len(info.tiles)


def test_tiles_carry_place_scale_and_names(tmp_path):
    info = write_dataset(
        tile_request(
            image=stored(tmp_path / "s.tif", image(50, 70), tags={"S2LC_LEVEL": "L1C"}),
            labels=write(tmp_path / "l.tif", labels_for(50, 70), bands=("c",), nodata=0, categories=NAMES),
            folder=str(tmp_path / "d"),
            tile_size=16,
        ),
        SilentProgress(),
    )
    tile = info.tiles[-1]
    with open_raster(str(tmp_path / "d" / "images" / f"{tile.id}.tif")) as raster:
        assert raster.grid.xy(0, 0) == (600000.0 + 10 * tile.col, 5000000.0 - 10 * tile.row)
        assert crs_name(raster.grid.crs) == "EPSG:32633"
        assert [(b.name, b.dtype, b.nodata, b.scale, b.offset) for b in raster.bands] == [
            ("B02", "uint16", 0, 0.0001, 0),
            ("B8A", "uint16", 0, 0.0001, 0),
        ]
        assert raster.tags["S2LC_LEVEL"] == "L1C"
    with open_raster(str(tmp_path / "d" / "labels" / f"{tile.id}.tif")) as raster:
        assert (raster.bands[0].dtype, raster.bands[0].nodata) == ("uint8", 0)


def test_statistics_and_class_counts_are_those_of_the_files(tmp_path):
    pixels, classes = image(64, 64), labels_for(64, 64)
    pixels[:, :9] = 0
    folder = tmp_path / "d"
    info = write_dataset(
        tile_request(
            image=stored(tmp_path / "s.tif", pixels),
            labels=write(tmp_path / "l.tif", classes, bands=("c",), nodata=0),
            folder=str(folder),
            tile_size=16,
        ),
        SilentProgress(),
    )
    assert {len(info.split(name)) > 0 for name in SPLITS} == {True}
    training = np.concatenate([read(folder / "images" / f"{t.id}.tif").reshape(2, -1) for t in info.split("train")], 1)
    for band, values in zip(info.bands, training):
        values = values[values > 0] * 1e-4
        assert info.statistics[band].mean == pytest.approx(values.mean())
        assert info.statistics[band].std == pytest.approx(values.std())
        assert info.statistics[band].minimum == pytest.approx(values.min())
        assert info.statistics[band].maximum == pytest.approx(values.max())
    for name in SPLITS:
        found = np.concatenate([read(folder / "labels" / f"{t.id}.tif").ravel() for t in info.split(name)])
        assert info.class_pixels[name] == {value: int((found == value).sum()) for value in (1, 4)}
    assert info.legend.names == {1: "Class 1", 4: "Class 4"}


def test_the_index_says_what_the_records_say(tmp_path):
    folder = tmp_path / "d"
    info = write_dataset(
        tile_request(
            image=stored(tmp_path / "s.tif", image(50, 70)),
            labels=write(tmp_path / "l.tif", labels_for(50, 70), bands=("c",), nodata=0),
            folder=str(folder),
            tile_size=16,
        ),
        SilentProgress(),
    )
    with sqlite3.connect(folder / "index.gpkg") as connection:
        rows = connection.execute(
            "SELECT id, split, place, source, col, row, valid_fraction, cloud_fraction, class_1, class_4 "
            "FROM tiles ORDER BY fid"
        ).fetchall()
    assert rows == [
        (*(t.id, t.split, t.place, t.source, t.col, t.row, t.valid_fraction, None), *t.class_fractions.values())
        for t in info.tiles
    ]


def test_without_labels_there_are_none(tmp_path):
    folder = tmp_path / "d"
    info = write_dataset(
        tile_request(stored(tmp_path / "s.tif", image(40, 40)), str(folder), tile_size=16), SilentProgress()
    )
    assert info == DatasetInfo.read(folder)
    assert info.legend is None
    assert {path.name for path in folder.iterdir()} == {"images", "index.gpkg", "dataset.json", "report.html"}
    assert all(tile.class_fractions == {} for tile in info.tiles)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (1, 1), (5, 40), (40, 5), (33, 17)])
@pytest.mark.parametrize("overlap", [0, 7, 15])
def test_any_size_is_covered(tmp_path, height, width, overlap):
    pixels = image(height, width)
    folder = tmp_path / "d"
    request = tile_request(
        stored(tmp_path / "s.tif", pixels), str(folder), tile_size=16, overlap=overlap, validation_share=0, test_share=0
    )
    info = write_dataset(request, SilentProgress())
    canvas = np.zeros((2, 48, 48), dtype=np.uint16)
    for tile in info.tiles:
        cut = read(folder / "images" / f"{tile.id}.tif")
        assert cut.shape == (2, 16, 16)
        canvas[:, tile.row : tile.row + 16, tile.col : tile.col + 16] = cut
        assert tile.valid_fraction == pytest.approx((cut[0] > 0).mean())
    np.testing.assert_array_equal(canvas[:, :height, :width], pixels)
    assert canvas[:, height:].sum() == canvas[:, :, width:].sum() == 0


def test_scale_offset_and_negative_reflectance_are_honoured(tmp_path):
    numbers = np.array([[[1000, 1500, 900, -9999]]], dtype=np.int16)
    path = write(tmp_path / "s.tif", numbers, bands=("b2",), nodata=-9999, scale=0.0001, offset=-0.1)
    info = write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=4), SilentProgress())
    cut = read(tmp_path / "d" / "images" / f"{info.tiles[0].id}.tif")
    assert cut[0, 0].tolist() == [1, 500, 1, 0]
    assert info.tiles[0].valid_fraction == 3 / 16


def test_a_valid_zero_stays_apart_from_nodata(tmp_path):
    numbers = np.array([[[0, 7, 65535]]], dtype=np.uint16)
    path = write(tmp_path / "s.tif", numbers, bands=("B02",), nodata=65535, scale=0.0001)
    info = write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=3), SilentProgress())
    assert read(tmp_path / "d" / "images" / f"{info.tiles[0].id}.tif")[0, 0].tolist() == [1, 7, 0]


def test_float_reflectance_with_nan_is_stored_as_whole_numbers(tmp_path):
    numbers = np.full((2, 8, 8), 0.25, dtype=np.float32)
    numbers[1, 0, 0] = np.nan
    listener = Listener()
    info = write_dataset(tile_request(write(tmp_path / "s.tif", numbers), str(tmp_path / "d"), tile_size=8), listener)
    cut = read(tmp_path / "d" / "images" / f"{info.tiles[0].id}.tif")
    assert cut[:, 0, 0].tolist() == [0, 0]
    assert set(cut[:, 1:].flat) == {2500}
    assert any("reflectance from 0 to 1" in message for message in listener.messages)


def test_labels_without_an_image_are_dropped(tmp_path):
    pixels, classes = image(8, 8), np.full((1, 8, 8), 4, dtype=np.uint8)
    pixels[1, :4] = 0
    info = write_dataset(
        tile_request(
            image=stored(tmp_path / "s.tif", pixels),
            labels=write(tmp_path / "l.tif", classes, bands=("c",)),
            folder=str(tmp_path / "d"),
            tile_size=8,
        ),
        SilentProgress(),
    )
    cut = read(tmp_path / "d" / "labels" / f"{info.tiles[0].id}.tif")
    assert set(cut[0, :4].flat) == {0}
    assert set(cut[0, 4:].flat) == {4}
    assert info.class_pixels["train"] == {4: 32}


def test_tiles_with_too_little_data_are_left_out_and_counted(tmp_path):
    pixels = image(32, 32)
    pixels[:, :16, :16] = 0
    pixels[:, :16, 16:28] = 0
    listener = Listener()
    request = tile_request(
        stored(tmp_path / "s.tif", pixels), str(tmp_path / "d"), tile_size=16, min_valid=0.5, validation_share=0
    )
    info = write_dataset(request, listener)
    assert {tile.row for tile in info.tiles} == {16}
    assert "2 of 4 tiles have too few valid pixels and were left out." in listener.messages
    assert len(list((tmp_path / "d" / "images").iterdir())) == 2


def test_the_same_seed_gives_the_same_dataset(tmp_path):
    path = stored(tmp_path / "s.tif", image(96, 96))
    first, second, third = (
        write_dataset(tile_request(path, str(tmp_path / name), tile_size=16, seed=seed), SilentProgress())
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == second
    assert first.tiles != third.tiles


@pytest.mark.parametrize("seed", range(6))
def test_parts_of_overlapping_tiles_share_no_pixel(tmp_path, seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(6, 20))
    request = tile_request(
        image=stored(tmp_path / "s.tif", image(int(rng.integers(40, 120)), int(rng.integers(40, 120)), 1)),
        folder=str(tmp_path / "d"),
        tile_size=size,
        overlap=int(rng.integers(0, size // 2 + 1)),
        block_size=int(rng.integers(0, 40)),
        seed=seed,
    )
    listener = Listener()
    info = write_dataset(request, listener)
    covered = {name: np.zeros((140, 140), dtype=bool) for name in SPLITS}
    for tile in info.tiles:
        covered[tile.split][tile.row : tile.row + size, tile.col : tile.col + size] = True
    assert sum(mask.astype(int) for mask in covered.values()).max() == 1
    assert {path.stem for path in (tmp_path / "d" / "images").iterdir()} == {tile.id for tile in info.tiles}
    places = {(tile.place, tile.split) for tile in info.tiles}
    assert len({place for place, _ in places}) == len(places)


def test_one_tile_is_a_training_set_with_a_warning(tmp_path):
    listener = Listener()
    info = write_dataset(
        tile_request(stored(tmp_path / "s.tif", image(16, 16)), str(tmp_path / "d"), tile_size=16), listener
    )
    assert [tile.split for tile in info.tiles] == ["train"]
    assert any("No tile is left for validation and test" in message for message in listener.messages)


def test_bands_without_names_need_an_order(tmp_path):
    path = stored(tmp_path / "s.tif", image(8, 8), bands=("", ""))
    with pytest.raises(BandError, match="Give the band order"):
        write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=8), SilentProgress())
    with pytest.raises(BandError, match="names 1 bands"):
        write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=8, band_order=("B02",)), SilentProgress())
    info = write_dataset(
        tile_request(path, str(tmp_path / "d"), tile_size=8, band_order=("B11", "B03")), SilentProgress()
    )
    assert info.bands == ("B11", "B03")


def test_other_bands_are_left_out_and_doubles_refused(tmp_path):
    pixels = image(8, 8, 3)
    path = stored(tmp_path / "s.tif", pixels, bands=("B04", "NDVI", "nir"))
    info = write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=8), SilentProgress())
    assert info.bands == ("B04", "B08")
    np.testing.assert_array_equal(read(tmp_path / "d" / "images" / f"{info.tiles[0].id}.tif"), pixels[[0, 2]])
    path = stored(tmp_path / "t.tif", pixels, bands=("B04", "red", "nir"))
    with pytest.raises(BandError, match="more than one band named B04"):
        write_dataset(tile_request(path, str(tmp_path / "e"), tile_size=8), SilentProgress())


@pytest.mark.parametrize("grid", [grid_of(40, 39), grid_of(40, 40, east=600005.0), None])
def test_labels_on_another_grid_are_refused(tmp_path, grid):
    grid = grid or Grid(40, 40, grid_of(40, 40).transform, crs_from_authority("EPSG:32632"))
    classes = labels_for(grid.height, grid.width)
    request = tile_request(
        image=stored(tmp_path / "s.tif", image(40, 40)),
        labels=write(tmp_path / "l.tif", classes, grid=grid, bands=("c",)),
        folder=str(tmp_path / "d"),
    )
    with pytest.raises(GridError, match=r"not on the image's grid.*Bring the labels onto the image first"):
        write_dataset(request, SilentProgress())


@pytest.mark.parametrize(
    ("value", "error", "message"), [(300, InputError, "value 300"), (0, DatasetError, "nothing to learn")]
)
def test_labels_that_are_no_classes_leave_nothing_behind(tmp_path, value, error, message):
    request = tile_request(
        image=stored(tmp_path / "s.tif", image(40, 40)),
        labels=write(tmp_path / "l.tif", np.full((1, 40, 40), value, np.int16), bands=("c",)),
        folder=str(tmp_path / "d"),
        tile_size=16,
    )
    with pytest.raises(error, match=message):
        write_dataset(request, SilentProgress())
    assert {path.name for path in tmp_path.iterdir()} == {"s.tif", "l.tif"}


def test_an_image_without_data_is_refused(tmp_path):
    path = stored(tmp_path / "s.tif", np.zeros((2, 20, 20), np.uint16))
    with pytest.raises(DatasetError, match="None of the 4 tiles"):
        write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=16), SilentProgress())
    assert not (tmp_path / "d").exists()


def test_an_image_without_crs_is_refused(tmp_path):
    path = stored(tmp_path / "s.tif", image(20, 20), grid=Grid(20, 20, grid_of(20, 20).transform))
    with pytest.raises(GridError, match="Assign Projection"):
        write_dataset(tile_request(path, str(tmp_path / "d")), SilentProgress())


def test_a_truncated_image_leaves_nothing_behind(tmp_path):
    path = stored(tmp_path / "s.tif", image(300, 300), compress="NONE")
    Path(path).write_bytes(Path(path).read_bytes()[:-100_000])
    with pytest.raises(RasterError):
        write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=64), SilentProgress())
    assert [p.name for p in tmp_path.iterdir()] == ["s.tif"]


def test_cancelling_leaves_nothing_behind(tmp_path):
    path = stored(tmp_path / "s.tif", image(64, 64))
    (tmp_path / "d").mkdir()
    with pytest.raises(Cancelled):
        write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=16), Listener(patience=5))
    assert {p.name for p in tmp_path.iterdir()} == {"s.tif", "d"}
    assert list((tmp_path / "d").iterdir()) == []


def test_an_empty_folder_is_used_and_a_full_one_left_alone(tmp_path):
    path = stored(tmp_path / "s.tif", image(16, 16))
    (tmp_path / "d").mkdir()
    write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=16), SilentProgress())
    before = (tmp_path / "d" / "dataset.json").stat().st_mtime_ns
    with pytest.raises(OutputError, match="is not empty"):
        write_dataset(tile_request(path, str(tmp_path / "d"), tile_size=16), SilentProgress())
    assert (tmp_path / "d" / "dataset.json").stat().st_mtime_ns == before
    with pytest.raises(OutputError, match="is a file"):
        write_dataset(tile_request(path, path, tile_size=16), SilentProgress())


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    path = stored(tmp_path / "s.tif", image(16, 16))
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written to"):
        write_dataset(tile_request(path, str(tmp_path / "file" / "d"), tile_size=16), SilentProgress())


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_folder_without_permission_is_one_sentence(tmp_path):
    path = stored(tmp_path / "s.tif", image(16, 16))
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(OutputError, match="cannot be written to"):
        write_dataset(tile_request(path, str(locked / "d"), tile_size=16), SilentProgress())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tile_size": 0}, "tile size of 0"),
        ({"overlap": 256}, "overlap of 256"),
        ({"overlap": -1}, "overlap of -1"),
        ({"min_valid": 1.5}, "1.5"),
        ({"block_size": -3}, "block size of -3"),
        ({"validation_share": 0.7, "test_share": 0.7}, "more than all tiles"),
    ],
)
def test_requests_that_make_no_sense_are_refused(fields, message):
    with pytest.raises(InputError, match=message):
        tile_request("a.tif", "d", **fields)


@pytest.mark.parametrize(
    ("path", "name"), [("/a/T33UUB 2020.tif", "T33UUB_2020"), ("ä-1.vrt", "ä-1"), ("/a/%%%.tif", "image")]
)
def test_sources_get_names_that_files_can_have(path, name):
    assert source_name(path) == name
