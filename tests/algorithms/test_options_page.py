# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of options, clicked through."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QEventLoop, QTimer

from s2landcover_plugin import options_page
from s2landcover_plugin.algorithms import installruntime
from s2landcover_plugin.core.installation.packages import deactivate
from s2landcover_plugin.options_page import OptionsFactory
from s2landcover_plugin.plugin import LandCoverPlugin
from tests.wheels import RUNTIME, write_wheel

_LIMIT = 60_000  # milliseconds


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for module in (options_page, installruntime):
        monkeypatch.setattr(module, "profile_packages", lambda: tmp_path / "packages")
    monkeypatch.setattr(options_page, "place_of_runtime", lambda: "")  # the tests have one of their own
    yield tmp_path / "packages"
    deactivate(tmp_path / "packages")


@pytest.fixture
def wheels(tmp_path):
    write_wheel(tmp_path / "wheels", "onnxruntime", "1.20.0", RUNTIME)
    return str(tmp_path / "wheels")


@pytest.fixture
def factory(provider):
    factory = OptionsFactory()
    yield factory
    factory.stop()


def wait_for(page):
    loop = QEventLoop()
    page._installer.finished.connect(loop.quit)
    QTimer.singleShot(_LIMIT, loop.quit)
    if page._installer.is_running():
        loop.exec()


def enabled(page):
    return [button.isEnabled() for button in (page.install_button, page.cancel_button, page.remove_button)]


def test_install_and_remove(factory, folder, wheels):
    page = factory.createWidget()
    assert page.installed.text() == "not installed"
    assert enabled(page) == [True, False, False]
    page.wheels.setFilePath(wheels)
    page.install_button.click()
    assert enabled(page) == [False, True, False], "it runs in the background"
    wait_for(page)
    assert page.installed.text() == "onnxruntime 1.20.0"
    assert enabled(page) == [True, False, True]
    assert "Installed onnxruntime 1.20.0" in page.log.toPlainText()
    page.remove_button.click()
    assert page.installed.text() == "not installed"
    assert not folder.exists()


def test_cancel(factory, folder, wheels):
    page = factory.createWidget()
    page.wheels.setFilePath(wheels)
    page.install_button.click()
    page.cancel_button.click()
    wait_for(page)
    assert enabled(page) == [True, False, False]
    assert not folder.exists()


def test_it_goes_on_when_the_page_is_closed(factory, folder, wheels):
    first = factory.createWidget()
    first.wheels.setFilePath(wheels)
    first.install_button.click()
    first.deleteLater()
    del first
    second = factory.createWidget()
    assert second.installed.text() == "being installed …"
    wait_for(second)
    assert second.installed.text() == "onnxruntime 1.20.0"


def test_what_cannot_work_is_said_at_once(factory, folder, tmp_path):
    page = factory.createWidget()
    page.wheels.setFilePath(str(tmp_path))
    page.install_button.click()
    assert "no wheel file" in page.log.toPlainText()
    assert enabled(page) == [True, False, False]


class Desktop:
    def __init__(self):
        self.pages = []

    def registerOptionsWidgetFactory(self, factory):  # noqa: N802
        self.pages.append(factory.title())

    def unregisterOptionsWidgetFactory(self, factory):  # noqa: N802
        self.pages.remove(factory.title())


def test_the_desktop_gets_the_page_and_loses_it_again(monkeypatch):
    monkeypatch.setattr(LandCoverPlugin, "initProcessing", lambda plugin: None)
    desktop = Desktop()
    plugin = LandCoverPlugin(desktop)
    plugin.initGui()
    assert desktop.pages == ["Sentinel-2 land cover"]
    plugin.unload()
    assert desktop.pages == []
