# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.errors import Cancelled
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.sampling import fit_stack
from s2landcover_plugin.core.sharpening.stack import StackReader, plan_stack
from tests.listeners import Recorder
from tests.safe_products import write_band
from tests.scenes import related_bands

SIGMA = 0.4


def stack(folder, size=240, hide=0):
    """Write guides, and two 20 m bands and a 60 m band that depend on them; return an opened product."""
    guides, band = related_bands(size, size)
    images = {"B02": guides[0], "B03": guides[1], "B04": guides[2], "B08": guides[0] + 0.1}
    for name in ("B05", "B11", "B09"):
        images[name] = degrade(band, BANDS[name].gsd // 10, SIGMA)
    for name, image in images.items():
        image = np.array(image)
        image[: hide // (BANDS[name].gsd // 10)] = 0
        write_band(folder / f"{name}.tif", image, BANDS[name].gsd)
    return open_product([str(folder)])


def fitted(product, progress, extent=None):
    plan = plan_stack(product, ("B05", "B09", "B11"))
    plan = plan.within(extent) if extent else plan
    with StackReader(product, (*plan.guides, *plan.coarse), plan) as reader:
        return fit_stack(reader, plan, progress)


def test_bands_of_one_resolution_share_the_blur(tmp_path):
    fits = fitted(stack(tmp_path), SilentProgress())
    assert set(fits) == {"B05", "B09", "B11"}
    assert fits["B05"].sigma == fits["B11"].sigma
    for band, factor in (("B05", 2), ("B09", 6)):
        assert np.sqrt(fits[band].sigma ** 2 + fits[band].softening / factor**2) == pytest.approx(SIGMA, abs=0.06)


def test_a_scene_without_data_gets_the_sensors_blur(tmp_path):
    fits = fitted(stack(tmp_path, size=60, hide=60), SilentProgress())
    assert fits["B05"].sigma == pytest.approx(0.43, abs=0.02)
    assert np.isfinite(fits["B05"].weights).all()


def test_a_part_is_fitted_as_the_whole_scene_is(tmp_path):
    product = stack(tmp_path)
    assert fitted(product, SilentProgress(), (600600, 4998200, 601200, 4999000)) == fitted(product, SilentProgress())


def test_it_can_be_cancelled(tmp_path):
    with pytest.raises(Cancelled):
        fitted(stack(tmp_path, size=60), Recorder(cancel_after=0))
