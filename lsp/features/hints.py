"""What is shown beside the text: types of definitions, the signature of a call, ranges to select, indentation."""

from __future__ import annotations

from typing import Any, cast

import attrs

from ...dsl import ir
from ...dsl import syntax as s
from ...dsl.declare import split_heading
from ...dsl.memory import Part
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
    """What is shown in a range: types of definitions, units of bare numbers, how a condition is read."""
    made: list[Hint] = []
    for start, part in snapshot.parts(uri):
        if start > span.end or start + len(part.parsed.text) < span.start:
            continue
        known: list[Hint] | None = part.answers.get("hints")
        if known is None:
            known = part.answers["hints"] = [
                *_definition(snapshot, part.parsed),
                *units(snapshot, part),
                *readings(part),
            ]
        made += [Hint(each.offset + start, each.text, each.kind) for each in known]
    return [each for each in made if span.start <= each.offset <= span.end]


def _definition(snapshot: Snapshot, parsed: s.ParsedDeclaration) -> list[Hint]:
    """The type of a definition, behind its name."""
    declaration = parsed.declaration
    if not isinstance(declaration, s.DefinitionDeclaration):
        return []
    heading = split_heading(snapshot.vocabulary, declaration.names.phrase, parsed.language)
    key = word_tables(parsed.language).name_key(heading.words)
    if heading.owner is not None:
        symbol = snapshot.vocabulary.field_of(heading.owner.name, parsed.language, key)
        type_ = snapshot.type_of(symbol) if symbol is not None else None
    else:
        known = snapshot.vocabulary.global_of(parsed.language, key)
        type_ = snapshot.type_of_global(known.name) if known is not None else None
    if type_ is None or type_.kind in {"error", "empty"}:
        return []
    return [Hint(declaration.names.span.end, f" : {type_words(snapshot, type_, parsed.language)}")]


def units(snapshot: Snapshot, part: Part) -> list[Hint]:
    """The units of bare numbers that are compared with, added to or given to a quantity."""
    rule = part.rule
    if rule is None:
        return []
    found: dict[Span, str] = {}
    _units(snapshot, (rule.condition, rule.actions, rule.otherwise, rule.triggers), found)
    written = part.parsed.text
    return [
        Hint(span.end, f" {unit}", "unit")
        for span, unit in sorted(found.items())
        if written[span.start : span.end].strip()[-1:].isdecimal()
    ]


def _units(snapshot: Snapshot, value: Any, found: dict[Span, str]) -> None:
    if isinstance(value, tuple):
        for each in cast("tuple[Any, ...]", value):
            _units(snapshot, each, found)
        return
    if not isinstance(value, Node):
        return
    if isinstance(value, ir.Apply) and value.function in _SAME_UNIT:
        unit = next((each.type.unit for each in value.arguments if each.type.unit), None)
        for each in value.arguments:
            if unit and isinstance(each, ir.Constant) and each.span.end > each.span.start:
                found[each.span] = unit
    if isinstance(value, ir.Assign) and isinstance(value.value, ir.Constant) and value.target.type.object:
        symbol = snapshot.vocabulary.field(value.target.type.object, value.field)
        if symbol is not None and symbol.type is not None and symbol.type.unit:
            found[value.value.span] = symbol.type.unit
    for field in attrs.fields(type(value)):
        if field.name != "span":
            _units(snapshot, getattr(value, field.name), found)


_SAME_UNIT = frozenset(
    {"equal", "not_equal", "less", "less_or_equal", "greater", "greater_or_equal", "add", "subtract", "between"}
)
"""Functions of the IR whose arguments are of one unit."""


def readings(part: Part) -> list[Hint]:
    """Parentheses that nobody wrote but that are read: round what binds tighter in a condition or calculation."""
    found: dict[Span, None] = {}
    _readings(part.parsed.declaration, found)
    made: list[Hint] = []
    for span in found:
        made += [Hint(span.start, "(", "reading"), Hint(span.end, ")", "reading")]
    return sorted(made, key=lambda hint: hint.offset)


def _readings(value: Any, found: dict[Span, None]) -> None:
    if isinstance(value, tuple):
        for each in cast("tuple[Any, ...]", value):
            _readings(each, found)
        return
    if not isinstance(value, Node):
        return
    inner: tuple[s.Expression, ...] = ()
    match value:
        case s.Binary():
            inner = tuple(e for e in (value.left, value.right) if isinstance(e, s.Binary) and _tighter(e, value))
        case s.Logic():
            inner = tuple(part for part in value.parts if isinstance(part, s.Logic))
        case s.Not():
            inner = (value.operand,) if isinstance(value.operand, s.Comparison | s.Between | s.Membership) else ()
        case _:
            pass
    found.update(dict.fromkeys(each.span for each in inner))
    for field in attrs.fields(type(value)):
        if field.name not in {"span", "operator_span"}:
            _readings(getattr(value, field.name), found)


def _tighter(inner: s.Binary, outer: s.Binary) -> bool:
    return inner.operator in _TIGHT and outer.operator not in _TIGHT


_TIGHT = frozenset("*/^")


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
    """How far a new line is indented: like what it goes on with, not at all after a blank one.

    ``None`` where it may stay as it is.
    """
    text = snapshot.text(uri)
    line_start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    before = text[:line_start].rstrip("\r\n")
    last = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    if text[line_start:offset].strip():
        return None
    if text[len(before) : line_start].count("\n") > 1 or not last.strip():
        return 0
    if last.lstrip().startswith("#"):
        return None
    cursor = cursor_at(snapshot, uri, len(before))
    read = beginning(cursor.before + cursor.word, cursor.language)
    if last[0].isspace():
        return len(last) - len(last.lstrip())
    if read.kind == "rule" and not {"WHEN", "EVERY"} & set(terminals(read.lexemes)):
        # the heading of a rule stands above its first line
        return 0
    return _INDENTS.get(read.kind)
