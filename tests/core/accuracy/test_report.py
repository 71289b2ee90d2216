# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import base64
import csv
import dataclasses
import json
import zlib

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.calibration import Calibration
from s2landcover_plugin.core.accuracy.error_map import ErrorMap, ErrorPoints
from s2landcover_plugin.core.accuracy.estimation import estimate
from s2landcover_plugin.core.accuracy.figures import ConfusionMatrix
from s2landcover_plugin.core.accuracy.inputs import AssessedFeatures, AssessedRaster
from s2landcover_plugin.core.accuracy.report import write_csv, write_html, write_json
from s2landcover_plugin.core.accuracy.report.drawing import error_picture, shade
from s2landcover_plugin.core.accuracy.report.methods import methods_paragraph
from s2landcover_plugin.core.accuracy.result import (
    Assessment,
    BlockDesign,
    Intervals,
    Kind,
    SampleResult,
    SamplingDesign,
)
from s2landcover_plugin.core.accuracy.sample import LabelledSample
from s2landcover_plugin.core.accuracy.sample_intervals import sample_intervals
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
RASTER = AssessedRaster('/data/"a" & <b>.tif', GRID, "uint8", "ab" * 32)
ASSESSMENT = Assessment(
    kind=Kind.PIXELS,
    matrix=ConfusionMatrix(LEGEND, COUNTS),
    table=COUNTS,
    map=RASTER,
    reference=AssessedRaster("/data/ref.tif", GRID, "int16"),
    left_out={"no_reference": 100, "no_map": 200, "neither": 0},
    matched_by="value",
    notes=("5 < 6",),
    made="2024-05-01T10:00:00+00:00",
    software={"NumPy": "2.0"},
    resampled=True,
    intervals=Intervals({"overall_accuracy": (0.951, 0.983)}, {1: {"precision": (0.9, 1.0)}}),
    blocks=BlockDesign(100, 42, 1000, 7),
    errors=ErrorMap(np.array([[0.0, 1.0], [np.nan, 0.25]]), 3),
    calibration=Calibration(RASTER, np.full(101, 2.0), np.full(101, 1.0)),
)


def estimates():
    """Return a sample of 30 points in two strata, the map's classes."""
    counts = np.zeros((2, 2, 2), np.int64)
    counts[0, 0], counts[1, 1] = (9, 1), (4, 16)
    return estimate(LabelledSample((1, 2), (1, 2), np.array([2000, 5000]), counts))


def sampled(kind: Kind = Kind.SAMPLE) -> Assessment:
    found = estimates()
    legend = Legend(LEGEND.classes[:2])
    counts = np.array([[9, 1], [4, 16]])
    sample = SampleResult(found, SamplingDesign.CLASSES, {}, 0.01, {1: 2000, 2: 5000})
    is_sample = kind is Kind.SAMPLE
    fields = {
        "kind": kind,
        "matrix": ConfusionMatrix(legend, counts),
        "table": found.proportions if is_sample else counts,
        "reference": AssessedFeatures("/data/<points>.gpkg", "points", 'fi"eld', 33),
        "left_out": {"outside": 1, "unlabelled": 2, "no_map": 0},
        "intervals": sample_intervals(found) if is_sample else Intervals(),
        "sample": sample if is_sample else None,
        "blocks": None,
        "resampled": False,
        "calibration": None,
        "errors": ErrorPoints(np.array([[0.1, 0.2], [0.5, 0.4]]), np.array([True, False]), 0.8),
    }
    return dataclasses.replace(ASSESSMENT, **fields)


def page(tmp_path, assessment: Assessment = ASSESSMENT) -> Page:
    write_html(assessment, tmp_path / "report ä.html")
    return Page((tmp_path / "report ä.html").read_text(encoding="utf-8"))


def test_the_page_shows_the_figures(tmp_path):
    text = page(tmp_path).text
    for figure in (
        "96.7\u202f%",
        "0.928",
        "1\u202f809",
        "98.4\u202f%",
        "1\u202f280",
        "5 < 6",
        "95.1–98.3\u202f%",
        "90–100",
    ):
        assert figure in text, figure
    assert "Wälder, dicht" in text
    assert "no estimate from a sample" in text
    assert "ab" * 32 in text
    assert "42 blocks of 100 × 100 pixels" in text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    "assessment", [ASSESSMENT, sampled(), sampled(Kind.POINTS)], ids=["pixels", "sample", "points"]
)
def test_the_page_needs_nothing_else(tmp_path, assessment):
    found = page(tmp_path, assessment)
    assert not {"script", "link", "iframe", "object"} & set(found.tags)
    sources = [value for name, value in found.attributes if name in ("src", "srcset", "onload", "background")]
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    links = [value for name, value in found.attributes if name == "href"]
    assert links
    assert all(link.startswith("https://doi.org/") for link in links)


def test_names_and_paths_are_escaped(tmp_path):
    found = page(tmp_path)
    assert HOSTILE in found.text
    assert '/data/"a" & <b>.tif' in found.text
    assert HOSTILE in " ".join(value or "" for name, value in found.attributes if name == "title")
    points = page(tmp_path, sampled()).text
    assert "<points>.gpkg" in points
    assert 'fi"eld' in points


def test_a_sample_has_areas_with_intervals(tmp_path):
    text = page(tmp_path, sampled()).text
    # 0.9 of 2000 and 0.2 of 5000 pixels of 0.01 ha.
    for figure in ("28.00", "20.00", "82.9\u202f%", "30 labelled points speak for 7\u202f000 pixels", "Stehman 2014"):
        assert figure in text, figure
    assert "Class shares" not in text


def test_points_without_a_design_get_no_interval(tmp_path):
    text = page(tmp_path, sampled(Kind.POINTS)).text
    assert "95 % interval" not in text.split("All figures")[0]
    assert "not known to have been drawn at random" in text


def test_the_methods_say_what_was_done():
    pixels = methods_paragraph(ASSESSMENT).replace("\u00a0", " ")
    assert "100 without a class in the reference" in pixels
    assert "brought onto the map’s grid by nearest neighbour" in pixels
    assert "1 000 draws of 42 blocks of 100 × 100 pixels" in pixels
    assert "96.7 % (95 % interval 95.1 % to 98.3 %)" in pixels
    points = methods_paragraph(sampled()).replace("\u00a0", " ")
    assert "drawn at random within each class of the map" in points
    assert "2 without a label" in points
    assert "Olofsson et al. 2014" in points
    assert "bootstrap" not in points


def test_the_picture_is_brown_where_the_map_is_wrong():
    data = error_picture(ASSESSMENT.errors).split("base64,")[1].split('"')[0]
    pixels = zlib.decompress(base64.b64decode(data)[41:-16])
    assert pixels[1:4] == bytes((222, 232, 228))
    assert pixels[4:7] == bytes((180, 85, 45))
    assert pixels[8:11] == bytes((255, 255, 255))


def test_a_perfect_single_class_has_a_page(tmp_path):
    legend = Legend((LandCoverClass(3, "crops", "E49635"),))
    matrix = ConfusionMatrix(legend, np.array([[4]]))
    single = dataclasses.replace(ASSESSMENT, matrix=matrix, table=matrix.counts, notes=())
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
    assert (rows[0]["precision_low"], rows[1]["precision_low"]) == ("0.9", "")


def test_a_sample_has_its_areas_in_the_table_and_the_document(tmp_path):
    assessment = sampled()
    write_csv(assessment, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        water = next(csv.DictReader(file))
    area = estimates().areas(0.01)[0]
    assert float(water["area_ha"]) == pytest.approx(area.value)
    assert float(water["area_low_ha"]) == pytest.approx(area.interval()[0])
    assert float(water["mapped_ha"]) == pytest.approx(20.0)
    assert int(water["map_pixels"]) == 10
    write_json(assessment, tmp_path / "a.json")
    document = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert document["sample"]["design"] == "classes"
    assert np.sum(document["confusion_matrix"]["area_proportions"]) == pytest.approx(1.0)
    assert document["reference"]["features"] == 33


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
        *("schema_version", "kind", "made", "headline", "intervals", "classes", "confusion_matrix", "left_out"),
        *("resampled", "matched_by", "blocks", "sample", "calibration", "notes", "methods", "map", "reference"),
        "software",
    ]
    assert document["intervals"] == {"overall_accuracy": [0.951, 0.983]}
    assert document["calibration"]["expected_calibration_error"] == pytest.approx(ASSESSMENT.calibration.expected_error)


def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_html(ASSESSMENT, tmp_path / "file" / "report.html")


def test_cells_go_from_white_to_a_colour_that_keeps_the_number_readable():
    assert shade(0.0, True) == ("#ffffff", "inherit")
    assert shade(1.0, True) == ("#1c6b5e", "#fff")
    assert shade(1.0, False) == ("#b4552d", "#fff")
