# SPDX-License-Identifier: GPL-2.0-or-later
"""The real scenes behind the bundled model, and which of them are held out.

A place belongs to one split, whatever the date: neighbouring and repeated views of one place are no independent test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2landcover_plugin.core.bands import L2A_BANDS, band_ids_of
from s2landcover_plugin.core.errors import DatasetError
from s2landcover_plugin.core.radiometry import STORED_SCALE, FloatArray
from s2landcover_plugin.core.raster import RasterReader, Window, open_raster

from .atmosphere import STUDENT_BANDS
from .resample import resize

ATTRIBUTION = (
    "Contains modified Copernicus Sentinel data. Scenes: BigEarthNet (Sumbul et al. 2019, CDLA-Permissive-1.0); "
    "Sentinel-2 L1C crop of T33UUB (CC BY 4.0); Sentinel-2 L2A chips (MIT). Labels: Dynamic World's network "
    "(Google and World Resources Institute, Apache-2.0; Brown et al. 2022)."
)

_L1C_PARTS = {
    # A gap of 32 columns lies between what is trained on and what is held out.
    "t33uub-west": ("train", Window(0, 0, 404, 600)),
    "t33uub-northeast": ("validation", Window(436, 0, 164, 284)),
    "t33uub-southeast": ("test", Window(436, 316, 164, 284)),
}
_PATCH_SPLITS = {
    "20170617T113321_4_55": "validation",
    "20170927T094019_66_56": "validation",
    "20170914T093029_32_39": "test",
    "20170924T93021_41_29": "test",
    "20180421T114349_47_56": "test",
}
_CLOUDY = ("Boadella_2020-01-13", "Boadella_2020-01-18", "Boadella_2020-01-23", "Boadella_2021-06-26")


@dataclass(frozen=True)
class Scene:
    """One image, on a 10 m grid.

    Attributes:
        name: what the image is called.
        place: spatial group.
        split: `train`, `validation` or `test`.
        source: the collection that it comes from.
        level: `L1C` or `L2A`.
        reflectance: bands `STUDENT_BANDS`, shape (10, rows, cols).
    """

    name: str
    place: str
    split: str
    source: str
    level: str
    reflectance: FloatArray


@dataclass(frozen=True)
class _Region:
    """A box in degrees that holds one place, and the split of that place."""

    name: str
    split: str
    west: float
    south: float
    east: float
    north: float

    def __contains__(self, lonlat: tuple[float, float]) -> bool:
        return self.west <= lonlat[0] <= self.east and self.south <= lonlat[1] <= self.north


_COASTS = (
    _Region("kiel-canal", "test", 9.65, 54.28, 9.95, 54.40),
    _Region("kiel-fjord", "test", 10.08, 54.30, 10.27, 54.43),
    _Region("kattegat-east", "test", 11.30, 56.20, 11.75, 56.50),
    _Region("odden", "validation", 11.25, 55.93, 11.45, 56.00),
    _Region("kiel-bight", "validation", 10.20, 54.45, 10.45, 54.58),
    _Region("grenaa", "train", 10.90, 56.38, 10.96, 56.45),
    _Region("danish-waters", "train", 9.0, 54.0, 12.5, 57.0),
)


def read_scenes(folder: Path) -> tuple[Scene, ...]:
    """Read every scene of a folder with `l1c_multires_T33UUB`, `bigearthnet_tiny` and `s2_l2a_chips`.

    Raises:
        DatasetError: if one of the three is not there.
    """
    parts = [folder / name for name in ("l1c_multires_T33UUB", "bigearthnet_tiny", "s2_l2a_chips")]
    missing = [part.name for part in parts if not part.is_dir()]
    if missing:
        raise DatasetError(f"{folder} has no folder {', '.join(missing)}; give the folder that holds all three.")
    return (*_read_l1c(parts[0]), *_read_patches(parts[1]), *_read_chips(parts[2]))


def _read_l1c(folder: Path) -> Iterator[Scene]:
    with open_raster(str(folder / "10m.tif")) as fine, open_raster(str(folder / "20m.tif")) as coarse:
        image = _stacked({**_by_band(fine), **_by_band(coarse)})
    for place, (split, window) in _L1C_PARTS.items():
        yield Scene(place, place, split, folder.name, "L1C", image[:, window.rows, window.cols])


def _read_patches(folder: Path) -> Iterator[Scene]:
    for patch in sorted(path for path in folder.iterdir() if path.is_dir()):
        bands = {}
        for band in STUDENT_BANDS:
            with open_raster(str(patch / f"{patch.name}_{band}.tif")) as reader:
                bands[band] = _reflectance(reader)[0]
        name = patch.name.split("MSIL2A_")[1]
        yield Scene(name, f"bigearthnet-{name}", _PATCH_SPLITS.get(name, "train"), folder.name, "L2A", _stacked(bands))


def _read_chips(folder: Path) -> Iterator[Scene]:
    numbers = [L2A_BANDS.index(band) for band in STUDENT_BANDS]
    for path in sorted(folder.glob("*/*.tif*")):
        if path.suffix not in (".tif", ".tiff") or path.stem in _CLOUDY:
            continue
        with open_raster(str(path)) as reader:
            image = _reflectance(reader)[numbers]
            centre = reader.grid.xy(reader.grid.width / 2, reader.grid.height / 2)
        place, split = _place_of(path, centre)
        yield Scene(path.stem, place, split, folder.name, "L2A", image)


def _place_of(path: Path, lonlat: tuple[float, float]) -> tuple[str, str]:
    if path.parent.name == "ships":
        region = next(region for region in _COASTS if lonlat in region)
        return region.name, region.split
    places = {"image_1": "boadella", "s2_roads": "boston"}
    place = places.get(path.stem, path.parent.name if path.parent.name != "misc" else "oman")
    return place, "test" if place == "boston" else "train"


def _reflectance(reader: RasterReader) -> FloatArray:
    return np.asarray(reader.read().astype(np.float32) * np.float32(STORED_SCALE))


def _by_band(reader: RasterReader) -> dict[str, FloatArray]:
    return {band: plane for band, plane in zip(band_ids_of(reader), _reflectance(reader)) if band}


def _stacked(bands: dict[str, FloatArray]) -> FloatArray:
    rows, cols = bands["B02"].shape
    return np.concatenate([resize(bands[band][np.newaxis], rows, cols) for band in STUDENT_BANDS])
