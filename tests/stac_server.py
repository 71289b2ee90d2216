# SPDX-License-Identifier: GPL-2.0-or-later
"""A catalogue with its files on this computer, which misbehaves when told to."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import numpy as np

from s2landcover_plugin.core.catalogue.patience import Patience
from s2landcover_plugin.core.catalogue.service import Service

SECRET = "hunter2-Pa55w0rd"
USER = "somebody@example.com"
TOKEN = "tok3n-abcdef"
QUICK = Patience(timeout=20.0, attempts=4, first_wait=0.01, longest_wait=2.0)


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Catalogue:
    """What the server has and how it behaves.

    `faults` maps a path to what happens to the next requests for it: each is taken once, then it works.
    """

    features: list[dict] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, object] = field(default_factory=dict)
    faults: dict[str, list[Callable[[Handler], bool]]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    token: str = TOKEN
    needs_token: bool = False
    page: int = 2
    etags: bool = True
    address: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def service(self) -> Service:
        """As of the Copernicus Data Space, but here."""
        return Service(f"{self.url}/v1", f"{self.url}/token", f"{self.url}/odata/v1", (self.address,), True)

    def paths(self, method: str = "GET") -> list[str]:
        return [asked.path for asked in self.asked if asked.method == method]

    def add(self, name: str, content: bytes, cloud: float | None = 5.0, **changes: object) -> str:
        """Offer a product; return the path of its file."""
        path = f"/files/{name}.zip"
        self.files[path] = content
        self.features.append(feature(name, f"{self.url}{path}", content, cloud, **changes))
        return path


def archive(seed: int = 0, size: int = 300_000) -> bytes:
    """Return a zip that does not compress: a stand-in for a product."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        entry = zipfile.ZipInfo(f"product-{seed}.SAFE/data.jp2")
        opened.writestr(entry, np.random.default_rng(seed).bytes(size))
    return buffer.getvalue()


def feature(name: str, href: str, content: bytes, cloud: float | None, **asset: object) -> dict:
    """Return a scene as the Copernicus Data Space describes it."""
    ring = [[14.0, 52.0], [15.6, 52.0], [15.6, 53.0], [14.0, 53.0], [14.0, 52.0]]
    product = {
        "href": href,
        "type": "application/zip",
        "file:size": len(content),
        "file:checksum": f"d50110{hashlib.md5(content).hexdigest()}",
        **asset,
    }
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [14.0, 52.0, 15.6, 53.0],
        "properties": {"datetime": "2024-06-01T10:10:31.024Z", "eo:cloud_cover": cloud},
        "assets": {
            "B04_10m": {"href": "s3://eodata/B04.jp2", "type": "image/jp2"},
            "Product": {key: value for key, value in product.items() if value is not None},
        },
    }


class Handler(BaseHTTPRequestHandler):
    """Answers from the server's `catalogue`."""

    protocol_version = "HTTP/1.1"
    timeout = 5

    @property
    def catalogue(self) -> Catalogue:
        return self.server.catalogue

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._note(b"")
        if not self._fault():
            self._answer()

    def do_POST(self):
        self._note(self.rfile.read(int(self.headers["Content-Length"])))
        if self._fault():
            return
        if self.path == "/token":
            self._log_in()
        elif self.path.startswith("/v1/search"):
            self._search()
        else:
            self.status(404)

    def status(self, code: int, **headers: str) -> bool:
        """Answer with nothing but a status."""
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return True

    def send(self, content: bytes, code: int = 200, say: int | None = None, **headers: str) -> bool:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content) if say is None else say))
        self.end_headers()
        self.wfile.write(content)
        return True

    def _note(self, body: bytes) -> None:
        self.catalogue.asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))

    def _fault(self) -> bool:
        waiting = self.catalogue.faults.get(self.path)
        return waiting.pop(0)(self) if waiting else False

    def _log_in(self) -> None:
        form = parse_qs(self.catalogue.asked[-1].body.decode())
        fine = form.get("username") == [USER] and form.get("password") == [SECRET]
        fine = fine and form.get("grant_type") == ["password"] and form.get("client_id") == ["cdse-public"]
        if fine:
            self.send(json.dumps({"access_token": self.catalogue.token, "expires_in": 600}).encode())
        else:
            self.send(b'{"error": "invalid_grant"}', 401)

    def _search(self) -> None:
        """Two scenes a page; the next one is posted with what the link says, merged into what was asked."""
        body = json.loads(self.catalogue.asked[-1].body)
        start = int(body.get("token", 0))
        stop = start + self.catalogue.page
        answer = {"type": "FeatureCollection", "features": self.catalogue.features[start:stop], "links": []}
        if stop < len(self.catalogue.features):
            href = f"{self.catalogue.url}/v1/search"
            link = {"rel": "next", "method": "POST", "href": href, "merge": True, "body": {"token": str(stop)}}
            answer["links"].append(link)
        self.send(json.dumps(answer).encode())

    def _answer(self) -> None:
        catalogue = self.catalogue
        if self.path in catalogue.documents:
            self.send(json.dumps(catalogue.documents[self.path]).encode())
        elif self.path not in catalogue.files:
            self.status(404)
        elif catalogue.needs_token and self.headers["Authorization"] != f"Bearer {catalogue.token}":
            self.status(401)
        else:
            self._send_file(catalogue.files[self.path])

    def _send_file(self, content: bytes) -> None:
        etag = f'"{hashlib.sha1(content).hexdigest()}"'
        headers = {"ETag": etag} if self.catalogue.etags else {}
        wanted = self.headers["Range"]
        if wanted is None or self.headers["If-Range"] not in (None, etag):
            self.send(content, **headers)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(content):
            self.status(416, Content_Range=f"bytes */{len(content)}")
        else:
            stated = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.send(content[start:], 206, Content_Range=stated, **headers)


def dropped_after(share: float) -> Callable[[Handler], bool]:
    """Send a part of a file from where it is asked for, and hang up."""

    def fault(handler: Handler) -> bool:
        content = handler.catalogue.files[handler.path]
        start = int((handler.headers["Range"] or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        rest = content[start:]
        code, headers = 200, {"ETag": f'"{hashlib.sha1(content).hexdigest()}"'}
        if start:
            code, headers["Content_Range"] = 206, f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.send(rest[: int(share * len(content))], code, len(rest), **headers)
        handler.close_connection = True
        return True

    return fault


def with_status(code: int, **headers: str) -> Callable[[Handler], bool]:
    """Answer with a status instead."""
    return lambda handler: handler.status(code, **headers)


def with_content(content: bytes) -> Callable[[Handler], bool]:
    """Answer with something else instead."""
    return lambda handler: handler.send(content)


def hung_up(handler: Handler) -> bool:
    """Close the connection without a word."""
    handler.close_connection = True
    return True


def silent(seconds: float) -> Callable[[Handler], bool]:
    """Say nothing for a while, then go on as usual."""

    def fault(handler: Handler) -> bool:
        handler.server.closing.wait(seconds)
        return False

    return fault


@contextmanager
def serving() -> Iterator[Catalogue]:
    """Run a server until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.closing = threading.Event()
    server.catalogue = Catalogue(address=f"127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.catalogue
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
