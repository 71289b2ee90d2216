# SPDX-License-Identifier: GPL-2.0-or-later
"""The folder of packages in QGIS's profile: where it is, what is in it, putting it on the path, and deleting it."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from ..errors import OutputError

_REMOVED = ".removed"


@dataclass(frozen=True)
class InstalledPackage:
    """A Python package in the folder.

    Attributes:
        name: what it is called on the package index.
        version: its version.
    """

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def packages_folder(profile: Path) -> Path:
    """Return the folder for this Python and this kind of machine; another Python would not load what is in it.

    Args:
        profile: folder of the user's QGIS profile.
    """
    return profile / "s2landcover" / "packages" / f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"


def activate(folder: Path) -> None:
    """Let packages be found in a folder, after everything that QGIS brings itself; nothing happens if there is none."""
    if folder.is_dir() and str(folder) not in sys.path:
        sys.path.append(str(folder))
    importlib.invalidate_caches()


def deactivate(folder: Path) -> None:
    """Take a folder off the path again."""
    while str(folder) in sys.path:
        sys.path.remove(str(folder))


def installed_runtime(folder: Path) -> InstalledPackage | None:
    """Return the onnxruntime in a folder, in whichever variant; None if there is none."""
    for found in distributions(path=[str(folder)]):
        if found.metadata["Name"].lower().startswith("onnxruntime"):
            return InstalledPackage(found.metadata["Name"], found.version)
    return None


def place_of_runtime() -> str:
    """Return the folder that onnxruntime is imported from, without importing it; empty if there is none."""
    found = importlib.machinery.PathFinder.find_spec("onnxruntime")
    return str(Path(found.origin).parents[1]) if found is not None and found.origin else ""


def put_in_place(complete: Path, folder: Path) -> None:
    """Make `complete` the folder of packages, in place of the one that may be there.

    Raises:
        OutputError: if that is not possible; what was there before is still there then.
    """
    aside = folder.with_name(folder.name + _REMOVED)
    try:
        shutil.rmtree(aside, ignore_errors=True)
        if folder.exists():
            os.replace(folder, aside)
        try:
            os.replace(complete, folder)
        except OSError:
            if aside.exists():
                os.replace(aside, folder)
            raise
    except OSError as error:
        raise _in_use(folder, error) from error
    shutil.rmtree(aside, ignore_errors=True)


def remove(folder: Path) -> None:
    """Delete the packages; one rename first, so that no half of them is left on the path.

    Raises:
        OutputError: if that is not possible; nothing has changed then.
    """
    aside = folder.with_name(folder.name + _REMOVED)
    try:
        shutil.rmtree(aside, ignore_errors=True)
        os.replace(folder, aside)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _in_use(folder, error) from error
    shutil.rmtree(aside, ignore_errors=True)
    deactivate(folder)


def _in_use(folder: Path, error: OSError) -> OutputError:
    # Windows keeps libraries that are loaded from being moved.
    return OutputError(
        f"The folder {folder} cannot be replaced or deleted ({error.strerror}). Start QGIS again, and try before any "
        "model is run."
    )
