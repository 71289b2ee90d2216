# SPDX-License-Identifier: GPL-2.0-or-later
"""Results that exist only when they are complete.

Everything is written into a staging folder beside the destination and moved into place in the end: same disk, so the
move is a rename; the same file names, so sidecar files find their raster; one thing to delete when a run fails or is
cancelled.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from .errors import OutputError

_PREFIX = ".s2landcover-"


@contextlib.contextmanager
def staged(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a result, and whatever belongs beside it, completely or not at all.

    Args:
        target: the file (or folder) wanted in the end.

    Yields:
        A path of the same name inside a staging folder. Everything that lies in that folder when the block ends is
        moved beside `target`, replacing what has the same name; if the block raises, all of it is deleted.

    Raises:
        OutputError: if the folder does not exist and cannot be made, or cannot be written to.
    """
    final = Path(target).absolute()
    folder = _staging_folder(final)
    try:
        yield folder / final.name
        _publish(folder, final.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_distinct(output: str | os.PathLike[str], inputs: Iterable[str | os.PathLike[str]]) -> None:
    """Make sure that an output does not replace one of the inputs.

    Raises:
        OutputError: if it does.
    """
    if any(_is_same_file(output, path) for path in inputs):
        raise OutputError(f"The output {output} is also an input; choose another name for the output.")


def _is_same_file(first: str | os.PathLike[str], second: str | os.PathLike[str]) -> bool:
    try:
        return os.path.samefile(first, second)
    except OSError:
        # One of them does not exist (yet), or is no file but something that GDAL makes of one.
        return False


def _staging_folder(final: Path) -> Path:
    if final.name == "":
        raise OutputError(f"'{final}' is not a file name; give the output a name.")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=final.parent))
    except OSError as error:
        raise OutputError(
            f"The folder {final.parent} cannot be written to ({error.strerror}); choose another one for {final.name}."
        ) from error


def _publish(folder: Path, destination: Path) -> None:
    for item in sorted(folder.iterdir()):
        place = destination / item.name
        try:
            if place.is_dir():
                raise OutputError(f"There is already a folder {place}; choose another name or delete it first.")
            os.replace(item, place)
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            raise OutputError(f"{place} could not be put in place ({error.strerror}). Is it open elsewhere?") from error
