"""The examples of a file: where they stand, and what comes of running them."""

from __future__ import annotations

from ...dsl.messages import ui
from ...dsl.node import Node, node
from ...dsl.source import Span
from ...project.testing import run_examples
from ...project.testing_report import ExamplesReport
from ..snapshot import Snapshot
from .outline import outline


@node
class Lens(Node):
    """A command shown above a line. ``example`` is the name of the example to run, empty for all of the file."""

    span: Span
    title: str
    example: str


@node
class Failure(Node):
    """What was expected, and what was obtained instead."""

    expected: str
    obtained: tuple[str, ...]


@node
class Outcome(Node):
    """What came of one case of an example."""

    uri: str
    name: str
    span: Span
    passed: bool
    failures: tuple[Failure, ...] = ()


def lenses(snapshot: Snapshot, uri: str) -> list[Lens]:
    """A lens above each example, and one above the first for all of them."""
    language = snapshot.language(uri)
    found = [entry for entry in outline(snapshot, uri) if entry.kind == "example"]
    made = [Lens(each.name_span, ui("editor_run_example", language), each.name) for each in found]
    if len(found) > 1:
        made.insert(0, Lens(found[0].name_span, ui("editor_run_all", language, count=len(found)), ""))
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
            failures = tuple(Failure(expected, tuple(lines)) for expected, lines in report.failures(case))
            made.append(Outcome(uri, report.title(case), case.place.span, case.result.passed, failures))
    return made
