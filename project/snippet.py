"""A line of source with a place of it underlined, for a terminal."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from ..dsl.source import LineIndex, Span

TAB = 4
WIDTH = 150
"""Columns of a line that are shown at most; a longer one is cut around the place."""

_MARGIN = 40
_CUT = "…"
_UNSHOWN = "\ufffd"


class Snippet(NamedTuple):
    """A line as shown and what stands below it; ``line`` and ``column`` count from 1, in characters."""

    line: int
    column: int
    text: str
    underline: str


def snippet(index: LineIndex, span: Span, mark: str = "^") -> Snippet:
    """The first line of a span, and marks under what of the span stands on it (one mark for an empty span)."""
    line, column = index.position(min(span.start, len(index.text)))
    start, end = index.line_bounds(line)
    text = index.text[start:end]
    stop = max(min(span.end, end) - start, column)
    first, last = 0, len(text)
    if last > WIDTH:
        first = max(0, column - _MARGIN)
        last = min(last, first + WIDTH)
        stop = min(stop, last)
    head = _CUT if first else ""
    before = head + shown(text[first:column])
    marked = shown(text[column:stop], _width(before))
    after = shown(text[stop:last], _width(before + marked)) + (_CUT if last < len(text) else "")
    underline = " " * _width(before) + mark * max(_width(marked), 1)
    return Snippet(line + 1, column + 1, (before + marked + after).rstrip(), underline)


def shown(text: str, column: int = 0) -> str:
    """The text with tabs as spaces, and without what would move the cursor or turn the direction of writing."""
    if text.isprintable():
        return text
    parts: list[str] = []
    for character in text:
        if character == "\t":
            piece = " " * (TAB - column % TAB)
        elif character.isprintable() or unicodedata.category(character) == "Zs" or character == "\u200d":
            piece = character
        else:
            piece = _UNSHOWN
        column += _width(piece)
        parts.append(piece)
    return "".join(parts)


def _width(text: str) -> int:
    """Columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
