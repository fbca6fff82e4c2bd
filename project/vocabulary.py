"""What a project can talk about, listed: objects and their fields, events, actions and their arguments, definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..dsl.fold import fold
from ..dsl.messages import type_name
from ..dsl.suggest import closest
from ..dsl.types import Type
from ..dsl.unknown_actions import phrase_of_action
from ..dsl.vocabulary import ActionSymbol, FieldSymbol, GlobalSymbol, Names, ObjectSymbol
from .compile import Project

Symbol = ObjectSymbol | ActionSymbol | GlobalSymbol | FieldSymbol


class Member(NamedTuple):
    """A field of an object or event, or an argument of an action. ``type`` is in words, ``facts`` are keys of texts.

    ``common`` is true for the fields that every object has.
    """

    names: Mapping[str, str]
    type: str
    values: Sequence[Mapping[str, str]]
    facts: Sequence[str]
    standard: bool
    documentation: str
    common: bool


class Entry(NamedTuple):
    """Something that can be talked about. ``kind``: ``object``, ``event``, ``action`` or ``definition``.

    ``names`` are by language, phrases with their holes for an action; ``name`` is the one results carry.
    """

    kind: str
    name: str
    names: Mapping[str, str]
    type: str
    standard: bool
    documentation: str
    members: Sequence[Member]


def listed(project: Project, language: str) -> list[Entry]:
    """The vocabulary of a project, its own declarations first, texts in ``language``."""
    entries = list(_Listing(project, language).entries())
    return sorted(entries, key=lambda entry: (_KINDS.index(entry.kind), entry.standard))


def found(entries: Sequence[Entry], name: str) -> list[Entry]:
    """The entries of that name in any language; an action by the first words of its phrase."""
    wanted = fold(name)
    exact = [entry for entry in entries if any(fold(text) == wanted for text in (*entry.names.values(), entry.name))]
    if exact:
        return exact
    return [
        entry
        for entry in entries
        if entry.kind == "action" and any(fold(text).startswith(wanted) for text in entry.names.values())
    ]


def near(entries: Sequence[Entry], name: str) -> list[str]:
    """The names close to one that is not in the vocabulary."""
    texts = {fold(text): text for entry in entries for text in entry.names.values()}
    return [texts[each] for each in closest(fold(name), texts)]


_KINDS = ("object", "event", "action", "definition")


class _Listing:
    """Reads the symbols of a compiled project."""

    def __init__(self, project: Project, language: str) -> None:
        self.project = project
        self.vocabulary = project.compilation.vocabulary
        self.definitions = project.compilation.resolved.declared.definitions
        self.language = language

    def entries(self) -> Iterator[Entry]:
        for symbol in self.vocabulary.objects.values():
            members = [self._member(field, _facts(field)) for field in self.vocabulary.fields(symbol.name)]
            kind = "event" if symbol.event else "object"
            yield self._entry(kind, symbol, _texts(symbol.names), members)
        for action in self.vocabulary.actions.values():
            phrases = {language: phrase_of_action(action, language) for language in action.patterns}
            yield self._entry("action", action, phrases, [self._member(p, _facts(p)) for p in action.parameters])
        for symbol in self.vocabulary.globals.values():
            type_ = self._words(self.definitions.type_of_global(symbol.name))
            yield self._entry("definition", symbol, _texts(symbol.names), [], type_)

    def _entry(
        self, kind: str, symbol: Symbol, names: Mapping[str, str], members: Sequence[Member], type_: str = ""
    ) -> Entry:
        return Entry(kind, symbol.name, names, type_, symbol.place.standard, self._documentation(symbol), members)

    def _member(self, field: FieldSymbol, facts: Sequence[str]) -> Member:
        values = [dict(choice.names) for choice in field.choices]
        type_ = self._words(self.definitions.type_of_field(field))
        about = self._documentation(field)
        return Member(_texts(field.names), type_, values, facts, field.place.standard, about, field.standard)

    def _words(self, type_: Type) -> str:
        return type_name(type_, self.language, lambda name: self.project.object_name(name, self.language))

    def _documentation(self, symbol: Symbol) -> str:
        """What stands above a declaration; in the standard vocabulary, the part in the language."""
        first, slash, second = symbol.documentation.partition(" / ")
        if symbol.place.standard and slash:
            return first if self.language == symbol.place.language else second
        return symbol.documentation


def _texts(names: Names) -> dict[str, str]:
    return {language: name.text for language, name in names.items()}


def _facts(field: FieldSymbol) -> list[str]:
    """What holds besides the type, as keys of texts."""
    facts = {
        "computed": field.computed,
        "identifier": field.identifier,
        "required": field.required,
        "unique": field.unique,
        "default": field.default is not None,
    }
    return [name for name, holds in facts.items() if holds]
