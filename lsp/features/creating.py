"""Declaring what a rule names and nobody declared: a field of an object, an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...dsl import syntax as s
from ...dsl.agreement import Agreement, Noun
from ...dsl.declare import display_name
from ...dsl.diagnostic import Edit
from ...dsl.lexicon import lexicon
from ...dsl.messages import ui
from ...dsl.sink import Sink
from ...dsl.source import Span
from ...dsl.triggers import TriggerResolver
from ...dsl.words import word_tables
from ..snapshot import Snapshot
from .extracting import nodes
from .trying import mends

FIELD_CODES = frozenset({"QD101", "QD102"})
OBJECT_CODES = frozenset({"QD117", "QD111"})


class Missing(NamedTuple):
    """A name that is missing: the code of the finding, its place, the name, and the object whose field it would be."""

    code: str
    span: Span
    name: str
    owner: str


def missing(snapshot: Snapshot, uri: str, span: Span) -> list[Missing]:
    """The names in a range that could be declared."""
    made: list[Missing] = []
    for each in snapshot.diagnostics.get(uri, ()):
        found = each.diagnostic
        if not (found.span.start <= span.end and span.start <= found.span.end):
            continue
        name = str(found.args.get("phrase") or found.args.get("name") or "")
        if found.code in OBJECT_CODES and name:
            made.append(Missing(found.code, found.span, name, ""))
        elif found.code in FIELD_CODES and name:
            owner = str(found.args.get("owner") or _subject(snapshot, uri, found.span.start))
            if owner in snapshot.vocabulary.objects:
                made.append(Missing(found.code, found.span, name, owner))
    return made


def title(snapshot: Snapshot, uri: str, wanted: Missing) -> str:
    """What declaring a name is called."""
    language = snapshot.language(uri)
    if not wanted.owner:
        return ui("editor_add_object", language, name=_bare(wanted.name, language))
    owner = snapshot.object_name(wanted.owner, language)
    return ui("editor_add_field", language, name=_bare(wanted.name, language), object=owner)


def created(snapshot: Snapshot, uri: str, wanted: Missing) -> Mapping[str, Sequence[Edit]] | None:
    """The edits that declare a name; ``None`` where the finding would stay."""
    edits = _field(snapshot, uri, wanted) if wanted.owner else _object(snapshot, uri, wanted)
    return edits if mends(snapshot, edits, wanted.code) else None


def _subject(snapshot: Snapshot, uri: str, offset: int) -> str:
    """The object that the triggers of the rule around an offset tell."""
    around = snapshot.declaration(uri, offset)
    if around is None or not isinstance(around[1].declaration, s.RuleDeclaration):
        return ""
    resolver = snapshot.resolver(around[1].language)
    with resolver.reporting_to(Sink()):
        triggers = TriggerResolver(resolver)
        triggers.resolve(around[1].declaration.triggers)
    return triggers.subject.symbol.name if triggers.subject is not None else ""


def _bare(name: str, language: str) -> str:
    """A name without its article."""
    tables = word_tables(language)
    return display_name(s.Phrase(tuple(tables.split(name))), language).text


def _field(snapshot: Snapshot, uri: str, wanted: Missing) -> Mapping[str, Sequence[Edit]]:
    """A line in the declaration of the object; in a declaration that adds to it where there is none in the project."""
    language = snapshot.language(uri)
    for file in snapshot.files:
        parsed = snapshot.parsed(file.uri)
        for start, declaration in parsed.declarations if parsed is not None else ():
            node = declaration.declaration
            if not isinstance(node, s.ObjectDeclaration | s.EventDeclaration) or not node.fields:
                continue
            key = word_tables(declaration.language).name_key(node.names.phrase)
            symbol = snapshot.vocabulary.object_of(declaration.language, key)
            if symbol is None or symbol.name != wanted.owner or declaration.language != language:
                continue
            last = start + node.fields[-1].span.end
            first = start + node.fields[0].span.start
            text = file.text
            line = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
            indent = text[line:first] if not text[line:first].strip() else "  "
            return {file.uri: [Edit(Span(last, last), f"\n{indent}{_line(snapshot, uri, wanted, language)}")]}
    owner = snapshot.vocabulary.objects[wanted.owner]
    noun = owner.names[language]
    word = Agreement(lexicon(language)).article("indefinite", Noun(noun.gender), noun.text)
    opener = snapshot.resolver(language).keyword("openers", "event" if owner.event else "object")
    name = f"{word} {noun.text}" if word and not owner.event else noun.text
    text = f"{opener} {name}\n  {_line(snapshot, uri, wanted, language)}\n\n"
    return {uri: [_before(snapshot, uri, wanted.span.start, text)]}


def _object(snapshot: Snapshot, uri: str, wanted: Missing) -> Mapping[str, Sequence[Edit]]:
    """A declaration of its own, with a name as its first field."""
    language = snapshot.language(uri)
    resolver = snapshot.resolver(language)
    bare = _bare(wanted.name, language)
    gender = Agreement(lexicon(language)).guessed_gender(bare)
    article = Agreement(lexicon(language)).article("indefinite", Noun(gender), bare)
    first = lexicon(language).tables["phrases"]["types"]["text"][0]
    field = ui("editor_first_field", language)
    text = f"{resolver.keyword('openers', 'object')} {article} {bare}\n  {field} : {first}\n\n"
    return {uri: [_before(snapshot, uri, wanted.span.start, text)]}


def _before(snapshot: Snapshot, uri: str, offset: int, text: str) -> Edit:
    """A text before the declaration that an offset is in, and before its comments."""
    around = snapshot.declaration(uri, offset)
    at = 0
    if around is not None:
        start, parsed = around
        at = start + len(parsed.text) - len(parsed.text.lstrip())
    return Edit(Span(at, at), text)


def _line(snapshot: Snapshot, uri: str, wanted: Missing, language: str) -> str:
    kinds = lexicon(language).tables["phrases"]["types"]
    kind = _kind(snapshot, uri, wanted.span)
    return f"{_bare(wanted.name, language)} : {kinds.get(kind, kinds['text'])[0]}"


def _kind(snapshot: Snapshot, uri: str, span: Span) -> str:
    """The type of the value that a name is compared with or gets, text where that is not a value as it stands."""
    around = snapshot.declaration(uri, span.start)
    if around is None:
        return "text"
    here = span.shifted(-around[0])
    for value in _beside(around[1].declaration, here):
        if isinstance(value, s.Run) and len(value.items) == 1:
            item = value.items[0]
            if isinstance(item, s.Literal):
                return "number" if item.kind == "quantity" else item.kind
    return "text"


def _beside(declaration: Any, span: Span) -> Iterator[Any]:
    """What is compared with, or given to, what stands in a span."""
    for node in nodes(declaration):
        match node:
            case s.Comparison() if node.left is not None and node.left.span == span:
                yield node.right
            case s.Comparison() if node.right.span == span:
                yield node.left
            case s.Between() if node.operand is not None and node.operand.span == span:
                yield node.low
            case s.ActionCall() if node.head.span == span:
                yield node.value
            case s.Argument() if node.name.span == span:
                yield node.value
            case _:
                pass
