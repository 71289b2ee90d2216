# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from s2landcover_plugin.core.classification import agreement
from s2landcover_plugin.core.classification.agreement import agreement_report
from s2landcover_plugin.core.classification.request import ClassificationRequest, MapPaths
from s2landcover_plugin.core.models.inference import SegmentationModel, load_model
from s2landcover_plugin.core.models.session import SessionRequest
from s2landcover_plugin.core.scene import open_scene
from tests.listeners import Recorder
from tests.onnx_models import brightest_band_model
from tests.scenes import random_stored, write_scene


@pytest.fixture
def report(tmp_path, monkeypatch):
    """Return what is said of a model that is pretended to compute so, and to be wrong on a share of the columns."""

    def report(precision: str, working: str, wrong_columns: int = 0, stored: np.ndarray | None = None) -> list[str]:
        model = brightest_band_model(tmp_path / "model.onnx")
        path = write_scene(tmp_path / "scene.tif", random_stored(50, 40) if stored is None else stored)
        fast = replace(load_model(model), precision=working)
        exact = SegmentationModel.probabilities

        def probabilities(self, output):
            result = exact(self, output)
            if self is fast:
                result[:, :, :, :wrong_columns] = result[:, ::-1, :, :wrong_columns]
            return result

        monkeypatch.setattr(SegmentationModel, "probabilities", probabilities)
        listener = Recorder()
        with open_scene(path, fast.contract, (), Recorder()) as scene:
            request = ClassificationRequest(path, "", MapPaths(""), session=SessionRequest(precision=precision))
            report_now = agreement_report(request, model, scene, fast, listener)
        report_now()  # without the scene
        return listener.infos

    return report


def test_agreement_is_measured_where_it_can_differ(report):
    (said,) = report("fast", "bfloat16")
    assert said.startswith("In bfloat16 the model gives the same class as in float32 on 100.00% of 8,000 sample pixels")


def test_disagreement_is_told(report):
    (said,) = report("fast", "bfloat16", wrong_columns=25)
    share = float(said.split(" on ")[1].split("%")[0])
    # Of three classes, one stays where it is when their order is turned round.
    middle = random_stored(50, 40)[:, :, :25].argmax(axis=0) == 1
    assert share == pytest.approx(100 * (0.5 + 0.5 * np.mean(middle)), abs=0.01)


def test_samples_are_taken_where_there_is_data(report):
    stored = random_stored(20, 4000)
    stored[:, :1500] = 0
    (said,) = report("fast", "bfloat16", stored=stored)
    assert f" on 100.00% of {4 * 256 * 20:,} sample pixels" in said


def test_where_fast_is_no_different_it_says_so(report):
    assert report("fast", "float32") == ["This machine's cpu computes in float32 only; fast is as accurate."]


@pytest.mark.parametrize("precision", ["auto", "accurate"])
def test_otherwise_nothing_is_measured(report, precision, monkeypatch):
    monkeypatch.setattr(agreement, "load_model", None)
    assert report(precision, "tf32") == []
