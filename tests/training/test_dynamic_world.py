# SPDX-License-Identifier: GPL-2.0-or-later
"""The teacher's input transform, and the teacher as a function."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.errors import ModelError
from training.distillation.teacher import Teacher
from training.dynamic_world import LEGEND, TEACHER_BANDS, teacher_input

from .fake_teacher import write_teacher


def test_transform_of_one_band_by_hand() -> None:
    image = np.full((9, 2, 3), 0.1, dtype=np.float32)
    scaled = (math.log(0.005 * 1000 + 1) - 1.7261204997060209) / 2.038905204308012
    expected = math.exp(5 * scaled - 1) / (math.exp(5 * scaled - 1) + 1)
    result = teacher_input(image)
    assert result.shape == (1, 2, 3, 9)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result[..., TEACHER_BANDS.index("B03")], expected, rtol=1e-5)


def test_transform_is_the_published_one_for_every_band() -> None:
    """Logarithm, the two constants of each band, and a logistic curve, as Dynamic World's authors give them."""
    reflectance = np.random.default_rng(0).uniform(0, 1.5, (9, 4, 5))
    low = [1.7417268, 1.7261205, 1.6798346, 1.7734970, 2.2891541, 2.3829397, 2.3828940, 2.1952484, 1.5548129]
    high = [2.0232987, 2.0389052, 2.1795928, 2.2890068, 2.6171675, 2.7734186, 2.7578332, 2.7890925, 2.4140535]
    scaled = (np.log1p(50 * reflectance) - np.reshape(low, (9, 1, 1))) / np.reshape(high, (9, 1, 1))
    expected = 1 / (1 + np.exp(1 - 5 * scaled))
    found = teacher_input(reflectance.astype(np.float32))
    np.testing.assert_allclose(found, expected.transpose(1, 2, 0)[np.newaxis], atol=2e-6)


def test_negative_reflectance_counts_as_zero() -> None:
    below, zero = (teacher_input(np.full((9, 1, 1), value, dtype=np.float32)) for value in (-0.01, 0.0))
    np.testing.assert_array_equal(below, zero)


def test_nine_classes_from_1_to_9() -> None:
    assert LEGEND.values == tuple(range(1, 10))
    assert all(item.description for item in LEGEND)
    assert LEGEND.names[1] == "Water"
    assert LEGEND.names[9] == "Snow and ice"


def test_teacher_gives_probabilities_of_the_patch_without_its_margin(tmp_path: Path) -> None:
    teacher = Teacher(write_teacher(tmp_path / "teacher.onnx", 10 * np.eye(9)), margin=3)
    image = np.random.default_rng(0).uniform(0, 0.5, (9, 8, 5)).astype(np.float32)
    found = teacher.probabilities(image)
    assert found.shape == (9, 8, 5)
    np.testing.assert_allclose(found.sum(axis=0), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(found.argmax(axis=0), teacher_input(image)[0].argmax(axis=-1))


def test_network_that_is_no_teacher_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(ModelError, match="cannot be run"):
        Teacher(tmp_path / "text.onnx")
    with pytest.raises(ModelError, match="gives 4 classes"):
        Teacher(write_teacher(tmp_path / "four.onnx", np.ones((9, 4))), 1).probabilities(np.ones((9, 4, 4), np.float32))
