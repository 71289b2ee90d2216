# SPDX-License-Identifier: GPL-2.0-or-later
"""From an image, with or without labels, to a dataset folder (see `core.tiling.dataset`)."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..class_raster import legend_for
from ..errors import DatasetError, InputError, OutputError
from ..legend import Legend
from ..outputs import staged
from ..progress import Progress
from .cutting import IMAGES, LABELS, CutTile, cut_tile
from .dataset import SPLITS, BandStatistics, DatasetInfo, TileRecord
from .index import write_index
from .plan import plan_tiles
from .source import TileSource, open_source
from .splits import SplitShares, assign_blocks, tiles_per_block, without_leakage
from .statistics import add_up

_CUTTING = 0.97  # share of the run that goes into cutting; the rest is the index


@dataclass(frozen=True)
class TileRequest:
    """What to cut and how.

    Attributes:
        image: raster with Sentinel-2 bands.
        folder: the dataset folder; does not exist yet, or is empty.
        labels: class raster on the image's grid; empty for a dataset without labels.
        tile_size: height and width of a tile, pixels.
        overlap: how far neighbouring tiles overlap, pixels.
        min_valid: share of valid pixels that a tile needs, 0-1; tiles without any are left out in any case.
        validation_share: share of the tiles for validation, 0-1.
        test_share: share of the tiles for testing, 0-1.
        block_size: side of the blocks that go into one part as a whole, pixels; 0 chooses.
        seed: of the choice of blocks.
        band_order: the Sentinel-2 band of each band of the image, where its band names do not say.
    """

    image: str
    folder: str
    labels: str = ""
    tile_size: int = 256
    overlap: int = 0
    min_valid: float = 0.0
    validation_share: float = 0.15
    test_share: float = 0.15
    block_size: int = 0
    seed: int = 0
    band_order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.tile_size < 1:
            raise InputError(f"A tile size of {self.tile_size} pixels is no size; give 1 or more.")
        if not 0 <= self.overlap < self.tile_size:
            raise InputError(
                f"An overlap of {self.overlap} pixels does not fit tiles of {self.tile_size}; give 0 or more, and less "
                "than the tile size."
            )
        if not 0 <= self.min_valid <= 1:
            raise InputError(f"The least share of valid pixels is {self.min_valid:g}; give a number from 0 to 1.")
        if self.block_size < 0:
            raise InputError(f"A block size of {self.block_size} pixels is no size; give 0 to have one chosen.")
        SplitShares(self.validation_share, self.test_share)

    @property
    def shares(self) -> SplitShares:
        """The parts that are held back."""
        return SplitShares(self.validation_share, self.test_share)


@dataclass(frozen=True)
class _PlacedTile:
    """A tile, the name of the block that it lies in, and the part that the block belongs to."""

    tile: CutTile
    block: str
    part: str


def write_dataset(request: TileRequest, progress: Progress) -> DatasetInfo:
    """Cut an image into a dataset folder.

    Raises:
        RasterError: if an input cannot be opened or read.
        BandError: if nothing says which band of the image is which.
        GridError: if there is no CRS, or the labels are not on the image's grid.
        InputError: if the labels are not class values.
        DatasetError: if no tile has data, or no tile has a label.
        OutputError: if the folder is in use or cannot be written.
        Cancelled: if the user asks to stop; nothing is left behind.
    """
    folder = Path(request.folder)
    _check_folder(folder)
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(open_source(request.image, request.labels, request.band_order, progress))
        staging = stack.enter_context(staged(folder))
        _make_folders(staging, (IMAGES, LABELS) if request.labels else (IMAGES,))
        cut = _cut(source, request, staging, progress)
        kept = _keep_apart(cut, source, request, staging, progress)
        info = _describe(kept, source, request)
        info.write(staging)
        classes = info.legend.values if info.legend else ()
        write_index(staging, info.tiles, request.tile_size, source.grid, classes)
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


def _cut(source: TileSource, request: TileRequest, staging: Path, progress: Progress) -> list[CutTile]:
    plan = plan_tiles(source.grid, request.tile_size, request.overlap)
    tiles = []
    for done, place in enumerate(plan, start=1):
        progress.check()
        tile = cut_tile(source, place, staging, request.min_valid)
        if tile is not None:
            tiles.append(tile)
        progress.fraction(_CUTTING * done / len(plan))
    if not tiles:
        raise DatasetError(
            f"None of the {len(plan)} tiles of {request.image} has enough valid pixels (at least one, and "
            f"{request.min_valid:.0%}). Lower the least share, or check the image's nodata value."
        )
    if len(tiles) < len(plan):
        progress.info(f"{len(plan) - len(tiles)} of {len(plan)} tiles have too few valid pixels and were left out.")
    return tiles


def _keep_apart(
    tiles: Sequence[CutTile], source: TileSource, request: TileRequest, staging: Path, progress: Progress
) -> list[_PlacedTile]:
    """Put the tiles into parts; those that would share ground with another part are deleted from the staging folder."""
    blocks = _blocks(tiles, source, request)
    parts = assign_blocks(Counter(blocks), request.shares, request.seed)
    placed = [_PlacedTile(tile, block, parts[block]) for tile, block in zip(tiles, blocks)]
    keep = without_leakage([item.tile.place.window for item in placed], [item.part for item in placed])
    for item, stays in zip(placed, keep):
        for path in () if stays else item.tile.paths(staging):
            path.unlink(missing_ok=True)
    kept = [item for item, stays in zip(placed, keep) if stays]
    _report_parts([item.part for item in kept], len(tiles), len(parts), request, progress)
    return kept


def _blocks(tiles: Sequence[CutTile], source: TileSource, request: TileRequest) -> list[str]:
    """Return the name of the block that each tile lies in."""
    rows, cols = (1 + max(getattr(tile.place, axis) for tile in tiles) for axis in ("plan_row", "plan_col"))
    step = request.tile_size - request.overlap
    side = tiles_per_block(rows, cols, request.tile_size, step, request.block_size)
    places = [(tile.place.plan_row // side, tile.place.plan_col // side) for tile in tiles]
    return [f"{source.name}_b{row:03d}-{col:03d}" for row, col in places]


def _report_parts(kept: Sequence[str], before: int, blocks: int, request: TileRequest, progress: Progress) -> None:
    if len(kept) < before:
        progress.info(f"{before - len(kept)} tiles overlap a tile of another part and were left out.")
    counts = Counter(kept)
    numbers = ", ".join(f"{counts[name]} {name}" for name in SPLITS)
    progress.info(f"{len(kept)} tiles in {blocks} blocks: {numbers}.")
    shares = {"validation": request.validation_share, "test": request.test_share}
    empty = [name for name, share in shares.items() if share > 0 and not counts[name]]
    if empty:
        progress.warning(
            f"No tile is left for {' and '.join(empty)}: the image is too small for this tile and block size. Take "
            "smaller tiles or blocks, or a larger image."
        )


def _describe(kept: Sequence[_PlacedTile], source: TileSource, request: TileRequest) -> DatasetInfo:
    area = request.tile_size**2
    records = tuple(
        TileRecord(
            id=item.tile.id,
            split=item.part,
            place=item.block,
            source=source.name,
            col=item.tile.place.window.col,
            row=item.tile.place.window.row,
            valid_fraction=item.tile.valid_fraction,
            class_fractions={value: pixels / area for value, pixels in item.tile.class_pixels.items()},
        )
        for item in kept
    )
    legend = _legend([item.tile for item in kept], source)
    return DatasetInfo(
        bands=source.bands,
        gsd=source.gsd,
        tile_size=request.tile_size,
        overlap=request.overlap,
        legend=legend,
        class_pixels=_class_pixels(kept, legend),
        statistics=_statistics([item.tile for item in kept if item.part == SPLITS[0]], source.bands),
        sources={source.name: source.describe()},
        tiles=records,
    )


def _legend(tiles: Sequence[CutTile], source: TileSource) -> Legend | None:
    if source.labels is None:
        return None
    met = {value for tile in tiles for value in tile.class_pixels}
    if not met:
        raise DatasetError(f"{source.labels.path} has no class where the image has data; there is nothing to learn.")
    return legend_for(met | set(source.legend.values if source.legend else ()), source.legend)


def _class_pixels(kept: Sequence[_PlacedTile], legend: Legend | None) -> Mapping[str, Mapping[int, int]]:
    counts = {name: dict.fromkeys(legend.values if legend else (), 0) for name in SPLITS}
    for item in kept:
        for value, pixels in item.tile.class_pixels.items():
            counts[item.part][value] += pixels
    return counts


def _statistics(training: Sequence[CutTile], bands: Sequence[str]) -> Mapping[str, BandStatistics]:
    if not training:
        return {}
    return {band: add_up(tile.sums[index] for tile in training).statistics() for index, band in enumerate(bands)}
