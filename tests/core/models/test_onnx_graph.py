# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import math

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models.bundled import find_model
from s2landcover_plugin.core.models.onnx_graph import TensorInfo, read_graph
from tests.onnx_models import blurring_model, contract, save_model


def test_the_outline_is_what_onnx_reads():
    path = find_model("")
    graph, model = read_graph(path), onnx.load(path)
    assert graph.ir_version == model.ir_version
    assert graph.producer.startswith(model.producer_name)
    assert graph.opsets == {opset.domain or "ai.onnx": opset.version for opset in model.opset_import}
    assert graph.inputs == (TensorInfo("image", "float32", ("batch", 10, "height", "width")),)
    assert sum(graph.operators.values()) == len(model.graph.node)
    assert graph.operators["Conv"] == sum(node.op_type == "Conv" for node in model.graph.node)
    assert graph.last_operator == model.graph.node[-1].op_type


def test_parameters_are_the_numbers_in_the_kernels(tmp_path):
    graph = read_graph(blurring_model(tmp_path / "a.onnx", 3))
    assert graph.parameters == 9 * (3 * 6 + 6 * 6 + 6 * 3)
    assert str(graph.outputs[0]) == "classes: float32 n x 3 x h x w"


def test_weights_among_the_inputs_are_no_inputs(tmp_path):
    model = onnx.load(blurring_model(tmp_path / "a.onnx", 1))
    kernel = model.graph.initializer[0]
    model.graph.input.append(helper.make_tensor_value_info(kernel.name, kernel.data_type, kernel.dims))
    onnx.save(model, tmp_path / "a.onnx")
    assert [tensor.name for tensor in read_graph(tmp_path / "a.onnx").inputs] == ["image"]


def test_the_last_operator_is_looked_for_behind_what_only_rearranges(tmp_path):
    nodes = [
        helper.make_node("Sigmoid", ["image"], ["a"]),
        helper.make_node("Transpose", ["a"], ["b"], perm=[0, 1, 3, 2]),
        helper.make_node("Identity", ["b"], ["classes"]),
    ]
    assert read_graph(save_model(tmp_path / "a.onnx", nodes, (), contract())).last_operator == "Sigmoid"


def test_weights_in_other_files_are_found_wherever_they_hang(tmp_path):
    def elsewhere(location):
        tensor = numpy_helper.from_array(np.zeros(3, np.float32), location)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)
        return tensor

    constant = helper.make_node("Constant", [], ["c"], value=elsewhere("in_constant"))
    branch = helper.make_graph([constant], "branch", [], [helper.make_tensor_value_info("c", TensorProto.FLOAT, [3])])
    nodes = [
        helper.make_node("If", ["image"], ["d"], then_branch=branch, else_branch=branch),
        helper.make_node("Identity", ["image"], ["classes"]),
    ]
    path = save_model(tmp_path / "a.onnx", nodes, [elsewhere("in_graph")], contract())
    assert set(read_graph(path).external) == {"in_graph", "in_constant"}


def test_operators_that_need_a_library_are_found_and_local_functions_are_not(tmp_path):
    nodes = [
        helper.make_node("Magic", ["image"], ["a"], domain="com.example"),
        helper.make_node("Mine", ["a"], ["b"], domain="local"),
        helper.make_node("Gelu", ["b"], ["classes"], domain="com.microsoft"),
    ]
    path = save_model(tmp_path / "a.onnx", nodes, (), contract())
    model = onnx.load(path)
    inside = [helper.make_node("Identity", ["x"], ["y"])]
    model.functions.append(helper.make_function("local", "Mine", ["x"], ["y"], inside, [helper.make_opsetid("", 13)]))
    onnx.save(model, path)
    graph = read_graph(path)
    assert graph.missing_sets == ("com.example",)
    assert graph.operators["com.example.Magic"] == 1


def test_graphs_nested_without_end_are_refused(tmp_path):
    graph = helper.make_graph([], "g", [], [])
    for _ in range(20):
        graph = helper.make_graph([helper.make_node("Loop", [], [], body=graph)], "g", [], [])
    (tmp_path / "a.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(ModelError, match="not an ONNX file, or it is damaged"):
        read_graph(tmp_path / "a.onnx")


def test_weights_of_an_impossible_size_are_refused(tmp_path):
    model = onnx.load(blurring_model(tmp_path / "a.onnx", 1))
    model.graph.initializer[0].dims[:] = [2**40, 2**40]
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(ModelError, match="damaged"):
        read_graph(tmp_path / "a.onnx")


def test_whatever_is_cut_or_changed_is_one_error(tmp_path):
    whole = blurring_model(tmp_path / "whole.onnx").read_bytes()
    random, path, refused = np.random.default_rng(0), tmp_path / "part.onnx", 0
    for end in [*range(0, len(whole), 97), *[len(whole)] * 60]:
        content = bytearray(whole[:end])
        for place in random.integers(0, max(end, 1), 3) if end else []:
            content[place] = random.integers(256)
        path.write_bytes(content)
        try:
            assert math.isfinite(read_graph(path).ir_version)
        except ModelError:
            refused += 1
    assert refused > 5
