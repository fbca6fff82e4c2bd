"""The tables that a store would make, for statements made without one."""

from __future__ import annotations

from ...dsl import ir
from ..model import Model
from ..stores.sql_names import column_name
from ..stores.sql_tables import FieldColumn, Key, KindTable

_STORAGE = {
    "number": "number",
    "integer": "number",
    "percentage": "number",
    "money": "number",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "datetime": "instant",
}


def planned_tables(model: Model, *, native: bool) -> dict[str, KindTable]:
    """The table of each object and declared event; ``native``: the database has decimals, dates and instants."""
    return {kind: _table(model, kind, native=native) for kind in model.kinds}


def _table(model: Model, kind: str, *, native: bool) -> KindTable:
    identifier = model.identifier(kind)
    stored = [
        field
        for field in model.fields(kind).values()
        if field.definition is None and field.name not in {"id", identifier}
    ]
    fields = {field.name: _column(field, native=native) for field in stored}
    return KindTable(
        kind, column_name(kind), Key(((column_name(identifier), "text"),)), fields, model.settings.currency
    )


def _column(field: ir.Field, *, native: bool) -> FieldColumn:
    storage = _STORAGE.get(field.type.kind, "text")
    if not native and storage != "boolean":
        storage = "text"
    currency = column_name(f"{field.name} currency") if field.type.kind == "money" else None
    return FieldColumn(field.name, field.type, column_name(field.name), storage, None, currency)
