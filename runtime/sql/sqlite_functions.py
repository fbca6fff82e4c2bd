"""The functions and the collation that SQLite connections get: the interpreter's own, over the texts of columns.

A function that cannot give an exact answer notes a doubt; whoever asked then lets the interpreter decide.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ...dsl import ir
from ...dsl.types import DATE, DATETIME, DURATION, NUMBER, TEXT, TIME, Type
from ...dsl.values import Duration, Money, Value
from ..functions import FUNCTIONS, OF_PERCENTAGE
from ..problems import Failure
from ..results import iso_duration, number
from ..stores.sql_values import ESCAPE, Unfit, decode, exact, instant_text
from ..values import CONTEXT, ZERO, exactly, length_of, nfc

_TYPES: dict[str, Type] = {
    "number": NUMBER,
    "integer": NUMBER,
    "percentage": NUMBER,
    "money": NUMBER,
    "date": DATE,
    "datetime": DATETIME,
    "time": TIME,
    "duration": DURATION,
    "text": TEXT,
    "choice": TEXT,
}


class _NoScope:
    """What bodies of functions ask of a scope, where only the clock and limits matter."""

    def __init__(self, clockwork: Any, budgets: Any, model: Any) -> None:
        self.clockwork = clockwork
        self.model = model
        self._budgets = budgets

    def checked_text(self, text: str) -> str:
        self._budgets.check_text(text)
        return text


class Functions:
    """The functions of one program, for the connections of its store."""

    def __init__(self, clockwork: Any, budgets: Any, model: Any) -> None:
        self._scope: Any = _NoScope(clockwork, budgets, model)
        self.doubted = False
        self._made: dict[str, tuple[str, tuple[str, ...]]] = {}

    def name(self, function: str, kinds: tuple[str, ...]) -> str:
        """The SQL name of a function over arguments of those kinds."""
        first = kinds[0] if kinds else ""
        usual = {"datetime", "percentage", "duration"}
        name = f"quand_{function}" + (f"_{first}" if first in usual and function not in _ONE_KIND else "")
        self._made[name] = function, kinds
        return name

    def give(self, connection: sqlite3.Connection, given: set[str]) -> None:
        """Make sure that a connection has all functions made so far; ``given`` are those it has."""
        if not given:
            connection.create_collation("quand_number", self._compare)
            for name, count, body in (
                ("quand_number", -1, self._number),
                ("quand_date", 1, self._reader(DATE)),
                ("quand_datetime", 1, self._reader(DATETIME)),
                ("quand_time", 1, self._reader(TIME)),
                ("quand_odd", 1, _odd),
                ("quand_length_of", 1, self._length),
                ("quand_size", 1, self._size),
            ):
                connection.create_function(name, count, body, deterministic=True)
            functions = self

            class Sum(_Sum):
                owner = functions

            connection.create_aggregate("quand_sum", 1, Sum)  # pyright: ignore[reportArgumentType]
            given.add("")
        for name, (function, kinds) in self._made.items():
            if name not in given:
                connection.create_function(name, len(kinds), self._body(function, kinds), deterministic=True)
                given.add(name)

    # --- bodies ---------------------------------------------------------------------------------------------------

    def _body(self, function: str, kinds: tuple[str, ...]) -> Callable[..., Any]:
        body = FUNCTIONS[function]
        if function in OF_PERCENTAGE and kinds[0] == "percentage":
            body = OF_PERCENTAGE[function]
        types = [_TYPES[kind] for kind in kinds]
        scope = self._scope

        def run(*raw: Any) -> Any:
            try:
                values = [decode(each, type_) for each, type_ in zip(raw, types, strict=True)]
                if None in values:
                    return None
                return written(body(scope, *values))
            except (Failure, Unfit, ArithmeticError, ValueError, TypeError, AttributeError):
                self.doubted = True
                return None

        return run

    def _number(self, raw: Any, scale: Any = None) -> str | None:
        try:
            value = decode(raw, NUMBER, scale)
            return None if value is None else written(value)
        except (Unfit, ArithmeticError, ValueError):
            self.doubted = True
            return None

    def _size(self, raw: Any) -> str | None:
        text = self._number(raw)
        return None if text is None else text.removeprefix("-")

    def _reader(self, type_: Type) -> Callable[[Any], Any]:
        def read(raw: Any) -> Any:
            try:
                return written(decode(raw, type_))
            except (Unfit, ValueError):
                self.doubted = True
                return None

        return read

    def _length(self, raw: Any) -> str | None:
        try:
            value = decode(raw, DURATION)
            return number(length_of(value)) if isinstance(value, Duration) else None
        except (Unfit, ArithmeticError):
            self.doubted = True
            return None

    def _compare(self, left: str, right: str) -> int:
        try:
            a, b = Decimal(left), Decimal(right)
        except ArithmeticError:
            self.doubted = True
            return 0
        return (a > b) - (a < b)


class _Sum:
    """The sum of numbers, as long as nothing is rounded: then the order of the rows does not matter."""

    owner: Functions

    def __init__(self) -> None:
        self._total = ZERO

    def step(self, raw: Any) -> None:
        if raw is None:
            return
        try:
            value = exact(raw)
            total = exactly(lambda: CONTEXT.add(self._total, value))
        except (Failure, ArithmeticError, ValueError):
            self.owner.doubted = True
            return
        if (
            total is None
            or CONTEXT.subtract(total, value) != self._total
            or CONTEXT.subtract(total, self._total) != value
        ):
            self.owner.doubted = True
        self._total = total or ZERO

    def finalize(self) -> str:
        return number(self._total)


_ONE_KIND = frozenset(
    "time_of_day to_date add_duration_instant subtract_duration_instant add_durations subtract_durations in_duration "
    "multiply_duration negate_duration time_elapsed percent_of add_percentage subtract_percentage ratio "
    "multiply_percentage divide_percentage negate_percentage percent_of_money".split()
)


def written(value: Value) -> Any:
    """A value as columns hold it."""
    match value:
        case None | bool():
            return value
        case Decimal():
            return number(value)
        case Money():
            return number(value.amount)
        case datetime():
            return instant_text(value)
        case date() | time():
            return value.isoformat()
        case Duration():
            return iso_duration(value)
        case str():
            if "\x00" in value or not value.strip():
                raise ValueError(value)
            return value
        case _:
            raise TypeError(value)


def _odd(text: Any) -> bool:
    """Whether a text is blank, escaped or not composed."""
    if not isinstance(text, str):
        return text is not None
    return not text.strip() or text.startswith(ESCAPE) or nfc(text) != text


def kinds_of(expressions: Iterable[ir.Expression]) -> tuple[str, ...]:
    """The kinds of the arguments of a function."""
    return tuple(expression.type.kind for expression in expressions)
