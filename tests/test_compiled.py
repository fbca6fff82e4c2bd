"""The compiled program is equal to the reference interpreter on everything."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from program_strategies import IDENTIFIERS, INSTANTS, conditions, data, programs, streams
from source_strategies import sources

from quand.dsl import ir
from quand.dsl.compile import SourceText, compile_sources
from quand.dsl.invariants import check
from quand.dsl.types import BOOLEAN, DATETIME, NUMBER, TEXT, reference_to
from quand.dsl.values import Money, Reference, Value
from quand.project.library import compile_text
from quand.runtime.business import WorkingCalendar, no_holidays
from quand.runtime.codegen import Place, function_for, source_for
from quand.runtime.compile import Compiled
from quand.runtime.dates import Clockwork
from quand.runtime.engine import Engine
from quand.runtime.interpret import Evaluator, Scope, interpret
from quand.runtime.model import Model
from quand.runtime.problems import Failure
from quand.runtime.program import Program
from quand.runtime.state import EMPTY
from quand.runtime.wave import Wave
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
    except ValueError as error:  # a duration of more digits than Python writes
        return type(error).__name__


def same(program: ir.Program, expression: ir.Expression, subject: Reference, after: Rows, before: Rows) -> None:
    model = Model(program)
    compiled = Compiled(model, patience=0)

    def scope(evaluator: Evaluator) -> Scope:
        return place(model, after, before, subject, evaluator)

    expected = result(interpret, expression, scope)
    assert result(compiled, expression, scope) == expected, source_for(expression, Place(), compiled)
    assert result(compiled, expression, scope) == expected


Case = tuple[ir.Program, ir.Expression, Reference]


@given(conditions(), data(), data())
@quick
def test_generated_code_is_worth_what_the_interpreter_says(case: Case, after: Rows, before: Rows) -> None:
    assert check(case[0]) == []
    same(*case, after, before)


@pytest.mark.long
@given(conditions(), data(), data())
@thorough
def test_generated_code_is_worth_what_the_interpreter_says_at_length(case: Case, after: Rows, before: Rows) -> None:
    assert check(case[0]) == []
    same(*case, after, before)


# --- the same over rules as they are written ------------------------------------------------------------------------


def same_rules(text: str, after: Rows, before: Rows) -> None:
    compilation = compile_sources([SourceText("generated.rules", text)])
    program = compilation.program
    assert program is not None, [found.diagnostic for found in compilation.errors]
    assert check(program) == []
    for rule in program.rules:
        assert rule.condition is not None
        for name in IDENTIFIERS["deal"]:
            same(program, rule.condition, Reference("deal", name), after, before)


@given(sources(), data(), data())
@quick
def test_written_conditions_are_worth_what_the_interpreter_says(text: str, after: Rows, before: Rows) -> None:
    same_rules(text, after, before)


@pytest.mark.long
@given(sources(), data(), data())
@thorough
def test_written_conditions_are_worth_what_the_interpreter_says_at_length(text: str, after: Rows, before: Rows) -> None:
    same_rules(text, after, before)


# --- events ---------------------------------------------------------------------------------------------------------


def outcomes(program: Program, events: list[dict[str, Any]], *, interpreted: bool, traced: bool) -> list[str]:
    """What comes of a row of events, as results are written."""
    program.evaluator = Compiled(program.model, patience=0)
    engine = Engine(program, now=INSTANTS[0], interpreted=interpreted, traced=traced)
    return [engine.process(event).to_json() for event in events]


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


# --- decisions ------------------------------------------------------------------------------------------------------

DECISIONS = """# langue : fr
règle "Or" (priorité 2)
quand une affaire est créée et entonnoir = 'Or' et montant > 100 €
alors journaliser "or"
règle "Or ou argent"
quand une affaire est créée et entonnoir parmi 'Or', 'Argent'
alors journaliser "or ou argent"
règle "Sans entonnoir"
quand une affaire est créée et entonnoir est vide
alors journaliser "rien"
règle "Sans remise"
quand une affaire est créée et non (calculer la remise)
alors journaliser "sans remise"
règle "Toujours" (priorité -1)
quand une affaire est créée
alors journaliser "toujours"
"""


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, ["Sans entonnoir", "Sans remise", "Toujours"]),
        ({"entonnoir": "Or"}, ["Or ou argent", "Sans remise", "Toujours"]),
        ({"entonnoir": "Or", "montant": 500}, ["Or", "Or ou argent", "Sans remise", "Toujours"]),
        ({"entonnoir": "Or", "montant": Money(Decimal(500), "USD")}, ["Or ou argent", "Sans remise", "Toujours"]),
        ({"entonnoir": "or", "calculer la remise": True}, ["Toujours"]),
    ],
)
def test_a_decision_names_the_rules_whose_condition_holds(record: dict[str, Any], expected: list[str]) -> None:
    assert compile_text(DECISIONS).decide(record, "affaire") == expected


# --- the index ------------------------------------------------------------------------------------------------------


def looked_at(text: str, before: Mapping[str, Value] | None, after: Mapping[str, Value] | None) -> list[str]:
    """The rules an event about a deal makes the engine look at."""
    program = compile_text(text, "fr")
    deal = Reference("deal", "A-1")
    old, new = EMPTY.with_changes({deal: before}), EMPTY.with_changes({deal: after})
    scope = Scope(program.model, clockwork(), new, old, INSTANTS[0])
    return [listening.rule.name for listening in program.candidates.listening(Wave(scope, {deal: (before, after)}))]


INDEXED = """
règle "Créée A" quand une affaire est créée et entonnoir = 'A' alors journaliser "x"
règle "Créée B" quand une affaire est créée et montant > 5 € et entonnoir parmi 'B', 'C' alors journaliser "x"
règle "Sinon" quand une affaire est créée et entonnoir = 'A' alors journaliser "x" sinon journaliser "y"
règle "Devient" quand l'étape d'une affaire devient 'Gagnée' alors journaliser "x"
règle "Change" quand le montant d'une affaire change et étape = 'Gagnée' alors journaliser "x"
règle "Surface" quand la surface d'une affaire dépasse 5 m² alors journaliser "x"
règle "Supprimée" quand une affaire est supprimée et entonnoir = 'A' alors journaliser "x"
règle "Contact" quand un contact est créé alors journaliser "x"
"""


def test_only_rules_that_can_fire_are_looked_at() -> None:
    assert looked_at(INDEXED, None, {"funnel": "A"}) == ["Créée A", "Sinon", "Surface"]
    assert looked_at(INDEXED, None, {"funnel": "C", "stage": "Gagnée"}) == ["Créée B", "Devient", "Sinon", "Surface"]
    assert looked_at(INDEXED, {"stage": "Nouvelle"}, {"stage": "Gagnée"}) == ["Devient"]
    assert looked_at(INDEXED, {"stage": "Nouvelle"}, {"stage": "Perdue"}) == []
    assert looked_at(INDEXED, {"stage": "Nouvelle"}, {"stage": "Nouvelle", "amount": euros(5)}) == []
    assert looked_at(INDEXED, {"stage": "Gagnée"}, {"stage": "Gagnée", "amount": euros(5)}) == ["Change"]
    assert looked_at(INDEXED, {}, {"length": Decimal(3)}) == ["Surface"]
    assert looked_at(INDEXED, {"funnel": "A"}, None) == ["Supprimée"]
    assert looked_at(INDEXED, {"funnel": "B"}, None) == []


LIMITS = """
règle "Plus de 5" quand une affaire est créée et montant > 5 € alors journaliser "x"
règle "Au moins 5" quand une affaire est créée et montant ≥ 5 € alors journaliser "x"
règle "Moins de 5" quand une affaire est créée et 5 € > montant alors journaliser "x"
règle "Au plus 5" quand une affaire est créée et montant est au plus 5 € alors journaliser "x"
règle "De 3 à 5" quand une affaire est créée et montant entre 3 € et 5 € alors journaliser "x"
règle "Dépasse 7" quand le montant d'une affaire dépasse 7 € alors journaliser "x"
"""


def test_limits_are_looked_up_too() -> None:
    """A range is looked up by its lower end."""
    assert looked_at(LIMITS, None, {}) == []
    assert looked_at(LIMITS, None, {"amount": euros(2)}) == ["Au plus 5", "Moins de 5"]
    assert looked_at(LIMITS, None, {"amount": euros(5)}) == ["Au moins 5", "Au plus 5", "De 3 à 5"]
    assert looked_at(LIMITS, None, {"amount": euros(6)}) == ["Au moins 5", "De 3 à 5", "Plus de 5"]
    assert looked_at(LIMITS, {"amount": euros(1)}, {"amount": euros(8)}) == ["Dépasse 7"]
    assert looked_at(LIMITS, {"amount": euros(1)}, {"amount": euros(7)}) == []


def test_a_foreign_amount_is_looked_at_by_all_rules() -> None:
    assert len(looked_at(LIMITS, None, {"amount": Money(Decimal(1), "USD")})) == 6


def euros(amount: int) -> Money:
    return Money(Decimal(amount), "EUR")


def test_a_condition_that_fails_is_not_hidden_by_the_index() -> None:
    """The first part of the condition compares two currencies, so the event fails though the second part is false."""
    text = "règle \"R\" quand une affaire est créée et montant > 5 € et entonnoir = 'A' alors journaliser 'x'"
    event = {
        "event": "deal.created",
        "data": {"id": "A-1", "montant": {"amount": 9, "currency": "USD"}, "entonnoir": "B"},
    }
    for interpreted in (False, True):
        outcome = Engine(compile_text(text), interpreted=interpreted).process(event)
        assert (outcome.status, [problem.code for problem in outcome.problems]) == ("failed", ["QD505"])


# --- generated code -------------------------------------------------------------------------------------------------

WORDS_OF_TEMPLATES = re.compile(
    r"def|rule|return|if|else|elif|is|not|and|or|in|None|True|False|[sp]|[akv]\d+|[fp]_[a-z_]+"
    r"|variables|get|clockwork|instant|read|in_the_past|checked_text|join|isascii|startswith|endswith|__class__"
    r"|aggregate|call|computed|date|decision|decimal|duration|fold|look_up|money|record_of|reference|text|truth|wildcard"
    r"|written"
)


def assert_only_templates(source: str) -> None:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            assert WORDS_OF_TEMPLATES.fullmatch(token.string), token
        elif token.type == tokenize.NUMBER:
            assert token.string in {"0", "1"}, token
        elif token.type == tokenize.STRING:
            assert token.string == "''", token
        else:
            assert token.type != tokenize.COMMENT


@given(conditions())
@quick
def test_generated_code_holds_nothing_but_templates(case: Case) -> None:
    program, expression, _ = case
    assert_only_templates(source_for(expression, Place(), Compiled(Model(program))))


def test_text_of_a_rule_never_becomes_code() -> None:
    evil = "'); __import__('os').system('true') #\n"
    field = ir.Field(evil, {}, TEXT)
    program = ir.Program(ir.Settings(), (ir.ObjectType(evil, {}, (field,)),), (), (), (), ())
    subject = ir.Variable("subject", reference_to(evil))
    condition = ir.Apply("equal", (ir.FieldOf(subject, evil, TEXT), ir.Constant(evil, TEXT)), BOOLEAN)
    compiled = Compiled(Model(program), patience=0)
    assert_only_templates(source_for(condition, Place(), compiled))
    reference = Reference(evil, evil)
    assert compiled(condition, place(compiled.model, {reference: {evil: evil}}, {}, reference, compiled)) is True


def test_rules_of_one_shape_share_their_code() -> None:
    def condition(stage: str) -> ir.Expression:
        field = ir.FieldOf(ir.Variable("subject", reference_to("deal")), "name", TEXT)
        return ir.Apply("equal", (field, ir.Constant(stage, TEXT)), BOOLEAN)

    bodies = Compiled(Model(ir.Program(ir.Settings(), (), (), (), (), ())))
    first, second = (function_for(condition(stage), Place(), bodies) for stage in ("A", "B"))
    assert first.__code__ is second.__code__


DEEP = 3000


def nested(form: str) -> ir.Expression:
    """An expression thousands of levels deep whose value is true, or 3,001."""
    inner: ir.Expression = ir.Constant(Decimal(1), NUMBER) if form == "sum" else ir.Constant(True, BOOLEAN)
    no = ir.Apply("less", (ir.Apply("now", (), DATETIME), ir.Constant(INSTANTS[1], DATETIME)), BOOLEAN)
    for _ in range(DEEP):
        match form:
            case "sum":
                inner = ir.Apply("add", (ir.Constant(Decimal(1), NUMBER), inner), NUMBER)
            case "and":
                inner = ir.And((ir.Not(no), inner))
            case "or":
                inner = ir.Or((no, inner))
            case "not":
                inner = ir.Not(ir.Not(inner))
            case _:
                inner = ir.If(no, ir.Constant(False, BOOLEAN), inner, BOOLEAN)
    return inner


@pytest.mark.parametrize("form", ["sum", "and", "or", "not", "if"])
def test_an_expression_may_be_as_deep_as_it_likes(form: str) -> None:
    expected = Decimal(DEEP + 1) if form == "sum" else True
    compiled = Compiled(Model(ir.Program(ir.Settings(), (), (), (), (), ())), patience=0)
    subject = Reference("deal", "A-1")
    assert compiled(nested(form), place(compiled.model, {}, {}, subject, compiled)) == expected
