# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models.external_weights import check_weights
from s2landcover_plugin.core.models.inference import load_model
from tests.onnx_models import contract, save_model


def model_with_weights_in(folder, location):
    folder.mkdir(exist_ok=True)
    weight = numpy_helper.from_array(np.eye(3, dtype=np.float32)[:, :, np.newaxis, np.newaxis], "kernel")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value=location)
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["classes"], axis=1),
    ]
    return save_model(folder / "a.onnx", nodes, [weight], contract())


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.bin"
    np.eye(3, dtype=np.float32).tofile(path)
    return path


def test_weights_beside_the_model_are_read(tmp_path):
    path = model_with_weights_in(tmp_path / "models", "weights.bin")
    with pytest.raises(ModelError, match=r"'weights\.bin', which is not there"):
        check_weights(path)
    np.eye(3, dtype=np.float32).tofile(path.parent / "weights.bin")
    image = np.float32([1, 0, 0]).reshape(1, 3, 1, 1)
    assert load_model(path).predict(image).argmax() == 0


@pytest.mark.parametrize(
    "location", ["../secret.bin", "sub/../../secret.bin", "..\\secret.bin", "C:\\x", "\\\\h\\x", ""]
)
def test_weights_outside_the_folder_are_refused(tmp_path, secret, location):
    with pytest.raises(ModelError, match="outside its own folder; that is refused"):
        load_model(model_with_weights_in(tmp_path / "models", location))


def test_absolute_paths_and_links_out_of_the_folder_are_refused(tmp_path, secret):
    with pytest.raises(ModelError, match="outside its own folder"):
        load_model(model_with_weights_in(tmp_path / "models", str(secret)))
    path = model_with_weights_in(tmp_path / "models", "weights.bin")
    (path.parent / "weights.bin").symlink_to(secret)
    with pytest.raises(ModelError, match="a link that leads out of its folder"):
        load_model(path)
