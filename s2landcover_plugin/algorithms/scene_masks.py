# SPDX-License-Identifier: GPL-2.0-or-later
"""What hides the ground in a product: masking by its scene classification, and how much of it is covered."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
)

from ..core.products.cover import SceneCover
from ..core.products.scene_classification import SCL_LEGEND
from ..core.validity import Cover
from .base import LandCoverAlgorithm, Parameters

MASK_CLASSES, MASK_GROWTH, SCL, VALIDITY = "MASK_CLASSES", "MASK_GROWTH", "SCL", "VALIDITY"

# Numbered as the scene classification numbers them: option 9 is its class 9.
_MASKABLE = ["No data", *SCL_LEGEND.names.values()]
_COVERS = {Cover.CLOUD: "CLOUD_COVER", Cover.SHADOW: "SHADOW_COVER", Cover.SNOW: "SNOW_COVER"}
_STATED = "STATED_CLOUD_COVER"


def add_masking(algorithm: LandCoverAlgorithm) -> None:
    """Declare the classes to mask."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterEnum(
            MASK_CLASSES,
            tr("Mask by scene classification"),
            [tr(name) for name in _MASKABLE],
            allowMultiple=True,
            optional=True,
        ),
        tr(
            "Level 2A only: pixels that the product's scene classification (SCL) takes for one of these classes "
            "become nodata in all bands."
        ),
    )


def add_mask_growth(algorithm: LandCoverAlgorithm) -> None:
    """Declare how far the mask is grown."""
    tr, kind = algorithm.tr, QgsProcessingParameterNumber.Type.Integer
    algorithm.add(
        QgsProcessingParameterNumber(MASK_GROWTH, tr("Grow the mask by (pixels)"), kind, 0, minValue=0, maxValue=100),
        tr("Masks what is this near to a pixel of the classes to mask, too: the rims of clouds are blurred."),
        advanced=True,
    )


def add_mask_outputs(algorithm: LandCoverAlgorithm) -> None:
    """Declare the scene classification and the validity mask."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterRasterDestination(
            SCL, tr("Scene classification at 10 m"), optional=True, createByDefault=False
        ),
        tr(
            "Level 2A only: the GeoTIFF for the product's scene classification (SCL) on the same grid, with its "
            "class names and colours, 0 without data."
        ),
    )
    algorithm.add(
        QgsProcessingParameterRasterDestination(VALIDITY, tr("Validity mask"), optional=True, createByDefault=False),
        tr(
            "The GeoTIFF for what the pixels are worth, on the same grid: 1 where every band holds data, 2 where "
            "only some do, 3 where data are masked by the scene classification, 0 without data."
        ),
    )


def add_cover_outputs(algorithm: LandCoverAlgorithm) -> None:
    """Declare how much of the ground is covered."""
    for cover, name in _COVERS.items():
        label = algorithm.tr("Share of {} (%)").format(cover.value)
        algorithm.addOutput(QgsProcessingOutputNumber(name, label))
    label = algorithm.tr("Share of cloud that the product's metadata states (%)")
    algorithm.addOutput(QgsProcessingOutputNumber(_STATED, label))


def read_mask_classes(
    algorithm: LandCoverAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> tuple[int, ...]:
    """Return the classes to mask."""
    # Option 0 is there for the numbering; its pixels are without data anyway.
    return tuple(value for value in algorithm.parameterAsEnums(parameters, MASK_CLASSES, context) if value)


def cover_outputs(cover: SceneCover) -> Parameters:
    """Return what is known of the cover, per cent; what is not known is left out."""
    known = {_COVERS[kind]: 100 * share for kind, share in cover.shares.items()}
    return known if cover.stated is None else {**known, _STATED: 100 * cover.stated}
