# SPDX-License-Identifier: GPL-2.0-or-later
"""The bundled model in windows against the same in a single pass, on a scene made of fields."""

from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.models.bundled import find_model, read_contract
from s2landcover_plugin.core.raster import open_raster
from tests.scenes import write_scene

SIZE = 480


@pytest.fixture
def classes(tmp_path, run):
    """Return the classes of one scene, in windows of a size and an overlap."""
    bands = read_contract(find_model("")).bands
    random = np.random.default_rng(0)
    fields = random.integers(300, 4000, (len(bands), SIZE // 24, SIZE // 24)).repeat(24, axis=1).repeat(24, axis=2)
    noisy = fields + random.integers(0, 200, fields.shape)
    path = write_scene(tmp_path / "scene.tif", noisy.astype(np.uint16), bands)

    def classes(window_size: int, overlap: int = -1) -> np.ndarray:
        result = run(raster=path, model="", window_size=window_size, overlap=overlap)
        with open_raster(result.outputs.classes) as raster:
            return raster.read()[0]

    return classes


def test_windows_give_what_a_single_pass_gives_but_for_a_vanishing_share(classes):
    whole = classes(SIZE)
    assert len(np.unique(whole)) > 3
    assert np.mean(classes(256) == whole) >= 0.995
    np.testing.assert_array_equal(classes(256, overlap=2 * read_contract(find_model("")).context), whole)
