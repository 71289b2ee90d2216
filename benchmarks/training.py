# SPDX-License-Identifier: GPL-2.0-or-later
"""Training: images a second through `fit` beside a bare PyTorch loop over the same network and tiles.

A made-up dataset of 13 bands. The bare loop has the tiles in memory, as tensors; `fit` reads them from their GeoTIFFs
and keeps them as far as `--memory` reaches, through Lightning, with progress, logging and checkpoints as users have
them, but for validation, which is no training step. Both take the same steps: precision, loss, optimiser, batches. They
take turns, and the best turn of each counts; the first epoch of a turn, in which things warm up, does not.
`--accelerator gpu` measures on a GPU. Run it with `make bench NAME=training`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning import Trainer, seed_everything
from lightning.pytorch.callbacks import Callback
from torch.utils.data import default_collate

from benchmarks._bars import Bar
from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.raster import Grid, RasterSpec, create_raster
from s2landcover_plugin.core.tiling.dataset import BandStatistics, DatasetInfo, TileRecord, count_classes
from training.augmentation.options import AugmentationOptions
from training.data.module import TileData
from training.data.samples import Sample
from training.data.tiles import TileDataset
from training.fitting.command_line import model_arguments
from training.fitting.module import SegmentationModule
from training.fitting.options import OptimiserOptions
from training.networks.options import NetworkOptions

ENVIRONMENT = "training"

BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
LEGEND = Legend(tuple(LandCoverClass(value, f"Class {value}", f"{value:02X}8040") for value in range(1, 10)))
NETWORKS = {
    "light_unet": NetworkOptions(),
    "resnet50_unet": NetworkOptions("unet", normalisation="standard", encoder="resnet50", width=16),
}
OPTIMISER = OptimiserOptions(schedule="constant")
LEAST_RATIO = 0.9


@dataclass(frozen=True)
class Setting:
    """How it is measured.

    Attributes:
        folder: the dataset.
        accelerator: `cpu` or `gpu`.
        batch_size: tiles in a batch.
        workers: processes that read tiles.
        memory: MB of tiles that `fit` keeps.
        epochs: of a turn; the first does not count.
    """

    folder: Path
    accelerator: str
    batch_size: int
    workers: int
    memory: int
    epochs: int


def main() -> None:
    """Measure everything and print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--networks", nargs="+", choices=list(NETWORKS), default=["light_unet"])
    add("--accelerator", choices=("cpu", "gpu"), default="cpu")
    add("--tiles", type=int, default=32)
    add("--size", type=int, default=256, help="of a tile, pixels")
    add("--batch-size", type=int, default=8)
    add("--workers", type=int, default=0)
    add("--memory", type=int, default=1000, help="MB of tiles that fit keeps; 0 reads them in every epoch")
    add("--epochs", type=int, default=3, help="of a turn")
    add("--turns", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        make_dataset(Path(name), options.tiles, options.size)
        setting = Setting(
            Path(name), options.accelerator, options.batch_size, options.workers, options.memory, options.epochs
        )
        for network in options.networks:
            print(compared(network, setting, options.turns), flush=True)


def compared(name: str, setting: Setting, turns: int) -> Bar:
    """Return the bar of one network."""
    ways = {
        "bare": lambda: bare(NETWORKS[name], setting),
        "fit": lambda: fitted(NETWORKS[name], setting, None),
        "fit with augmentation": lambda: fitted(NETWORKS[name], setting, AugmentationOptions()),
    }
    rates = dict.fromkeys(ways, 0.0)
    for _ in range(turns):
        for way, measure in ways.items():
            rates[way] = max(rates[way], measure())
    print(f"{name}: " + ", ".join(f"{way} {rate:.2f} images/s" for way, rate in rates.items()), flush=True)
    return Bar(f"{name}_fit_to_bare", rates["fit"] / rates["bare"], LEAST_RATIO, at_least=True)


def bare(network: NetworkOptions, setting: Setting) -> float:
    """Return images a second of a loop that does nothing else."""
    device = torch.device("cuda" if setting.accelerator == "gpu" else "cpu")
    info = DatasetInfo.read(setting.folder)
    module = fresh(network, info).to(device).train()
    optimiser = torch.optim.AdamW(module.network.parameters(), lr=OPTIMISER.learning_rate)
    data = TileDataset(setting.folder, info, info.split("train"))
    tiles = [data[index] for index in range(len(data))]
    began = 0.0
    for epoch in range(setting.epochs):
        if epoch == 1:
            _wait(device)
            began = time.perf_counter()
        for batch in _batches(tiles, setting.batch_size):
            optimiser.zero_grad()
            with torch.autocast(device.type, torch.bfloat16):
                loss = module.loss(module(batch.image.to(device)), batch.labels.to(device))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(module.network.parameters(), 1.0)
            optimiser.step()
    _wait(device)
    return _rate(len(tiles), setting, time.perf_counter() - began)


def fitted(network: NetworkOptions, setting: Setting, augmentation: AugmentationOptions | None) -> float:
    """Return images a second of Lightning's `fit`."""
    data = TileData(setting.folder, setting.batch_size, setting.workers, setting.memory, augmentation)
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            accelerator=setting.accelerator,
            devices=1,
            precision="bf16-mixed",
            max_epochs=setting.epochs,
            limit_val_batches=0,
            gradient_clip_val=1.0,
            default_root_dir=folder,
            callbacks=[clock],
            enable_model_summary=False,
        )
        trainer.fit(fresh(network, data.info), data)
    return _rate(len(data.info.split("train")), setting, clock.seconds)


class Clock(Callback):
    """Takes the time from the start of the second epoch to the end of the last one."""

    def __init__(self) -> None:
        self._began = 0.0
        self.seconds = 0.0

    def on_train_epoch_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Start after the first epoch; stop after each later one."""
        _wait(pl_module.device)
        if trainer.current_epoch == 0:
            self._began = time.perf_counter()
        self.seconds = time.perf_counter() - self._began


def fresh(network: NetworkOptions, info: DatasetInfo) -> SegmentationModule:
    """Return an untrained network, the same every time."""
    seed_everything(0, verbose=False)
    return SegmentationModule(**model_arguments(info), network=network, optimiser=OPTIMISER)


def make_dataset(folder: Path, count: int, size: int) -> None:
    """Write a dataset of tiles with as much detail as real ones: smooth surfaces with noise, blocks of classes."""
    rng = np.random.default_rng(0)
    grid = Grid(size, size, (0.0, 10.0, 0.0, 0.0, 0.0, -10.0))
    for kind in ("images", "labels"):
        (folder / kind).mkdir()
    tiles = []
    for number in range(count + 1):
        split = "train" if number < count else "validation"
        labels = np.kron(rng.integers(1, 10, (size // 16, size // 16)), np.ones((16, 16))).astype(np.uint8)
        levels = rng.integers(200, 4000, (10, len(BANDS)))
        image = levels[labels].transpose(2, 0, 1) + rng.normal(0, 60, (len(BANDS), size, size))
        write(folder / "images" / f"{number}.tif", grid, np.clip(image, 1, 10000).astype(np.uint16), BANDS)
        write(folder / "labels" / f"{number}.tif", grid, labels[np.newaxis], ("class",))
        shares = {value: float((labels == value).mean()) for value in LEGEND.values}
        tiles.append(TileRecord(str(number), split, str(number), "made up", 0, 0, 1.0, class_fractions=shares))
    statistics = {band: BandStatistics(0.2, 0.1, 0.0, 1.0) for band in BANDS}
    pixels = count_classes(tiles, LEGEND, size)
    DatasetInfo(BANDS, 10.0, size, 0, LEGEND, pixels, statistics, {}, tuple(tiles)).write(folder)


def write(path: Path, grid: Grid, array: np.ndarray, names: tuple[str, ...]) -> None:
    """Write a tile as `tile` does: compressed, images with nodata and scale."""
    options: dict[str, Any] = {"nodata": 0, "scale": 0.0001} if array.dtype == np.uint16 else {}
    with create_raster(str(path), RasterSpec(grid, array.dtype.name, names, **options)) as writer:
        writer.write(array)


def _batches(tiles: list[Sample], size: int) -> Iterator[Sample]:
    order = torch.randperm(len(tiles)).tolist()
    for start in range(0, len(order) - size + 1, size):
        yield default_collate([tiles[index] for index in order[start : start + size]])


def _rate(tiles: int, setting: Setting, seconds: float) -> float:
    return (setting.epochs - 1) * (tiles // setting.batch_size * setting.batch_size) / seconds


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
