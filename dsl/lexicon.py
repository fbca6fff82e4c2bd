"""The tables of words of a language, read from ``grammar/lexicon/<language>.toml``.

No code tests for a language: whatever differs between languages stands in its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from .fold import fold
from .prepared import read_tables

LEXICON_FOLDER = Path(__file__).parent.parent / "grammar" / "lexicon"


class Lexicon:
    """One language's tables. ``language`` is its code; ``tables`` the file as read.

    What is derived from the tables is computed once, on first use.
    """

    def __init__(self, language: str, tables: Mapping[str, Any]) -> None:
        self.language = language
        self.tables = tables

    @cached_property
    def keep_accents(self) -> frozenset[str]:
        """Small words that keep their accent when folded."""
        return frozenset(self.tables["articles"]["keep_accents"])

    def fold(self, word: str) -> str:
        """The folded form of a word of this language."""
        return fold(word, self.keep_accents)


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages that have a table, in alphabetical order."""
    return tuple(sorted(path.stem for path in LEXICON_FOLDER.glob("*.toml")))


@cache
def lexicon(language: str) -> Lexicon:
    """The tables of a language. Raises ``KeyError`` for a language without one."""
    path = LEXICON_FOLDER / f"{language}.toml"
    if not path.is_file():
        raise KeyError(language)
    return Lexicon(language, read_tables(path))
