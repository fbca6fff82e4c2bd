"""``quand translate``: the same rules in another language."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..dsl.lexicon import languages
from ..project.errors import ProjectError
from ..project.paths import STDIN
from ..project.rewriting import Rewriting
from .commands import Command, OneOf
from .session import Session, print_data
from .terminal import print_findings


def command(session: Session) -> click.Command:
    return Command(
        session,
        "translate",
        translate,
        [
            click.Argument(["file"], metavar="FILE"),
            click.Option(
                ["--to", "target"], type=OneOf(session, languages()), required=True, help=session.text("to_help")
            ),
            click.Option(["-o", "--output"], default=STDIN, metavar="FILE", help=session.text("compile_output_help")),
        ],
    )


def translate(session: Session, file: str, target: str, output: str) -> int:
    """0 when written; 1 when the rules have errors, which are printed, or cannot be said with the same meaning."""
    if file != STDIN and Path(file).is_dir():
        raise click.UsageError(session.text("translate_one_file"))
    rewriting = Rewriting((file,))
    source = rewriting.files[0]
    if source.diagnostics:
        print_findings(rewriting.unreadable(session.asked), rewriting, session, sys.stderr)
        return 1
    made = rewriting.translated(source, target)
    if made.text is None:
        print_findings(rewriting.findings(made.compilation, session.asked), rewriting, session, sys.stderr)
        return 1
    if made.changed:
        line = rewriting.texts.index(source.uri).position(made.changed[0])[0] + 1
        print(session.text("translate_changed", file=source.uri, line=line, target=target), file=sys.stderr)
        return 1
    if output == STDIN:
        print_data(made.text.removesuffix("\n"))
        return 0
    try:
        Path(output).write_bytes(made.text.encode("utf-8"))
    except OSError as error:
        raise ProjectError("cannot_write", file=output, reason=error.strerror or "") from error
    return 0
