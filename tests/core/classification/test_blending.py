# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np

from s2landcover_plugin.core.classification.blending import RowBlend, likeliest


def test_the_likeliest_class_and_how_likely():
    probabilities = np.float32([[[0.2, 0.5]], [[0.7, 0.5]], [[0.1, 0.0]]])
    index, best = likeliest(probabilities)
    assert index.tolist() == [[1, 0]]
    np.testing.assert_array_equal(best, np.float32([[0.7, 0.5]]))


def test_shares_add_up_and_rows_move_up():
    blend = RowBlend(classes=2, rows=4, width=3)
    ones = np.ones((2, 4, 2), np.float32) * np.float32([0.25, 0.75])[:, None, None]
    blend.add(slice(0, 2), ones.copy(), np.full((4, 2), 0.5, np.float32))
    blend.add(slice(1, 3), ones.copy(), np.full((4, 2), 0.5, np.float32))
    index, best = blend.finish(3)
    assert index.tolist() == [[1, 1, 1]] * 3
    assert best.tolist() == [[0.375, 0.75, 0.375]] * 3
    index, best = blend.finish(4)
    assert best[0].tolist() == [0.375, 0.75, 0.375]
    assert not best[1:].any()


def test_a_shorter_last_window_fits():
    blend = RowBlend(classes=1, rows=4, width=2)
    blend.add(slice(0, 2), np.ones((1, 3, 2), np.float32), np.ones((3, 2), np.float32))
    _, best = blend.finish(3)
    assert best.tolist() == [[1, 1]] * 3
