"""``quand run``: events in, one line of JSON out for each, in order."""

from __future__ import annotations

import sys
from contextlib import closing

import click

from ..project.compile import load
from ..project.engine import make_engine
from ..project.instants import read_instant
from .commands import Command, data_option, now_option, paths_argument
from .lines import event_lines, stream_name
from .session import Session, print_data
from .terminal import print_findings


def command(session: Session) -> click.Command:
    return Command(
        session,
        "run",
        run,
        [
            paths_argument(),
            click.Option(["--events"], required=True, metavar="FILE", help=session.text("run_events_help")),
            data_option(session),
            click.Option(["--dry-run"], is_flag=True, help=session.text("run_dry_help")),
            now_option(session),
            click.Option(["--trace"], is_flag=True, help=session.text("run_trace_help")),
        ],
    )


def run(
    session: Session,
    paths: tuple[str, ...],
    events: str,
    data: str | None,
    dry_run: bool,
    now: str | None,
    trace: bool,
) -> int:
    """0 when every event was processed, 1 when one failed or the rules have errors."""
    project = load(paths)
    program = project.program
    if program is None:
        print_findings(project.findings(session.asked), project, session, sys.stderr)
        print(session.text("cannot_run"), file=sys.stderr)
        return 1
    start = read_instant(now, project.config) if now is not None else None
    engine = make_engine(program, project.config, data, now=start, traced=trace, dry=dry_run)
    failed = False
    with closing(engine.store), event_lines(events) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            outcome = engine.process_line(line, stream_name(events), number)
            failed = failed or outcome.status == "failed"
            print_data(outcome.to_json())
    return int(failed)
