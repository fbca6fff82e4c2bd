"""The lines of a file of events."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..project.errors import ProjectError
from ..project.paths import STDIN


@contextmanager
def event_lines(path: str) -> Generator[Iterator[str]]:
    """The lines of the events; bytes that are no UTF-8 make their line unreadable, not the others."""
    if path == STDIN:
        yield _decoded(sys.stdin.buffer)
        return
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - closed below; only the opening may fail with this message
    except OSError as error:
        key = "no_such_file" if isinstance(error, FileNotFoundError) else "cannot_read"
        raise ProjectError.of(key, error, path) from error
    with stream:
        yield _decoded(stream)


def _decoded(stream: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(stream):
        text = line.decode("utf-8", "surrogateescape")
        yield text.removeprefix("\ufeff") if number == 0 else text


def stream_name(path: str) -> str:
    """What events without an identifier are called after."""
    return "stdin" if path == STDIN else Path(path).name
