"""The examples of a project: running them, and what they cover."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ..dsl import ir
from ..dsl.example_model import Case, Example
from ..runtime.coverage import decision_tables, rows_of
from ..runtime.examples import CaseResult, ExampleRunner
from ..runtime.program import Program
from ..runtime.stores.port import Store
from ..stdlib.calendars import project_calendar
from .compile import Project
from .engine import Engine
from .findings import Place


class CaseRun(NamedTuple):
    """A case that was run; ``place`` is that of its row, or of the whole example."""

    example: Example
    case: Case
    result: CaseResult
    place: Place

    @property
    def name(self) -> str:
        """The name of the example in its own language."""
        return self.example.names[self.example.language]


class RuleCoverage(NamedTuple):
    """How often a rule fired and, where it has one, took its other branch."""

    rule: ir.Rule
    fired: int
    otherwise: int | None


class TableCoverage(NamedTuple):
    """The rows of a decision table by number (0 is the row that says *otherwise*) and whether each decided once."""

    object: str
    table: str
    rows: dict[int, bool]


class Coverage(NamedTuple):
    """What the examples of a project cover."""

    rules: list[RuleCoverage]
    tables: list[TableCoverage]

    def branches(self) -> list[tuple[ir.Rule, str, bool]]:
        """Each branch of each rule, ``then`` or ``otherwise``, and whether it was taken."""
        made: list[tuple[ir.Rule, str, bool]] = []
        for rule, fired, otherwise in self.rules:
            made.append((rule, "then", fired > 0))
            if otherwise is not None:
                made.append((rule, "otherwise", otherwise > 0))
        return made


def run_examples(project: Project, now: datetime | None = None, covering: bool = False) -> list[CaseRun]:
    """Run all examples of a project without errors, in order.

    ``now`` is when those start that do not say it; ``covering`` must be true where :func:`coverage` is to follow.
    """
    program = Program(project.checked())
    calendar = project_calendar(program.ir.settings)

    def make_engine(program: Program, store: Store, start: datetime) -> Engine:
        return Engine(program, store, now=start, calendar=calendar, dry=True)

    runner = ExampleRunner(program, make_engine, calendar, now, covering)
    made: list[CaseRun] = []
    for example in project.compilation.examples:
        for case in example.cases:
            place = project.texts.place(example.uri, case.span)
            made.append(CaseRun(example, case, runner.run(case, example.language), place))
    return made


def coverage(project: Project, cases: Sequence[CaseRun]) -> Coverage:
    """The rules, branches and rows of decision tables that the cases cover; disabled rules do not count."""
    program = project.checked()
    fired: dict[tuple[str, str | None], int] = {}
    for run in cases:
        for firing in run.result.fired:
            fired[firing.rule, firing.branch] = fired.get((firing.rule, firing.branch), 0) + 1
    rules = [
        RuleCoverage(
            rule,
            fired.get((rule.name, None), 0),
            fired.get((rule.name, "otherwise"), 0) if rule.otherwise else None,
        )
        for rule in program.rules
        if not rule.disabled
    ]
    hit = {row for run in cases for row in run.result.rows}
    tables = [
        TableCoverage(kind, name, {number: (kind, name, number) in hit for number in rows_of(table)})
        for kind, name, table in decision_tables(program)
    ]
    return Coverage(rules, tables)
