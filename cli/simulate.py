"""``quand simulate``: what rules would do to real data, nothing written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext

import click

from ..project.compile import load
from ..project.instants import read_instant
from ..project.simulating import simulate as simulated
from ..project.simulation_report import SimulationReport
from .commands import Command, OneOf, data_option, now_option, paths_argument
from .lines import event_lines, stream_name
from .session import Session, print_data
from .terminal import print_findings, style_for

FORMATS = ("text", "json")
_EVERY = 200
"""How often progress is shown."""


def command(session: Session) -> click.Command:
    return Command(
        session,
        "simulate",
        simulate,
        [
            paths_argument(),
            data_option(session),
            click.Option(["--events"], metavar="FILE", help=session.text("simulate_events_help")),
            click.Option(["--against"], metavar="OLD_PATH", help=session.text("simulate_against_help")),
            now_option(session),
            click.Option(
                ["--format", "form"], type=OneOf(session, FORMATS), default="text", help=session.text("simulate_format")
            ),
        ],
    )


def simulate(
    session: Session,
    paths: tuple[str, ...],
    data: str | None,
    events: str | None,
    against: str | None,
    now: str | None,
    form: str,
) -> int:
    """0 when the rules could be tried, 1 when they have errors or an event failed."""
    project = load(paths)
    old = None if against is None else load((against,))
    for each in (project, old):
        if each is not None and each.program is None:
            print_findings(each.findings(session.asked), each, session, sys.stderr)
            print(session.text("cannot_run"), file=sys.stderr)
            return 1
    start = read_instant(now, project.config) if now is not None else None
    url = data or project.config.data
    if url is None:
        raise click.UsageError(session.text("simulate_needs_data"))
    stream = stream_name(events) if events is not None else ""
    with event_lines(events) if events is not None else nullcontext(None) as lines, _progress(session) as progress:
        compared = simulated(project, url, lines, stream, start, old, progress)
    report = SimulationReport(project, compared, session.language, style_for(sys.stdout))
    if form == "json":
        print_data(report.to_json())
    else:
        for text in report.lines():
            print(text)
    return int(bool(compared.simulation.statuses["failed"]))


class _progress:  # noqa: N801 (a context manager)
    """Shows on a terminal how far the work is; nothing in a pipe."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Callable[[int], None]:
        return self._show

    def _show(self, done: int) -> None:
        if self._shown and done % _EVERY == 0:
            print("\r" + self._session.text("simulate_progress", count=done), end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
