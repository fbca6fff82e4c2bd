"""Source text, spans in code points, and the arithmetic of lines."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import attrs

from .node import Node, node


class Span(NamedTuple):
    """A half-open range of code points, ``[start, end)``."""

    start: int
    end: int

    def shifted(self, offset: int) -> Span:
        """The same range when ``offset`` code points stand before it."""
        return Span(self.start + offset, self.end + offset)

    def to(self, other: Span) -> Span:
        """The smallest range that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


NOWHERE = Span(0, 0)


@node
class SourceFile(Node):
    """A ``.rules`` file: where it is, what it holds, and the language it is written in (``"fr"``, ``"en"``)."""

    uri: str
    text: str
    language: str


class LineIndex:
    """Lines and columns of a text, both counted from 0; columns in code points or in UTF-16 units.

    Only ``\\n``, ``\\r\\n`` and a lone ``\\r`` end a line, as editors count them.
    """

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        starts = [0]
        position = 0
        length = len(text)
        if "\r" not in text:
            position = text.find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = text.find("\n", position + 1)
        else:
            while position < length:
                character = text[position]
                position += 1
                if character == "\r" and position < length and text[position] == "\n":
                    position += 1
                if character in "\r\n":
                    starts.append(position)
        self._starts = starts

    @property
    def line_count(self) -> int:
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, in code points."""
        line = bisect_right(self._starts, offset) - 1
        return line, offset - self._starts[line]

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column; a position past the end of a line is the end of that line."""
        if line >= len(self._starts):
            return len(self.text)
        start, end = self.line_bounds(line)
        return min(start + column, end)

    def line_bounds(self, line: int) -> tuple[int, int]:
        """Start and end of a line without its line break."""
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def line_text(self, line: int) -> str:
        start, end = self.line_bounds(line)
        return self.text[start:end]

    def utf16_position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, the column in UTF-16 units."""
        line, column = self.position(offset)
        start = self._starts[line]
        return line, column + sum(1 for c in self.text[start : start + column] if ord(c) > 0xFFFF)

    def utf16_offset(self, line: int, column: int) -> int:
        """The offset of a line and a column in UTF-16 units."""
        if line >= len(self._starts):
            return len(self.text)
        start, end = self.line_bounds(line)
        units = 0
        for offset in range(start, end):
            if units >= column:
                return offset
            units += 2 if ord(self.text[offset]) > 0xFFFF else 1
        return end


def span_field() -> Span:
    """A field that holds the span of a node and takes no part in comparison."""
    return attrs.field(default=NOWHERE, eq=False, kw_only=True)
