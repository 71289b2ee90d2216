# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.errors import OutputError
from s2landcover_plugin.core.outputs import check_distinct, staged, staged_together, write_text


def test_a_result_and_its_sidecars_appear_together(tmp_path):
    with staged(tmp_path / "new" / "map.tif") as path:
        path.write_text("map")
        path.with_suffix(".qml").write_text("style")
        assert not (tmp_path / "new" / "map.tif").exists()
    assert sorted(item.name for item in (tmp_path / "new").iterdir()) == ["map.qml", "map.tif"]


def test_a_failure_leaves_the_earlier_result_and_nothing_else(tmp_path):
    (tmp_path / "map.tif").write_text("old")
    with pytest.raises(RuntimeError), staged(tmp_path / "map.tif") as path:
        path.write_text("half")
        raise RuntimeError
    assert [item.name for item in tmp_path.iterdir()] == ["map.tif"]
    assert (tmp_path / "map.tif").read_text() == "old"


def test_an_earlier_result_is_replaced(tmp_path):
    (tmp_path / "map.tif").write_text("old")
    with staged(tmp_path / "map.tif") as path:
        path.write_text("new")
    assert (tmp_path / "map.tif").read_text() == "new"


def test_a_folder_can_be_staged_but_never_replaces_one(tmp_path):
    with staged(tmp_path / "tiles") as path:
        path.mkdir()
        (path / "a.tif").write_text("a")
    assert (tmp_path / "tiles" / "a.tif").read_text() == "a"
    with pytest.raises(OutputError, match="already a folder"), staged(tmp_path / "tiles") as path:
        path.mkdir()
    assert (tmp_path / "tiles" / "a.tif").read_text() == "a"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file.*cannot be written to"), staged(tmp_path / "file" / "map.tif"):
        pass


def test_an_output_must_not_be_an_input(tmp_path):
    (tmp_path / "a.tif").write_text("a")
    (tmp_path / "link.tif").symlink_to(tmp_path / "a.tif")
    with pytest.raises(OutputError, match="also an input"):
        check_distinct(tmp_path / "link.tif", [tmp_path / "b.tif", tmp_path / "a.tif"])
    check_distinct(tmp_path / "new.tif", [tmp_path / "a.tif"])


def test_several_results_appear_together(tmp_path):
    with staged_together([tmp_path / "a" / "map.tif", tmp_path / "b" / "map.tif"]) as (first, second):
        first.write_text("first")
        second.write_text("second")
    assert (tmp_path / "a" / "map.tif").read_text() == "first"
    assert (tmp_path / "b" / "map.tif").read_text() == "second"


def test_if_one_cannot_be_put_in_place_all_stays_as_it_was(tmp_path):
    (tmp_path / "a.tif").write_text("earlier")
    (tmp_path / "c.tif").mkdir()
    targets = [tmp_path / name for name in ("a.tif", "b.tif", "c.tif")]
    with pytest.raises(OutputError, match="already a folder"), staged_together(targets) as paths:
        for path in paths:
            path.write_text("new")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.tif", "c.tif"]
    assert (tmp_path / "a.tif").read_text() == "earlier"


def test_two_results_need_two_names(tmp_path):
    with pytest.raises(OutputError, match="same name"), staged_together([tmp_path / "a.tif", tmp_path / "a.tif"]):
        pass


def test_a_text_is_written_as_it_is(tmp_path):
    write_text(tmp_path / "a.csv", "ä\r\n")
    assert (tmp_path / "a.csv").read_bytes() == "ä\r\n".encode()
    with pytest.raises(OutputError):
        write_text(tmp_path / "a.csv" / "b", "")
