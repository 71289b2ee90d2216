# SPDX-License-Identifier: GPL-2.0-or-later
"""What the parts of the classification benchmark share: scenes, runs, and what they are compared with."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.classification.engine import classify
from s2landcover_plugin.core.classification.request import ClassificationRequest, ClassificationResult, MapPaths
from s2landcover_plugin.core.models.inference import load_model
from s2landcover_plugin.core.models.session import SessionRequest
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import (
    Grid,
    RasterSpec,
    Resampling,
    Window,
    create_raster,
    crs_from_authority,
    open_raster,
)

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

_ROWS = 256


def classified(folder: Path, scene: str, model: Path, **fields: object) -> ClassificationResult:
    """Run the pipeline, with classes and confidence."""
    paths = MapPaths(str(folder / "map.tif"), str(folder / "sure.tif"))
    return classify(ClassificationRequest(scene, str(model), paths, **fields), SilentProgress())


def bare_seconds(scene: str, path: Path, size: tuple[int, int], session: SessionRequest | None = None) -> float:
    """Time `InferenceSession.run` alone, over all pixels of a scene once: windows that do not overlap, in memory."""
    model = load_model(path, session)
    multiple, total = model.contract.size_multiple, 0.0
    graph = model._session
    name = graph.get_inputs()[0].name
    with open_raster(scene) as raster:
        for number, window in enumerate(_windows(raster.grid, size, multiple)):
            feed = raster.read(window)[np.newaxis].astype(np.float32) * np.float32(0.0001)
            if number == 0:
                graph.run(None, {name: feed})
            started = time.perf_counter()
            graph.run(None, {name: feed})
            total += (time.perf_counter() - started) * min(1.0, window.width * window.height / feed[0, 0].size)
    return total


def _windows(grid: Grid, size: tuple[int, int], multiple: int) -> Iterator[Window]:
    """Yield windows that cover a grid once, but for what is no multiple at its far edges."""
    for row in range(0, grid.height, size[0]):
        for col in range(0, grid.width, size[1]):
            height, width = min(size[0], grid.height - row), min(size[1], grid.width - col)
            height, width = height // multiple * multiple, width // multiple * multiple
            if height and width:
                yield Window(col, row, width, height)


def reading_seconds(scene: str) -> float:
    """Time reading a raster once, with its mask, in rows of blocks."""
    started = time.perf_counter()
    with open_raster(scene) as raster:
        for row in range(0, raster.grid.height, _ROWS):
            raster.read_masked(Window(0, row, raster.grid.width, min(_ROWS, raster.grid.height - row)))
            raster.forget()
    return time.perf_counter() - started


def real_scenes(folder: Path, bands: Sequence[str]) -> list[str]:
    """Write the real scenes that lie beside the checkout, mirrored to twice their size: fields, a lake by season."""
    scenes = [_stack(REAL_DATA / "l1c_multires_T33UUB")] if REAL_DATA.is_dir() else []
    for path in sorted((REAL_DATA / "s2_l2a_chips" / "boadella").glob("*.tif"))[::3]:
        with open_raster(str(path)) as raster:
            scenes.append(dict(zip((band for band in BANDS if band != "B10"), raster.read())))
    paths = []
    for number, found in enumerate(scenes):
        crop = np.stack([found[band] for band in bands]).astype(np.uint16)
        mirrored = np.concatenate([crop, crop[:, ::-1]], axis=1)
        mirrored = np.concatenate([mirrored, mirrored[:, :, ::-1]], axis=2)
        paths.append(str(folder / f"real-{number}.tif"))
        with create_raster(paths[-1], _spec(mirrored.shape[2], mirrored.shape[1], bands)) as writer:
            writer.write(mirrored)
    return paths


def _stack(folder: Path) -> dict[str, np.ndarray]:
    """Return the bands of a scene in native resolutions, on the finest grid."""
    found = {}
    with open_raster(str(folder / "10m.tif")) as finest:
        for name in ("10m.tif", "20m.tif", "60m.tif"):
            with open_raster(str(folder / name)) as raster:
                names = [info.name for info in raster.bands]
                found.update(zip(names, raster.onto(finest.grid, Resampling.BILINEAR).read()))
    return found


def made_up_scene(path: Path, bands: Sequence[str], width: int, height: int) -> str:
    """Write fields of a few reflectances with noise: it compresses about as badly as a real scene."""
    random = np.random.default_rng(0)
    with create_raster(str(path), _spec(width, height, bands)) as writer:
        for row in range(0, height, _ROWS):
            rows = min(_ROWS, height - row)
            fields = random.integers(300, 4000, (len(bands), -(-rows // 64), -(-width // 64)), dtype=np.uint16)
            stored = fields.repeat(64, axis=1).repeat(64, axis=2)[:, :rows, :width].copy()
            stored += random.integers(0, 300, stored.shape, dtype=np.uint16)
            writer.write(stored, Window(0, row, width, rows))
            writer.flush()
    return str(path)


def _spec(width: int, height: int, bands: Sequence[str]) -> RasterSpec:
    grid = Grid(width, height, (600000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0), crs_from_authority("EPSG:32633"))
    return RasterSpec(grid, "uint16", tuple(bands), nodata=0, scale=0.0001)
