# SPDX-License-Identifier: GPL-2.0-or-later
"""The model that is shipped: what it says about itself, and what it says about surfaces that leave no doubt."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from s2landcover_plugin.core.models.bundled import find_model, read_contract
from training.distillation.atmosphere import STUDENT_BANDS, through_air
from training.dynamic_world import LEGEND

# Surface reflectance in percent, by STUDENT_BANDS.
SURFACES = {
    "Water": (4.1, 4.9, 2.6, 2.1, 1.6, 1.6, 1.4, 1.5, 1.6, 1.3),
    "Trees": (2.0, 3.2, 2.1, 5.2, 14.6, 17.9, 19.2, 20.1, 8.6, 4.0),
    "Grass": (5.4, 8.8, 7.8, 13.8, 25.5, 29.0, 31.0, 32.0, 25.5, 15.5),
    "Shrub and scrub": (3.4, 4.9, 5.0, 8.0, 14.2, 16.4, 17.7, 18.4, 18.8, 12.1),
    "Bare": (19.5, 25.0, 30.0, 32.6, 33.8, 35.0, 36.3, 36.5, 44.5, 37.5),
    "Snow and ice": (79.0, 79.0, 77.0, 77.0, 76.0, 75.0, 74.0, 71.0, 10.0, 8.0),
}


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(find_model("")), providers=["CPUExecutionProvider"])


def test_contract_and_size() -> None:
    path = find_model("")
    contract = read_contract(path)
    assert path.stat().st_size < 12e6
    assert contract.bands == STUDENT_BANDS
    assert contract.legend == LEGEND
    assert contract.levels == ("L1C", "L2A")
    assert (contract.context, contract.size_multiple) == (44, 8)
    assert all(credit in contract.attribution for credit in ("Copernicus", "Dynamic World", "BigEarthNet", "MIT"))
    assert contract.provenance["figures"]["test"]["all"]["overall_accuracy"] > 0.85


def test_card_tells_the_figures_of_the_file() -> None:
    card = find_model("").with_suffix(".md").read_text(encoding="utf-8")
    contract = read_contract(find_model(""))
    assert f"{contract.name}, version {contract.version}" in card
    for split in ("test", "validation"):
        for place, figures in contract.provenance["figures"][split]["places"].items():
            (line,) = [line for line in card.splitlines() if line.startswith(f"| {place} |")]
            assert f"| {figures['overall_accuracy']:.3f} |" in line


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("air", [0.0, 0.7])
def test_plain_surfaces(session: onnxruntime.InferenceSession, name: str, air: float) -> None:
    spectrum = np.reshape(SURFACES[name], (10, 1, 1)).astype(np.float32) / 100
    brightness = 1 + 0.05 * np.random.default_rng(0).normal(size=(1, 96, 96)).astype(np.float32)
    (found,) = session.run(None, {"image": through_air(spectrum * brightness, air)[np.newaxis]})
    position = [item.name for item in LEGEND].index(name)
    assert (found[0].argmax(axis=0) == position).mean() > 0.9
