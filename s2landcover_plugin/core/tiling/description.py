# SPDX-License-Identifier: GPL-2.0-or-later
"""What `dataset.json` says of tiles that have been cut and put into parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..class_raster import legend_for
from ..legend import Legend
from ..validity import Cover
from .balance import repeats
from .cutting import CutTile
from .dataset import SPLITS, BandStatistics, DatasetInfo, TileRecord, count_classes
from .request import TileRequest
from .source import SourceInfo
from .splits import Part
from .statistics import add_up


@dataclass(frozen=True)
class PlacedTile:
    """A tile, the name of the group that it goes with, and the part that the group belongs to."""

    tile: CutTile
    group: str
    part: Part


def describe(
    kept: Sequence[PlacedTile],
    infos: Sequence[SourceInfo],
    shares: Sequence[Mapping[Cover, float]],
    request: TileRequest,
) -> DatasetInfo:
    """Return the description of a dataset.

    Args:
        kept: its tiles.
        infos: the scenes.
        shares: what covers each scene.
        request: what was asked for.
    """
    training = [item.tile for item in kept if item.part.split == SPLITS[0]]
    legend = _legend(kept, infos) if request.is_labelled else None
    records = _repeated([_record(item, infos[item.tile.source]) for item in kept], request.max_repeat)
    return DatasetInfo(
        bands=infos[0].bands,
        gsd=infos[0].gsd,
        tile_size=request.tile_size,
        overlap=request.overlap,
        legend=legend,
        class_pixels=count_classes(records, legend, request.tile_size),
        statistics=_statistics(training, infos[0]),
        sources={info.name: _source(info, covers) for info, covers in zip(infos, shares)},
        tiles=records,
        values=request.values,
    )


def _record(item: PlacedTile, info: SourceInfo) -> TileRecord:
    tile = item.tile
    return TileRecord(
        id=tile.id,
        split=item.part.split,
        place=item.group,
        source=info.name,
        col=tile.window.col,
        row=tile.window.row,
        valid_fraction=tile.valid_fraction,
        cloud_fraction=tile.covers.get(Cover.CLOUD),
        class_fractions={value: pixels / tile.area for value, pixels in tile.class_pixels.items()},
        shadow_fraction=tile.covers.get(Cover.SHADOW),
        snow_fraction=tile.covers.get(Cover.SNOW),
        date=info.date,
        fold=item.part.fold,
    )


def _repeated(records: Sequence[TileRecord], most: int) -> tuple[TileRecord, ...]:
    """Say of what may be trained on how often it is shown: of training tiles, and of the tiles of folds."""
    taught = [record for record in records if record.split == SPLITS[0] or record.fold is not None]
    counts = dict(zip((record.id for record in taught), repeats([item.class_fractions for item in taught], most)))
    return tuple(replace(record, repeat=counts.get(record.id, 1)) for record in records)


def _legend(kept: Sequence[PlacedTile], infos: Sequence[SourceInfo]) -> Legend:
    legends = [info.legend for info in infos if info.legend is not None]
    values = {value for item in kept for value in item.tile.class_pixels}
    values.update(value for legend in legends for value in legend.values)
    return legend_for(values, *legends)


def _statistics(training: Sequence[CutTile], info: SourceInfo) -> Mapping[str, BandStatistics]:
    if not training:
        return {}
    scale = info.storage.scale
    return {
        band: add_up(tile.sums[index] for tile in training).statistics(scale) for index, band in enumerate(info.bands)
    }


def _source(info: SourceInfo, covers: Mapping[Cover, float]) -> dict[str, Any]:
    return {**info.describe(), "covers": {cover.value: share for cover, share in covers.items()}}
