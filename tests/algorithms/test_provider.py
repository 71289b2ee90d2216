# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProcessingParameterDefinition

from s2landcover_plugin import classFactory
from s2landcover_plugin.algorithms import ALGORITHMS

# Scripts and models refer to these names: adding is fine, renaming is not.
FROZEN = {
    "download": {
        *("EXTENT", "START", "END", "LEVEL", "CLOUD", "LIMIT", "LIST_ONLY", "AUTH"),
        *("ENDPOINT", "COLLECTION", "TOKEN_URL", "FOUND", "FOLDER"),
    },
    "pansharpen": {
        *(
            "INPUT",
            "BAND_FILES",
            "BANDS",
            "METHOD",
            "NETWORK",
            "EXTENT",
            "MASK_CLASSES",
            "ALIGN",
            "FORMAT",
            "COMPRESS",
            "OUTPUT",
            "SCL",
            "VALIDITY",
            "QUALITY",
        ),
    },
    "alignlabels": {
        *("INPUT", "LABELS", "POLYGONS", "FIELD", "METHOD", "WEIGHTS", "MIN_LABELLED", "PRESET", "TABLE", "UNLISTED"),
        *("TOLERANCE", "OUTPUT"),
    },
    "tile": {
        *("INPUT", "LABELS", "TILE_SIZE", "OVERLAP", "MIN_VALID", "VALIDATION_SHARE", "TEST_SHARE"),
        *("BLOCK_SIZE", "SEED", "BAND_ORDER", "OUTPUT", "EDGES", "MIN_LABELLED", "ONLY_CLASSES", "ONE_PER_PLACE"),
        *("MASK", "MASK_KIND", "CLOUD_PROBABILITY", "MAX_CLOUD", "MAX_SHADOW", "MAX_SNOW", "UNLABEL_COVERED"),
        *("GROW_COVERS", "SPLIT_BY", "FOLDS", "BUFFER", "GROUPS", "GROUP_COLUMN", "MAX_REPEAT", "CHECK"),
        *("UNLABEL_EDGE", "UNLABEL_SATURATED", "GROUP_POLYGONS", "GROUP_FIELD", "VALUES", "PIXEL_SIZE"),
        *("PRESET", "TABLE", "UNLISTED", "TOLERANCE"),
    },
    "classify": {
        *("INPUT", "MODEL", "BAND_ORDER", "RESAMPLE", "WINDOW_SIZE", "OVERLAP", "PROVIDER", "PRECISION"),
        *("EXTENT", "AREA", "MASK", "MASK_VALUES", "MASK_GROWTH", "TTA", "MEMORY", "BATCH", "PROBABILITY_TYPE"),
        *("OUTPUT", "CONFIDENCE", "MARGIN", "ENTROPY", "PROBABILITIES", "AREA_TABLE"),
        *("MIN_MAPPING_UNIT", "MAPPING_UNIT_IN", "DIAGONALS", "CONTEXT", "NEIGHBOURHOOD", "ROUND"),
    },
    "samplepoints": {
        *("INPUT", "METHOD", "COUNT", "ALLOCATION", "MIN_PER_STRATUM", "STRATA", "EXPECTED_ACCURACY"),
        *("TARGET_ERROR", "CLASS_TARGET_ERROR", "MIN_DISTANCE", "SEED", "OUTPUT"),
    },
    "vectorise": {"INPUT", "SIMPLIFY", "OUTPUT"},
    "refine": {
        *("INPUT", "MIN_MAPPING_UNIT", "MAPPING_UNIT_IN", "DIAGONALS", "CONTEXT", "NEIGHBOURHOOD", "ROUND"),
        *("PROBABILITIES", "OUTPUT", "AREA_TABLE"),
    },
    "accuracy": {
        *("INPUT", "REFERENCE", "REFERENCE_LAYER", "REFERENCE_FIELD", "DESIGN", "CONFIDENCE", "MATCHING"),
        *("REMAP_FILE", "REMAP_TABLE", "REMAP_PRESET", "BLOCK_SIZE", "SEED"),
        *("OUTPUT_HTML", "OUTPUT_CSV", "OUTPUT_JSON", "ERRORS"),
    },
    "change": {
        *("EARLIER", "LATER", "MATCHING", "REMAP_FILE", "REMAP_TABLE", "REMAP_PRESET"),
        *("OUTPUT", "OUTPUT_HTML", "OUTPUT_CSV", "OUTPUT_JSON"),
    },
    "modelinfo": {"MODEL", "OUTPUT_HTML"},
    "status": {"OUTPUT_JSON"},
    "installruntime": {"RUNTIME", "WHEELS"},
}
ADVANCED = {
    "download": {"ENDPOINT", "COLLECTION", "TOKEN_URL"},
    "alignlabels": {"UNLISTED", "TOLERANCE"},
    "refine": {"MAPPING_UNIT_IN", "DIAGONALS", "NEIGHBOURHOOD", "ROUND"},
    "pansharpen": {"NETWORK", "ALIGN", "FORMAT", "COMPRESS", "MASK_GROWTH"},
    "tile": {
        *("BLOCK_SIZE", "SEED", "BAND_ORDER", "EDGES", "MIN_LABELLED", "ONLY_CLASSES", "ONE_PER_PLACE"),
        *("MASK_KIND", "CLOUD_PROBABILITY", "MAX_SHADOW", "MAX_SNOW", "UNLABEL_COVERED", "GROW_COVERS"),
        *("FOLDS", "BUFFER", "GROUPS", "GROUP_COLUMN", "MAX_REPEAT", "CHECK", "UNLABEL_EDGE", "UNLABEL_SATURATED"),
        *("GROUP_POLYGONS", "GROUP_FIELD", "VALUES", "PIXEL_SIZE", "PRESET", "TABLE", "UNLISTED", "TOLERANCE"),
    },
    "samplepoints": {"STRATA", "MIN_DISTANCE", "SEED"},
    "change": {"MATCHING", "REMAP_FILE", "REMAP_TABLE", "REMAP_PRESET"},
    "accuracy": {"MATCHING", "REMAP_FILE", "REMAP_TABLE", "REMAP_PRESET", "BLOCK_SIZE", "SEED"},
    "classify": {
        *("BAND_ORDER", "RESAMPLE", "WINDOW_SIZE", "OVERLAP", "PROVIDER", "PRECISION", "TTA", "MEMORY", "BATCH"),
        *("PROBABILITY_TYPE", "MASK_GROWTH"),
        *("MIN_MAPPING_UNIT", "MAPPING_UNIT_IN", "DIAGONALS", "CONTEXT", "NEIGHBOURHOOD", "ROUND"),
    },
}


def algorithms():
    return [kind() for kind in ALGORITHMS]


def named(algorithm):
    return algorithm.name()


def test_the_registry_has_the_provider_and_all_its_algorithms(provider):
    found = QgsApplication.processingRegistry().providerById("s2landcover")
    assert found is provider
    assert {algorithm.id() for algorithm in found.algorithms()} >= {f"s2landcover:{name}" for name in FROZEN}
    assert found.name() == "Sentinel-2 land cover"
    assert not found.icon().isNull()


def test_results_are_geotiff(provider):
    assert provider.defaultRasterFileExtension() == "tif"
    assert set(provider.supportedOutputRasterLayerExtensions()) == {"tif", "tiff"}


def test_points_are_geopackages(provider):
    assert provider.defaultVectorFileExtension() == "gpkg"
    assert provider.supportedOutputVectorLayerExtensions() == ["gpkg"]


@pytest.mark.parametrize("algorithm", algorithms(), ids=named)
def test_parameters_keep_their_names_and_explain_themselves(algorithm):
    created = algorithm.create()
    definitions = {definition.name(): definition for definition in created.parameterDefinitions()}
    assert set(definitions) >= FROZEN[created.name()]
    unexplained = [name for name, definition in definitions.items() if len(definition.help()) < 20]
    assert not unexplained
    flag = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    advanced = {name for name, definition in definitions.items() if definition.flags() & flag}
    assert advanced == ADVANCED.get(created.name(), set())


@pytest.mark.parametrize("algorithm", algorithms(), ids=named)
def test_algorithms_are_described(algorithm):
    created = algorithm.create()
    for text in (created.displayName(), created.group(), created.groupId(), created.shortDescription()):
        assert text.strip()
    assert created.shortDescription() not in created.shortHelpString()
    assert len(created.shortHelpString().splitlines()) >= 3
    assert "<" not in created.shortHelpString()
    assert Path(created.svgIconPath()).is_file()
    assert not created.icon().pixmap(24, 24).isNull()


def test_the_plugin_comes_and_goes_without_a_desktop(provider):
    registry = QgsApplication.processingRegistry()
    plugin = classFactory(None)
    plugin.unload()
    assert registry.providerById("s2landcover") is provider
