# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json
from dataclasses import replace

import pytest

from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.tiling.dataset import INFO_FILE, BandStatistics, DatasetInfo, TileRecord

INFO = DatasetInfo(
    bands=("B02", "B03"),
    gsd=10.0,
    tile_size=64,
    overlap=8,
    legend=Legend((LandCoverClass(1, "water", "419BDF"),)),
    class_pixels={"train": {1: 100}, "test": {1: 3}},
    statistics={"B02": BandStatistics(0.1, 0.02, 0.0, 0.9), "B03": BandStatistics(0.2, 0.03, 0.0, 1.2)},
    sources={"scene": {"path": "scene.tif"}},
    tiles=(
        TileRecord("a", "train", "p1", "scene", 0, 0, 1.0, None, {1: 0.5}),
        TileRecord("b", "test", "p2", "scene", 64, 0, 0.9, 0.1),
    ),
)


def test_a_description_survives_the_disk(tmp_path):
    INFO.write(tmp_path)
    assert DatasetInfo.read(tmp_path) == INFO
    assert [tile.id for tile in INFO.split("test")] == ["b"]


def test_bytes_have_numbered_bands(tmp_path):
    statistics = {name: BandStatistics(0.1, 0.02, 0.0, 1.0) for name in ("1", "2")}
    info = replace(INFO, bands=("1", "2"), statistics=statistics, values="stored")
    info.write(tmp_path)
    assert DatasetInfo.read(tmp_path) == info
    document = json.loads((tmp_path / INFO_FILE).read_text(encoding="utf-8"))
    assert (document["values"], document["reflectance_scale"]) == ("stored", None)
    del document["values"]
    (tmp_path / INFO_FILE).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DatasetError, match="are not Sentinel-2 bands"):
        DatasetInfo.read(tmp_path)
    with pytest.raises(DatasetError, match=r"bands \['B02', 'B03'\] are not 1, 2"):
        replace(INFO, values="stored")
    with pytest.raises(DatasetError, match="'radiance'; expected one of reflectance, stored"):
        replace(INFO, values="radiance")


def test_fields_of_later_versions_are_passed_over(tmp_path):
    INFO.write(tmp_path)
    document = json.loads((tmp_path / INFO_FILE).read_text(encoding="utf-8"))
    document["tiles"][0]["colour"] = "red"
    (tmp_path / INFO_FILE).write_text(json.dumps(document), encoding="utf-8")
    assert DatasetInfo.read(tmp_path) == INFO


def test_any_fold_can_be_for_validation():
    tiles = [
        TileRecord(
            f"{fold}", "validation" if fold == 1 else "train", "p", "s", 0, 0, 1.0, None, {1: fold / 64}, fold=fold
        )
        for fold in (1, 2, 3)
    ]
    info = replace(INFO, tiles=(*tiles, TileRecord("t", "test", "q", "s", 0, 0, 1.0, None, {1: 0.5})))
    assert info.folds == (1, 2, 3)
    other = info.with_fold(3)
    assert {tile.id: tile.split for tile in other.tiles} == {"1": "train", "2": "train", "3": "validation", "t": "test"}
    assert other.class_pixels == {"train": {1: 3 * 64}, "validation": {1: 3 * 64}, "test": {1: 2048}}
    with pytest.raises(DatasetError, match="no fold 4; it has folds 1 to 3"):
        info.with_fold(4)
    with pytest.raises(DatasetError, match="no folds"):
        INFO.with_fold(1)


def test_a_folder_without_a_description_is_no_dataset(tmp_path):
    with pytest.raises(DatasetError, match="is no dataset"):
        DatasetInfo.read(tmp_path)
    (tmp_path / "image.tif").write_bytes(b"")
    with pytest.raises(DatasetError, match="is no dataset"):
        DatasetInfo.read(tmp_path / "image.tif")
    (tmp_path / "dataset.json").mkdir()
    with pytest.raises(DatasetError, match="cannot be read"):
        DatasetInfo.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("tiles"), "no field 'tiles'"),
        (lambda d: d.update(schema_version="9"), "version 9"),
        (lambda d: d.update(bands=["red"]), "not Sentinel-2 bands"),
        (lambda d: d["tiles"][0].update(split="dev"), "split 'dev'"),
        (lambda d: d["tiles"][0].pop("row"), "cannot be used"),
        (lambda d: d.update(classes=[{"value": 1}]), "lacks name"),
    ],
)
def test_a_broken_description_is_one_sentence(tmp_path, change, message):
    INFO.write(tmp_path)
    document = json.loads((tmp_path / INFO_FILE).read_text(encoding="utf-8"))
    change(document)
    (tmp_path / INFO_FILE).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DatasetError, match=message):
        DatasetInfo.read(tmp_path)
