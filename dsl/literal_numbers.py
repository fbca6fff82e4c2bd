"""Numbers as literals: digits, groups and decimals, and what a number written otherwise may have meant."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from .lazy_pattern import lazy_pattern
from .literal_tables import RUN, SPACE, LiteralTables, Problem, shortened
from .writing import group_digits, source_number

MOST_DIGITS = 34
"""The significant digits of a number: those of the arithmetic."""

_FOREIGN_NUMBER = lazy_pattern("([0-9]{1,3}(?:([.,])[0-9]{3})(?:\\2[0-9]{3})*)(?:(?!\\2)[.,]([0-9]+))?")
_DIGIT_ONLY = lazy_pattern("[^0-9]+")


class NumberMatch(NamedTuple):
    """A number found in a text; a ``fix`` of its problem replaces the number alone."""

    end: int
    value: Decimal
    problem: Problem | None = None


def read_number(text: str, position: int, tables: LiteralTables) -> NumberMatch | None:
    """The number whose first digit is at ``position``, its form checked."""
    run = RUN.match(text, position)
    if not run:
        return None
    written, end = run[0], run.end()
    if written.isdecimal():
        return _sized(written, end, written, tables)
    shape = tables.well_formed.fullmatch(written)
    if not shape or (written[0] == "0" and not shape[1].isdecimal()):
        # no group of thousands begins with a zero
        return _malformed(written, end, tables)
    whole = _DIGIT_ONLY.sub("", shape[1])
    mark, decimals = shape[2], shape[3]
    if not decimals:
        return _sized(whole, end, written, tables)
    if mark == tables.doubtful and len(decimals) == 3:
        return _doubtful(whole, decimals, end, written, tables)
    return _sized(f"{whole}.{decimals}", end, written, tables)


def _sized(plain: str, end: int, written: str, tables: LiteralTables) -> NumberMatch:
    """A number whose digits are well formed, refused where there are more of them than the arithmetic keeps."""
    if len(plain) > MOST_DIGITS and len(plain.replace(".", "").lstrip("0")) > MOST_DIGITS:
        return NumberMatch(end, Decimal(0), Problem("QD071", {"text": shortened(written), "most": MOST_DIGITS}))
    return NumberMatch(end, Decimal(plain))


def _doubtful(whole: str, decimals: str, end: int, written: str, tables: LiteralTables) -> NumberMatch:
    """``3.000`` where a dot may separate thousands as well as decimals."""
    as_decimal = source_number(Decimal(f"{whole}.{decimals}"), tables)
    thousands = group_digits(whole + decimals, tables.numbers["group_in_source"])
    only_decimal = len(whole) > 3 or whole.startswith("0")
    args = {"text": written, "decimal": as_decimal, "thousands": thousands}
    if only_decimal:
        return _sized(f"{whole}.{decimals}", end, written, tables)._replace(
            problem=Problem("QD067", {"text": written, "example": as_decimal}, as_decimal)
        )
    return NumberMatch(end, Decimal(f"{whole}.{decimals}"), Problem("QD068", args))


def _malformed(written: str, end: int, tables: LiteralTables) -> NumberMatch:
    """A run of digits and marks that is no number of this language: what it may have meant."""
    shown = shortened(written)
    spaced = re.fullmatch(f"([0-9]{{1,3}}(?:{SPACE}[0-9]{{3}})+)(?:[.,]([0-9]+))?", written)
    foreign = spaced or _FOREIGN_NUMBER.fullmatch(written)
    if foreign and len(written) <= 2 * MOST_DIGITS:
        whole = _DIGIT_ONLY.sub("", foreign[1])
        decimals = foreign[2] if spaced else foreign[3]
        value = Decimal(f"{whole}.{decimals}" if decimals else whole)
        fix = source_number(value, tables, group_from=4)
        groups = len(re.split("[.,]", foreign[1])) > 2
        if spaced or decimals or groups:
            return NumberMatch(end, value, Problem("QD070", {"text": shown, "example": fix}, fix))
    if len(written) <= 2 * MOST_DIGITS and written.count(",") == 1 and "." not in written and " " not in written:
        value = Decimal(written.replace(",", "."))
        fix = source_number(value, tables)
        return NumberMatch(end, value, Problem("QD069", {"text": shown, "example": fix}, fix))
    fix = written.replace(",", ", ") if len(written) <= 50 and "." not in written and " " not in written else None
    return NumberMatch(end, Decimal(0), Problem("QD077", {"text": shown}, fix))
