# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests for datasets, with what tests mostly ask for by short names."""

from __future__ import annotations

from s2landcover_plugin.core.tiling.request import SplitOptions, TileFilters, TileRequest, paired

_SPLIT = {"validation_share": "validation", "test_share": "test", "block_size": "block_size", "seed": "seed"}


def tile_request(image, folder, labels="", mask="", **fields) -> TileRequest:
    """Return a request for one image (or a tuple of them), options of parts and filters by their names."""
    images, label_rasters, masks = ((paths,) if isinstance(paths, str) else paths for paths in (image, labels, mask))
    chosen = {_SPLIT[name]: fields.pop(name) for name in _SPLIT if name in fields}
    if chosen:
        fields["split"] = SplitOptions(**chosen)
    if "min_valid" in fields:
        fields["filters"] = TileFilters(min_valid=fields.pop("min_valid"))
    others = (tuple(path for path in paths if path) for paths in (label_rasters, masks))
    return TileRequest(paired(images, *others), folder, **fields)
