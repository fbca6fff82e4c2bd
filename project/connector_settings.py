"""What ``[connectors]`` of ``quand.toml`` may hold: the settings of each connector, and what each value has to be.

Secrets are never in the file: a setting whose name ends in ``_env`` names the variable of the environment that has one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol

import attrs

from ..dsl.node import Node, node
from ..runtime.connectors.addresses import target_of
from ..runtime.connectors.people import email_address
from ..runtime.connectors.port import Rejected

Check = Callable[[Any], str | None]
"""The message for a value that will not do, ``None`` for one that does."""


@node
class ConnectorSettings(Node):
    """What ``[connectors]`` says: each table as it is written, once it is checked. An empty one is not configured.

    ``webhook`` has one table for each host. ``attempts`` and ``hours`` are when an effect is given up.
    """

    email: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    sms: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    webhook: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict[str, Mapping[str, Any]])
    notify: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    log: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    documents: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    attempts: int | None = None
    hours: int | None = None
    folder: Path = Path()
    """Where files with a relative name are."""

    @classmethod
    def read(cls, tables: Mapping[str, Any], reader: Reader) -> ConnectorSettings:
        """What the tables say. Raises :class:`~.errors.ProjectError` for a setting that will not do."""
        known = [*SETTINGS, *_LIMITS]
        values: dict[str, Any] = {}
        for name, value in tables.items():
            if name not in known:
                reader.unknown(name, known)
            if name in _LIMITS:
                _check(name, value, _whole, reader)
                values[name] = value
            elif name == "webhook":
                hosts = reader.mapping(name, value)
                values[name] = {
                    _host(host, reader): _table(host, f'webhook."{host}"', name, host_value, reader)
                    for host, host_value in hosts.items()
                }
            else:
                values[name] = _table(name, name, name, value, reader)
        reader.heading = ""
        return cls(**values, folder=reader.path.absolute().parent)


class Reader(Protocol):
    """What reads ``quand.toml``: it knows the lines, and raises :class:`~.errors.ProjectError`."""

    path: Path
    heading: str

    def mapping(self, key: str, value: Any) -> dict[str, Any]: ...

    def unknown(self, key: str, known: list[str]) -> NoReturn: ...

    def wrong(self, key: str, reason: str, value: Any, **args: Any) -> NoReturn: ...


def _table(name: str, place: str, connector: str, value: Any, reader: Reader) -> dict[str, Any]:
    """The settings of one connector, each checked; ``place`` is its heading, ``name`` the last part of that."""
    table = reader.mapping(name, value)
    reader.heading = f"connectors.{place}"
    checks = SETTINGS[connector]
    for key, given in table.items():
        if key not in checks:
            reader.unknown(key, list(checks))
        _check(key, given, checks[key], reader)
    for key in REQUIRED[connector]:
        if key not in table:
            reader.wrong(name, "config_required", value, table=reader.heading, missing=key)
    return table


def _check(key: str, value: Any, check: Check | OneOf, reader: Reader) -> None:
    if isinstance(check, OneOf):
        if value not in check.words:
            reader.wrong(key, "config_one_of", value, names=list(check.words))
        return
    message = check(value)
    if message is not None:
        reader.wrong(key, message, value)


def _host(name: str, reader: Reader) -> str:
    try:
        return host_name(name)
    except ValueError:
        reader.wrong(name, "config_host", name)


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) and value.strip() and value.isprintable() else "config_text"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "config_flag"


def _whole(value: Any) -> str | None:
    return None if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else "config_budget"


def _seconds(value: Any) -> str | None:
    # a process that died is taken over when its lease ends: within a minute
    return None if _whole(value) is None and value <= 40 else "config_seconds"


def _port(value: Any) -> str | None:
    return None if _whole(value) is None and value <= 65535 else "config_port"


def _variable(value: Any) -> str | None:
    return None if isinstance(value, str) and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value) else "config_variable"


def _url(value: Any) -> str | None:
    try:
        target_of(value)
    except (ValueError, TypeError):
        return "config_url"
    return None


def _email(value: Any) -> str | None:
    try:
        email_address(value, lambda reference: None)
    except Rejected:
        return "config_email"
    return None


def _header(value: Any) -> str | None:
    return None if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9-]+", value) else "config_header"


def _country(value: Any) -> str | None:
    return None if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,3}", value) else "config_country_code"


@node
class OneOf(Node):
    """The words that a value may be."""

    words: tuple[str, ...]


def _one_of(*words: str) -> OneOf:
    return OneOf(words)


_COMMON: Mapping[str, Check] = {
    "at_most_once": _flag,
    "per_hour": _whole,
    "per_day": _whole,
    "seconds": _seconds,
}

_LIMITS = ("attempts", "hours")

SETTINGS: Mapping[str, Mapping[str, Check | OneOf]] = {
    "email": {
        "host": _text,
        "port": _port,
        "security": _one_of("starttls", "tls", "none"),
        "user": _text,
        "password_env": _variable,
        "from": _email,
        "name": _text,
        "reply_to": _email,
        **_COMMON,
    },
    "sms": {
        "url": _url,
        "token_env": _variable,
        "token_header": _header,
        "from": _text,
        "country_code": _country,
        "to_field": _text,
        "text_field": _text,
        "from_field": _text,
        **_COMMON,
    },
    "webhook": {"key_env": _variable, "private": _flag, "http": _flag},
    "notify": {"by": _one_of("email", "sms", "file"), "file": _text},
    "log": {"file": _text},
    "documents": {"templates": _text, "folder": _text, "seconds": _seconds, "megabytes": _whole},
}
"""The settings of each connector, with the check of each value or the words it may be."""

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "email": ("host", "from"),
    "sms": ("url",),
    "webhook": ("key_env",),
    "notify": ("by",),
    "log": ("file",),
    "documents": ("templates",),
}


def host_name(name: str) -> str:
    """How a host is listed, ``api.example.com`` or ``api.example.com:8443``, in any case. Raises ``ValueError``."""
    target = target_of(f"https://{name}/")
    if target.path != "/":
        raise ValueError(name)
    return target.place
