"""``quand model``: a vocabulary from a database that is there, or from events and records."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..project.errors import ProjectError
from ..project.importing_text import mapping_text, vocabulary_text
from ..project.paths import STDIN
from .commands import Command, OneOf
from .lines import event_lines
from .session import Session, print_data

ACTIONS = ("import", "infer")


def command(session: Session) -> click.Command:
    return Command(
        session,
        "model",
        model,
        [
            click.Argument(["action"], type=OneOf(session, ACTIONS), metavar="|".join(ACTIONS)),
            click.Argument(["source"], metavar="URL|FILE"),
            click.Option(["-o", "--output"], default=STDIN, metavar="FILE", help=session.text("model_output_help")),
        ],
    )


def model(session: Session, action: str, source: str, output: str) -> int:
    """0 when written. The mapping that ``quand.toml`` needs goes to standard error."""
    if action == "infer":
        # each of the two needs what the other does not
        from ..project.inferring import infer_file

        with event_lines(source) as lines:
            found = infer_file(source, lines, session.language)
        text, mapping = vocabulary_text(found, session.language, Path(source).name), ""
    else:
        from ..project.importing_database import import_database

        written = import_database(source, session.language)
        text, mapping = written.text, mapping_text(written.mapping)
    _write(text, output)
    if mapping:
        print(session.text("model_mapping"), file=sys.stderr)
        print(f"\n{mapping}", file=sys.stderr)
    return 0


def _write(text: str, output: str) -> None:
    if output == STDIN:
        print_data(text.removesuffix("\n"))
        return
    path = Path(output)
    if path.exists():
        raise ProjectError("model_exists", file=output)
    try:
        path.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise ProjectError.of("cannot_write", error, output) from error
