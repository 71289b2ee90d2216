# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: TID251  (the half that QGIS runs)
"""Take the pictures of the desktop in docs/images: the toolbox with a map, and every algorithm's dialog.

    make demo
    .venv/qgis/bin/python scripts/screenshots.py demo-output/stack.tif

Needs xvfb. Started like this, the script stages the plugin and starts QGIS on a virtual screen with a fresh profile;
QGIS then runs the same file from within, where it finds a desktop to take pictures of.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

PLUGIN = "s2landcover_plugin"
DIALOGS = ("download", "pansharpen", "alignlabels", "tile", "classify", "accuracy", "status")

_TIMEOUT = 300  # seconds for everything


def start_desktop(stack: Path, root: Path) -> int:
    """Run QGIS on a virtual screen; return 0 if it took the pictures."""
    subprocess.run([sys.executable, root / "scripts" / "package.py", "--stage-only"], check=True)
    with tempfile.TemporaryDirectory() as profile:
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "xcb",
            "QGIS_PLUGINPATH": str(root / "build" / "stage"),
            "PYTHONPATH": sysconfig.get_paths()["purelib"],
            "S2LANDCOVER_ROOT": str(root),
            "S2LANDCOVER_STACK": str(stack.absolute()),
        }
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24"]
        desktop = ["qgis.bin", "--noversioncheck", "--nologo", "--profiles-path", profile, "--code", __file__]
        return subprocess.run([*screen, *desktop], env=environment, timeout=_TIMEOUT, check=False).returncode


class Photographer:
    """Works QGIS's desktop and keeps pictures of it."""

    def __init__(self, iface: Any, folder: Path) -> None:
        self._iface = iface
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take_all(self, stack: str) -> None:
        """Load a stack, map it, and picture the dialogs and the window."""
        import processing
        from qgis.utils import loadPlugin, startPlugin

        loadPlugin(PLUGIN)
        startPlugin(PLUGIN)
        self._arrange_window()
        self._show_options()
        self._load(stack)
        for name in DIALOGS:
            dialog = processing.createAlgorithmDialog(f"s2landcover:{name}", {})
            dialog.resize(900, 640)
            dialog.show()
            self._picture(dialog, f"dialog-{name}")
            if name == "classify":
                self._run(dialog)
                self._picture(dialog, "log-classify")
            dialog.close()
        self._show_map()
        self._picture(self._iface.mainWindow(), "map-in-qgis")

    def _arrange_window(self) -> None:
        from qgis.PyQt.QtWidgets import QDockWidget

        window = self._iface.mainWindow()
        window.resize(1300, 850)
        window.findChild(QDockWidget, "Browser").hide()
        toolbox = window.findChild(QDockWidget, "ProcessingToolbox")
        toolbox.show()
        toolbox.searchBox.setText("s2landcover")

    def _show_options(self) -> None:
        from qgis.utils import plugins

        path, tests = list(sys.path), os.environ["PYTHONPATH"].split(os.pathsep)
        sys.path[:] = [folder for folder in path if folder not in tests]  # a QGIS that has no onnxruntime yet
        page = plugins[PLUGIN].options.createWidget()
        sys.path[:] = path
        page.resize(800, 420)
        page.show()
        self._picture(page, "options")
        page.close()

    def _load(self, stack: str) -> None:
        from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsRasterLayer

        layer = QgsRasterLayer(stack, "Bands at 10 m")
        QgsProject.instance().addMapLayer(layer)
        styling = sys.modules[f"{PLUGIN}.algorithms.styling"]
        styling.NaturalColourStyle().postProcessLayer(layer, QgsProcessingContext(), QgsProcessingFeedback())

    def _run(self, dialog: Any) -> None:
        from qgis.PyQt.QtCore import QEventLoop

        loop = QEventLoop()
        dialog.algorithmFinished.connect(lambda *_: loop.quit())
        dialog.runAlgorithm()
        loop.exec()

    def _show_map(self) -> None:
        from qgis.core import QgsProject

        self._iface.messageBar().clearWidgets()
        for node in QgsProject.instance().layerTreeRoot().findLayers():
            node.setExpanded(True)
        self._iface.mapCanvas().zoomToFullExtent()
        self._iface.mapCanvas().waitWhileRendering()

    def _picture(self, widget: Any, name: str) -> None:
        from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QThread

        for _ in range(20):  # layouts settle over several rounds of events
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
            QThread.msleep(20)
        widget.grab().save(str(self._folder / f"{name}.png"))


def desktop() -> Any:
    """Return QGIS's interface, or None where this does not run inside its desktop."""
    try:
        from qgis.utils import iface
    except ImportError:
        return None
    return iface


def work_desktop(iface: Any) -> None:
    """Take the pictures and end QGIS, with exit code 1 if something failed."""
    import traceback

    try:
        folder = Path(os.environ["S2LANDCOVER_ROOT"]) / "docs" / "images"
        Photographer(iface, folder).take_all(os.environ["S2LANDCOVER_STACK"])
    except Exception:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if desktop() is not None:
    work_desktop(desktop())
elif __name__ == "__main__":
    sys.exit(start_desktop(Path(sys.argv[1]), Path(__file__).resolve().parents[1]))
