"""``quand explain``: why each rule acted on an event or did not, in sentences with values."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..project.compile import load
from ..project.errors import ProjectError
from ..project.explaining import Explainer, explain_event, rule_named
from ..project.files import STDIN
from ..project.instants import read_instant
from .commands import Command, data_option, now_option, paths_argument
from .session import Session
from .terminal import print_findings, style_for


def command(session: Session) -> click.Command:
    return Command(
        session,
        "explain",
        explain,
        [
            paths_argument(),
            click.Option(["--event"], required=True, metavar="FILE", help=session.text("explain_event_help")),
            click.Option(["--rule"], metavar="NAME", help=session.text("explain_rule_help")),
            data_option(session),
            now_option(session),
        ],
    )


def explain(
    session: Session, paths: tuple[str, ...], event: str, rule: str | None, data: str | None, now: str | None
) -> int:
    """0 when the event could be processed, 1 when it failed or the rules have errors."""
    project = load(paths)
    start = read_instant(now, project.config) if now is not None else None
    if project.program is None:
        print_findings(project.findings(session.asked), project, session, sys.stderr)
        print(session.text("cannot_run"), file=sys.stderr)
        return 1
    asked = rule_named(project.checked(), rule) if rule is not None else None
    name = "stdin" if event == STDIN else Path(event).name
    explanation = explain_event(project, _events(event), name, data, start)
    for text in Explainer(project, session.language, style_for(sys.stdout)).lines(explanation, asked):
        print(text)
    return int(explanation.outcome.status == "failed")


def _events(path: str) -> list[str]:
    """The events of a file: one JSON value over as many lines as it likes, or one on each line."""
    try:
        content = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except OSError as error:
        raise ProjectError.of("cannot_read", error, path) from error
    text = content.decode("utf-8-sig", "surrogateescape")
    lines = [line for line in text.splitlines() if line.strip()]
    return lines if len(lines) > 1 and lines[0].rstrip().endswith("}") else [text] if lines else []
