"""Looks at a DuckDB file: its tables, keys, conditions and comments, and the first rows of each table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import duckdb

from ...dsl import ir
from .described import ROWS, Column, ForeignKey, Table
from .duck import DuckStore
from .mapping import TableMapping, Tables
from .port import StoreError
from .sql_own import OWN_TABLES

_KINDS: Mapping[str, str] = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "DOUBLE": "real",
    "FLOAT": "real",
    "BLOB": "binary",
    "BIT": "binary",
    "INTERVAL": "binary",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "integer"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), "integer"),
}
_CONSTRAINTS = """
    SELECT table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names, expression
    FROM duckdb_constraints() WHERE database_name = current_database() AND schema_name = 'main'
    ORDER BY constraint_index
"""
_COLUMNS = """
    SELECT table_name, column_name, data_type, numeric_scale, is_nullable, column_default, comment
    FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
    ORDER BY table_name, column_index
"""
_TABLES = """
    SELECT table_name, comment FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = 'main' ORDER BY 1
"""
_QUOTED = re.compile(r"'((?:[^']|'')*)'")


def describe_duck(path: str) -> list[Table]:
    """The tables of a file, by name; nothing is written. Raises :class:`~.port.StoreError`."""
    try:
        with closing(duckdb.connect(path, read_only=True)) as connection:
            return _tables(connection)
    except duckdb.Error as error:
        raise StoreError("store_failed", place=path, reason=str(error).strip().partition("\n")[0][:200]) from error


def found_in_duck(path: str, program: ir.Program, tables: Tables) -> dict[str, TableMapping]:
    """The table and the columns by field of each object that has one; empty where something could be two things."""
    with closing(DuckStore(path, tables)) as store:
        try:
            store.prepare(program, dry=True)
        except StoreError:
            return {}
        return {
            kind: TableMapping(table.name, {name: field.name for name, field in table.fields.items()})
            for kind, table in store.kinds.items()
            if table.there
        }


def _tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    constraints = connection.execute(_CONSTRAINTS).fetchall()
    columns = connection.execute(_COLUMNS).fetchall()
    tables = connection.execute(_TABLES).fetchall()
    made: list[Table] = []
    for name, comment in tables:
        if name in OWN_TABLES:
            continue
        own = [row[1:] for row in constraints if row[0] == name]
        values = _values(connection, name, [row for row in columns if row[0] == name])
        made.append(
            Table(
                name,
                tuple(_column(row, values.get(row[1], ())) for row in columns if row[0] == name),
                next((tuple(names) for kind, names, *_ in own if kind == "PRIMARY KEY"), ()),
                tuple(
                    ForeignKey(tuple(names), target, tuple(referred))
                    for kind, names, target, referred, _ in own
                    if kind == "FOREIGN KEY"
                ),
                frozenset(names[0] for kind, names, *_ in own if kind == "UNIQUE" and len(names) == 1),
                tuple(expression for kind, *_, expression in own if kind == "CHECK"),
                comment or "",
            )
        )
    return made


def _column(row: tuple[Any, ...], values: tuple[Any, ...]) -> Column:
    _, name, type_, scale, nullable, default, comment = row
    kind = _kind(type_)
    choices = tuple(text.replace("''", "'") for text in _QUOTED.findall(type_)) if type_.startswith("ENUM") else ()
    scale = scale if kind == "number" else None
    return Column(name, kind, scale, None, nullable, default, default is not None, comment or "", choices, values)


def _kind(type_: str) -> str:
    """What a type declares, in the words of :class:`~.described.Column`."""
    if type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION")):
        return "binary"
    if type_.startswith("DECIMAL"):
        return "number"
    if type_.startswith("TIMESTAMP"):
        return "datetime"
    return _KINDS.get(type_, "text")


def _values(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[Any, ...]]
) -> dict[str, tuple[Any, ...]]:
    """The values of the first rows, by column."""
    names = [row[1] for row in columns if _kind(row[2]) != "binary"]
    if not names:
        return {}
    listed = ", ".join(_quoted(name) for name in names)
    rows = connection.execute(f"SELECT {listed} FROM {_quoted(table)} LIMIT {ROWS}").fetchall()  # noqa: S608 (quoted)
    return {name: tuple(row[place] for row in rows if row[place] is not None) for place, name in enumerate(names)}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
