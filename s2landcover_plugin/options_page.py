# SPDX-License-Identifier: GPL-2.0-or-later
"""The page in Settings > Options: which onnxruntime there is, a button that installs it, and one that removes it."""

from __future__ import annotations

from pathlib import Path

from qgis.gui import QgsFileWidget, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from .algorithms.profile import install_command, profile_packages
from .core.errors import LandCoverError
from .core.installation.packages import installed_runtime, place_of_runtime, remove
from .core.installation.plan import RUNTIMES
from .runtime_installer import RuntimeInstaller

_ICON = Path(__file__).parent / "icons" / "provider.svg"


def _tr(text: str) -> str:
    return QCoreApplication.translate("s2landcover", text)


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page each time that the options are opened; an installation goes on when they are closed."""

    def __init__(self) -> None:
        super().__init__(_tr("Sentinel-2 land cover"), QIcon(str(_ICON)))
        self._installer = RuntimeInstaller()

    def createWidget(self, parent: QWidget | None = None) -> QgsOptionsPageWidget:
        """Return a new page."""
        return OptionsPage(self._installer, parent)

    def stop(self) -> None:
        """Cancel the installation that may be under way."""
        self._installer.cancel()


class OptionsPage(QgsOptionsPageWidget):
    """Shows what there is; everything is done by buttons at once, so there is nothing left to apply."""

    def __init__(self, installer: RuntimeInstaller, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName("s2landcoverOptions")  # what `iface.showOptionsDialog` is given
        self._installer = installer
        self.installed = QLabel()
        self.runtime = QComboBox()
        for name in RUNTIMES:
            self.runtime.addItem(_label(name), name)
        self.wheels = QgsFileWidget()
        self.wheels.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.wheels.lineEdit().setPlaceholderText(_tr("Empty: from the Python Package Index"))
        self.install_button = QPushButton(_tr("Install"))
        self.cancel_button = QPushButton(_tr("Cancel"))
        self.remove_button = QPushButton(_tr("Remove"))
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self._lay_out()
        self._connect()
        self._show_state()

    def apply(self) -> None:
        """Do nothing: the buttons have done it."""

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(_tr("onnxruntime"), self.installed)
        form.addRow(_tr("Folder"), _selectable(str(profile_packages())))
        form.addRow(_tr("Run models on"), self.runtime)
        form.addRow(_tr("Folder of wheel files"), self.wheels)
        form.addRow(_tr("In a terminal"), _selectable(install_command()))
        buttons = QHBoxLayout()
        for button in (self.install_button, self.cancel_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.addWidget(_introduction())
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(self.log)

    def _connect(self) -> None:
        self.install_button.clicked.connect(self._install)
        self.cancel_button.clicked.connect(self._installer.cancel)
        self.remove_button.clicked.connect(self._remove)
        self._installer.line.connect(self.log.appendPlainText)
        self._installer.finished.connect(self._show_state)

    def _install(self) -> None:
        self.log.clear()
        self._installer.start(self.runtime.currentData(), self.wheels.filePath())
        self._show_state()

    def _remove(self) -> None:
        try:
            remove(profile_packages())
        except LandCoverError as error:
            self.log.appendPlainText(str(error))
        else:
            self.log.appendPlainText(_tr("Removed. What is loaded already stays in use until QGIS is started again."))
        self._show_state()

    def _show_state(self) -> None:
        running = self._installer.is_running()
        ours = installed_runtime(profile_packages())
        self.installed.setText(_state(running, str(ours or "")))
        self.install_button.setEnabled(not running)
        self.cancel_button.setEnabled(running)
        self.remove_button.setEnabled(ours is not None and not running)


def _label(runtime: str) -> str:
    labels = {
        "cpu": _tr("CPU"),
        "openvino": _tr("OpenVINO (faster on Intel CPUs)"),
        "cuda": _tr("CUDA (NVIDIA cards; CUDA and cuDNN have to be installed)"),
        "directml": _tr("DirectML (any card, Windows only)"),
    }
    return labels.get(runtime, runtime)


def _state(running: bool, ours: str) -> str:
    if running:
        return _tr("being installed …")
    place = place_of_runtime()
    if place and place != str(profile_packages()):
        return _tr("found outside the profile, in {folder}").format(folder=place)
    return ours or _tr("not installed")


def _introduction() -> QLabel:
    label = QLabel(
        _tr(
            "'Classify land cover' runs models with the Python package onnxruntime, which QGIS does not bring. Install "
            "adds it to a folder of this profile (about 25 MB to fetch). QGIS's own packages, NumPy above all, stay as "
            "they are; Remove deletes the folder again."
        )
    )
    label.setWordWrap(True)
    return label


def _selectable(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
