# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from xml.etree import ElementTree

from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.sampling.form import labelling_style

LEGEND = Legend((LandCoverClass(1, 'wet "bog" & <fen>', "419BDF"), LandCoverClass(7, "Wälder", "397D49")))
STYLE = ElementTree.fromstring(
    labelling_style(LEGEND, ["fid", "id", "reference", "stratum"], "reference", ["id", "reference"])
)


def test_the_reference_is_picked_from_the_classes():
    widgets = {field.get("name"): field.find("editWidget") for field in STYLE.iterfind("fieldConfiguration/field")}
    assert widgets["reference"].get("type") == "ValueMap"
    entries = widgets["reference"].findall("config/Option/Option[@name='map']/Option/Option")
    assert [(entry.get("name"), entry.get("value")) for entry in entries] == [
        ('wet "bog" & <fen>', "1"),
        ("Wälder", "7"),
    ]
    assert widgets["stratum"].get("type") == "TextEdit"


def test_only_what_is_labelled_can_be_edited():
    assert {field.get("name"): field.get("editable") for field in STYLE.iterfind("editable/field")} == {
        **dict.fromkeys(("fid", "id", "stratum"), "0"),
        "reference": "1",
    }
    form = STYLE.iterfind("attributeEditorForm/attributeEditorField")
    assert [(field.get("name"), field.get("index")) for field in form] == [("id", "1"), ("reference", "2")]


def test_points_take_the_colour_of_their_label():
    categories = STYLE.findall("renderer-v2/categories/category")
    assert [category.get("value") for category in categories] == ["1", "7", ""]
    colours = [
        option.get("value")
        for option in STYLE.iterfind("renderer-v2/symbols/symbol/layer/Option/Option[@name='color']")
    ]
    assert colours[:2] == ["65,155,223,255", "57,125,73,255"]
