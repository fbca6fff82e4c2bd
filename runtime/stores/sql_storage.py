"""How the columns of tables that are there keep values: what they declare, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn

from ...dsl.fold import fold
from ...dsl.types import Type
from .sql_own import raw_table
from .sql_values import TRUTHS, truth_pair

_MOMENTS = frozenset({"date", "datetime"})


class Storage:
    """Looks at the columns of one database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._exact = connection.dialect.name != "sqlite"

    def of_key(self, column: ReflectedColumn) -> str:
        """How a column of a key keeps its part."""
        storage, _ = self._declared(column)
        return "text" if storage == "stamp" else storage

    def of_field(
        self, table: str, column: ReflectedColumn, type_: Type, *, sampled: bool
    ) -> tuple[str, int | None, tuple[str, str]]:
        """How a column keeps the values of a field, its scale, and what stands for yes and no in it.

        With ``sampled`` the first value found says how dates and yes or no are written in a column of texts.
        """
        storage, scale = self._declared(column)
        truths = TRUTHS
        if storage == "padded" and type_.kind == "boolean":
            storage = "text"
        if sampled and storage == "text" and type_.kind == "boolean":
            sample = self._sample(table, column["name"])
            samples = [sample] if isinstance(sample, str) else self._checked(table, column["name"])
            truths = next((pair for each in samples if (pair := truth_pair(each)) is not None), TRUTHS)
        elif storage == "stamp" and type_.kind not in _MOMENTS:
            storage = "text"
        elif storage in {"stamp", "text"} and type_.kind in _MOMENTS and not self._exact and sampled:
            sample = self._sample(table, column["name"])
            if isinstance(sample, str):
                storage = "stamp" if sample[10:11] == " " else "text"
                scale = len(sample.partition(".")[2]) if storage == "stamp" else None
        return storage, scale, truths

    def _sample(self, table: str, column: str) -> Any:
        source = raw_table(table, [column])
        wanted = sa.select(source.c[column]).where(source.c[column].is_not(None)).limit(1)
        return self._connection.execute(wanted).scalar()

    def _checked(self, table: str, column: str) -> list[str]:
        """The texts in conditions of a table about a column."""
        checks = [each["sqltext"] for each in sa.inspect(self._connection).get_check_constraints(table)]
        return [text for check in checks if column in check for text in re.findall(r"'([^']*)'", check)]

    def _declared(self, column: ReflectedColumn) -> tuple[str, int | None]:
        type_ = column["type"]
        scale = getattr(type_, "scale", None)
        if isinstance(type_, sa.Boolean):
            return "boolean", None
        if isinstance(type_, sa.Integer):
            return "integer", None
        if isinstance(type_, sa.Float) or (isinstance(type_, sa.Numeric) and not self._exact):
            return "real", scale
        if isinstance(type_, sa.Numeric):
            return "number", scale
        if not self._exact:
            return ("stamp" if isinstance(type_, sa.DateTime) else "text"), None
        if isinstance(type_, sa.DateTime):
            return ("instant" if type_.timezone else "local"), None
        if isinstance(type_, sa.Uuid):
            return "uuid", None
        if isinstance(type_, sa.CHAR):
            return "padded", None
        return ("date" if isinstance(type_, sa.Date) else "time" if isinstance(type_, sa.Time) else "text"), None

    def is_generated(self, table: str, columns: Mapping[str, ReflectedColumn], key: Sequence[str]) -> bool:
        """Whether the database makes the key of a row that is given none."""
        if len(key) != 1:
            return False
        column = columns[key[0]]
        if not self._exact:
            return self._is_row_number(table, column["name"])
        if isinstance(column["type"], sa.String) and not isinstance(column["type"], sa.Uuid):
            return False
        return bool(column.get("identity")) or column.get("default") is not None

    def _is_row_number(self, table: str, column: str) -> bool:
        """Whether a column of SQLite is another name of the number of the row, as only INTEGER PRIMARY KEY is."""
        declared = sa.text("SELECT type FROM pragma_table_info(:table) WHERE name = :column AND pk = 1")
        found = self._connection.execute(declared, {"table": table, "column": column}).scalar()
        numbered = sa.text("SELECT wr FROM pragma_table_list(:table) WHERE schema = 'main'")
        return fold(found or "") == "integer" and not self._connection.execute(numbered, {"table": table}).scalar()
