"""A table that is there: which of its columns are the key, and which holds which field."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine.interfaces import ReflectedColumn

from ..model import Model
from .mapping import TableMapping
from .port import StoreError
from .sql_names import SURE, column_rank, plain
from .sql_tables import KindTable

_ORIGIN = "origin"
"""Where a change came from: a column of that name in a table of others says something else."""

_MARKS_OF_OWN = frozenset({"created_at", "updated_at", "origin"})
"""Columns that every table has which was made for the rules."""


class UsedTable:
    """``found`` are the columns by field, ``key`` the columns of the key.

    Raises :class:`StoreError` for a table without a key and for names that could be two things.
    """

    def __init__(
        self,
        model: Model,
        kind: str,
        name: str,
        columns: Sequence[ReflectedColumn],
        primary: Sequence[str],
        mapping: TableMapping,
    ) -> None:
        self.model = model
        self.kind = kind
        self.name = name
        self.mapping = mapping
        self.columns = {column["name"]: column for column in columns}
        self.foreign = not self._is_own(primary)
        self.mute: set[str] = set()
        self._primary = list(primary)
        for field, column in mapping.columns.items():
            if column not in self.columns:
                facts = {"table": name, "column": column, "field": model.field_name(kind, field)}
                raise StoreError("mapping_column", **facts, names=list(self.columns))
        self.key = self._key()
        self.found = self._found()

    def _is_own(self, primary: Sequence[str]) -> bool:
        """Whether the table was made for rules: it has what all of those have, and a key of texts."""
        has_marks = self.columns.keys() >= _MARKS_OF_OWN
        return has_marks and len(primary) == 1 and type(self.columns[primary[0]]["type"]).__name__ == "TEXT"

    def column(self, name: str) -> ReflectedColumn:
        """A column by its exact name."""
        return self.columns[name]

    def named(self, name: str) -> str | None:
        """The column of that name, whatever its case."""
        return name if name in self.columns else next((n for n in self.columns if plain(n) == plain(name)), None)

    def _key(self) -> list[str]:
        identifier = self.model.identifier(self.kind)
        given = self.mapping.columns.get(identifier) or self.mapping.columns.get("id")
        if given is not None:
            return [given]
        named = self.named(identifier)
        key = self._primary or ([named] if named is not None else [])
        if not key:
            raise StoreError("store_no_key", table=self.name)
        return key

    def _found(self) -> dict[str, ReflectedColumn]:
        """The best column for each field; a column is that of one field."""
        kind = self.model.kinds[self.kind]
        owners = {kind.name, *kind.names.values()}
        identifier = self.model.identifier(self.kind)
        fields = {
            name: field
            for name, field in self.model.fields(self.kind).items()
            if field.definition is None and name not in {"id", identifier}
        }
        found = {name: self.columns[column] for name, column in self.mapping.columns.items() if name in fields}
        taken = {column["name"] for column in found.values()}
        fitting: list[tuple[int, int, str, str]] = []
        for place, (name, field) in enumerate(fields.items()):
            if name in found or (name == _ORIGIN and self.foreign):
                continue
            refers = field.type.kind == "reference"
            for column in self.columns:
                rank = column_rank(column, name, field.names, owners, key=refers)
                if rank is not None and not (rank > SURE and [column] == self.key):
                    fitting.append((rank, place, name, column))
        ranks: dict[str, int] = {}
        for rank, _, name, column in sorted(fitting):
            if name in found:
                if ranks.get(name) == rank and column not in taken:
                    names = [found[name]["name"], column]
                    raise StoreError("store_ambiguous_column", table=self.name, name=name, names=names)
            elif column not in taken:
                if [column] == self.key and fields[name].type.kind != "reference":
                    raise StoreError("store_key_taken", table=self.name, column=column, name=name)
                found[name] = self.columns[column]
                ranks[name] = rank
                taken.add(column)
        return found

    def needs(self, table: KindTable) -> tuple[str, ...]:
        """The columns that cannot be empty and that nothing fills."""
        known = {*table.columns(), *self.key}
        return tuple(
            name
            for name, column in self.columns.items()
            if name not in known and not column["nullable"] and not _is_filled(column)
        )


def _is_filled(column: ReflectedColumn) -> bool:
    """Whether the database itself gives a new row a value."""
    return column.get("default") is not None or bool(column.get("identity")) or bool(column.get("computed"))
