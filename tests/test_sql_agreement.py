# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
"""Interpreter = SQLite = PostgreSQL = DuckDB, on conditions and rows drawn by numbers.

A condition counts as run in SQL when a statement was made of it and the database answered; on rows where SQL is
doubtful it leaves the decision to the interpreter, which is no difference. What a planted error shows is that the
conditions would notice.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from postgres_server import GROUP, new_database
from sql_agreement import Agreement
from sql_conditions import FUNCTION_NAMES, Conditions, program, rows
from sql_places import DuckPlace, Place, PostgresPlace, SqlitePlace
from sqlglot import exp

from quand.dsl import ir
from quand.runtime.sql import collections as sets
from quand.runtime.sql import comparing, dialects
from quand.runtime.sql import compiler as compilation
from quand.runtime.sql.compiler import Compiler
from quand.runtime.sql.dialects import EMITTERS, Emitter
from quand.runtime.sql.terms import Sql, Term, binary, call, cast, literal, negated

MODEL = program().model
BATCH = 100


def agreement(*places: Place) -> Agreement:
    return Agreement(places, MODEL)


def everywhere() -> Agreement:
    return agreement(SqlitePlace(MODEL), PostgresPlace(MODEL, new_database()), DuckPlace(MODEL))


def assert_agreed(found: Agreement) -> None:
    for name, tally in found.tallies.items():
        assert tally.differences == [], f"{len(tally.differences)} in {name}:\n{tally.differences[0]}"
        assert tally.share >= 0.8, name
        assert tally.doubted <= tally.rows / 10, name


def thousands(found: Agreement) -> None:
    """Two thousand conditions, the same for all databases."""
    for seed in range(20):
        found.batch(seed, BATCH)
    assert_agreed(found)


def test_files_agree_with_the_interpreter() -> None:
    thousands(agreement(SqlitePlace(MODEL), DuckPlace(MODEL)))


@GROUP
def test_a_server_agrees_with_the_interpreter() -> None:
    thousands(agreement(PostgresPlace(MODEL, new_database())))


@pytest.mark.long
@GROUP
def test_databases_agree_with_the_interpreter_at_length(capsys: pytest.CaptureFixture[str]) -> None:
    """Fifty thousand conditions in each database; the counts are printed."""
    found = everywhere()
    for seed in range(1_000, 1_500):
        found.batch(seed, BATCH)
    with capsys.disabled():
        print("\n" + found.report())
    assert_agreed(found)
    asked = set(FUNCTION_NAMES) - {"now", "today", "tomorrow", "yesterday"}
    for name, tally in found.tallies.items():
        assert asked <= tally.operators.keys(), name


# --- planted errors -----------------------------------------------------------------------------------------------


def spoilt(dialect: str, emitter: Emitter) -> Emitter:
    """An emitter whose term is a little wrong."""

    def emit(compiler: Compiler, expression: ir.Apply, terms: list[Term]) -> Term:
        term = emitter(compiler, expression, terms)
        if term.parts:
            return term._replace(parts=tuple((unit, _other(dialect, part, "number")) for unit, part in term.parts))
        return term._replace(sql=_other(dialect, term.sql, term.kind))

    return emit


def _other(dialect: str, sql: Sql, kind: str) -> Sql:
    sql = exp.Paren(this=sql.copy())
    native = dialect != "sqlite"
    match kind:
        case "boolean":
            return negated(sql)
        case "text" | "reference":
            return exp.DPipe(this=literal("x"), expression=sql)
        case "date":
            later = exp.Interval(this=literal("1"), unit=exp.Var(this="DAY"))
            return cast(exp.Add(this=sql, expression=later), "date") if native else call("DATE", sql, literal("+1 day"))
        case "datetime":
            later = exp.Interval(this=literal("1"), unit=exp.Var(this="HOUR"))
            if native:
                return exp.Add(this=sql, expression=later)
            return call("STRFTIME", literal("%Y-%m-%dT%H:%M:%f000Z"), sql, literal("+1 hour"))
        case "time":
            return _later(native, sql)
        case "duration":
            return literal("P1000D")
        case _:
            one = exp.Literal.number(1)
            return exp.Add(this=sql, expression=one) if native else binary(exp.Add, cast(sql, "real"), one)


def _later(native: bool, sql: Sql) -> Sql:
    if not native:
        return call("TIME", sql, literal("+1 hour"))
    return exp.Add(this=sql, expression=exp.Interval(this=literal("1"), unit=exp.Var(this="HOUR")))


_UNSPOILT = {"now", "today", "tomorrow", "yesterday"}
"""The clock has no emitter: it is a parameter."""

OPERATORS = sorted({*FUNCTION_NAMES, "equal", "not_equal", "one_of", "less", "greater_or_equal", "between"} - _UNSPOILT)


def is_noticed(place: Place, operator: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether conditions about an operator show an error in its emitter."""
    dialect = place.dialect.name
    emitters = EMITTERS[dialect]
    with monkeypatch.context() as planted:
        for name in (operator, f"{operator}:truth"):
            if name in emitters:
                planted.setitem(emitters, name, spoilt(dialect, emitters[name]))
        found = agreement(place)
        for seed in range(20):
            random = Random(seed)
            found.put(rows(random))
            conditions = Conditions(random)
            for _ in range(8):
                found.several(*_one(conditions.about(operator)))
            if found.tallies[dialect].differences:
                return True
    return False


def _one(drawn: tuple[str, ir.Expression]) -> tuple[str, list[ir.Expression]]:
    return drawn[0], [drawn[1]]


SAMPLE = OPERATORS[::8]


@pytest.mark.parametrize("operator", SAMPLE)
def test_a_planted_error_is_noticed(operator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_noticed(SqlitePlace(MODEL), operator, monkeypatch)


@pytest.mark.long
@GROUP
def test_an_error_planted_in_any_emitter_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[Place] = [SqlitePlace(MODEL), PostgresPlace(MODEL, new_database()), DuckPlace(MODEL)]
    unnoticed = [
        f"{operator} in {place.dialect.name}"
        for place in places
        for operator in OPERATORS
        if not is_noticed(place, operator, monkeypatch)
    ]
    assert unnoticed == []


def _never(*_: Any, **__: Any) -> None:
    return None


def _all_patched(patch: pytest.MonkeyPatch, name: str) -> None:
    for module in (sets, comparing):
        patch.setattr(module, name, _never)


def _kept(patch: pytest.MonkeyPatch, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    patch.setattr(owner, name, make(getattr(owner, name)))


STRUCTURAL: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "and is or": lambda patch: patch.setattr(compilation, "conjunction", compilation.disjunction),
    "or is and": lambda patch: patch.setattr(compilation, "disjunction", compilation.conjunction),
    "not says nothing": lambda patch: patch.setattr(compilation, "negated", lambda sql: sql),
    "a choice takes the other": lambda patch: patch.setattr(
        compilation, "case", lambda *branches, otherwise=None: (otherwise or exp.Null()).copy()
    ),
    "a default is ignored": lambda patch: patch.setattr(compilation, "coalesce", lambda first, *_: first),
    "a missing object is there": lambda patch: patch.setattr(Compiler, "_if_there", lambda _, row, term: term),
    "rows have no owner": lambda patch: patch.setattr(sets, "owned", lambda *_: exp.Boolean(this=True)),
    "a window is open": lambda patch: patch.setattr(sets, "_since", lambda *_: exp.Boolean(this=True)),
    "all is some": lambda patch: patch.setattr(
        sets, "_all", lambda compiler, expression, inner: inner.exists(inner.condition())
    ),
    "the least is the greatest": lambda patch: patch.setattr(exp, "Min", exp.Max),
    "a sum forgets": lambda patch: patch.setitem(EMITTERS["sqlite"], "sum:rows", EMITTERS["sqlite"]["count:rows"]),
    "the first is the last": lambda patch: _kept(
        patch,
        sets,
        "extreme_order",
        lambda whole: (
            lambda *arguments: (
                whole(*arguments)[0],
                [exp.Ordered(this=each.this, desc=not each.args["desc"]) for each in whole(*arguments)[1]],
            )
        ),
    ),
    "an object is looked up by nothing": lambda patch: patch.setattr(
        sets, "lookup_term", lambda compiler, expression, names: compiler.constant(None, expression.type)
    ),
    "currencies do not matter": lambda patch: _all_patched(patch, "doubt_currencies"),
    "numbers are texts": lambda patch: patch.setattr(dialects.Sqlite, "ordered", lambda _, term: term.copy()),
    "a table takes its last row": lambda patch: _kept(
        patch, Compiler, "chosen", lambda whole: lambda self, branches, last: whole(self, branches[:1], last)
    ),
    "a reference is to anyone": lambda patch: _kept(
        patch,
        Compiler,
        "_joined",
        lambda whole: lambda self, row, field, target: _misjoined(whole(self, row, field, target)),
    ),
}
"""Errors in what is no single function: structure, missing values, subqueries, joins."""


def _misjoined(row: Any) -> Any:
    joins = row.level.joins
    joins[:] = [(each, exp.Boolean(this=True) if each is row else on) for each, on in joins]
    return row


@pytest.mark.parametrize("error", STRUCTURAL)
def test_a_planted_error_of_structure_is_noticed(error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = agreement(SqlitePlace(MODEL))
    with monkeypatch.context() as planted:
        STRUCTURAL[error](planted)
        for seed in range(100):
            found.batch(seed, 60)
            if found.tallies["sqlite"].differences:
                return
    pytest.fail("the conditions did not notice")


def test_what_is_printed_selects_the_objects_of_which_a_condition_holds() -> None:
    """Without the doubts about single odd texts and numbers; where the interpreter fails, the object is left out."""
    place = SqlitePlace(MODEL)
    found = agreement(place)
    compared = 0
    for seed in range(4):
        random = Random(seed)
        found.put(rows(random))
        conditions = Conditions(random)
        for _ in range(60):
            kind, condition = conditions.one()
            rule = ir.Rule("R", {}, kind, (ir.Saved(kind),), condition, ())
            worth = found.worth(kind, condition)
            selected = found.selected(place, rule)
            if selected is None:
                continue
            compared += 1
            assert selected <= {name for name, value in worth.items() if value is True}, condition
            if not any(isinstance(value, str) for value in worth.values()) and not found.has_foreign_amounts:
                assert selected == {name for name, value in worth.items() if value is True}, condition
    assert compared > 200
