"""The examples of a file: where they stand, and what comes of running them."""

from __future__ import annotations

from typing import NamedTuple, cast

from ...dsl import ir
from ...dsl.messages import ui
from ...dsl.node import Node, node
from ...dsl.source import Span
from ...dsl.syntax import EventDeclaration
from ...dsl.words import word_tables
from ...project.testing import CaseRun, run_examples
from ...project.testing_report import ExamplesReport
from ..snapshot import Snapshot
from .outline import outline


@node
class Lens(Node):
    """A command shown above a line. ``example`` is the name of the example to run, empty for all of the file."""

    span: Span
    title: str
    example: str = ""
    all: bool = False
    listeners: tuple[Place, ...] = ()


class Place(NamedTuple):
    """A range of a file."""

    uri: str
    span: Span


@node
class Failure(Node):
    """What was expected, and what was obtained instead; ``span`` is where it is expected, if anywhere."""

    expected: str
    obtained: tuple[str, ...]
    span: Span | None = None


@node
class Outcome(Node):
    """What came of one case of an example."""

    uri: str
    name: str
    span: Span
    passed: bool
    failures: tuple[Failure, ...] = ()


MOST_RULES = 200
"""In a larger project examples run when that is asked for, and not by themselves."""


def lenses(snapshot: Snapshot, uri: str) -> list[Lens]:
    """A lens above each example, one above the first for all of them, and above each event who listens to it."""
    language = snapshot.language(uri)
    found = [entry for entry in outline(snapshot, uri) if entry.kind == "example"]
    made = [Lens(each.name_span, ui("editor_run_example", language), each.name) for each in found]
    if found:
        made.insert(0, Lens(found[0].name_span, ui("editor_run_all", language, count=len(found)), all=True))
    return [*made, *event_lenses(snapshot, uri)]


def examples_lens(snapshot: Snapshot, uri: str) -> Lens | None:
    """The lens above the first example of a file, with what came of running all of them: they are run for it.

    In a large project, and where there are errors, it only says how many there are.
    """
    language = snapshot.language(uri)
    found = [entry for entry in outline(snapshot, uri) if entry.kind == "example"]
    if not found:
        return None
    title = ui("editor_run_all", language, count=len(found))
    recorded = snapshot.compilation.recorded
    if recorded is not None and len(recorded.rules) <= MOST_RULES:
        outcomes = outcomes_of(snapshot, uri)
        if outcomes:
            failed = sum(not each.passed for each in outcomes)
            key = "editor_examples_fail" if failed else "editor_examples_pass"
            title = ui(key, language, count=len(outcomes), failed=failed)
    return Lens(found[0].name_span, title, all=True)


def event_lenses(snapshot: Snapshot, uri: str) -> list[Lens]:
    """Above each event of a file: how many rules wait for it, and where they are."""
    file = snapshot.parsed(uri)
    recorded = snapshot.compilation.recorded
    if file is None or recorded is None:
        return []
    language = file.language
    made: list[Lens] = []
    for start, parsed in file.declarations:
        if not isinstance(parsed.declaration, EventDeclaration):
            continue
        key = word_tables(language).name_key(parsed.declaration.names.phrase)
        symbol = snapshot.vocabulary.object_of(language, key)
        if symbol is None:
            continue
        listeners = tuple(
            Place(place, rule.span)
            for (place, _), rule in recorded.rules.items()
            if any(isinstance(t, ir.Occurred | ir.Repeated) and t.event == symbol.name for t in rule.triggers)
        )
        title = ui("editor_listeners" if listeners else "editor_no_listeners", language, count=len(listeners))
        made.append(Lens(parsed.declaration.names.span.shifted(start), title, listeners=listeners))
    return made


def outcomes_of(snapshot: Snapshot, uri: str) -> list[Outcome] | None:
    """What comes of the examples of a file; they are run once for each state of the project."""
    key = ("outcomes", uri)
    if key not in snapshot.remembered:
        snapshot.remembered[key] = run(snapshot, uri)
    return cast("list[Outcome] | None", snapshot.remembered[key])


@node
class InlineValue(Node):
    """What is shown behind an expectation of an example: what was obtained."""

    span: Span
    text: str


def inline_values(snapshot: Snapshot, uri: str, span: Span) -> list[InlineValue]:
    """Behind each expectation in a range that was not met: what was obtained instead."""
    language = snapshot.language(uri)
    made: list[InlineValue] = []
    for outcome in outcomes_of(snapshot, uri) or ():
        for failure in outcome.failures:
            place = failure.span
            if place is not None and place.start <= span.end and span.start <= place.end:
                text = ui("editor_obtained", language, text=" ; ".join(line.strip() for line in failure.obtained))
                made.append(InlineValue(place, text))
    return made


def run(snapshot: Snapshot, uri: str, example: str = "") -> list[Outcome] | None:
    """What comes of the examples of a file, or of one of them; ``None`` where the rules have errors."""
    project = snapshot.project
    if project.program is None:
        return None
    report = ExamplesReport(project, None, snapshot.language(uri))
    made: list[Outcome] = []
    for case in run_examples(project):
        if case.example.uri == uri and example in {"", case.name}:
            failures = tuple(
                Failure(expected, tuple(lines), place)
                for (expected, lines), place in zip(report.failures(case), _places(snapshot, case), strict=True)
            )
            made.append(Outcome(uri, report.title(case), case.place.span, case.result.passed, failures))
    return made


def _places(snapshot: Snapshot, run: CaseRun) -> list[Span | None]:
    """Where each failure of a case is expected; a problem of an event is nowhere."""
    placed = snapshot.declaration(run.example.uri, run.example.span.start)
    start = placed[0] if placed is not None else 0
    failed = [check.expectation.span.shifted(start) for check in run.result.checks if not check.passed]
    return [*(None for _ in run.result.problems), *failed]
