# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `alignlabels`: labels onto an image's grid, as the algorithm of that name does it in QGIS."""

from __future__ import annotations

import argparse

from s2landcover_plugin.core.labels.align import align
from s2landcover_plugin.core.labels.raster_labels import RecodingOptions
from s2landcover_plugin.core.labels.request import AlignmentRequest
from s2landcover_plugin.core.labels.table_file import preset_names, table_called
from s2landcover_plugin.core.labels.voting import Method, parse_weights

from ..terminal import TerminalProgress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("--image", required=True, help="raster whose pixels the labels are brought to")
    add("--output", required=True, help="GeoTIFF of class values to write")
    add("--labels", default="", help="raster of class values, or of colours")
    add("--polygons", default="", help="vector file, in place of a raster")
    add("--layer", default="", help="layer of the vector file (default: its first)")
    add("--field", default="", help="field of the polygons that holds their class")
    add("--method", choices=[method.value for method in Method], default="mode", help="(default: mode)")
    add("--weights", default="", help="for the method 'weighted', such as 'Road: 3, 7: 0.5'")
    add("--least", type=int, default=50, help="labelled share that a pixel needs, per cent (default: 50)")
    add("--class-table", default="", help=f"class table, a CSV or JSON file or one of: {', '.join(preset_names())}")
    add("--keep-unlisted", action="store_true", help="keep values that the class table does not list; else dropped")
    add("--colour-tolerance", type=int, default=0, help="of colours, 0 to 64 (default: 0)")


def _run(options: argparse.Namespace, _: list[str]) -> None:
    request = AlignmentRequest(
        image=options.image,
        output=options.output,
        labels=options.labels,
        polygons=options.polygons,
        layer=options.layer,
        class_field=options.field,
        options=RecodingOptions(table_called(options.class_table), options.keep_unlisted, options.colour_tolerance),
        method=Method(options.method),
        weights=parse_weights(options.weights),
        least=options.least,
    )
    align(request, TerminalProgress())
    print(request.output)
