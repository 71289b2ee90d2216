# SPDX-License-Identifier: GPL-2.0-or-later
import re

import numpy as np
import pytest

from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.sharpening.quality import (
    BandFigures,
    Example,
    MethodFigures,
    Quality,
    ResolutionQuality,
)
from s2landcover_plugin.core.sharpening.quality_page import html_page, write_quality_page
from tests.html_page import Page
from tests.safe_products import write_safe


def figures(method, rmse):
    bands = (BandFigures("B05", rmse, 0.9876, 0.4), BandFigures("B11", rmse + 1, None, None))
    return MethodFigures(method, bands, 1.234, None)


def measured(bands=3):
    images = np.random.default_rng(0).uniform(0, 0.5, (3, bands, 8, 8)).astype(np.float32)
    example = Example(("B12", "B8A", "B05")[:bands], images[0], {"regression": images[1]}, images[2])
    resolution = ResolutionQuality(20, 40, 20, 0.456, 12345, (figures("regression", 41.26), figures("none", 99.94)))
    return Quality("regression", 4, (resolution,), ("B01: <b>too little</b>.",), example)


@pytest.fixture
def product(tmp_path):
    return open_product([str(write_safe(tmp_path))])


def test_the_page_holds_every_figure(product):
    page = Page(html_page(measured(), product, ("/data/<b>.SAFE",)))
    text = re.sub(r"\s", " ", page.text)
    for part in ("41.3", "99.9", "42.3", "0.988", "1.23", "12 345", "0.46 pixels", "4 windows", "Degraded to 40 m"):
        assert part in text
    assert "<b>too little</b>" in text and "/data/<b>.SAFE" in text and product.name in text
    assert not {"script", "link"} & set(page.tags)


@pytest.mark.parametrize("bands", [1, 3])
def test_pictures_are_inside_the_page(product, bands):
    page = Page(html_page(measured(bands), product, ("x",)))
    sources = [value for name, value in page.attributes if name == "src"]
    assert len(sources) == 3 and all(source.startswith("data:image/png;base64,") for source in sources)
    assert ("as red, green and blue" in page.text) == (bands == 3)


def test_nothing_measured_is_said_plainly(product, tmp_path):
    path = tmp_path / "quality.html"
    write_quality_page(Quality("none", 0, (), ("All bands lie on one grid.",)), product, ("x",), path)
    page = Page(path.read_text(encoding="utf-8"))
    assert "nothing was measured" in page.text and "All bands lie on one grid." in page.text
    assert "img" not in page.tags and "RMSE" in page.text
