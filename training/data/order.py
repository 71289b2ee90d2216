# SPDX-License-Identifier: GPL-2.0-or-later
"""Random numbers that depend on the run's seed and the epoch alone, so that a resumed run repeats an unbroken one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import torch
from numpy.random import SeedSequence
from torch.utils.data import Sampler

_SEED = "PL_GLOBAL_SEED"  # where `seed_everything` keeps the run's seed


def epoch_seed(epoch: int, rank: int = 0) -> int:
    """Return a seed of 64 bits from the run's seed (0 without one); another epoch or rank gives an unrelated one."""
    run = int(os.environ.get(_SEED, "0"))
    return int(SeedSequence((run, epoch, rank)).generate_state(1, "uint64")[0])


class EpochOrder(Sampler[int]):
    """Indices of tiles in an order that is shuffled for each epoch, the same on every device.

    Args:
        count: number of tiles.
        epoch: gives the epoch that is about to run.
    """

    def __init__(self, count: int, epoch: Callable[[], int]) -> None:
        self._count = count
        self._epoch = epoch

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(epoch_seed(self._epoch()))
        yield from torch.randperm(self._count, generator=generator).tolist()
