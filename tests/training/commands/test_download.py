# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest

from tests.stac_server import SECRET, TOKEN, USER, archive, serving
from training.cli import main


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("S2LANDCOVER_USERNAME", USER)
    monkeypatch.setenv("S2LANDCOVER_PASSWORD", SECRET)
    with serving() as catalogue:
        catalogue.needs_token = True
        catalogue.add("S2A_clear", archive(1), 2.0)
        catalogue.add("S2A_cloudy", archive(2), 18.0)
        where = ("--endpoint", f"{catalogue.url}/v1", "--token-url", f"{catalogue.url}/token")
        yield [
            "download",
            "--extent",
            "-14.2",
            "52.2",
            "14.4",
            "52.4",
            "--start",
            "2024-06-01",
            "--end",
            "2024-06-30",
            *where,
        ]


def test_products_are_downloaded_and_named(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--limit", "1", "--folder", str(tmp_path / "p"), "--found", str(tmp_path / "found.gpkg"))
    assert main([*command, *more]) == 0
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'p' / 'S2A_clear.zip'}\n"
    assert (tmp_path / "p" / "S2A_clear.zip").read_bytes() == archive(1)
    assert (tmp_path / "found.gpkg").is_file()
    assert SECRET not in said.err
    assert TOKEN not in said.err


def test_without_a_folder_scenes_are_listed(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--cloud", "10"]) == 0
    assert capsys.readouterr().out == "S2A_clear\n"


def test_a_wrong_password_is_one_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("S2LANDCOVER_PASSWORD", "wrong")
    assert main([*command, "--folder", str(tmp_path)]) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line]
    assert len(errors) == 1
    assert errors[0].startswith("error: ")
    assert "does not accept this user name and password" in errors[0]


def test_a_day_that_is_none_is_told(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*command, "--start", "summer"])
    assert "--start" in capsys.readouterr().err
