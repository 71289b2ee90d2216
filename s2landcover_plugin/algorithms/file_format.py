# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters of the kind of GeoTIFF to write."""

from __future__ import annotations

from qgis.core import QgsProcessingParameterEnum

from ..core.output_format import COMPRESSIONS, FORMATS
from .base import LandCoverAlgorithm

FORMAT, COMPRESS = "FORMAT", "COMPRESS"


def add_file_format(algorithm: LandCoverAlgorithm) -> None:
    """Declare format and compression."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterEnum(
            FORMAT, tr("Format"), list(FORMATS), defaultValue=FORMATS[0], usesStaticStrings=True
        ),
        tr("COG is a GeoTIFF with overviews, made for reading parts of it over the web; it takes longer."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            COMPRESS,
            tr("Compression"),
            list(COMPRESSIONS),
            defaultValue=COMPRESSIONS[0],
            usesStaticStrings=True,
        ),
        tr("None of them loses anything. DEFLATE opens everywhere; ZSTD is faster, in newer software."),
        advanced=True,
    )
