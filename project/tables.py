"""The sections ``[tables]`` of ``quand.toml``: which tables and columns hold which objects and fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, Protocol, cast

from ..runtime.stores.mapping import TableMapping

_MOST_DECIMALS = 20


class Reader(Protocol):
    """What tells a wrong key or value of the file."""

    def unknown(self, key: str, known: list[str]) -> NoReturn: ...
    def wrong(self, key: str, reason: str, value: Any, **args: Any) -> NoReturn: ...
    def string(self, key: str, value: Any) -> str: ...


def read_tables(value: Any, reader: Reader) -> dict[str, TableMapping]:
    """The mapping by the name of the object, in any language."""
    return {
        name: _table(name, _section(name, given, reader), reader)
        for name, given in _section("tables", value, reader).items()
    }


def _table(name: str, given: Mapping[str, Any], reader: Reader) -> TableMapping:
    known = ["table", "columns"]
    for key in given:
        if key not in known:
            reader.unknown(key, known)
    columns: dict[str, str] = {}
    scales: dict[str, int] = {}
    for field, said in _section("columns", given.get("columns", {}), reader).items():
        if isinstance(said, str):
            columns[field] = said
            continue
        parts = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
        if not parts or not parts.keys() <= {"column", "scale"} or not _is_scale(parts.get("scale", 0)):
            reader.wrong(field, "config_column", said)
        if "column" in parts:
            columns[field] = reader.string(field, parts["column"])
        if "scale" in parts:
            scales[field] = parts["scale"]
    table = given.get("table")
    return TableMapping(None if table is None else reader.string("table", table), columns, scales)


def _is_scale(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_DECIMALS


def _section(key: str, value: Any, reader: Reader) -> dict[str, Any]:
    if not isinstance(value, dict):
        reader.wrong(key, "config_section", value)
    return cast("dict[str, Any]", value)
