# SPDX-License-Identifier: GPL-2.0-or-later
"""Which tiles go into one part as a whole: blocks of ground, scenes, or groups that the user names."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..progress import Progress
from .cutting import CutTile
from .ground import Footprint, Ground, united
from .polygon_groups import groups_by_polygons
from .request import SplitMethod, TileRequest
from .source import SourceInfo

_BLOCK_SIDES = (4, 3, 2, 1)
_ENOUGH_BLOCKS = 20
_SAME_PLACE = 0.5  # share of the smaller of two scenes from which on they show the same place


@dataclass(frozen=True)
class Blocks:
    """A lattice of square blocks of ground, anchored at the first scene of each region.

    Attributes:
        side: of a block, pixels.
        step: from one tile to the next, pixels.
    """

    side: int
    step: int

    def of(self, footprint: Footprint) -> tuple[int, int, int]:
        """Return region, row and column of the block that a tile belongs to."""
        # Half a step into the tile: whatever it overlaps, it then lies in one block with its neighbours.
        row, col = ((start + self.step / 2) / self.side for start in (footprint.top, footprint.left))
        return footprint.region, math.floor(row), math.floor(col)


def group_names(
    request: TileRequest,
    infos: Sequence[SourceInfo],
    ground: Ground,
    footprints: Sequence[Footprint],
    tiles: Sequence[CutTile],
    progress: Progress,
) -> list[str]:
    """Return the name of the group of each tile; empty for one that lies in none of the polygons asked for.

    Args:
        request: says what goes together.
        infos: the scenes.
        ground: their regions.
        footprints: of the tiles.
        tiles: the tiles.
        progress: can cancel.

    Raises:
        InputError: if an image has no group where groups are asked for, or polygons cannot say them.
        RasterError: if polygons cannot be read.
        GridError: if polygons lie on no tile.
    """
    sources = [tile.source for tile in tiles]
    method = request.split.method
    if method is SplitMethod.SCENES:
        names = _same_places(infos, ground)
        return [names[source] for source in sources]
    if request.split.is_grouped and request.split.polygons is not None:
        places = [(infos[tile.source].grid, tile.window) for tile in tiles]
        return groups_by_polygons(request.split.polygons, places, progress)
    if request.split.is_grouped:
        names = named_groups(infos, request.split.groups)
        return [names[source] for source in sources]
    if method is SplitMethod.RANDOM:
        blocks = Blocks(request.step, request.step)
    else:
        blocks = chosen_blocks(footprints, request.tile_size, request.step, request.split.block_size)
    return _block_names([blocks.of(item) for item in footprints], infos)


def chosen_blocks(footprints: Sequence[Footprint], tile_size: int, step: int, block_size: int = 0) -> Blocks:
    """Return blocks of a size, rounded up to whole steps.

    Args:
        footprints: of the tiles.
        tile_size: pixels.
        step: from one tile to the next, pixels.
        block_size: side of a block, pixels; 0 takes the largest of 4, 3, 2 and 1 tile sizes that gives 20 blocks or
            more, and one tile size if none does.
    """
    if block_size:
        return Blocks(_round_up(block_size, step), step)
    candidates = [Blocks(_round_up(side * tile_size, step), step) for side in _BLOCK_SIDES]
    return next((item for item in candidates if len({*map(item.of, footprints)}) >= _ENOUGH_BLOCKS), candidates[-1])


def _block_names(blocks: Sequence[tuple[int, int, int]], infos: Sequence[SourceInfo]) -> list[str]:
    first: dict[int, tuple[int, int]] = {}
    for region, row, col in blocks:
        top, left = first.get(region, (0, 0))
        first[region] = min(top, row), min(left, col)
    return [
        f"{infos[region].name}_b{row - first[region][0]:03d}-{col - first[region][1]:03d}"
        for region, row, col in blocks
    ]


def _same_places(infos: Sequence[SourceInfo], ground: Ground) -> list[str]:
    """Return the group of each scene: scenes that show mostly the same ground, as other dates do, share one."""
    whole = [ground.footprints(index, [info.grid.window()])[0] for index, info in enumerate(infos)]
    pairs = [
        (i, j)
        for i, first in enumerate(whole)
        for j, second in enumerate(whole[:i])
        if first.region == second.region and first.shared(second) > _SAME_PLACE * min(first.area, second.area)
    ]
    return [infos[index].name for index in united(len(infos), pairs)]


def named_groups(infos: Sequence[SourceInfo], groups: Mapping[str, str]) -> list[str]:
    """Return the group of each scene by a table of paths, or of file names without folder and ending.

    Raises:
        InputError: if one is not in the table.
    """
    found = [groups.get(info.path, groups.get(Path(info.path).stem)) for info in infos]
    missing = [Path(info.path).name for info, group in zip(infos, found) if group is None]
    if missing:
        raise InputError(
            f"The table of groups does not name {len(missing)} of {len(infos)} images, such as {missing[0]}; name "
            "every image's file in its first column."
        )
    return [group for group in found if group is not None]


def folder_groups(images: Sequence[str]) -> dict[str, str]:
    """Return which group each image belongs to by the first of its folders that not all images lie in.

    Of `a/x/1.tif` and `a/y/1.tif`, the groups are `x` and `y`.

    Args:
        images: paths.

    Returns:
        Name of the folder by path.

    Raises:
        InputError: if an image lies in no such folder.
    """
    paths = {image: Path(image).absolute() for image in images}
    shared = len(Path(os.path.commonpath([path.parent for path in paths.values()])).parts)
    alone = [image for image, path in paths.items() if len(path.parent.parts) <= shared]
    if alone:
        raise InputError(
            f"The images cannot be grouped by folders: {alone[0]} lies in the folder that holds all of them. Put each "
            "group into a folder of its own, or give a table of groups."
        )
    return {image: path.parts[shared] for image, path in paths.items()}


def read_groups(path: str, column: str = "") -> dict[str, str]:
    """Read which group each image belongs to from a CSV file with a head.

    Args:
        path: the file; its first column names the images' files, with or without folder and ending.
        column: the column with the groups; empty for the second.

    Returns:
        Group by path as the table has it, and by file name with and without ending.

    Raises:
        InputError: if the file cannot be read, or has no such column.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a table ({error}); give a CSV file in UTF-8.") from error
    head = rows[0] if rows else []
    wanted = column or (head[1] if len(head) > 1 else "")
    if wanted not in head:
        raise InputError(f"{path} has no column '{wanted or 'group'}'; it has {', '.join(head) or 'none'}.")
    place = head.index(wanted)
    named = [(row[0], row[place]) for row in rows[1:] if len(row) > place and row[place].strip()]
    return {key: group for name, group in named for key in (name, Path(name).name, Path(name).stem)}


def _round_up(number: int, step: int) -> int:
    return -(-number // step) * step
