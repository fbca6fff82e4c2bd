"""``quand check``: parse, resolve, type-check, analyse, and say what was found."""

from __future__ import annotations

import click

from .checks import check
from .commands import Command, OneOf, paths_argument
from .session import Session

FORMATS = ("text", "json", "sarif", "junit", "github")


def command(session: Session) -> click.Command:
    return Command(
        session,
        "check",
        check,
        [
            paths_argument(),
            click.Option(
                ["--format", "form"],
                type=OneOf(session, FORMATS),
                default="text",
                help=session.text("check_format_help"),
            ),
            click.Option(["--strict"], is_flag=True, help=session.text("check_strict_help")),
            click.Option(["--no-cache"], is_flag=True, help=session.text("no_cache_help")),
        ],
    )
