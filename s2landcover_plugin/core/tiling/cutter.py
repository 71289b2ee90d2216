# SPDX-License-Identifier: GPL-2.0-or-later
"""All images of a dataset, cut one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ..errors import DatasetError, GridError
from ..labels.recoding import most_frequent
from ..pipeline import WriteBehind
from ..progress import Progress, ProgressPart, SaidOnce
from ..validity import Cover, cover_shares
from .cutting import CutTile, padded, summed_up, write_tile
from .filters import objection, report
from .plan import inside, plan_tiles
from .request import TileRequest
from .source import SourceInfo, TileSource, open_source, source_names

_SAME_GSD = 0.01  # relative difference from which on pixel sizes are not the same


class Cutter:
    """Cuts images into a dataset folder.

    Args:
        request: what to cut.
        staging: the folder to write to.

    Attributes:
        request: what to cut.
        staging: the folder written to.
        infos: the images cut so far.
        shares: what covers each of them.
        tiles: the tiles written so far.
    """

    def __init__(self, request: TileRequest, staging: Path) -> None:
        self.request, self.staging = request, staging
        self.infos: list[SourceInfo] = []
        self.shares: list[Mapping[Cover, float]] = []
        self.tiles: list[CutTile] = []
        self._planned = 0
        self._unlisted: Counter[str] = Counter()
        self._objections: Counter[str] = Counter()

    def cut(self, progress: Progress) -> None:
        """Cut all images.

        Raises:
            DatasetError: if no tile is left.
        """
        scenes = self.request.scenes
        progress = SaidOnce(progress)
        names = source_names([scene.image for scene in scenes])
        for index, (files, name) in enumerate(zip(scenes, names)):
            part = ProgressPart(progress, index / len(scenes), (index + 1) / len(scenes))
            wanted = self.infos[0].bands if self.infos else ()
            with open_source(files, name, wanted, self.request, part) as source:
                self._take(source, part)
                self._cut_one(source, index, part)
                self._unlisted.update(source.labels.unlisted if source.labels else {})
        self._report_unlisted(progress)
        if not self.tiles:
            raise DatasetError(_nothing_left(self._planned, self._objections))
        report(self._objections, self._planned, progress)

    def _take(self, source: TileSource, progress: Progress) -> None:
        """Note an image that is about to be cut."""
        first, info = (self.infos or [source.info])[0], source.info
        if abs(info.gsd - first.gsd) > _SAME_GSD * first.gsd:
            raise GridError(
                f"{info.path} has pixels of {info.gsd:g} m and {first.path} of {first.gsd:g} m; all images of a "
                "dataset need the same. Resample one of them first."
            )
        if info.level != first.level:
            levels = " and ".join(level or "an unknown level" for level in (first.level, info.level))
            progress.warning(f"The images are of {levels}; a model learns best from one level.")
        shares = cover_shares(source.mask, progress) if source.mask else {}
        if shares:
            told = ", ".join(f"{share:.1%} {cover.value}" for cover, share in shares.items())
            progress.info(f"{info.name}: {told}.")
        self.infos.append(info)
        self.shares.append(shares)

    def _cut_one(self, source: TileSource, index: int, progress: Progress) -> None:
        request = self.request
        plan = plan_tiles(source.info.grid, request.tile_size, request.overlap, request.edges)
        self._planned += len(plan)
        with WriteBehind() as behind:
            for done, window in enumerate(plan, start=1):
                progress.check()
                pixels = padded(source.read(inside(window, source.info.grid)), window)
                tile = summed_up(source.info, index, window, pixels, request.is_checked)
                reason = objection(tile, request.filters, request.is_labelled)
                if reason:
                    self._objections[reason] += 1
                else:
                    self.tiles.append(tile)
                    behind.submit(write_tile, source.info, tile, pixels, self.staging)
                progress.fraction(done / len(plan))

    def _report_unlisted(self, progress: Progress) -> None:
        """Say which labels in the tiles the class table does not list."""
        count = sum(self._unlisted.values())
        if count:
            fate = "stay as they are" if self.request.recoding.keep else "count as no data"
            progress.warning(
                f"Not in the class table are {count:,} labelled pixels of the tiles, which {fate}: "
                f"{most_frequent(self._unlisted)}."
            )


def _nothing_left(planned: int, objections: Counter[str]) -> str:
    reasons = "; ".join(f"{count} {reason}" for reason, count in objections.most_common())
    return (
        f"None of the {planned} tiles can be used, so that there is nothing to learn: {reasons}. Lower the limits, or "
        "check nodata values and labels."
    )
