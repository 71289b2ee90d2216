# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to a run from outside: a disk that fills up, a process that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.raster import open_raster
from tests.onnx_models import blurring_model
from tests.scenes import random_stored, write_scene

ROOT = Path(__file__).resolve().parents[3]

RUN = """
import os, resource, signal, sys
from s2landcover_plugin.core.classification import map_output
from s2landcover_plugin.core.classification.engine import classify
from s2landcover_plugin.core.classification.request import ClassificationRequest, MapPaths
from s2landcover_plugin.core.errors import LandCoverError
from s2landcover_plugin.core.progress import SilentProgress
{mishap}
paths = MapPaths("out/map.tif", probabilities="out/shares.tif")
try:
    classify(ClassificationRequest("scene.tif", "model.onnx", paths, window_size=32, is_float=True), SilentProgress())
except LandCoverError as error:
    sys.exit(f"{{type(error).__name__}}: {{error}}")
"""

KILLED = """
write = map_output.MapWriter.write
def killed(maps, window, rows):
    write(maps, window, rows)
    if window.row > 40:
        os.kill(os.getpid(), signal.SIGKILL)
map_output.MapWriter.write = killed
"""

FULL = "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))"  # no file grows larger, as on a full disk


@pytest.fixture
def run_apart(tmp_path):
    """Classify in a process of its own, with a mishap."""
    if os.name != "posix":
        pytest.skip("limits on a process, and signals, are those of POSIX systems")
    blurring_model(tmp_path / "model.onnx")
    write_scene(tmp_path / "scene.tif", random_stored(100, 120))
    (tmp_path / "out").mkdir()

    def run_apart(mishap: str = "") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", RUN.format(mishap=mishap)]
        return subprocess.run(command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True)

    return run_apart


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def pixels(path: Path) -> np.ndarray:
    with open_raster(str(path)) as raster:
        return raster.read()


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path, run_apart):
    done = run_apart(FULL)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("OutputError: ")
    assert "free space" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_leaves_the_earlier_map(tmp_path, run_apart):
    assert run_apart().returncode == 0
    before = {name: (tmp_path / "out" / name).read_bytes() for name in visible(tmp_path / "out")}
    assert run_apart(FULL).returncode == 1
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_killed_run_shows_no_map_and_does_not_disturb_the_next(tmp_path, run_apart):
    killed = run_apart(KILLED)
    assert killed.returncode == -signal.SIGKILL
    assert visible(tmp_path / "out") == []
    assert run_apart().returncode == 0
    assert visible(tmp_path / "out") == ["map.qml", "map.tif", "map.tif.aux.xml", "shares.tif"]
    shares = pixels(tmp_path / "out" / "shares.tif")
    np.testing.assert_array_equal(pixels(tmp_path / "out" / "map.tif")[0], np.uint8([1, 2, 7])[shares.argmax(axis=0)])
