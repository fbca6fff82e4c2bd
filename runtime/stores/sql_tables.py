"""The table of a type of objects: its key, its columns, and records to and from its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import attrs
import sqlalchemy as sa

from ...dsl.types import Type, reference_to
from ...dsl.values import Money, Reference, Value
from .port import Record, StoreRefused
from .sql_own import raw_table
from .sql_values import TRUTHS, Unfit, decode, encode, guarded, unguarded

_KEY = reference_to("")


@attrs.frozen
class FieldColumn:
    """Where a field is kept. ``currency`` is the column of an amount's currency.

    ``only`` is the one currency of amounts without such a column, ``truths`` what stands for yes and for no in a
    column of texts. ``fills`` says that the database fills the column where nothing is written, ``computed`` that it
    always does, ``needed`` that the column cannot be empty.
    """

    field: str
    type: Type
    name: str
    storage: str
    scale: int | None = None
    currency: str | None = None
    only: str | None = None
    truths: tuple[str, str] = TRUTHS
    fills: bool = False
    computed: bool = False
    needed: bool = False

    def encoded(self, value: Value) -> dict[str, Any]:
        """The contents of the columns for a value. Raises :class:`Unfit`."""
        if isinstance(value, bool) and self.storage == "text" and self.type.kind == "boolean":
            return {self.name: self.truths[0] if value else self.truths[1]}
        raw = None if value is None else encode(value, self.type, self.storage, self.scale)
        if self.currency is None:
            if self.only is not None and isinstance(value, Money) and value.currency != self.only:
                raise Unfit
            return {self.name: raw}
        return {self.name: raw, self.currency: value.currency if isinstance(value, Money) else None}


@attrs.frozen
class Key:
    """The columns of the primary key, with their storage; ``generated`` by the database where nothing is given."""

    columns: tuple[tuple[str, str], ...]
    generated: bool = False

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]

    def encoded(self, identifier: str) -> dict[str, Any] | None:
        """The contents of the key's columns; ``None`` for what can be no identifier of this table."""
        try:
            if len(self.columns) == 1:
                ((name, storage),) = self.columns
                return {name: _encoded_key(identifier, storage)}
            parts = json.loads(identifier)
            if identifier != _canonical(parts) or set(parts) != set(self.names):
                return None
            return {name: _encoded_key(str(parts[name]), storage) for name, storage in self.columns}
        except (ValueError, ArithmeticError, TypeError, Unfit):
            return None

    def decoded(self, row: Sequence[Any]) -> str:
        """The identifier that the contents of the key's columns make."""
        parts = [_key_part(raw, storage) for raw, (_, storage) in zip(row, self.columns, strict=True)]
        if len(parts) == 1:
            return str(parts[0])
        return _canonical(dict(zip(self.names, parts, strict=True)))


@attrs.frozen
class KindTable:
    """The table of a type of objects. ``there`` is false for one that a dry run may not make, and for one that is made
    ``later``, with the first object.

    ``mute`` are fields that have no column in a table that belongs to others; ``needs`` columns that no field fills
    and that cannot be empty; ``foreign`` says that the table was not made for these rules.
    """

    kind: str
    name: str
    key: Key
    fields: Mapping[str, FieldColumn]
    currency: str
    """That of amounts without one."""
    there: bool = True
    later: bool = False
    foreign: bool = False
    mute: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()

    @property
    def table(self) -> sa.TableClause:
        """The table as statements name it; contents go to and from the driver as they are."""
        return raw_table(self.name, dict.fromkeys([*self.key.names, *self.columns()]))

    def columns(self) -> list[str]:
        """The columns of the fields, in the order of :meth:`record`."""
        names: list[str] = []
        for field in self.fields.values():
            names += [field.name] if field.currency is None else [field.name, field.currency]
        return names

    def record(self, row: Sequence[Any]) -> Record:
        """The record that the contents of :meth:`columns` make. Raises :class:`StoreRefused`."""
        record: dict[str, Value] = {}
        position = 0
        for name, field in self.fields.items():
            raw = row[position]
            position += 1
            if field.currency is not None:
                currency = row[position]
                position += 1
            else:
                currency = None
            if raw is None:
                continue
            try:
                value = decode(raw.rstrip(" ") if field.storage == "padded" else raw, field.type, field.scale)
            except Unfit as error:
                facts = {"table": self.name, "column": field.name, "value": str(raw)[:80], "type": field.type}
                raise StoreRefused("store_bad_value", **facts) from error
            if field.type.kind == "money" and value is not None and not isinstance(value, Money):
                value = Money(cast("Any", value), currency or self.currency)
            if value is not None:
                record[name] = value
        return record


def _encoded_key(text: str, storage: str) -> Any:
    match storage:
        case "text" | "padded":
            return guarded(text)
        case "uuid":
            return UUID(text)
        case "number" | "real":
            number = Decimal(text)
            return int(number) if number == number.to_integral_value() else number
        case "date":
            return date.fromisoformat(text)
        case _:
            return encode(Reference("", text), _KEY, storage)


def _key_part(raw: Any, storage: str) -> int | str:
    """A column of a key as identifiers show it."""
    if isinstance(raw, int):
        return raw
    if isinstance(raw, (float, Decimal)) and raw == int(raw):
        return int(raw)
    if isinstance(raw, str):
        return unguarded(raw.rstrip(" ") if storage == "padded" else raw)
    return str(raw)


def _canonical(parts: Any) -> str:
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
