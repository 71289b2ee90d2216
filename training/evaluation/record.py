# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test has counted, as a file: every figure, table and page is made from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from s2landcover_plugin.core.accuracy.figures import ConfusionMatrix, Counts
from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.legend import Legend
from s2landcover_plugin.core.outputs import write_text
from s2landcover_plugin.core.tiling.dataset import SPLITS

COUNTS_FILE = "counts.json"
SCHEMA_VERSION = "1.0"

NETWORK, FOREST = "network", "forest"
"""Who made a map: the network, or the per-pixel random forest beside it."""

TITLES = {NETWORK: "Network", FOREST: "Random forest"}


@dataclass(frozen=True, eq=False)
class PlaceCounts:
    """What was counted in one place.

    Attributes:
        split: of its tiles.
        place: name of the spatial group.
        tiles: their ids.
        counts: by who made the map, int64, shape (classes, classes); rows are the map, columns the labels.
    """

    split: str
    place: str
    tiles: tuple[str, ...]
    counts: Mapping[str, Counts]


@dataclass(frozen=True)
class ModelSummary:
    """What was tested.

    Attributes:
        network: the network in one line.
        loss: what it was trained on, in one line.
        epochs: that it was trained for; None if not known.
        parameters: that it has.
        checkpoint: file that its weights are from; empty if they are from no file.
        dataset: folder of the tiles.
        forest: the random forest in one line; empty without one.
    """

    network: str
    loss: str
    epochs: int | None
    parameters: int
    checkpoint: str
    dataset: str
    forest: str = ""


@dataclass(frozen=True, eq=False)
class EvaluationRecord:
    """What a test has counted.

    Attributes:
        legend: the classes, in the order of rows and columns.
        places: the counts by split and place.
        model: what was tested.
    """

    legend: Legend
    places: tuple[PlaceCounts, ...]
    model: ModelSummary

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits with tiles, in their usual order."""
        return tuple(name for name in SPLITS if self.of_split(name))

    @property
    def contenders(self) -> tuple[str, ...]:
        """Who made maps: the network, and the random forest if there is one."""
        return tuple(who for who in TITLES if self.places and who in self.places[0].counts)

    def of_split(self, split: str) -> tuple[PlaceCounts, ...]:
        """Return the places of one split."""
        return tuple(place for place in self.places if place.split == split)

    def tiles(self, split: str) -> frozenset[str]:
        """Return the ids of the tiles of one split."""
        return frozenset(name for place in self.of_split(split) for name in place.tiles)

    def stack(self, split: str, who: str) -> Counts:
        """Return the counts of each place of a split, shape (places, classes, classes)."""
        return np.stack([place.counts[who] for place in self.of_split(split)])

    def matrix(self, split: str, who: str = NETWORK) -> ConfusionMatrix:
        """Return the counts of a whole split."""
        return ConfusionMatrix(self.legend, self.stack(split, who).sum(axis=0))

    def write(self, path: Path) -> None:
        """Write the counts as JSON.

        Raises:
            OutputError: if the file cannot be written.
        """
        places = [
            {**asdict(place), "counts": {who: counts.tolist() for who, counts in place.counts.items()}}
            for place in self.places
        ]
        document = {
            "schema_version": SCHEMA_VERSION,
            "classes": self.legend.to_json(),
            "model": asdict(self.model),
            "places": places,
        }
        write_text(path, json.dumps(document, ensure_ascii=False))

    @classmethod
    def read(cls, folder: Path) -> EvaluationRecord:
        """Read what `test` or `crossvalidate` has counted from the folder that it wrote.

        Raises:
            InputError: if there is nothing, or nothing of this form.
        """
        path = folder / COUNTS_FILE
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                Legend.from_json(document["classes"]),
                tuple(_place(item) for item in document["places"]),
                ModelSummary(**{item.name: document["model"][item.name] for item in fields(ModelSummary)}),
            )
        except OSError as error:
            raise InputError(
                f"{folder} has no {COUNTS_FILE}; give a folder that 'test' or 'crossvalidate' wrote."
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path} is not a file of counts that 'test' writes ({error}).") from error


def _place(item: Mapping[str, Any]) -> PlaceCounts:
    counts = {str(who): np.array(rows, dtype=np.int64) for who, rows in item["counts"].items()}
    return PlaceCounts(str(item["split"]), str(item["place"]), tuple(item["tiles"]), counts)
