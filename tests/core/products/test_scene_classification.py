# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError, ProductError
from s2landcover_plugin.core.products.product import open_product
from s2landcover_plugin.core.products.scene_classification import SCL_LEGEND, checked_classes, scene_classification
from s2landcover_plugin.core.raster import Window
from tests.safe_products import SIZE, write_safe
from tests.scenes import utm_grid

CLASSES = np.arange(SIZE // 2 * (SIZE // 2)).reshape(SIZE // 2, SIZE // 2) % 12


def test_the_legend_has_the_eleven_classes_of_sen2cor():
    assert SCL_LEGEND.values == tuple(range(1, 12))
    assert SCL_LEGEND.names[9] == "Cloud high probability"
    assert SCL_LEGEND.colours[6] == (0, 0, 255, 255)


def test_classes_come_to_another_grid_unmixed(tmp_path):
    product = open_product([str(write_safe(tmp_path, scl=CLASSES))])
    with scene_classification(product, utm_grid(SIZE, SIZE)) as classification:
        window = Window(3, 5, 8, 6)
        values, shown = classification.read(window), classification.shows((8, 9), window)
    expected = CLASSES.repeat(2, axis=0).repeat(2, axis=1)[5:11, 3:11]
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(shown, np.isin(expected, (8, 9)))


def test_beyond_the_scene_there_is_no_class(tmp_path):
    product = open_product([str(write_safe(tmp_path))])
    with scene_classification(product, utm_grid(SIZE + 4, SIZE)) as classification:
        assert (classification.read(Window(SIZE, 0, 4, SIZE)) == 0).all()


def test_products_without_one_are_refused(tmp_path):
    product = open_product([str(write_safe(tmp_path, "L1C"))])
    with pytest.raises(ProductError, match="S2A_MSIL1C_TEST has no scene classification"):
        scene_classification(product, utm_grid(2, 2))


def test_class_values_are_checked_and_sorted():
    assert checked_classes([9, 3, 9]) == (3, 9)
    with pytest.raises(InputError, match="0, 12 is no class"):
        checked_classes([0, 3, 12])
