# SPDX-License-Identifier: GPL-2.0-or-later
"""The dataset folder: what `tile` writes and `training` reads. `docs/dataset-contract.md` describes it.

- `images/<id>.tif`: uint16 reflectance x 10000, nodata 0, band names as descriptions; or bytes, see `storage`
- `labels/<id>.tif`: uint8 class values, 0 = no label (absent in a dataset without labels)
- `probabilities/<id>.tif`: optional soft labels: uint8, one band a class in legend order, 255 = probability 1
- `index.gpkg`: a polygon a tile, with the columns of `TileRecord`
- `dataset.json`: `DatasetInfo`, with the tile records once more, so that training needs no vector library
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ..bands import BANDS
from ..errors import DatasetError, InputError
from ..legend import Legend
from ..models.contract_checks import positions
from .storage import REFLECTANCE, STORAGES, STORED, Storage

SCHEMA_VERSION = "1.2"
SPLITS = ("train", "validation", "test")
INFO_FILE = "dataset.json"
INDEX_FILE = "index.gpkg"


@dataclass(frozen=True)
class TileRecord:
    """One tile of a dataset.

    Attributes:
        id: file name without folder and ending.
        split: `train`, `validation` or `test`.
        place: name of the spatial group that the tile belongs to; a group never straddles splits.
        source: the scene that it was cut from.
        col: column of its upper left corner in the source, pixels.
        row: row of its upper left corner in the source, pixels.
        valid_fraction: share of pixels that are valid in every band, 0-1.
        cloud_fraction: share of pixels under cloud, 0-1, or None if not known.
        class_fractions: share of the tile's pixels by class value, 0-1; empty without labels.
        shadow_fraction: share of pixels under the shadow of clouds, 0-1, or None if not known.
        snow_fraction: share of pixels under snow or ice, 0-1, or None if not known.
        date: day on which the scene was taken, such as `2020-07-31`; empty if not known.
        fold: number of the fold, from 1; None in a dataset without folds, and for tiles held back from all of them.
        repeat: how many times an epoch shows it in training; more than once for tiles with rare classes.
    """

    id: str
    split: str
    place: str
    source: str
    col: int
    row: int
    valid_fraction: float
    cloud_fraction: float | None = None
    class_fractions: Mapping[int, float] = field(default_factory=dict)
    shadow_fraction: float | None = None
    snow_fraction: float | None = None
    date: str = ""
    fold: int | None = None
    repeat: int = 1

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise DatasetError(f"Tile {self.id} is in split '{self.split}'; expected one of {', '.join(SPLITS)}.")


# Later minor versions may add more.
_TILE_FIELDS = tuple(item.name for item in fields(TileRecord))


@dataclass(frozen=True)
class BandStatistics:
    """Statistics of one band over the valid pixels of the training tiles, in reflectance, or of bytes from 0 to 1."""

    mean: float
    std: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class DatasetInfo:
    """What a dataset folder says about itself.

    Attributes:
        bands: Sentinel-2 ids, in the order of the image files; `1`, `2`, … if the values are stored bytes.
        gsd: ground sampling distance, metres.
        tile_size: height and width of every tile, pixels.
        overlap: how far neighbouring tiles overlap, pixels.
        legend: the classes of the labels, or None for a dataset without labels.
        class_pixels: labelled pixels by split and class value.
        statistics: by band id.
        sources: the scenes, by the names that the tiles use, with whatever is known of them.
        tiles: every tile.
        soft_labels: whether `probabilities/` is there.
        attribution: who and what has to be credited for the data; text.
        values: what the images hold: `reflectance`, or `stored` for bytes as they are, which training sees as 0-1.

    Raises:
        DatasetError: if the values are neither, or the bands do not go with them.
    """

    bands: tuple[str, ...]
    gsd: float
    tile_size: int
    overlap: int
    legend: Legend | None
    class_pixels: Mapping[str, Mapping[int, int]]
    statistics: Mapping[str, BandStatistics]
    sources: Mapping[str, Mapping[str, Any]]
    tiles: tuple[TileRecord, ...]
    soft_labels: bool = False
    attribution: str = ""
    values: str = REFLECTANCE

    def __post_init__(self) -> None:
        if self.values not in STORAGES:
            raise DatasetError(f"its values are '{self.values}'; expected one of {', '.join(STORAGES)}.")
        known = positions(len(self.bands)) if self.values == STORED else tuple(BANDS)
        unknown = [band for band in self.bands if band not in known]
        if unknown:
            kind = "not Sentinel-2 bands" if self.values == REFLECTANCE else f"not {', '.join(known)}"
            raise DatasetError(f"its bands {unknown} are {kind}.")

    @property
    def storage(self) -> Storage:
        """How the images are stored."""
        return STORAGES[self.values]

    def split(self, name: str) -> tuple[TileRecord, ...]:
        """Return the tiles of one split."""
        return tuple(tile for tile in self.tiles if tile.split == name)

    @property
    def train_pixels(self) -> tuple[int, ...]:
        """Labelled pixels of the training tiles by class, in the order of the legend; none without one."""
        counts = self.class_pixels.get(SPLITS[0], {})
        return tuple(counts.get(value, 0) for value in self.legend.values) if self.legend else ()

    @property
    def band_statistics(self) -> tuple[BandStatistics, ...]:
        """The statistics in the order of the bands.

        Raises:
            DatasetError: if those of a band are missing.
        """
        missing = [band for band in self.bands if band not in self.statistics]
        if missing:
            raise DatasetError(f"The dataset has no statistics of {', '.join(missing)}; make it again with 'tile'.")
        return tuple(self.statistics[band] for band in self.bands)

    @property
    def folds(self) -> tuple[int, ...]:
        """The numbers of the folds, rising; none in a dataset without folds."""
        return tuple(sorted({tile.fold for tile in self.tiles if tile.fold is not None}))

    def with_fold(self, fold: int) -> DatasetInfo:
        """Return the dataset with another fold for validation, and the others for training.

        The statistics stay those of the training tiles as the dataset was made.

        Raises:
            DatasetError: if there is no such fold.
        """
        if fold not in self.folds:
            there = f"folds {self.folds[0]} to {self.folds[-1]}" if self.folds else "no folds; make it with 'tile'"
            raise DatasetError(f"The dataset has no fold {fold}; it has {there}.")
        roles = {number: SPLITS[1] if number == fold else SPLITS[0] for number in self.folds}
        tiles = tuple(tile if tile.fold is None else replace(tile, split=roles[tile.fold]) for tile in self.tiles)
        return replace(self, tiles=tiles, class_pixels=count_classes(tiles, self.legend, self.tile_size))

    def write(self, folder: Path) -> None:
        """Write `dataset.json` into a folder."""
        document = {
            "schema_version": SCHEMA_VERSION,
            "bands": list(self.bands),
            "gsd": self.gsd,
            "values": self.values,
            "reflectance_scale": self.storage.scale if self.values == REFLECTANCE else None,
            "tile_size": self.tile_size,
            "overlap": self.overlap,
            "classes": self.legend.to_json() if self.legend else None,
            "class_pixels": self.class_pixels,
            "statistics": {band: asdict(values) for band, values in self.statistics.items()},
            "sources": self.sources,
            "soft_labels": self.soft_labels,
            "attribution": self.attribution,
            "splits": {name: len(self.split(name)) for name in SPLITS},
            "tiles": [asdict(tile) for tile in self.tiles],
        }
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (folder / INFO_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> DatasetInfo:
        """Read `dataset.json` from a folder.

        Raises:
            DatasetError: if it is not there, not JSON, or not of this form.
        """
        path = folder / INFO_FILE
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError) as error:
            message = f"{folder} is no dataset: it has no {INFO_FILE}. Make one with 'tile' or 'prepare'."
            raise DatasetError(message) from error
        except OSError as error:
            raise DatasetError(f"{path} cannot be read ({error.strerror}).") from error
        except ValueError as error:
            raise DatasetError(f"{path} is not valid JSON ({error}).") from error
        try:
            return _parse(cls, document)
        except KeyError as error:
            raise DatasetError(f"{path} has no field {error}; make the dataset again with 'tile'.") from error
        except (InputError, TypeError, ValueError, AttributeError) as error:
            raise DatasetError(f"{path} cannot be used: {error}") from error


def count_classes(
    tiles: Sequence[TileRecord], legend: Legend | None, tile_size: int
) -> Mapping[str, Mapping[int, int]]:
    """Return the labelled pixels by split and class value."""
    counts = {name: dict.fromkeys(legend.values if legend else (), 0) for name in SPLITS}
    for tile in tiles:
        for value, share in tile.class_fractions.items():
            counts[tile.split][value] += round(share * tile_size**2)
    return counts


def _parse(cls: type[DatasetInfo], document: Mapping[str, Any]) -> DatasetInfo:
    version = str(document["schema_version"])
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise DatasetError(f"it follows dataset version {version}; this release reads {SCHEMA_VERSION}.")
    classes = document["classes"]
    return cls(
        bands=tuple(document["bands"]),
        gsd=float(document["gsd"]),
        tile_size=int(document["tile_size"]),
        overlap=int(document["overlap"]),
        legend=Legend.from_json(classes) if classes else None,
        class_pixels={
            split: {int(value): int(count) for value, count in counts.items()}
            for split, counts in document["class_pixels"].items()
        },
        statistics={band: BandStatistics(**values) for band, values in document["statistics"].items()},
        sources=document["sources"],
        tiles=tuple(_parse_tile(item) for item in document["tiles"]),
        soft_labels=bool(document["soft_labels"]),
        attribution=str(document["attribution"]),
        values=str(document.get("values", REFLECTANCE)),
    )


def _parse_tile(item: Mapping[str, Any]) -> TileRecord:
    fractions = {int(value): float(share) for value, share in item["class_fractions"].items()}
    known = {name: item[name] for name in _TILE_FIELDS if name in item}
    return TileRecord(**{**known, "class_fractions": fractions})
