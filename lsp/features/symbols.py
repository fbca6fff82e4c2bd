"""What a name in a text stands for, and where names stand: the ground of hover, definition, references and rename."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import attrs

from ...dsl import syntax as s
from ...dsl.declare import split_heading
from ...dsl.lexicon import languages
from ...dsl.node import Node, node
from ...dsl.source import Span
from ...dsl.vocabulary import ActionSymbol, FieldSymbol, GlobalSymbol, Names, ObjectSymbol
from ...dsl.words import ARTICLE, Tok, word_tables
from ..snapshot import Snapshot

Symbol: TypeAlias = ObjectSymbol | FieldSymbol | GlobalSymbol | ActionSymbol


class Key(NamedTuple):
    """What identifies a symbol: its kind (``object field global action parameter``), its owner and its name."""

    kind: str
    owner: str
    name: str


@node
class Occurrence(Node):
    """A place where a symbol is named. ``declares`` where it is declared; ``language`` is that of the name there."""

    key: Key
    uri: str
    span: Span
    language: str
    declares: bool = False


def symbol_of(snapshot: Snapshot, key: Key) -> Symbol | None:
    """The symbol of a key."""
    vocabulary = snapshot.vocabulary
    match key.kind:
        case "object":
            return vocabulary.objects.get(key.name)
        case "field":
            return vocabulary.field(key.owner, key.name)
        case "global":
            return vocabulary.globals.get(key.name)
        case "action":
            return vocabulary.actions.get(key.name)
        case _:
            action = vocabulary.actions.get(key.owner)
            return action.parameter(key.name) if action is not None else None


def names_of(symbol: Symbol) -> Names | None:
    """The names of a symbol by language; ``None`` for an action, which has a phrase."""
    return None if isinstance(symbol, ActionSymbol) else symbol.names


def occurrence_at(snapshot: Snapshot, uri: str, offset: int) -> Occurrence | None:
    """The name at an offset, the shortest one where several touch it."""
    around = snapshot.declaration(uri, offset)
    if around is None:
        return None
    found = [each for each in in_declaration(snapshot, uri, *around) if each.span.start <= offset <= each.span.end]
    inside = [each for each in found if offset < each.span.end] or found
    return min(inside, key=lambda each: each.span.end - each.span.start, default=None)


def occurrences(snapshot: Snapshot, key: Key, only: str | None = None) -> list[Occurrence]:
    """Where a symbol is named in the files of the project, or in one of them, in order."""
    made: list[Occurrence] = []
    for uri, file in snapshot.compilation.files:
        if only not in {None, uri}:
            continue
        for start, parsed in file.declarations:
            made += [_moved(each, start) for each in names_in(snapshot, uri, start, parsed) if each.key == key]
    return made


def in_declaration(snapshot: Snapshot, uri: str, start: int, parsed: s.ParsedDeclaration) -> list[Occurrence]:
    """The names in a declaration, in order, each once."""
    return [_moved(each, start) for each in names_in(snapshot, uri, start, parsed)]


def _moved(found: Occurrence, start: int) -> Occurrence:
    return Occurrence(found.key, found.uri, found.span.shifted(start), found.language, found.declares)


def names_in(snapshot: Snapshot, uri: str, start: int, parsed: s.ParsedDeclaration) -> list[Occurrence]:
    """The names in a declaration, in order, each once; their spans are relative to it."""
    part = snapshot.part(uri, start)
    known = part.answers.get("names") if part is not None else None
    if known is None:
        once = {each.span: each for each in _Finder(snapshot, uri, start, parsed).find()}
        known = [once[span] for span in sorted(once)]
        if part is not None:
            part.answers["names"] = known
    return cast("list[Occurrence]", known)


class _Finder:
    """Finds the names in one declaration: those it declares, and those its recorded forms tell."""

    def __init__(self, snapshot: Snapshot, uri: str, start: int, parsed: s.ParsedDeclaration) -> None:
        self.snapshot = snapshot
        self.vocabulary = snapshot.vocabulary
        self.uri = uri
        self.text = parsed.text
        self.declaration = parsed.declaration
        self.language = parsed.language
        self.tables = word_tables(parsed.language)
        part = snapshot.part(uri, start)
        self.forms: Mapping[Span, Any] = part.forms if part is not None else {}

    def find(self) -> Iterator[Occurrence]:
        yield from self._nodes(self.declaration)
        yield from self._declared(self.declaration)

    def _at(self, key: Key, span: Span, language: str = "", declares: bool = False) -> Occurrence:
        return Occurrence(key, self.uri, span, language or self.language, declares)

    # --- declarations -----------------------------------------------------------------------------------------------

    def _declared(self, declaration: s.Declaration) -> Iterator[Occurrence]:
        match declaration:
            case s.ObjectDeclaration() | s.EventDeclaration():
                key = self.tables.name_key(declaration.names.phrase)
                owner = self.vocabulary.object_of(self.language, key)
                if owner is None:
                    return
                yield from self._named(Key("object", "", owner.name), declaration.names)
                for field in declaration.fields:
                    if isinstance(field, s.FieldDeclaration):
                        yield from self._field(owner.name, field)
            case s.DefinitionDeclaration() | s.TableDeclaration():
                yield from self._defined(declaration.names)
                if isinstance(declaration, s.TableDeclaration):
                    yield from self._type(declaration.type)
            case s.ActionDeclaration():
                yield from self._action(declaration)
            case _:
                return

    def _field(self, owner: str, field: s.FieldDeclaration) -> Iterator[Occurrence]:
        symbol = self.vocabulary.field_of(owner, self.language, self.tables.name_key(field.names.phrase))
        if symbol is not None:
            yield from self._named(Key("field", owner, symbol.name), field.names)
        yield from self._type(field.type)

    def _named(self, key: Key, names: s.Names) -> Iterator[Occurrence]:
        yield self._at(key, self._bare(names.phrase, self.language), declares=True)
        if names.other is not None:
            other = next((each for each in languages() if each != self.language), self.language)
            yield self._at(key, self._bare(names.other, other), other, declares=True)

    def _bare(self, phrase: s.Phrase | s.Name, language: str) -> Span:
        """The span of a name without its article."""
        if isinstance(phrase, s.Name):
            return phrase.span
        toks = word_tables(language).expand(phrase.words)
        first = next((tok for tok in toks if not tok.article), toks[0])
        return Span(first.span.start, toks[-1].span.end)

    def _defined(self, names: s.Names) -> Iterator[Occurrence]:
        heading = split_heading(self.vocabulary, names.phrase, self.language)
        name_key = self.tables.name_key(heading.words)
        if heading.owner is not None:
            symbol = self.vocabulary.field_of(heading.owner.name, self.language, name_key)
            key = Key("field", heading.owner.name, symbol.name) if symbol is not None else None
            if isinstance(names.phrase, s.Phrase):
                toks = self.tables.expand(names.phrase.words)
                rest = [tok for tok in toks if tok.span.start >= heading.words.span.end or not heading.words.span.end]
                yield from self._match(rest or toks, [Key("object", "", heading.owner.name)])
        else:
            found = self.vocabulary.global_of(self.language, name_key)
            key = Key("global", "", found.name) if found is not None else None
        if key is None:
            return
        yield self._at(key, self._words_span(heading.words), declares=True)
        if names.other is not None:
            other = next((each for each in languages() if each != self.language), self.language)
            second = split_heading(self.vocabulary, names.other, self.language, other)
            yield self._at(key, self._bare(second.words, other), other, declares=True)

    def _words_span(self, phrase: s.Phrase | s.Name) -> Span:
        if isinstance(phrase, s.Name) or not phrase.words:
            return phrase.span
        toks = self.tables.expand(phrase.words)
        first = next((tok for tok in toks if not tok.article), toks[0])
        return Span(first.span.start, phrase.words[-1].span.end)

    def _type(self, type_: s.TypeSyntax) -> Iterator[Occurrence]:
        for phrase in type_.alternatives:
            if isinstance(phrase, s.Phrase):
                toks = self.tables.expand(phrase.words)
                objects = [Key("object", "", name) for name in self.vocabulary.objects]
                yield from self._match(toks, objects)

    def _action(self, declaration: s.ActionDeclaration) -> Iterator[Occurrence]:
        actions = self.vocabulary.actions.values()
        symbol = next((a for a in actions if a.place.is_of(self.uri, self.text, declaration.pattern.span)), None)
        if symbol is None:
            return
        other = next((each for each in languages() if each != self.language), self.language)
        for pattern, language in ((declaration.pattern, self.language), (declaration.other, other)):
            if pattern is None:
                continue
            holes = iter(symbol.holes)
            for part in pattern.parts:
                if isinstance(part, s.PatternHole):
                    name = next(holes, None)
                    if name is not None:
                        key = Key("parameter", symbol.name, name)
                        yield self._at(key, self._bare(part.name, language), language, declares=True)
                    if part.type is not None:
                        yield from self._type(part.type)
                elif part.words:
                    key = Key("action", "", symbol.name)
                    span = Span(part.words[0].span.start, part.words[-1].span.end)
                    yield self._at(key, span, language, declares=True)
        for parameter in declaration.parameters:
            if isinstance(parameter, s.InvalidSyntax):
                continue
            name_key = self.tables.name_key(parameter.names.phrase)
            found = next((p for p in symbol.parameters if self._is_named(p, name_key)), None)
            if found is not None:
                yield from self._named(Key("parameter", symbol.name, found.name), parameter.names)
            yield from self._type(parameter.type)

    def _is_named(self, symbol: FieldSymbol, key: tuple[str, ...]) -> bool:
        name = symbol.names.get(self.language)
        return name is not None and tuple(self.tables.name_key_of(self.tables.split(name.text))) == key

    # --- what forms tell --------------------------------------------------------------------------------------------

    def _nodes(self, value: Any, call: str = "") -> Iterator[Occurrence]:
        """The names in a node and in all that it holds; ``call`` is the action whose arguments these are."""
        match value:
            case s.Run():
                form = self.forms.get(value.span)
                yield from self._match(self.tables.toks(value), list(_mentioned(form)) if form is not None else [])
            case s.ActionCall():
                form = self.forms.get(value.head.span)
                call = next((key.name for key in _mentioned(form) if key.kind == "action"), "") if form else ""
                if form is not None and form[0] == "call" and isinstance(form[2], FieldSymbol):
                    yield from self._first_parameter(value.head, call, form[2])
            case s.Expectation():
                form = self.forms.get(value.body.span)
                call = next((key.name for key in _mentioned(form) if key.kind == "action"), "") if form else ""
            case s.Argument():
                form = self.forms.get(value.name.span)
                if form is not None and form[0] == "parameter":
                    yield self._at(_parameter(form[1], call), value.name.span)
            case _:
                pass
        if isinstance(value, tuple):
            for each in cast("tuple[Any, ...]", value):
                yield from self._nodes(each, call)
        elif isinstance(value, Node):
            for field in attrs.fields(type(value)):
                if field.name not in {"span", "operator_span"}:
                    yield from self._nodes(getattr(value, field.name), call)

    def _first_parameter(self, head: s.Run, call: str, symbol: FieldSymbol) -> Iterator[Occurrence]:
        """The parameter before a first ``=`` without comma, at the end of the call's phrase."""
        toks = self.tables.toks(head)
        name = symbol.names.get(self.language)
        if name is None:
            return
        wanted = self.tables.name_key_of(self.tables.split(name.text))
        if len(toks) >= len(wanted) and [tok.stem for tok in toks[-len(wanted) :]] == wanted:
            span = Span(toks[-len(wanted)].span.start, toks[-1].span.end)
            yield self._at(_parameter(symbol, call), span)

    def _match(self, toks: Sequence[Tok], keys: list[Key]) -> Iterator[Occurrence]:
        """The names of some symbols in a row of words: the longest first, each name of the form once where it can."""
        waiting = list(keys)
        position = 0
        while position < len(toks):
            tok = toks[position]
            found = None if tok.stem is None or tok.article else self._longest(toks, position, waiting, keys)
            if found is None:
                position += 1
                continue
            key, end = found
            if key in waiting:
                waiting.remove(key)
            yield self._at(key, Span(tok.span.start, toks[end - 1].span.end))
            position = end

    def _longest(self, toks: Sequence[Tok], start: int, waiting: list[Key], keys: list[Key]) -> tuple[Key, int] | None:
        end = start
        while end < len(toks) and toks[end].stem is not None:
            end += 1
        for stop in range(end, start, -1):
            if toks[stop - 1].article:
                continue
            for key in (*waiting, *keys):
                if self._is(key, toks, start, stop):
                    return key, stop
        return None

    def _is(self, key: Key, toks: Sequence[Tok], start: int, end: int) -> bool:
        """Whether a slice of words is the name of a symbol."""
        words = tuple(tok.stem or "" for tok in toks[start:end])
        language = self.language
        match key.kind:
            case "object":
                found = self.vocabulary.object_of(language, words)
                if found is not None and found.name == key.name:
                    return True
                event = self.vocabulary.objects.get(key.name)
                return event is not None and event.event and self._occurs(event, toks[start:end])
            case "field":
                known = self.vocabulary.field_of(key.owner, language, words)
                return known is not None and known.name == key.name
            case "global":
                named = self.vocabulary.global_of(language, words)
                return named is not None and named.name == key.name
            case "action":
                return start == 0 and self._is_verb(key.name, toks, end)
            case _:
                return False

    def _occurs(self, event: ObjectSymbol, toks: Sequence[Tok]) -> bool:
        """``appel est manqué``: the words of an event's name around an auxiliary, in either order."""
        name = event.names.get(self.language)
        if name is None:
            return False
        wanted = [stem for stem in self.tables.name_key_of(self.tables.split(name.text)) if stem != ARTICLE]
        stems = [tok.stem or "" for tok in toks if not tok.article]
        return len(stems) > len(wanted) and stems[0] in wanted and stems[-1] in wanted and set(wanted) <= set(stems)

    def _is_verb(self, name: str, toks: Sequence[Tok], end: int) -> bool:
        """The words before the first hole of an action's phrase."""
        action = self.vocabulary.actions[name]
        parts = action.patterns.get(self.language, ())
        wanted: list[str] = []
        for part in parts:
            if part.hole is not None:
                break
            if part.stem and part.stem != ARTICLE:
                wanted.append(part.stem)
        return bool(wanted) and [tok.stem for tok in toks[:end] if not tok.article] == wanted


def _parameter(symbol: FieldSymbol, call: str) -> Key:
    """The key of an argument: a field of the object that is made, else a parameter of the action."""
    return Key("field", symbol.owner, symbol.name) if symbol.owner else Key("parameter", call, symbol.name)


def _mentioned(form: Any) -> Iterator[Key]:
    """The symbols a form speaks of, in the order in which it does."""
    if isinstance(form, Mapping):
        for each in cast("Mapping[str, Any]", form).values():
            yield from _mentioned(each)
        return
    if type(form) is not tuple or not form:
        return
    parts = cast("tuple[Any, ...]", form)
    kind, first, second = (*parts, None, None)[:3]
    if not isinstance(first, str):
        pass
    elif kind in _FIELD_FORMS and isinstance(second, str):
        yield Key("field", first, second)
    elif kind == "window":
        yield Key("object", "", first)
        if isinstance(second, str):
            yield Key("field", first, second)
    elif kind in _OBJECT_FORMS:
        yield Key("object", "", first)
    elif kind == "global" or kind == "action":
        yield Key(kind, "", first)
    for each in parts[1:]:
        yield from _mentioned(each)


_FIELD_FORMS = frozenset({"field", "state", "its", "walk", "list"})
_OBJECT_FORMS = frozenset(
    {*("object", "noun", "labelled", "lookup", "created", "all", "of", "occurred", "participle", "create")}
)
"""The forms whose first part is the name of an object or event."""


__all__ = [
    "Key",
    "Occurrence",
    "Symbol",
    "in_declaration",
    "names_in",
    "names_of",
    "occurrence_at",
    "occurrences",
    "symbol_of",
]
