# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import json

import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.labels.class_table import Row, build_table
from s2landcover_plugin.core.labels.table_file import (
    preset_names,
    read_preset,
    read_rows,
    read_table,
    rows_of_pairs,
    table_called,
)
from s2landcover_plugin.core.legend import LandCoverClass, Legend

CSV = """from_value,from_name,from_colour,value,name,colour
311,Broad-leaved forest,#80ff00,1,Forest,00A600
312,,,1,,
511,,,2,Water,
48,,000000,0,,
,Clouds,,,,
"""


def table(folder, text, name="table.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return read_table(folder / name)


def test_a_table_merges_names_colours_and_drops(tmp_path):
    found = table(tmp_path, CSV)
    assert found.values == {311: 1, 312: 1, 511: 2, 48: 0}
    assert found.names == {"broad-leaved forest": 1, "clouds": 0}
    assert found.colours == {"80FF00": 1, "000000": 0}
    assert [(item.value, item.name, item.colour) for item in found.legend] == [
        (1, "Forest", "00A600"),
        (2, "Water", "56B4E9"),
    ]
    assert [found.of(label) for label in (" Broad-Leaved  Forest", "511", 511, "Desert", "7")] == [1, 2, 2, None, None]


def test_from_and_to_are_short_for_values_and_names(tmp_path):
    short = "from,to\n311,1\nMeadow,2\n999,\n"
    found = table(tmp_path, short)
    assert (found.values, found.names) == ({311: 1, 999: 0}, {"meadow": 2})
    assert found.legend.names == {1: "Class 1", 2: "Class 2"}
    mixed = table(tmp_path, "to;from;name\n1;311;Forest\nforest;Wood;\n")
    assert (mixed.values, mixed.names, mixed.legend.names) == ({311: 1}, {"wood": 1}, {1: "Forest"})
    assert build_table(rows_of_pairs([311, 1, None, "", "Meadow", 2.0, 999, None])) == found


def test_a_class_may_be_called_by_its_name_where_others_number_it(tmp_path):
    known = Legend((LandCoverClass(4, "Water", "0000FF", "wet"), LandCoverClass(7, "Built", "FF0000")))
    (tmp_path / "t.csv").write_text("from_value,value,name\n1,,water\n2,7,\n3,9,Snow\n4,,SNOW\n", encoding="utf-8")
    found = build_table(read_rows(tmp_path / "t.csv"), known)
    assert found.values == {1: 4, 2: 7, 3: 9, 4: 9}
    named = [(item.value, item.name, item.colour) for item in found.legend]
    assert named[:2] == [(4, "water", "0000FF"), (7, "Built", "FF0000")]
    with pytest.raises(InputError, match=r"Line 2 .* leads to 'water', which is no known class; give its value"):
        read_table(tmp_path / "t.csv")
    with pytest.raises(InputError, match=r"Row 1 .* leads to 'lava', which is no known class; give one of Water"):
        build_table(rows_of_pairs([1, "lava"]), known)
    with pytest.raises(InputError, match="class 4 has the name 'Water' in one and 'Ice' in the other"):
        build_table((*rows_of_pairs([1, "Water"]), Row("Row 2", (2,), (), (), 4, "Ice")), known)


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path):
    found = table(tmp_path, "\ufeffFrom_Value; value ;name\n3.0;7;Äcker\n")
    assert found.values == {3: 7}
    assert found.legend.names == {7: "Äcker"}


def test_json_says_the_same(tmp_path):
    document = {
        "classes": [{"value": 3, "name": "Wood", "color_hint": "#00a600", "from_values": [1, 2], "from_names": ["W"]}],
        "nodata": {"from_values": [9], "from_colours": ["ffffff"]},
    }
    found = table(tmp_path, json.dumps(document), "table.json")
    assert (found.values, found.names, found.colours) == ({1: 3, 2: 3, 9: 0}, {"w": 3}, {"FFFFFF": 0})
    assert [(item.value, item.name, item.colour) for item in found.legend] == [(3, "Wood", "00A600")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"columns \(none\); expected one or more of from_value"),
        ("a,b\n1,2\n", "columns a, b"),
        ("from_value,value\n", "class table is empty"),
        (
            "from_value,value,name\n1,2,A\n\n1,3,B\n",
            r"Line 2 and Line 4 .* value 1 becomes 2 in one and 3 in the other",
        ),
        ("from_value,value,name\n1,2,A\n2,2,B\n", r"Line 2 and Line 3 .* name 'A' in one and 'B' in the other"),
        ("from_value,value,name\n1,256,A\n", "Line 2 .* leads to the value 256; expected 1 to 255"),
        ("from_value,value,name\none,2,A\n", "Line 2 .* value 'one'; expected a whole number"),
        ("from_value,value,name\n1.5,2,A\n", "Line 2 .* value '1.5'"),
        ("from_value,value,name\n,2,A\n", "Line 2 .* lists no value, name or colour"),
        ("from,to\n,2\n", "Line 2 .* lists no value, name or colour"),
        ("from_value,colour\n3,FF0000\n", "columns from_value, colour; expected .* or from and to"),
        ("311,2\n512,1\n", "columns 311, 2; expected"),
        ("from_colour,value,name\nred,2,A\n", "Line 2 .* colour 'red'; expected six hexadecimal digits"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_by_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        table(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "without a list 'classes'"),
        ('{"classes": [3]}', "Entry 1 of the class table is 3"),
        ('{"classes": [{"value": 1, "name": "A", "color": "FF0000", "from_values": [1]}]}', "has the key 'color'"),
        ('{"classes": [{"value": 1, "name": "A", "from_values": 1}]}', "have to be lists"),
        ('{"classes": [{"value": true, "name": "A", "from_values": [1]}]}', "value True; expected a whole number"),
        ('{"classes": [{"value": 1, "name": "A", "from_values": [1]}], "nodata": {"from_values": [1]}}', "contradict"),
    ],
)
def test_what_is_wrong_with_a_document_is_said_by_entry(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        table(tmp_path, text, "table.json")


def test_a_table_is_called_by_its_name_or_its_file(tmp_path):
    path = tmp_path / "scl.csv"
    path.write_text(CSV, encoding="utf-8")
    assert table_called("scl") == read_preset("scl")
    assert table_called(str(path)) == read_table(path)
    assert table_called("") is None
    with pytest.raises(InputError, match=r"no class table 'worldcove'; give a file, or one of .*worldcover"):
        table_called("worldcove")


def test_a_table_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path / "a.csv")
    with pytest.raises(InputError, match="no class table 'x'; give a file, or one of corine-level1"):
        read_preset("x")


@pytest.mark.parametrize(
    ("name", "classes", "examples"),
    [
        ("corine-level1", 5, {311: 3, 23: 3, 1: 1, 523: 5, 44: 5, 48: 0, 999: 0}),
        ("corine-level2", 15, {311: 31, 23: 31, 11: 14, 142: 14, 523: 52}),
        ("corine-level3", 44, {311: 23, 23: 23, 111: 1, 523: 44, 44: 44}),
        ("worldcover", 11, {10: 10, 95: 95, 100: 100, 0: 0}),
        ("dynamic-world", 9, {0: 1, 6: 7, 8: 9}),
        ("scl", 11, {4: 4, 11: 11, 0: 0}),
        ("scl-surface", 4, {4: 1, 5: 2, 6: 3, 11: 4, 8: 0, 3: 0}),
        ("dubai-aerial", 5, {}),
    ],
)
def test_presets_are_tables(name, classes, examples):
    found = read_preset(name)
    assert len(found.legend) == classes
    assert {value: found.values[value] for value in examples} == examples
    assert name in preset_names()


def test_every_corine_class_has_both_codes_a_name_and_one_place_in_each_level():
    levels = [read_preset(f"corine-level{level}") for level in (1, 2, 3)]
    codes = [int(item.description.rpartition(" ")[2]) for item in levels[2].legend]
    assert len(set(codes)) == 44
    for number, code in enumerate(codes, start=1):
        assert [level.values[code] for level in levels] == [code // 100, code // 10, number]
        assert [level.values[number] for level in levels] == [code // 100, code // 10, number]


def test_aerial_masks_of_dubai_are_told_by_colour():
    found = read_preset("dubai-aerial")
    assert {colour: found.colours[colour] for colour in ("3C1098", "E2A929", "9B9B9B", "000000")} == {
        "3C1098": 1,
        "E2A929": 5,
        "9B9B9B": 0,
        "000000": 0,
    }
