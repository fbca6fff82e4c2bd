"""A vocabulary from what a database or a file of records holds: objects, fields, references, and where they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from ..dsl.fold import fold
from ..dsl.lexicon import languages, lexicon
from ..dsl.node import Node, node
from ..runtime.stores.described import Column, Table
from ..runtime.stores.sql_names import words_of
from ..runtime.stores.sql_values import truth_words
from .importing_names import MARKS, Namer, field_words, key_of, said
from .importing_types import Meaning, meaning


@node
class ModelField(Node):
    """A field of a vocabulary. ``target`` is the object of a reference, ``default`` the constant it starts with."""

    name: str
    column: str
    meaning: Meaning
    target: str | None = None
    identifier: bool = False
    required: bool = False
    unique: bool = False
    default: str | Decimal | bool | None = None
    comment: str = ""


@node
class ModelObject(Node):
    """An object of a vocabulary; an ``event`` is declared as one. ``left`` are columns that no field can hold."""

    name: str
    table: str
    fields: tuple[ModelField, ...]
    comment: str = ""
    left: tuple[str, ...] = ()
    event: bool = False


@node
class Imported(Node):
    """``keyless`` are tables without a key, which no object can be kept in."""

    objects: tuple[ModelObject, ...]
    keyless: tuple[str, ...] = ()


def model_of(tables: Sequence[Table], language: str) -> Imported:
    """The vocabulary that some tables make; ``language`` is that of names nothing else tells of."""
    namer = Namer(tables, language)
    keyed = [table for table in tables if table.key]
    names: dict[str, str] = {}
    for table in keyed:
        names[table.name] = _free(namer.object_name(table.name), set(names.values()))
    keys = {table.name: table.key for table in keyed}
    objects = tuple(_Object(table, names, keys).made() for table in keyed)
    return Imported(objects, tuple(table.name for table in tables if not table.key))


class _Object:
    """One table as an object."""

    def __init__(self, table: Table, names: Mapping[str, str], keys: Mapping[str, tuple[str, ...]]) -> None:
        self.table = table
        self.names = names
        self.name = names[table.name]
        self.references = {
            key.columns[0]: names[key.table]
            for key in table.foreign
            if len(key.columns) == 1 and key.table in names and key.referred in {(), keys[key.table]}
        }
        self.taken = set(_standard_fields())

    def made(self) -> ModelObject:
        fields: list[ModelField] = []
        left: list[str] = []
        for column in self.table.columns:
            found = self._field(column)
            if found is None:
                left.append(column.name)
            elif found.name:
                fields.append(found)
        return ModelObject(self.name, self.table.name, tuple(fields), self.table.comment, tuple(left))

    def _field(self, column: Column) -> ModelField | None:
        """The field of a column, with an empty name for one that is the identifier and nothing else."""
        found = meaning(self.table, column)
        if found is None:
            return None
        target = self.references.get(column.name)
        alone = self.table.key == (column.name,)
        words = field_words(column.name)
        if alone and target is None:
            if self._is_bare_key(words):
                return ModelField("", column.name, found)
            name = self._named(said(words))
            return ModelField(name, column.name, Meaning("text"), identifier=True, comment=column.comment)
        if target is not None:
            name = self._named(said(_without_marks(words)) if _without_marks(words) else target)
            required = not column.nullable and not alone
            return ModelField(
                name, column.name, Meaning("reference"), target, required=required, comment=column.comment
            )
        if said(words) in _kept_moments() and found.kind in {"date", "datetime"}:
            return ModelField("", column.name, found)
        default = _default(column, found)
        return ModelField(
            self._named(said(words)),
            column.name,
            found,
            required=not column.nullable and not column.filled and found.kind != "boolean",
            unique=column.name in self.table.unique and found.kind != "boolean",
            default=default,
            comment=column.comment,
        )

    def _is_bare_key(self, words: Sequence[str]) -> bool:
        """Whether a column is called like its table, or not at all: ``OrderID``, ``id``."""
        rest = [fold(word) for word in words if fold(word) not in MARKS]
        own = {fold(word) for word in (*self.name.split(), *(said([w]) for w in words_of(self.table.name)))}
        return all(word in own for word in rest) and len(rest) < len(words)

    def _named(self, name: str) -> str:
        """A name that no other field of the object has."""
        if _is_taken(name, self.taken):
            name = f"{self.name} {name}"
        name = _free(name, self.taken)
        self.taken.add(name)
        return name


def _is_taken(name: str, taken: set[str]) -> bool:
    """Whether a name would be read as one of those, in one of the languages."""
    key = key_of(name)
    return any(one == other for each in taken for one, other in zip(key, key_of(each), strict=True))


def _free(name: str, taken: set[str]) -> str:
    """The name itself, or with a number behind it where it is taken."""
    number, made = 1, name
    while _is_taken(made, taken):
        number += 1
        made = f"{name} {number}"
    return made


def _without_marks(words: Sequence[str]) -> list[str]:
    """The words of a column that holds keys without what says so: ``CustomerID``, ``fk_customer``."""
    kept = list(words)
    if len(kept) > 1 and fold(kept[-1]) in MARKS:
        kept = kept[:-1]
    if len(kept) > 1 and fold(kept[0]) in MARKS:
        kept = kept[1:]
    return [] if [fold(word) for word in kept] in [[mark] for mark in MARKS] else kept


def _standard_fields() -> set[str]:
    """The names, folded, of the fields that every object has."""
    return {
        fold(name)
        for language in languages()
        for key, names in lexicon(language).tables["standard_fields"].items()
        if key != "origins"
        for name in names
    }


def _kept_moments() -> set[str]:
    """Names of columns for the instants that the engine keeps itself."""
    tables = (lexicon(language).tables["standard_fields"] for language in languages())
    return {names[0] for table in tables for key, names in table.items() if key in {"created_at", "updated_at"}}


def _default(column: Column, found: Meaning) -> str | Decimal | bool | None:
    """The constant that the database fills a column with; ``None`` for anything else."""
    text = re.sub(r"::.*$", "", column.default or "").strip()
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    quoted = len(text) > 1 and text.startswith("'") and text.endswith("'")
    plain = text[1:-1].replace("''", "'") if quoted else text
    if found.kind in {"text", "choice"}:
        fits = quoted and plain.strip() and plain.isprintable() and (found.kind == "text" or plain in found.choices)
        return plain if fits else None
    if found.kind == "boolean":
        return True if truth_words().get(fold(plain)) else None
    if found.kind in {"integer", "number", "money", "percentage"}:
        try:
            number = Decimal(plain)
        except InvalidOperation:
            return None
        return number if number.is_finite() and found.kind != "percentage" else None
    return None
