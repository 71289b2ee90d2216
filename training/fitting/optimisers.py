# SPDX-License-Identifier: GPL-2.0-or-later
"""Optimisers and learning-rate schedules from their options."""

from __future__ import annotations

import math
from typing import Any

from lightning.pytorch.utilities.types import LRSchedulerConfigType, OptimizerLRScheduler
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, ReduceLROnPlateau

from s2landcover_plugin.core.errors import InputError

from ..networks.base import SegmentationNetwork
from .options import OptimiserOptions

MONITORED = "validation_loss"
"""What a plateau is seen in."""


def configure(
    network: SegmentationNetwork, options: OptimiserOptions, steps: float, interval: int = 1
) -> OptimizerLRScheduler:
    """Return an optimiser and its schedule, as Lightning wants them.

    Args:
        network: whose weights are to be learnt; frozen ones are passed over until they thaw.
        options: which optimiser, which schedule.
        steps: of the whole run; infinite for one that goes on until it is stopped.
        interval: epochs from one validation to the next.

    Raises:
        InputError: if the schedule needs to know where the run ends, and it has no end.
    """
    optimiser = _optimiser(parameter_groups(network, options), options)
    scheduler = _schedule(optimiser, options, steps, interval)
    return {"optimizer": optimiser, "lr_scheduler": scheduler} if scheduler else optimiser


def check_length(scheduler: object, steps: float) -> None:
    """Make sure that a schedule, as a checkpoint may have brought it, is long enough for a run.

    Raises:
        InputError: if it has come to its end before.
    """
    planned = scheduler.total_steps if isinstance(scheduler, OneCycleLR) else getattr(scheduler, "T_max", steps)
    if steps > planned:
        raise InputError(
            f"The learning rate of the checkpoint falls over {planned} steps, and this run has {steps}. Go on with the "
            "number of epochs that the run was begun with, or begin another from its weights "
            "(--model.initial_checkpoint)."
        )


def parameter_groups(network: SegmentationNetwork, options: OptimiserOptions) -> list[dict[str, Any]]:
    """Return the parameters by learning rate and by whether they decay; empty groups are left out."""
    encoder = {id(parameter) for parameter in network.encoder.parameters()}
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for parameter in network.parameters():
        # Biases, and the scales of normalisation layers, are vectors: decay has no meaning for them.
        key = (id(parameter) in encoder, parameter.ndim > 1)
        groups.setdefault(key, []).append(parameter)
    rates = {True: options.learning_rate * options.encoder_factor, False: options.learning_rate}
    decays = {True: options.weight_decay, False: 0.0}
    return [
        {"params": parameters, "lr": rates[in_encoder], "weight_decay": decays[decaying]}
        for (in_encoder, decaying), parameters in sorted(groups.items())
    ]


def _optimiser(groups: list[dict[str, Any]], options: OptimiserOptions) -> Optimizer:
    if options.name == "sgd":
        return SGD(groups, momentum=options.momentum, nesterov=options.momentum > 0)
    return Adam(groups) if options.name == "adam" else AdamW(groups)


def _schedule(
    optimiser: Optimizer, options: OptimiserOptions, steps: float, interval: int
) -> LRSchedulerConfigType | None:
    if options.schedule == "constant":
        return None
    if options.schedule == "plateau":
        plateau = ReduceLROnPlateau(optimiser, factor=options.factor, patience=options.patience)
        return {"scheduler": plateau, "monitor": MONITORED, "frequency": interval}
    if math.isinf(steps):
        raise InputError(
            f"The learning rate of the schedule '{options.schedule}' falls until the run ends, and this run has no "
            "end. Give it one (--trainer.max_epochs 50), or choose --model.optimiser.schedule plateau or constant."
        )
    if options.schedule == "cosine":
        return {"scheduler": CosineAnnealingLR(optimiser, int(steps)), "interval": "step"}
    # One cycle: Smith and Topin (2017), https://arxiv.org/abs/1708.07120.
    rates = [group["lr"] for group in optimiser.param_groups]
    return {"scheduler": OneCycleLR(optimiser, rates, total_steps=int(steps), pct_start=0.15), "interval": "step"}
