# SPDX-License-Identifier: GPL-2.0-or-later
"""What `test` does with a network's maps: count, compare with a random forest, and report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.outputs import write_text

from ..data.module import TileData
from ..data.samples import Sample
from ..fitting.module import SegmentationModule
from ..fitting.run_folder import run_folder
from ..losses.options import LOSSES
from ..terminal import TerminalProgress
from .counts import TileCounts, by_place, count_pairs, from_all_devices
from .figures import FIGURES_FILE, to_json, to_text
from .forest import draw_pixels, fit_forest, forest_map
from .record import COUNTS_FILE, FOREST, NETWORK, EvaluationRecord, ModelSummary
from .report import REPORT_FILE, html_page

_VIEWS = ", mean over flips and turns"


class EvaluationReport(Callback):
    """Measures a per-pixel random forest on the pixels that `test` measures the network on, and reports on both.

    Args:
        pixels: labelled pixels of the training tiles that the forest learns from; 0 leaves it out.
        trees: of the forest; 0 leaves it out.
        seed: of the random numbers that draw pixels and grow trees.

    Raises:
        InputError: if a number is negative.
    """

    def __init__(self, pixels: int = 50_000, trees: int = 100, seed: int = 0) -> None:
        if min(pixels, trees) < 0:
            raise InputError(f"The random forest has {pixels} pixels and {trees} trees; expected 0 or more.")
        self._pixels = pixels
        self._trees = trees
        self._seed = seed
        self._forest: Any = None
        self._tiles: dict[str, TileCounts] = {}
        self._epochs: int | None = None

    def on_load_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        """Note how long the network was trained."""
        self._epochs = int(checkpoint["epoch"]) + 1

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start counting afresh, and grow the forest; each process grows the same."""
        self._tiles, self._forest = {}, None
        if not (self._pixels and self._trees):
            return
        data = _data_of(trainer)
        progress = TerminalProgress()
        if not data.info.split("train"):
            progress.info("The dataset has no training tiles, so there is no random forest to compare with")
            return
        if trainer.is_global_zero:
            progress.info(f"Growing a random forest of {self._trees} trees for comparison")
        pixels = draw_pixels(data.folder, data.info, self._pixels, self._seed, progress)
        self._forest = fit_forest(pixels, self._trees, self._seed)

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Sample,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Count where maps and labels agree."""
        maps: dict[str, Tensor] = {NETWORK: outputs}
        if self._forest is not None:
            maps[FOREST] = forest_map(self._forest, batch.image, batch.labels)
        arrays = {who: found.cpu().numpy() for who, found in maps.items()}
        truth = batch.labels.cpu().numpy()
        classes = len(_data_of(trainer).legend)
        for index, name in enumerate(batch.id):
            counts = {who: count_pairs(found[index], truth[index], classes) for who, found in arrays.items()}
            self._tiles[name] = TileCounts(batch.split[index], batch.place[index], counts)

    def on_test_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Print the figures, and write counts, figures and report into the run's folder."""
        tiles = from_all_devices(self._tiles)
        folder = run_folder(trainer)
        if not trainer.is_global_zero or not isinstance(pl_module, SegmentationModule):
            return
        record = EvaluationRecord(pl_module.legend, by_place(tiles), self._summary(trainer, pl_module))
        print(to_text(record))
        if folder is not None:
            write_report(record, folder)
            print(f"\nThe report is {folder / REPORT_FILE}.")

    def _summary(self, trainer: Trainer, module: SegmentationModule) -> ModelSummary:
        options = module.loss_options
        weights = {name: getattr(options, name) for name in LOSSES if getattr(options, name)}
        balance = "" if options.class_weights == "none" else f", class weights {options.class_weights}"
        return ModelSummary(
            network=module.network_options.describe() + (_VIEWS if module.test_time_augmentation else ""),
            loss=" + ".join(f"{weight:g} {name}" for name, weight in weights.items()) + balance,
            epochs=self._epochs,
            parameters=sum(item.numel() for item in module.parameters()),
            checkpoint=str(trainer.ckpt_path or ""),
            dataset=str(_data_of(trainer).folder),
            forest=self._forest_line(),
        )

    def _forest_line(self) -> str:
        if self._forest is None:
            return ""
        return f"random forest of {self._trees} trees, grown on {self._pixels:,} labelled pixels of the training tiles"


def write_report(record: EvaluationRecord, folder: Path) -> None:
    """Write `report.html`, `figures.json`, and last `counts.json`.

    Raises:
        OutputError: if a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / REPORT_FILE, html_page(record, folder))
    write_text(folder / FIGURES_FILE, json.dumps(to_json(record), ensure_ascii=False, indent=1))
    record.write(folder / COUNTS_FILE)


def _data_of(trainer: Trainer) -> TileData:
    data = getattr(trainer, "datamodule", None)
    if not isinstance(data, TileData):
        raise InputError("A test needs a dataset folder; give it with --data.folder.")
    return data
