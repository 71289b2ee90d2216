# SPDX-License-Identifier: GPL-2.0-or-later
"""Looking at every file of a dataset before hours are spent on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from s2landcover_plugin.core.datasets.files import file_problems
from s2landcover_plugin.core.datasets.inspection import Inspection
from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.tiling.dataset import SPLITS, DatasetInfo

_SHOWN = 10


def check_dataset(folder: Path, info: DatasetInfo, splits: Sequence[str] = ()) -> None:
    """Make sure that a dataset can be used.

    Args:
        folder: the dataset folder.
        info: what its `dataset.json` says.
        splits: which it must have tiles of.

    Raises:
        DatasetError: if it lacks labels or tiles of a split, or if files are missing, damaged, or not as
            `dataset.json` describes them; lists the first ten.
    """
    if info.legend is None:
        raise DatasetError(f"{folder} has no labels; make it again with 'tile' and a label raster.")
    for split in splits:
        if not info.split(split):
            raise DatasetError(f"{folder} has no tile in the split '{split}'; make it again with other shares.")
    found = list(file_problems(folder, info))
    if found:
        more = f"\n  and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        listed = "\n  ".join(found[:_SHOWN])
        raise DatasetError(
            f"{len(found)} file(s) of {folder} cannot be used; make the dataset again.\n  {listed}{more}"
        )


def to_text(inspection: Inspection) -> str:
    """Return what an inspection found, for a terminal."""
    info = inspection.info
    lines = [f"problem: {problem}" for problem in inspection.problems]
    lines += [f"note: {note}" for note in inspection.notes]
    lines.append("tiles: " + ", ".join(f"{inspection.splits[name].tiles} {name}" for name in SPLITS))
    for item in info.legend or ():
        pixels = ", ".join(f"{inspection.splits[name].class_pixels[item.value]:,} {name}" for name in SPLITS)
        lines.append(f"  {item.value} {item.name}: {pixels} pixels")
    for band, known in info.statistics.items():
        lines.append(
            f"  {band}: mean {known.mean:.4f}, standard deviation {known.std:.4f}, "
            f"{known.minimum:.4f} to {known.maximum:.4f}"
        )
    return "\n".join(lines)
