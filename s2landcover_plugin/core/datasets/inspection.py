# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole dataset, read once: what is wrong with it, and what is in it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..legend import NODATA
from ..progress import Progress
from ..tiling.dataset import SPLITS, DatasetInfo, TileRecord
from .files import stray_files
from .tile_counts import BINS, Counts, TileCounts
from .tile_scan import TileScan, confirm_tile, scan_tile

_AHEAD = 16  # tiles scanned before the first of them is looked at
_MANY = 5


@dataclass(frozen=True)
class SplitFigures:
    """What one split holds.

    Attributes:
        tiles: number of tiles.
        class_pixels: labelled pixels by class value.
        unlabelled: pixels without a label.
        nodata: pixels that lack data in a band.
        histogram: valid pixels by band and bin, shape (bands, bins).
    """

    tiles: int
    class_pixels: Mapping[int, int]
    unlabelled: int
    nodata: int
    histogram: Counts


@dataclass(frozen=True)
class Inspection:
    """What was found.

    Attributes:
        folder: of the dataset.
        info: what `dataset.json` says.
        problems: what has to be put right before training, a line each.
        notes: what is worth knowing, a line each.
        splits: by name.
        identical: ids of tiles whose images are the same, pixel by pixel.
    """

    folder: Path
    info: DatasetInfo
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    splits: Mapping[str, SplitFigures]
    identical: tuple[tuple[str, ...], ...]


def inspect_dataset(folder: Path, progress: Progress, counted: Mapping[str, TileCounts] | None = None) -> Inspection:
    """Read every tile of a dataset, and say what is wrong and what is there.

    Args:
        folder: of the dataset.
        progress: hears how far it is.
        counted: what is in tiles, by id, if it was counted as they were written; of these files only the ends are
            read, to be sure that they are whole.

    Raises:
        DatasetError: if the folder is no dataset, or its `dataset.json` cannot be used.
        Cancelled: if the user asked to stop.
    """
    info = DatasetInfo.read(folder)
    problems = [f"{name}: is not in dataset.json." for name in stray_files(folder, info)]
    scans: dict[str, TileScan] = {}
    for done, (tile, scan) in enumerate(_scans(folder, info, counted or {}, progress), start=1):
        scans[tile.id] = scan
        problems += scan.problems
        progress.fraction(done / len(info.tiles))
    splits = {name: _figures(info, [scans[tile.id].counts for tile in info.split(name)]) for name in SPLITS}
    identical = _identical(scans)
    problems += _leaks(info, identical)
    return Inspection(folder, info, tuple(problems), tuple(_notes(info, scans, splits, identical)), splits, identical)


def _scans(
    folder: Path, info: DatasetInfo, counted: Mapping[str, TileCounts], progress: Progress
) -> Iterator[tuple[TileRecord, TileScan]]:
    """Yield tiles and what is in them, in order; the next ones are read meanwhile."""

    def scan(tile: TileRecord) -> TileScan:
        counts = counted.get(tile.id)
        return scan_tile(folder, info, tile) if counts is None else confirm_tile(folder, info, tile, counts)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for start in range(0, len(info.tiles), _AHEAD):
            progress.check()
            tiles = info.tiles[start : start + _AHEAD]
            yield from zip(tiles, pool.map(scan, tiles))


def _figures(info: DatasetInfo, tiles: Sequence[TileCounts]) -> SplitFigures:
    labels = sum((tile.labels for tile in tiles), np.zeros(256, dtype=np.int64))
    empty = np.zeros((len(info.bands), BINS), dtype=np.int64)
    return SplitFigures(
        tiles=len(tiles),
        class_pixels={value: int(labels[value]) for value in (info.legend.values if info.legend else ())},
        unlabelled=int(labels[NODATA]),
        nodata=sum(tile.nodata for tile in tiles),
        histogram=sum((tile.histogram.astype(np.int64) for tile in tiles if len(tile.histogram)), empty),
    )


def _identical(scans: Mapping[str, TileScan]) -> tuple[tuple[str, ...], ...]:
    same: defaultdict[str, list[str]] = defaultdict(list)
    for name, scan in scans.items():
        if scan.counts.checksum:
            same[scan.counts.checksum].append(name)
    return tuple(tuple(names) for names in same.values() if len(names) > 1)


def _leaks(info: DatasetInfo, identical: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the identical tiles, and the places, that lie in more than one split."""
    parts = {tile.id: tile.split for tile in info.tiles}
    for names in identical:
        if len({parts[name] for name in names}) > 1:
            yield f"{', '.join(names[:_MANY])}: are the same image in different splits."
    places: defaultdict[str, set[str]] = defaultdict(set)
    for tile in info.tiles:
        places[tile.place].add(tile.split)
    for place, splits in places.items():
        if len(splits) > 1:
            yield f"{place}: is a place in {' and '.join(sorted(splits))}; one has to lie in one split."


def _notes(
    info: DatasetInfo, scans: Mapping[str, TileScan], splits: Mapping[str, SplitFigures], identical: Sequence[object]
) -> Iterator[str]:
    if identical:
        yield f"{len(identical)} image(s) are there more than once, pixel by pixel."
    without = sum(scan.counts.without_image for scan in scans.values())
    if without:
        yield f"{without:,} labelled pixels have no image; training passes them over."
    yield from _missing_classes(info, splits)
    empty = [name for name, figures in splits.items() if not figures.tiles]
    if empty:
        yield f"There is no tile for {' and '.join(empty)}."
    for name, figures in splits.items():
        told = {value: count for value, count in info.class_pixels.get(name, {}).items() if count}
        if told and told != {value: count for value, count in figures.class_pixels.items() if count}:
            yield f"The class pixels of the {name} tiles are not those that dataset.json states."


def _missing_classes(info: DatasetInfo, splits: Mapping[str, SplitFigures]) -> Iterator[str]:
    shown = {
        name: {value for value, count in figures.class_pixels.items() if count} for name, figures in splits.items()
    }
    anywhere: set[int] = set().union(*shown.values())
    names = [item.name for item in info.legend or () if item.value not in anywhere]
    if names:
        yield f"No tile shows {_listed(names)}."
    for split, figures in splits.items():
        names = [item.name for item in info.legend or () if item.value in anywhere - shown[split]]
        if figures.tiles and names:
            yield f"The {split} tiles show no {_listed(names)}."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_MANY]) + (" and others" if len(names) > _MANY else "")
