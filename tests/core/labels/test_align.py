# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels of many kinds onto one grid, with one outcome for both backends."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from s2landcover_plugin.core.errors import Cancelled, GridError, InputError, OutputError, RasterError
from s2landcover_plugin.core.labels import align as module
from s2landcover_plugin.core.labels.align import align
from s2landcover_plugin.core.labels.class_table import ClassTable, Row, build_table
from s2landcover_plugin.core.labels.raster_labels import RecodingOptions
from s2landcover_plugin.core.labels.request import AlignmentRequest
from s2landcover_plugin.core.labels.table_file import read_preset
from s2landcover_plugin.core.labels.voting import Method
from s2landcover_plugin.core.legend import LandCoverClass, Legend
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, crs_from_authority, open_raster
from tests.listeners import Recorder
from tests.scenes import utm_grid, write_scene

# rasterio doubts the pixels of pictures that lie nowhere.
pytestmark = pytest.mark.filterwarnings("ignore:The given matrix is equal to Affine.identity")

IMAGE = utm_grid(6, 5)
X, Y = IMAGE.xy(0, 0)


def label_grid(width, height, pixel, shift=(0.0, 0.0), crs=IMAGE.crs):
    return Grid(width, height, (X + shift[0], pixel, 0.0, Y - shift[1], 0.0, -pixel), crs)


@pytest.fixture
def image(tmp_path):
    return write_scene(tmp_path / "image.tif", np.ones((1, 5, 6), np.uint16), ("B02",))


@pytest.fixture
def aligned(tmp_path, image):
    """Align labels given as an array and its grid; return the result and its pixels."""

    def run(array, grid, progress=None, target=image, raster=None, **fields):
        bands = np.asarray(array) if np.ndim(array) == 3 else np.asarray(array)[np.newaxis]
        names = tuple(f"band {index}" for index in range(len(bands)))
        options = {"nodata": None, "scale": 1.0, "grid": grid, **(raster or {})}
        labels = write_scene(tmp_path / "labels.tif", bands, names, **options)
        request = AlignmentRequest(target, str(tmp_path / "out.tif"), labels=labels, **fields)
        result = align(request, progress or SilentProgress())
        with open_raster(result.output) as aligned:
            return result, aligned.read()[0]

    return run


def brute_force(array, step, origin, shape):
    """Return the class that covers most of each pixel, counted on a fine sub-grid; columns and rows alike."""
    fine = 60
    index = np.floor(origin + (np.arange(max(shape) * fine) + 0.5) / fine * step).astype(int)
    there = (index >= 0) & (index < len(array))
    rows = np.where(there[: shape[0] * fine], index[: shape[0] * fine], len(array))
    cols = np.where(there[: shape[1] * fine], index[: shape[1] * fine], len(array))
    samples = np.pad(array, (0, 1))[rows][:, cols].reshape(shape[0], fine, shape[1], fine)
    counts = np.stack([(samples == value).sum(axis=(1, 3)) for value in range(1, array.max() + 1)])
    winners = counts.argmax(axis=0) + 1
    return np.where(counts.sum(axis=0) * 2 >= fine * fine, winners, 0)


@pytest.mark.parametrize(
    ("pixel", "shift"),
    [(1.0, 0.0), (2.5, 0.0), (2.0, -3.0), (4.0, 7.0), (6.0, -1.0), (10.0, 0.0), (10.0, 4.0), (25.0, -20.0), (100.0, 0)],
)
def test_the_class_that_covers_most_of_a_pixel_wins_at_any_resolution(aligned, pixel, shift):
    array = np.random.default_rng(3).integers(0, 4, (int(72 / pixel) + 1,) * 2).astype(np.uint8)
    _, found = aligned(array, label_grid(*array.shape, pixel, (shift, shift)), raster={"nodata": 0})
    np.testing.assert_array_equal(found, brute_force(array, 10 / pixel, -shift / pixel, (5, 6)))


def test_nearest_takes_the_label_at_the_centre(aligned):
    array = np.arange(1, 226, dtype=np.uint8).reshape(15, 15)
    _, found = aligned(array, label_grid(15, 15, 5.0), method=Method.NEAREST)
    np.testing.assert_array_equal(found, array[1:11:2, 1:13:2])


def test_thin_classes_survive_with_weights(aligned):
    array = np.ones((50, 60), np.uint8)
    array[:, 13] = 2
    for weights, method, expected in (({"2": 12.0}, Method.WEIGHTED, [1, 2, 1]), ({}, Method.MODE, [1, 1, 1])):
        result, found = aligned(array, label_grid(60, 50, 1.0), method=method, weights=weights)
        assert found[0, :3].tolist() == expected
    assert result.pixels == {1: 30}


def test_weights_are_for_classes_as_the_table_names_them(aligned):
    array = np.ones((10, 12), np.uint8)
    array[:, ::2] = 2
    own = {"categories": {1: "Water", 2: "Wood"}}
    options = RecodingOptions(build_table([Row("", (1,), (), (), 5, "Wood"), Row("", (2,), (), (), 6, "Water")]))
    for name, expected in (("Wood", 5), ("Water", 6)):
        fields = {"options": options, "method": Method.WEIGHTED, "weights": {name: 2.0}}
        assert np.unique(aligned(array, label_grid(12, 10, 5.0), raster=own, **fields)[1]).tolist() == [expected]


def test_zeros_that_are_not_declared_are_told(aligned):
    log = Recorder()
    aligned(np.uint8([[0, 1, 1, 1, 1, 1]] * 5), IMAGE, log)
    assert log.warnings == ["5 labels are 0, which means no data here. If it is a class, give a class table."]
    aligned(np.uint8([[0, 1, 1, 1, 1, 1]] * 5), IMAGE, log, raster={"nodata": 0})
    assert len(log.warnings) == 1


@pytest.mark.parametrize("pixel", [1.0, 3.0, 7.0, 40.0])
def test_how_the_image_is_cut_changes_nothing(aligned, tmp_path, monkeypatch, pixel):
    target = write_scene(tmp_path / "wide.tif", np.ones((1, 23, 29), np.uint16), ("B02",))
    array = np.random.default_rng(0).integers(1, 7, (int(320 / pixel),) * 2).astype(np.uint8)
    grid = label_grid(*array.shape, pixel, (-13.0, 21.0))
    options = RecodingOptions(build_table([Row("", (1, 2), (), (), 1, "A"), Row("", (3, 4), (), (), 2, "B")]))
    found = [aligned(array, grid, target=target, options=options)]
    for labels, rows, strip, kept in ((500, 20, 256, 9000), (5000, 512, 4, 10**9), (300, 1, 7, 5000)):
        monkeypatch.setattr(module, "_LABELS", labels)
        monkeypatch.setattr(module, "_LABEL_ROWS", rows)
        monkeypatch.setattr(module, "_STRIP", strip)
        monkeypatch.setattr(module, "_KEPT_BYTES", kept)
        found.append(aligned(array, grid, target=target, options=options))
    for result, pixels in found[1:]:
        np.testing.assert_array_equal(pixels, found[0][1])
        assert result.unlisted == found[0][0].unlisted
    assert sum(found[0][0].unlisted.values()) > 0


@pytest.mark.parametrize("method", [Method.MODE, Method.NEAREST])
def test_labels_in_another_crs_have_one_outcome_for_both_backends(aligned, tmp_path, method):
    degrees = Grid(200, 180, (16.269, 0.00005, 0.0, 45.152, 0.0, -0.00005), crs_from_authority("EPSG:4326"))
    fields = np.kron(np.random.default_rng(1).integers(1, 6, (20, 20)), np.ones((9, 10))).astype(np.uint8)
    target = write_scene(tmp_path / "wide.tif", np.ones((1, 70, 60), np.uint16), ("B02",))
    result, found = aligned(fields, degrees, target=target, method=method)
    assert 0.3 < result.labelled_share < 1
    digest = {Method.MODE: "ab33a4bb800c", Method.NEAREST: "2ae0231cff75"}
    # One digest for both backends: what Debian's GDAL 3.6 and the newer GDAL in rasterio's wheel both give.
    assert hashlib.sha256(found.tobytes()).hexdigest()[:12] == digest[method]


def test_reprojected_labels_are_where_their_twins_in_the_images_crs_are(aligned, tmp_path):
    turned = Grid(60, 50, (X, 0.0, 1.0, Y, -1.0, 0.0), IMAGE.crs)  # columns run south, rows run east
    upright = np.kron(np.random.default_rng(2).integers(1, 5, (10, 12)), np.ones((5, 5))).astype(np.uint8)
    sideways = Grid(50, 60, turned.transform, IMAGE.crs)
    _, expected = aligned(upright, label_grid(60, 50, 1.0))
    _, found = aligned(upright.T, sideways)
    np.testing.assert_array_equal(found, expected)


def test_a_table_merges_drops_and_counts(aligned):
    array = np.array([[1, 2, 3, 4, 5, 5]] * 5, np.uint16) * 100
    rows = [Row("", (100, 200), (), (), 7, "Wood", "00A600"), Row("", (300,), (), (), 0), Row("", (400,), (), (), 3)]
    options = RecodingOptions(build_table(rows))
    log = Recorder()
    result, found = aligned(array, IMAGE, log, options=options)
    assert found.tolist() == [[7, 7, 0, 3, 0, 0]] * 5
    assert (result.pixels, result.nodata_pixels, result.unlisted) == ({3: 5, 7: 10}, 15, {"500": 10})
    assert result.labelled_share == 0.5
    assert "7 Wood: 10 pixels (66.7%)" in log.infos
    assert "15 pixels have no label (50.0% of the image)." in log.infos
    assert log.warnings == ["Not in the class table are 10 labels, which count as no data: 500 (10)."]


def test_what_is_not_listed_can_be_kept(aligned):
    rows = [Row("", (1,), (), (), 7, "Wood")]
    log = Recorder()
    options = RecodingOptions(build_table(rows), keep=True)
    result, found = aligned(np.uint8([[1, 2, 3, 0, 1, 1]] * 5), IMAGE, log, options=options)
    assert found[0].tolist() == [7, 2, 3, 0, 7, 7]
    assert result.legend.names == {2: "Class 2", 3: "Class 3", 7: "Wood"}
    assert log.warnings == ["Not in the class table are 15 labels, which stay as they are: 0 (5), 2 (5), 3 (5)."]


def test_the_result_is_a_class_raster_with_legend_table_and_style(aligned):
    legend = Legend((LandCoverClass(2, "Water", "0000FF"), LandCoverClass(9, "Snow", "FFFFFF")))
    extras = {"categories": legend.names, "colours": legend.colours, "nodata": 0}
    result, _ = aligned(np.full((5, 6), 2, np.uint8), IMAGE, raster=extras)
    assert result.legend == legend
    with open_raster(result.output) as raster:
        assert dict(raster.categories) == legend.names
        assert raster.colours[2] == (0, 0, 255, 255)
        assert raster.bands[0].nodata == 0
        assert raster.grid.matches(IMAGE)
    assert "Water" in Path(result.output).with_suffix(".qml").read_text(encoding="utf-8")
    sidecar = Path(f"{result.output}.aux.xml").read_text(encoding="utf-8")
    assert "GDALRasterAttributeTable" in sidecar and "CategoryNames" in sidecar


def colours(rows):
    return np.array([[list(bytes.fromhex(colour)) for colour in row] for row in rows], np.uint8).transpose(2, 0, 1)


def test_masks_of_colours_become_classes_without_a_crs(aligned, tmp_path):
    bare = Grid(4, 2, (0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
    picture = write_scene(tmp_path / "picture.tif", np.ones((3, 2, 4), np.uint8), grid=bare, nodata=None)
    mask = colours([["3C1098", "8429F6", "6EC1E4", "FEDD3A"], ["E2A929", "9B9B9B", "000000", "3C1099"]])
    options = RecodingOptions(read_preset("dubai-aerial"))
    result, found = aligned(mask, bare, target=picture, options=options)
    assert found.tolist() == [[1, 2, 3, 4], [5, 0, 0, 0]]
    assert result.unlisted == {"#3C1099": 1}
    assert result.legend.names == {1: "Building", 2: "Land", 3: "Road", 4: "Vegetation", 5: "Water"}
    tolerant = RecodingOptions(read_preset("dubai-aerial"), tolerance=1)
    assert aligned(mask, bare, target=picture, options=tolerant)[1].tolist() == [[1, 2, 3, 4], [5, 0, 0, 1]]


def test_palettes_are_told_by_their_colours(aligned):
    palette = {0: (0x84, 0x29, 0xF6, 255), 1: (0x6E, 0xC1, 0xE4, 255), 2: (255, 255, 255, 255)}
    options = RecodingOptions(read_preset("dubai-aerial"))
    result, found = aligned(np.uint8([[0, 1, 2] * 2] * 5), IMAGE, raster={"colours": palette}, options=options)
    assert found[0].tolist() == [2, 3, 0, 2, 3, 0]
    assert result.unlisted == {"2": 10}


@pytest.mark.parametrize(
    ("array", "grid", "fields", "error", "message"),
    [
        (np.ones((5, 6), np.uint8), label_grid(6, 5, 10.0, (5000.0, 0.0)), {}, GridError, "gets a label .* overlap"),
        (np.full((5, 6), 0.5, np.float32), IMAGE, {}, InputError, "labels are whole numbers"),
        (np.full((5, 6), np.nan, np.float32), IMAGE, {}, GridError, "gets a label"),
        (np.full((5, 6), 300, np.uint16), IMAGE, {}, InputError, "value 300.* classes are numbers from 1 to 255"),
        (np.ones((5, 6), np.uint8), label_grid(6, 5, 10.0, crs=""), {}, GridError, "no coordinate reference system"),
        (np.ones((2, 5, 6), np.uint8), IMAGE, {}, InputError, r"has 2 band\(s\) of uint8"),
        (np.ones((3, 5, 6), np.uint8), IMAGE, {}, InputError, "no class table lists any"),
        (
            np.ones((5, 6), np.uint8),
            IMAGE,
            {"options": RecodingOptions(ClassTable(values={9: 0}, names={}, colours={}))},
            InputError,
            r"lists none of the labels on the image, which are 1 \(30\)",
        ),
        (
            np.ones((5, 6), np.uint8),
            IMAGE,
            {"options": RecodingOptions(read_preset("dubai-aerial"))},
            InputError,
            "lists nothing that .* can have",
        ),
        (
            np.ones((5, 6), np.uint8),
            IMAGE,
            {"method": Method.WEIGHTED, "weights": {"Road": 2.0}},
            InputError,
            "no class 'Road'",
        ),
    ],
)
def test_what_cannot_be_aligned_is_refused_and_leaves_nothing(aligned, tmp_path, array, grid, fields, error, message):
    with pytest.raises(error, match=message):
        aligned(array, grid, **fields)
    assert {path.name for path in tmp_path.iterdir()} <= {"image.tif", "labels.tif"}


def test_an_image_without_a_crs_needs_labels_of_its_size(aligned, tmp_path):
    bare = Grid(4, 2, (0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
    picture = write_scene(tmp_path / "picture.tif", np.ones((3, 2, 4), np.uint8), grid=bare, nodata=None)
    with pytest.raises(GridError, match="differ in size: 3 x 2 and 4 x 2 pixels"):
        aligned(np.ones((2, 3), np.uint8), Grid(3, 2, bare.transform), target=picture)
    with pytest.raises(GridError, match="The image has no coordinate reference system"):
        aligned(np.ones((5, 6), np.uint8), IMAGE, target=picture)


def test_inputs_that_contradict_one_another_are_refused(image, tmp_path):
    for fields in ({}, {"labels": "a.tif", "polygons": "b.gpkg"}):
        with pytest.raises(InputError, match="one of the two"):
            AlignmentRequest(image, "out.tif", **fields)
    with pytest.raises(InputError, match="field of the polygons"):
        AlignmentRequest(image, "out.tif", polygons="b.gpkg")
    with pytest.raises(InputError, match="needs weights"):
        AlignmentRequest(image, "out.tif", labels="a.tif", method=Method.WEIGHTED)
    with pytest.raises(OutputError, match="also an input"):
        align(AlignmentRequest(image, image, labels=image), SilentProgress())
    with pytest.raises(RasterError, match="There is no file"):
        align(AlignmentRequest(image, str(tmp_path / "out.tif"), labels=str(tmp_path / "no.tif")), SilentProgress())


def test_a_run_that_is_cancelled_leaves_nothing(aligned, tmp_path):
    with pytest.raises(Cancelled):
        aligned(np.ones((5, 6), np.uint8), IMAGE, Recorder(cancel_after=1))
    assert {path.name for path in tmp_path.iterdir()} == {"image.tif", "labels.tif"}


def test_a_real_scene_classification_and_real_masks_are_aligned(real_data, tmp_path):
    scl = next(real_data.glob("S2A_*T29UNU*.SAFE/GRANULE/*/IMG_DATA/R20m/*_SCL_20m.jp2"))
    band = next(real_data.glob("S2A_*T29UNU*.SAFE/GRANULE/*/IMG_DATA/R60m/*_B02_60m.jp2"))
    options = RecodingOptions(read_preset("scl-surface"))
    request = AlignmentRequest(str(band), str(tmp_path / "scl.tif"), labels=str(scl), options=options)
    result = align(request, SilentProgress())
    assert result.pixels == {1: 522_444, 2: 17_449, 3: 40_724, 4: 11}
    assert not result.unlisted
    for tile, pixels in (
        ("Tile 1", [2_779, 388_530, 73_093, 4_377, 36_569]),
        ("Tile 2", [63_406, 155_233, 58_257, 0, 0]),
    ):
        picture = real_data / "dubai_aerial" / tile / "images" / "image_part_001.jpg"
        mask = real_data / "dubai_aerial" / tile / "masks" / "image_part_001.png"  # of Tile 2, it has a palette
        options = RecodingOptions(read_preset("dubai-aerial"))
        request = AlignmentRequest(str(picture), str(tmp_path / "mask.tif"), labels=str(mask), options=options)
        result = align(request, SilentProgress())
        assert list(result.pixels.values()) == pixels
        assert not result.unlisted
