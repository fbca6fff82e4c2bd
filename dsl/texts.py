"""Texts and their holes: ``"Rappeler {nom du contact}"`` as plain strings and expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from .diagnostic import Diagnostic, Edit, Fix
from .fold import SPACES
from .scanner import QUOTES, Atom, Report
from .source import Span
from .syntax import Interpolation, Text

HoleReader = Callable[[int, int], Interpolation]
"""Reads the hole between two positions of the text."""

_ESCAPES: Final = {"n": "\n", "t": "\t"}
_PIECE: Final = re.compile("[^\\\\{]+|\\\\(.)|(\\{\\{)|(\\{)", re.DOTALL)


def read_text(atom: Atom, source: str, report: Report, read_hole: HoleReader) -> Text:
    """The parts of a text. A hole without end is reported and read as it stands."""
    span = Span(atom.start, atom.end)
    quote = source[atom.start]
    start, end = atom.start + 1, atom.end
    if end > start and source[end - 1] == QUOTES[quote]:
        end -= 1
    if quote == "«":
        while start < end and source[start] in SPACES:
            start += 1
        while end > start and source[end - 1] in SPACES:
            end -= 1
    content = source[start:end]
    if "{" not in content and "\\" not in content:
        return Text((content,) if content else (), quote, span=span)
    parts: list[str | Interpolation] = []
    plain: list[str] = []
    position = start
    while position < end:
        piece = _PIECE.match(source, position, end)
        if piece is None:
            # A backslash at the very end.
            plain.append(source[position:end])
            break
        if piece[3]:
            closing = _hole_end(source, position + 1, end)
            if closing < 0:
                report(Diagnostic("QD005", Span(position, end), fixes=_closing_fixes(position, end)))
                plain.append(source[position:end])
                break
            if plain:
                parts.append("".join(plain))
                plain.clear()
            parts.append(read_hole(position + 1, closing))
            position = closing + 1
            continue
        if piece[2]:
            plain.append("{")
        elif piece[1]:
            plain.append(_ESCAPES.get(piece[1], piece[1]))
        else:
            plain.append(piece[0])
        position = piece.end()
    if plain:
        parts.append("".join(plain))
    return Text(tuple(parts), quote, span=span)


def _closing_fixes(position: int, end: int) -> tuple[Fix, Fix]:
    """Close the hole where the text ends, or let the brace stand for itself."""
    at_end, after = Span(end, end), Span(position + 1, position + 1)
    return (
        Fix("insert", (Edit(at_end, "}"),), {"text": "}"}, safe=False),
        Fix("insert", (Edit(after, "{"),), {"text": "{"}, safe=False),
    )


def _hole_end(source: str, position: int, end: int) -> int:
    """Where the brace that closes a hole stands, texts inside it passed over; -1 where there is none."""
    closing = ""
    while position < end:
        character = source[position]
        if closing:
            if character == closing and not _inside_word(source, position):
                closing = ""
        elif character == "}":
            return position
        elif character == "{":
            return -1
        elif character in QUOTES and not _inside_word(source, position):
            closing = QUOTES[character]
        position += 1
    return -1


def _inside_word(source: str, position: int) -> bool:
    return source[position] in "'’" and source[position - 1].isalpha() and source[position + 1 : position + 2].isalpha()
