# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import onnx
import pytest

from s2landcover_plugin.core.errors import ModelError
from s2landcover_plugin.core.models.onnx_file import read_metadata
from tests.onnx_models import brightest_band_model


def test_metadata_are_those_that_onnx_reads(tmp_path):
    path = brightest_band_model(tmp_path / "ä b.onnx")
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"a": "", "straße": "ü" * 300, "b": "2"})
    model.doc_string, model.model_version = "text", 2**40
    onnx.save(model, path)
    assert read_metadata(path) == {"a": "", "straße": "ü" * 300, "b": "2"}


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path):
    whole = brightest_band_model(tmp_path / "whole.onnx").read_bytes()
    path = tmp_path / "part.onnx"
    accepted = []
    for end in range(0, len(whole), 17):
        path.write_bytes(whole[:end])
        try:
            read_metadata(path)
        except ModelError as error:
            assert "damaged" in str(error)
        else:
            accepted.append(end)
    # Cut exactly between two fields, a file is a shorter file; only those few ends go unnoticed here.
    assert len(accepted) <= 3


@pytest.mark.parametrize("content", [b"", b"hello, world", b"\x00" * 50, b"\xff" * 50, b"\x0f", b"\x70\xff"])
def test_what_is_no_onnx_file_is_one_sentence(tmp_path, content):
    path = tmp_path / "a.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not an ONNX file"):
        read_metadata(path)


def test_an_entry_that_is_there_twice_is_refused(tmp_path):
    model = onnx.load(brightest_band_model(tmp_path / "a.onnx"))
    model.metadata_props.add(key="s2landcover", value="{}")
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(ModelError, match="metadata entry 's2landcover' twice"):
        read_metadata(tmp_path / "a.onnx")


def test_an_entry_of_impossible_size_is_not_read(tmp_path):
    model = onnx.load(brightest_band_model(tmp_path / "a.onnx"))
    model.metadata_props.add(key="comment", value="x" * (17 << 20))
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(ModelError, match="not an ONNX file, or it is damaged"):
        read_metadata(tmp_path / "a.onnx")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"no model file .*none\.onnx"):
        read_metadata(tmp_path / "none.onnx")
    with pytest.raises(ModelError, match="cannot be read"):
        read_metadata(tmp_path)
