# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from onnx import helper, numpy_helper

from s2landcover_plugin.core.classification.augmentation import AUGMENTATIONS, Predictor
from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.models.inference import load_model
from s2landcover_plugin.core.raster import open_raster
from tests.onnx_models import blurring_model, contract, save_model
from tests.scenes import random_stored, write_scene

IMAGE = np.random.default_rng(0).random((1, 3, 6, 8), dtype=np.float32)


def nothing() -> None:
    pass


@pytest.mark.parametrize(("name", "count"), [("none", 1), ("flips", 4), ("all", 8)])
def test_symmetries_are_all_different_and_can_be_undone(name, count):
    symmetries = AUGMENTATIONS[name]
    square = IMAGE[:, :, :6, :6]
    assert len({symmetry.apply(square, (2, 3)).tobytes() for symmetry in symmetries}) == len(symmetries) == count
    for symmetry in symmetries:
        np.testing.assert_array_equal(symmetry.undo(symmetry.apply(IMAGE, (2, 3)), (2, 3)), IMAGE)


def test_the_answer_is_the_mean_over_the_symmetries(tmp_path):
    model = load_model(blurring_model(tmp_path / "a.onnx"))  # random kernels: no symmetry leaves them as they are
    for name, symmetries in AUGMENTATIONS.items():
        answers = [symmetry.undo(model.predict(symmetry.apply(IMAGE, (2, 3))), (2, 3)) for symmetry in symmetries]
        assert len({answer.tobytes() for answer in answers}) == len(symmetries)
        predictor = Predictor(model, name)
        found = predictor.probabilities(predictor.run(model.feed(IMAGE), nothing))
        np.testing.assert_allclose(found, np.mean(answers, axis=0), atol=1e-6)


def test_channels_may_come_last(tmp_path):
    sizes = ("n", "h", "w", None)
    kernel = numpy_helper.from_array(np.random.default_rng(0).normal(size=(3, 3, 3, 3)).astype(np.float32), "kernel")
    nodes = [
        helper.make_node("Transpose", ["image"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["first", "kernel"], ["conv"], pads=[1] * 4),
        helper.make_node("Transpose", ["conv"], ["classes"], perm=[0, 2, 3, 1]),
    ]
    stated = contract(layout="NHWC", activation="logits")
    model = load_model(save_model(tmp_path / "a.onnx", nodes, [kernel], stated, inputs=sizes, outputs=sizes))
    predictor = Predictor(model, "all")
    expected = np.mean(
        [each.undo(model.predict(each.apply(IMAGE, (2, 3))), (2, 3)) for each in AUGMENTATIONS["all"]], axis=0
    )
    np.testing.assert_allclose(predictor.run(model.feed(IMAGE), nothing), expected, atol=1e-6)


def test_an_augmented_map_does_not_depend_on_which_way_the_scene_lies(tmp_path, run):
    blurring_model(tmp_path / "model.onnx")
    stored = random_stored(40, 40)
    maps = {}
    for name, image in (("as it is", stored), ("turned", np.rot90(stored, 1, (1, 2)))):
        write_scene(tmp_path / "scene.tif", np.ascontiguousarray(image))
        for augmentation in ("none", "all"):
            result = run(augmentation=augmentation, window_size=24)
            with open_raster(result.outputs.classes) as raster:
                maps[name, augmentation] = raster.read()[0]
                assert raster.tags["S2LC_AUGMENTATION"] == augmentation
    assert (np.rot90(maps["as it is", "none"]) != maps["turned", "none"]).any()
    np.testing.assert_array_equal(np.rot90(maps["as it is", "all"]), maps["turned", "all"])


def test_windows_of_a_fixed_size_that_is_not_square_cannot_be_turned(tmp_path):
    sizes = (1, None, 6, 8)
    node = helper.make_node("Softmax", ["image"], ["classes"], axis=1)
    model = load_model(save_model(tmp_path / "a.onnx", [node], (), contract(), inputs=sizes, outputs=sizes))
    assert Predictor(model, "flips").run(model.feed(IMAGE), nothing).shape == IMAGE.shape
    with pytest.raises(InputError, match="choose the augmentation 'flips'"):
        Predictor(model, "all")


def test_an_unknown_augmentation_says_what_there_is(tmp_path):
    with pytest.raises(InputError, match="choose one of none, flips, all"):
        Predictor(load_model(blurring_model(tmp_path / "a.onnx")), "mirror")
