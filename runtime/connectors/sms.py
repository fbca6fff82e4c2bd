"""SMS through a gateway that takes JSON over HTTP, with the effect's key in ``Idempotency-Key``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import attrs

from ...dsl.values import Value
from ..results import json_text
from ..stores.port import Effect
from .addresses import target_of
from .http import judge, key_header, post
from .people import phone_number
from .port import Rate, Reader

FIELDS: Mapping[str, str] = {"to": "to", "text": "text", "from": "from"}
"""How the members of the request are called, unless said."""


@attrs.frozen
class SmsConnector:
    """Sends effects as SMS. The arguments called ``to`` and ``text`` are those of ``send SMS``.

    ``url`` is the gateway's; ``fields`` names the members of the request. The ``token`` goes into ``token_header``,
    behind ``Bearer`` where that is ``Authorization``. ``country_code``, ``33``, makes national numbers international.
    The administrator wrote the address, so that it may be private.
    """

    url: str
    token: str = attrs.field(default="", repr=False)
    token_header: str = "Authorization"  # noqa: S105 - the name of a header
    sender: str = ""
    fields: Mapping[str, str] = FIELDS
    country_code: str = ""
    seconds: float = 15.0
    at_most_once: bool = False
    rates: tuple[Rate, ...] = ()
    to: str = "recipient"
    text: str = "text"

    def recipient(self, effect: Effect, read: Reader) -> str:
        """The number of the person, or the text that is one."""
        return phone_number(effect.arguments.get(self.to), read, self.country_code)

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        """Send one request."""
        target = target_of(self.url)
        headers = {"Content-Type": "application/json", "Idempotency-Key": key_header(effect.key)}
        if self.token:
            bearer = self.token_header.casefold() == "authorization"
            headers[self.token_header] = f"Bearer {self.token}" if bearer else self.token
        members = {self.fields["to"]: recipient, self.fields["text"]: _text(effect.arguments.get(self.text))}
        if self.sender:
            members[self.fields["from"]] = self.sender
        body = json_text(members).encode("utf-8", "replace")
        answer = post(target, headers, body, seconds=self.seconds, private=True)
        judge(answer, target.host, keyed=not self.at_most_once, now=datetime.now(UTC))


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
