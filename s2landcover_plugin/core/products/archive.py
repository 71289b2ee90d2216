# SPDX-License-Identifier: GPL-2.0-or-later
"""Products inside a zip archive, read where they are: nothing is unpacked."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Union

from ..errors import ProductError

_ROOT = PurePosixPath()
# What macOS adds to archives that it makes.
_FOREIGN = "__MACOSX"
# QGIS's browser writes `/vsizip//data/product.zip/inside.jp2`, GDAL also takes the archive in braces.
_VSIZIP = re.compile(r"/vsizip/(?:\{(?P<braced>[^}]+)\}|(?P<plain>.+?\.zip))(?:/(?P<inner>.*))?", re.IGNORECASE)


@dataclass(frozen=True)
class ArchivePath:
    """A place in a zip archive, with as much of `pathlib.Path` as it takes to find a product.

    As text, it is what GDAL opens.

    Attributes:
        archive: the archive.
        inner: the place in it; empty for its root.
        files: every file in the archive.
    """

    archive: Path
    inner: PurePosixPath
    files: frozenset[PurePosixPath] = field(repr=False)

    def __str__(self) -> str:
        return f"/vsizip/{{{self.archive}}}/{self.inner if self.inner != _ROOT else ''}"

    def __truediv__(self, other: str) -> ArchivePath:
        return self._at(self.inner / other)

    @property
    def name(self) -> str:
        """The last part; the archive's own name for its root."""
        return self.inner.name or self.archive.name

    @property
    def stem(self) -> str:
        """The name without its ending."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The name's ending, with its dot; the root, a folder, has none."""
        return self.inner.suffix

    @property
    def parent(self) -> ArchivePath:
        """The folder that it lies in; the root's is the root."""
        return self._at(self.inner.parent)

    @property
    def parents(self) -> tuple[ArchivePath, ...]:
        """The folders that it lies in, up to the archive's root."""
        return tuple(self._at(folder) for folder in self.inner.parents)

    def absolute(self) -> ArchivePath:
        """Return the place itself, which is never relative."""
        return self

    def is_file(self) -> bool:
        """Whether the archive has such a file."""
        return self.inner in self.files

    def is_dir(self) -> bool:
        """Whether it is the root, or the archive has files below it."""
        return self.inner == _ROOT or any(self.inner in file.parents for file in self.files)

    def exists(self) -> bool:
        """Whether it is a file or a folder of the archive."""
        return self.is_file() or self.is_dir()

    def iterdir(self) -> Iterator[ArchivePath]:
        """Yield what lies in the folder."""
        depth = len(self.inner.parts)
        below = {file.parts[depth] for file in self.files if self.inner in file.parents}
        return (self / name for name in sorted(below))

    def read_bytes(self) -> bytes:
        """Return a file's content.

        Raises:
            ProductError: if the archive is damaged, or encrypted.
        """
        try:
            with zipfile.ZipFile(self.archive) as opened:
                return opened.read(str(self.inner))
        except (OSError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise ProductError(
                f"{self.inner} in {self.archive} cannot be read ({error}). Download it again."
            ) from error

    def _at(self, inner: PurePosixPath) -> ArchivePath:
        return ArchivePath(self.archive, inner, self.files)


Place = Union[Path, ArchivePath]
"""A file or folder on disk, or in an archive; its text is what GDAL opens."""


def located(path: str) -> Place:
    """Return the place that a path means; of a `.zip` file, the root of the archive.

    Raises:
        ProductError: if the archive cannot be read, or has entries outside its own root.
    """
    inside = _VSIZIP.fullmatch(path)
    if inside is not None:
        return _opened(Path(inside["braced"] or inside["plain"])) / (inside["inner"] or "")
    place = Path(path)
    return _opened(place) if place.suffix.lower() == ".zip" and place.is_file() else place


def _opened(archive: Path) -> ArchivePath:
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [info.filename for info in opened.infolist() if not info.is_dir()]
    except (OSError, zipfile.BadZipFile) as error:
        raise ProductError(
            f"{archive} is not an archive that can be opened ({error}); it may be incomplete. Download it again."
        ) from error
    return ArchivePath(archive.absolute(), _ROOT, frozenset(_checked(entries, archive)))


def _checked(entries: Iterable[str], archive: Path) -> Iterator[PurePosixPath]:
    """Yield the entries that count; one that would lie outside the root gives away a broken or malicious archive."""
    for entry in entries:
        # Windows' rules know both slashes, drive letters and network shares.
        windows = PureWindowsPath(entry)
        if windows.drive or windows.root or ".." in windows.parts:
            raise ProductError(
                f"{archive} has an entry that lies outside the archive, '{entry}'; it is not read. Download the "
                "product from a source that you trust."
            )
        place = PurePosixPath(entry)
        if place.parts and place.parts[0] != _FOREIGN:
            yield place
