# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from training.fitting.averaging import MovingAverage, decay_after


@pytest.mark.parametrize(("steps", "expected"), [(0, 0.1), (80, 0.9), (10_000, 0.995)])
def test_the_memory_grows_up_to_the_decay(steps, expected):
    assert decay_after(steps, 0.995) == pytest.approx(expected)


def test_a_short_run_forgets_its_initial_weights():
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, 100.0)
    averaged = AveragedModel(layer, **MovingAverage(0.995)._kwargs)
    averaged.update_parameters(layer)
    nn.init.constant_(layer.weight, 1.0)
    for _ in range(40):
        averaged.update_parameters(layer)
    # A fixed decay of 0.995 would still stand at 82.
    assert torch.allclose(averaged.module.weight, torch.tensor([[1.0]]), atol=0.01)
