# SPDX-License-Identifier: GPL-2.0-or-later
"""What depends on the user's QGIS profile: the folder that packages are added in, and the command that adds them."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication

from ..core.installation.interpreter import qgis_process
from ..core.installation.packages import packages_folder


def profile_packages() -> Path:
    """Return the folder of the profile that packages are added in."""
    return packages_folder(Path(QgsApplication.qgisSettingsDirPath()))


def install_command() -> str:
    """Return the line for a terminal that adds onnxruntime to this QGIS."""
    return f'"{qgis_process(Path(QgsApplication.applicationDirPath()))}" run s2landcover:installruntime'
