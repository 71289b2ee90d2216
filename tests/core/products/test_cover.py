# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.products.cover import SceneCover, described, scene_cover
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.raster import Window
from s2landcover_plugin.core.validity import Cover, MaskKind
from tests.listeners import Recorder
from tests.safe_products import SIZE, pattern, write_band, write_safe
from tests.scenes import utm_grid, write_scene

GRID = utm_grid(SIZE, SIZE)


def classes():
    """Scene classification at 20 m: one column in twelve without data, two of cloud, one of shadow."""
    values = np.full((SIZE // 2, SIZE // 2), 4)
    values[:, 0], values[:, 1:3], values[:, 3] = 0, 9, 3
    return values


def state_cloud(safe, share):
    path = next(safe.glob("MTD_*.xml"))
    text = path.read_text(encoding="utf-8")
    stated = f"<Cloud_Coverage_Assessment>{share}</Cloud_Coverage_Assessment>"
    path.write_text(text.replace("</n1:General_Info>", f"</n1:General_Info>{stated}"), encoding="utf-8")


def test_the_scene_classification_tells_cloud_shadow_and_snow_of_what_it_has_seen(tmp_path):
    product, listener = open_product([str(write_safe(tmp_path, scl=classes()))]), Recorder()
    cover = scene_cover(product, GRID, listener)
    assert cover.shares == {Cover.CLOUD: 2 / 11, Cover.SHADOW: 1 / 11, Cover.SNOW: 0}
    assert (cover.kind, cover.stated) == (MaskKind.SCL, None)
    assert listener.infos == ["By the scene classification: 18.2% cloud, 9.1% shadow, 0.0% snow."]
    part = scene_cover(product, GRID.crop(Window(1, 0, 4, SIZE)), Recorder())
    assert part.shares[Cover.CLOUD] == 1  # a column without data, three of cloud


def test_the_metadata_state_cloud_as_well(tmp_path):
    safe = write_safe(tmp_path, "L1C")
    assert scene_cover(open_product([str(safe)]), GRID, Recorder()) == SceneCover()
    state_cloud(safe, 59.8)
    listener = Recorder()
    cover = scene_cover(open_product([str(safe)]), GRID, listener)
    assert cover == SceneCover(stated=pytest.approx(0.598))
    assert listener.infos == [described(cover)] == ["The metadata states 59.8% cloud for the whole scene."]


def test_cloud_probability_stands_in_for_a_missing_scene_classification(tmp_path):
    safe = write_safe(tmp_path, scl=classes(), without=("SCL_20m",))
    assert open_product([str(safe)]).cover_mask is None
    masks = safe / "GRANULE/T/QI_DATA"
    for name, gsd, cloudy in (("MSK_CLDPRB_60m", 60, 1), ("MSK_CLDPRB_20m", 20, 3)):
        values = np.full((SIZE * 10 // gsd, SIZE * 10 // gsd), 49)
        values[:cloudy] = 50
        write_band(masks / f"{name}.tif", values / 10000, gsd)
    cover = scene_cover(open_product([str(safe)]), GRID, Recorder())
    assert (cover.kind, cover.shares) == (MaskKind.PROBABILITY, {Cover.CLOUD: 3 / 12})


@pytest.mark.parametrize("is_one_file", [True, False])
def test_loose_bands_may_have_masks_beside_them(tmp_path, is_one_file):
    image, mask = np.rint(pattern(10) * 10000).astype(np.uint16), np.zeros((SIZE, SIZE), np.uint16)
    mask[:6] = 1024
    if is_one_file:
        planes, names = np.stack([image, mask, mask // 1024 * 90]), ("B2", "QA60", "MSK_CLDPRB")
        paths = [write_scene(tmp_path / "export.tif", planes, names, grid=GRID)]
    else:
        paths = [
            write_scene(tmp_path / f"{name}.tif", values[None], ("",), grid=GRID)
            for name, values in (("B02", image), ("QA60", mask))
        ]
    product = open_product(list(map(str, paths)))
    assert tuple(product.bands) == ("B02",)
    cover = scene_cover(product, GRID, Recorder())
    assert cover.shares == {Cover.CLOUD: 6 / SIZE}
    assert cover.kind is (MaskKind.PROBABILITY if is_one_file else MaskKind.QA60)


def test_a_damaged_mask_is_told_and_no_reason_to_stop(tmp_path):
    safe = write_safe(tmp_path, scl=np.random.default_rng(0).integers(1, 12, (SIZE // 2, SIZE // 2)))
    product, listener = open_product([str(safe)]), Recorder()
    path = product.scl.path
    with Path(path).open("r+b") as file:
        file.truncate(file.seek(0, 2) - 60)
    cover = scene_cover(product, GRID, listener)
    assert cover == SceneCover()
    assert listener.warnings[0].startswith("What covers the ground is not known: ") and path in listener.warnings[0]


def test_a_product_opens_even_if_its_cloud_probability_does_not(tmp_path):
    safe = write_safe(tmp_path, scl=classes())
    path = safe / "GRANULE/T/QI_DATA/MSK_CLDPRB_20m.jp2"
    path.parent.mkdir()
    path.write_bytes(b"no image")
    assert open_product([str(safe)]).masks == {}
