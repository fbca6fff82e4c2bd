"""What may come next at a place: names in scope, values, actions with their arguments, keywords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...dsl.keywords import keywords
from ...dsl.node import Node, node
from ...dsl.parser import Beginning
from ...dsl.scanner import QUOTES
from ...dsl.scope import Scope
from ...dsl.source import Span
from ...dsl.words import Tok
from ..snapshot import Snapshot
from .completion_actions import action_items, argument_items
from .completion_items import Item
from .completion_keywords import keyword_items, opener_items
from .completion_names import name_items, owner_items, trigger_items, type_items
from .completion_values import value_items
from .context import (
    SAMPLE,
    STARTS,
    Cursor,
    beginning,
    cursor_at,
    folded,
    may_begin,
    scope_at,
    terminals,
    words_before,
)


@node
class Completion(Node):
    """A proposal: ``label`` is shown, ``text`` replaces ``span``; ``snippet`` where it has ``${1:holes}``.

    ``kind`` is that of :class:`~.completion_items.Item`; ``order`` sorts, ``filter`` is what is typed to find it.
    """

    label: str
    kind: str
    span: Span
    text: str
    snippet: bool
    detail: str
    documentation: str
    order: str
    filter: str


_NAMELESS = frozenset(
    {
        *("definition", "table", "process", "names", "pattern", "hole_name", "header", "options", "properties"),
        *("attributes", "process_entry", "setting", "example", "table_options"),
    }
)
"""The modes in which no value is written: names are declared there, or keywords alone have a place."""


def complete(snapshot: Snapshot, uri: str, offset: int) -> list[Completion]:
    """What may be written at an offset, the likeliest first."""
    cursor = cursor_at(snapshot, uri, offset)
    inside = cursor.inside
    if inside is not None and inside.quote == "#":
        return []
    if inside is not None and inside.hole < 0:
        items = list(_in_text(snapshot, uri, cursor))
    elif inside is not None:
        items = list(_in_hole(snapshot, uri, cursor))
    else:
        items = list(_in_declaration(snapshot, uri, cursor))
    return _chosen(snapshot, uri, cursor, offset, items)


def _chosen(snapshot: Snapshot, uri: str, cursor: Cursor, offset: int, items: Iterable[Item]) -> list[Completion]:
    """The items that what was typed may be the beginning of, each label once."""
    made: dict[tuple[str, str], Completion] = {}
    text = snapshot.text(uri)
    plain = cursor.word.isascii()
    for item in items:
        start = cursor.word_start - item.back
        typed = folded(text[start:offset])
        wanted = folded(item.filter or item.label)
        if typed and not may_begin(wanted, typed):
            continue
        shown = wanted if plain else (item.filter or item.label)
        completion = Completion(
            item.label,
            item.kind,
            Span(start, offset),
            item.text or item.label,
            item.snippet,
            item.detail,
            item.documentation,
            f"{item.rank}{folded(item.label)}",
            shown,
        )
        made.setdefault((item.label, item.text), completion)
    return sorted(made.values(), key=lambda each: each.order)


def _in_declaration(snapshot: Snapshot, uri: str, cursor: Cursor) -> Iterator[Item]:
    if cursor.at_line_start and not cursor.indented:
        yield from opener_items(cursor.language)
    yield from keyword_items(cursor)
    read = beginning(cursor.before + SAMPLE, cursor.language)
    if not read.kind:
        return
    ended = terminals(read.lexemes)
    scope = scope_at(snapshot, uri, cursor, read)
    named = beginning(f"{cursor.before}{SAMPLE} = 1", cursor.language)
    last = terminals(named.lexemes)[-4:]
    if named.fits and last[1:] in (["PHRASE", "IS", "LITERAL"], ["PHRASE", "ASSIGN", "LITERAL"]):
        if last[0] == "ARGUMENT_COMMA" or (last[0] == "LIST_SEPARATOR" and named.kind == "example"):
            yield from argument_items(snapshot, cursor, named, scope)
            return
    if not ended or ended[-1] != "PHRASE":
        return
    yield from _in_phrase(snapshot, cursor, read, scope)


def _in_phrase(snapshot: Snapshot, cursor: Cursor, read: Beginning, scope: Scope) -> Iterator[Item]:
    """The names that may go on with a phrase."""
    before = words_before(cursor, read.lexemes)
    ended = terminals(read.lexemes)
    previous = ended[-2] if len(ended) > 1 else ""
    mode = read.mode.name
    if mode in {"type", "table_type", "hole_type"}:
        yield from type_items(snapshot, cursor, before)
        return
    if mode in _NAMELESS:
        if mode in {"definition", "table", "process"}:
            yield from owner_items(snapshot, cursor, before)
        return
    triggering = mode in {"trigger", "step_when"} and _opens_trigger(read)
    named = any(not tok.article for tok in before)
    if triggering and not (before and before[-1].definite and read.kind == "example" and not named):
        yield from trigger_items(snapshot, cursor, before)
        if read.kind != "example" or named:
            return
    if previous in STARTS and mode in {"actions", "expectations"}:
        yield from action_items(snapshot, cursor, before, scope)
    if mode == "given":
        yield from owner_items(snapshot, cursor, before, always=True)
        return
    yield from _values(snapshot, cursor, read, scope, before)
    yield from name_items(snapshot, cursor, before, scope)


def _opens_trigger(read: Beginning) -> bool:
    """Whether the phrase that is written starts a trigger, rather than being the value of one."""
    ended = terminals(read.lexemes)
    return len(ended) > 1 and ended[-2] in {"WHEN", "TRIGGER_OR", "EVERY", "BEFORE", "FOR_EACH"}


def _values(snapshot: Snapshot, cursor: Cursor, read: Beginning, scope: Scope, before: list[Tok]) -> Iterator[Item]:
    if not before:
        yield from value_items(snapshot, cursor, read.lexemes[:-1], scope)


def _in_text(snapshot: Snapshot, uri: str, cursor: Cursor) -> Iterator[Item]:
    """Inside a text: the values of the choice it is compared with."""
    assert cursor.inside is not None
    closing = QUOTES[cursor.inside.quote]
    before = cursor.before[: len(cursor.before) - 1]
    read = beginning(f"{before}{cursor.inside.quote}{SAMPLE}{closing}", cursor.language)
    if terminals(read.lexemes)[-1:] != ["TEXT"]:
        return
    outside = cursor._replace(before=before)
    scope = scope_at(snapshot, uri, outside, read)
    end = cursor.word_start + len(cursor.word)
    rest = snapshot.text(uri)[end:].split("\n", 1)[0]
    closed = closing in rest
    for item in value_items(snapshot, outside, read.lexemes[:-1], scope):
        if item.kind == "value" and item.text[:1] in QUOTES:
            yield item.but(text=item.text[1:-1] + ("" if closed else closing), label=item.label[1:-1])


def _in_hole(snapshot: Snapshot, uri: str, cursor: Cursor) -> Iterator[Item]:
    """Inside the hole of a text: a phrase of its own, in the scope of the text."""
    inside = cursor.inside
    assert inside is not None
    line_start = cursor.word_start - len(cursor.before)
    line = cursor.before.rsplit("\n", 1)[-1]
    outer = cursor.before[: len(cursor.before) - len(line) + inside.mark]
    written = line[inside.hole + 1 :]
    read = beginning(f"{outer}{inside.quote}{SAMPLE}{QUOTES[inside.quote]}", cursor.language)
    scope = scope_at(snapshot, uri, cursor._replace(before=outer, start=line_start), read)
    define = keywords(cursor.language).canonical("openers", "define")
    alone = beginning(f"{define} {SAMPLE} = {written}{SAMPLE}", cursor.language)
    if alone.lexemes and alone.lexemes[-1].terminal == "PHRASE":
        yield from name_items(snapshot, cursor, words_before(cursor, alone.lexemes), scope)
