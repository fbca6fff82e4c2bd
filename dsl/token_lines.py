"""Tokens by their offsets, and the line breaks among them that find no place in what is printed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from .pieces import Break, Piece, merged
from .syntax import Token


class TokenLine:
    """Tokens in the order of the source, found by their offsets."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self._starts = [token.span.start for token in tokens]

    def place(self, offset: int) -> int:
        """The number of the first token from ``offset`` on."""
        return bisect_left(self._starts, offset)

    def holds(self, start: int, end: int) -> bool:
        place = self.place(start)
        return place < len(self.tokens) and self.tokens[place].span.start < end

    def between(self, start: int, end: int) -> Sequence[Token]:
        return self.tokens[self.place(start) : self.place(end)]


def moved(breaks: Sequence[Break], pieces: list[Piece]) -> list[Piece]:
    """The pieces after the comments of breaks that have no place among them any more."""
    kept = merged([each for each in breaks if each.comment or any(each.lines)])
    if kept is None or not pieces:
        return pieces
    before = merged([each for each in (pieces[0].line, kept) if each is not None])
    return [pieces[0]._replace(line=before), *pieces[1:]]
