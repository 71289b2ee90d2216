# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest
import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, ReduceLROnPlateau

from s2landcover_plugin.core.errors import InputError
from training.fitting.optimisers import check_length, configure
from training.fitting.options import OptimiserOptions
from training.networks.light_unet import LightUNet


def test_a_schedule_is_as_long_as_the_run() -> None:
    optimiser = SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    for scheduler in (OneCycleLR(optimiser, 0.1, total_steps=20), CosineAnnealingLR(optimiser, 20)):
        check_length(scheduler, 20)
        with pytest.raises(InputError, match="falls over 20 steps, and this run has 30"):
            check_length(scheduler, 30)
    for endless in (ReduceLROnPlateau(optimiser), None):
        check_length(endless, 30)


@pytest.mark.parametrize("schedule", ["one-cycle", "cosine", "plateau", "constant"])
def test_a_run_without_an_end_needs_a_schedule_without_one(schedule: str) -> None:
    network, options = LightUNet(3, 2, width=2, depth=1), OptimiserOptions(schedule=schedule)
    assert configure(network, options, 20.0)
    if schedule in ("plateau", "constant"):
        assert configure(network, options, float("inf"))
        return
    with pytest.raises(InputError, match=f"schedule '{schedule}' falls until the run ends.*max_epochs"):
        configure(network, options, float("inf"))


def test_a_plateau_is_looked_for_where_there_is_a_validation() -> None:
    found = configure(LightUNet(3, 2, width=2, depth=1), OptimiserOptions(schedule="plateau"), 20.0, interval=5)
    assert found["lr_scheduler"]["frequency"] == 5  # type: ignore[index, call-overload]
