"""The values that may follow an operator: those of a choice, yes and no, and texts the project compares with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...dsl import ir
from ...dsl import syntax as s
from ...dsl.ir import Choice
from ...dsl.lexemes import Lexeme
from ...dsl.lexicon import lexicon
from ...dsl.scope import Scope
from ...dsl.types import Type, reference_to
from ...dsl.vocabulary import FieldSymbol
from ...dsl.words import word_tables
from ..snapshot import Snapshot
from .completion_actions import called, parameter_named
from .completion_items import VALUE, Item
from .context import BOUNDARIES, Cursor, expression_at, field_of, last_start, object_in

OPERATORS = frozenset(
    {
        *("IS", "COMPARE", "FILTER_COMPARE", "ASSIGN", "BECOMES", "ONE_OF", "FILTER_ONE_OF", "GOES_FROM", "GOES_TO"),
        *("LIST_SEPARATOR", "CELL_NOT"),
    }
)
"""The terminals after which a value of what stands before them is written."""


def value_items(snapshot: Snapshot, cursor: Cursor, lexemes: Sequence[Lexeme], scope: Scope) -> Iterator[Item]:
    """The values of what stands before the operator that the text ends with."""
    last = lexemes[-1].terminal if lexemes else ""
    if last in {"BAR", "ROW_START", "CELL_COMMA"} or (last == "CELL_NOT" and lexemes):
        yield from _column_values(snapshot, cursor, lexemes, scope)
        return
    if last not in OPERATORS:
        return
    type_, choices = _compared(snapshot, cursor, lexemes, scope)
    yield from _choices(choices, cursor.language)
    if type_ is not None and type_.kind == "boolean":
        constants = lexicon(cursor.language).tables["phrases"]["constants"]
        for concept in ("yes", "no"):
            yield Item(constants[concept][0], "constant", VALUE)


def _choices(choices: Sequence[Choice], language: str) -> Iterator[Item]:
    for number, choice in enumerate(choices):
        name = choice.names.get(language, choice.name)
        quoted = f"'{name}'"
        others = [text for other, text in sorted(choice.names.items()) if other != language and text != name]
        yield Item(quoted, "value", f"{VALUE}{number:03}", quoted, detail=", ".join(others))


def _compared(
    snapshot: Snapshot, cursor: Cursor, lexemes: Sequence[Lexeme], scope: Scope
) -> tuple[Type | None, Sequence[Choice]]:
    """The type and the values of what stands before an operator."""
    operators = OPERATORS - {"LIST_SEPARATOR"}
    place = last_start(lexemes, operators)
    if place < 0:
        return None, ()
    while place > 0 and lexemes[place - 1].terminal in operators:
        place -= 1
    if lexemes[place].terminal == "GOES_TO":
        place = last_start(lexemes[:place], frozenset({"GOES_FROM"}))
    start = last_start(lexemes[:place], BOUNDARIES) + 1
    if place < 1 or start >= place:
        return None, ()
    if start and lexemes[start - 1].terminal == "ARGUMENT_COMMA" and isinstance(lexemes[start].value, s.Phrase):
        parameter = parameter_named(snapshot, cursor, called(lexemes[:start]), lexemes[start].value, scope)
        if parameter is not None:
            return snapshot.type_of(parameter), parameter.choices
    text = cursor.before[lexemes[start].start : lexemes[place - 1].end]
    if scope.subject is None and isinstance(lexemes[start].value, s.Phrase):
        scope = _named_scope(snapshot, cursor, lexemes[start].value)
    value = expression_at(snapshot, cursor, text, scope)
    if value is None and isinstance(lexemes[start].value, s.Phrase):
        parameter = parameter_named(snapshot, cursor, called(lexemes[:place]), lexemes[start].value, scope)
        if parameter is not None:
            return snapshot.type_of(parameter), parameter.choices
    return _of(snapshot, cursor, value, field_of(snapshot, value))


def _named_scope(snapshot: Snapshot, cursor: Cursor, phrase: s.Phrase) -> Scope:
    """The object that the phrase of a trigger names: ``l'étape d'une affaire``."""
    toks = word_tables(cursor.language).expand(phrase.words)
    for start in range(1, len(toks)):
        found = object_in(snapshot, cursor.language, toks[start:])
        if found is not None:
            return Scope(cursor.language, ir.Variable("subject", reference_to(found[0].name)))
    return Scope(cursor.language)


def _of(
    snapshot: Snapshot, cursor: Cursor, value: object, field: FieldSymbol | None
) -> tuple[Type | None, Sequence[Choice]]:
    if field is not None:
        return snapshot.type_of(field), field.choices
    type_ = getattr(value, "type", None)
    return (type_ if isinstance(type_, Type) else None), ()


def _column_values(snapshot: Snapshot, cursor: Cursor, lexemes: Sequence[Lexeme], scope: Scope) -> Iterator[Item]:
    """The values for a cell of a decision table: those of its column."""
    rows = [n for n, each in enumerate(lexemes) if each.terminal in {"HEADER_START", "ROW_START"}]
    if len(rows) < 2:
        return
    column = sum(1 for each in lexemes[rows[-1] :] if each.terminal == "BAR")
    heading = lexemes[rows[0] + 1 : rows[1]]
    cells: list[list[Lexeme]] = [[]]
    for lexeme in heading:
        if lexeme.terminal in {"BAR", "ROW_END"}:
            cells.append([])
        else:
            cells[-1].append(lexeme)
    if column >= len(cells) or not cells[column]:
        return
    text = cursor.before[cells[column][0].start : cells[column][-1].end]
    value = expression_at(snapshot, cursor, text, scope)
    field = field_of(snapshot, value)
    if field is not None:
        yield from _choices(field.choices, cursor.language)
