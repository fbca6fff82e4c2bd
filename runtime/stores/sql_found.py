"""Which tables and columns a program finds in a live database by the names alone, or with a mapping."""

from __future__ import annotations

from ...dsl import ir
from ..model import Model
from .mapping import TableMapping, Tables
from .port import StoreError
from .sql_connect import Database
from .sql_errors import told
from .sql_schema import Schema


def found_tables(database: Database, program: ir.Program, tables: Tables) -> dict[str, TableMapping]:
    """The table and the columns by field of each object that has one; nothing is written.

    Empty where something could be two things. Raises :class:`StoreError` for a database that cannot be read.
    """
    engine = database.engine(dry=True)
    try:
        with told(database.place), engine.connect() as plain:
            connection = plain.execution_options(quand_reading=True)
            with connection.begin():
                schema = Schema(connection, dry=True, tables=tables)
                try:
                    schema.add(Model(program))
                except StoreError:
                    return {}
    finally:
        engine.dispose()
    return {
        kind: TableMapping(table.name, {name: field.name for name, field in table.fields.items()})
        for kind, table in schema.kinds.items()
        if table.there
    }
