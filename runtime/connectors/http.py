"""One HTTP request to a gateway: never redirected, limited in time and size, its answer judged."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote

from ...dsl.node import Node, node
from .addresses import Target
from .lines import Line, line, one_line, reason_of
from .port import Postponed, Rejected, Unsure

LARGEST_BODY = 1_000_000
"""Bytes of a request."""

_LARGEST_ANSWER = 65_536
_LONGEST_KEY = 255
_LATER = frozenset({429, 503})
"""Answers of a gateway that has not done anything yet."""

_PERHAPS = frozenset({408, 409, 425})
"""Besides 5xx, answers after which the request may have been done: to be repeated where it has a key."""


@node
class Answer(Node):
    """What a gateway answered; ``body`` is the beginning of it."""

    status: int
    retry_after: str | None
    body: bytes


def post(target: Target, headers: Mapping[str, str], body: bytes, *, seconds: float, private: bool) -> Answer:
    """Send a request and wait for the answer, ``seconds`` at most. Without ``private`` to public addresses only.

    Raises :class:`~.port.DeliveryError`: :class:`Unsure` once the request was on its way.
    """
    if len(body) > LARGEST_BODY:
        raise Rejected("http_too_big", host=target.host, limit=LARGEST_BODY)
    with line(target.host, seconds) as connected:
        made = connected.connect(target.port, private=private)
        if target.scheme == "https":
            made = connected.secured(made, tls())
        connection = HTTPConnection(target.host, target.port)
        connection.sock = made
        return _asked(connected, connection, target, {"Host": target.place, **headers}, body)


def _asked(
    connected: Line, connection: HTTPConnection, target: Target, headers: Mapping[str, str], body: bytes
) -> Answer:
    try:
        connection.sock.settimeout(connected.left())
    except TimeoutError as error:
        raise Postponed("http_no_connection", host=target.host, reason=reason_of(error)) from error
    try:
        connection.request("POST", target.path, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
    except (OSError, HTTPException) as error:
        raise Unsure("http_no_answer", host=target.host, reason=reason_of(error)) from error
    try:
        beginning = response.read(_LARGEST_ANSWER)
    except (OSError, HTTPException):
        # the status has said it all
        beginning = b""
    return Answer(response.status, response.getheader("Retry-After"), beginning)


@cache
def tls() -> ssl.SSLContext:
    """Certificates are checked as the system does."""
    return ssl.create_default_context()


def judge(answer: Answer, host: str, *, keyed: bool, now: datetime) -> None:
    """Whether a gateway has taken a request; raises :class:`~.port.DeliveryError` otherwise.

    With ``keyed`` the gateway knows keys, and what it may have done can be asked again.
    """
    status = answer.status
    if 200 <= status < 300:
        return
    if status in _LATER:
        raise Postponed("http_busy", after=asked_for(answer.retry_after, now), host=host, status=status)
    if status >= 500 or status in _PERHAPS:
        if not keyed:
            raise Unsure("http_busy", host=host, status=status)
        raise Postponed("http_busy", after=asked_for(answer.retry_after, now), host=host, status=status)
    if 300 <= status < 400:
        raise Rejected("http_redirect", host=host, status=status)
    said = one_line(answer.body.decode("utf-8", "replace"))
    raise Rejected("http_refused", host=host, status=status, answer=said)


def asked_for(header: str | None, now: datetime) -> timedelta | None:
    """How long ``Retry-After`` asks to wait, in seconds or until a date; ``None`` where it does not say."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        until = parsedate_to_datetime(text)
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        return max(until - now, timedelta())
    except (ValueError, OverflowError):
        return None


def key_header(key: str) -> str:
    """An idempotency key as a header takes it: the key itself where it is plain, else percent-encoded.

    A very long one is cut, with a digest of all of it behind.
    """
    plain = quote(key, safe="!#$&'*+-.^_`|~:/@,;=()[]", errors="surrogatepass")
    if len(plain) <= _LONGEST_KEY:
        return plain
    return f"{plain[: _LONGEST_KEY - 65]}.{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"
