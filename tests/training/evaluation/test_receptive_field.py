# SPDX-License-Identifier: GPL-2.0-or-later
"""The report on how far a network looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from s2landcover_plugin.core.errors import DatasetError
from training.cli import main
from training.evaluation.receptive_field import FieldReport, report_field
from training.networks.receptive_field import Context

from ..tiles import make_dataset


def test_report_of_a_checkpoint_on_noise_and_on_tiles(
    checkpoint: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["receptivefield", "--checkpoint", str(checkpoint)]) == 0
    text = capsys.readouterr().out
    assert "light U-Net, width 8, depth 3" in text
    assert "theoretical receptive field: 44\n" in text
    assert "measured on noise" in text
    report = report_field(checkpoint, dataset, tiles=3)
    assert report.images == "3 held-out tiles"
    distances = [distance for _, distance in report.effective]
    assert distances == sorted(distances)
    assert 0 <= distances[0] < distances[-1] < 32
    assert report.context.pixels <= 16


def test_text_says_what_has_no_end() -> None:
    text = FieldReport("U-Net", None, ((0.5, 3), (0.999, 20)), "noise", Context(20, "half a tile")).to_text()
    assert "theoretical receptive field: more than 1024" in text
    assert "   50.0% of the gradient's energy: 3" in text
    assert text.endswith("windows should overlap by 20: half a tile")


def test_dataset_has_to_have_the_bands_and_a_held_out_tile(checkpoint: Path, tmp_path: Path) -> None:
    make_dataset(tmp_path / "tiles", ("train",))
    with pytest.raises(DatasetError, match="no tile held out"):
        report_field(checkpoint, tmp_path / "tiles")
    text = (tmp_path / "tiles" / "dataset.json").read_text().replace('"B08"', '"B8A"')
    (tmp_path / "tiles" / "dataset.json").write_text(text)
    with pytest.raises(DatasetError, match="has the bands B02, B03, B04, B8A; the network learnt B02"):
        report_field(checkpoint, tmp_path / "tiles")
