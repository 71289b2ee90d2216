# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `prepare`: images and labels cut into a dataset folder, as the algorithm `tile` does it in QGIS."""

from __future__ import annotations

import argparse

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.labels.raster_labels import RecodingOptions
from s2landcover_plugin.core.labels.table_file import preset_names, table_called
from s2landcover_plugin.core.tiling.grouping import folder_groups, read_groups
from s2landcover_plugin.core.tiling.image_bands import parse_band_order
from s2landcover_plugin.core.tiling.request import (
    EdgeMode,
    GroupPolygons,
    MaskOptions,
    SplitMethod,
    SplitOptions,
    TileFilters,
    TileRequest,
    paired,
)
from s2landcover_plugin.core.tiling.storage import REFLECTANCE, STORAGES
from s2landcover_plugin.core.tiling.tiles import write_dataset
from s2landcover_plugin.core.validity import Cover, MaskKind, ValidityOptions

from ..terminal import TerminalProgress

_HIDING = (Cover.CLOUD, Cover.SHADOW)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("--images", nargs="+", required=True, help="rasters with the same Sentinel-2 bands, or photographs")
    add("--labels", nargs="+", default=[], help="labels on their grids: one for all images, or one each, in order")
    add("--folder", required=True, help="dataset folder to make")
    add("--tile-size", type=int, default=256, help="pixels (default: 256)")
    add("--overlap", type=int, default=0, help="of neighbouring tiles, pixels (default: 0)")
    add("--edges", choices=[mode.value for mode in EdgeMode], default="shift", help="of an image (default: shift)")
    add("--max-repeat", type=int, default=1, help="times that an epoch may show a tile with rare classes (default: 1)")
    add("--unchecked", action="store_true", help="neither check the files in the end nor write report.html")
    _add_meaning(parser.add_argument_group("what the images and labels are"))
    _add_filters(parser.add_argument_group("which tiles are kept; shares in per cent"))
    _add_split(parser.add_argument_group("how tiles become parts"))


def _add_meaning(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--bands", default="", help="bands of the images, in order, if they are not named, such as 'B02 B03 B04 -'")
    add("--values", choices=list(STORAGES), default=REFLECTANCE, help="of the images (default: reflectance)")
    add("--gsd", type=float, default=0, help="pixel size of images without a coordinate reference system, metres")
    add("--class-table", default="", help=f"of the labels: a CSV or JSON file, or one of {', '.join(preset_names())}")
    add("--keep-unlisted", action="store_true", help="keep values that the class table lacks, instead of dropping them")
    add("--colour-tolerance", type=int, default=0, help="for labels that are colours, 0 to 64 (default: 0)")


def _add_filters(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--min-valid", type=float, default=50, help="least share of valid pixels (default: 50)")
    add("--min-labelled", type=float, default=0, help="least share of labelled pixels (default: any)")
    add("--only-classes", type=int, nargs="+", default=[], help="leave out tiles that show only these classes")
    add("--one-per-place", action="store_true", help="keep the clearest tile only where images show the same ground")
    add("--masks", nargs="+", default=[], help="of cloud: one for all images, or one each")
    add("--mask-kind", choices=[kind.value for kind in MaskKind], help="of the masks (default: as their names say)")
    add("--cloud-probability", type=float, default=50, help="from which on there is cloud (default: 50)")
    for cover in Cover:
        add(f"--max-{cover.value}", type=float, default=100, help=f"largest share of {cover.value} (default: 100)")
    add("--unlabel-covered", action="store_true", help="take labels under cloud and its shadow away")
    add("--grow-covers", type=int, default=0, help="pixels that cloud and shadow are grown by before (default: 0)")
    add("--unlabel-edge", type=int, default=0, help="take labels this near to missing data away, pixels (default: 0)")
    add("--unlabel-saturated", action="store_true", help="take labels on saturated pixels away")


def _add_split(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--split", choices=[method.value for method in SplitMethod], default="blocks", help="by (default: blocks)")
    add("--validation", type=float, default=15, help="share, per cent (default: 15)")
    add("--test", type=float, default=15, help="share, per cent (default: 15)")
    add("--folds", type=int, default=5, help="for the split by folds (default: 5)")
    add("--block-size", type=int, default=0, help="pixels (default: chosen)")
    add("--buffer", type=int, default=0, help="least distance of tiles in different parts, pixels (default: 0)")
    add("--groups", default="", help="CSV file with the groups of images, for the split by groups or into folds")
    add("--group-column", default="", help="its column with the groups (default: the second)")
    add("--group-polygons", default="", help="vector file, in place of the table: a tile has the group it lies in")
    add("--group-field", default="", help="field of the polygons that says the group")
    add("--group-layer", default="", help="layer of the vector file (default: its first)")
    add("--groups-from-folders", action="store_true", help="take the first folder that tells images apart as group")
    add("--seed", type=int, default=0, help="of the choice of parts (default: 0)")


def _request(options: argparse.Namespace) -> TileRequest:
    return TileRequest(
        scenes=paired(tuple(options.images), tuple(options.labels), tuple(options.masks)),
        folder=options.folder,
        tile_size=options.tile_size,
        overlap=options.overlap,
        edges=EdgeMode(options.edges),
        filters=_filters(options),
        mask=_masks(options),
        split=_split(options),
        max_repeat=options.max_repeat,
        band_order=parse_band_order(options.bands, options.values),
        is_checked=not options.unchecked,
        values=options.values,
        gsd=options.gsd,
        recoding=RecodingOptions(table_called(options.class_table), options.keep_unlisted, options.colour_tolerance),
    )


def _filters(options: argparse.Namespace) -> TileFilters:
    return TileFilters(
        min_valid=options.min_valid / 100,
        min_labelled=options.min_labelled / 100,
        only_classes=tuple(options.only_classes),
        max_covers={cover: getattr(options, f"max_{cover.value}") / 100 for cover in Cover},
        is_unique=options.one_per_place,
    )


def _masks(options: argparse.Namespace) -> MaskOptions:
    covers = _HIDING if options.unlabel_covered else ()
    kind = MaskKind(options.mask_kind) if options.mask_kind else None
    unlabelled = ValidityOptions(covers, options.grow_covers, options.unlabel_edge, options.unlabel_saturated)
    return MaskOptions(kind, options.cloud_probability, unlabelled)


def _split(options: argparse.Namespace) -> SplitOptions:
    return SplitOptions(
        method=SplitMethod(options.split),
        validation=options.validation / 100,
        test=options.test / 100,
        block_size=options.block_size,
        buffer=options.buffer,
        folds=options.folds,
        groups=_groups(options),
        polygons=_group_polygons(options),
        seed=options.seed,
    )


def _group_polygons(options: argparse.Namespace) -> GroupPolygons | None:
    if not options.group_polygons:
        return None
    return GroupPolygons(options.group_polygons, options.group_field, options.group_layer)


def _groups(options: argparse.Namespace) -> dict[str, str]:
    if options.groups and options.groups_from_folders:
        raise InputError("Groups come either from a table or from folders; give one of the two.")
    if options.groups_from_folders:
        return folder_groups(options.images)
    return read_groups(options.groups, options.group_column) if options.groups else {}


def _run(options: argparse.Namespace, _: list[str]) -> None:
    info = write_dataset(_request(options), TerminalProgress())
    print(f"{options.folder}: {len(info.tiles)} tiles")
