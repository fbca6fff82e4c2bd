"""``quand test``: run the examples of the rules, expected and obtained side by side."""

from __future__ import annotations

import sys

import click

from ..project.compile import load
from ..project.instants import read_instant
from ..project.testing import coverage, run_examples
from ..project.testing_report import ExamplesReport
from .commands import Command, OneOf, paths_argument
from .session import Session, print_data
from .terminal import print_findings, style_for

FORMATS = ("text", "json", "junit")


def command(session: Session) -> click.Command:
    return Command(
        session,
        "test",
        test,
        [
            paths_argument(),
            click.Option(
                ["--format", "form"],
                type=OneOf(session, FORMATS),
                default="text",
                help=session.text("test_format_help"),
            ),
            click.Option(["--coverage", "with_coverage"], is_flag=True, help=session.text("test_coverage_help")),
            click.Option(["--now"], metavar="INSTANT", help=session.text("test_now_help")),
        ],
    )


def test(session: Session, paths: tuple[str, ...], form: str, with_coverage: bool, now: str | None) -> int:
    """0 when all examples pass; 1 when one fails or the rules have errors."""
    project = load(paths)
    start = read_instant(now, project.config) if now is not None else None
    if project.program is None:
        print_findings(project.findings(session.asked), project, session, sys.stderr)
        print(session.text("cannot_test"), file=sys.stderr)
        return 1
    runs = run_examples(project, start, with_coverage)
    covered = coverage(project, runs) if with_coverage else None
    report = ExamplesReport(project, session.asked, session.language)
    if form == "text":
        for line in report.text(runs, covered, style_for(sys.stdout)):
            print(line)
    else:
        print_data(report.json(runs, covered) if form == "json" else report.junit(runs, covered))
    return int(not all(run.result.passed for run in runs))
