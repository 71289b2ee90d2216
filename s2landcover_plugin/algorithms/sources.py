# SPDX-License-Identifier: GPL-2.0-or-later
"""From QGIS layers to what GDAL opens."""

from __future__ import annotations

import re

from qgis.core import QgsMapLayer

from ..core.errors import InputError

# QGIS appends GDAL's open options and a login to the path: `image.jp2|option:1BIT_ALPHA_PROMOTION=NO`.
_QGIS_SUFFIX = re.compile(r"\|(?:option|credential|authcfg)\W.*$")


def layer_source(layer: QgsMapLayer) -> str:
    """Return the file (or `/vsi` path, or subdataset) of a raster layer.

    Raises:
        InputError: if the layer is no raster that lies in a file, such as a web map.
    """
    if layer.providerType() != "gdal":
        raise InputError(
            f"The layer '{layer.name()}' is not a raster file (its source is of the kind '{layer.providerType()}'); "
            "export it as a GeoTIFF first, with Export > Save As in its context menu."
        )
    return gdal_source(layer.source())


def gdal_source(text: str) -> str:
    """Return a layer's source as GDAL reads it."""
    return _QGIS_SUFFIX.sub("", text)
