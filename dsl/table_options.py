"""What follows the type of a decision table: its hit policy, and the sheet that holds its rows."""

from __future__ import annotations

from collections.abc import Sequence

from . import syntax as s
from .lexicon import lexicon
from .phrases import plain_text
from .source import Span
from .words import word_tables


def policy_of(language: str, options: Sequence[s.Run]) -> str | None:
    """The hit policy among a table's options (``first``, ``unique``, ``all``, ``sum``), ``None`` where none is said."""
    tables = word_tables(language)
    forms = lexicon(language).tables["phrases"]["tables"]
    for option in options:
        if len(option.items) != 1 or not isinstance(option.items[0], s.Phrase):
            continue
        key = tables.name_key_of(option.items[0].words)
        for policy in ("first", "unique", "all", "sum"):
            if any(key == tables.name_key_of(tables.split(form)) for form in forms[policy]):
                return policy
    return None


def sheet_of(language: str, options: Sequence[s.Run]) -> tuple[str, Span] | None:
    """The name of the file that holds the rows (``depuis 'taux.csv'``), and its place."""
    tables = word_tables(language)
    forms = lexicon(language).tables["phrases"]["tables"]["from"]
    for option in options:
        if len(option.items) == 2 and isinstance(option.items[0], s.Phrase) and isinstance(option.items[1], s.Text):
            key = tables.name_key_of(option.items[0].words)
            if any(key == tables.name_key_of(tables.split(form)) for form in forms):
                return plain_text(option.items[1]), option.items[1].span
    return None
