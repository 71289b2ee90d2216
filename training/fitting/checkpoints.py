# SPDX-License-Identifier: GPL-2.0-or-later
"""The two checkpoints that a run keeps: to use, and to go on from."""

from __future__ import annotations

from lightning.pytorch.callbacks import ModelCheckpoint


class BestCheckpoint(ModelCheckpoint):
    """Keeps `best.ckpt`, the one of the epoch with the best figure on the validation tiles."""


class LatestCheckpoint(ModelCheckpoint):
    """Keeps `last.ckpt`, to go on from after each epoch.

    `save_last` of the other callback would write only when the best is beaten.
    """

    def __init__(self) -> None:
        super().__init__(filename="last", enable_version_counter=False)
