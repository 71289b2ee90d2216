# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.installation.plan import RUNTIMES, Installation, download_command


def arguments(installation):
    return installation.pip_arguments(Path("target"), Path("links"), Path("constraints.txt"))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_each_runtime_is_a_package_under_the_constraint(tmp_path, runtime):
    given = arguments(Installation(tmp_path, runtime))
    assert given[0] == "install"
    assert given[-1] == f"{RUNTIMES[runtime]}>=1.16,<2"
    assert given[given.index("--target") + 1] == "target"
    assert given[given.index("--constraint") + 1] == "constraints.txt"
    assert given[given.index("--only-binary") + 1] == ":all:"
    assert "--no-index" not in given


def test_a_folder_of_wheels_is_all_that_pip_sees(tmp_path):
    (tmp_path / "a-1-py3-none-any.whl").write_text("")
    offline = Installation(tmp_path, wheels=tmp_path)
    given = arguments(offline)
    assert {"--no-index", "--isolated"} <= set(given)
    links = [given[place + 1] for place, word in enumerate(given) if word == "--find-links"]
    assert links == ["links", str(tmp_path)]
    assert offline.environment()["PIP_CONFIG_FILE"] == os.devnull


def test_mirrors_and_proxies_of_the_user_stay(tmp_path):
    assert set(Installation(tmp_path).environment()) == {"PIP_USER", "PIP_REQUIRE_VIRTUALENV"}


def test_unknown_runtimes_and_empty_folders_are_refused(tmp_path):
    with pytest.raises(InputError, match="no runtime 'rocm'; choose one of cpu, openvino, cuda, directml"):
        Installation(tmp_path, "rocm")
    with pytest.raises(InputError, match=r"no wheel file .*pip download"):
        Installation(tmp_path, wheels=tmp_path)


def test_the_download_goes_with_the_hosts_numpy():
    assert download_command("cuda").endswith(f'-d wheels "onnxruntime-gpu>=1.16,<2" "numpy=={np.__version__}"')
