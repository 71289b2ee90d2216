# SPDX-License-Identifier: GPL-2.0-or-later
"""A schedule for pretrained encoders: frozen first, then learning part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from s2landcover_plugin.core.errors import ModelError

from ..networks.base import SegmentationNetwork
from .module import SegmentationModule

WHOLE = "encoder"


class Thawing(Callback):
    """Keeps the encoder as it is, except for the parts whose epoch has come.

    A frozen part keeps its weights and the averages of its batch normalisation. The state follows from the epoch alone,
    so that a resumed run goes on as it would have.

    Args:
        epochs: first epoch, from 0, in which a part of the encoder learns; parts by their name in it, such as `layer4`,
            or `encoder` for all of it. Parts that are not named never learn.
    """

    def __init__(self, epochs: dict[str, int]) -> None:
        self._epochs: Mapping[str, int] = dict(epochs)
        self._frozen: set[nn.Parameter] = set()

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Make sure that the parts exist.

        Raises:
            ModelError: if one does not.
        """
        for name in self._epochs:
            _part(_segmenter(pl_module), name)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Freeze and thaw; this is after Lightning has put the whole network into training mode."""
        network = _segmenter(pl_module)
        encoder = network.encoder
        learning = {
            parameter
            for name, epoch in self._epochs.items()
            if epoch <= trainer.current_epoch
            for parameter in _part(network, name).parameters()
        }
        self._frozen = set(encoder.parameters()) - learning
        for parameter in encoder.parameters():
            # Gradients between several devices are agreed on once, at the start: there all parameters take part.
            parameter.requires_grad = trainer.world_size > 1 or parameter in learning
        for layer in _normalisations(encoder):
            layer.train(any(parameter in learning for parameter in layer.parameters()))

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer) -> None:
        """Take the gradients of what is frozen away; without them nothing changes or decays."""
        for parameter in self._frozen:
            parameter.grad = None


def _segmenter(module: LightningModule) -> SegmentationNetwork:
    if not isinstance(module, SegmentationModule):
        raise ModelError(f"Only a SegmentationModule has an encoder to thaw; this is a {type(module).__name__}.")
    return module.segmenter


def _part(network: SegmentationNetwork, name: str) -> nn.Module:
    return network.encoder if name == WHOLE else network.encoder_stage(name)


def _normalisations(encoder: nn.Module) -> Iterator[nn.Module]:
    return (layer for layer in encoder.modules() if isinstance(layer, _BatchNorm))
