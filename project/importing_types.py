"""What a column holds, from its declared type, the conditions on it, its name and what is in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from ..dsl.fold import fold
from ..dsl.lexicon import languages, lexicon
from ..dsl.node import Node, node
from ..runtime.stores.described import Column, Table
from ..runtime.stores.sql_names import words_of
from ..runtime.stores.sql_values import truth_pair

_NUMERIC = frozenset({"integer", "number", "real"})
_MOST_CHOICES = 8
_LONGEST_CHOICE = 30
_LEAST_ROWS = 20
"""Rows below which few distinct values mean nothing."""
_ROWS_FOR_EACH = 5
"""Rows there are to be for each distinct value of a choice."""
_SECONDS = range(600_000_000, 4_000_000_000)
"""Instants counted in seconds from 1970: the years 1989 to 2096."""

_AMOUNT = re.compile(r"-?\d+(?:\.\d+)?")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_CAST = re.compile(r"::[a-z_ ]+(?:\(\d+\))?(?:\[\])?")
_NAME = re.compile(r"""^[\s(]*(?:"([^"]+)"|\[([^\]]+)\]|`([^`]+)`|(\w+))[\s)]*(?:=\s*ANY|IN\b|=)""", re.IGNORECASE)
_BETWEEN_0_AND_1 = re.compile(
    r"(?:<=?\s*\(?\s*1\b(?!\.?\d))|(?:BETWEEN\s+\(?0\)?\s+AND\s+\(?1\)?(?!\.?\d))", re.IGNORECASE
)


@node
class Meaning(Node):
    """The type of a field: ``kind`` as ``dsl/types.py`` has it, with the values of a ``choice``."""

    kind: str
    choices: tuple[str, ...] = ()


def meaning(table: Table, column: Column) -> Meaning | None:
    """The type of the field that a column would be; ``None`` for one that no field can be."""
    if column.kind == "binary":
        return None
    if column.kind in {"money", "percentage", "any"}:
        return Meaning(column.kind)
    checked = column.choices or _checked(table.checks, column.name)
    if _is_truth(column, checked):
        return Meaning("boolean")
    if checked and column.kind not in _NUMERIC:
        return Meaning("choice", checked)
    if column.kind in _NUMERIC:
        return Meaning(_number(table, column))
    if column.kind in {"date", "datetime", "time"}:
        return Meaning(_moment(column))
    return _text(column)


# --- conditions ---------------------------------------------------------------------------------------------------


def _checked(checks: Iterable[str], column: str) -> tuple[str, ...]:
    """The values that a condition of the table lists for a column, in the order it gives them."""
    for check in checks:
        text = _CAST.sub("", check)
        parts = re.split(r"\bOR\b", text, flags=re.IGNORECASE)
        names = {_column_named(part) for part in parts}
        if names == {column}:
            values = [value.replace("''", "'") for value in _QUOTED.findall(text)]
            numbers = re.findall(r"(?<![\w'])-?\d+(?![\w'])", _QUOTED.sub("", text))
            found = values or numbers
            if found and not re.search(r"\bNOT\b|\bAND\b|\bLIKE\b|[<>~]", _QUOTED.sub("", text), re.IGNORECASE):
                return tuple(dict.fromkeys(found))
    return ()


def _column_named(condition: str) -> str:
    """The column that a condition starts with."""
    found = _NAME.match(condition)
    return next((name for name in found.groups() if name), "") if found else ""


def _is_share(table: Table, column: str) -> bool:
    """Whether a condition keeps a column at or below 1."""
    return any(column in check and _BETWEEN_0_AND_1.search(_CAST.sub("", check)) for check in table.checks)


# --- kinds of content ---------------------------------------------------------------------------------------------


def _is_truth(column: Column, checked: Sequence[str]) -> bool:
    if column.kind == "boolean":
        return True
    texts = {str(value).strip() for value in column.values}
    if checked:
        texts = set(checked)
    if not 0 < len(texts) <= 2 or column.kind in {"real", "number", "date", "datetime", "time"}:
        return False
    folded = {fold(text) for text in texts}
    if not any(folded <= {fold(word) for word in truth_pair(text) or ()} for text in texts):
        return False
    if column.kind == "integer" and not checked:
        return len(texts) == 2 and len(column.values) >= _LEAST_ROWS
    return len(texts) == 2 or column.length == 1


def _number(table: Table, column: Column) -> str:
    """``money``, ``percentage``, ``datetime``, ``integer`` or ``number``."""
    words = [fold(word) for word in words_of(column.name)]
    if column.kind == "integer" and _has(words, "moment") and _all_seconds(column.values):
        return "datetime"
    if column.kind != "integer" or not column.values:
        share = _is_share(table, column.name)
        small = all(abs(_decimal(value)) <= 1 for value in column.values)
        if share or (_has(words, "percentage") and small and column.kind != "integer"):
            return "percentage"
    counts = _has(words, "quantity")
    if _has(words, "money") and not counts and not _has(words, "percentage"):
        return "money"
    if column.kind == "integer":
        return "integer"
    whole = all(_decimal(value) == _decimal(value).to_integral_value() for value in column.values)
    if column.kind == "number" and column.scale in {2, 4} and not counts and not _has(words, "percentage"):
        return "money"
    return "integer" if column.kind == "number" and column.scale == 0 and whole else "number"


def _moment(column: Column) -> str:
    if column.kind == "time":
        return "time"
    if column.kind == "date":
        return "datetime" if any(_clock(value) for value in column.values) else "date"
    return "date" if column.values and not any(_clock(value) for value in column.values) else "datetime"


def _clock(value: Any) -> bool:
    """Whether an instant says a time of the day other than midnight."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return False
    return isinstance(value, datetime) and value.time() != time.min


def _text(column: Column) -> Meaning:
    texts = [str(value).strip() for value in column.values]
    texts = [text for text in texts if text]
    if texts and all(_is_day(text) for text in texts):
        return Meaning("datetime" if any(_clock(text) for text in texts) else "date")
    words = [fold(word) for word in words_of(column.name)]
    if texts and _has(words, "money") and all(_AMOUNT.fullmatch(text) for text in texts):
        # SQLite has no exact decimals of its own
        return Meaning("money")
    counted = Counter(str(value) for value in column.values if str(value).strip())
    few = len(texts) >= _LEAST_ROWS and len(counted) <= _MOST_CHOICES and len(counted) * _ROWS_FOR_EACH <= len(texts)
    if few and len(counted) > 1 and all(_is_choice(text) for text in counted):
        return Meaning("choice", tuple(sorted(counted)))
    return Meaning("text")


def _is_choice(text: str) -> bool:
    """Whether a text may be one of some values: short, a word rather than a number."""
    return len(text) <= _LONGEST_CHOICE and text == text.strip() and text.isprintable() and any(map(str.isalpha, text))


def _is_day(text: str) -> bool:
    if not re.match(r"\d{4}-\d\d-\d\d(?:$|[ T])", text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _all_seconds(values: Sequence[Any]) -> bool:
    return bool(values) and all(
        isinstance(value, int) and (value in _SECONDS or value // 1000 in _SECONDS) for value in values
    )


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal("NaN")


def _has(words: Iterable[str], kind: str) -> bool:
    """Whether one of the words tells that a column holds values of a kind."""
    known = {word for language in languages() for word in lexicon(language).tables["importing"][kind]}
    return any(word in known for word in words)


def is_date(value: Any) -> bool:
    """Whether a value of JSON or of a database is a date or an instant."""
    return isinstance(value, (date, datetime)) or (isinstance(value, str) and _is_day(value))
