# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from training.cli import main


def test_a_check_tells_figures_and_fails_on_problems(
    inputs: tuple[list[str], str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "d"
    images, labels, _ = inputs
    main(["prepare", "--images", images[0], "--labels", labels, "--folder", str(folder), "--tile-size", "32"])
    assert main(["check", str(folder), "--report", str(tmp_path / "page.html")]) == 0
    assert "1 water: " in capsys.readouterr().out and (tmp_path / "page.html").is_file()
    next((folder / "labels").iterdir()).unlink()
    assert main(["check", str(folder)]) == 1
    heard = capsys.readouterr()
    assert "problem: labels/" in heard.out and "1 problem(s)" in heard.err
    assert main(["prepare", "--images", images[0], "--folder", str(folder)]) == 1
    assert "is not empty" in capsys.readouterr().err


def test_it_needs_no_torch() -> None:
    code = "import sys; sys.modules['torch'] = None; from training.cli import main; main(['check', 'nowhere'])"
    heard = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "is no dataset" in heard.stderr
