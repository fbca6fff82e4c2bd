"""What is shown beside the text: types of definitions, the signature of a call, ranges to select, indentation."""

from __future__ import annotations

from typing import Any, cast

import attrs

from ...dsl import syntax as s
from ...dsl.declare import split_heading
from ...dsl.node import Node, node
from ...dsl.source import Span
from ...dsl.vocabulary import display
from ...dsl.words import word_tables
from ..snapshot import Snapshot
from .completion_actions import action_called, called
from .context import SAMPLE, beginning, cursor_at, last_start, terminals
from .hover import documentation, phrase_of, type_words


@node
class Hint(Node):
    """A text shown at an offset, which is no part of the file. ``kind``: ``type unit reading``."""

    offset: int
    text: str
    kind: str = "type"


@node
class Signature(Node):
    """How an action is called: its phrase and arguments, where each stands in ``label``, and the one being written."""

    label: str
    documentation: str
    parameters: tuple[Span, ...]
    active: int | None


def hints(snapshot: Snapshot, uri: str, span: Span) -> list[Hint]:
    """The types of the definitions whose names are in a range."""
    file = snapshot.parsed(uri)
    made: list[Hint] = []
    for start, parsed in file.declarations if file is not None else ():
        declaration = parsed.declaration
        if not isinstance(declaration, s.DefinitionDeclaration):
            continue
        offset = start + declaration.names.span.end
        if not span.start <= offset <= span.end:
            continue
        heading = split_heading(snapshot.vocabulary, declaration.names.phrase, parsed.language)
        key = word_tables(parsed.language).name_key(heading.words)
        if heading.owner is not None:
            symbol = snapshot.vocabulary.field_of(heading.owner.name, parsed.language, key)
            type_ = snapshot.type_of(symbol) if symbol is not None else None
        else:
            known = snapshot.vocabulary.global_of(parsed.language, key)
            type_ = snapshot.type_of_global(known.name) if known is not None else None
        if type_ is not None and type_.kind not in {"error", "empty"}:
            made.append(Hint(offset, f" : {type_words(snapshot, type_, parsed.language)}"))
    return made


def signature(snapshot: Snapshot, uri: str, offset: int) -> Signature | None:
    """The action that is being called at an offset."""
    cursor = cursor_at(snapshot, uri, offset)
    if cursor.inside is not None and cursor.inside.quote == "#":
        return None
    text = cursor.before
    if cursor.inside is not None:
        line = text.rsplit("\n", 1)[-1]
        text = text[: len(text) - len(line) + cursor.inside.mark]
    read = beginning(f"{text}{SAMPLE}", cursor.language)
    if read.mode.name not in {"actions", "expectations", "group"}:
        return None
    phrase = called(read.lexemes)
    if phrase is None:
        return None
    toks = [tok for tok in word_tables(cursor.language).expand(phrase.words) if not tok.article]
    action = action_called(snapshot, cursor.language, toks)
    if action is None:
        return None
    label = phrase_of(action, cursor.language)
    parameters: list[Span] = []
    names: list[tuple[str, ...]] = []
    tables = word_tables(cursor.language)
    for parameter in action.parameters:
        name = display(parameter.names, cursor.language)
        names.append(tuple(tables.name_key_of(tables.split(name))))
        if parameter.name in action.holes:
            start = label.find(f"{{{name}}}")
            parameters.append(Span(start, start + len(name) + 2))
            continue
        text = f"{name} = {type_words(snapshot, snapshot.type_of(parameter), cursor.language)}"
        parameters.append(Span(len(label) + 2, len(label) + 2 + len(text)))
        label = f"{label}, {text}"
    ended = terminals(read.lexemes)
    active: int | None = 0 if action.holes and "ARGUMENT_COMMA" not in ended else None
    comma = last_start(read.lexemes, frozenset({"ARGUMENT_COMMA"}))
    if comma >= 0 and comma + 1 < len(read.lexemes) and isinstance(read.lexemes[comma + 1].value, s.Phrase):
        key = tables.name_key(read.lexemes[comma + 1].value)
        active = names.index(key) if key in names else None
    return Signature(label, documentation(action, cursor.language), tuple(parameters), active)


def selections(snapshot: Snapshot, uri: str, offset: int) -> list[Span]:
    """What may be selected around an offset, the smallest first: a word, a phrase, an action, a declaration, all."""
    text = snapshot.text(uri)
    made = {Span(0, len(text))}
    around = snapshot.declaration(uri, offset)
    if around is not None:
        start, parsed = around
        _spans(parsed.declaration, offset - start, start, made)
    word = cursor_word(text, offset)
    if word.end > word.start:
        made.add(word)
    chain: list[Span] = []
    for span in sorted(made, key=lambda each: each.end - each.start):
        if not chain or (span.start <= chain[-1].start and chain[-1].end <= span.end and span != chain[-1]):
            chain.append(span)
    return chain


def cursor_word(text: str, offset: int) -> Span:
    """The word that an offset is in."""
    start, end = offset, offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return Span(start, end)


def _spans(value: Any, offset: int, start: int, made: set[Span]) -> None:
    if isinstance(value, tuple):
        for each in cast("tuple[Any, ...]", value):
            _spans(each, offset, start, made)
        return
    if not isinstance(value, Node):
        return
    span: Span | None = getattr(value, "span", None)
    if span is not None and span.end > span.start:
        if not span.start <= offset <= span.end:
            return
        made.add(span.shifted(start))
    for field in attrs.fields(type(value)):
        if field.name not in {"span", "operator_span"}:
            _spans(getattr(value, field.name), offset, start, made)


_INDENTS = {
    "rule": 3,
    "when": 3,
    "every": 3,
    "object": 2,
    "event": 2,
    "action": 2,
    "example": 2,
    "table": 2,
    "process": 2,
}


def indentation(snapshot: Snapshot, uri: str, offset: int) -> int | None:
    """How far a new line after one that is not blank is indented; ``None`` where it may stay as it is."""
    text = snapshot.text(uri)
    line_start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    before = text[:line_start].rstrip("\r\n")
    last = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    if text[line_start:offset].strip() or text[len(before) : line_start].count("\n") > 1:
        return None
    if not last.strip():
        return 0
    if last.lstrip().startswith("#"):
        return None
    cursor = cursor_at(snapshot, uri, len(before))
    kind = beginning(cursor.before + cursor.word, cursor.language).kind
    if last[0].isspace():
        return len(last) - len(last.lstrip())
    return _INDENTS.get(kind)
