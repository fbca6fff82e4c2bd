"""Conditions in the interpreter and in databases: counted where SQL answers, told where the two differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

import attrs
from sql_conditions import NOW, Conditions, program, rows
from sql_places import Place

from quand.dsl import ir
from quand.dsl.types import DATETIME
from quand.dsl.values import Money, Reference
from quand.runtime.business import WorkingCalendar, no_holidays
from quand.runtime.dates import Clockwork
from quand.runtime.interpret import Scope, interpret
from quand.runtime.model import Model
from quand.runtime.problems import Failure
from quand.runtime.sql.compiler import Compiler
from quand.runtime.sql.rules import RuleStatements
from quand.runtime.sql.statements import conditions_statement, driver_text, filled
from quand.runtime.sql.terms import Sql, Unsupported
from quand.runtime.state import EMPTY, State
from quand.runtime.stores.sql_values import Unfit, instant_text
from quand.runtime.zones import zone

_TOGETHER = 6
"""How many conditions are asked in one go: databases take longer to plan a statement than to run it."""


@attrs.define
class Tally:
    """What came of many conditions in one dialect."""

    asked: int = 0
    answered: int = 0
    rows: int = 0
    doubted: int = 0
    operators: Counter[str] = attrs.field(factory=Counter[str])
    unsaid: Counter[str] = attrs.field(factory=Counter[str])
    differences: list[str] = attrs.field(factory=list[str])

    @property
    def share(self) -> float:
        """The part of the conditions that ran as SQL."""
        return self.answered / self.asked if self.asked else 0.0


class Agreement:
    """Asks the same of the interpreter and of databases."""

    def __init__(self, places: Sequence[Place], model: Model | None = None) -> None:
        self.model: Model = model or program().model
        settings = self.model.settings
        calendar = WorkingCalendar(settings.hours, zone(settings.timezone), no_holidays)
        self.clockwork = Clockwork(settings.timezone, calendar)
        self.places = places
        self.tallies = {place.dialect.name: Tally() for place in places}
        self._state: State = EMPTY
        self.has_foreign_amounts = False

    def batch(self, seed: int, count: int) -> None:
        """So many conditions over rows of their own, all drawn from ``seed``."""
        random = Random(seed)
        data = rows(random)
        self.put(data)
        conditions = Conditions(random)
        drawn = [conditions.one() for _ in range(count)]
        for start in range(0, count, _TOGETHER):
            together = drawn[start : start + _TOGETHER]
            lifting = random.random() < 0.3
            for kind in sorted({kind for kind, _ in together}):
                self.several(kind, [condition for of, condition in together if of == kind], lifting=lifting)

    def worth(self, kind: str, condition: ir.Expression) -> dict[str, Any]:
        """The value of a condition for each object of a type; the code where the interpreter fails."""
        return {name: self._worth(kind, name, condition) for name in self._state.identifiers(kind)}

    def selected(self, place: Place, rule: ir.Rule) -> set[str] | None:
        """The objects that the printed statement of a rule selects; ``None`` where it cannot be said or answered."""
        statements = RuleStatements(self.model, place.dialect.name)
        try:
            text, names = statements.text(rule)
        except Unsupported:
            return None
        clock = {name: interpret(ir.Apply(name, (), DATETIME), self._scope({})) for name in names}
        given = {name: instant_text(v) if isinstance(v, datetime) else str(v) for name, v in clock.items()}
        found = place.ask(text, given, statements.functions or statements.new_functions())
        return None if found is None else {line[0] for line in found}

    def put(self, data: Any) -> None:
        amounts = [value for record in data.values() for value in record.values() if isinstance(value, Money)]
        self.has_foreign_amounts = any(amount.currency != "EUR" for amount in amounts)
        self._state = EMPTY.with_changes(data)
        for place in self.places:
            place.put(data)

    def several(self, kind: str, conditions: Sequence[ir.Expression], *, lifting: bool = False) -> None:
        """Conditions over all objects of a type, in every database; one by one where they cannot be asked at once."""
        expected = [
            {name: self._worth(kind, name, condition) for name in self._state.identifiers(kind)}
            for condition in conditions
        ]
        for place in self.places:
            tally = self.tallies[place.dialect.name]
            tally.asked += len(conditions)
            if not self._ask(place, kind, conditions, expected, tally, lifting=lifting):
                for condition, worth in zip(conditions, expected, strict=True):
                    if not self._ask(place, kind, [condition], [worth], tally, lifting=lifting):
                        tally.unsaid["answer"] += 1

    def _worth(self, kind: str, name: str, condition: ir.Expression) -> Any:
        try:
            return interpret(condition, self._scope({"subject": Reference(kind, name)}))
        except Failure as failure:
            return failure.code

    def _scope(self, variables: Any) -> Scope:
        return Scope(self.model, self.clockwork, self._state, self._state, NOW, variables)

    def _ask(
        self,
        place: Place,
        kind: str,
        conditions: Sequence[ir.Expression],
        expected: Sequence[Mapping[str, Any]],
        tally: Tally,
        *,
        lifting: bool,
    ) -> bool:
        """Whether the database could be asked."""
        compiler = Compiler(self.model, place.tables, place.dialect, self.clockwork, lifting=lifting)
        row = compiler.row(kind, compiler.level)
        names = {"subject": compiler.subject(row)}
        said: list[tuple[int, Sql, list[Sql], set[str]]] = []
        unsaid: list[str] = []
        parameters: dict[str, Any] = {}
        for number, condition in enumerate(conditions):
            compiler.restart()
            try:
                truth = compiler.truth(condition, names)
                for each in compiler.parameters.values():
                    if each.name not in parameters:
                        value = interpret(each.expression, self._scope({}))
                        parameters[each.name] = filled(each, value, place.dialect)
            except Unsupported as reason:
                unsaid.append(reason.operator)
            except (Failure, Unfit):
                if len(conditions) > 1:
                    return False
                unsaid.append("parameter")
            else:
                said.append((number, truth, row.level.doubts, set(compiler.operators)))
        found: list[Sequence[Any]] | None = []
        if said:
            tree = conditions_statement(row, [(truth, doubts) for _, truth, doubts, _ in said])
            text, used = driver_text(tree, place.dialect.name)
            given = {name: value for name, value in parameters.items() if name in used}
            found = place.ask(text, given, compiler.functions)
        if found is None:
            return False
        tally.unsaid.update(unsaid)
        for place_of, (number, _, _, operators) in enumerate(said):
            tally.answered += 1
            tally.operators.update(operators)
            answers = {line[0]: (line[1 + 2 * place_of], line[2 + 2 * place_of]) for line in found}
            self._compare(conditions[number], expected[number], answers, tally, place.dialect.name)
        return True

    @staticmethod
    def _compare(
        condition: ir.Expression,
        expected: Mapping[str, Any],
        answers: Mapping[str, tuple[Any, Any]],
        tally: Tally,
        dialect: str,
    ) -> None:
        if answers.keys() != expected.keys():
            tally.differences.append(f"{sorted(answers)} in {dialect}\n{condition}")
            return
        for name, (holds, doubt) in answers.items():
            tally.rows += 1
            if doubt:
                tally.doubted += 1
            elif bool(holds) != (expected[name] is True) or isinstance(expected[name], str):
                tally.differences.append(f"{name}: {expected[name]} but {holds} in {dialect}\n{condition}")

    def report(self) -> str:
        """Counts in each dialect and of each operator."""
        lines = [
            f"{name}: {tally.answered} of {tally.asked} as SQL ({tally.share:.1%}), {tally.rows} rows, "
            f"{tally.doubted} left to the interpreter, {len(tally.differences)} differences; "
            f"not said: {dict(tally.unsaid)}"
            for name, tally in self.tallies.items()
        ]
        for operator in sorted({operator for tally in self.tallies.values() for operator in tally.operators}):
            counts = ", ".join(f"{name} {tally.operators[operator]}" for name, tally in self.tallies.items())
            lines.append(f"  {operator}: {counts}")
        return "\n".join(lines)
