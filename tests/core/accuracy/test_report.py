# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.assessment import AssessedRaster, Assessment, LeftOut
from s2landcover_plugin.core.accuracy.figures import ConfusionMatrix
from s2landcover_plugin.core.accuracy.report import write_csv, write_html, write_json
from s2landcover_plugin.core.accuracy.report_svg import shade
from s2landcover_plugin.core.errors import OutputError
from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.raster import Grid, crs_from_authority
from tests.html_page import Page

GRID = Grid(100, 80, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), crs_from_authority("EPSG:32633"))
HOSTILE = '<script>alert("x")</script>'
LEGEND = Legend(
    (
        LandCoverClass(1, "water", "419BDF"),
        LandCoverClass(2, HOSTILE, "397D49"),
        LandCoverClass(7, "Wälder, dicht", "88B053"),
    )
)
COUNTS = np.array([[500, 20, 0], [30, 1250, 0], [9, 0, 0]])
ASSESSMENT = Assessment(
    matrix=ConfusionMatrix(LEGEND, COUNTS),
    map=AssessedRaster('/data/"a" & <b>.tif', GRID, "uint8", "ab" * 32),
    reference=AssessedRaster("/data/ref.tif", GRID, "int16"),
    left_out=LeftOut(100, 200, 0),
    resampled=True,
    by_name=False,
    notes=("5 < 6",),
    made="2024-05-01T10:00:00+00:00",
    software={"NumPy": "2.0"},
)


def page(tmp_path, assessment: Assessment = ASSESSMENT) -> Page:
    write_html(assessment, tmp_path / "report ä.html")
    return Page((tmp_path / "report ä.html").read_text(encoding="utf-8"))


def test_the_page_shows_the_figures(tmp_path):
    text = page(tmp_path).text
    for figure in ("96.7\u202f%", "0.928", "1\u202f809", "98.4\u202f%", "1\u202f280", "5 < 6"):
        assert figure in text, figure
    assert "Wälder, dicht" in text
    assert "not an estimate from a sample" in text
    assert "ab" * 32 in text


def test_the_page_needs_nothing_else(tmp_path):
    found = page(tmp_path)
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert not [value for name, value in found.attributes if name in ("src", "srcset", "onload", "background")]
    links = [value for name, value in found.attributes if name == "href"]
    assert links
    assert all(link.startswith("https://doi.org/") for link in links)


def test_names_and_paths_are_escaped(tmp_path):
    found = page(tmp_path)
    assert HOSTILE in found.text
    assert '/data/"a" & <b>.tif' in found.text
    assert HOSTILE in " ".join(value or "" for name, value in found.attributes if name == "title")


def test_a_perfect_single_class_has_a_page(tmp_path):
    legend = Legend((LandCoverClass(3, "crops", "E49635"),))
    single = Assessment(
        **{**ASSESSMENT.__dict__, "matrix": ConfusionMatrix(legend, np.array([[4]])), "notes": ()},
    )
    text = page(tmp_path, single).text
    assert "agree on every pixel" in text
    assert "100.0\u202f%" in text
    assert "Worth knowing" not in text


def test_the_table_holds_the_figures_and_the_matrix(tmp_path):
    write_csv(ASSESSMENT, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [item.name for item in LEGEND]
    assert [[int(row[f"reference_{v}"]) for v in LEGEND.values] for row in rows] == COUNTS.tolist()
    assert float(rows[0]["precision"]) == pytest.approx(500 / 520)
    assert float(rows[1]["iou"]) == pytest.approx(1250 / 1300)
    assert (rows[2]["recall"], rows[2]["precision"]) == ("", "0.0")


def test_the_document_has_stable_keys_and_the_same_numbers(tmp_path):
    write_json(ASSESSMENT, tmp_path / "a.json")
    document = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert document["confusion_matrix"]["counts"] == COUNTS.tolist()
    assert document["confusion_matrix"]["values"] == [1, 2, 7]
    assert document["headline"]["overall_accuracy"] == pytest.approx(1750 / 1809)
    assert list(document["headline"]) == [
        *("pixels", "overall_accuracy", "kappa", "macro_f1", "weighted_f1", "mean_iou"),
        *("macro_precision", "macro_recall", "weighted_iou", "micro_iou", "composite", "matthews"),
        *("quantity_disagreement", "allocation_disagreement", "exchange", "shift"),
    ]
    assert document["classes"][2]["recall"] is None
    assert document["left_out"] == {"no_reference": 100, "no_map": 200, "neither": 0}
    assert document["map"]["crs"] == "EPSG:32633"
    assert list(document) == [
        *("schema_version", "kind", "made", "headline", "classes", "confusion_matrix", "left_out", "resampled"),
        *("matched_by", "notes", "map", "reference", "software"),
    ]


def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_html(ASSESSMENT, tmp_path / "file" / "report.html")


def test_cells_go_from_white_to_a_colour_that_keeps_the_number_readable():
    assert shade(0.0, True) == ("#ffffff", "inherit")
    assert shade(1.0, True) == ("#1c6b5e", "#fff")
    assert shade(1.0, False) == ("#b4552d", "#fff")
