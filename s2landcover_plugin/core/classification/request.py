# SPDX-License-Identifier: GPL-2.0-or-later
"""What a classification is asked for, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from ..areas import ClassAreas
from ..errors import InputError
from ..legend import Legend
from ..models.session import SessionRequest
from ..refinement.options import RefinementOptions
from .augmentation import NO_AUGMENTATION
from .limits import Limits

CHOOSE_SIZE, CHOOSE_OVERLAP, CHOOSE_BATCH = 0, -1, 0


@dataclass(frozen=True)
class MapPaths:
    """The rasters of a map; an empty path leaves one out.

    Attributes:
        classes: class values.
        confidence: probability of the class shown, per cent.
        entropy: entropy of the probabilities, per cent of the largest possible.
        margin: how much likelier the class shown is than the next, per cent.
        probabilities: a band for each class.
    """

    classes: str
    confidence: str = ""
    entropy: str = ""
    margin: str = ""
    probabilities: str = ""

    def moved(self, places: Mapping[str, str]) -> MapPaths:
        """Return the same rasters at other paths."""
        return MapPaths(*(places.get(getattr(self, item.name), "") for item in fields(self)))

    def wanted(self) -> tuple[str, ...]:
        """Return the paths that are not empty."""
        return tuple(path for path in (getattr(self, item.name) for item in fields(self)) if path)


@dataclass(frozen=True)
class ClassificationRequest:
    """What to classify, and how.

    Attributes:
        raster: path of the input.
        model: empty for the default model, the name of a bundled one, or a path.
        outputs: the rasters to write.
        band_order: Sentinel-2 id of each band of the raster, if its bands are not named.
        resample: bring a raster with other pixels than the model's to the model's pixel size.
        window_size: height and width of a window, pixels; 0 to choose from the memory.
        overlap: pixels that neighbouring windows share; -1 for the model's context. With twice the context, windows
            leave no trace in the map.
        limits: which pixels get a class.
        augmentation: one of `augmentation.AUGMENTATIONS`.
        is_float: whether probabilities are written as float32 (0-1) instead of per cent.
        refinement: what is done to the classes before they are written; the other rasters stay as the model says.
        session: what the model is to run on.
        batch: windows that the model is given at a time; 0 to choose: several where that pays, on graphics cards.
        memory: what the run may take, megabytes; a guide when the window size is chosen.
    """

    raster: str
    model: str
    outputs: MapPaths
    band_order: tuple[str, ...] = ()
    resample: bool = False
    window_size: int = CHOOSE_SIZE
    overlap: int = CHOOSE_OVERLAP
    limits: Limits = field(default_factory=Limits)
    augmentation: str = NO_AUGMENTATION
    is_float: bool = False
    refinement: RefinementOptions = field(default_factory=RefinementOptions)
    session: SessionRequest = field(default_factory=SessionRequest)
    batch: int = CHOOSE_BATCH
    memory: int = 1400

    def __post_init__(self) -> None:
        if self.window_size < 0 or self.overlap < CHOOSE_OVERLAP or min(self.batch, self.memory - 1) < 0:
            raise InputError(
                f"A window of {self.window_size} pixels, an overlap of {self.overlap}, {self.batch} windows at a time "
                f"and {self.memory} MB are no way to run a model; leave them at their defaults if in doubt."
            )


@dataclass(frozen=True)
class ClassificationResult:
    """What a run gave.

    Attributes:
        outputs: the rasters that were written.
        legend: the classes.
        areas: how much ground they cover.
        refined_pixels: pixels that refinement gave another class.
        model: name and version of the model.
        provider: what ran it.
        precision: the type of the numbers that it computed with.
        window_size: height and width of the windows, pixels.
        overlap: pixels that neighbouring windows shared, down and across.
        seconds: how long the run took.
    """

    outputs: MapPaths
    legend: Legend
    areas: ClassAreas
    refined_pixels: int
    model: str
    provider: str
    precision: str
    window_size: tuple[int, int]
    overlap: tuple[int, int]
    seconds: float

    @property
    def class_pixels(self) -> Mapping[int, int]:
        """Pixels by class value, zeros included."""
        return {area.item.value: area.pixels for area in self.areas.classes}

    @property
    def nodata_pixels(self) -> int:
        """Pixels without a class."""
        return self.areas.nodata_pixels
