# SPDX-License-Identifier: GPL-2.0-or-later
"""The average of the weights over the last steps of a run, which predicts better than the weights of any one step."""

from __future__ import annotations

from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor


class MovingAverage(WeightAveraging):
    """Exponential moving average of the weights, whose memory grows with the run.

    A fixed decay would keep the random initial weights in the average for hundreds of steps, more than a small dataset
    has in its whole training.

    Args:
        decay: share of the old average that remains at each step, once the run is long enough; 0 to 1.
    """

    def __init__(self, decay: float = 0.995) -> None:
        def average(averaged: Tensor, current: Tensor, steps: Tensor | int) -> Tensor:
            return averaged + (current - averaged) * (1.0 - decay_after(int(steps), decay))

        super().__init__(avg_fn=average)


def decay_after(steps: int, decay: float) -> float:
    """Return the decay to use after so many steps: from 0.1 up to `decay`, reaching 0.9 at step 80."""
    return min(decay, (1.0 + steps) / (10.0 + steps))
