# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import errno
import hashlib
import time
from dataclasses import replace

import pytest

from s2landcover_plugin.core.catalogue import transfer
from s2landcover_plugin.core.catalogue.checksums import Fingerprint
from s2landcover_plugin.core.catalogue.connection import Connection
from s2landcover_plugin.core.catalogue.files import RemoteFile
from s2landcover_plugin.core.catalogue.transfer import fetch
from s2landcover_plugin.core.errors import AccessError, Cancelled, OutputError, ServiceError
from tests.listeners import Recorder
from tests.stac_server import QUICK, archive, dropped_after, hung_up, serving, silent, with_content, with_status

CONTENT = archive(1)
PATH = "/files/a.zip"


@pytest.fixture
def file(catalogue, tmp_path):
    catalogue.files[PATH] = CONTENT
    catalogue.needs_token = True
    stated = Fingerprint(len(CONTENT), "md5", hashlib.md5(CONTENT).hexdigest())
    return RemoteFile(f"{catalogue.url}{PATH}", tmp_path / "new folder" / "a.zip", stated)


def ranges(catalogue):
    return [asked.headers.get("Range", "all") for asked in catalogue.asked if asked.path == PATH]


def arrived(file):
    assert [path.name for path in file.target.parent.iterdir()] == ["a.zip"]
    return file.target.read_bytes() == CONTENT


def test_a_file_arrives_verified_with_progress(catalogue, connection, file):
    progress = Recorder()
    fetch(file, connection, progress)
    assert arrived(file)
    assert progress.fractions == sorted(progress.fractions)
    assert progress.fractions[-1] == pytest.approx(0.98)
    assert ranges(catalogue) == ["all"]


def test_a_dropped_download_goes_on_where_it_was(catalogue, connection, file):
    catalogue.faults[PATH] = [dropped_after(0.3), dropped_after(0.3), with_status(503), dropped_after(0.3)]
    fetch(file, connection, Recorder())
    assert arrived(file)
    third = int(0.3 * len(CONTENT))
    starts = [0, third, 2 * third, 2 * third, 3 * third]
    assert ranges(catalogue) == [f"bytes={start}-" if start else "all" for start in starts]


def test_many_drops_are_survived_as_long_as_something_arrives(catalogue, connection, file):
    catalogue.faults[PATH] = [dropped_after(0.1)] * (2 * QUICK.attempts)
    fetch(file, connection, Recorder())
    assert arrived(file)


def test_the_next_run_goes_on_where_the_last_one_ended(catalogue, connection, file, account):
    catalogue.faults[PATH] = [dropped_after(0.5)] + [hung_up] * QUICK.attempts
    with pytest.raises(ServiceError, match=r"dropped.*tried 4 times"):
        fetch(file, connection, Recorder())
    assert not file.target.exists()
    catalogue.faults.clear()
    fetch(file, Connection(catalogue.service, account, QUICK), Recorder())
    assert arrived(file)
    assert ranges(catalogue)[-1] == f"bytes={int(0.5 * len(CONTENT))}-"


def test_a_file_that_has_changed_begins_anew(catalogue, connection, file):
    part = file.target.parent / "a.zip.part"
    part.parent.mkdir()
    part.write_bytes(b"of an earlier version")
    (part.parent / "a.zip.part.version").write_text('"earlier"')
    progress = Recorder()
    fetch(file, connection, progress)
    assert arrived(file)
    assert progress.warnings == []


def test_without_a_version_an_interrupted_file_begins_anew(catalogue, connection, file):
    catalogue.etags = False
    part = file.target.parent / "a.zip.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT[:1000])
    fetch(file, connection, Recorder())
    assert arrived(file)
    assert ranges(catalogue) == ["all"]


def test_more_than_there_is_begins_anew(catalogue, connection, file):
    part = file.target.parent / "a.zip.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT + b"more")
    (part.parent / "a.zip.part.version").write_text(f'"{hashlib.sha1(CONTENT).hexdigest()}"')
    fetch(file, connection, Recorder())
    assert arrived(file)


def test_a_complete_part_is_only_verified(catalogue, connection, file):
    part = file.target.parent / "a.zip.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT)
    fetch(file, connection, Recorder())
    assert arrived(file)
    assert ranges(catalogue) == []


def test_a_damaged_file_is_downloaded_once_more(catalogue, connection, file):
    catalogue.faults[PATH] = [with_content(bytes(len(CONTENT)))]
    progress = Recorder()
    fetch(file, connection, progress)
    assert arrived(file)
    assert progress.warnings == ["a.zip has arrived damaged; it is downloaded again."]


@pytest.mark.parametrize("content", [bytes(len(CONTENT)), CONTENT[:-1], b""], ids=["other", "truncated", "empty"])
def test_a_file_that_stays_damaged_is_refused(catalogue, connection, file, content):
    catalogue.files[PATH] = content
    with pytest.raises(ServiceError, match="another size or checksum"):
        fetch(file, connection, Recorder())
    assert list(file.target.parent.iterdir()) == []


def test_the_product_list_knows_the_checksum_of_an_archive_packed_anew(catalogue, connection, tmp_path):
    path = "/odata/v1/Products(637dfcb9-6a28-487e-b6b3-9645ddc40dcc)/$value"
    catalogue.files[path] = CONTENT
    catalogue.documents[path.removesuffix("/$value")] = {
        "ContentLength": len(CONTENT),
        "Checksum": [
            {"Algorithm": "BLAKE3", "Value": "00"},
            {"Algorithm": "MD5", "Value": hashlib.md5(CONTENT).hexdigest()},
        ],
    }
    earlier = Fingerprint(len(CONTENT) - 2, "md5", "0" * 32)
    file = RemoteFile(f"{catalogue.url}{path}", tmp_path / "new" / "a.zip", earlier)
    fetch(file, connection, Recorder())
    assert arrived(file)
    catalogue.documents[path.removesuffix("/$value")]["Checksum"][1]["Value"] = "1" * 32
    with pytest.raises(ServiceError, match="another size or checksum"):
        fetch(replace(file, target=tmp_path / "b.zip"), connection, Recorder())


def test_an_archive_without_a_checksum_is_read_through(catalogue, connection, file):
    unknown = replace(file, fingerprint=Fingerprint())
    broken = bytearray(CONTENT)
    broken[1000] ^= 1
    catalogue.faults[PATH] = [with_content(bytes(broken)), with_content(b"an error page")]
    with pytest.raises(ServiceError, match="another size or checksum"):
        fetch(unknown, connection, Recorder())
    fetch(unknown, connection, Recorder())
    assert arrived(file)


def test_asking_too_often_is_waited_for(catalogue, connection, file):
    catalogue.faults[PATH] = [with_status(429, Retry_After="1")]
    begin = time.monotonic()
    fetch(file, connection, Recorder())
    assert time.monotonic() - begin >= 1.0
    assert arrived(file)


def test_a_token_that_has_expired_is_renewed_once(catalogue, connection, file):
    fetch(file, connection, Recorder())
    catalogue.token = "another"
    second = replace(file, target=file.target.parent / "b.zip")
    fetch(second, connection, Recorder())
    assert second.target.read_bytes() == CONTENT
    assert catalogue.paths("POST") == ["/token", "/token"]
    catalogue.faults[PATH] = [with_status(401)] * 9
    with pytest.raises(AccessError, match="status 401"):
        fetch(replace(file, target=file.target.parent / "c.zip"), connection, Recorder())
    assert catalogue.paths("POST") == ["/token"] * 3


def test_credentials_follow_no_redirection_to_another_host(catalogue, connection, file):
    with serving() as elsewhere:
        elsewhere.files["/a.zip"] = CONTENT
        catalogue.faults[PATH] = [with_status(302, Location=f"{elsewhere.url}/a.zip")]
        fetch(file, connection, Recorder())
        assert [asked.headers.get("Authorization") for asked in elsewhere.asked] == [None]
    assert arrived(file)


def test_credentials_follow_a_redirection_on_the_same_host(catalogue, connection, file):
    catalogue.files["/moved.zip"] = CONTENT
    catalogue.faults[PATH] = [with_status(301, Location="/moved.zip")]
    fetch(file, connection, Recorder())
    assert catalogue.asked[-1].headers["Authorization"] == f"Bearer {catalogue.token}"
    assert arrived(file)


def test_credentials_go_to_no_host_that_an_item_names(catalogue, connection, file):
    with serving() as elsewhere:
        elsewhere.files[PATH] = CONTENT
        fetch(replace(file, url=f"{elsewhere.url}{PATH}"), connection, Recorder())
        assert "Authorization" not in elsewhere.asked[0].headers
    assert catalogue.asked == []


@pytest.mark.parametrize("code", [403, 404, 410, 451])
def test_a_refusal_is_not_tried_again(catalogue, connection, file, code):
    catalogue.faults[PATH] = [with_status(code)]
    with pytest.raises(ServiceError, match=f"status {code}"):
        fetch(file, connection, Recorder())
    assert ranges(catalogue) == ["all"]


def test_a_product_that_is_still_being_fetched_is_told(catalogue, connection, file):
    catalogue.faults[PATH] = [with_status(202)]
    with pytest.raises(ServiceError, match=r"not there yet \(status 202\)"):
        fetch(file, connection, Recorder())


def test_another_part_than_asked_for_is_not_used(catalogue, connection, file):
    def wrong_part(handler):
        return handler.send(CONTENT[:10], 206, Content_Range=f"bytes 0-9/{len(CONTENT)}")

    catalogue.faults[PATH] = [dropped_after(0.5), wrong_part]
    with pytest.raises(ServiceError, match="another part"):
        fetch(file, connection, Recorder())
    assert not file.target.exists()


class CancelledAfter(Recorder):
    """Cancels some seconds after it was made."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.moment = time.monotonic() + seconds

    def check(self) -> None:
        if time.monotonic() > self.moment:
            raise Cancelled


@pytest.mark.parametrize(
    "fault", [silent(30), with_status(429, Retry_After="2"), dropped_after(0.5)], ids=["silent", "busy", "dropped"]
)
def test_cancelling_is_heard_soon_and_loses_nothing(catalogue, account, file, fault):
    patience = replace(QUICK, timeout=30.0, first_wait=30.0, longest_wait=60.0)
    catalogue.faults[PATH] = [fault]
    progress = CancelledAfter(0.5)
    with pytest.raises(Cancelled):
        fetch(file, Connection(catalogue.service, account, patience), progress)
    # Within two seconds, but nothing here waits for less than thirty, and machines may be busy.
    assert time.monotonic() - progress.moment < 10.0
    catalogue.faults.clear()
    fetch(file, Connection(catalogue.service, account, patience), Recorder())
    assert arrived(file)


def test_silence_counts_as_a_dropped_connection(catalogue, account, file):
    catalogue.faults[PATH] = [silent(5.0)]
    progress = Recorder()
    fetch(file, Connection(catalogue.service, account, replace(QUICK, timeout=1.0, attempts=8)), progress)
    assert "does not answer" in progress.warnings[0]
    assert arrived(file)


def test_a_full_disk_is_told_and_loses_nothing(catalogue, connection, file, monkeypatch):
    class FullDisk:
        def __init__(self, stream):
            self.stream = stream

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.stream.close()

        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    opened = transfer._opened
    monkeypatch.setattr(transfer, "_opened", lambda part, start: FullDisk(opened(part, start)))
    with pytest.raises(OutputError, match="No space left on device"):
        fetch(file, connection, Recorder())
    assert not file.target.exists()


def test_a_folder_that_cannot_be_made_is_told(connection, file, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError, match="cannot be written"):
        fetch(replace(file, target=tmp_path / "file" / "a.zip"), connection, Recorder())
