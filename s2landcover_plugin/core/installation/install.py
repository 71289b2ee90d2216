# SPDX-License-Identifier: GPL-2.0-or-later
"""Installing onnxruntime with pip: aside first, tried out, and put in place only if it works."""

from __future__ import annotations

import contextlib
import platform
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..errors import DependencyError, LandCoverError, OutputError
from ..progress import Progress, SilentProgress
from .command import Finished, run
from .host_numpy import HostNumpy
from .interpreter import interpreter
from .packages import InstalledPackage, activate, installed_runtime, put_in_place
from .plan import RUNTIMES, Installation, download_command
from .trial import try_out

_STAGING = ".incomplete-"


def install(installation: Installation, progress: Progress) -> InstalledPackage:
    """Install onnxruntime into a folder, and put the folder on the path.

    Whatever happens, the folder is either as it was before or complete, tried out, and without a NumPy.

    Raises:
        DependencyError: if pip is missing or fails, or what it brings does not run with the host's NumPy.
        OutputError: if the folder cannot be written to or replaced.
        Cancelled: if the user cancels.
    """
    _check_pip()
    numpy = HostNumpy()
    name = RUNTIMES[installation.runtime]
    progress.info(f"Installing {name} into {installation.folder}")
    progress.info(f"QGIS's NumPy {numpy.version} stays; an empty package {numpy.stand_in} stands for it meanwhile.")
    with _staging(installation.folder) as staging:
        constraint = numpy.write(staging / "numpy")
        target = staging / "packages"
        arguments = installation.pip_arguments(target, constraint.parent, constraint)
        _require_success(_pip(arguments, installation, staging, progress), installation)
        progress.fraction(0.8)
        numpy.clear_away(target)
        progress.info("Trying it out")
        try_out(target)
        progress.check()
        put_in_place(target, installation.folder)
    activate(installation.folder)
    progress.fraction(1.0)
    return _found(installation.folder)


def _check_pip() -> None:
    if run([interpreter(), "-m", "pip", "--version"], {}, Path.cwd(), SilentProgress()).code == 0:
        return
    advice = "sudo apt-get install python3-pip" if shutil.which("apt-get") else f"{interpreter()} -m ensurepip"
    raise DependencyError(f"The Python of QGIS has no pip, which installs packages. Add it in a terminal: {advice}")


def _pip(arguments: list[str], installation: Installation, folder: Path, progress: Progress) -> Finished:
    return run([interpreter(), "-m", "pip", *arguments], installation.environment(), folder, progress)


def _require_success(finished: Finished, installation: Installation) -> None:
    if finished.code == 0:
        return
    errors = [line.partition("ERROR:")[2].strip() for line in finished.lines if line.startswith("ERROR:")]
    reason = next(iter([*errors, *finished.lines[-1:]]), f"exit code {finished.code}").rstrip(".")
    # A full disk and the like have nothing to do with where packages come from.
    advice = "" if "OSError" in reason else f" {_advice(installation)}"
    raise DependencyError(f"{RUNTIMES[installation.runtime]} was not installed: {reason}.{advice}")


def _advice(installation: Installation) -> str:
    name = RUNTIMES[installation.runtime]
    system = f"Python {platform.python_version()} on {sysconfig.get_platform()} with NumPy {np.__version__}"
    if installation.wheels is None:
        return (
            "Either the package index cannot be reached (then use a folder of wheel files), or it has no "
            f"{name} for {system}."
        )
    return (
        f"{installation.wheels} has to hold {name} and all that it needs, for {system}; on such a computer with a "
        f"network: {download_command(installation.runtime)}"
    )


def _found(folder: Path) -> InstalledPackage:
    found = installed_runtime(folder)
    if found is None:
        raise DependencyError(f"pip reported success, and there is no onnxruntime in {folder}.")
    return found


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Yield a folder beside the one to come, on the same disk, and delete it; also what a killed run left."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for stale in folder.parent.glob(f"{_STAGING}*"):
            shutil.rmtree(stale, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder.parent))
    except OSError as error:
        raise OutputError(f"The folder {folder.parent} cannot be written to ({error.strerror}).") from error
    try:
        yield staging
    except LandCoverError:
        raise
    except OSError as error:
        raise OutputError(f"Nothing was installed: {folder.parent} cannot be written to ({error.strerror}).") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
