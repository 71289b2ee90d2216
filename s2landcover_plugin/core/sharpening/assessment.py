# SPDX-License-Identifier: GPL-2.0-or-later
"""How well a scene's own bands are sharpened, measured on the scene itself.

Nobody has the scene's 20 m bands at 10 m. So everything is taken one scale down (Wald et al. 1997, Photogrammetric
Engineering & Remote Sensing 63, 691-699): bands and guides are degraded alike, the bands are restored, and the
original bands are the truth. The method is not told how much was degraded; it estimates the blur, as it always does.
At full scale only consistency can be seen: whether the sharpened band, degraded again, gives back the original.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress, ProgressPart
from ..radiometry import FloatArray
from ..raster import Grid, Window
from .fitting import BandFit, fit_bands
from .indices import Deviation, total
from .learned import refit_learned
from .quality import BandFigures, Example, MethodFigures, Quality, ResolutionQuality
from .reduced_scale import ReducedPiece, inconsistency, patches_of, reduction_of, sharpen_bands
from .stack import StackPlan, StackReader

COMPARED_WITH = ("regression", "brovey", "none")
"""Methods that are measured beside the one that was chosen."""

# Windows of about so many fine pixels a side, on a lattice over the scene of which the valid ones are thinned out.
_WINDOW_SIZE, _LATTICE, _WINDOWS = 360, 5, 9
# Windows with less data than this share are looked at only if there are no others.
_LEAST_SHARE = 0.5
# Fewer degraded pixels a side than the regression's window has tell nothing.
_LEAST_PIXELS = 5
# What the example shows as red, green and blue if it is there, and its side, pixels.
_EXAMPLE_BANDS, _EXAMPLE_SIZE = ("B12", "B8A", "B05"), 96


@dataclass(frozen=True)
class _Task:
    """Bands of one resolution, and what is to be measured of them.

    Attributes:
        plan: how the scene's bands come together.
        bands: their ids.
        methods: the one chosen first.
        fits: of every band, at full scale.
    """

    plan: StackPlan
    bands: tuple[str, ...]
    methods: tuple[str, ...]
    fits: tuple[BandFit, ...]

    @property
    def factor(self) -> int:
        """Pixel size of the bands, fine pixels."""
        return self.plan.factors[self.bands[0]]


@dataclass(frozen=True, eq=False)
class _Samples:
    """What was read of the bands of one resolution.

    Attributes:
        pieces: the windows, one scale down.
        squares: by method, the squared inconsistencies at full scale, shape (bands,).
        pixels: how many these are, shape (bands,).
    """

    pieces: list[ReducedPiece]
    squares: dict[str, NDArray[np.float64]]
    pixels: NDArray[np.int64]

    def consistency(self, method: str) -> NDArray[np.float64]:
        """Return the root mean square inconsistency of every band, reflectance; NaN where there is none."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.sqrt(self.squares[method] / self.pixels))


def assess_quality(
    stack: StackReader, plan: StackPlan, method: str, fits: Mapping[str, BandFit], progress: Progress
) -> Quality:
    """Measure how well the bands of a scene are sharpened, on windows spread over it.

    Args:
        stack: the open product, with the guides.
        plan: how its bands come together.
        method: the one chosen; those in `COMPARED_WITH` are measured beside it.
        fits: what `fit_stack` says about the coarse bands.
        progress: hears how far it is, and may cancel.
    """
    if not plan.coarse:
        return Quality(method, 0, (), ("All bands lie on one grid: nothing was sharpened, so nothing was measured.",))
    windows = _chosen_windows(stack, plan, progress)
    methods = tuple(dict.fromkeys((method, *COMPARED_WITH)))
    factors = sorted({plan.factors[band] for band in plan.coarse})
    resolutions: list[ResolutionQuality] = []
    notes, example = [], None
    for index, factor in enumerate(factors):
        part = ProgressPart(progress, index / len(factors), (index + 1) / len(factors))
        bands = tuple(band for band in plan.coarse if plan.factors[band] == factor)
        task = _Task(plan, bands, methods, tuple(fits[band] for band in bands))
        samples = _read(stack, task, windows, part)
        if not samples.pieces:
            notes.append(f"{', '.join(bands)}: too little of the scene holds data to measure one scale down.")
            continue
        restored = _restored(task, samples.pieces, part)
        resolutions.append(_measured(task, samples, restored))
        example = example or _example(task, samples.pieces, restored)
    progress.fraction(1.0)
    return Quality(method, len(windows), tuple(resolutions), tuple(notes), example)


def _read(stack: StackReader, task: _Task, windows: Sequence[Window], progress: Progress) -> _Samples:
    """Look at windows: at consistency, full scale, right away; one scale down is kept for later."""
    count = len(task.bands)
    samples = _Samples([], {method: np.zeros(count) for method in task.methods}, np.zeros(count, dtype=np.int64))
    for done, window in enumerate(windows, start=1):
        progress.check()
        whole = _whole(window, task.factor * reduction_of(task.factor))
        if whole is not None:
            guides, guided = stack.read_guides(task.plan.guides, whole)
            bands = [stack.read(band, whole.coarsened(task.factor)) for band in task.bands]
            patches = patches_of(bands, guides, guided, task.factor)
            piece = ReducedPiece.of(patches)
            if piece.valid.any():
                samples.pieces.append(piece)
            for method in task.methods:
                progress.check()
                images = zip(patches, sharpen_bands(patches, method, task.fits), task.fits)
                lacking = [inconsistency(patch, image, fit.blur(method)) for patch, image, fit in images]
                samples.squares[method] += [float((each**2).sum(dtype=np.float64)) for each in lacking]
            samples.pixels[:] += [each.size for each in lacking]
        progress.fraction(0.5 * done / len(windows))
    return samples


def _restored(task: _Task, pieces: Sequence[ReducedPiece], progress: Progress) -> dict[str, list[FloatArray]]:
    """Restore every piece by every method, which is not told how the pieces were degraded."""
    patches = [[piece.patches[k] for piece in pieces] for k in range(len(task.bands))]
    fits = refit_learned(task.bands, task.fits, patches, fit_bands(patches), progress)
    images: dict[str, list[FloatArray]] = {}
    for done, method in enumerate(task.methods, start=1):
        images[method] = []
        for piece in pieces:
            progress.check()
            images[method].append(piece.restored(method, fits))
        progress.fraction(0.5 + 0.5 * done / len(task.methods))
    return images


def _measured(task: _Task, samples: _Samples, restored: Mapping[str, Sequence[FloatArray]]) -> ResolutionQuality:
    figures, size, reduction = [], task.plan.grid.pixel_size[0], reduction_of(task.factor)
    for method, images in restored.items():
        pairs = zip(samples.pieces, images)
        deviation = total(Deviation.of(piece.truth, image, piece.valid) for piece, image in pairs)
        columns = zip(task.bands, 1e4 * deviation.rmse, deviation.q, 1e4 * samples.consistency(method))
        bands = tuple(BandFigures(band, *map(_defined, values)) for band, *values in columns)
        figures.append(MethodFigures(method, bands, _defined(deviation.ergas(task.factor)), _defined(deviation.sam)))
    return ResolutionQuality(
        gsd=size * task.factor,
        degraded=size * task.factor * reduction,
        guided=size * reduction,
        blur=task.fits[0].sigma,
        pixels=sum(int(piece.valid.sum()) for piece in samples.pieces),
        methods=tuple(figures),
    )


def _example(task: _Task, pieces: Sequence[ReducedPiece], restored: Mapping[str, Sequence[FloatArray]]) -> Example:
    """Return the middle of the middle window."""
    index = len(pieces) // 2
    shown = _EXAMPLE_BANDS if set(_EXAMPLE_BANDS) <= set(task.bands) else task.bands[:1]
    numbers = [task.bands.index(band) for band in shown]
    rows, cols = (max(0, (length - _EXAMPLE_SIZE) // 2) for length in pieces[index].truth.shape[1:])

    def cut(image: FloatArray) -> FloatArray:
        return image[numbers, rows : rows + _EXAMPLE_SIZE, cols : cols + _EXAMPLE_SIZE]

    images = {method: cut(pictures[index]) for method, pictures in restored.items()}
    return Example(shown, cut(pieces[index].degraded), images, cut(pieces[index].truth))


def _chosen_windows(stack: StackReader, plan: StackPlan, progress: Progress) -> list[Window]:
    """Return windows with data, evenly spread, the same for every run."""
    coarsest = max(plan.coarse, key=lambda band: plan.factors[band])
    shares = []
    for window in _lattice(plan.grid, math.lcm(*plan.factors.values())):
        progress.check()
        _, valid = stack.read(coarsest, window.coarsened(plan.factors[coarsest]))
        shares.append((float(valid.mean()), window))
    full = [window for share, window in shares if share >= _LEAST_SHARE]
    usable = full or [window for share, window in shares if share > 0]
    picked = np.linspace(0, len(usable) - 1, min(_WINDOWS, len(usable))).round().astype(int)
    return [usable[index] for index in picked]


def _lattice(grid: Grid, step: int) -> Iterator[Window]:
    """Yield windows over the whole grid, their corners on multiples of `step` pixels, row by row."""
    side = max(step, _WINDOW_SIZE // step * step)
    width, height = min(side, grid.width), min(side, grid.height)
    for row in _starts(grid.height, height, step):
        for col in _starts(grid.width, width, step):
            yield Window(col, row, width, height)


def _starts(size: int, part: int, step: int) -> list[int]:
    count = min(_LATTICE, math.ceil(size / part))
    return sorted({int((size - part) * k / max(1, count - 1)) // step * step for k in range(count)})


def _whole(window: Window, step: int) -> Window | None:
    """Return the part of a window that is a whole multiple of `step`; None if it is too small to measure."""
    width, height = window.width // step, window.height // step
    if min(width, height) < _LEAST_PIXELS:
        return None
    return Window(window.col, window.row, width * step, height * step)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
