# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.legend import LandCoverClass, Legend, fallback_colour, legend_of, qml_style
from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster, open_raster

LEGEND = Legend((LandCoverClass(3, "trees & <shrub>", "#397d49"), LandCoverClass(1, "water", "419BDF", "open water")))


def test_classes_are_kept_by_rising_value():
    assert LEGEND.values == (1, 3)
    assert LEGEND.colours[3] == (0x39, 0x7D, 0x49, 255)


def test_no_two_classes_get_the_same_colour():
    assert len({LandCoverClass(1, "a", fallback_colour(index)).colour for index in range(255)}) == 255


def test_a_legend_survives_json():
    assert Legend.from_json(LEGEND.to_json()) == LEGEND


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ((), "at least one"),
        ((LandCoverClass(1, "a", "000000"), LandCoverClass(1, "b", "000000")), "class value 1"),
        ((LandCoverClass(1, "a", "000000"), LandCoverClass(2, "a", "000000")), "class name a"),
    ],
)
def test_an_ambiguous_legend_is_refused(classes, message):
    with pytest.raises(InputError, match=message):
        Legend(classes)


@pytest.mark.parametrize(
    ("value", "name", "colour"), [(0, "a", "000000"), (256, "a", "000000"), (1, " ", "000000"), (1, "a", "red")]
)
def test_a_broken_class_is_refused(value, name, colour):
    with pytest.raises(InputError):
        LandCoverClass(value, name, colour)


_NO_TEXT = {"value": 1, "name": "a", "color_hint": "000000", "description": {"b": "c"}}


@pytest.mark.parametrize("items", [{}, [1], [{"value": 1, "name": "a"}], [_NO_TEXT]])
def test_broken_json_is_refused(items):
    with pytest.raises(InputError):
        Legend.from_json(items)


def test_a_raster_gives_back_the_legend_it_was_written_with(tmp_path):
    grid = Grid(3, 2, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    spec = RasterSpec(grid, "uint8", ("class",), nodata=0, colours=LEGEND.colours, categories=LEGEND.names)
    with create_raster(str(tmp_path / "a.tif"), spec) as writer:
        writer.write(np.ones((1, 2, 3), dtype=np.uint8))
    with open_raster(str(tmp_path / "a.tif")) as raster:
        found = legend_of(raster)
    assert found is not None
    assert [(c.value, c.name, c.colour) for c in found] == [(c.value, c.name, c.colour) for c in LEGEND]


def test_the_style_paints_every_class_and_nothing_else():
    root = ElementTree.fromstring(qml_style(LEGEND).split("\n", 1)[1])
    entries = root.findall(".//paletteEntry")
    assert [(e.get("value"), e.get("label"), e.get("color")) for e in entries] == [
        ("1", "water", "#419bdf"),
        ("3", "trees & <shrub>", "#397d49"),
    ]
