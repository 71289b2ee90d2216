# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests to a service: with credentials where they belong, errors as sentences, and no secret in any of them."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from ..errors import AccessError, ServiceError
from ..progress import Progress
from .addresses import check_confidential, checked, host, shown
from .credentials import Credentials
from .patience import Passing, Patience, asked_wait, awaited, persist
from .service import Service

_CLIENT = "cdse-public"  # how the Copernicus Data Space calls programs that have no account of their own
_LARGEST = 64 << 20  # bytes; an answer of a catalogue has a few million
_EARLY = 30.0  # seconds before its end from which a token is not used any more
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))
_AGENT = "s2landcover"


class TokenRefused(AccessError):
    """A service does not accept, or misses, credentials (401)."""


class RangeRefused(ServiceError):
    """A file does not have the part that was asked for (416)."""


class Connection:
    """Opens addresses on behalf of a user.

    Args:
        service: who is asked.
        credentials: sent to the hosts that the service trusts, over encrypted connections, and nowhere else.
        patience: how long to wait.
    """

    def __init__(self, service: Service, credentials: Credentials, patience: Patience) -> None:
        self.service = service
        self.patience = patience
        self._credentials = credentials
        self._token = credentials.token
        self._end_of_token = float("inf")
        self._opener = _opener(self._authorization)

    def open(
        self, url: str, progress: Progress, headers: Mapping[str, str] | None = None, data: bytes | None = None
    ) -> http.client.HTTPResponse:
        """Return the answer of a server, to be read and then given to `release`.

        Raises:
            Passing: if it may work later.
            TokenRefused: if credentials are missing or not accepted.
            ServiceError: if the server refuses for another reason.
            InputError: if the address is none.
            Cancelled: if the user asked to stop.
        """
        checked(url)
        if self.service.trusts(url):
            self.log_in(progress)
        request = _request(url, headers, data)
        authorization = self._authorization(url)
        if authorization:
            request.add_unredirected_header("Authorization", authorization)
        return self._opened(request, progress)

    def json(self, url: str, progress: Progress, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the JSON object that a server answers with, asked patiently.

        Args:
            url: the address.
            progress: hears of waiting, and can cancel.
            document: is posted; without one the address is just read.

        Raises:
            ServiceError: if it does not.
            InputError: if the address is none.
            Cancelled: if the user asked to stop.
        """
        data = None if document is None else json.dumps(document).encode()
        headers = {"Accept": "application/geo+json, application/json"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        return persist(lambda: _parsed(self.open(url, progress, headers, data), url, progress), self.patience, progress)

    def renew(self) -> bool:
        """Forget a token that is not accepted any more; return whether another one can be had."""
        can = bool(self._token and not self._credentials.token and self._can_log_in)
        self._token = self._credentials.token
        return can

    @property
    def _can_log_in(self) -> bool:
        return bool(self._credentials.username and self.service.token_url)

    def _authorization(self, url: str) -> str:
        """Return the header that a host gets; empty for one that gets none."""
        if not self.service.trusts(url):
            return ""
        value = ""
        if self._token:
            value = f"Bearer {self._token}"
        elif self._credentials.username and not self.service.token_url:
            value = self._credentials.basic()
        if value:
            check_confidential(url)
        return value

    def log_in(self, progress: Progress) -> None:
        """Get a token for user name and password, unless there is one or none is needed.

        Raises:
            AccessError: if they are not accepted, or would be sent unencrypted.
            ServiceError: if the service cannot be reached, or answers otherwise than it should.
            Cancelled: if the user asked to stop.
        """
        if (self._token and time.monotonic() < self._end_of_token) or not self._can_log_in:
            return
        check_confidential(self.service.token_url)
        try:
            answer = persist(lambda: self._token_answer(progress), self.patience, progress)
        except AccessError:
            raise AccessError(
                f"{host(self.service.token_url)} does not accept this user name and password. Check both; an account "
                "with two-factor authentication needs a token."
            ) from None
        token = answer.get("access_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise ServiceError(f"{shown(self.service.token_url)} did not answer with a token. Check its address.")
        self._token = token
        lasts = answer.get("expires_in")
        self._end_of_token = time.monotonic() + (lasts if isinstance(lasts, (int, float)) else 300) - _EARLY

    def _token_answer(self, progress: Progress) -> dict[str, Any]:
        url = self.service.token_url
        form = {
            "grant_type": "password",
            "client_id": _CLIENT,
            "username": self._credentials.username,
            "password": self._credentials.password,
        }
        request = _request(url, {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form).encode())
        return _parsed(self._opened(request, progress), url, progress)

    def _opened(self, request: urllib.request.Request, progress: Progress) -> http.client.HTTPResponse:
        url = request.full_url
        try:
            answer: http.client.HTTPResponse = awaited(
                lambda: self._opener.open(request, timeout=self.patience.timeout), progress
            )
        except urllib.error.HTTPError as error:
            refusal = refused(error.code, url, error.headers)
            error.close()
            raise refusal from None
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, ServiceError):
                raise
            raise interrupted(error, url) from None
        return answer


def release(response: http.client.HTTPResponse) -> None:
    """Close an answer; in a thread, as one that is still being read only closes after that."""
    threading.Thread(target=response.close, daemon=True).start()


def refused(status: int, url: str, headers: Message) -> Exception:
    """Return what a status other than success means."""
    if status in _PASSING:
        reason = "is asked too often" if status == 429 else "has a problem of its own"
        return Passing(f"{host(url)} {reason} (status {status}).", asked_wait(headers.get("Retry-After")))
    if status == 401:
        return TokenRefused(
            f"{host(url)} accepts no download with these credentials, or without any (status 401). Check user name and "
            "password; a token may have expired. What the environment holds goes to other catalogues only if an "
            "address for tokens is given."
        )
    if status == 403:
        return AccessError(f"This account may not load {shown(url)} (status 403). Check what it is entitled to.")
    if status == 416:
        return RangeRefused(f"{shown(url)} is shorter than what is there already (status 416).")
    if status in (404, 410):
        return ServiceError(f"There is nothing at {shown(url)} (status {status}). Check the address, or search again.")
    return ServiceError(f"{shown(url)} was refused (status {status}). Check the address and the parameters.")


def interrupted(error: Exception, url: str) -> Exception:
    """Return what an error of the network means; its text may hold secrets, so it is not repeated."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return ServiceError(
            f"The certificate of {host(url)} cannot be verified, so nothing was sent to it. Check the address, this "
            "computer's clock and its network."
        )
    if isinstance(reason, socket.gaierror):
        return Passing(f"There is no host {host(url)} on the network; check the address and the connection.")
    if isinstance(reason, (TimeoutError, socket.timeout)):
        return Passing(f"{host(url)} does not answer.")
    return Passing(f"The connection to {host(url)} was dropped.")


def _request(url: str, headers: Mapping[str, str] | None, data: bytes | None) -> urllib.request.Request:
    return urllib.request.Request(url, data=data, headers={"User-Agent": _AGENT, **(headers or {})})


def _parsed(response: http.client.HTTPResponse, url: str, progress: Progress) -> dict[str, Any]:
    try:
        content = awaited(lambda: response.read(_LARGEST), progress)
        missing = response.length
    except (OSError, http.client.HTTPException) as error:
        raise interrupted(error, url) from None
    finally:
        release(response)
    if missing and len(content) < _LARGEST:
        raise Passing(f"The connection to {host(url)} was dropped.")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ServiceError(
            f"{shown(url)} does not answer as a catalogue does: its answer is no JSON object. Check the address."
        )
    return document


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirections; credentials go along only to hosts that are trusted with them."""

    def __init__(self, authorization: Callable[[str], str]) -> None:
        self._authorization = authorization

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise ServiceError(f"{shown(req.full_url)} leads to an address that is not safe, {shown(newurl)}.")
        request = super().redirect_request(req, fp, code, msg, headers, checked(newurl))
        authorization = self._authorization(newurl)
        if request is not None and authorization:
            request.add_unredirected_header("Authorization", authorization)
        return request


def _opener(authorization: Callable[[str], str]) -> urllib.request.OpenerDirector:
    """Return an opener for the web only: no files, no FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        _Redirects(authorization),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener
