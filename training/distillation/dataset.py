# SPDX-License-Identifier: GPL-2.0-or-later
"""From scenes and a teacher to a dataset folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from s2landcover_plugin.core.outputs import staged
from s2landcover_plugin.core.progress import Progress
from s2landcover_plugin.core.radiometry import FloatArray
from s2landcover_plugin.core.tiling.dataset import SPLITS, DatasetInfo, TileRecord

from ..dynamic_world import TEACHER_BANDS
from .atmosphere import STUDENT_BANDS, both_views
from .corrections import corrected
from .covers import flooded, snowed
from .rarity import RareSpots
from .scenes import Scene, read_scenes
from .synthesis import Pool, padded, question, sampling_weights
from .teacher import Teacher
from .writer import TileWriter

_TO_TEACHER = [STUDENT_BANDS.index(band) for band in TEACHER_BANDS]
_TYPICAL_AIR = 0.6


@dataclass(frozen=True)
class DistillationRequest:
    """What to make.

    Attributes:
        scenes: folder of the real scenes.
        teacher: Dynamic World's ONNX file.
        output: the dataset folder to make; it must not exist.
        train_tiles: number of made-up training tiles.
        tile_size: pixels.
        seed: of the random numbers.
        direct: ask the teacher about the held-out scenes as they are and keep its answers as they are: no atmosphere,
            no corrections. For measuring agreement with the raw teacher.
        covered: let held-out scenes stand in water and lie under snow (`covers`). For measuring agreement on classes
            that they do not show otherwise; never to be mixed with the figures of real places.
        rare: make training tiles that seek rare classes, and let some stand in water or lie under snow.
    """

    scenes: Path
    teacher: Path
    output: Path
    train_tiles: int = 1500
    tile_size: int = 256
    seed: int = 0
    direct: bool = False
    covered: bool = False
    rare: bool = False


def distil(request: DistillationRequest, progress: Progress) -> DatasetInfo:
    """Make the dataset: made-up training tiles, and held-out tiles of scenes as they are.

    Raises:
        DatasetError: if scenes are missing.
        ModelError: if the teacher cannot be run.
        OutputError: if the output exists already or cannot be written.
    """
    teacher = Teacher(request.teacher)
    scenes = read_scenes(request.scenes)
    with staged(request.output) as folder:
        folder.mkdir()
        writer = TileWriter(folder, request.tile_size)
        _write_held_out(request, teacher, scenes, writer)
        _write_training(request, teacher, scenes, writer, progress)
        return writer.finish(scenes)


def _write_training(
    request: DistillationRequest, teacher: Teacher, scenes: tuple[Scene, ...], writer: TileWriter, progress: Progress
) -> None:
    own = [scene for scene in scenes if scene.split == SPLITS[0]]
    rare = RareSpots([_answer(teacher, scene, request.direct) for scene in own]) if request.rare else None
    pool = Pool(own, sampling_weights(own), rare)
    everything = np.ones((request.tile_size, request.tile_size), dtype=bool)
    for number in range(request.train_tiles):
        progress.check()
        rng = np.random.default_rng((request.seed, number))
        tile = question(pool, request.tile_size, rng)
        answer = corrected(teacher.probabilities(tile.teacher[_TO_TEACHER]), tile.surface)
        record = TileRecord(f"train-{number:05d}", "train", "mosaic", "mosaic", 0, 0, 1.0)
        writer.add(record, tile.student, answer, everything)
        progress.fraction((number + 1) / request.train_tiles)


def _write_held_out(
    request: DistillationRequest, teacher: Teacher, scenes: tuple[Scene, ...], writer: TileWriter
) -> None:
    size = request.tile_size
    held_out = [scene for scene in scenes if scene.split != SPLITS[0]]
    for scene in _covered(held_out, request.seed) if request.covered else held_out:
        answer = _answer(teacher, scene, request.direct)
        for row, col in _corners(scene.reflectance, size):
            window = np.s_[:, row : row + size, col : col + size]
            image, soft = scene.reflectance[window], answer[window]
            labelled = np.zeros((size, size), dtype=bool)
            labelled[: image.shape[1], : image.shape[2]] = True
            name = f"{scene.split}-{scene.name}-{row}-{col}"
            record = TileRecord(name, scene.split, scene.place, scene.name, col, row, 1.0)
            writer.add(record, padded(image, size, size), padded(soft, size, size), labelled)


def _covered(scenes: Sequence[Scene], seed: int) -> Iterator[Scene]:
    """Yield every scene once flooded and once under snow, on the level that it is."""
    for number, scene in enumerate(scenes):
        views = both_views(scene.reflectance, scene.level, _TYPICAL_AIR)
        for cover in (flooded, snowed):
            result = cover(views, np.random.default_rng((seed, number)))
            image = result.top if scene.level == "L1C" else result.surface
            name, place = (f"{text}-{cover.__name__}" for text in (scene.name, scene.place))
            yield replace(scene, name=name, place=place, reflectance=image)


def _answer(teacher: Teacher, scene: Scene, direct: bool) -> FloatArray:
    """Return the teacher's probabilities of a whole scene, shape (9, rows, cols)."""
    if direct:
        return teacher.probabilities(scene.reflectance[_TO_TEACHER])
    views = both_views(scene.reflectance, scene.level, _TYPICAL_AIR)
    return corrected(teacher.probabilities(views.top[_TO_TEACHER]), views.surface)


def _corners(image: FloatArray, size: int) -> Iterator[tuple[int, int]]:
    """Yield the upper left corners (row, col) of the tiles that cover an image without overlap."""
    for row in range(0, image.shape[1], size):
        for col in range(0, image.shape[2], size):
            yield row, col
