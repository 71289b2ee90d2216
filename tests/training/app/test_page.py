# SPDX-License-Identifier: GPL-2.0-or-later
"""The page in a browser: an image is uploaded, the map's colours and the legend are looked at."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from ..byte_tiles import COLOURS
from ..tiles import write_raster
from .models import write_colour_model

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
PATIENCE = 90  # seconds; the machine may be busy

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromium-driver are not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page, served by the command."""
    model = tmp_path_factory.mktemp("app") / "model.onnx"
    write_colour_model(model)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "training", "app", "--model", str(model), "--port", str(port), "--no-browser"]
    with subprocess.Popen(command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if "http://" in line:
                break
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"):
        options.add_argument(switch)
    options.add_argument("--disable-background-networking")
    options.add_argument("--window-size=1300,900")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    driver.set_page_load_timeout(PATIENCE)
    yield driver
    driver.quit()


def upload(browser: webdriver.Chrome, address: str, path: Path) -> None:
    browser.get(address)
    field = WebDriverWait(browser, PATIENCE).until(
        lambda b: b.find_element(By.CSS_SELECTOR, "#upload input[type=file]")
    )
    field.send_keys(str(path))


def shown(browser: webdriver.Chrome, name: str) -> np.ndarray:
    """Return the pixels of a picture on the page, shape (rows, cols, 3)."""
    source = browser.find_element(By.CSS_SELECTOR, f"#{name} img").get_attribute("src")
    assert source is not None
    with urllib.request.urlopen(source) as answer:
        return np.asarray(Image.open(io.BytesIO(answer.read())).convert("RGB"))


def test_image_is_mapped(browser: webdriver.Chrome, address: str, tmp_path: Path) -> None:
    pixels = np.empty((48, 64, 3), np.uint8)
    pixels[:36], pixels[36:] = COLOURS[1], COLOURS[7]
    Image.fromarray(pixels).save(tmp_path / "coast.png")
    upload(browser, address, tmp_path / "coast.png")
    wait = WebDriverWait(browser, PATIENCE, ignored_exceptions=[Exception])
    wait.until(lambda b: b.find_element(By.CSS_SELECTOR, "#legend tr"))
    rows = [row.text.split() for row in browser.find_elements(By.CSS_SELECTOR, "#legend tr")]
    assert rows == [["Water", "75.0", "%"], ["Sand", "25.0", "%"], ["Trees", "0.0", "%"]]
    swatches = browser.find_elements(By.CSS_SELECTOR, "#legend .swatch")
    colours = [item.value_of_css_property("background-color") for item in swatches]
    assert colours == ["rgba(0, 0, 255, 1)", "rgba(255, 255, 0, 1)", "rgba(0, 255, 0, 1)"]
    wait.until(lambda b: shown(b, "map").shape == (48, 64, 3))
    assert np.array_equal(shown(browser, "image"), pixels)
    expected = np.rint(0.4 * np.array(COLOURS[1]) + 0.6 * np.array([0, 0, 255]))
    assert np.abs(shown(browser, "map")[10, 10] - expected).max() <= 1
    opacity = browser.find_element(By.CSS_SELECTOR, "#opacity input[type=number]")
    opacity.send_keys(Keys.CONTROL, "a")
    opacity.send_keys("100", Keys.TAB)
    wait.until(lambda b: shown(b, "map")[10, 10].tolist() == [0, 0, 255])
    assert shown(browser, "map")[40, 10].tolist() == [255, 255, 0]
    # PICTURE=path keeps a picture of the page.
    if os.environ.get("PICTURE"):
        browser.save_screenshot(os.environ["PICTURE"])


def test_image_of_too_few_bands_is_explained(browser: webdriver.Chrome, address: str, tmp_path: Path) -> None:
    write_raster(tmp_path / "two.tif", np.ones((2, 16, 16), np.uint8), ("", ""))
    upload(browser, address, tmp_path / "two.tif")
    problem = WebDriverWait(browser, PATIENCE).until(lambda b: b.find_element(By.CSS_SELECTOR, "#legend .problem"))
    assert "two.tif has 2 band(s), and the model takes the first 3" in problem.text
    assert "/" not in problem.text


def test_page_asks_no_other_machine(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address)
    WebDriverWait(browser, PATIENCE).until(lambda b: b.find_element(By.CSS_SELECTOR, "#upload input[type=file]"))
    asked = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert asked
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
