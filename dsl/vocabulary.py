"""The vocabulary: what a project talks about, and how its names are found in a text.

Symbols carry their names per language, the gender of each noun and where they were declared. Names are found by the
stems of their words (``dsl/words.py``), in the language of the text that uses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import attrs

from . import syntax as s
from .ir import Choice
from .node import Node, node
from .sink import Place, Sink
from .types import Type
from .words import name_variants, word_tables

Key: TypeAlias = tuple[str, ...]


@node
class DisplayName(Node):
    """A name as declared, without its article. ``gender``: ``"masculine"``, ``"feminine"`` or ``""``."""

    text: str
    gender: str = ""
    plural: bool = False


Names: TypeAlias = Mapping[str, DisplayName]


@node
class FieldSymbol(Node):
    """A field of an object or event, a definition over an object, or a parameter of an action.

    ``type`` is ``None`` for a definition until its body is resolved; ``table`` is set where the definition is a
    decision table.
    """

    owner: str
    name: str
    names: Names
    type: Type | None
    place: Place = attrs.field(eq=False)
    choices: tuple[Choice, ...] = ()
    identifier: bool = False
    required: bool = False
    unique: bool = False
    default: s.Expression | None = None
    definition: s.Expression | None = None
    table: s.TableDeclaration | None = None
    unit: str | None = None
    standard: bool = False
    documentation: str = ""
    sink: Sink | None = attrs.field(default=None, eq=False)

    @property
    def computed(self) -> bool:
        """True for a definition or table, whose value can never be written."""
        return self.definition is not None or self.table is not None


@node
class ObjectSymbol(Node):
    """A type of object, or a declared event (``event`` true), whose occurrences are read like objects."""

    name: str
    names: Names
    place: Place = attrs.field(eq=False)
    event: bool = False
    documentation: str = ""


@node
class GlobalSymbol(Node):
    """A definition without an object."""

    name: str
    names: Names
    place: Place = attrs.field(eq=False)
    definition: s.Expression | None = None
    unit: str | None = None
    documentation: str = ""
    sink: Sink | None = attrs.field(default=None, eq=False)


class WrittenKey(tuple[str, ...]):  # noqa: SLOT001 - a tuple cannot have slots beside its items
    """A key that remembers the words it was made from, so that a name wins over the plural of another."""

    words: tuple[str, ...] = ()


class PatternPart(NamedTuple):
    """A literal word of an action's phrase (its stem), or a hole (the English name of its parameter)."""

    stem: str | None
    text: str
    hole: str | None = None
    optional: bool = False


@node
class ActionSymbol(Node):
    """A declared action: its phrase per language, its parameters (holes first), the name results carry."""

    name: str
    patterns: Mapping[str, tuple[PatternPart, ...]]
    parameters: tuple[FieldSymbol, ...]
    holes: tuple[str, ...]
    place: Place = attrs.field(eq=False)
    documentation: str = ""

    def parameter(self, name: str) -> FieldSymbol | None:
        return next((p for p in self.parameters if p.name == name), None)


class Vocabulary:
    """All symbols of a program, and the index of their names per language."""

    def __init__(self) -> None:
        self.objects: dict[str, ObjectSymbol] = {}
        self.globals: dict[str, GlobalSymbol] = {}
        self.actions: dict[str, ActionSymbol] = {}
        self._fields: dict[str, dict[str, FieldSymbol]] = {}
        self._object_keys: dict[str, dict[Key, str]] = {}
        self._field_keys: dict[tuple[str, str], dict[Key, str]] = {}
        self._field_words: dict[tuple[str, str], dict[tuple[str, ...], str]] = {}
        self._global_keys: dict[str, dict[Key, str]] = {}
        self._names_in_use: dict[str, set[Key]] = {}

    # --- declaring ------------------------------------------------------------------------------------------------

    def add_object(self, symbol: ObjectSymbol) -> None:
        self.objects[symbol.name] = symbol
        self._fields.setdefault(symbol.name, {})
        for language, name in symbol.names.items():
            keys = self._object_keys.setdefault(language, {})
            for variant in self._variants(language, name.text):
                keys[variant] = symbol.name

    def add_field(self, symbol: FieldSymbol, aliases: Mapping[str, Iterable[str]] | None = None) -> None:
        """Add a field to its owner, or replace the one of that name. ``aliases`` are further names by language."""
        fields = self._fields.setdefault(symbol.owner, {})
        fields.pop(symbol.name, None)
        fields[symbol.name] = symbol
        for language, name in symbol.names.items():
            texts = [name.text, *((aliases or {}).get(language, ()))]
            keys = self._field_keys.setdefault((symbol.owner, language), {})
            words = self._field_words.setdefault((symbol.owner, language), {})
            for text in texts:
                words[_words_of(language, text)] = symbol.name
                for variant in self._variants(language, text):
                    keys[variant] = symbol.name
                    self._names_in_use.setdefault(language, set()).add(variant)

    def add_global(self, symbol: GlobalSymbol) -> None:
        self.globals[symbol.name] = symbol
        for language, name in symbol.names.items():
            for variant in self._variants(language, name.text):
                self._global_keys.setdefault(language, {})[variant] = symbol.name

    def add_action(self, symbol: ActionSymbol) -> None:
        self.actions[symbol.name] = symbol

    @staticmethod
    def _variants(language: str, text: str) -> list[Key]:
        return _name_keys(language, text)

    # --- looking up -----------------------------------------------------------------------------------------------

    def object_of(self, language: str, key: Key) -> ObjectSymbol | None:
        """The object or event of that name."""
        name = self._object_keys.get(language, {}).get(key)
        return self.objects[name] if name is not None else None

    def field_of(self, owner: str, language: str, key: Key) -> FieldSymbol | None:
        """The field of an object or event by its name in a language."""
        place = (owner, language)
        name = self._field_keys.get(place, {}).get(key)
        if name is not None and isinstance(key, WrittenKey):
            # of two names that differ in number only, the one that is written so
            name = self._field_words.get(place, {}).get(key.words, name)
        return self._fields[owner].get(name) if name is not None else None

    def field(self, owner: str, name: str) -> FieldSymbol | None:
        """The field of an object or event by its English name."""
        return self._fields.get(owner, {}).get(name)

    def fields(self, owner: str) -> tuple[FieldSymbol, ...]:
        """All fields of an object or event, in order of declaration."""
        return tuple(self._fields.get(owner, {}).values())

    def owners_of(self, name: str) -> tuple[str, ...]:
        """The objects that have a field of that English name."""
        return tuple(owner for owner, fields in self._fields.items() if name in fields)

    def global_of(self, language: str, key: Key) -> GlobalSymbol | None:
        name = self._global_keys.get(language, {}).get(key)
        return self.globals[name] if name is not None else None

    def is_field_name(self, language: str, key: Key) -> bool:
        """True when some object has a field of that name: a cheap test before owners are resolved."""
        return key in self._names_in_use.get(language, ())

    def references_to(self, source: str, target: str) -> tuple[FieldSymbol, ...]:
        """The fields of ``source`` that refer to ``target``."""
        return tuple(
            f
            for f in self.fields(source)
            if f.type is not None and f.type.kind == "reference" and f.type.object == target
        )

    def all_fields(self) -> Iterator[FieldSymbol]:
        for fields in self._fields.values():
            yield from fields.values()


@lru_cache(maxsize=20_000)
def _words_of(language: str, text: str) -> tuple[str, ...]:
    tables = word_tables(language)
    return tuple(tok.key for tok in tables.expand(tables.split(text)) if not tok.article)


@lru_cache(maxsize=20_000)
def _name_keys(language: str, text: str) -> list[Key]:
    tables = word_tables(language)
    return [*name_variants(tuple(tables.name_key_of(tables.split(text)))), (tables.bracketed(text),)]


def display(names: Names, language: str) -> str:
    """The name in a language, or in any where it has none there."""
    name = names.get(language)
    if name is None:
        name = next(iter(names.values()))
    return name.text
