"""Findings on a terminal: in colour where the terminal has some and nobody said ``NO_COLOR``."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from ..project.report import Style, as_text, plain, summary
from .session import Session

if TYPE_CHECKING:
    from ..project.checking import Checked
    from ..project.compile import Project
    from ..project.findings import Finding
    from ..project.rewriting import Rewriting

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan", "place": "blue", "help": "cyan"}


def style_for(stream: TextIO) -> Style:
    """How to colour what goes to a stream."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return plain
    # most checks run in a pipe, or find nothing
    import click

    return lambda text, role: click.style(text, fg=_COLOURS.get(role), bold=role in {"error", "warning"})


@contextmanager
def log_shown(stream: TextIO) -> Generator[None]:
    """Show the lines that rules log, those that go to no file."""
    # only what sends logs
    import logging

    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("quand.log")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def print_findings(
    found: list[Finding], project: Project | Checked | Rewriting, session: Session, stream: TextIO
) -> None:
    """Each finding with its source, then one line that sums up."""
    style = style_for(stream)
    for finding in found:
        print(as_text(finding, project.texts, style), file=stream, end="\n\n")
    print(summary(found, len(project.uris), session.language), file=stream)
