"""What the rule or the example under the cursor does: in words, and with the values of the examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ...dsl import ir
from ...dsl.example_model import Case, Example
from ...dsl.messages import ui
from ...dsl.node import Node, node
from ...project.compile import Project
from ...project.engine import Engine
from ...project.explaining import Explainer, Explanation
from ...runtime.examples import ExampleRunner
from ...runtime.outcome import Outcome
from ...runtime.program import Program
from ...runtime.stores.port import Store
from ...stdlib.calendars import project_calendar
from ..snapshot import Snapshot
from .diagram import rule_at, sentences_of


@node
class Section(Node):
    """Lines under a heading; what is indented in a line belongs to the one before."""

    heading: str
    lines: tuple[str, ...]


@node
class Told(Node):
    """An explanation."""

    title: str
    sections: tuple[Section, ...]


def explained(snapshot: Snapshot, uri: str, offset: int) -> Told | None:
    """The rule or example that an offset is in; ``None`` where there is neither, or the rules have errors."""
    project = snapshot.project
    if project.program is None:
        return None
    rule = rule_at(snapshot, uri, offset)
    if rule is not None:
        return _rule(snapshot, project, uri, rule)
    placed = snapshot.declaration(uri, offset)
    if placed is None:
        return None
    start, end = placed[0], placed[0] + len(placed[1].text)
    for example in project.compilation.examples:
        if example.uri == uri and any(start <= case.span.start < end for case in example.cases):
            return _example(snapshot, project, example)
    return None


def _rule(snapshot: Snapshot, project: Project, uri: str, rule: ir.Rule) -> Told:
    language = snapshot.language(uri)
    sentences = sentences_of(snapshot, uri)
    assert sentences is not None
    lines = [ui("explain_waits", language), *(f"  {sentences.trigger(each)}" for each in rule.triggers)]
    if rule.condition is not None:
        lines += [ui("explain_condition", language), f"  {sentences.expression(rule.condition)}"]
    lines += [sentences.branch("then"), *(f"  {sentences.action(each)}" for each in rule.actions)]
    if rule.otherwise:
        lines += [sentences.branch("otherwise"), *(f"  {sentences.action(each)}" for each in rule.otherwise)]
    sections = [Section("", tuple(lines))]
    explainer = Explainer(project, language)
    for example in project.compilation.examples:
        for case in example.cases:
            told = list(_case(project, explainer, example, case, rule))
            if told:
                sections.append(Section(_heading(example, case, language), tuple(told)))
    return Told(rule.names.get(language, rule.name), tuple(sections))


def _example(snapshot: Snapshot, project: Project, example: Example) -> Told:
    language = snapshot.language(example.uri)
    explainer = Explainer(project, language)
    sections = tuple(
        Section(_heading(example, case, language), tuple(_case(project, explainer, example, case, None)))
        for case in example.cases
    )
    return Told(example.names.get(language, example.names[example.language]), sections)


def _heading(example: Example, case: Case, language: str) -> str:
    name = example.names.get(language, example.names[example.language])
    return name if case.row is None else f"{name}, {ui('test_row', language, row=case.row)}"


def _case(project: Project, explainer: Explainer, example: Example, case: Case, rule: ir.Rule | None) -> Iterator[str]:
    """What each event of a case came to; of one rule only where it listened."""
    for outcome in _outcomes(project, case, example.language):
        if rule is not None and not _concerns(outcome, rule):
            continue
        yield from explainer.lines(Explanation(outcome, again=False), rule)


def _concerns(outcome: Outcome, rule: ir.Rule) -> bool:
    heard = {entry.rule for entry in outcome.trace or () if entry.result != "trigger"}
    return rule.name in heard | {firing.rule for firing in outcome.fired}


class _Watched(Engine):
    """An engine that remembers what came of each event."""

    outcomes: list[Outcome]

    def process(self, event: Mapping[str, Any], *args: Any, **options: Any) -> Outcome:
        outcome = super().process(event, *args, **options)
        self.outcomes.append(outcome)
        return outcome


def _outcomes(project: Project, case: Case, language: str) -> list[Outcome]:
    program = Program(project.checked())
    calendar = project_calendar(program.ir.settings)
    outcomes: list[Outcome] = []

    def make_engine(program: Program, store: Store, start: datetime) -> Engine:
        engine = _Watched(program, store, now=start, calendar=calendar, dry=True, traced=True)
        engine.outcomes = outcomes
        return engine

    ExampleRunner(program, make_engine, calendar).run(case, language)
    return outcomes
