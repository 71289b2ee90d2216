# SPDX-License-Identifier: GPL-2.0-or-later
"""Frozen parts stay as they are, to the last bit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from lightning import Trainer
from torch import Tensor

from s2landcover_plugin.core.errors import ModelError
from training.data.module import TileData
from training.fitting.module import SegmentationModule
from training.fitting.thawing import Thawing

from .test_module import OPTIONS, SMALL


def fitted(dataset: Path, thawing: Thawing, epochs: int) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return the state of a network before and after training."""
    torch.manual_seed(0)
    module = SegmentationModule(network=SMALL, **OPTIONS)
    before = {name: value.clone() for name, value in module.segmenter.state_dict().items()}
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = Trainer(accelerator="cpu", max_epochs=epochs, callbacks=[thawing], enable_model_summary=False, **quiet)
    trainer.fit(module, TileData(dataset, batch_size=4))
    return before, module.segmenter.state_dict()


def changed(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    """Return the first parts of the names of what differs."""
    return {".".join(name.split(".")[:2]) for name in before if not torch.equal(before[name], after[name])}


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [
        ({}, set()),
        ({"3": 1}, {"encoder.3"}),
        ({"3": 2}, set()),
        ({"encoder": 0}, {"encoder.0", "encoder.1", "encoder.2", "encoder.3"}),
    ],
)
def test_only_thawed_parts_learn(dataset: Path, epochs: dict[str, int], expected: set[str]) -> None:
    found = changed(*fitted(dataset, Thawing(epochs), 2))
    assert {name for name in found if name.startswith("encoder")} == expected
    assert any(name.startswith("head") for name in found)


def test_unknown_part(dataset: Path) -> None:
    with pytest.raises(ModelError, match=r"no stage 'layer4'; its stages are 0, 1, 2, 3\."):
        fitted(dataset, Thawing({"layer4": 1}), 1)
