# SPDX-License-Identifier: GPL-2.0-or-later
"""From images, with or without labels, to a dataset folder (see `core.tiling.dataset`)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..datasets.inspection import inspect_dataset
from ..datasets.page import REPORT_FILE, write_dataset_page
from ..datasets.tile_counts import TileCounts
from ..errors import OutputError
from ..outputs import staged
from ..progress import Progress, ProgressPart
from .cutter import Cutter
from .cutting import IMAGES, LABELS, CutTile
from .dataset import DatasetInfo
from .description import PlacedTile, describe
from .index import write_index
from .parts import keep_apart
from .request import TileRequest

# Share of the run that goes into cutting, with and without the check that follows.
_CUTTING, _CUTTING_ALONE = 0.9, 0.97
_TOLD = 5


def write_dataset(request: TileRequest, progress: Progress) -> DatasetInfo:
    """Cut images into a dataset folder.

    Raises:
        RasterError: if an input cannot be opened or read.
        BandError: if nothing says which band of an image is which, or images have different bands.
        GridError: if there is no CRS, the labels are not on the image's grid, or images have different pixel sizes.
        InputError: if the labels are not class values, or a mask or group that is needed is missing.
        DatasetError: if no tile is left.
        OutputError: if the folder is in use or cannot be written.
        Cancelled: if the user asks to stop; nothing is left behind.
    """
    folder = Path(request.folder)
    _check_folder(folder)
    with staged(folder) as staging:
        _make_folders(staging, (IMAGES, LABELS) if request.is_labelled else (IMAGES,))
        cutter = Cutter(request, staging)
        cutter.cut(ProgressPart(progress, 0, _CUTTING if request.is_checked else _CUTTING_ALONE))
        kept = keep_apart(cutter.tiles, cutter.infos, request, progress)
        _delete_others(cutter.tiles, kept, staging)
        info = describe(kept, cutter.infos, cutter.shares, request)
        info.write(staging)
        grids = {source.name: source.grid for source in cutter.infos}
        write_index(staging, info.tiles, request.tile_size, grids, info.legend.values if info.legend else ())
        if request.is_checked:
            counted = {item.tile.id: item.tile.counts for item in kept if item.tile.counts}
            _check(staging, counted, ProgressPart(progress, _CUTTING, 1.0))
        with contextlib.suppress(FileNotFoundError):
            folder.rmdir()  # empty, as checked above; the staged one takes its place
    progress.fraction(1.0)
    return info


def _check_folder(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists():
        kind = "is not empty" if folder.is_dir() else "is a file"
        raise OutputError(f"{folder} {kind}, and nothing of yours is deleted; choose another folder for the dataset.")


def _make_folders(staging: Path, names: Sequence[str]) -> None:
    try:
        for name in names:
            (staging / name).mkdir(parents=True)
    except OSError as error:
        raise OutputError(f"The dataset folder could not be made ({error.strerror}); choose another one.") from error


def _check(staging: Path, counted: Mapping[str, TileCounts], progress: Progress) -> None:
    """Make sure that the dataset is whole and sound, and write its page."""
    inspection = inspect_dataset(staging, progress, counted)
    for problem in inspection.problems[:_TOLD]:
        progress.warning(problem)
    write_dataset_page(inspection, staging / REPORT_FILE)


def _delete_others(tiles: Sequence[CutTile], kept: Sequence[PlacedTile], staging: Path) -> None:
    stay = {item.tile.id for item in kept}
    for tile in tiles:
        for path in () if tile.id in stay else tile.paths(staging):
            path.unlink(missing_ok=True)
