# SPDX-License-Identifier: GPL-2.0-or-later
"""A picture of a run: the scene in natural colour, the map, the truth where it is known, and the legend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter

from s2landcover_plugin.core.bands import band_ids_of
from s2landcover_plugin.core.legend import Legend, legend_of
from s2landcover_plugin.core.raster import Colour, RasterReader, open_raster

_PANEL = 620
_MARGIN = 24
_TITLE = 36
_LEGEND = 64
_NODATA: Colour = (235, 235, 235, 255)
# Reflectance shown as black and as white, and the curve between.
_DARKEST, _BRIGHTEST, _GAMMA = 0.01, 0.28, 0.6


def draw_picture(stack: Path, classes: Path, truth: Path | None, picture: Path) -> None:
    """Write a PNG with the panels side by side.

    Args:
        stack: 10 m stack with bands B02, B03 and B04, reflectance x 10000.
        classes: class raster with colour table and category names.
        truth: the known classes, or None.
        picture: the file to write.
    """
    application = QGuiApplication.instance() or QGuiApplication([])
    panels = [("Sentinel-2, natural colour", _natural_colour(stack)), ("Land cover", _class_colours(classes))]
    if truth is not None:
        panels.append(("Known classes", _class_colours(truth)))
    with open_raster(str(classes)) as raster:
        legend = legend_of(raster)
    image = _compose(panels, legend)
    if not image.save(str(picture)):
        raise OSError(f"The picture {picture} could not be written.")
    del application


def _sampled(raster: RasterReader, bands: list[int]) -> np.ndarray[Any, Any]:
    """Read a raster thinned to about the panel's size."""
    step = max(1, max(raster.grid.width, raster.grid.height) // (_PANEL * 2))
    return raster.read(bands=bands)[:, ::step, ::step]


def _natural_colour(path: Path) -> np.ndarray[Any, Any]:
    with open_raster(str(path)) as raster:
        ids = band_ids_of(raster)
        stored = _sampled(raster, [ids.index(band) + 1 for band in ("B04", "B03", "B02")])
    valid = (stored > 0).all(axis=0)
    # The same stretch for every scene: snow and cloud may burn out, and the gamma opens the shadows of forests.
    stretched = np.clip((stored * 1e-4 - _DARKEST) / (_BRIGHTEST - _DARKEST), 0, 1) ** _GAMMA
    pixels = np.where(valid, 255 * stretched, np.reshape(_NODATA[:3], (3, 1, 1)))
    return np.ascontiguousarray(np.moveaxis(pixels.astype(np.uint8), 0, -1))


def _class_colours(path: Path) -> np.ndarray[Any, Any]:
    with open_raster(str(path)) as raster:
        values = _sampled(raster, [1])[0]
        colours: Mapping[int, Colour] = raster.colours
    table = np.array([colours.get(value, _NODATA)[:3] for value in range(256)], dtype=np.uint8)
    table[0] = _NODATA[:3]
    return table[values]


def _compose(panels: list[tuple[str, np.ndarray[Any, Any]]], legend: Legend | None) -> QImage:
    width = len(panels) * (_PANEL + _MARGIN) + _MARGIN
    tallest = max(image.shape[0] / image.shape[1] for _, image in panels)
    height = round(_TITLE + tallest * _PANEL + _LEGEND + _MARGIN)
    canvas = QImage(width, height, QImage.Format.Format_RGB32)
    canvas.fill(QColor("white"))
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setFont(QFont("DejaVu Sans", 12))
    for index, (title, image) in enumerate(panels):
        x = _MARGIN + index * (_PANEL + _MARGIN)
        painter.drawText(QRectF(x, 0, _PANEL, _TITLE), Qt.AlignmentFlag.AlignVCenter, title)
        painter.drawImage(QRectF(x, _TITLE, _PANEL, _PANEL * image.shape[0] / image.shape[1]), _as_qimage(image))
    if legend is not None:
        _draw_legend(painter, legend, QRectF(_MARGIN, height - _LEGEND, width - 2 * _MARGIN, _LEGEND))
    painter.end()
    return canvas


def _as_qimage(rgb: np.ndarray[Any, Any]) -> QImage:
    rows, cols, _ = rgb.shape
    # The copy lets Qt own the pixels after the array is gone.
    return QImage(rgb.tobytes(), cols, rows, 3 * cols, QImage.Format.Format_RGB888).copy()


def _draw_legend(painter: QPainter, legend: Legend, place: QRectF) -> None:
    step = place.width() / len(legend)
    for index, item in enumerate(legend):
        x = place.left() + index * step
        painter.fillRect(QRectF(x, place.center().y() - 8, 22, 16), QColor(*item.rgba))
        label = QRectF(x + 30, place.top(), step - 34, place.height())
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, item.name)
