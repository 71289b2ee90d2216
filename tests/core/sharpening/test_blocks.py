# SPDX-License-Identifier: GPL-2.0-or-later
import contextlib
import threading

import numpy as np
import pytest

from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.errors import Cancelled
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.radiometry import to_stored
from s2landcover_plugin.core.sharpening import blocks as module
from s2landcover_plugin.core.sharpening.blocks import sharpened_blocks
from s2landcover_plugin.core.sharpening.fitting import BandFit
from s2landcover_plugin.core.sharpening.methods import sharpen
from s2landcover_plugin.core.sharpening.patch import Patch
from s2landcover_plugin.core.sharpening.stack import StackReader, plan_stack
from tests.listeners import Recorder
from tests.safe_products import write_band
from tests.scenes import random_stored

SIZE = 300
GUIDES = ("B02", "B03", "B04", "B08")
FITS = {"B05": BandFit(0.4, (0.1, 0.2, 0.3, 0.4), 0.1), "B09": BandFit(0.45, (0.1, 0.1, 0.1, 0.1), -0.2)}


@pytest.fixture
def product(tmp_path):
    for index, band in enumerate((*GUIDES, "B05", "B09")):
        size = SIZE * 10 // BANDS[band].gsd
        write_band(tmp_path / f"{band}.tif", random_stored(size, size, 1, seed=index)[0] / 10000, BANDS[band].gsd)
    return open_product([str(tmp_path)])


def blocks_of(product, progress, bands=("B02", "B05", "B09")):
    plan = plan_stack(product, bands)
    with contextlib.ExitStack() as closing:
        reader = closing.enter_context(StackReader(product, (*plan.guides, *plan.coarse), plan))
        blocks = sharpened_blocks(reader, plan, "regression", FITS, progress)
        yield from closing.enter_context(contextlib.closing(blocks))


def small(monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_PIXELS", 1)
    monkeypatch.setattr(module, "_TILE_ROWS", 80)  # no multiple of the 60 m bands' 6
    monkeypatch.setattr(module, "_TILE_COLS", 128)


def test_blocks_cover_the_scene_and_equal_the_whole(product, monkeypatch):
    small(monkeypatch)
    result = np.zeros((3, SIZE, SIZE), dtype=np.uint16)
    for window, stored in blocks_of(product, SilentProgress()):
        assert window.width == SIZE and not result[:, window.row : window.row + window.height].any()
        result[:, window.row : window.row + window.height] = stored
    with StackReader(product, tuple(product.bands)) as reader:
        whole = {band: reader.read(band, reader_window(product, band)) for band in product.bands}
    guides = np.stack([whole[band][0] for band in GUIDES])
    np.testing.assert_array_equal(result[0], to_stored(*whole["B02"]))
    for plane, band in zip(result[1:], FITS):
        expected = sharpen(Patch.of(whole[band][0], guides, BANDS[band].gsd // 10), "regression", FITS[band])
        np.testing.assert_allclose(plane, to_stored(expected, np.isfinite(expected)), atol=1)


def reader_window(product, band):
    grid = product.bands[band].grid
    return module.Window(0, 0, grid.width, grid.height)


def test_every_row_is_read_once(product, monkeypatch):
    small(monkeypatch)
    rows = {band: [] for band in product.bands}
    read = StackReader.read

    def recorded(self, band, window):
        rows[band] += range(window.row, window.row + window.height)
        return read(self, band, window)

    monkeypatch.setattr(StackReader, "read", recorded)
    assert sum(1 for _ in blocks_of(product, SilentProgress())) == -(-SIZE // 80)
    for band in ("B02", "B08", "B05", "B09"):
        assert rows[band] == list(range(product.bands[band].grid.height))


def test_cancelling_ends_the_threads(product, monkeypatch):
    small(monkeypatch)
    before = threading.active_count()
    with pytest.raises(Cancelled):
        list(blocks_of(product, Recorder(cancel_after=2)))
    assert threading.active_count() == before


def test_progress_is_steady(product, monkeypatch):
    small(monkeypatch)
    listener = Recorder()
    list(blocks_of(product, listener))
    assert len(listener.fractions) == -(-SIZE // 80) * 3
    assert np.diff(listener.fractions).max() < 0.1
    assert listener.fractions[-1] == 1
