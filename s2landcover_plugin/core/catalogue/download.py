# SPDX-License-Identifier: GPL-2.0-or-later
"""From what to look for to products on disk."""

from __future__ import annotations

import contextlib
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import AccessError, Cancelled, OutputError, ServiceError
from ..outputs import staged
from ..progress import Progress, ProgressPart
from ..raster.sidecar import write_scale
from .connection import Connection
from .credentials import PASSWORD, TOKEN, USERNAME, Credentials
from .files import RemoteFile, files_of
from .footprints import FoundScene, write_footprints
from .items import Item
from .patience import Patience
from .search import SearchRequest, search
from .service import Service
from .transfer import fetch

_SEARCHED = 0.02  # share of the progress that searching takes
_TYPICAL = 10**9  # bytes; a product whose size is unknown


@dataclass(frozen=True)
class DownloadRequest:
    """What to search, and where to put it.

    Attributes:
        search: what to look for.
        folder: gets the products, made if need be; None to list them only.
        service: the catalogue.
        credentials: of an account there.
        found: GeoPackage of footprints to write; None for none.
        patience: how long to wait for the service.
    """

    search: SearchRequest
    folder: Path | None
    service: Service = field(default_factory=Service)
    credentials: Credentials = field(default_factory=Credentials)
    found: Path | None = None
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        if self.folder is not None and self.service.needs_account and not self.credentials.given:
            raise AccessError(
                "Products are downloaded with an account, and none is given. Choose an authentication configuration, "
                f"or set the environment variables {USERNAME} and {PASSWORD}, or {TOKEN}; listing needs no account."
            )


def download(request: DownloadRequest, progress: Progress) -> tuple[FoundScene, ...]:
    """Search a catalogue, and download what it has.

    A product that lies in the folder already is left alone. If one cannot be had, the others are still downloaded
    before the error is raised; whatever has arrived is kept, and the next run goes on from there.

    Returns:
        The scenes, those with least cloud first.

    Raises:
        ServiceError: if the catalogue cannot be searched, has nothing to download, or a product cannot be had.
        AccessError: if credentials are not accepted.
        OutputError: if a result cannot be written, or the disk is too full.
        Cancelled: if the user asked to stop.
    """
    connection = Connection(request.service, request.credentials, request.patience)
    if request.folder is not None:
        connection.log_in(progress)  # a wrong password is better told now than after the search
    items = search(request.search, connection, progress)
    scenes = _listed(items, request.folder, progress)
    if request.folder is not None:
        if not items:
            raise ServiceError(f"{_nothing(request.search)}; there is nothing to download.")
        scenes = _download_all(scenes, request.folder, connection, progress)
    if request.found is not None:
        with staged(request.found) as path:
            write_footprints(path, scenes)
    progress.fraction(1.0)
    return scenes


def _listed(items: Sequence[Item], folder: Path | None, progress: Progress) -> tuple[FoundScene, ...]:
    """Tell the user what there is."""
    scenes = tuple(FoundScene(item, _stated_size(item)) for item in items)
    for scene in scenes:
        cloud = "cloud unknown" if scene.item.cloud is None else f"{scene.item.cloud:.1f} % cloud"
        size = "size unknown" if scene.size is None else f"{scene.size / 1e6:.0f} MB"
        progress.info(f"{scene.item.name}: {scene.item.date[:10]}, {cloud}, {size}")
    if not scenes and folder is None:
        progress.warning("No scene fits. Allow more cloud, more days or a larger extent.")
    return scenes


def _nothing(wanted: SearchRequest) -> str:
    return (
        f"No {wanted.level} scene from {wanted.start} to {wanted.end} with at most {wanted.max_cloud:g} % cloud "
        f"touches {wanted}"
    )


def _stated_size(item: Item) -> int | None:
    try:
        sizes = [file.fingerprint.size for file in files_of(item, Path())]
    except ServiceError:
        return None
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _download_all(
    scenes: Sequence[FoundScene], folder: Path, connection: Connection, progress: Progress
) -> tuple[FoundScene, ...]:
    _check_space(scenes, folder)
    total = sum(scene.size or _TYPICAL for scene in scenes)
    done, failures, result = 0, [], []
    for number, scene in enumerate(scenes, start=1):
        weight = scene.size or _TYPICAL
        ends = (_SEARCHED + (1 - _SEARCHED) * part / total for part in (done, done + weight))
        progress.info(f"{number} of {len(scenes)}: {scene.item.name}")
        try:
            path = _download_scene(scene.item, folder, connection, ProgressPart(progress, *ends))
            result.append(replace(scene, path=path))
        except AccessError:
            raise
        except ServiceError as error:
            progress.warning(str(error))
            failures.append(str(error))
        except Cancelled:
            progress.info("What has arrived is kept; the same download goes on from there.")
            raise
        done += weight
    if failures:
        rest = f"; the others are in {folder}" if result else ""
        raise ServiceError(
            f"{len(failures)} of {len(scenes)} products could not be downloaded{rest}. The first reason: {failures[0]}"
        )
    return tuple(result)


def _download_scene(item: Item, folder: Path, connection: Connection, progress: Progress) -> Path:
    """Download what is missing of a scene, and return the archive, or the folder of bands."""
    files = files_of(item, folder)
    for number, file in enumerate(files):
        part = ProgressPart(progress, number / len(files), (number + 1) / len(files))
        if _is_there(file):
            progress.info(f"{file.target} is there already; it is left as it is.")
        else:
            fetch(file, connection, part)
            progress.info(f"{file.target}: {file.target.stat().st_size / 1e6:.1f} MB, verified.")
        part.fraction(1.0)
        if file.scale is not None:
            write_scale(str(file.target), file.scale, file.offset or 0.0)
    return files[0].target if files[0].target.suffix == ".zip" else files[0].target.parent


def _is_there(file: RemoteFile) -> bool:
    """Whether a file is in its place.

    Raises:
        OutputError: if something else is.
    """
    if not file.target.exists():
        return False
    if file.target.suffix == ".zip" and not zipfile.is_zipfile(file.target):
        raise OutputError(
            f"{file.target} is in the way: it is no complete archive. Delete it, or choose another folder; nothing "
            "that exists is overwritten."
        )
    return True


def _check_space(scenes: Sequence[FoundScene], folder: Path) -> None:
    """Raise an error if the products do not fit on the disk; what has arrived already counts."""
    files = [
        file
        for scene in scenes
        for file in _files_or_none(scene.item, folder)
        if file.fingerprint.size and not file.target.exists()
    ]
    needed = sum((file.fingerprint.size or 0) - _arrived(file) for file in files)
    place = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        raise OutputError(
            f"The products need {needed / 1e9:.1f} GB and the disk of {folder} has {free / 1e9:.1f} GB left. Make "
            "room, choose another folder, or fewer scenes."
        )


def _files_or_none(item: Item, folder: Path) -> tuple[RemoteFile, ...]:
    with contextlib.suppress(ServiceError):
        return files_of(item, folder)
    return ()


def _arrived(file: RemoteFile) -> int:
    part = Path(f"{file.target}.part")
    return part.stat().st_size if part.is_file() else 0
