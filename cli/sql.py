"""``quand sql``: the condition of each rule as one SELECT of the objects of which it holds."""

from __future__ import annotations

import sys

import click

from ..project.compile import load
from ..project.sql import DIALECTS, as_sql, rule_sql
from .commands import Command, OneOf, paths_argument
from .session import Session, print_data
from .terminal import print_findings


def command(session: Session) -> click.Command:
    return Command(
        session,
        "sql",
        sql,
        [
            paths_argument(),
            click.Option(
                ["--dialect"],
                type=OneOf(session, DIALECTS),
                required=True,
                help=session.text("sql_dialect_help"),
            ),
        ],
    )


def sql(session: Session, paths: tuple[str, ...], dialect: str) -> int:
    """0 when every condition is printed; 1 when one cannot be said exactly, or the rules have errors."""
    project = load(paths)
    if project.program is None:
        print_findings(project.findings(session.asked), project, session, sys.stderr)
        return 1
    language = session.asked or project.checked().settings.language
    unsaid = False
    for number, found in enumerate(rule_sql(project, dialect, language)):
        print_data(("\n" if number else "") + as_sql(found, language))
        unsaid = unsaid or found.unsaid is not None
    return int(unsaid)
