"""Answers about a whole document, put together from the answers about its declarations.

The answer about a declaration is JSON with a hole for each of its lines; it is kept as long as the declaration, and a
declaration that only stands further down gets other numbers in its holes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..dsl.memory import Part
from ..dsl.source import LineIndex, Span
from .document import column_in_units
from .features.tokens import MODIFIERS, TYPES, Token
from .snapshot import Snapshot
from .wire import Raw

_HOLE = re.compile(r'"(line|startLine|endLine)":"@(\d+)@"')

_TYPES = {name: number for number, name in enumerate(TYPES)}
_BITS = {name: 1 << number for number, name in enumerate(MODIFIERS)}


class Piece(NamedTuple):
    """The answer about a declaration: JSON with holes for its lines, which are counted from its first."""

    text: str
    lines: tuple[int, ...]

    def at(self, line: int) -> str:
        """The answer where the declaration starts on a line."""
        return self.text % tuple([line + each for each in self.lines])


class Places:
    """Turns spans of a declaration into positions of the protocol whose lines are holes."""

    def __init__(self, text: str, encoding: str) -> None:
        self.index = LineIndex(text)
        self.encoding = encoding

    def line_column(self, offset: int) -> tuple[int, int]:
        index = self.index
        line, column = index.position(min(offset, len(index.text)))
        return line, column_in_units(index.line_text(line), column, self.encoding)

    def position(self, offset: int) -> dict[str, Any]:
        line, column = self.line_column(offset)
        return {"line": hole(line), "character": column}

    def range(self, span: Span) -> dict[str, Any]:
        return {"start": self.position(span.start), "end": self.position(max(span.end, span.start))}


def hole(line: int) -> str:
    """A line that is counted from the first of the declaration."""
    return f"@{line}@"


def whole(
    snapshot: Snapshot,
    uri: str,
    encoding: str,
    what: str,
    make: Callable[[int, Part, Places], Iterable[dict[str, Any]]],
) -> Raw:
    """A list about a document. ``make`` gives what is said about a declaration, told from its start and its part."""
    made: list[str] = []
    for (start, part), line in zip(snapshot.parts(uri), snapshot.first_lines(uri), strict=True):
        piece: Piece | None = part.answers.get((what, encoding))
        if piece is None:
            piece = part.answers[what, encoding] = _piece(make(start, part, Places(part.parsed.text, encoding)))
        if piece.text:
            made.append(piece.at(line))
    return Raw(f"[{','.join(made)}]")


def _piece(entries: Iterable[dict[str, Any]]) -> Piece:
    text = ",".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in entries)
    lines: list[int] = []

    def fill(match: re.Match[str]) -> str:
        lines.append(int(match[2]))
        return f'"{match[1]}":%d'

    return Piece(_HOLE.sub(fill, text.replace("%", "%%")), tuple(lines))


# --- tokens ---------------------------------------------------------------------------------------------------------


class TokenPiece:
    """The tokens of a declaration as the protocol counts them: each line and column from the token before.

    ``first`` is where the first one stands, ``rest`` what is said of it and of the others.
    """

    __slots__ = ("count", "first", "last", "numbers", "rest")

    def __init__(self, tokens: Iterable[Token], places: Places) -> None:
        numbers: list[int] = []
        self.first = (0, 0)
        line, column = 0, 0
        for token in tokens:
            here, start = places.line_column(token.span.start)
            width = places.line_column(token.span.end)[1] - start
            if not numbers:
                self.first = (here, start)
            numbers += [here - line, start if here != line else start - column, width]
            numbers += [_TYPES[token.type], sum(_BITS[each] for each in token.modifiers)]
            line, column = here, start
        self.last = line
        self.count = len(numbers) // 5
        self.numbers = numbers
        self.rest = ",".join(map(str, numbers[2:]))


class Tokens(NamedTuple):
    """The tokens of a document: its pieces, each with how many lines its first token is below the one before."""

    pieces: list[tuple[TokenPiece, int]]

    @property
    def json(self) -> str:
        return f"[{_numbers(self.pieces)}]"

    def edits_from(self, before: Tokens) -> str:
        """What makes these tokens of earlier ones: JSON of one edit, or of none."""
        old, new = before.pieces, self.pieces
        most = min(len(old), len(new))
        head = 0
        while head < most and old[head] == new[head]:
            head += 1
        if head == len(old) == len(new):
            return "[]"
        tail = 0
        while tail < most - head and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        start = sum(piece.count for piece, _ in new[:head]) * 5
        gone = sum(piece.count for piece, _ in old[head : len(old) - tail]) * 5
        data = _numbers(new[head : len(new) - tail])
        return f'[{{"start":{start},"deleteCount":{gone},"data":[{data}]}}]'


def _numbers(pieces: Iterable[tuple[TokenPiece, int]]) -> str:
    return ",".join(f"{below},{piece.first[1]},{piece.rest}" for piece, below in pieces)


def token_pieces(snapshot: Snapshot, uri: str, encoding: str, tokens_of: Callable[[int, Part], list[Token]]) -> Tokens:
    """The tokens of a document; ``tokens_of`` gives those of a declaration."""
    made: list[tuple[TokenPiece, int]] = []
    before = 0
    for (start, part), line in zip(snapshot.parts(uri), snapshot.first_lines(uri), strict=True):
        piece = part.answers.get(("token piece", encoding))
        if piece is None:
            piece = TokenPiece(tokens_of(start, part), Places(part.parsed.text, encoding))
            part.answers["token piece", encoding] = piece
        if piece.count:
            made.append((piece, line + piece.first[0] - before))
            before = line + piece.last
    return Tokens(made)
