# SPDX-License-Identifier: GPL-2.0-or-later
"""What a dataset is asked to be."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InputError
from ..labels.raster_labels import RecodingOptions
from ..models.contract_checks import positions
from ..validity import Cover, MaskKind, ValidityOptions
from .storage import REFLECTANCE, STORAGES, STORED

FEWEST_FOLDS, LARGEST_BUFFER = 2, 1000


class EdgeMode(enum.Enum):
    """What becomes of the last tile of a row or column that would reach beyond the image."""

    SHIFT = "shift"
    PAD = "pad"
    DROP = "drop"


class SplitMethod(enum.Enum):
    """What goes into one part as a whole."""

    BLOCKS = "blocks"
    SCENES = "scenes"
    GROUPS = "groups"
    FOLDS = "folds"
    RANDOM = "random"


@dataclass(frozen=True)
class SplitShares:
    """The shares of the tiles held back, 0-1; training has the rest."""

    validation: float
    test: float

    def __post_init__(self) -> None:
        for name, share in (("validation", self.validation), ("test", self.test)):
            if not 0 <= share <= 1:
                raise InputError(f"The share for {name} is {share:g}; give a number from 0 to 1.")
        if self.validation + self.test > 1:
            raise InputError(
                f"Validation ({self.validation:g}) and test ({self.test:g}) together take more than all tiles; "
                "their shares may add up to 1 at most."
            )


@dataclass(frozen=True)
class GroupPolygons:
    """Polygons that say which group a tile belongs to.

    Attributes:
        path: a vector file, in any coordinate reference system.
        field: holds the group; any type.
        layer: of the file; empty for the first.
    """

    path: str
    field: str
    layer: str = ""

    def __post_init__(self) -> None:
        if not self.field:
            raise InputError(f"Nothing says which field of {self.path} holds the groups; give one.")


@dataclass(frozen=True)
class SplitOptions:
    """How tiles become training, validation and test parts.

    Attributes:
        method: what goes into one part as a whole.
        validation: share of the tiles for validation, 0-1; with folds, one fold is for validation instead.
        test: share of the tiles for testing, 0-1.
        block_size: side of the blocks of ground, pixels; 0 chooses.
        buffer: tiles of different parts that are nearer to each other than this lose one of them, pixels.
        folds: number of folds, for that method: of groups if there are any, else of blocks.
        groups: group by image (its path, or file name without folder and ending), for the methods groups and folds.
        polygons: in place of these, areas of ground that are groups.
        seed: of the choice.
    """

    method: SplitMethod = SplitMethod.BLOCKS
    validation: float = 0.15
    test: float = 0.15
    block_size: int = 0
    buffer: int = 0
    folds: int = 5
    groups: Mapping[str, str] = field(default_factory=dict)
    polygons: GroupPolygons | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        SplitShares(self.validation, self.test)
        if self.block_size < 0:
            raise InputError(f"A block size of {self.block_size} pixels is no size; give 0 to have one chosen.")
        if not 0 <= self.buffer <= LARGEST_BUFFER:
            raise InputError(f"A buffer of {self.buffer} pixels cannot be kept; give 0 to {LARGEST_BUFFER}.")
        if self.method is SplitMethod.FOLDS and self.folds < FEWEST_FOLDS:
            raise InputError(f"{self.folds} fold(s) leave nothing to validate on; give {FEWEST_FOLDS} or more.")
        self._check_groups()

    def _check_groups(self) -> None:
        both = bool(self.groups) and self.polygons is not None
        if both or (self.method is SplitMethod.GROUPS and not self.is_grouped):
            raise InputError(
                "A split by groups needs either a table that says which group each image belongs to, or polygons with "
                f"the groups in a field; got {'both' if both else 'neither'}."
            )
        if self.is_grouped and self.method not in (SplitMethod.GROUPS, SplitMethod.FOLDS):
            raise InputError(
                f"Groups are given, and the split is by {self.method.value}; split by groups or folds, or leave them "
                "out."
            )

    @property
    def is_grouped(self) -> bool:
        """Whether groups that the user names go into one part as a whole, be it one of the folds."""
        return bool(self.groups) or self.polygons is not None

    @property
    def shares(self) -> SplitShares:
        """The parts that are held back; with folds, what is held back from all folds."""
        return SplitShares(0.0 if self.method is SplitMethod.FOLDS else self.validation, self.test)


@dataclass(frozen=True)
class TileFilters:
    """Which tiles are worth keeping; shares are of a whole tile, 0-1.

    Attributes:
        min_valid: least share of pixels that are valid in every band; tiles without any are left out in any case.
        min_labelled: least share of pixels with a label, where there are labels; tiles without any are left out in
            any case.
        only_classes: tiles that show no class but these are left out, such as open sea.
        max_covers: largest share under each cover; absent covers do not matter.
        is_unique: keep one tile of each place only, the most usable one, where images show the same ground.
    """

    min_valid: float = 0.0
    min_labelled: float = 0.0
    only_classes: tuple[int, ...] = ()
    max_covers: Mapping[Cover, float] = field(default_factory=dict)
    is_unique: bool = False

    def __post_init__(self) -> None:
        named = {"least share of valid pixels": self.min_valid, "least share of labelled pixels": self.min_labelled}
        named.update({f"largest share of {cover.value}": share for cover, share in self.max_covers.items()})
        for name, share in named.items():
            if not 0 <= share <= 1:
                raise InputError(f"The {name} is {share:g}; give a number from 0 to 1.")


@dataclass(frozen=True)
class MaskOptions:
    """How masks of cloud are read.

    Attributes:
        kind: what their numbers mean; None tells by the names of files and bands.
        threshold: probability from which on there is cloud, per cent.
        unlabelled: which pixels lose their label.
    """

    kind: MaskKind | None = None
    threshold: float = 50.0
    unlabelled: ValidityOptions = field(default_factory=ValidityOptions)


@dataclass(frozen=True)
class SceneFiles:
    """An image, and what belongs to it.

    Attributes:
        image: raster with Sentinel-2 bands, or a photograph.
        labels: raster of classes, or of what a class table lists, on the image's grid; empty for none.
        mask: raster of cloud, on any grid; empty for a band of the image, if one is such a mask.
    """

    image: str
    labels: str = ""
    mask: str = ""


@dataclass(frozen=True)
class TileRequest:
    """What to cut and how.

    Attributes:
        scenes: the images; all with labels or all without.
        folder: the dataset folder; does not exist yet, or is empty.
        tile_size: height and width of a tile, pixels.
        overlap: how far neighbouring tiles overlap, pixels.
        edges: what becomes of tiles that would reach beyond an image.
        filters: which tiles are worth keeping.
        mask: how masks of cloud are read.
        split: how tiles become parts.
        max_repeat: how many times in an epoch a training tile with rare classes may be shown; 1 for once, as all.
        band_order: the Sentinel-2 band of each band of the images, where their band names do not say, `-` for none;
            for stored values, the numbers of the first bands.
        is_checked: whether the dataset is read again in the end, and `report.html` written.
        values: what the images hold, `reflectance` or `stored` bytes, see `core.tiling.storage`.
        gsd: pixel size of images without a coordinate reference system, metres; 0 refuses them.
        recoding: what label values, or colours, become.
    """

    scenes: tuple[SceneFiles, ...]
    folder: str
    tile_size: int = 256
    overlap: int = 0
    edges: EdgeMode = EdgeMode.SHIFT
    filters: TileFilters = field(default_factory=TileFilters)
    mask: MaskOptions = field(default_factory=MaskOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    max_repeat: int = 1
    band_order: tuple[str, ...] = ()
    is_checked: bool = True
    values: str = REFLECTANCE
    gsd: float = 0.0
    recoding: RecodingOptions = field(default_factory=RecodingOptions)

    def __post_init__(self) -> None:
        self._check_values()
        if not self.scenes:
            raise InputError("There is no image to cut; give one or more.")
        if len({bool(scene.labels) for scene in self.scenes}) > 1:
            raise InputError("Some images have labels and others have none; give labels for all of them, or for none.")
        if self.tile_size < 1:
            raise InputError(f"A tile size of {self.tile_size} pixels is no size; give 1 or more.")
        if not 0 <= self.overlap < self.tile_size:
            raise InputError(
                f"An overlap of {self.overlap} pixels does not fit tiles of {self.tile_size}; give 0 or more, and less "
                "than the tile size."
            )
        if self.max_repeat < 1:
            raise InputError(f"A tile cannot be shown {self.max_repeat} times; give 1 or more.")

    def _check_values(self) -> None:
        if self.values not in STORAGES:
            raise InputError(f"The images' values are '{self.values}'; expected one of {', '.join(STORAGES)}.")
        if not 0 <= self.gsd < math.inf:
            raise InputError(f"A pixel size of {self.gsd:g} m is no size; give a number above 0, or 0 for none.")
        if self.values == STORED and self.band_order != positions(len(self.band_order)):
            raise InputError(
                f"Bands of stored values are numbered, and '{' '.join(self.band_order)}' is not 1, 2 and so on; give "
                "'1 2 3' for the first three bands."
            )

    @property
    def is_labelled(self) -> bool:
        """Whether the dataset has labels."""
        return bool(self.scenes[0].labels)

    @property
    def step(self) -> int:
        """From one tile to the next, pixels."""
        return self.tile_size - self.overlap


def paired(
    images: tuple[str, ...], labels: tuple[str, ...] = (), masks: tuple[str, ...] = ()
) -> tuple[SceneFiles, ...]:
    """Return images with what belongs to each: one raster for all of them, or one each, in the same order.

    Raises:
        InputError: if their numbers do not fit.
    """
    for name, rasters in (("label", labels), ("mask", masks)):
        if len(rasters) not in (0, 1, len(images)):
            raise InputError(
                f"There are {len(images)} images and {len(rasters)} {name} rasters; give one for all of them, or one "
                "for each in the same order."
            )
    columns = (paths * len(images) if len(paths) == 1 else paths or ("",) * len(images) for paths in (labels, masks))
    return tuple(SceneFiles(*row) for row in zip(images, *columns))
