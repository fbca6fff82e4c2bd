"""Calls of other programs: only hosts that are listed, signed, and never into a private network unawares.

The body is signed with the host's key, together with the instant of the call, so that nobody can send it again later:
``Quand-Signature: sha256=<HMAC-SHA256 of "<timestamp>.<body>", in hexadecimal>``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import attrs

from ..results import instant, json_text, plain
from ..stores.port import Effect
from .addresses import Target, target_of
from .http import judge, key_header, post
from .port import Rate, Reader, Rejected

ADDRESS = "address"
"""The argument that says where; all others are data."""


@attrs.frozen
class Host:
    """A host that rules may call. ``private``: it may be in a private network; ``http``: TLS is not demanded."""

    key: str = attrs.field(repr=False)
    private: bool = False
    http: bool = False


def now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


@attrs.frozen
class WebhookConnector:
    """Calls the addresses that rules name. ``hosts`` are by name, ``api.example.com`` or ``api.example.com:8443``.

    Amounts in ``currency`` are bare numbers.
    """

    hosts: Mapping[str, Host]
    currency: str = "EUR"
    seconds: float = 15.0
    at_most_once: bool = False
    rates: tuple[Rate, ...] = ()
    clock: Callable[[], datetime] = now

    def recipient(self, effect: Effect, read: Reader) -> str:
        """The host, if it is listed."""
        return self._target(effect)[0].place

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        """Send one signed request."""
        target, host = self._target(effect)
        called = self.clock()
        body = self.body(effect)
        timestamp = str(int(called.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key_header(effect.key),
            "Quand-Timestamp": timestamp,
            "Quand-Signature": signature(host.key, timestamp, body),
        }
        answer = post(target, headers, body, seconds=self.seconds, private=host.private)
        judge(answer, target.place, keyed=not self.at_most_once, now=called)

    def body(self, effect: Effect) -> bytes:
        """What the other program is told: the data that the rule gives, and which rule did so about what."""
        given = {name: plain(value, self.currency) for name, value in effect.arguments.items() if name != ADDRESS}
        about = effect.object
        told: dict[str, Any] = {
            "key": effect.key,
            "rule": effect.rule,
            "object": None if about is None else {"object": about.object, "id": about.id},
            "event": effect.event,
            "at": instant(effect.at),
            "data": given,
        }
        return json_text(told).encode("utf-8", "replace")

    def _target(self, effect: Effect) -> tuple[Target, Host]:
        """Where the call goes. Raises :class:`~.port.Rejected`."""
        address = effect.arguments.get(ADDRESS)
        if not isinstance(address, str):
            raise Rejected("webhook_bad_address", value="")
        try:
            target = target_of(address)
        except ValueError as error:
            raise Rejected("webhook_bad_address", value=address[:200]) from error
        host = self.hosts.get(target.place)
        if host is None:
            raise Rejected("webhook_not_listed", host=target.place)
        if target.scheme != "https" and not host.http:
            raise Rejected("webhook_not_https", host=target.place)
        return target, host


def signature(key: str, timestamp: str, body: bytes) -> str:
    """The value of ``Quand-Signature``."""
    return "sha256=" + hmac.new(key.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()
