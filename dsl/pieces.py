"""Pieces of printed text: words and signs before they are laid out, with the line breaks the author made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from .fold import SPACES

WORD: Final = "word"
"""A word that elides and contracts with the word after it."""
VALUE: Final = "value"
"""Anything else that can end an operand: a literal, a text, a name in brackets, a word left as it is."""
SIGN: Final = "sign"
"""An operator or a bar: a space on both sides."""
OPEN: Final = "open"
"""A bracket that opens or the sign of a number: no space after it."""
CLOSE: Final = "close"
"""A bracket that closes, a comma, a question mark: no space before it."""


_LINES: Final = re.compile("\r\n|\r|\n")
_SPACE: Final = f"{SPACES}\ufeff\f\v"


class Break(NamedTuple):
    """A line break of the author: the comment that ends the line before, then the comments on lines of their own.

    An empty string among ``lines`` is a blank line. ``indented`` tells whether the first of them was.
    """

    comment: str = ""
    lines: tuple[str, ...] = ()
    indented: bool = False


class Piece(NamedTuple):
    """``glued`` pieces have no space before them; ``start`` is the offset in the source of what it stands for.

    ``start`` is -1 where the piece stands for nothing the author wrote there.
    """

    text: str
    role: str = WORD
    line: Break | None = None
    glued: bool = False
    start: int = -1


def words(text: str) -> tuple[Piece, ...]:
    """The words of a text as pieces."""
    return tuple([Piece(word) for word in text.split()])


def broken(pieces: Sequence[Piece], line: Break | None, start: int = -1) -> list[Piece]:
    """The pieces with a line break, and an offset, before the first.

    Where another token than the one at ``start`` comes first now, its own line break stays too.
    """
    made = list(pieces)
    if made and line is not None and made[0].line is not None and made[0].start != start:
        line = merged([line, made[0].line])
    if made and (line is not None or start >= 0):
        made[0] = made[0]._replace(
            line=line if line is not None else made[0].line, start=start if start >= 0 else made[0].start
        )
    for place, piece in enumerate(made[1:], 1):
        if start >= 0 and piece.start == start:
            # The first token comes later now; its line break stays in front.
            made[place] = piece._replace(line=None, start=-1)
    return made


def read_break(trivia: str) -> Break | None:
    """The line break in what stands between two tokens; ``None`` where they stand on one line."""
    if "\n" not in trivia and "\r" not in trivia:
        return None
    first, *rest = _LINES.split(trivia)
    lines: list[str] = []
    for line in map(_stripped, rest[:-1]):
        if line or not lines or lines[-1]:
            lines.append(line)
    first_comment = next((line for line in rest[:-1] if _stripped(line)), "")
    return Break(_stripped(first), tuple(lines), first_comment[:1].isspace())


def _stripped(line: str) -> str:
    return line.strip(_SPACE)


def merged(breaks: Iterable[Break]) -> Break | None:
    """One break for several, with all their comments."""
    found = list(breaks)
    if not found:
        return None
    lines: list[str] = list(found[0].lines)
    for each in found[1:]:
        lines.extend(line for line in (each.comment, *each.lines) if line)
    return Break(found[0].comment, tuple(lines))


def chunks(pieces: Sequence[Piece]) -> list[int]:
    """The places of the pieces that have a space before them: those a line may be broken at."""
    return [place for place, piece in enumerate(pieces) if not piece.glued]


def text_of(pieces: Iterable[Piece], spaced: frozenset[str] = frozenset()) -> str:
    """The pieces on one line; ``spaced`` are the closing signs with a space before them in this language."""
    made = ""
    after_open = True
    for piece in pieces:
        made += piece.text if after_open or is_glued(piece, spaced) else f" {piece.text}"
        after_open = piece.role == OPEN
    return made


def is_glued(piece: Piece, spaced: frozenset[str]) -> bool:
    """Whether a piece has no space before it."""
    return piece.glued or (piece.role == CLOSE and piece.text not in spaced)
