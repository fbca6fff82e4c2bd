"""``quand fmt``: rules laid out in the canonical way, their words as they are declared, never another meaning."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..project.errors import ProjectError
from ..project.paths import STDIN
from ..project.report import as_text
from ..project.rewriting import Change, Rewriting, changes
from .commands import Command, paths_argument
from .session import Session, print_data
from .terminal import style_for


def command(session: Session) -> click.Command:
    return Command(
        session,
        "fmt",
        fmt,
        [
            paths_argument(),
            click.Option(["--check"], is_flag=True, help=session.text("fmt_check_help")),
            click.Option(["--diff"], is_flag=True, help=session.text("fmt_diff_help")),
        ],
    )


def fmt(session: Session, paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """0 when formatted; with ``check``, 1 where a file would change; 1 for a file that is not text, which stays.

    ``check`` and ``diff`` write nothing. Standard input goes to standard output.
    """
    rewriting = Rewriting(paths)
    unreadable = rewriting.unreadable(session.asked)
    for finding in unreadable:
        print(as_text(finding, rewriting.texts, style_for(sys.stderr)), file=sys.stderr, end="\n\n")
    if STDIN in rewriting.uris and not (check or diff):
        _print_stdin(rewriting)
    found = changes(rewriting)
    for change in found:
        if diff:
            _print_diff(change)
        if check:
            print(session.text("fmt_would_change", file=change.uri), file=sys.stderr)
        if not (check or diff) and change.uri != STDIN:
            _write(change)
            print(session.text("fmt_changed", file=change.uri), file=sys.stderr)
    return int(bool(unreadable) or (check and bool(found)))


def _print_stdin(rewriting: Rewriting) -> None:
    text = rewriting.formatted().get(STDIN)
    if text is not None:
        print_data(text.removesuffix("\n"))


def _print_diff(change: Change) -> None:
    # only with --diff
    from difflib import unified_diff

    lines = unified_diff(change.before.splitlines(), change.after.splitlines(), change.uri, change.uri, lineterm="")
    for line in lines:
        print_data(line)


def _write(change: Change) -> None:
    try:
        Path(change.uri).write_bytes(change.after.encode("utf-8"))
    except OSError as error:
        raise ProjectError("cannot_write", file=change.uri, reason=error.strerror or "") from error
