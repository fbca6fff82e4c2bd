"""``quand init``: a new project that runs at once."""

from __future__ import annotations

from pathlib import Path

import click

from ..project.create import create_project
from .commands import Command
from .session import Session


def command(session: Session) -> click.Command:
    folder = click.Argument(["folder"], default=".", metavar=f"[{session.text('folder_metavar')}]")
    return Command(session, "init", init, [folder])


def init(session: Session, folder: str) -> int:
    """0 when the project is there."""
    written = create_project(Path(folder), session.language)
    for path in written:
        print(path)
    events = next(path for path in written if path.suffix == ".jsonl")
    print(session.text("init_next", folder=folder, events=str(events)))
    return 0
