# SPDX-License-Identifier: GPL-2.0-or-later
"""What GeoTIFF a user wants: how compressed, and whether cloud-optimised (COG)."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import LandCoverError, OutputError
from .progress import Progress
from .raster import convert_raster

COMPRESSIONS = ("DEFLATE", "ZSTD", "LZW", "NONE")
FORMATS = ("GeoTIFF", "COG")


def make_cog(path: Path, compress: str, progress: Progress, classes: bool = False) -> None:
    """Turn a finished GeoTIFF into a cloud-optimised one of the same name: tiles in order, and overviews.

    Args:
        path: the file, in a staging folder; what lies beside it, such as class names, stays.
        compress: one of `COMPRESSIONS`.
        progress: hears how far it is.
        classes: whether pixels are class values, which cannot be averaged.

    Raises:
        RasterError: if the file cannot be read.
        OutputError: if it cannot be written, or this GDAL cannot write such files.
        Cancelled: if the user asked to stop.
    """
    plain = path.with_name(f"plain-{path.name}")
    beside = path.with_name(f"{path.name}.aux.xml")
    aside = path.with_name(f"{plain.name}.names")
    options = {
        "COMPRESS": compress,
        "PREDICTOR": "NO" if compress == "NONE" else "YES",
        "BIGTIFF": "IF_SAFER",
        "NUM_THREADS": "ALL_CPUS",
        "OVERVIEW_RESAMPLING": "NEAREST" if classes else "AVERAGE",
    }
    try:
        os.replace(path, plain)
        if beside.exists():
            os.replace(beside, aside)
        convert_raster(str(plain), str(path), "COG", options, progress)
        plain.unlink()
        if aside.exists():
            os.replace(aside, beside)
        progress.fraction(1.0)
    except OSError as error:
        if isinstance(error, LandCoverError):
            raise
        raise OutputError(f"{path.name} could not be made cloud-optimised ({error.strerror}).") from error
