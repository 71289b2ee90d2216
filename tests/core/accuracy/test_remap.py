# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.remap import RemapTable, read_remap, remap_of, resolve
from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.legend import LandCoverClass, Legend

MAP = Legend((LandCoverClass(1, "water", "336699"), LandCoverClass(2, "trees", "336699")))
REFERENCE = Legend((LandCoverClass(40, "Wood", "336699"),))


@pytest.mark.parametrize(
    "text",
    [
        "from,to\n311,2\n512,water\n",
        "note,to,from\nx,2,311\ny,water,512\n",
        "311;2\n512;water\n\n",
        "\ufeff311,2\n512,water",
    ],
)
def test_a_csv_file_with_or_without_header(tmp_path, text):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    assert read_remap(tmp_path / "t.csv").pairs == (("311", "2"), ("512", "water"))


def test_values_above_255_are_recoded_and_what_is_not_listed_stays():
    recoding = resolve(RemapTable((("311", "2"), ("512", "water"), ("999", ""), ("wood", "Trees"))), REFERENCE, MAP)
    array = np.array([[311, 512, 999, 40, 7]], np.uint16)
    values, valid = recoding.apply(array, np.ones(array.shape, bool))
    assert values[valid].tolist() == [2, 1, 2, 7]
    assert valid.tolist() == [[True, True, False, True, True]]


def test_numbers_that_are_no_data_stay_so():
    recoding = resolve(RemapTable((("0", "2"),)), None, None)
    _, valid = recoding.apply(np.array([[0.0, np.nan]]), np.array([[True, False]]))
    assert valid.tolist() == [[True, False]]


def test_cells_of_a_table_widget_are_pairs():
    assert remap_of([]) is None
    assert remap_of(["", ""]) is None
    assert remap_of([311, "water", "", ""]).pairs == (("311", "water"),)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ((), "is empty"),
        ((("1", "2"), ("1 ", "1")), "'1' more than once"),
        ((("", "2"),), "'' more than once or not at all"),
        ((("1", "lava"),), r"'lava', which is no class of the map.*water, trees"),
        ((("1", "300"),), "'300'"),
    ],
)
def test_tables_that_cannot_be_used(pairs, message):
    with pytest.raises(InputError, match=message):
        resolve(RemapTable(pairs), None, MAP)


def test_files_that_cannot_be_used(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_remap(tmp_path / "none.csv")
    (tmp_path / "one.csv").write_text("311\n")
    with pytest.raises(InputError, match="has the row '311'"):
        read_remap(tmp_path / "one.csv")
