# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest
import torch

from training.sharpening.data import CropDataset
from training.sharpening.pairs import Pair


def pair(rows=20, cols=30, seed=0):
    rng = np.random.default_rng(seed)
    fine = rng.random((6, 2 * rows, 2 * cols), dtype=np.float32)
    coarse = fine.reshape(6, rows, 2, cols, 2).mean(axis=(2, 4))
    return Pair(fine[:4], fine + np.float32(0.1), coarse, fine, (0.4, 0.1))


def test_crops_keep_their_images_together():
    crop = CropDataset([pair()], 50, 16, 0.0, seed=1)[7]
    assert crop.guides.shape == (4, 32, 32) and crop.regression.shape == crop.truth.shape == (1, 32, 32)
    assert crop.coarse.shape == (1, 16, 16)
    low = torch.nn.functional.avg_pool2d(crop.truth, 2)
    np.testing.assert_allclose(low, crop.coarse, atol=1e-5)
    assert crop.band.sum() == 1 and crop.band.max() == 1
    assert crop.blur.tolist() == pytest.approx([0.4, 0.1])


def test_the_number_and_the_seed_determine_a_crop():
    first, again, other = (CropDataset([pair()], 50, 16, 0.5, seed) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first[3], again[3]))
    assert not torch.equal(first[3].truth, other[3].truth)
    assert len(first) == 50


def test_mixtures_say_what_they_are_made_of():
    crops = CropDataset([pair()], 50, 16, 1.0, seed=1)
    shares = np.stack([crops[number].band.numpy() for number in range(20)])
    np.testing.assert_allclose(np.linalg.norm(shares, axis=1), 1, rtol=1e-5)
    assert (np.count_nonzero(shares, axis=1) == 6).all()


def test_small_pairs_are_mirrored_at_their_edge():
    crop = CropDataset([pair(10, 10)], 5, 16, 0.0, seed=1)[0]
    assert crop.truth.shape == (1, 32, 32)
    np.testing.assert_array_equal(crop.truth[0, 20:30], crop.truth[0, 10:20].flip(0))
    np.testing.assert_array_equal(crop.coarse[0, :, 10:15], crop.coarse[0, :, 5:10].flip(1))
