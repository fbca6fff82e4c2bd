"""Laying pieces out: indentation, spaces, comments, the columns of tables. The line breaks are the author's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from . import syntax as s
from .pieces import OPEN, Piece, is_glued, text_of

_MARGIN: Final = 0
_RULE: Final = 3
_BODY: Final = 2
_OPENING: Final = frozenset({"RULE", "WHEN", "THEN", "OTHERWISE"})
_JOINING: Final = frozenset({"CONDITION", "TRIGGER_OR", "CONNECTOR", "SEPARATOR", "BULLET", "FOR_EACH"})
_STEPS: Final = frozenset({"GIVEN", "WHEN", "THEN"})


class Levels(NamedTuple):
    """The indentation of the lines of a declaration: by the offset of their first token, and of all others.

    ``step`` is that of an open bracket.
    """

    known: Mapping[int, int]
    other: int
    step: int


def levels(parsed: s.ParsedDeclaration) -> Levels:
    """What decides the indentation of the lines of a declaration."""
    node, tokens = parsed.declaration, parsed.tokens
    known: dict[int, int] = {tokens[0].span.start: _MARGIN}
    if isinstance(node, s.RuleDeclaration):
        starts = [*node.triggers, *_actions(node.actions), *_actions(node.otherwise or ())]
        for entry in (*starts, *((node.condition,) if node.condition is not None else ())):
            known[entry.span.start] = _RULE
        first = node.triggers[0].span.start if node.triggers else -1
        if not any(token.kind == "WHEN" for token in tokens if token.span.start < first):
            known[first] = _MARGIN
        _add(known, tokens, {**dict.fromkeys(_OPENING, _MARGIN), **dict.fromkeys(_JOINING, _RULE)})
        return Levels({**known, tokens[0].span.start: _MARGIN}, 2 * _RULE, _RULE)
    if isinstance(node, s.ExampleDeclaration):
        _add(known, tokens, dict.fromkeys((*_STEPS, "HEADER_START", "ROW_START"), _BODY))
        return Levels(known, 2 * _BODY, _BODY)
    if isinstance(node, s.DefinitionDeclaration):
        return Levels(known, _BODY, _BODY)
    entries: Sequence[object] = ()
    match node:
        case s.ObjectDeclaration() | s.EventDeclaration():
            entries = node.fields
        case s.ActionDeclaration():
            entries = node.parameters
        case s.ProcessDeclaration():
            entries = node.entries
        case _:
            pass
    for entry in entries:
        known[entry.span.start] = _BODY  # pyright: ignore[reportAttributeAccessIssue,reportUnknownMemberType]
    _add(known, tokens, dict.fromkeys(("HEADER_START", "ROW_START", "NAMED", "FROM"), _BODY))
    return Levels(known, 2 * _BODY, _BODY)


def _add(known: dict[int, int], tokens: Sequence[s.Token], kinds: Mapping[str, int]) -> None:
    for token in tokens:
        if token.kind in kinds:
            known.setdefault(token.span.start, kinds[token.kind])


def _actions(actions: Sequence[s.Action]) -> list[s.Action]:
    """The actions of a list, those inside loops among them."""
    made: list[s.Action] = []
    for action in actions:
        made.append(action)
        if isinstance(action, s.ForEach):
            made.extend(_actions(action.actions))
    return made


class _Line(NamedTuple):
    """A line of pieces with its indentation; with no pieces it is a comment or, without a comment, blank."""

    indent: int
    pieces: list[Piece]
    comment: str = ""


def lay_out(pieces: Sequence[Piece], rules: Levels, spaced: frozenset[str], end_comment: str) -> str:
    """The text of a declaration without a line break at its end. ``end_comment`` ends its last line."""
    lines: list[_Line] = []
    current: list[Piece] = []
    indent, depth = 0, 0
    for number, piece in enumerate(pieces):
        if number and piece.line is not None:
            lines.append(_Line(indent, current, piece.line.comment))
            current = []
            closing = 1 if piece.text in {")", "}"} else 0
            indent = rules.known.get(piece.start, rules.other) + rules.step * max(depth - closing, 0)
            beside = indent or (rules.step if piece.line.indented else 0)
            lines.extend(_Line(beside, [], comment) for comment in piece.line.lines)
        depth += (piece.text in {"(", "{"}) - (piece.text in {")", "}"})
        current.append(piece)
    lines.append(_Line(indent, current, end_comment))
    return "\n".join(_texts(lines, spaced))


def _texts(lines: Sequence[_Line], spaced: frozenset[str]) -> list[str]:
    made: list[str] = []
    place = 0
    while place < len(lines):
        if not _is_row(lines[place]):
            made.append(_text(lines[place], spaced))
            place += 1
            continue
        end = place
        while end < len(lines) and (_is_row(lines[end]) or (not lines[end].pieces and _row_after(lines, end))):
            end += 1
        made.extend(_rows(lines[place:end], spaced))
        place = end
    return made


def _is_row(line: _Line) -> bool:
    return bool(line.pieces) and line.pieces[0].text == "|"


def _row_after(lines: Sequence[_Line], place: int) -> bool:
    following = next((line for line in lines[place:] if line.pieces), None)
    return following is not None and _is_row(following)


def _text(line: _Line, spaced: frozenset[str], shown: str | None = None) -> str:
    text = text_of(line.pieces, spaced) if shown is None else shown
    if not text:
        return " " * line.indent + line.comment if line.comment else ""
    return " " * line.indent + text + (f"  {line.comment}" if line.comment else "")


def _rows(lines: Sequence[_Line], spaced: frozenset[str]) -> list[str]:
    """The rows of a table with their cells lined up."""
    cells = [_cells(line, spaced) if line.pieces else [] for line in lines]
    count = max(len(row) for row in cells)
    widths = [max((len(row[n]) for row in cells if n < len(row)), default=0) for n in range(count)]
    made: list[str] = []
    for line, row in zip(lines, cells, strict=True):
        shown = "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) + " |"
        made.append(_text(line, spaced, shown if row else ""))
    return made


def _cells(line: _Line, spaced: frozenset[str]) -> list[str]:
    made: list[list[Piece]] = []
    for piece in line.pieces:
        if piece.text == "|":
            made.append([])
        else:
            made[-1].append(piece)
    if len(made) > 1 and not made[-1]:
        made.pop()
    return [text_of(cell, spaced) for cell in made]


__all__ = ["OPEN", "Levels", "is_glued", "lay_out", "levels"]
