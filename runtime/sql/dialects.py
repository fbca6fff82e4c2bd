"""What tells the dialects apart: how constants are written, columns read, and which emitter serves an operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sqlglot import exp

from ...dsl import ir
from ...dsl.values import Duration
from ..results import iso_duration, number
from ..stores.sql_values import instant_text
from .terms import NUMBERS, TEXTS, Sql, Term, Unsupported, binary, call, cast, literal, null, wrapped

if TYPE_CHECKING:
    from .compiler import Compiler

Emitter: TypeAlias = Callable[["Compiler", ir.Apply, list[Term]], Term]
"""Makes the term of a function over the terms of its arguments. Raises :class:`~.terms.Unsupported`."""

EMITTERS: dict[str, dict[str, Emitter]] = {}
"""By dialect, then by the name of the function (``dsl/signatures.py``)."""

_MOST_DIGITS = 34
_WIDEST = 38


class Dialect(Protocol):
    """A database as the compiler sees it."""

    name: str
    """That of the command line and of sqlglot."""
    native: bool
    """Whether it has decimals, dates and instants of its own."""

    def constant(self, value: Any, kind: str) -> Sql:
        """The literal of a value of that kind; of money the amount. Raises :class:`Unsupported`."""
        ...

    def placeholder(self, name: str, kind: str) -> Sql:
        """A parameter of that kind."""
        ...

    def ordered(self, term: Term) -> Sql:
        """The value such that ``<``, ``=``, ``MIN`` and ``ORDER BY`` go by the language's order."""
        ...

    def read(self, column: Sql, kind: str, storage: str, scale: int | None) -> Sql:
        """The value that a column of that storage holds. Raises :class:`Unsupported`."""
        ...

    def odd_text(self, column: Sql) -> Sql:
        """Whether a text is one that only the interpreter reads right: blank, escaped, not composed."""
        ...

    def odd_value(self, column: Sql, kind: str) -> Sql | None:
        """Whether a text that is to be of that kind is written in another way than ours."""
        ...

    def digits(self, value: Sql) -> Sql | None:
        """Whether a number worked out may have been rounded by the interpreter; ``None``: it never was."""
        ...


def plain_number(value: Decimal) -> Sql:
    """A number as all databases read it."""
    text = number(value)
    if text.startswith("-"):
        return exp.Paren(this=exp.Neg(this=exp.Literal.number(text[1:])))
    return exp.Literal.number(text)


def plain_text(value: str) -> Sql:
    """A text as a literal. Raises :class:`Unsupported` for one that not all databases take."""
    if not value.strip() or any(character < " " or "\ud800" <= character <= "\udfff" for character in value):
        raise Unsupported("odd_text")
    return literal(value)


class Native:
    """PostgreSQL, DuckDB and Spark: decimals, dates and instants are types of theirs."""

    native = True

    def __init__(self, name: str, widest: int | None, binary_order: str | None) -> None:
        """``widest`` is the most digits of a decimal, ``binary_order`` the collation that goes by code point."""
        self.name = name
        self._widest = widest
        self._binary_order = binary_order

    def constant(self, value: Any, kind: str) -> Sql:
        if value is None:
            return cast(null(), self._type(kind))
        match value:
            case bool():
                return exp.Boolean(this=value)
            case Decimal():
                return self._number(value)
            case str():
                return plain_text(value)
            case datetime():
                moment = value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
                return cast(literal(f"{moment}+00:00"), "timestamptz")
            case date():
                return cast(literal(value.isoformat()), "date")
            case time():
                return cast(literal(value.isoformat()), "time")
            case _:
                raise Unsupported("value")

    def _number(self, value: Decimal) -> Sql:
        text = number(value)
        if self._widest is not None and len(text.lstrip("-0.").replace(".", "")) > self._widest - 10:
            raise Unsupported("long_number")
        return plain_number(value)

    def _type(self, kind: str) -> str:
        if kind in NUMBERS or kind == "money":
            return "decimal" if self._widest is None else f"decimal({self._widest}, 10)"
        return {"date": "date", "datetime": "timestamptz", "time": "time", "boolean": "boolean"}.get(kind, "text")

    def placeholder(self, name: str, kind: str) -> Sql:
        return cast(exp.Var(this=f"\x01{name}\x01"), self._type(kind))

    def ordered(self, term: Term) -> Sql:
        if term.kind in TEXTS and self._binary_order is not None:
            return exp.Collate(
                this=wrapped(term.copy()), expression=exp.Identifier(this=self._binary_order, quoted=True)
            )
        return term.copy()

    def read(self, column: Sql, kind: str, storage: str, scale: int | None) -> Sql:
        if kind in NUMBERS or kind == "money":
            return self._read_number(column, storage, scale)
        if kind == "boolean" and storage == "integer":
            return binary(exp.NEQ, column, exp.Literal.number(0))
        if kind == "datetime" and storage == "local":
            return exp.AtTimeZone(this=column, zone=literal("UTC"))
        fits = {"date": "date", "datetime": "instant", "time": "time", "boolean": "boolean"}.get(kind, "text")
        if storage != fits:
            raise Unsupported("storage")
        return column

    def _read_number(self, column: Sql, storage: str, scale: int | None) -> Sql:
        if storage in {"number", "integer"}:
            return column
        if storage == "real" and self._widest is None and scale is None:
            return cast(cast(column, "text"), "decimal")
        raise Unsupported("storage")

    def odd_text(self, column: Sql) -> Sql:
        blank = binary(exp.EQ, call("TRIM", column.copy(), literal(_BLANKS)), literal(""))
        plain = exp.RegexpLike(this=column.copy(), expression=literal("^[!-~]+$"))
        odd = exp.RegexpLike(this=column.copy(), expression=literal("^\x1b"))
        composed = binary(exp.NEQ, self._composed(column.copy()), column.copy())
        return exp.And(this=exp.Not(this=exp.Paren(this=plain)), expression=exp.Paren(this=_or(blank, odd, composed)))

    def odd_value(self, column: Sql, kind: str) -> Sql | None:
        return None

    def _composed(self, column: Sql) -> Sql:
        return call("NFC_NORMALIZE" if self.name == "duckdb" else "NORMALIZE", column)

    def digits(self, value: Sql) -> Sql | None:
        text: Sql = cast(call("ABS", value.copy()), "text")
        text = call("TRIM", call("REPLACE", text, literal("."), literal("")), literal("0"))
        return exp.GT(this=exp.Length(this=text), expression=exp.Literal.number(_MOST_DIGITS))


def _or(*parts: Sql) -> Sql:
    result = parts[0]
    for part in parts[1:]:
        result = exp.Or(this=result, expression=part)
    return result


class Postgres(Native):
    def odd_text(self, column: Sql) -> Sql:
        blank = binary(exp.EQ, call("BTRIM", column.copy(), literal(_BLANKS)), literal(""))
        plain = exp.RegexpLike(this=column.copy(), expression=literal("^[!-~]+$"))
        odd = binary(exp.EQ, exp.Left(this=column.copy(), expression=exp.Literal.number(1)), literal("\x1b"))
        composed = binary(exp.NEQ, self._composed(column.copy()), column.copy())
        return exp.And(this=exp.Not(this=exp.Paren(this=plain)), expression=exp.Paren(this=_or(blank, odd, composed)))

    def digits(self, value: Sql) -> Sql | None:
        text: Sql = cast(call("ABS", value.copy()), "text")
        text = call("BTRIM", call("REPLACE", text, literal("."), literal("")), literal("0"))
        return exp.GT(this=exp.Length(this=text), expression=exp.Literal.number(_MOST_DIGITS))


class Sqlite:
    """SQLite: numbers, dates and instants are texts; functions and a collation of ours do what it has none for."""

    name = "sqlite"
    native = False

    def constant(self, value: Any, kind: str) -> Sql:
        match value:
            case None:
                return null()
            case bool():
                return exp.Boolean(this=value)
            case Decimal():
                return literal(number(value))
            case str():
                return plain_text(value)
            case datetime():
                return literal(instant_text(value))
            case date() | time():
                return literal(value.isoformat())
            case Duration():
                return literal(iso_duration(value))
            case _:
                raise Unsupported("value")

    def placeholder(self, name: str, kind: str) -> Sql:
        return exp.Var(this=f"\x01{name}\x01")

    def ordered(self, term: Term) -> Sql:
        if term.kind in NUMBERS or term.kind == "money":
            return exp.Collate(this=wrapped(term.copy()), expression=exp.Var(this="quand_number"))
        if term.kind == "duration":
            return exp.Collate(this=call("quand_length_of", term.copy()), expression=exp.Var(this="quand_number"))
        return term.copy()

    def read(self, column: Sql, kind: str, storage: str, scale: int | None) -> Sql:
        if kind == "boolean" and storage in {"boolean", "integer"}:
            return column
        if storage == "text" and kind != "boolean":
            return column
        if kind in NUMBERS or kind == "money":
            arguments = [column] if scale is None else [column, exp.Literal.number(scale)]
            return call("quand_number", *arguments)
        if kind in {"date", "datetime", "time"}:
            return call(f"quand_{kind}", column)
        raise Unsupported("storage")

    def odd_text(self, column: Sql) -> Sql:
        plain = exp.Not(this=exp.Glob(this=column.copy(), expression=literal("*[^!-~]*")))
        empty = binary(exp.EQ, column.copy(), literal(""))
        return _or(
            empty, exp.And(this=exp.Not(this=exp.Paren(this=plain)), expression=call("quand_odd", column.copy()))
        )

    def odd_value(self, column: Sql, kind: str) -> Sql | None:
        pattern = _WRITTEN.get(kind)
        return None if pattern is None else exp.Not(this=exp.Glob(this=column.copy(), expression=literal(pattern)))

    def digits(self, value: Sql) -> Sql | None:
        return None


_WRITTEN = {
    kind: pattern.replace("9", "[0-9]").replace("5", "[0-5]")
    for kind, pattern in {"date": "9999-99-99", "datetime": "9999-99-99T99:99:99.999999Z", "time": "99:59:59*"}.items()
}
"""Patterns of dates and times as we write them."""
_BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What Python takes for blank."""

POSTGRES = Postgres("postgres", None, "C")
DUCKDB = Native("duckdb", _WIDEST, None)
SPARK = Native("spark", _WIDEST, None)
SQLITE = Sqlite()

DIALECTS: Mapping[str, Dialect] = {each.name: each for each in (SQLITE, POSTGRES, DUCKDB, SPARK)}
