# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest

from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.models.graph_checks import fixed_size, mismatches
from s2landcover_plugin.core.models.onnx_graph import OnnxGraph, TensorInfo
from tests.onnx_models import contract

TWO = Legend((LandCoverClass(1, "other", "999999"), LandCoverClass(2, "field", "397D49")))


def graph(taken=("n", 3, "h", "w"), given=("n", 3, "h", "w"), dtype="float32") -> OnnxGraph:
    return OnnxGraph(inputs=(TensorInfo("image", "float32", taken),), outputs=(TensorInfo("classes", dtype, given),))


@pytest.mark.parametrize(
    ("outline", "fields"),
    [
        (graph(), {}),
        (graph((1, "c", "h", "w"), ("", "", "", "")), {}),
        (graph(("n", "h", "w", 3), ("n", "h", "w", 3)), {"layout": "NHWC"}),
        (graph(given=()), {}),
        (graph(given=("n", 1, "h", "w")), {"legend": TWO}),
        (graph(given=("n", 2, "h", "w")), {"legend": TWO}),
        (graph(given=(1, "h", "w")), {"legend": TWO}),
    ],
)
def test_what_fits_or_is_left_open_is_no_mismatch(outline, fields):
    assert mismatches(outline, contract(**fields)) == []


@pytest.mark.parametrize(
    ("outline", "fields", "message"),
    [
        (graph(("n", 4, "h", "w")), {}, "its input has 4 channels, and the contract names 3 bands"),
        (graph(given=("n", 1, "h", "w")), {}, "its output has 1 channels, and the contract names 3 classes"),
        (graph(given=("n", 3, "h", "w")), {"legend": TWO}, "names 2 classes"),
        (graph(("n", 3, "h", "w")), {"layout": "NHWC"}, ""),
        (graph((8, 3, "h", "w")), {}, "fixed batch of 8"),
        (graph(given=("n", "h", "w")), {}, "float32 with 3 dimensions"),
        (graph(given=("n", 3)), {}, "with 2 dimensions"),
        (graph(dtype="int64"), {}, "its output is int64"),
        (OnnxGraph(), {}, "takes 0 inputs and gives 0 outputs"),
        (replace(graph(), inputs=graph().inputs * 2), {}, "takes 2 inputs"),
    ],
)
def test_what_contradicts_the_contract_is_said(outline, fields, message):
    found = mismatches(outline, contract(**fields))
    assert bool(found) == bool(message)
    assert message in "".join(found)


@pytest.mark.parametrize(
    ("shape", "layout", "size"),
    [
        ((1, 3, 5, 4), "NCHW", (5, 4)),
        ((1, 5, 4, 3), "NHWC", (5, 4)),
        ((1, 3, "h", 4), "NCHW", None),
        ((1, 3), "NCHW", None),
    ],
)
def test_the_only_size_is_known(shape, layout, size):
    assert fixed_size(graph(shape), contract(layout=layout)) == size
