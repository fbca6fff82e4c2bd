"""Reading literals: numbers, percentages, quantities, amounts, dates, times and durations.

Every pattern is anchored at the position asked and no character is looked at more than a few times, so that reading
takes time in proportion to the length of the literal. All words and marks come from the ``[writing]`` tables.
"""

from __future__ import annotations

import re
from decimal import Decimal

from .currencies import CURRENCY_CODES
from .lazy_pattern import lazy_pattern
from .lexicon import Lexicon
from .literal_dates import read_clock, read_date, read_month_first
from .literal_durations import read_duration
from .literal_numbers import MOST_DIGITS, NumberMatch, read_number
from .literal_tables import RUN, SPACE, Form, LiteralMatch, LiteralTables, literal_tables, matched
from .values import Money, Scalar
from .writing import shifted, source_number

__all__ = ["LiteralMatch", "literal_start", "read_literal", "read_unit"]


_DIGITS = lazy_pattern("[0-9]++")
_CODE = lazy_pattern(f"([A-Za-z]{{3}}){SPACE}?(?=[0-9])")
_DOTTED = lazy_pattern("\\.([0-9]++)")
_GLUED = lazy_pattern("[\\w\u0300-\u036f]++")


def literal_start(lexicon: Lexicon) -> frozenset[str]:
    """The characters a literal may start with, so that a lexer need not ask at any other."""
    return literal_tables(lexicon).starts


def read_unit(text: str, lexicon: Lexicon) -> str | None:
    """The unit that ``mètres carrés`` or ``m2`` stands for (``"m²"``); ``None`` where the tables know none."""
    found = literal_tables(lexicon).form_after(text, 0)
    return str(found[0].value) if found and found[0].kind == "unit" and found[1] == len(text) else None


def read_literal(text: str, position: int, lexicon: Lexicon, duration_expected: bool = False) -> LiteralMatch | None:
    """The literal that starts at ``position``, or ``None`` where none does.

    ``duration_expected`` makes ``2h`` and ``2h30`` durations, as after ``dans``; else they are times of day. Digits
    glued to letters that mean nothing together (``3d``, ``2nde``) are a word, not a literal. A sign is not read.
    """
    tables = literal_tables(lexicon)
    first = text[position : position + 1]
    if not "0" <= first <= "9":
        return _read_prefixed(text, position, first, tables) if first in tables.starts and first else None
    found = _DIGITS.match(text, position)
    end = found.end() if found else position
    after = text[end : end + 1]
    if (after in "/-." and text[end + 1 : end + 2].isdigit()) or (end - position <= 2 and after not in ",\n)"):
        match = read_date(text, position, tables)
        if match:
            return _closed(text, position, match)
    clock = read_clock(text, position, tables, marks=not duration_expected)
    if clock:
        return _closed(text, position, matched(text, clock.end, "time", clock.value, clock.end, clock.problem))
    return _read_quantity(text, position, tables)


def _closed(text: str, position: int, match: LiteralMatch) -> LiteralMatch:
    """``match``, or an error over the whole word where letters are glued to its end."""
    glued = _GLUED.match(text, match.end)
    if not glued:
        return match
    args = {"text": text[position : glued.end()], "letters": glued[0]}
    return LiteralMatch(glued.end(), match.kind, match.value, match.unit, "QD076", args)


# --- what follows a number ----------------------------------------------------------------------------------------


def _read_quantity(text: str, position: int, tables: LiteralTables) -> LiteralMatch | None:
    """A number with what follows it: ``5 %``, ``10 000 €``, ``2 millions de $``, ``30 m²``, ``2 heures``, ``1er``."""
    short = tables.short_hours.match(text, position)
    if short:
        return read_duration(text, position, tables)
    number = read_number(text, position, tables)
    if not number:
        return None
    found = tables.form_after(text, number.end)
    if not found:
        return _bare(text, position, number, tables)
    form, end = found
    if form.kind == "multiplier":
        number = _multiplied(number, int(form.value), end)
        link = tables.multiplier_link.match(text, end)
        found = tables.form_after(text, link.end() if link else end)
        if not found or found[0].kind != "currency":
            return matched(text, end, "number", number.value, _number_end(text, position), number.problem)
        form, end = found
    if form.kind in {"duration", "refused"}:
        return read_duration(text, position, tables)
    return _measured(text, position, number, form, end)


def _number_end(text: str, position: int) -> int:
    run = RUN.match(text, position)
    return run.end() if run else position


def _multiplied(number: NumberMatch, exponent: int, end: int) -> NumberMatch:
    value = shifted(number.value, exponent)
    return number._replace(value=Decimal(format(value, "f")), end=end)


def _measured(text: str, position: int, number: NumberMatch, form: Form, end: int) -> LiteralMatch:
    value: Scalar = number.value
    part_end = _number_end(text, position)
    if form.kind == "percentage":
        return matched(text, end, "percentage", shifted(number.value, -2), part_end, number.problem)
    if form.kind == "currency":
        value = Money(number.value, str(form.value))
        return matched(text, end, "money", value, part_end, number.problem)
    return matched(text, end, "quantity", value, part_end, number.problem, str(form.value))


def _bare(text: str, position: int, number: NumberMatch, tables: LiteralTables) -> LiteralMatch | None:
    """A number with no unit: alone, an ordinal, or glued to letters."""
    glued = _GLUED.match(text, number.end)
    if not glued:
        return matched(text, number.end, "number", number.value, number.end, number.problem)
    letters, end = glued[0], glued.end()
    whole = text[position : number.end].isdecimal()
    if whole and tables.fold(letters) in tables.ordinals:
        return LiteralMatch(end, "number", number.value)
    exponent = tables.multiplier_marks.get(letters)
    args = {"text": text[position:end], "letters": letters}
    if exponent is not None:
        value = _multiplied(number, exponent, end).value
        shown = source_number(value, tables, group_from=4)
        fix = None if number.problem else shown
        return LiteralMatch(end, "number", value, None, "QD072", {**args, "example": shown}, fix)
    return None if whole else LiteralMatch(end, "number", number.value, None, "QD076", args)


def _read_prefixed(text: str, position: int, first: str, tables: LiteralTables) -> LiteralMatch | None:
    """What starts with something else than a digit: ``$40``, ``EUR 20``, ``November 27, 2026``, ``.5``."""
    if first == ".":
        return _dotted(text, position, tables)
    mark = tables.prefix.match(text, position)
    if mark:
        code = tables.currency_marks[mark[1]]
    else:
        word = _CODE.match(text, position)
        code = word and _currency_of(word[1], tables)
        mark = word
    if not code or not mark:
        return read_month_first(text, position, tables) if first.isalpha() else None
    number = read_number(text, mark.end(), tables)
    if not number:
        return None
    end = number.end
    found = tables.form_after(text, end)
    part_end = end
    if found and found[0].kind == "multiplier":
        end = found[1]
        number = _multiplied(number, int(found[0].value), end)
    glued = _GLUED.match(text, end)
    if glued:
        return _glued_amount(text, position, mark.end(), number, code, glued, tables)
    problem = number.problem
    if problem and problem.fix is not None:
        problem = problem._replace(fix=text[position : mark.end()] + problem.fix)
    return matched(text, end, "money", Money(number.value, code), part_end, problem)


def _glued_amount(
    text: str, start: int, digits: int, number: NumberMatch, code: str, glued: re.Match[str], tables: LiteralTables
) -> LiteralMatch:
    """``$10k``, ``$10x``: an amount with letters glued to it."""
    args = {"text": text[start : glued.end()], "letters": glued[0]}
    exponent = tables.multiplier_marks.get(glued[0])
    if exponent is None:
        return LiteralMatch(glued.end(), "money", Money(number.value, code), None, "QD076", args)
    value = _multiplied(number, exponent, glued.end()).value
    shown = source_number(value, tables, group_from=4)
    fix = None if number.problem else text[start:digits] + shown
    return LiteralMatch(glued.end(), "money", Money(value, code), None, "QD072", {**args, "example": shown}, fix)


def _currency_of(word: str, tables: LiteralTables) -> str | None:
    return word if word in CURRENCY_CODES else tables.currency_words.get(tables.fold(word))


def _dotted(text: str, position: int, tables: LiteralTables) -> LiteralMatch | None:
    found = _DOTTED.match(text, position)
    if not found or len(found[1]) > MOST_DIGITS:
        return None
    value = Decimal(f"0.{found[1]}")
    fix = source_number(value, tables)
    return LiteralMatch(found.end(), "number", value, None, "QD067", {"text": found[0], "example": fix}, fix)
