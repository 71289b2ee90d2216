# SPDX-License-Identifier: GPL-2.0-or-later
"""Build the installable zip of the plugin with pb_tool: `build/s2landcover_plugin.zip`.

`--stage-only` stops at `build/stage/s2landcover_plugin`: the plugin as QGIS would install it, to be loaded from there
with QGIS_PLUGINPATH=build/stage. The archive needs `zip`, and pb_tool with Debian's pyqt5-dev-tools (or with Qt 6's
pyuic6 and rcc).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "pb_tool.cfg"
PLUGIN = "s2landcover_plugin"
MAX_BYTES = 20_000_000
"""What the QGIS plugin repository accepts."""

_RESOURCES = "resources.py"


class PackagingError(Exception):
    """Something that keeps the package from being built; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Build; return the exit code."""
    parser = argparse.ArgumentParser(description="Build the installable zip of the plugin.")
    parser.add_argument("--stage-only", action="store_true", help="only lay out the plugin's files in <build>/stage")
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="folder to work in")
    options = parser.parse_args(arguments)
    build = options.build.absolute()
    try:
        stage(build / "stage" / PLUGIN)
        if not options.stage_only:
            archive = build_archive(build)
            print(f"{archive} ({archive.stat().st_size / 1e6:.1f} MB)")
    except PackagingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def stage(folder: Path) -> None:
    """Lay out the plugin's files as QGIS installs them, replacing what is in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for path in plugin_files():
        target = folder / path.relative_to(ROOT / PLUGIN)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    for name in ("metadata.txt", "LICENSE"):
        shutil.copy2(ROOT / name, folder / name)


def plugin_files() -> list[Path]:
    """Return the files of the package that belong to the repository.

    Without git (a downloaded archive) that is every file except what Python compiled.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", PLUGIN]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
        found = [ROOT / name for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path for path in (ROOT / PLUGIN).rglob("*") if "__pycache__" not in path.parts]
    return sorted(path for path in found if path.is_file())


def build_archive(build: Path) -> Path:
    """Compile the resources, deploy the staged files, zip what was deployed, and return the archive.

    Raises:
        PackagingError: if a tool is missing or fails, or the archive is too large.
    """
    if shutil.which("zip") is None:
        raise PackagingError("The command zip is missing; install it with: apt-get install zip")
    compile_resources(build / "stage")
    deployed = build / "deploy"
    shutil.rmtree(deployed, ignore_errors=True)
    deployed.mkdir()
    options = ["--config_file", str(CONFIG), "--plugin_path", str(deployed), "--no-docs"]
    pb_tool(build / "stage" / PLUGIN, "deploy", "--no-confirm", *options)
    # With --quick pb_tool takes what was just deployed; the archive appears where it runs.
    pb_tool(build, "zip", "--quick", *options)
    archive = build / f"{PLUGIN}.zip"
    size = archive.stat().st_size
    if size > MAX_BYTES:
        raise PackagingError(f"{archive} has {size} bytes; the plugin repository takes at most {MAX_BYTES}.")
    return archive


def compile_resources(staged: Path) -> None:
    """Compile resources.qrc into the staged plugin; `staged` is the folder above it.

    Raises:
        PackagingError: if there is no compiler.
    """
    source, compiled = staged / "resources.qrc", staged / _RESOURCES
    compiled.unlink(missing_ok=True)
    shutil.copy2(ROOT / "resources.qrc", source)
    pb_tool(staged, "compile", "--config", str(CONFIG))
    source.unlink()
    # pb_tool ends well, having written nothing, when it finds no compiler.
    if not compiled.is_file() or compiled.stat().st_size == 0:
        raise PackagingError("The resources were not compiled; install the compiler: apt-get install pyqt5-dev-tools")
    text = compiled.read_text(encoding="utf-8").replace("from PyQt5 import", "from qgis.PyQt import")
    (staged / PLUGIN / _RESOURCES).write_text(text, encoding="utf-8")
    compiled.unlink()


def pb_tool(folder: Path, *arguments: str) -> None:
    """Run pb_tool in a folder, showing what it says only if it fails.

    Raises:
        PackagingError: if it is not installed or fails.
    """
    tool = Path(sysconfig.get_path("scripts")) / "pb_tool"
    if not tool.is_file():
        raise PackagingError(f"pb_tool is not installed beside {sys.executable}; run: make setup-qgis")
    done = subprocess.run([tool, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PackagingError(f"pb_tool {arguments[0]} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
