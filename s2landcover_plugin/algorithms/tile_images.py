# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters of `tile` that say what the numbers of images are, and how large pixels that lie nowhere."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..core.tiling.storage import REFLECTANCE, STORAGES
from .base import LandCoverAlgorithm

BAND_ORDER, VALUES, PIXEL_SIZE = "BAND_ORDER", "VALUES", "PIXEL_SIZE"


def add_image_options(algorithm: LandCoverAlgorithm) -> None:
    """Declare the parameters."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterString(BAND_ORDER, tr("Bands of the images, in order"), optional=True),
        tr(
            "Which bands the images hold, such as: B02 B03 B04 B08, with - for one to be passed over. Only if their "
            "descriptions do not say. Of stored values, the first bands, such as: 1 2 3."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            VALUES, tr("Values of the images"), list(STORAGES), defaultValue=REFLECTANCE, usesStaticStrings=True
        ),
        tr("reflectance: of Sentinel-2 bands; stored: bytes as they are, such as photographs, of any bands."),
        advanced=True,
    )
    kind = QgsProcessingParameterNumber.Type.Double
    algorithm.add(
        QgsProcessingParameterNumber(
            PIXEL_SIZE, tr("Pixel size of images without a reference system (m)"), kind, optional=True, minValue=0
        ),
        tr(
            "For photographs and chips that lie nowhere: each is a place of its own, and its labels have its size. If "
            "empty, such images are refused."
        ),
        advanced=True,
    )
