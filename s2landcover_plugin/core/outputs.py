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
from collections.abc import Iterable, Iterator, Sequence
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
    with staged_together([target]) as (path,):
        yield path


@contextlib.contextmanager
def staged_together(targets: Sequence[str | os.PathLike[str]]) -> Iterator[tuple[Path, ...]]:
    """Write several results, of which either all appear or none.

    Args:
        targets: the files (or folders) wanted in the end, all different.

    Yields:
        A path for each target, as `staged` does.

    Raises:
        OutputError: as `staged` does, or if two targets are the same.
    """
    finals = [Path(target).absolute() for target in targets]
    if len(set(finals)) < len(finals):
        raise OutputError(f"Two outputs have the same name, {finals[0]}; give each its own.")
    folders: list[Path] = []
    try:
        for final in finals:
            folders.append(_staging_folder(final))
        yield tuple(folder / final.name for folder, final in zip(folders, finals))
        _publish(
            [(item, final.parent / item.name) for folder, final in zip(folders, finals) for item in _items(folder)]
        )
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text (UTF-8); the file appears only when it is complete.

    Raises:
        OutputError: if it cannot be written.
    """
    with staged(path) as temporary:
        try:
            temporary.write_bytes(text.encode("utf-8"))
        except OSError as error:
            raise OutputError(
                f"{path} could not be written ({error.strerror}). Check the free space on that disk."
            ) from error


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


def _items(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _publish(moves: Sequence[tuple[Path, Path]]) -> None:
    """Rename every item to its place; if one fails, put everything back as it was."""
    done: list[tuple[Path, Path, Path | None]] = []
    try:
        for item, place in moves:
            done.append((item, place, _set_aside(item, place)))
            os.replace(item, place)
    except OSError as error:
        _undo(done)
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"{place} could not be put in place ({error.strerror}). Is it open elsewhere?") from error


def _set_aside(item: Path, place: Path) -> Path | None:
    """Move what a new item replaces into the item's staging folder."""
    if place.is_dir():
        raise OutputError(f"There is already a folder {place}; choose another name or delete it first.")
    if not place.exists():
        return None
    earlier = item.parent / f"{item.name}.earlier"
    os.replace(place, earlier)
    return earlier


def _undo(done: Sequence[tuple[Path, Path, Path | None]]) -> None:
    for item, place, earlier in reversed(done):
        if not item.exists():
            os.replace(place, item)
        if earlier is not None:
            os.replace(earlier, place)
