# SPDX-License-Identifier: GPL-2.0-or-later
import numpy as np
import pytest

from s2landcover_plugin.core.errors import Cancelled, OutputError, RasterError
from s2landcover_plugin.core.output_format import make_cog
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import open_raster
from tests.listeners import Recorder
from tests.scenes import random_stored, write_scene


def test_a_cog_holds_the_same_and_has_overviews(tmp_path):
    stored = random_stored(700, 600, 2)
    path = tmp_path / "x.tif"
    write_scene(path, stored, ("B02", "B03"))
    listener = Recorder()
    make_cog(path, "DEFLATE", listener)
    with open_raster(str(path)) as raster:
        np.testing.assert_array_equal(raster.read(), stored)
        assert [info.name for info in raster.bands] == ["B02", "B03"]
        assert {(info.nodata, info.scale) for info in raster.bands} == {(0.0, 0.0001)}
    assert b"LAYOUT=IFDS_BEFORE_DATA" in path.read_bytes()[:500]
    assert [file.name for file in tmp_path.iterdir()] == ["x.tif"]
    assert listener.fractions[-1] == 1.0


def test_cancelling_is_heard(tmp_path):
    path = tmp_path / "x.tif"
    write_scene(path, random_stored(64, 64))
    with pytest.raises(Cancelled):
        make_cog(path, "DEFLATE", Recorder(cancel_after=0))


def test_what_cannot_be_converted_is_an_error(tmp_path):
    with pytest.raises(OutputError, match=r"gone\.tif could not be made cloud-optimised"):
        make_cog(tmp_path / "gone.tif", "DEFLATE", SilentProgress())
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(RasterError, match="not a raster"):
        make_cog(tmp_path / "text.tif", "DEFLATE", SilentProgress())
