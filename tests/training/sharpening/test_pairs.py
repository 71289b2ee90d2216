# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.sharpening.multiresolution import degrade
from tests.training.sharpening.products import write_product
from training.sharpening.pairs import BOX, degraded, make_pairs, pair_of, random_blurs
from training.sharpening.scenes import read_pieces


@pytest.fixture
def piece(tmp_path):
    write_product(tmp_path / "one", 40)
    return read_pieces([tmp_path / "one"])[0]


def test_blurs_are_spread_and_one_is_a_box():
    blurs = random_blurs(8, np.random.default_rng(0))
    assert len(blurs) == 8 and blurs.count(BOX) == 1
    rest = [blur for blur in blurs if blur != BOX]
    assert min(rest) >= 0.3 and max(rest) <= 0.7 and np.ptp(rest) > 0.2


@pytest.mark.parametrize("blur", [BOX, 0.5])
def test_bands_and_guides_are_degraded_alike(piece, blur):
    low = degraded(piece, blur)
    assert low.patches[0].guides.shape == (4, 40, 40) and low.patches[0].coarse.shape == (20, 20)
    if blur == BOX:
        assert low.patches[2].coarse[3, 4] == pytest.approx(piece.bands[2, 6:8, 8:10].mean(), rel=1e-5)
    else:
        np.testing.assert_allclose(low.patches[2].coarse, degrade(piece.bands[2], 2, blur))
    assert len(low.fits) == 6 and len({fit.sigma for fit in low.fits}) == 1


def test_a_pair_is_what_regression_made_and_what_was_there(piece):
    pair = pair_of(degraded(piece, 0.45))
    assert pair.regression.shape == pair.truth.shape == (6, 40, 40)
    np.testing.assert_array_equal(pair.truth, piece.bands)
    error = np.sqrt(np.mean((pair.regression - pair.truth) ** 2))
    assert 0 < error < 0.5 * pair.truth.std()
    assert len(list(make_pairs([piece, piece], 3, np.random.default_rng(0)))) == 6
