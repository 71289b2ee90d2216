# SPDX-License-Identifier: GPL-2.0-or-later
"""Learning curves: losses and figures by epoch, as a picture and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from s2landcover_plugin.core.outputs import staged, write_text

from .run_folder import run_folder

PICTURE, TABLE = "curves.png", "curves.csv"

_PANELS = (("Loss", ("loss", "validation_loss")), ("Validation", ("accuracy", "mean_iou", "mean_f1")))
_LABELS = {
    "loss": "training",
    "validation_loss": "validation",
    "accuracy": "accuracy",
    "mean_iou": "mean IoU",
    "mean_f1": "mean F1",
}

Epoch = Mapping[str, float]


class LearningCurves(Callback):
    """Writes `curves.csv` and `curves.png` into the run's folder after every epoch, so that a killed run has them."""

    def __init__(self) -> None:
        self._epochs: list[Epoch] = []
        self._validated = False

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remember that there are new figures: the trainer keeps those of the last validation, however old."""
        self._validated = not trainer.sanity_checking

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Add an epoch."""
        known = {name: float(trainer.callback_metrics[key]) for name, key in _keys(trainer, self._validated)}
        self._validated = False
        # A resumed run comes by its last epoch again.
        earlier = [row for row in self._epochs if row["epoch"] < trainer.current_epoch]
        self._epochs = [*earlier, {"epoch": trainer.current_epoch, **known}]
        folder = run_folder(trainer)
        if folder is None or not trainer.is_global_zero:
            return
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / TABLE, to_csv(self._epochs))
        with staged(folder / PICTURE) as path:
            draw(self._epochs).savefig(path, format="png")

    def state_dict(self) -> dict[str, Any]:
        """Keep the epochs in the checkpoint."""
        return {"epochs": [dict(row) for row in self._epochs]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with the epochs of a checkpoint."""
        self._epochs = list(state_dict["epochs"])


def to_csv(epochs: list[Epoch]) -> str:
    """Return a table with a row an epoch; a figure that an epoch has not is left empty."""
    columns = ["epoch", *(name for name in _LABELS if any(name in row for row in epochs))]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(epochs)
    return text.getvalue()


def draw(epochs: list[Epoch]) -> Figure:
    """Return two panels: losses, and figures on the validation tiles."""
    figure = Figure(figsize=(10, 4), dpi=110, layout="constrained")
    for axes, (title, names) in zip(figure.subplots(1, 2), _PANELS):
        _panel(axes, title, names, epochs)
    figure.axes[1].set_ylim(0, 1)
    return figure


def _panel(axes: Axes, title: str, names: tuple[str, ...], epochs: list[Epoch]) -> None:
    for name in names:
        points = [(row["epoch"] + 1, row[name]) for row in epochs if name in row]
        if points:
            # A single point shows as a dot, not as an empty line.
            axes.plot(*zip(*points), label=_LABELS[name], marker="." if len(points) < 30 else None)
    axes.set_title(title)
    axes.set_xlabel("epoch")
    axes.grid(alpha=0.3)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if axes.lines:
        axes.legend(loc="best")


def _keys(trainer: Trainer, validated: bool) -> list[tuple[str, str]]:
    """Return the names of an epoch's figures and the keys that Lightning has them under: of the loss, the mean."""
    keys = {"loss": "loss_epoch"}
    if validated:
        keys.update({name: name for name in _LABELS if name != "loss"})
    return [(name, key) for name, key in keys.items() if key in trainer.callback_metrics]
