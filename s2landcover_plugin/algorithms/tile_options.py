# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters of `tile` that say which tiles are kept, and how they become parts."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..core.tiling.grouping import read_groups
from ..core.tiling.request import (
    FEWEST_FOLDS,
    LARGEST_BUFFER,
    GroupPolygons,
    MaskOptions,
    SplitMethod,
    SplitOptions,
    TileFilters,
)
from ..core.validity import Cover, MaskKind, ValidityOptions
from .base import LandCoverAlgorithm, Parameters
from .limits import parse_values

MIN_VALID, MIN_LABELLED, ONLY_CLASSES, ONE_PER_PLACE = "MIN_VALID", "MIN_LABELLED", "ONLY_CLASSES", "ONE_PER_PLACE"
MASK, MASK_KIND, CLOUD_PROBABILITY = "MASK", "MASK_KIND", "CLOUD_PROBABILITY"
UNLABEL_COVERED, GROW_COVERS = "UNLABEL_COVERED", "GROW_COVERS"
UNLABEL_EDGE, UNLABEL_SATURATED = "UNLABEL_EDGE", "UNLABEL_SATURATED"
SPLIT_BY, VALIDATION_SHARE, TEST_SHARE, FOLDS = "SPLIT_BY", "VALIDATION_SHARE", "TEST_SHARE", "FOLDS"
BLOCK_SIZE, BUFFER, GROUPS, GROUP_COLUMN, SEED = "BLOCK_SIZE", "BUFFER", "GROUPS", "GROUP_COLUMN", "SEED"
GROUP_POLYGONS, GROUP_FIELD = "GROUP_POLYGONS", "GROUP_FIELD"

BY_NAME = "by name"
_MAX_COVERS = {Cover.CLOUD: "MAX_CLOUD", Cover.SHADOW: "MAX_SHADOW", Cover.SNOW: "MAX_SNOW"}
_HIDING = (Cover.CLOUD, Cover.SHADOW)


def add_filters(algorithm: LandCoverAlgorithm) -> None:
    """Declare the parameters that say which tiles are kept."""
    tr = algorithm.tr
    add_number(
        algorithm,
        MIN_VALID,
        tr("Least share of valid pixels (%)"),
        (0, 50, 100),
        tr("Tiles with less than this share of pixels that hold data in every band are left out."),
    )
    add_number(
        algorithm,
        MIN_LABELLED,
        tr("Least share of labelled pixels (%)"),
        (0, 0, 100),
        tr("Tiles with less than this share of labelled pixels are left out; tiles without any label always are."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterString(ONLY_CLASSES, tr("Leave out tiles that show only these classes"), optional=True),
        tr("Class values such as: 1 2. Tiles with no class but these are left out, for instance open sea."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterBoolean(ONE_PER_PLACE, tr("One tile for each place"), defaultValue=False),
        tr("Where images show the same ground, only the tile with the most valid and cloudless pixels is kept."),
        advanced=True,
    )


def add_masks(algorithm: LandCoverAlgorithm) -> None:
    """Declare the parameters of masks of cloud."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterMultipleLayers(
            MASK, tr("Cloud masks"), QgsProcessing.SourceType.TypeRaster, optional=True
        ),
        tr(
            "A scene classification (SCL), QA60 or cloud probability for all images, or one for each in the same "
            "order, with any pixels. If empty, a band of the image that is called so."
        ),
    )
    for cover, name in _MAX_COVERS.items():
        add_number(
            algorithm,
            name,
            tr("Largest share of {} (%)").format(cover.value),
            (0, 100, 100),
            tr("Tiles with more than this share of pixels under {} are left out.").format(cover.value),
            advanced=cover is not Cover.CLOUD,
        )
    kinds = [BY_NAME, *(kind.value for kind in MaskKind)]
    algorithm.add(
        QgsProcessingParameterEnum(
            MASK_KIND, tr("Kind of the cloud masks"), kinds, defaultValue=BY_NAME, usesStaticStrings=True
        ),
        tr("What the numbers of the masks mean, where names of files and bands do not say so."),
        advanced=True,
    )
    text = tr("Pixels count as cloud from this probability on, where the mask is one of probability.")
    add_number(algorithm, CLOUD_PROBABILITY, tr("Least cloud probability (%)"), (1, 50, 100), text, advanced=True)
    algorithm.add(
        QgsProcessingParameterBoolean(UNLABEL_COVERED, tr("No labels under cloud and shadow"), defaultValue=False),
        tr("Pixels under cloud, and under its shadow where the mask tells it, lose their label."),
        advanced=True,
    )
    text = tr("How far cloud and shadow are grown before labels are taken away: their rims are blurred.")
    add_number(algorithm, GROW_COVERS, tr("Grow cloud and shadow by (pixels)"), (0, 0, 100), text, advanced=True)
    text = tr("Pixels as near as this to missing data lose their label: what is left of a scene's edge is odd.")
    add_number(algorithm, UNLABEL_EDGE, tr("No labels near missing data (pixels)"), (0, 0, 100), text, advanced=True)
    algorithm.add(
        QgsProcessingParameterBoolean(UNLABEL_SATURATED, tr("No labels on saturated pixels"), defaultValue=False),
        tr("Pixels too bright for the sensor in a band, such as glint, lose their label."),
        advanced=True,
    )


def add_split(algorithm: LandCoverAlgorithm) -> None:
    """Declare the parameters that say how tiles become parts."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterEnum(
            SPLIT_BY,
            tr("Split by"),
            [method.value for method in SplitMethod],
            defaultValue=SplitMethod.BLOCKS.value,
            usesStaticStrings=True,
        ),
        tr(
            "What goes into one part as a whole: blocks of ground; scenes, other dates of a place included; groups of "
            "images from a table, or of ground from polygons; blocks, or groups if given, as folds for "
            "cross-validation; or, not for honest figures, random tiles."
        ),
    )
    text = tr("Share of the tiles by which training chooses its best state; with folds, one fold is.")
    add_number(algorithm, VALIDATION_SHARE, tr("Share for validation (%)"), (0, 15, 100), text)
    text = tr("Share of the tiles that training never sees.")
    add_number(algorithm, TEST_SHARE, tr("Share for testing (%)"), (0, 15, 100), text)
    text = tr("Number of folds, if the tiles are split into folds; the first is for validation, others on request.")
    add_number(algorithm, FOLDS, tr("Folds"), (FEWEST_FOLDS, 5, 100), text, advanced=True)
    text = tr("Side of the square blocks of ground that go into one part as a whole.")
    add_number(algorithm, BLOCK_SIZE, tr("Block size (pixels, 0 to choose)"), (0, 0, 100000), text, advanced=True)
    text = tr("Of tiles in different parts that are nearer to each other than this, one is left out.")
    add_number(algorithm, BUFFER, tr("Buffer between parts (pixels)"), (0, 0, LARGEST_BUFFER), text, advanced=True)
    _add_groups(algorithm)
    add_number(
        algorithm, SEED, tr("Random seed"), (0, 0, 2**31 - 1), tr("The same seed gives the same parts."), advanced=True
    )


def _add_groups(algorithm: LandCoverAlgorithm) -> None:
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterFile(GROUPS, tr("Table of groups"), extension="csv", optional=True),
        tr("A CSV file with a head, if images are split by groups; its first column names the images' files."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterString(GROUP_COLUMN, tr("Column with the groups"), optional=True),
        tr("Which column of that table says the group; if empty, the second."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterFeatureSource(
            GROUP_POLYGONS,
            tr("Polygons of groups, in place of a table"),
            [QgsProcessing.SourceType.TypeVectorPolygon],
            optional=True,
        ),
        tr(
            "Areas such as districts, in any coordinate reference system. A tile belongs to the group that covers most "
            "of it; tiles that lie in no polygon are left out."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterField(
            GROUP_FIELD,
            tr("Field with the groups"),
            parentLayerParameterName=GROUP_POLYGONS,
            optional=True,
        ),
        tr("Which field of the polygons says the group; all polygons with the same value are one."),
        advanced=True,
    )


def add_number(
    algorithm: LandCoverAlgorithm,
    name: str,
    label: str,
    limits: tuple[int, int, int],
    text: str,
    advanced: bool = False,
) -> None:
    """Declare a whole number; `limits` are the least, default and greatest value."""
    least, default, greatest = limits
    kind = QgsProcessingParameterNumber.Type.Integer
    algorithm.add(
        QgsProcessingParameterNumber(name, label, kind, default, minValue=least, maxValue=greatest), text, advanced
    )


def read_filters(algorithm: LandCoverAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> TileFilters:
    """Return which tiles are kept."""
    return TileFilters(
        min_valid=_share(algorithm, parameters, MIN_VALID, context),
        min_labelled=_share(algorithm, parameters, MIN_LABELLED, context),
        only_classes=parse_values(algorithm.parameterAsString(parameters, ONLY_CLASSES, context)),
        max_covers={cover: _share(algorithm, parameters, name, context) for cover, name in _MAX_COVERS.items()},
        is_unique=algorithm.parameterAsBool(parameters, ONE_PER_PLACE, context),
    )


def read_masks(algorithm: LandCoverAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> MaskOptions:
    """Return how masks are read."""
    kind = algorithm.parameterAsEnumString(parameters, MASK_KIND, context)
    covers = _HIDING if algorithm.parameterAsBool(parameters, UNLABEL_COVERED, context) else ()
    return MaskOptions(
        kind=None if kind == BY_NAME else MaskKind(kind),
        threshold=algorithm.parameterAsInt(parameters, CLOUD_PROBABILITY, context),
        unlabelled=ValidityOptions(
            covers,
            dilation=algorithm.parameterAsInt(parameters, GROW_COVERS, context),
            edge=algorithm.parameterAsInt(parameters, UNLABEL_EDGE, context),
            drop_saturated=algorithm.parameterAsBool(parameters, UNLABEL_SATURATED, context),
        ),
    )


def read_split(algorithm: LandCoverAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> SplitOptions:
    """Return how tiles become parts."""
    groups = algorithm.parameterAsFile(parameters, GROUPS, context)
    column = algorithm.parameterAsString(parameters, GROUP_COLUMN, context)
    polygons, layer = algorithm.vector(GROUP_POLYGONS, parameters)
    field = algorithm.parameterAsString(parameters, GROUP_FIELD, context)
    return SplitOptions(
        method=SplitMethod(algorithm.parameterAsEnumString(parameters, SPLIT_BY, context)),
        validation=_share(algorithm, parameters, VALIDATION_SHARE, context),
        test=_share(algorithm, parameters, TEST_SHARE, context),
        block_size=algorithm.parameterAsInt(parameters, BLOCK_SIZE, context),
        buffer=algorithm.parameterAsInt(parameters, BUFFER, context),
        folds=algorithm.parameterAsInt(parameters, FOLDS, context),
        groups=read_groups(groups, column) if groups else {},
        polygons=GroupPolygons(polygons, field, layer) if polygons else None,
        seed=algorithm.parameterAsInt(parameters, SEED, context),
    )


def _share(algorithm: LandCoverAlgorithm, parameters: Parameters, name: str, context: QgsProcessingContext) -> float:
    return algorithm.parameterAsInt(parameters, name, context) / 100
