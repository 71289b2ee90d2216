# SPDX-License-Identifier: GPL-2.0-or-later
"""A callback that gives a test the time to kill a run."""

from __future__ import annotations

import time
from typing import Any

from lightning.pytorch.callbacks import Callback


class Slowness(Callback):
    """Sleeps in every batch from the second epoch on."""

    def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
        if trainer.current_epoch > 0:
            time.sleep(0.5)
