"""How people are reached: from what a rule says, a person or a text, to an address or a number."""

from __future__ import annotations

import re

from ...dsl.values import Reference, Value
from .addresses import ascii_host
from .port import Reader, Rejected

EMAIL_FIELD, PHONE_FIELD = "email", "phone"
"""The fields that hold them, in the standard vocabulary."""

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_BETWEEN_DIGITS = re.compile(r"[\s.()/\u2010-\u2015-]+")
_NUMBER = re.compile(r"\+?[0-9]{3,15}")


def email_address(value: Value, read: Reader) -> str:
    """One e-mail address, in ASCII. Raises :class:`~.port.Rejected`."""
    text = _told(value, EMAIL_FIELD, read)
    local, _, domain = text.strip().rpartition("@")
    try:
        host = ascii_host(domain)
    except ValueError:
        host = ""
    if not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(host) or len(local) > 64 or len(host) > 253:
        raise Rejected("email_bad_address", value=text[:100])
    return f"{local}@{host}"


def phone_number(value: Value, read: Reader, country_code: str) -> str:
    """One number without spaces; a national one, ``06...``, becomes ``+336...`` where the country is known.

    Raises :class:`~.port.Rejected`.
    """
    text = _told(value, PHONE_FIELD, read)
    number = _BETWEEN_DIGITS.sub("", text)
    if not number.isascii() or not _NUMBER.fullmatch(number):
        raise Rejected("sms_bad_number", value=text[:100])
    if number.startswith("00"):
        return f"+{number[2:]}"
    if country_code and number.startswith("0"):
        return f"+{country_code}{number[1:]}"
    return number


def _told(value: Value, field: str, read: Reader) -> str:
    """The text itself, or what is stored of a person."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Reference):
        raise Rejected("recipient_missing")
    record = read(value)
    if record is None:
        raise Rejected("recipient_gone", object=value.id)
    found = record.get(field)
    if not isinstance(found, str) or not found.strip():
        raise Rejected(f"recipient_without_{field}", object=value.id)
    return found
