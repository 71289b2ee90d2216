# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from pathlib import Path

from training.resuming import content_of, is_same_request


def test_only_the_same_request_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "results" / "request.json"
    assert is_same_request(path, {"options": ["é", 1]})
    assert is_same_request(path, {"options": ["é", 1]})
    assert not is_same_request(path, {"options": ["é", 2]})
    assert is_same_request(path, {"options": ["é", 1]})


def test_files_and_datasets_count_by_their_content(tmp_path: Path) -> None:
    file, folder = tmp_path / "own.yaml", tmp_path / "tiles"
    folder.mkdir()
    assert [content_of(text) for text in ("--config", "0.1", str(folder))] == ["--config", "0.1", str(folder)]
    found = set()
    for content in ("a: 1", "a: 2"):
        file.write_text(content)
        (folder / "dataset.json").write_text(content)
        found |= {content_of(str(file)), content_of(str(folder))}
    assert len(found) == 4 and {text.split()[0] for text in found} == {"own.yaml", "tiles"}
