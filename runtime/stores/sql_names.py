"""Which table or column is meant by a name of the rules: ``order detail`` finds ``Order Details`` and ``order_detail``.

How well two names agree is a *rank*, the best one 0: the name that a new table or column would have; the same but for
case, spaces, hyphens and underscores; the same words, ``OrderDate`` for ``order date``, a table in the plural; the
words of another language; for a column, its name with ``id`` for a reference, or with the name of its table
(``ProductName``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256

from ...dsl.fold import fold
from ...dsl.lexicon import languages, lexicon
from ...dsl.words import word_tables

SURE = 1
"""The last rank at which nothing but the writing of a name differs."""

_LONGEST = 60
"""Bytes of a name: PostgreSQL cuts those above 63."""

_MARKS = ("id", "fk")
"""What names of columns that hold keys of other tables begin or end with."""

_WORD = re.compile(r"[^\W\d_]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])|\d+|[^\w\s-]+|[^\W_]")
_BREAK = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])")


def column_name(name: str) -> str:
    """The name of a new table or column."""
    made = re.sub(r"\s+", "_", name)
    if len(made.encode()) <= _LONGEST:
        return made
    digest = sha256(name.encode()).hexdigest()[:8]
    return made.encode()[: _LONGEST - 9].decode("utf-8", "ignore") + "_" + digest


def plain(name: str) -> str:
    """What tells names of tables and columns apart."""
    return re.sub(r"[\s_-]+", "_", name).casefold()


def words_of(name: str) -> list[str]:
    """The words of a name of a database: ``OrderDetails``, ``order_details`` and ``Order Details`` have the same."""
    return [word for part in re.split(r"[\s_\-.]+", name) for word in _BREAK.split(part) if word]


@cache
def _key(name: str, language: str | None) -> str:
    """The words of a name run together, without case and accents; in the singular of a language where one is given."""
    words = [fold(word) for word in words_of(name)]
    if language is not None:
        tables = word_tables(language)
        words = [tables.stem(word) for word in words]
    return "".join(words)


@cache
def _small_words(language: str) -> frozenset[str]:
    tables = lexicon(language).tables
    words = [*tables["articles"]["free"], *tables["keywords"]["prepositions"], *tables["articles"]["contractions"]]
    return frozenset(fold(word.strip("'")) for word in words)


def _without_small_words(name: str, language: str) -> str:
    kept = [word for word in re.split(r"[\s_\-']+", fold(name)) if word not in _small_words(language)]
    return "".join(kept)


def table_rank(table: str, name: str, names: Mapping[str, str]) -> int | None:
    """How well the name of a table fits an object; ``None`` when it does not."""
    rank = _writing_rank(table, name)
    if rank is not None:
        return rank
    for rank, (language, said) in enumerate(_said(name, names), start=SURE + 1):
        if _key(table, language) in {_key(said, language), _without_small_words(said, language)}:
            return rank
    return None


def column_rank(column: str, name: str, names: Mapping[str, str], kinds: Iterable[str], *, key: bool) -> int | None:
    """How well the name of a column fits a field of an object.

    ``kinds`` are the names of the object, ``key`` whether the field is a reference.
    """
    rank = _writing_rank(column, name)
    if rank is not None:
        return rank
    found = _key(column, None)
    said = list(_said(name, names))
    for rank, (language, each) in enumerate(said, start=SURE + 1):
        if found in {_key(each, None), _without_small_words(each, language)}:
            return rank
    fields = {_key(each, None) for _, each in said}
    marked = {made for each in fields for mark in _MARKS for made in (each + mark, mark + each)} if key else set[str]()
    if found in marked:
        return SURE + 10
    owners = {_key(kind, None) for kind in kinds}
    if found in {made for each in fields for owner in owners for made in (owner + each, each + owner)}:
        return SURE + 20
    return None


def _writing_rank(there: str, name: str) -> int | None:
    if there == column_name(name):
        return 0
    return SURE if plain(there) == plain(name) else None


def _said(name: str, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The names of a thing with their languages, that of results first."""
    own = [language for language, each in names.items() if each == name]
    yield (own or languages())[0], name
    yield from ((language, each) for language, each in names.items() if each != name)
    yield from ((language, name) for language in languages() if language not in own[:1])
