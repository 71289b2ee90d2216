# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.errors import Cancelled
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.sharpening import assessment as module
from s2landcover_plugin.core.sharpening.assessment import assess_quality
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.sampling import fit_stack
from s2landcover_plugin.core.sharpening.stack import StackReader, plan_stack
from tests.listeners import Recorder
from tests.safe_products import write_band
from tests.scenes import related_bands

COARSE = ("B05", "B09", "B11")


def scene(folder, size=180, hide=0, bands=COARSE):
    """Write guides and coarse bands that depend on them, without data in the uppermost rows."""
    guides, band = related_bands(size, size)
    images = {"B02": guides[0], "B03": guides[1], "B04": guides[2], "B08": guides[0] + 0.1}
    for index, name in enumerate(bands):
        images[name] = degrade((1 - 0.2 * index) * band, BANDS[name].gsd // 10, 0.45)
    for name, image in images.items():
        image = np.array(image)
        image[: hide // (BANDS[name].gsd // 10)] = 0
        write_band(folder / f"{name}.tif", image, BANDS[name].gsd)
    return open_product([str(folder)])


def assessed(product, method="regression", progress=None, bands=COARSE, extent=None):
    plan = plan_stack(product, bands)
    plan = plan if extent is None else plan.within(extent)
    with StackReader(product, tuple({*plan.guides, *bands}), plan) as reader:
        fits = fit_stack(reader, plan, SilentProgress()) if plan.coarse else {}
        return assess_quality(reader, plan, method, fits, progress or SilentProgress())


def test_every_resolution_and_method_is_measured(tmp_path):
    listener = Recorder()
    quality = assessed(scene(tmp_path), progress=listener)
    fine, coarse = quality.resolutions
    assert (fine.gsd, fine.degraded, fine.guided) == (20, 40, 20)
    assert (coarse.gsd, coarse.degraded, coarse.guided) == (60, 180, 30)
    assert [band.band for band in fine.methods[0].bands] == ["B05", "B11"]
    assert quality.methods == ("regression", "brovey", "none")
    assert (fine.pixels, coarse.pixels) == (90 * 90, 30 * 30)
    assert coarse.methods[0].sam is None and fine.methods[0].sam is not None
    assert quality.notes == ()
    assert listener.fractions == sorted(listener.fractions) and listener.fractions[-1] == 1


def test_the_figures_tell_good_from_bad(tmp_path):
    quality = assessed(scene(tmp_path), method="none", bands=("B05", "B11"))
    assert quality.methods[0] == "none"
    cubic, ours = quality.headline("none"), quality.headline("regression")
    assert ours.rmse < 0.6 * cubic.rmse and ours.ergas < 0.6 * cubic.ergas and ours.q > cubic.q
    assert ours.consistency < 2 < cubic.consistency


def test_the_example_comes_from_the_finest_bands(tmp_path):
    example = assessed(scene(tmp_path)).example
    assert example.bands == ("B05",)
    assert set(example.restored) == {"regression", "brovey", "none"}
    shapes = {image.shape for image in (example.degraded, example.original, *example.restored.values())}
    assert shapes == {(1, 90, 90)}
    np.testing.assert_array_equal(example.degraded[:, ::2, ::2], example.degraded[:, 1::2, 1::2])


def test_windows_spread_over_the_data(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_WINDOW_SIZE", 36)
    seen = []

    class Reader(StackReader):
        def read_guides(self, guides, window):
            seen.append(window)
            return super().read_guides(guides, window)

    product = scene(tmp_path, hide=90, bands=("B05",))
    plan = plan_stack(product, ("B05",))
    with Reader(product, tuple({*plan.guides, "B05"}), plan) as reader:
        fits = fit_stack(reader, plan, SilentProgress())
        seen.clear()
        assert assess_quality(reader, plan, "none", fits, SilentProgress()).windows == 9
    assert min(window.row for window in seen) >= 72
    assert {window.row for window in seen} == {72, 108, 144}
    assert {0, 144} <= {window.col for window in seen}


def test_a_part_is_measured_where_it_is(tmp_path):
    product = scene(tmp_path, hide=60)
    part = (600000.0, 5000000.0 - 1800, 600000.0 + 1200, 5000000.0 - 600)
    quality = assessed(product, extent=part)
    assert quality.resolutions[0].pixels == 60 * 60


def test_nodata_is_never_compared(tmp_path):
    quality = assessed(scene(tmp_path, hide=60), bands=("B05", "B11"))
    fine = quality.resolutions[0]
    assert 50 * 90 < fine.pixels <= 60 * 90
    assert quality.headline("regression").rmse < 0.6 * quality.headline("none").rmse


def test_what_cannot_be_measured_is_said(tmp_path):
    small = assessed(scene(tmp_path / "small", size=60))
    assert [resolution.gsd for resolution in small.resolutions] == [20]
    assert small.notes == ("B09: too little of the scene holds data to measure one scale down.",)
    tiny = assessed(scene(tmp_path / "tiny", size=12))
    assert tiny.resolutions == () and len(tiny.notes) == 2 and tiny.example is None
    single = assessed(scene(tmp_path / "single"), bands=("B02", "B08"))
    assert single.notes == ("All bands lie on one grid: nothing was sharpened, so nothing was measured.",)


def test_a_scene_without_data_gives_no_figures(tmp_path):
    empty = assessed(scene(tmp_path, hide=180))
    assert (empty.windows, empty.resolutions, len(empty.notes)) == (0, (), 2)


@pytest.mark.parametrize("after", [0, 3, 8])
def test_it_can_be_cancelled(tmp_path, after):
    with pytest.raises(Cancelled):
        assessed(scene(tmp_path, size=60), progress=Recorder(cancel_after=after))


def test_a_real_scene_agrees_with_the_benchmark(real_data):
    product = open_product([str(path) for path in sorted((real_data / "l1c_multires_T33UUB").glob("*.tif"))])
    quality = assessed(product, bands=("B05", "B11"))
    assert quality.headline("regression").rmse < 0.4 * quality.headline("none").rmse
    assert quality.headline("regression").consistency < 2
