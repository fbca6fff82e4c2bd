"""A calculation or a condition of a rule made a definition, which the rule then names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import attrs

from ...dsl import syntax as s
from ...dsl.agreement import Agreement, Noun
from ...dsl.diagnostic import Edit
from ...dsl.lexicon import lexicon
from ...dsl.messages import ui
from ...dsl.node import Node
from ...dsl.pieces import Piece, text_of
from ...dsl.source import Span
from ...dsl.words import word_tables
from ..snapshot import Snapshot
from .trying import adds_no_error

_EXTRACTED = (s.Run, s.Binary, s.Comparison, s.Between, s.Membership, s.Not, s.Logic, s.Conditional, s.PairCall)


def can_extract(snapshot: Snapshot, uri: str, span: Span) -> bool:
    """Whether just what is selected is a value or a condition in a rule about some object."""
    return _selected(snapshot, uri, span) is not None


def extracted(snapshot: Snapshot, uri: str, span: Span) -> Mapping[str, Sequence[Edit]] | None:
    """The edits that make a definition of what is selected; ``None`` where that would not mean the same."""
    found = _selected(snapshot, uri, span)
    if found is None:
        return None
    start, written, owner, place = found
    language = snapshot.language(uri)
    name = _free_name(snapshot, language, owner)
    symbol = snapshot.vocabulary.objects[owner]
    noun = symbol.names[language]
    agreement = Agreement(lexicon(language))
    resolver = snapshot.resolver(language)
    of = lexicon(language).tables["phrases"]["of_object"][0]
    article = agreement.article("indefinite", Noun(noun.gender), noun.text)
    words = [Piece(word) for word in (*name.split(), of, article, *noun.text.split())]
    heading = text_of(agreement.join(words), frozenset())
    opener = resolver.keyword("openers", "define")
    edits = {uri: [Edit(Span(start, start), f"{opener} {heading} = {written}\n\n"), Edit(place, name)]}
    return edits if adds_no_error(snapshot, edits) else None


def _selected(snapshot: Snapshot, uri: str, span: Span) -> tuple[int, str, str, Span] | None:
    """Where the rule starts, what is selected of it, the object the rule is about, and the place."""
    text = snapshot.text(uri)
    selected = text[span.start : span.end]
    place = Span(span.start + len(selected) - len(selected.lstrip()), span.end - len(selected) + len(selected.rstrip()))
    around = snapshot.declaration(uri, place.start) if place.end > place.start else None
    if around is None or not isinstance(around[1].declaration, s.RuleDeclaration):
        return None
    offset, parsed = around
    part = snapshot.part(uri, offset)
    rule = part.rule if part is not None else None
    if rule is None or rule.subject is None:
        return None
    wanted = place.shifted(-offset)
    written_rule = parsed.declaration
    assert isinstance(written_rule, s.RuleDeclaration)
    parts = (written_rule.condition, written_rule.actions, written_rule.otherwise)
    if not any(node.span == wanted for node in nodes(parts) if isinstance(node, _EXTRACTED)):
        return None
    blank = len(parsed.text) - len(parsed.text.lstrip())
    return offset + blank, " ".join(text[place.start : place.end].split()), rule.subject, place


def nodes(value: Any) -> Iterator[Any]:
    """All nodes of a syntax tree, those that hold others first."""
    if isinstance(value, tuple):
        for each in cast("tuple[Any, ...]", value):
            yield from nodes(each)
    elif isinstance(value, Node):
        yield value
        for field in attrs.fields(type(value)):
            yield from nodes(getattr(value, field.name))


def _free_name(snapshot: Snapshot, language: str, owner: str) -> str:
    """A name that no field of the object has."""
    tables = word_tables(language)
    name = base = ui("editor_new_name", language)
    number = 1
    while snapshot.vocabulary.field_of(owner, language, tuple(tables.name_key_of(tables.split(name)))) is not None:
        number += 1
        name = f"{base} {number}"
    return name
