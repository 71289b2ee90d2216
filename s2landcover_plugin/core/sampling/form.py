# SPDX-License-Identifier: GPL-2.0-or-later
"""A QGIS style in which points are labelled by picking a class from a list."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from ..legend import Legend

_UNLABELLED = "255,255,255,64"


def labelling_style(legend: Legend, fields: Sequence[str], reference: str, shown: Sequence[str]) -> str:
    """Return a style (QML) for points that are to be labelled.

    The form shows few fields, so that the map's opinion does not sway whoever labels; `reference` is a list of classes.
    Points take the colour of the class that they were given.

    Args:
        legend: the classes to choose from.
        fields: all fields of the layer, in order.
        reference: the field that takes the class value.
        shown: fields of the form, the first of which says which point it is; the others can be edited.
    """
    root = Element("qgis", version="3.22.0", styleCategories="Symbology|Fields|Forms")
    root.append(_renderer(legend, reference))
    configuration = SubElement(root, "fieldConfiguration")
    for name in fields:
        field = SubElement(configuration, "field", name=name, configurationFlags="None")
        field.append(_class_list(legend) if name == reference else Element("editWidget", type="TextEdit"))
    editable = SubElement(root, "editable")
    form = Element("attributeEditorForm")
    for index, name in enumerate(fields):
        SubElement(editable, "field", name=name, editable="1" if name in shown[1:] else "0")
        if name in shown:
            SubElement(form, "attributeEditorField", index=str(index), name=name, showLabel="1")
    SubElement(root, "editorlayout").text = "tablayout"
    root.append(form)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(root, encoding="unicode")


def _class_list(legend: Legend) -> Element:
    widget = Element("editWidget", type="ValueMap")
    options = SubElement(SubElement(widget, "config"), "Option", type="Map")
    entries = SubElement(options, "Option", type="List", name="map")
    for item in legend:
        entry = SubElement(entries, "Option", type="Map")
        SubElement(entry, "Option", type="QString", name=item.name, value=str(item.value))
    return widget


def _renderer(legend: Legend, reference: str) -> Element:
    renderer = Element("renderer-v2", type="categorizedSymbol", attr=reference)
    categories, symbols = SubElement(renderer, "categories"), SubElement(renderer, "symbols")
    entries = [(str(item.value), item.name, ",".join(map(str, item.rgba))) for item in legend]
    for index, (value, name, colour) in enumerate([*entries, ("", "not labelled yet", _UNLABELLED)]):
        SubElement(categories, "category", value=value, label=name, symbol=str(index), render="true")
        symbols.append(_marker(str(index), colour))
    return renderer


def _marker(name: str, colour: str) -> Element:
    symbol = Element("symbol", type="marker", name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    layer = SubElement(symbol, "layer", attrib={"class": "SimpleMarker"}, enabled="1", locked="0")
    settings = {"name": "circle", "color": colour, "outline_color": "35,35,35,255", "outline_width": "0.4", "size": "3"}
    options = SubElement(layer, "Option", type="Map")
    for key, value in settings.items():
        SubElement(options, "Option", type="QString", name=key, value=value)
        SubElement(layer, "prop", k=key, v=value)
    return symbol
