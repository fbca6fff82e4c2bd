"""``quand check``: parse, resolve, type-check, analyse, and say what was found."""

from __future__ import annotations

import sys

import click

from ..project.compile import load
from ..project.findings import Finding
from .commands import Command, OneOf, paths_argument
from .session import Session, print_data
from .terminal import print_findings

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
        ],
    )


def check(session: Session, paths: tuple[str, ...], form: str, strict: bool) -> int:
    """0 when clean or with warnings only; 1 with errors, or with warnings when ``strict``."""
    project = load(paths)
    found = project.findings(session.asked)
    if form == "text":
        print_findings(found, project, session, sys.stdout)
    else:
        # the other formats cost start-up time
        from ..project.formats import FORMATS as WRITERS

        print_data(WRITERS[form](found, project.uris))
    return _status(found, strict)


def _status(found: list[Finding], strict: bool) -> int:
    failing = {"error", "warning"} if strict else {"error"}
    return int(any(finding.severity in failing for finding in found))
