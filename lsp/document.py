"""The text of an open file as lines, changed by splices, and columns in the units an editor counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

_LINE: Final = re.compile("[^\r\n]*(?:\r\n?|\n|\\Z)")


class Position(NamedTuple):
    """A line and a column, both from 0; the column in the units of the editor."""

    line: int
    column: int


class Change(NamedTuple):
    """Replace what stands from ``start`` to ``end`` by ``text``; the whole text where there is no ``start``."""

    text: str
    start: Position | None = None
    end: Position | None = None


def _one(character: str) -> int:
    return 1


def _utf16(character: str) -> int:
    return 2 if character > "\uffff" else 1


def _utf8(character: str) -> int:
    code = ord(character)
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


UNITS: Final[Mapping[str, Callable[[str], int]]] = {"utf-32": _one, "utf-16": _utf16, "utf-8": _utf8}
"""How many units a character takes in each encoding of positions."""


def column_in_units(line: str, column: int, encoding: str) -> int:
    """The column in units of a column in characters."""
    before = line[:column]
    if before.isascii() or encoding == "utf-32":
        return len(before)
    width = UNITS[encoding]
    return sum(width(character) for character in before)


def column_in_characters(line: str, units: int, encoding: str) -> int:
    """The column in characters of a column in units; inside a character it is that before it."""
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    width = UNITS[encoding]
    reached = 0
    for column, character in enumerate(line):
        reached += width(character)
        if reached > units:
            return column
    return len(line)


class Document:
    """An open text; ``lines`` keep their line breaks (``\\n``, ``\\r\\n``, a lone ``\\r``), the last one has none."""

    __slots__ = ("_text", "lines", "version")

    def __init__(self, text: str, version: int | None = None) -> None:
        self.lines = split_lines(text)
        self.version = version
        self._text: str | None = text

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = "".join(self.lines)
        return self._text

    def apply(self, change: Change, encoding: str) -> None:
        """Change the text; a position past the end of its line is that end, past the last line the end of the text."""
        if change.start is None or change.end is None:
            self.lines, self._text = split_lines(change.text), change.text
            return
        first, before = self._place(change.start, encoding)
        last, after = self._place(change.end, encoding)
        if (last, after) < (first, before):
            first, before, last, after = last, after, first, before
        # a line break may be made or undone on either side of what changes
        low, high = max(first - 1, 0), min(last + 2, len(self.lines))
        head = "".join(self.lines[low:first]) + self.lines[first][:before]
        tail = self.lines[last][after:] + "".join(self.lines[last + 1 : high])
        made = split_lines(head + change.text + tail)
        if high < len(self.lines) and not made[-1]:
            made.pop()
        self.lines[low:high] = made
        self._text = None

    def _place(self, position: Position, encoding: str) -> tuple[int, int]:
        if position.line >= len(self.lines):
            return len(self.lines) - 1, len(self.lines[-1])
        line = self.lines[max(position.line, 0)]
        bare = line.rstrip("\r\n")
        return max(position.line, 0), column_in_characters(bare, max(position.column, 0), encoding)


def split_lines(text: str) -> list[str]:
    """The lines of a text with their line breaks; at least one, the last one without."""
    lines = _LINE.findall(text)
    if lines and not lines[-1] and len(lines) > 1 and not lines[-2].endswith(("\r", "\n")):
        lines.pop()
    return lines or [""]
