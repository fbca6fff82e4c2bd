"""Aggregates and collections asked of a database give what the interpreter makes of the rows.

Rules drawn by numbers look at other objects, write to them, and follow from one another; results in a database are
those of the interpreter in memory, also while what was changed is not written yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from postgres_server import GROUP, new_database
from sql_conditions import CONTACT, IDENTIFIERS, NOW, STORED, VOCABULARY, Conditions, program, value_of

import quand
from quand.dsl import ir
from quand.dsl.types import BOOLEAN, MONEY, NUMBER, reference_to
from quand.dsl.values import Money, Reference, Value
from quand.runtime import questions
from quand.runtime.aggregates import UNASKED
from quand.runtime.engine import Engine
from quand.runtime.program import Program
from quand.runtime.questions import Questions
from quand.runtime.results import iso_duration
from quand.runtime.sql.plans import Plan, Statement
from quand.runtime.stores.port import Store

# --- rules over related objects -----------------------------------------------------------------------------------


class Rules(Conditions):
    """Draws rules whose conditions and loops are about collections."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self._draw = random

    def rule(self, number: int) -> ir.Rule:
        """A rule that fires once for an object, on a condition over others, and writes to other objects."""
        kind = self._draw.choice(("deal", "deal", "contact"))
        names = {"subject": reference_to(kind)}
        subject = ir.Variable("subject", names["subject"])
        ask = self._ask(BOOLEAN, names, 2)
        total = self._total(NUMBER, names, 2)
        compared = ir.Apply(
            "greater", (total, ir.Constant(self._draw.choice((Decimal(0), Decimal(2))), NUMBER)), BOOLEAN
        )
        condition = self._draw.choice((ask, compared, ir.Or((ask, compared))))
        collection, _ = self._collection(self._draw.choice(("deal", "contact")), names, 1)
        each = ir.Variable(collection.variable, reference_to(collection.object))
        field = "count" if collection.object == "deal" else "score"
        body = ir.Adjust(each, field, ir.Constant(Decimal(1), NUMBER), "increase")
        actions: tuple[ir.Action, ...] = (ir.ForEach(collection, (body,)),)
        if kind == "deal":
            bonus = ir.Constant(Money(Decimal(3), "EUR"), MONEY)
            actions += (ir.Adjust(ir.FieldOf(subject, "contact", CONTACT), "bonus", bonus, "increase"),)
        trigger: ir.Trigger = ir.Saved(kind)
        if self._draw.random() < 0.5:
            trigger = ir.Edge(kind, condition)
        return ir.Rule(f"R{number}", {}, kind, (trigger,), condition, actions, remembers="once", priority=number)


def drawn(seed: int) -> tuple[ir.Program, list[dict[str, Any]]]:
    """A program with rules of its own, and the events to process with it."""
    random = Random(seed)
    rules = Rules(random)
    source = attrs.evolve(program().ir, rules=tuple(rules.rule(number) for number in range(6)))
    return source, list(_events(random))


def _events(random: Random) -> Iterator[dict[str, Any]]:
    known: set[Reference] = set()
    for number in range(14):
        kind = random.choice(("deal", "deal", "contact", "contact", "call missed"))
        name = random.choice(IDENTIFIERS[kind])
        reference = Reference(kind, name)
        fields = {
            field: _plain(value_of(random, type_)) for field, type_ in STORED[kind].items() if random.random() < 0.7
        }
        if kind == "contact":
            fields.pop("name", None)
        fields.pop("created at", None)
        if kind == "call missed":
            yield {"id": f"e{number}", "event": kind, "at": NOW.isoformat(), "data": fields}
            continue
        what = "created" if reference not in known else random.choice(("updated", "updated", "deleted"))
        known ^= {reference} if what != "updated" else set()
        data = {"id": name, **({} if what == "deleted" else fields)}
        yield {"id": f"e{number}", "event": f"{kind}.{what}", "at": NOW.isoformat(), "data": data}


def _plain(value: Value) -> Any:
    match value:
        case Money():
            return {"amount": str(value.amount), "currency": value.currency}
        case Reference():
            return value.id
        case Decimal():
            return str(value)
        case bool() | str():
            return value
        case _ if hasattr(value, "isoformat"):
            return value.isoformat()  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        case _:
            return iso_duration(value)  # pyright: ignore[reportArgumentType]


class Asked:
    """How many aggregates the store answered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answered = self.left = 0
        whole = Questions.aggregate

        def counted(asked: Questions, *arguments: Any) -> Value:
            answer = whole(asked, *arguments)
            if answer is UNASKED:
                self.left += 1
            else:
                self.answered += 1
            return answer

        monkeypatch.setattr(Questions, "aggregate", counted)

    @property
    def share(self) -> float:
        return self.answered / (self.answered + self.left)


def same_outcomes(seed: int, store: Store) -> None:
    source, events = drawn(seed)
    expected = Engine(Program(source), now=NOW, interpreted=True)
    asked = Engine(Program(source), store, now=NOW)
    for each in events:
        assert asked.process(each).to_json() == expected.process(each).to_json(), (seed, each)
    store.close()


def several_outcomes(*seeds: int) -> None:
    for seed in seeds:
        same_outcomes(seed, quand.open_store("sqlite://"))


def test_a_file_answers_as_the_interpreter_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch)
    for seed in range(8):
        same_outcomes(seed, quand.open_store(f"sqlite:///{tmp_path}/{seed}.db"))
    assert asked.answered > 150
    assert asked.share > 0.8


@GROUP
def test_a_server_answers_as_the_interpreter_does(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch)
    for seed in range(100, 102):
        same_outcomes(seed, quand.open_store(new_database()))
    assert asked.share > 0.8


@pytest.mark.long
@GROUP
def test_databases_answer_as_the_interpreter_does_at_length(tmp_path: Path) -> None:
    for seed in range(1000, 1400):
        same_outcomes(seed, quand.open_store(f"sqlite:///{tmp_path}/{seed}.db"))
    for seed in range(2000, 2060):
        same_outcomes(seed, quand.open_store(new_database()))


SUMS = """
rule "Sum"
when a contact is saved and sum of the lengths of the deals whose contact = the contact > 0
then score = sum of the lengths of the deals whose contact = the contact
"""


@pytest.mark.parametrize("lengths", [("1E+33", "0.1", "-1E+33"), ("1E+20", "0.1", "-1E+20"), ("0.1", "0.2", "-0.3")])
def test_a_sum_is_rounded_as_the_interpreter_rounds_it(lengths: tuple[str, ...]) -> None:
    """Adding up in another order would give another result where 34 digits are not enough."""
    compiled = quand.compile_text(VOCABULARY + SUMS, language="en")
    said: list[list[str]] = []
    for engine in (
        Engine(compiled, now=NOW, interpreted=True),
        Engine(compiled, quand.open_store("sqlite://"), now=NOW),
    ):
        events = [
            {"id": f"e{number}", "event": "deal.created", "data": {"id": f"D-{number}", "length": n, "contact": "C-1"}}
            for number, n in enumerate(lengths)
        ]
        events.append({"id": "last", "event": "contact.created", "data": {"id": "C-1"}})
        said.append([engine.process(event).to_json() for event in events])
    assert said[0] == said[1]


@GROUP
@pytest.mark.parametrize("database", ["file", "server"])
def test_a_statement_that_breaks_is_not_asked_again(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL gives up the whole transaction: it is done again, and the interpreter decides."""
    broken = Statement("SELECT no_such_column FROM deal", frozenset(), {})
    monkeypatch.setattr(Plan, "statement", lambda *_: broken)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    same_outcomes(1, quand.open_store("sqlite://" if database == "file" else new_database()))


# --- planted errors -------------------------------------------------------------------------------------------------


def _nothing_left_out(patch: pytest.MonkeyPatch) -> None:
    whole = Plan.statement
    patch.setattr(Plan, "statement", lambda self, touched: whole(self, frozenset()))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]


def _nothing_added(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(questions, "_touched", lambda *_: set[Reference]())  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]


def _only_rows_of_the_collection(patch: pytest.MonkeyPatch) -> None:
    whole = Plan.fit

    def fit(self: Plan, *arguments: Any) -> None:
        whole(self, *arguments)
        self.reached = ()

    patch.setattr(Plan, "fit", fit)


def _subqueries_are_up_to_date(patch: pytest.MonkeyPatch) -> None:
    whole = Plan.fit

    def fit(self: Plan, *arguments: Any) -> None:
        whole(self, *arguments)
        self.through = frozenset()

    patch.setattr(Plan, "fit", fit)


ERRORS = [_nothing_left_out, _nothing_added, _only_rows_of_the_collection, _subqueries_are_up_to_date]


@pytest.mark.parametrize("error", ERRORS)
def test_a_planted_error_is_noticed(
    error: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as planted:
        error(planted)
        with pytest.raises(AssertionError):
            several_outcomes(5, 0, 20)
