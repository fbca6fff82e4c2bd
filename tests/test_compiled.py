"""The compiled program is equal to the reference interpreter on everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from program_strategies import INSTANTS, conditions, data, programs, streams

from quand.dsl import ir
from quand.dsl.invariants import check
from quand.dsl.values import Reference, Value
from quand.runtime.business import WorkingCalendar, no_holidays
from quand.runtime.codegen import Place, source_for
from quand.runtime.compile import Compiled
from quand.runtime.dates import Clockwork
from quand.runtime.engine import Engine
from quand.runtime.interpret import Evaluator, Scope, interpret
from quand.runtime.model import Model
from quand.runtime.problems import Failure
from quand.runtime.program import Program
from quand.runtime.state import EMPTY
from quand.runtime.zones import zone

Rows = Mapping[Reference, Mapping[str, Value]]

LARGE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
quick = settings(max_examples=200, deadline=None, suppress_health_check=LARGE)
thorough = settings(max_examples=3000, deadline=None, suppress_health_check=LARGE)


@cache
def clockwork() -> Clockwork:
    defaults = ir.Settings()
    return Clockwork(defaults.timezone, WorkingCalendar(defaults.hours, zone(defaults.timezone), no_holidays))


def place(model: Model, after: Rows, before: Rows, subject: Reference, evaluator: Evaluator) -> Scope:
    return Scope(
        model,
        clockwork(),
        EMPTY.with_changes(after),
        EMPTY.with_changes(before),
        datetime(2026, 11, 27, 9, 0, tzinfo=UTC),
        {"subject": subject},
        evaluator=evaluator,
    )


def result(evaluator: Evaluator, expression: ir.Expression, scope: Callable[[Evaluator], Scope]) -> str:
    """What comes of an expression, to the last digit: a value, or a failure and its facts."""
    try:
        return repr(evaluator(expression, scope(evaluator)))
    except Failure as failure:
        return f"{failure.code} {failure.args_of_message}"
    except (OverflowError, TypeError) as error:
        return type(error).__name__


def same(case: tuple[ir.Program, ir.Expression, Reference], after: Rows, before: Rows) -> None:
    program, expression, subject = case
    assert check(program) == []
    model = Model(program)
    compiled = Compiled(model, patience=0)

    def scope(evaluator: Evaluator) -> Scope:
        return place(model, after, before, subject, evaluator)

    expected = result(interpret, expression, scope)
    assert result(compiled, expression, scope) == expected, source_for(expression, Place(), compiled)
    assert result(compiled, expression, scope) == expected


@given(conditions(), data(), data())
@quick
def test_generated_code_is_worth_what_the_interpreter_says(
    case: tuple[ir.Program, ir.Expression, Reference], after: Rows, before: Rows
) -> None:
    same(case, after, before)


@pytest.mark.long
@given(conditions(), data(), data())
@thorough
def test_generated_code_is_worth_what_the_interpreter_says_at_length(
    case: tuple[ir.Program, ir.Expression, Reference], after: Rows, before: Rows
) -> None:
    same(case, after, before)


# --- events ---------------------------------------------------------------------------------------------------------


def outcomes(program: Program, events: list[dict[str, Any]], *, interpreted: bool, traced: bool) -> list[str]:
    """What comes of a row of events, as results are written."""
    program.evaluator = Compiled(program.model, patience=0)
    engine = Engine(program, now=INSTANTS[0], interpreted=interpreted, traced=traced)
    told: list[str] = []
    for event in events:
        try:
            told.append(engine.process(event).to_json())
        except (OverflowError, TypeError) as error:
            told.append(type(error).__name__)
    return told


def same_outcomes(source: ir.Program, events: list[dict[str, Any]]) -> None:
    assert check(source) == []
    program = Program(source)
    expected = outcomes(program, events, interpreted=True, traced=False)
    assert outcomes(program, events, interpreted=False, traced=False) == expected
    expected = outcomes(program, events, interpreted=True, traced=True)
    assert outcomes(program, events, interpreted=False, traced=True) == expected


@given(programs(), streams())
@quick
def test_outcomes_do_not_depend_on_the_index_nor_on_the_evaluator(
    source: ir.Program, events: list[dict[str, Any]]
) -> None:
    same_outcomes(source, events)


@pytest.mark.long
@given(programs(), streams())
@thorough
def test_outcomes_do_not_depend_on_the_index_nor_on_the_evaluator_at_length(
    source: ir.Program, events: list[dict[str, Any]]
) -> None:
    same_outcomes(source, events)
