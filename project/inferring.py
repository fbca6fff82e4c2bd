"""``quand model infer``: a vocabulary from events or records, one JSON object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import attrs

from ..dsl.fold import fold
from ..dsl.lexicon import languages, lexicon
from ..dsl.words import word_tables
from ..runtime.stores.described import Column, ForeignKey, Table
from .errors import ProjectError
from .importing import Imported, model_of
from .importing_names import MARKS, Namer, said
from .importing_names import field_words as words_of_field

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_SHARE = re.compile(r"-?\d+(?:[.,]\d+)?\s*%")
_KEY = "id"


def infer_file(path: str, lines: Iterable[str], language: str) -> Imported:
    """The vocabulary of a file, in a language; records without ``event`` are objects called like the file.

    Raises :class:`~.errors.ProjectError` where no line is an event or a record.
    """
    seen = _Seen(Path(path).stem)
    bad: list[int] = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not seen.read(line):
            bad.append(number)
    tables, events = seen.tables(language)
    if not tables and not events:
        raise ProjectError("model_no_records", file=path, line=bad[0] if bad else None)
    model = model_of([*tables, *events], language)
    names = {event.name for event in events}
    objects = tuple(attrs.evolve(each, event=each.table in names) for each in model.objects)
    return attrs.evolve(model, objects=objects)


class _Seen:
    """What the lines hold, by object and by declared event."""

    def __init__(self, default: str) -> None:
        self._default = default
        self._objects: dict[str, list[Mapping[str, Any]]] = {}
        self._events: dict[str, list[Mapping[str, Any]]] = {}
        self._verbs = _verbs()

    def read(self, line: str) -> bool:
        """Note one line; whether it could be read."""
        try:
            raw = json.loads(line, parse_float=Decimal)
        except (ValueError, RecursionError):
            return False
        if not isinstance(raw, dict):
            return False
        given = cast("dict[str, Any]", raw)
        name = given.get("event")
        data = given.get("data", {})
        if not isinstance(name, str):
            self._objects.setdefault(self._default, []).append(given)
        elif not isinstance(data, dict):
            return False
        elif name != "time":
            head, dot, tail = name.rpartition(".")
            known = dot and self._is_verb(tail)
            place = self._objects if known else self._events
            place.setdefault(" ".join((head if known else name).split()), []).append(cast("dict[str, Any]", data))
        return True

    def _is_verb(self, word: str) -> bool:
        return any(f"{language}:{word_tables(language).stem(fold(word))}" in self._verbs for language in languages())

    def tables(self, language: str) -> tuple[list[Table], list[Table]]:
        """The objects and the declared events as tables."""
        objects = [self._table(name, records) for name, records in self._objects.items()]
        events = [self._table(name, records) for name, records in self._events.items()]
        keys = {table.name: {str(value) for value in _values(table, _KEY)} for table in objects}
        namer = Namer([*objects, *events], language)
        names = {fold(namer.object_name(table.name)): table.name for table in objects}
        refer = [attrs.evolve(table, foreign=tuple(_foreign(table, keys, names))) for table in (*objects, *events)]
        return refer[: len(objects)], refer[len(objects) :]

    def _table(self, name: str, records: list[Mapping[str, Any]]) -> Table:
        fields = dict.fromkeys(field for record in records for field in record)
        columns = [_column(field, [record.get(field) for record in records]) for field in fields]
        if _KEY not in fields:
            columns.append(Column(_KEY, "text"))
        return Table(name, tuple(columns), (_KEY,))


def _verbs() -> frozenset[str]:
    """The words behind the point of the name of an event, in all languages."""
    found: set[str] = set()
    for language in languages():
        stem = word_tables(language).stem
        for verb, forms in lexicon(language).tables["phrases"]["participles"].items():
            found |= {f"{language}:{stem(fold(form))}" for form in (verb, *forms)}
    return frozenset(found)


def _column(name: str, values: list[Any]) -> Column:
    given = [value for value in values if value is not None]
    kind = _kind(given)
    if kind == "money":
        given = [value.get("amount") for value in given]
    return Column(name, kind, values=tuple(given))


def _kind(values: list[Any]) -> str:
    """What the values of JSON are, in the words of :class:`~..runtime.stores.described.Column`."""
    if any(isinstance(value, (dict, list)) for value in values):
        return next(
            (kind for kind, keys in _SHAPES.items() if all(_has_keys(value, keys) for value in values)), "binary"
        )
    if values and all(isinstance(value, bool) for value in values):
        return "boolean"
    if not values or any(isinstance(value, bool) for value in values):
        return "text"
    texts = [str(value) for value in values]
    if all(isinstance(value, str) and _SHARE.fullmatch(value) for value in values):
        return "percentage"
    if all(_NUMBER.fullmatch(text) for text in texts):
        return "integer" if all(text.lstrip("-").isdecimal() for text in texts) else "real"
    return "text"


_SHAPES: Mapping[str, frozenset[str]] = {
    "money": frozenset({"amount", "currency"}),
    "any": frozenset({"object", "id"}),
}


def _has_keys(value: Any, keys: frozenset[str]) -> bool:
    return isinstance(value, dict) and cast("dict[str, Any]", value).keys() == keys


def _values(table: Table, name: str) -> tuple[Any, ...]:
    return next((column.values for column in table.columns if column.name == name), ())


def _foreign(table: Table, keys: Mapping[str, set[str]], names: Mapping[str, str]) -> Iterator[ForeignKey]:
    """The fields that are called like an object or hold its identifiers."""
    for column in table.columns:
        if column.name == _KEY or column.kind not in {"text", "integer"}:
            continue
        words = [word for word in words_of_field(column.name) if fold(word) not in MARKS]
        target = names.get(fold(said(words))) if words else None
        values = {str(value) for value in column.values}
        if target is None and column.kind == "text" and values:
            target = next((name for name, known in keys.items() if values <= known), None)
        if target is not None:
            yield ForeignKey((column.name,), target, ())
