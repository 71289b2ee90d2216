# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import random

import numpy as np
import pytest

from s2landcover_plugin.core.errors import InputError
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import Grid, crs_from_authority, transformed
from s2landcover_plugin.core.tiling.cutting import CutTile
from s2landcover_plugin.core.tiling.ground import Footprint, Ground
from s2landcover_plugin.core.tiling.grouping import Blocks, chosen_blocks, read_groups
from s2landcover_plugin.core.tiling.parts import keep_apart
from s2landcover_plugin.core.tiling.plan import plan_tiles
from s2landcover_plugin.core.tiling.request import EdgeMode, SceneFiles, SplitMethod, SplitOptions, TileRequest
from s2landcover_plugin.core.tiling.source import SourceInfo

UTM33, UTM32 = crs_from_authority("EPSG:32633"), crs_from_authority("EPSG:32632")


def info_of(name, col, row, width, height, crs=UTM33):
    x, y = 400000.0 + 10 * col, 5000000.0 - 10 * row
    if crs != UTM33:
        x, y = transformed(np.array([[x, y]]), UTM33, crs)[0]
    grid = Grid(width, height, (float(x), 10.0, 0.0, float(y), 0.0, -10.0), crs)
    return SourceInfo(name, f"/in/{name}.tif", ("B02",), grid, 10.0, "", "L2A", None, None, None)


def tiles_of(infos, request):
    return [
        CutTile(f"{info.name}-{number}", source, window, 1.0, {}, {}, ())
        for source, info in enumerate(infos)
        for number, window in enumerate(plan_tiles(info.grid, request.tile_size, request.overlap, request.edges))
    ]


def request_of(infos, size=16, overlap=0, edges=EdgeMode.SHIFT, **split):
    scenes = tuple(SceneFiles(info.path) for info in infos)
    return TileRequest(scenes, "d", size, overlap, edges, split=SplitOptions(**split))


def placed(infos, request):
    return keep_apart(tiles_of(infos, request), infos, request, SilentProgress())


def assert_apart(infos, kept, buffer):
    """Compare all pairs, with no index and no shortcut."""
    ground = Ground([info.grid for info in infos])
    boxes = [ground.footprints(item.tile.source, [item.tile.window])[0] for item in kept]
    edges = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes])
    regions, parts = np.array([box.region for box in boxes]), np.array([str(item.part) for item in kept])
    for index, (left, top, right, bottom) in enumerate(edges):
        across = np.maximum(left - edges[:, 2], edges[:, 0] - right)
        distance = np.maximum(across, np.maximum(top - edges[:, 3], edges[:, 1] - bottom))
        others = (parts != parts[index]) & (regions == regions[index])
        assert (distance[others] >= buffer - 0.011).all()


@pytest.mark.parametrize("method", [method for method in SplitMethod if method is not SplitMethod.GROUPS])
@pytest.mark.parametrize("seed", range(6))
def test_overlapping_tiles_never_straddle_parts(method, seed):
    """Any overlap, shifted and padded edges, several scenes over one place on the same, a shifted and another grid."""
    rng = random.Random(seed)
    size, width, height = rng.randint(9, 30), rng.randint(30, 110), rng.randint(30, 110)
    infos = [
        info_of("a", 0, 0, width, height),
        info_of("a_later", 0, 0, width, height),
        info_of("b", rng.randint(-40, 40), rng.randint(-40, 40) + 0.5, height, width),
        info_of("c", 20, 20, 60, 60, UTM32),
        info_of("far", 200000, 0, 40, 40),
    ]
    buffer = rng.choice([0, 0, 7])
    request = request_of(
        infos,
        size,
        rng.randrange(size // 2),
        rng.choice(list(EdgeMode)),
        method=method,
        buffer=buffer,
        seed=seed,
        folds=3,
    )
    kept = placed(infos, request)
    assert_apart(infos, kept, buffer)
    assert len({(item.group, item.part) for item in kept}) == len({item.group for item in kept})
    same = {}
    for item in kept:
        if item.tile.source < 2:
            same.setdefault((item.tile.window.row, item.tile.window.col), set()).add(item.part)
    assert all(len(parts) == 1 for parts in same.values())


def test_blocks_of_one_grid_lose_only_tiles_between_parts():
    infos = [info_of("a", 0, 0, 160, 160)]
    kept = placed(infos, request_of(infos))
    assert len(kept) == 100
    assert {item.group for item in kept} == {f"a_b{row:03d}-{col:03d}" for row in range(5) for col in range(5)}


def test_dates_of_a_place_share_a_group_and_other_places_do_not():
    infos = [info_of("a", 0, 0, 64, 64), info_of("b", 64, 0, 64, 64), info_of("a_later", 5, 5, 64, 64)]
    kept = placed(infos, request_of(infos, method=SplitMethod.SCENES, validation=0.4, test=0))
    assert {(item.tile.source, item.group) for item in kept} >= {(0, "a"), (2, "a"), (1, "b")}
    parts = {item.group: item.part.split for item in kept}
    assert sorted(parts.values()) == ["train", "validation"]


def test_groups_come_from_a_table(tmp_path):
    table = tmp_path / "groups.csv"
    table.write_text("\ufefffile,where,region_id\na.tif,x,north\nin/b,y,south\nc.tif,z,north\n", encoding="utf-8")
    groups = read_groups(str(table), "region_id")
    infos = [info_of(name, 1000 * place, 0, 32, 32) for place, name in enumerate("abc")]
    kept = placed(infos, request_of(infos, method=SplitMethod.GROUPS, groups=groups, test=0, validation=0.3))
    assert {(infos[item.tile.source].name, item.group) for item in kept} == {
        *(("a", "north"), ("b", "south"), ("c", "north"))
    }
    assert read_groups(str(table))["b"] == "y"
    with pytest.raises(InputError, match="no column 'region'; it has file, where, region_id"):
        read_groups(str(table), "region")
    with pytest.raises(InputError, match="cannot be read"):
        read_groups(str(tmp_path / "none.csv"))
    with pytest.raises(InputError, match=r"does not name 1 of 1 images, such as d\.tif"):
        placed(more := [info_of("d", 0, 0, 32, 32)], request_of(more, method=SplitMethod.GROUPS, groups=groups))


@pytest.mark.parametrize(
    ("tiles", "step", "block_size", "side"),
    [
        (40, 256, 0, 1024),
        (10, 256, 0, 512),
        (3, 256, 0, 256),
        (40, 256, 1000, 1024),
        (40, 256, 1, 256),
        (80, 64, 0, 1024),
    ],
)
def test_blocks_are_as_large_as_asked_or_as_large_as_leaves_enough_of_them(tiles, step, block_size, side):
    starts = [step * number for number in range(tiles)]
    boxes = [Footprint(0, col, row, col + 256, row + 256) for row in starts for col in starts]
    assert chosen_blocks(boxes, 256, step, block_size) == Blocks(side, step)


def test_drawing_tile_by_tile_is_warned_of():
    class Listener(SilentProgress):
        heard = ()

        def warning(self, message):
            self.heard += (message,)

    infos, listener = [info_of("a", 0, 0, 160, 160)], Listener()
    request = request_of(infos, method=SplitMethod.RANDOM)
    kept = keep_apart(tiles_of(infos, request), infos, request, listener)
    assert len({item.group for item in kept}) == len(kept) == 100
    assert any("drawn tile by tile" in message for message in listener.heard)
