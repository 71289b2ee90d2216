# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.bootstrap import LEAST_BLOCKS, Bootstrap, block_intervals
from s2landcover_plugin.core.accuracy.figures import kappa, overall_accuracy
from s2landcover_plugin.core.errors import InputError


def figures(counts):
    return np.stack([overall_accuracy(counts), kappa(counts)], axis=1)


def blocks_of(shares, pixels=100):
    """Return blocks of two classes whose pixels agree in the shares given."""
    right = np.rint(np.array(shares) * pixels).astype(np.int64)
    return np.array([[[n - n // 2, pixels - n], [0, n // 2]] for n in right])


def test_the_interval_is_that_of_the_mean_of_blocks():
    shares = np.random.default_rng(1).uniform(0.6, 1.0, 200).round(2)
    low, high = block_intervals(blocks_of(shares), figures)[:, 0]
    # Blocks of one size: overall accuracy is the plain mean, whose standard error is known.
    error = shares.std(ddof=1) / np.sqrt(200)
    assert low == pytest.approx(shares.mean() - 1.96 * error, abs=0.2 * error)
    assert high == pytest.approx(shares.mean() + 1.96 * error, abs=0.2 * error)


def test_pixels_that_repeat_each_other_do_not_narrow_it():
    shares = np.random.default_rng(2).uniform(0.5, 1.0, 30).round(2)
    narrow, wide = (np.diff(block_intervals(blocks_of(shares, pixels), figures)[:, 0]) for pixels in (10_000, 100))
    assert narrow == pytest.approx(wide, rel=1e-6)


def test_the_same_seed_gives_the_same_interval():
    blocks = blocks_of(np.linspace(0.5, 1, 20))
    first, again, other = (block_intervals(blocks, figures, Bootstrap(200, seed=seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_blocks_without_data_do_not_count():
    blocks = blocks_of(np.linspace(0.5, 1, 20))
    padded = np.concatenate([blocks, np.zeros((500, 2, 2), np.int64)])
    np.testing.assert_array_equal(block_intervals(padded, figures), block_intervals(blocks, figures))


def test_few_blocks_and_undefined_figures_have_no_interval():
    few = blocks_of(np.linspace(0.5, 1, LEAST_BLOCKS - 1))
    assert np.isnan(block_intervals(few, figures)).all()
    one_class = np.tile(np.array([[[5, 0], [0, 0]]]), (20, 1, 1))
    intervals = block_intervals(one_class, figures)
    np.testing.assert_array_equal(intervals[:, 0], [1, 1])
    assert np.isnan(intervals[:, 1]).all()


@pytest.mark.parametrize(("given", "message"), [({"draws": 5}, "too few"), ({"confidence": 95}, "between 0 and 1")])
def test_what_cannot_be_drawn_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        Bootstrap(**given)
