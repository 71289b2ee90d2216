# SPDX-License-Identifier: GPL-2.0-or-later
"""The physical rules: they fire on what they are for and on nothing that looks a little like it."""

from __future__ import annotations

import numpy as np
import pytest

from training.distillation.atmosphere import STUDENT_BANDS, both_views, through_air
from training.distillation.corrections import corrected, impossible_snow, open_water
from training.dynamic_world import SNOW, WATER

# Surface reflectance x 10000 by STUDENT_BANDS, from Level-2A scenes.
SURFACES = {
    "open sea": (155, 150, 56, 48, 40, 38, 35, 30, 23, 18),
    "turbid lake": (400, 600, 450, 420, 220, 220, 180, 150, 60, 40),
    "forest": (200, 350, 220, 600, 1700, 2100, 2200, 2400, 1100, 500),
    "forest in shadow": (80, 110, 60, 130, 350, 420, 430, 470, 210, 100),
    "dark conifers": (150, 220, 140, 400, 1000, 1250, 1300, 1400, 650, 300),
    "snow": (9000, 9000, 8900, 8800, 8700, 8600, 8500, 8200, 1000, 900),
    "snow in shadow": (1400, 1100, 850, 780, 700, 650, 600, 550, 60, 50),
    "burnt ground": (300, 350, 400, 500, 600, 700, 750, 850, 1500, 1400),
    "asphalt": (900, 1000, 1050, 1150, 1200, 1250, 1300, 1350, 1500, 1400),
    "sand": (2400, 3150, 3950, 4100, 4200, 4300, 4390, 4500, 5320, 4800),
    "snow under trees": (2200, 2100, 2000, 2100, 2700, 2900, 3000, 3000, 1500, 1000),
}


def surface(name: str) -> np.ndarray:
    return np.array(SURFACES[name], dtype=np.float32).reshape(-1, 1, 1) / 10000


@pytest.mark.parametrize("name", SURFACES)
def test_water_rule_fires_on_water_only(name: str) -> None:
    assert bool(open_water(surface(name))[0, 0]) == (name in ("open sea", "turbid lake"))


@pytest.mark.parametrize("name", SURFACES)
def test_snow_rule_spares_snow(name: str) -> None:
    assert not (impossible_snow(surface(name))[0, 0] and name.startswith("snow"))
    if name in ("sand", "asphalt", "burnt ground"):
        assert impossible_snow(surface(name))[0, 0]


@pytest.mark.parametrize("value", [0.0, -0.001])
def test_black_pixels_are_not_called_water(value: float) -> None:
    assert not open_water(np.full((10, 1, 1), value, dtype=np.float32)).any()


def test_sea_called_trees_becomes_water() -> None:
    answer = np.full((9, 1, 1), 0.05, dtype=np.float32)
    answer[1], answer[WATER] = 0.35, 0.3
    result = corrected(answer, surface("open sea"))
    assert result[WATER, 0, 0] == pytest.approx(0.95)
    assert result.sum() == pytest.approx(1.0)
    assert result[1, 0, 0] / result[2, 0, 0] == pytest.approx(7.0), "the others keep their proportions"


def test_certain_water_stays_as_certain_as_it_was() -> None:
    answer = np.full((9, 1, 1), 0.0025, dtype=np.float32)
    answer[WATER] = 0.98
    np.testing.assert_allclose(corrected(answer, surface("open sea")), answer, rtol=1e-5)


def test_snowy_sand_loses_its_snow() -> None:
    answer = np.full((9, 1, 1), 0.05, dtype=np.float32)
    answer[SNOW] = 0.6
    result = corrected(answer, surface("sand"))
    assert result[SNOW, 0, 0] == 0.0
    assert result.sum() == pytest.approx(1.0)


def test_forest_is_left_alone() -> None:
    answer = np.random.default_rng(0).dirichlet(np.ones(9)).astype(np.float32).reshape(9, 1, 1)
    answer[SNOW] = 0.0
    answer /= answer.sum()
    np.testing.assert_allclose(corrected(answer, surface("forest")), answer, rtol=1e-5)


def test_both_views_differ_by_the_path_reflectance() -> None:
    ground = surface("forest")
    from_l2a = both_views(ground, "L2A", 0.7)
    np.testing.assert_array_equal(from_l2a.surface, ground)
    np.testing.assert_allclose(from_l2a.top, through_air(ground, 0.7), rtol=1e-6)
    from_l1c = both_views(from_l2a.top, "L1C", 0.7)
    np.testing.assert_array_equal(from_l1c.top, from_l2a.top)
    np.testing.assert_allclose(from_l1c.surface, np.maximum(ground, 0.0001), rtol=1e-4)
    added = (from_l2a.top - ground)[:, 0, 0]
    assert added[STUDENT_BANDS.index("B02")] == pytest.approx(0.049, abs=1e-4)
    assert np.all(np.diff(added) < 0)
