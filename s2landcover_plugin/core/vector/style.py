# SPDX-License-Identifier: GPL-2.0-or-later
"""A QGIS style inside a GeoPackage: QGIS looks for a layer's default style in its table `layer_styles`.

A GeoPackage is an SQLite file, so that Python's own `sqlite3` writes the table, whichever library wrote the layer.
"""

from __future__ import annotations

import contextlib
import sqlite3

from ..errors import OutputError

# The columns that QGIS makes (QgsOgrProviderMetadata::saveStyle); the geometry column is `geom` with both backends.
_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))
"""
_CONTENTS = "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', '')"
_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
                          styleSLD, useAsDefault, description, owner)
VALUES ('', '', ?, 'geom', 'default', ?, '', 1, '', '')
"""


def add_default_style(path: str, layer: str, qml: str) -> None:
    """Put a style into a GeoPackage that has none yet.

    Args:
        path: the GeoPackage.
        layer: name of the layer.
        qml: the style.

    Raises:
        OutputError: if the file cannot be written.
    """
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(_TABLE)
            connection.execute(_CONTENTS)
            connection.execute(_STYLE, (layer, qml))
    except sqlite3.Error as error:
        raise OutputError(
            f"The style could not be written into {path} ({error}). Check the free space there."
        ) from error
