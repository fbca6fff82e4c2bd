"""``quand check``: parse, resolve, type-check, analyse, and say what was found."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ..project.checking import check_paths
from .commands import Command, OneOf, paths_argument
from .session import Session, print_data
from .terminal import print_findings

if TYPE_CHECKING:
    from ..project.findings import Finding

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


def check(session: Session, paths: tuple[str, ...], form: str, strict: bool, no_cache: bool) -> int:
    """0 when clean or with warnings only; 1 with errors, or with warnings when ``strict``."""
    checked = check_paths(paths, session.asked, use_cache=not no_cache)
    found = checked.findings
    if form == "text":
        print_findings(found, checked, session, sys.stdout)
    else:
        # the other formats cost start-up time
        from ..project.formats import FORMATS as WRITERS

        print_data(WRITERS[form](found, checked.uris))
    return _status(found, strict)


def _status(found: list[Finding], strict: bool) -> int:
    failing = {"error", "warning"} if strict else {"error"}
    return int(any(finding.severity in failing for finding in found))
