"""A literal as it was written, in the words of another language: ``90 minutes``, ``1er`` and ``1st``."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from .lexicon import Lexicon
from .literal_durations import duration_as_written
from .literal_tables import RUN, WORD, LiteralMatch, LiteralTables, literal_tables
from .literals import read_literal
from .types import Type
from .writing import count_of, group_digits, source_date, source_time, write_date, write_literal


def translate_literal(text: str, source: Lexicon, target: Lexicon, duration_expected: bool = False) -> str:
    """``text``, a literal of ``source``, in the language ``target``.

    It has the same value there, and as far as the languages allow the same form: a duration keeps its units (``90
    minutes`` does not become ``1 hour 30 minutes``), a month its name, an ordinal its mark. A text that is no literal
    of ``source``, or one with an error, is given back as it is. ``duration_expected`` is that of
    :func:`~.literals.read_literal`.
    """
    match = read_literal(text, 0, source, duration_expected)
    if not match or match.end != len(text) or match.problem:
        return text
    tables, words = literal_tables(source), literal_tables(target)
    value = match.value
    if isinstance(value, datetime):
        return _datetime(text, value, tables, words, target)
    if isinstance(value, date):
        return _date(text, value, tables, words)
    if match.kind == "duration":
        return _duration(text, match, tables, words, target, duration_expected)
    if match.kind == "number" and isinstance(value, Decimal):
        run = RUN.match(text)
        if run and tables.fold(text[run.end() :]) in tables.ordinals:
            marks = words.numbers["ordinal_in_source"]
            return f"{value}{marks.get(str(value), marks['otherwise'])}"
    shown = write_literal(value, Type(_TYPES.get(match.kind, match.kind), unit=match.unit), target)
    return _as_grouped(shown, text, tables, words)


_TYPES = {"quantity": "number"}


def _as_grouped(shown: str, text: str, tables: LiteralTables, words: LiteralTables) -> str:
    """A number with its digits in groups of three where they were in ``text``, and only there."""
    marks = "".join(map(re.escape, tables.numbers["group_marks"]))
    own = re.search(f"\\d[\\d{marks}]*", text)
    mark: str = words.numbers["group_in_source"]
    found = re.search(f"\\d[\\d{re.escape(mark)}]*", shown)
    if own is None or found is None:
        return shown
    digits = found[0].rstrip(mark).replace(mark, "")
    if len(own[0].rstrip()) == len(digits):
        put = digits
    elif len(digits) > 3 and not own[0].rstrip(marks).isdigit():
        put = group_digits(digits, mark)
    else:
        return shown
    return shown[: found.start()] + put + shown[found.start() + len(found[0].rstrip(mark)) :]


def _date(text: str, value: date, tables: LiteralTables, words: LiteralTables) -> str:
    named = any(tables.fold(word) in tables.months for word in WORD.findall(text))
    return write_date(value, words) if named else source_date(value, words)


def _datetime(text: str, value: datetime, tables: LiteralTables, words: LiteralTables, target: Lexicon) -> str:
    if value.microsecond:
        return write_literal(value, Type("datetime"), target)
    form: str = words.dates["datetime_in_source"]
    return form.format(date=_date(text, value, tables, words), time=source_time(value, words))


def _duration(
    text: str,
    match: LiteralMatch,
    tables: LiteralTables,
    words: LiteralTables,
    target: Lexicon,
    duration_expected: bool,
) -> str:
    same = read_literal(text, 0, target, duration_expected)
    if same == match:
        return text
    joiner = f" {words.writing['and'][0]} "
    shown = ""
    for unit, amount, joined in duration_as_written(text, tables):
        between = joiner if joined else " "
        shown += f"{between if shown else ''}{count_of(unit, amount, words, source=True)}"
    return shown
