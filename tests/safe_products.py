# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiny SAFE products and loose bands made in code, with GeoTIFF images."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.raster import RasterSpec, create_raster
from tests.scenes import utm_grid

SIZE = 24
"""Pixels a side at 10 m."""

_IMAGES = {
    "L1C": [(band, "") for band in BANDS],
    "L2A": [(band, f"_{max(gsd, spec.gsd)}m") for gsd in (10, 20, 60) for band, spec in BANDS.items()]
    + [("SCL", "_20m"), ("TCI", "_10m")],
}


def pattern(gsd: int, seed: int = 0, size: int = SIZE) -> np.ndarray:
    """Return the same random landscape, averaged to a pixel size: reflectance, shape (rows, cols)."""
    fine = np.random.default_rng(seed).uniform(0.05, 0.4, (size // 2, size // 2)).repeat(2, axis=0).repeat(2, axis=1)
    factor = gsd // 10
    return fine.reshape(size // factor, factor, size // factor, factor).mean(axis=(1, 3))


def metadata(
    level: str = "L2A",
    baseline: str = "05.11",
    offset: float | None = -1000,
    quantification: int = 10000,
    mission: str = "S2A",
):
    """Return the product XML, reduced to what matters."""
    tag, quantity = {"L1C": ("RADIO_ADD_OFFSET", "QUANTIFICATION_VALUE")}.get(
        level, ("BOA_ADD_OFFSET", "BOA_QUANTIFICATION_VALUE")
    )
    offsets = "" if offset is None else "".join(f'<{tag} band_id="{n}">{offset}</{tag}>' for n in range(13))
    images = "".join(
        f"<IMAGE_FILE>GRANULE/T/IMG_DATA/{'R' + suffix[1:] + '/' if suffix else ''}T33UUB_{kind}{suffix}</IMAGE_FILE>"
        for kind, suffix in dict.fromkeys(_IMAGES[level])
        if not (level == "L2A" and kind == "B10")
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<n1:Level-{level[1:]}_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/x.xsd"><n1:General_Info>
<PRODUCT_URI>{mission}_MSI{level}_TEST.SAFE</PRODUCT_URI><PROCESSING_LEVEL>Level-{level[1:]}</PROCESSING_LEVEL>
<PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>{images}
<Special_Values><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT><SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>
</Special_Values><{quantity}>{quantification}</{quantity}>{offsets}
</n1:General_Info></n1:Level-{level[1:]}_User_Product>"""


def early_metadata(text: str) -> str:
    """Return the XML of a level 2A product as baselines up to 02.06 word it."""
    for tag in ("PRODUCT_URI", "IMAGE_FILE"):
        text = text.replace(f"{tag}>", f"{tag}_2A>")
    text = text.replace("BOA_QUANTIFICATION", "L2A_BOA_QUANTIFICATION")
    return text.replace("Level-2A</PROCESSING_LEVEL>", "Level-2Ap</PROCESSING_LEVEL>")


def zipped(folder: Path, archive: Path, top: str = "") -> Path:
    """Pack what is in a folder, below `top` if given."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.rglob("*")):
            packed.write(file, Path(top) / file.relative_to(folder))
    return archive


def write_band(path: Path, reflectance: np.ndarray, gsd: int, offset: float = 0, **fields) -> Path:
    """Write one band as digital numbers."""
    stored = np.rint(reflectance * 10000 - offset).astype(np.uint16)
    path.parent.mkdir(parents=True, exist_ok=True)
    grid = fields.pop("grid", None) or utm_grid(stored.shape[1], stored.shape[0], gsd)
    with create_raster(str(path), RasterSpec(grid, "uint16", ("",), **fields)) as writer:
        writer.write(stored[None])
    return path


def write_safe(
    folder: Path,
    level: str = "L2A",
    offset: float | None = -1000,
    without: tuple[str, ...] = (),
    scl: np.ndarray | None = None,
    early: bool = False,
    **fields,
) -> Path:
    """Write a SAFE folder whose images hold `pattern`.

    `without` names files to leave out, such as `B02_10m`; `scl` are the classes at 20 m, all vegetation by default;
    `early` words the metadata as baselines up to 02.06 did; `fields` go to `metadata`.
    """
    mission = fields.get("mission", "S2A")
    safe = folder / f"{mission}_MSI{level}_TEST.SAFE"
    safe.mkdir(parents=True)
    text = metadata(level, offset=offset, **fields)
    (safe / f"MTD_MSI{level}.xml").write_text(early_metadata(text) if early else text, encoding="utf-8")
    scale = fields.get("quantification", 10000) / 10000
    for kind, suffix in dict.fromkeys(_IMAGES[level]):
        if f"{kind}{suffix}" in without or (level == "L2A" and kind in ("B10", "TCI")):
            continue
        gsd = int(suffix[1:-1]) if suffix else BANDS[kind].gsd
        place = safe / "GRANULE/T/IMG_DATA" / (f"R{gsd}m" if suffix else "") / f"T33UUB_{kind}{suffix}.tif"
        if kind == "SCL":
            classes = np.full((SIZE // 2, SIZE // 2), 4) if scl is None else scl
            write_band(place, classes / 10000, gsd)
        else:
            write_band(place, pattern(gsd) * scale, gsd, offset or 0)
    return safe


def write_loose(folder: Path, bands: tuple[str, ...] = tuple(BANDS), name: str = "{}.tif", **fields) -> list[str]:
    """Write loose single-band files in native resolution, and return their paths."""
    return [
        str(write_band(folder / name.format(band), pattern(BANDS[band].gsd), BANDS[band].gsd, **fields))
        for band in bands
    ]
