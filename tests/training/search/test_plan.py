# SPDX-License-Identifier: GPL-2.0-or-later
"""What is searched, from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from s2landcover_plugin.core.errors import InputError
from training.search.plan import Range, SearchPlan, read_plan

CONFIGS = Path(__file__).parents[3] / "training" / "configs"


def written(text: str, folder: Path) -> Path:
    path = folder / "search.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_parameters(tmp_path: Path) -> None:
    text = """
metric: validation_loss
scheduler: asha
samples: 4
grace_epochs: 2
parameters:
  model.optimiser.learning_rate: {loguniform: [1.0e-5, 1.0e-2]}
  model.network.encoder: {grid: [resnet18, resnet50]}
"""
    plan = read_plan(written(text, tmp_path))
    ranges = {
        "model.optimiser.learning_rate": Range("loguniform", (1e-5, 1e-2)),
        "model.network.encoder": Range("grid", ("resnet18", "resnet50")),
    }
    assert plan == SearchPlan(ranges, (), "validation_loss", "asha", 4, 2)
    assert plan.mode == "min"


def test_experiments(tmp_path: Path) -> None:
    text = "experiments:\n- {model.network.skips: 2}\n- {model.network.skips: 4, model.loss.dice: 1.0}\n"
    plan = read_plan(written(text, tmp_path))
    assert plan.experiments == ({"model.network.skips": 2}, {"model.network.skips": 4, "model.loss.dice": 1.0})
    assert (plan.metric, plan.mode, plan.parameters) == ("mean_iou", "max", {})


def test_the_preset_has_a_plan() -> None:
    plan = read_plan(CONFIGS / "thessaly-search.yaml")
    assert plan.parameters["model.optimiser.learning_rate"].values == (1e-5, 1e-4, 1e-3, 1e-2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 1", "expected fields, metric"),
        ("a: [", "cannot be read as YAML"),
        ("metrics: accuracy\nparameters: {a: {grid: [1]}}", "unknown field metrics; known are metric"),
        ("metric: iou\nparameters: {a: {grid: [1]}}", "'metric' is 'iou'; expected one of mean_iou"),
        ("samples: 0\nparameters: {a: {grid: [1]}}", "'samples' is 0; expected a whole number from 1 on"),
        ("metric: accuracy", "expected either 'parameters' or 'experiments'"),
        ("parameters: {a: {grid: [1]}}\nexperiments: [{a: 1}]", "expected either"),
        ("parameters: [1]", "'parameters' is \\[1\\]; expected options of 'fit' by name"),
        ("parameters: {a: 3}", "'a' is 3; expected one of grid, choice, uniform, loguniform"),
        ("parameters: {a: {normal: [1, 2]}}", "expected one of grid"),
        ("parameters: {a: {grid: []}}", "'a' has no list of values"),
        ("parameters: {a: {uniform: [2, 1]}}", "from \\[2, 1\\]; expected two rising numbers"),
        ("parameters: {a: {loguniform: [0, 1]}}", "expected two rising numbers"),
        ("parameters: {a: {loguniform: [1e-5, 1.0]}}", "'a' goes from \\['1e-5', 1.0\\]; expected two rising numbers"),
        ("experiments: 3", "'experiments' has to be a list of settings"),
    ],
)
def test_what_is_no_plan(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        read_plan(written(text, tmp_path))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read as YAML"):
        read_plan(tmp_path / "none.yaml")
