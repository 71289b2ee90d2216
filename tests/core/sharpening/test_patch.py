# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import GridError
from s2landcover_plugin.core.sharpening.patch import Patch


def test_what_is_not_finite_is_not_valid_and_does_no_harm():
    coarse, guides = np.full((4, 5), 0.2), np.full((2, 8, 10), 0.3)
    coarse[0, 0], guides[1, 7, 9] = np.nan, np.inf
    patch = Patch.of(coarse, guides, 2)
    assert (patch.coarse_valid.sum(), patch.guides_valid.sum()) == (19, 79)
    assert (patch.coarse[0, 0], patch.guides[0, 7, 9], patch.guides[1, 7, 9]) == (0, 0, 0)
    assert patch.coarse.dtype == patch.guides.dtype == np.float32


def test_predictors_are_the_degraded_guides_where_there_are_enough():
    guides = np.full((2, 8, 8), 0.3)
    guides[:, :4] = np.nan
    predictors = Patch.of(np.full((4, 4), 0.2), guides, 2).predictors(0.3)
    np.testing.assert_allclose(predictors.images[:, 2:], 0.3, rtol=1e-5)
    np.testing.assert_array_equal(predictors.valid.all(axis=1), [False, False, True, True])


def test_softening_keeps_the_rest():
    guides = np.zeros((1, 6, 6))
    guides[0, 2, 2] = 1
    patch = Patch.of(np.full((3, 3), 0.2), guides, 2)
    soft = patch.softened(0.25)
    assert soft.guides[0, 2, 2] == pytest.approx(0.75**2)
    assert soft.coarse is patch.coarse


def test_grids_that_do_not_nest_are_refused():
    with pytest.raises(GridError, match=r"expected \(guides, 8, 8\)"):
        Patch.of(np.zeros((4, 4)), np.zeros((4, 9, 8)), 2)
