"""Emitters of dates and instants where the database has types for them.

Local time is that of the project's zone, by the database's own table of zones. Of a local time that comes twice in a
year, or never, databases take the other instant than the language does: the interpreter decides there.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from ...dsl import ir
from ...dsl.types import TIME
from ...dsl.values import Duration
from ..values import negate_duration
from .comparing import as_instant
from .dialects import EMITTERS, Emitter, plain_number
from .numbers import number_of
from .terms import (
    Sql,
    Term,
    Unsupported,
    binary,
    call,
    cast,
    conjunction,
    disjunction,
    is_there,
    literal,
    wrapped,
)

if TYPE_CHECKING:
    from .compiler import Compiler


# --- local time ---------------------------------------------------------------------------------------------------


def _zone(compiler: Compiler) -> Sql:
    return literal(compiler.model.settings.timezone)


def local_of(compiler: Compiler, instant: Sql) -> Sql:
    """The local date and time of an instant, without zone."""
    return exp.AtTimeZone(this=wrapped(instant), zone=_zone(compiler))


def instant_at(compiler: Compiler, local: Sql) -> Sql:
    """The instant of a local date and time; the interpreter decides where there is not exactly one."""
    if compiler.dialect.name == "spark":
        instant: Sql = call("TO_UTC_TIMESTAMP", local, _zone(compiler))
    else:
        instant = exp.AtTimeZone(this=wrapped(local), zone=_zone(compiler))
    key = f"zone {instant.sql()}"

    def unsure() -> Sql:
        # transitions are of an hour, of half an hour, or of a time of day that nobody keeps any more
        checks = [binary(exp.NEQ, local_of(compiler, instant.copy()), local.copy())]
        for shift in ("-60", "60", "-30", "30"):
            moved = _plus_interval(instant.copy(), shift, "MINUTE")
            checks.append(binary(exp.EQ, local_of(compiler, moved), local.copy()))
        return disjunction([wrapped(check) for check in checks])

    if compiler.strict:
        compiler.doubt_once(key, unsure)
    return instant


def _plus_interval(start: Sql, amount: str, unit: str) -> Sql:
    return exp.Add(this=wrapped(start), expression=exp.Interval(this=literal(amount), unit=exp.Var(this=unit)))


def day_of(compiler: Compiler, term: Term) -> Sql:
    """The local date of a date or an instant."""
    term = compiler.settled(term)
    return term.copy() if term.kind == "date" else cast(local_of(compiler, term.copy()), "date")


def time_of(compiler: Compiler, term: Term) -> Term:
    """The local time of day."""
    return EMITTERS[compiler.dialect.name]["time_of_day"](compiler, _NOTHING, [term])


_NOTHING = ir.Apply("time_of_day", (), TIME)


def _time_of_day(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    term = compiler.settled(terms[0])
    if term.kind == "time":
        return term
    if compiler.dialect.name == "spark":
        raise Unsupported("time_of_day")
    if term.kind != "datetime":
        raise Unsupported("mixture")
    return Term(cast(local_of(compiler, term.copy()), "time"), "time")


def _to_date(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    return Term(day_of(compiler, terms[0]), "date")


def _to_datetime(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    term = compiler.settled(terms[0])
    if term.kind == "datetime":
        return term
    return Term(instant_at(compiler, cast(term.copy(), "timestamp")), "datetime")


def _date_at(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    moment = compiler.settled(terms[1])
    if compiler.dialect.name == "spark":
        raise Unsupported("date_at")
    local = binary(exp.Add, day_of(compiler, terms[0]), moment.copy())
    return Term(instant_at(compiler, local), "datetime")


# --- parts and differences ----------------------------------------------------------------------------------------


def _part(name: str) -> Emitter:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        day = day_of(compiler, terms[0])
        return number_of(exp.Extract(this=exp.Var(this=name), expression=day))

    return emit


def _weekday(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    day = day_of(compiler, terms[0])
    if compiler.dialect.name == "spark":
        return number_of(binary(exp.Add, call("WEEKDAY", day), exp.Literal.number(1)))
    return number_of(exp.Extract(this=exp.Var(this="ISODOW"), expression=day))


def _days(compiler: Compiler, start: Sql, end: Sql) -> Sql:
    if compiler.dialect.name == "spark":
        return call("DATEDIFF", end, start)
    return binary(exp.Sub, end, start)


def _number_of_days(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    start, end = (day_of(compiler, term) for term in terms)
    return number_of(_days(compiler, start, end))


def _days_between(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    later, earlier = (day_of(compiler, term) for term in terms)
    days = _days(compiler, earlier, later)
    return Term(days, "duration", parts=(("days", days),))


def _time_elapsed(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
    later, earlier = (as_instant(compiler, compiler.settled(term)) for term in terms)
    match compiler.dialect.name:
        case "postgres":
            elapsed: Sql = exp.Extract(
                this=exp.Var(this="EPOCH"), expression=binary(exp.Sub, later.copy(), earlier.copy())
            )
        case name:
            count = "EPOCH_US" if name == "duckdb" else "UNIX_MICROS"
            span = binary(exp.Sub, call(count, later.copy()), call(count, earlier.copy()))
            elapsed = binary(exp.Mul, span, exp.Literal.number("0.000001"))
    return Term(elapsed, "duration", parts=(("seconds", elapsed),))


# --- dates and durations ------------------------------------------------------------------------------------------


def _duration_of(term: Term) -> Duration:
    if not isinstance(term.constant, Duration):
        raise Unsupported("duration")
    if term.constant.business_days or term.constant.business_seconds:
        raise Unsupported("business_time")
    return term.constant


def _moved(compiler: Compiler, start: Sql, duration: Duration) -> Sql:
    """A date or a local time, so many months and days later."""
    result = start
    if duration.months:
        if compiler.dialect.name == "spark":
            result = call("ADD_MONTHS", result, plain_number(Decimal(duration.months)))
        else:
            result = _plus_interval(result, str(duration.months), "MONTH")
    if duration.days:
        result = _plus_interval(result, str(duration.days), "DAY")
    return result


def _shift(turn: Callable[[Duration], Duration]) -> Emitter:
    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        start = compiler.settled(terms[0])
        duration = turn(_duration_of(terms[1]))
        if start.kind == "date":
            if duration.seconds:
                raise Unsupported("mixture")
            if not duration.months and not duration.days:
                return start
            day = cast(_moved(compiler, start.copy(), duration), "date")
            _doubt_years(compiler, day)
            return Term(day, "date")
        instant = start.copy()
        if duration.months or duration.days:
            if compiler.dialect.name == "spark" and duration.months:
                raise Unsupported("duration")
            instant = instant_at(compiler, _moved(compiler, local_of(compiler, instant), duration))
        if duration.seconds:
            microseconds = int(duration.seconds * 1_000_000)
            seconds = Decimal(microseconds).scaleb(-6)
            instant = _plus_interval(instant, f"{seconds.normalize():f}", "SECOND")
        _doubt_years(compiler, instant)
        return Term(instant, "datetime")

    return emit


def _doubt_years(compiler: Compiler, moment: Sql) -> None:
    """There are no years before 1 and after 9999: near them the interpreter may fail."""
    if compiler.strict:
        year = exp.Extract(this=exp.Var(this="YEAR"), expression=cast(moment.copy(), "date"))
        outside = exp.Not(this=exp.Between(this=year, low=exp.Literal.number(2), high=exp.Literal.number(9998)))
        compiler.doubt(conjunction([is_there(moment.copy()), outside]))


def _from_now(turn: Callable[[Duration], Duration]) -> Emitter:
    shift = _shift(turn)

    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        now = compiler.settled(Term(exp.Null(), "datetime", free=ir.Apply("now", (), expression.type)))
        return shift(compiler, expression, [now, terms[0]])

    return emit


def same(duration: Duration) -> Duration:
    return duration


NATIVE: dict[str, Emitter] = {
    "to_date": _to_date,
    "to_datetime": _to_datetime,
    "time_of_day": _time_of_day,
    "date_at": _date_at,
    "year": _part("YEAR"),
    "month": _part("MONTH"),
    "day": _part("DAY"),
    "weekday": _weekday,
    "number_of_days": _number_of_days,
    "days_between": _days_between,
    "time_elapsed": _time_elapsed,
    "add_duration": _shift(same),
    "subtract_duration": _shift(negate_duration),
    "add_duration_instant": _shift(same),
    "subtract_duration_instant": _shift(negate_duration),
    "in_duration": _from_now(same),
    "ago": _from_now(negate_duration),
}

for _name in ("postgres", "duckdb", "spark"):
    EMITTERS.setdefault(_name, {}).update(NATIVE)
