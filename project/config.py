"""``quand.toml``: what a project says about itself. Every key has a default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import attrs

from ..dsl import ir
from ..dsl.lexicon import languages
from ..dsl.node import Node, node
from ..runtime.budgets import DEFAULTS as BUDGETS
from ..runtime.stores.mapping import TableMapping
from .errors import ProjectError
from .paths import find_config
from .tables import read_tables

if TYPE_CHECKING:
    from .connector_settings import ConnectorSettings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_RANGE = r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)"
_AT_LINE = r"\(at line (\d+), column (\d+)\)"


@node
class Config(Node):
    """The settings of a project.

    ``settings`` are those that change what rules mean; ``data`` is the URL of the store (``None`` is memory),
    ``vocabulary`` the files read besides those a command names, ``webhook_hosts`` the hosts rules may call, ``path``
    the file all this was read from, if any. ``connectors`` are what sends effects,
    ``tables`` say where objects are kept whose tables have other names.
    """

    settings: ir.Settings = attrs.field(factory=lambda: ir.Settings(budgets=BUDGETS))
    data: str | None = None
    vocabulary: tuple[Path, ...] = ()
    webhook_hosts: tuple[str, ...] = ()
    path: Path | None = None
    tables: Mapping[str, TableMapping] = attrs.field(factory=dict[str, TableMapping])
    connectors: ConnectorSettings | None = None


def load_config(start: Path | None) -> Config:
    """The configuration that holds for ``start``, a file or folder; the defaults where there is none.

    Raises :class:`ProjectError` for a file that cannot be read, an unknown key, or a value that will not do.
    """
    path = find_config(start) if start is not None else None
    return read_config(path) if path is not None else Config()


def read_config(path: Path) -> Config:
    """The configuration in a file. Raises :class:`ProjectError`."""
    # many projects have no configuration
    import tomllib

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ProjectError.of("cannot_read", error, str(path)) from error
    except UnicodeDecodeError as error:
        raise ProjectError("config_not_utf8", file=str(path)) from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, str(error)) from error
    return _Reader(path, text).read(tables)


def _syntax_error(path: Path, text: str, reason: str) -> ProjectError:
    place = re.search(_AT_LINE, reason)
    line = int(place.group(1)) if place else text.count("\n") + 1
    column = int(place.group(2)) if place else None
    return ProjectError("config_syntax", file=str(path), line=line, column=column)


class _Reader:
    """Reads the tables of one file, key by key."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.heading = ""
        """The heading of the table that is read, without its brackets."""

    def read(self, tables: Mapping[str, Any]) -> Config:
        readers: dict[str, Callable[[Any], Any]] = {
            "language": self.language,
            "timezone": self.timezone,
            "currency": self.currency,
            "holidays": self.holidays,
            "hours": self.hours,
            "budgets": self.budgets,
            "data": self.data,
            "vocabulary": self.vocabulary,
            "webhook_hosts": self.webhook_hosts,
            "tables": self.tables,
            "connectors": self.connectors,
        }
        values: dict[str, Any] = {"budgets": BUDGETS}
        for key, value in tables.items():
            if key not in readers:
                self.unknown(key, list(readers))
            values[key] = readers[key](value)
        others = ("data", "vocabulary", "webhook_hosts", "tables", "connectors")
        own = {key: values.pop(key) for key in others if key in values}
        return Config(settings=ir.Settings(**values), path=self.path, **own)

    # --- one method per key ---------------------------------------------------------------------------------------

    def language(self, value: Any) -> str:
        if value not in languages():
            self.wrong("language", "config_language", value, names=list(languages()))
        return value

    def timezone(self, value: Any) -> str:
        # zoneinfo costs start-up time and is needed only where a zone is named
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(self.string("timezone", value))
        except (ValueError, OSError, KeyError):
            self.wrong("timezone", "config_timezone", value)
        return value

    def currency(self, value: Any) -> str:
        if not re.fullmatch(r"[A-Z]{3}", self.string("currency", value)):
            self.wrong("currency", "config_currency", value)
        return value

    def holidays(self, value: Any) -> str:
        if not re.fullmatch(r"|[A-Z]{2}(-[A-Z0-9]{1,4})?", self.string("holidays", value)):
            self.wrong("holidays", "config_holidays", value)
        return value

    def hours(self, value: Any) -> dict[str, str]:
        hours: dict[str, str] = {}
        for days, ranges in self.mapping("hours", value).items():
            first, _, last = days.partition("-")
            if first not in DAYS or (last or first) not in DAYS:
                self.wrong(days, "config_days", days, names=list(DAYS))
            parts = [part.strip() for part in ranges.split(",")] if isinstance(ranges, str) else []
            if not parts or not _ordered(parts):
                self.wrong(days, "config_hours", ranges)
            low, high = DAYS.index(first), DAYS.index(last or first)
            span = range(low, high + 1) if low <= high else (*range(low, 7), *range(high + 1))
            for day in span:
                hours[str(day + 1)] = ",".join(parts)
        return hours

    def budgets(self, value: Any) -> dict[str, int]:
        budgets = dict(BUDGETS)
        for key, amount in self.mapping("budgets", value).items():
            if key not in BUDGETS:
                self.unknown(key, list(BUDGETS))
            if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
                self.wrong(key, "config_budget", amount)
            budgets[key] = amount
        return budgets

    def data(self, value: Any) -> str:
        url = self.string("data", value)
        scheme, separator, rest = url.partition("://")
        if not separator or not scheme:
            self.wrong("data", "config_data", value)
        # A file named in quand.toml is beside it, wherever the command is run from.
        if (
            rest.startswith("/")
            and not rest.startswith("//")
            and scheme in {"sqlite", "duckdb"}
            and rest != "/:memory:"
        ):
            return f"{scheme}:///{(self.path.absolute().parent / rest[1:]).as_posix()}"
        return url

    def vocabulary(self, value: Any) -> tuple[Path, ...]:
        return tuple(self.path.parent / name for name in self.strings("vocabulary", value))

    def webhook_hosts(self, value: Any) -> tuple[str, ...]:
        return tuple(self.strings("webhook_hosts", value))

    def tables(self, value: Any) -> dict[str, TableMapping]:
        return read_tables(value, self)

    def connectors(self, value: Any) -> ConnectorSettings:
        # few projects send, and the others pay for nothing
        from .connector_settings import ConnectorSettings

        return ConnectorSettings.read(self.mapping("connectors", value), self)

    # --- kinds of values ------------------------------------------------------------------------------------------

    def string(self, key: str, value: Any) -> str:
        if not isinstance(value, str):
            self.wrong(key, "config_text", value)
        return value

    def strings(self, key: str, value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in cast("list[Any]", value)):
            self.wrong(key, "config_texts", value)
        return cast("list[str]", value)

    def mapping(self, key: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.wrong(key, "config_table", value)
        return cast("dict[str, Any]", value)

    # --- errors ---------------------------------------------------------------------------------------------------

    def unknown(self, key: str, known: list[str]) -> NoReturn:
        # only for a message about an unknown key
        from difflib import get_close_matches

        near = get_close_matches(key, known, 1)
        line = self.line_of(key)
        if near:
            raise ProjectError("config_unknown_near", file=str(self.path), line=line, name=key, near=near[0])
        raise ProjectError("config_unknown", file=str(self.path), line=line, name=key, names=known)

    def wrong(self, key: str, reason: str, value: Any, **args: Any) -> NoReturn:
        raise ProjectError(reason, file=str(self.path), line=self.line_of(key), name=key, value=value, **args)

    def line_of(self, key: str) -> int | None:
        """The line a key stands on, from 1; in the table under way, where it has a heading."""
        heading = re.search(rf"^\s*\[{re.escape(self.heading)}\]", self.text, re.MULTILINE) if self.heading else None
        start = heading.end() if heading else 0
        search = re.compile(rf"""^[^#\n]*?(?<![\w-])["']?{re.escape(key)}["']?\s*[=\].]""", re.MULTILINE)
        match = search.search(self.text, start) or search.search(self.text)
        return self.text.count("\n", 0, match.end()) + 1 if match else None


def _ordered(ranges: list[str]) -> bool:
    """Whether each range is ``HH:MM-HH:MM``, ends after it starts, and starts after the one before."""
    last = ""
    for text in ranges:
        if not re.fullmatch(_RANGE, text):
            return False
        start, _, end = text.partition("-")
        if start < last or end <= start:
            return False
        last = end
    return True
