# SPDX-License-Identifier: GPL-2.0-or-later
"""What the folder of a run tells about a checkpoint: its dataset, its options, and the figures of its tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from s2landcover_plugin.core.errors import DatasetError, InputError
from s2landcover_plugin.core.tiling.dataset import DatasetInfo

from ..evaluation.figures import FIGURES_FILE

CONFIG_FILE = "config.yaml"


@dataclass(frozen=True)
class RunRecord:
    """What is known of the run that made a checkpoint; everything may be missing.

    Attributes:
        config: the options of `fit`.
        dataset: folder of the tiles.
        info: what the dataset says about itself, with the run's fold for validation.
        figures: what the latest test of the checkpoint wrote, by split.
    """

    config: Mapping[str, Any] = field(default_factory=dict)
    dataset: Path | None = None
    info: DatasetInfo | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def attribution(self) -> str:
        """Who has to be credited for the data."""
        return self.info.attribution if self.info else ""

    def data_text(self) -> str:
        """Return what the model was trained on, in a sentence; empty if the dataset is not known."""
        if self.info is None:
            return ""
        tiles = self.info.split("train")
        places = len({tile.place for tile in tiles})
        size, images = self.info.tile_size, len({tile.source for tile in tiles})
        return (
            f"{len(tiles)} tile(s) of {size} x {size} pixels at {self.info.gsd:g} m, from {places} place(s) in "
            f"{images} image(s)"
        )

    def option(self, *names: str) -> Any:
        """Return an option of `fit`, None if it is not known: `option("trainer", "max_epochs")`."""
        value: Any = self.config
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


def read_run(checkpoint: Path, dataset: Path | None = None, figures: Path | None = None) -> RunRecord:
    """Return what is known of a checkpoint's run.

    Args:
        checkpoint: as `fit` leaves it, in `checkpoints` in the run's folder.
        dataset: folder of the tiles; None for that of the run, if it is still there.
        figures: JSON file that `test` wrote; None for that of the latest test of the checkpoint, if there is one.

    Raises:
        InputError: if the file of figures cannot be read.
        DatasetError: if the dataset that was given cannot be used.
    """
    run = checkpoint.absolute().parent.parent
    config = _read_config(run)
    options = config.get("data") or {}
    if dataset is None and options.get("folder"):
        dataset = _still_there(Path(options["folder"]))
    info = DatasetInfo.read(dataset) if dataset else None
    fold = options.get("fold")
    if info and fold in info.folds:
        info = info.with_fold(fold)
    found = figures or _figures_of(checkpoint, run)
    return RunRecord(config, dataset, info, read_figures(found) if found else {})


def read_figures(path: Path) -> Any:
    """Return what `test` wrote.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a file of figures that 'test' writes ({error}).") from error


def _still_there(folder: Path) -> Path | None:
    """Return the folder if it is a dataset."""
    try:
        DatasetInfo.read(folder)
    except DatasetError:
        return None
    return folder


def _figures_of(checkpoint: Path, run: Path) -> Path | None:
    """Return the figures in the run's folder, else those of the latest run beside it that tested the checkpoint."""
    beside = run / FIGURES_FILE
    if beside.is_file():
        return beside
    return max(_tests_of(checkpoint, run), key=lambda path: path.stat().st_mtime, default=None)


def _tests_of(checkpoint: Path, run: Path) -> Iterator[Path]:
    """Return the figures of tests of a checkpoint on the dataset that it was trained on."""
    dataset = _dataset_of(_read_config(run))
    for path in run.parent.glob(f"*/{FIGURES_FILE}"):
        config = _read_config(path.parent)
        tested = config.get("ckpt_path")
        if not tested or Path(tested).absolute().resolve() != checkpoint.absolute().resolve():
            continue
        if _dataset_of(config) == dataset:
            yield path


def _dataset_of(config: Mapping[str, Any]) -> Path | None:
    folder = (config.get("data") or {}).get("folder")
    return Path(folder).absolute().resolve() if folder else None


def _read_config(folder: Path) -> dict[str, Any]:
    """Return the options that a run was started with; empty if they cannot be read."""
    try:
        config = yaml.safe_load((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return config if isinstance(config, dict) else {}
