# SPDX-License-Identifier: GPL-2.0-or-later
"""What a scene as a whole says about its coarse bands, learnt from windows spread over it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..progress import Progress
from ..raster import Window
from .fitting import BandFit, fit_bands
from .learned import fit_learned
from .network import SharpeningNetwork
from .patch import Patch
from .stack import StackPlan, StackReader

# Windows of this many fine pixels a side, on a lattice over the scene.
_SAMPLE_SIZE, _SAMPLES_PER_SIDE = 192, 3


def fit_stack(
    stack: StackReader, plan: StackPlan, progress: Progress, network: SharpeningNetwork | None = None
) -> dict[str, BandFit]:
    """Estimate every coarse band's blur and relation to the guides.

    The whole scene is sampled, even for a part of it: more ground says more about the blur, and parts made one by one
    fit together.

    Args:
        stack: the open product.
        plan: how its bands come together.
        progress: hears how far it is, and may cancel.
        network: what corrects the bands that it knows, for the method `learned`.
    """
    patches: dict[str, list[Patch]] = {band: [] for band in plan.coarse}
    windows = list(_sample_windows(plan.scene, math.lcm(*plan.factors.values())))
    for done, window in enumerate(windows, start=1):
        progress.check()
        guides, guides_valid = stack.read_guides(plan.guides, window)
        if guides_valid.any():
            for band in plan.coarse:
                progress.check()
                coarse, coarse_valid = stack.read(band, window.coarsened(plan.factors[band]))
                patches[band].append(Patch.of(coarse, guides, plan.factors[band], coarse_valid, guides_valid))
        progress.fraction(0.7 * done / len(windows))
    fits: dict[str, BandFit] = {}
    for factor in sorted({plan.factors[band] for band in plan.coarse}):
        progress.check()
        bands = [band for band in plan.coarse if plan.factors[band] == factor]
        # Where every window missed the data, the sensor's own blur has to do.
        samples = [patches[band] or [_blank_patch(len(plan.guides), factor)] for band in bands]
        found = fit_bands(samples)
        fits.update(zip(bands, fit_learned(network, bands, samples, found, progress) if network else found))
    progress.fraction(1.0)
    return fits


def _blank_patch(guides: int, factor: int) -> Patch:
    return Patch.of(np.full((1, 1), np.nan), np.full((guides, factor, factor), np.nan), factor)


def _sample_windows(scene: Window, step: int) -> Iterator[Window]:
    """Yield windows on a lattice over the scene, their corners a multiple of `step` pixels from its own."""
    side = max(step, _SAMPLE_SIZE // step * step)
    width, height = min(side, scene.width), min(side, scene.height)
    places = [
        sorted({round(k * (size - part) / (_SAMPLES_PER_SIDE - 1) / step) * step for k in range(_SAMPLES_PER_SIDE)})
        for size, part in ((scene.width, width), (scene.height, height))
    ]
    for row in places[1]:
        for col in places[0]:
            yield Window(scene.col + col, scene.row + row, width, height)
