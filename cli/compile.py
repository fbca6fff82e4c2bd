"""``quand compile``: the rules as canonical JSON, which a program loads without the parser."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..dsl.ir_json import to_json
from ..project.compile import load
from ..project.errors import ProjectError
from ..project.paths import STDIN
from .commands import Command, paths_argument
from .session import Session, print_data
from .terminal import print_findings


def command(session: Session) -> click.Command:
    return Command(
        session,
        "compile",
        compile_rules,
        [
            paths_argument(),
            click.Option(["-o", "--output"], default=STDIN, metavar="FILE", help=session.text("compile_output_help")),
            click.Option(["--with-spans"], is_flag=True, help=session.text("compile_spans_help")),
        ],
    )


def compile_rules(session: Session, paths: tuple[str, ...], output: str, with_spans: bool) -> int:
    """0 when written; 1 when the rules have errors, which are printed."""
    project = load(paths)
    program = project.program
    if program is None:
        print_findings(project.findings(session.asked), project, session, sys.stderr)
        return 1
    text = to_json(program, with_spans)
    if output == STDIN:
        print_data(text)
        return 0
    try:
        Path(output).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ProjectError.of("cannot_write", error, output) from error
    return 0
