"""Lines of a file: what ``log`` writes, and notifications where nobody reads e-mail."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import attrs

from ...dsl.values import Reference
from ..results import instant, json_text, plain
from ..stores.port import Effect
from .lines import one_line
from .port import Postponed, Rate, Reader

LOGGER = logging.getLogger("quand.log")
"""Where the lines of ``log`` go that have no file; they stand in the decision log in any case."""


@attrs.frozen
class LogConnector:
    """Writes effects to the program's own log."""

    seconds: float = 1.0
    at_most_once: bool = False
    rates: tuple[Rate, ...] = ()

    def recipient(self, effect: Effect, read: Reader) -> str:
        """Nobody in particular."""
        return ""

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        """Write one line."""
        LOGGER.info("%s", one_line(str(effect.arguments.get("text") or "")))


@attrs.frozen
class FileConnector:
    """Appends effects to a file, one JSON text on a line; ``to`` is the argument that says for whom, if there is one.

    After a crash a line may be there twice: its ``key`` tells.
    """

    path: Path
    currency: str = "EUR"
    to: str = ""
    seconds: float = 5.0
    at_most_once: bool = False
    rates: tuple[Rate, ...] = ()

    def recipient(self, effect: Effect, read: Reader) -> str:
        """The identifier of whom it is for."""
        value = effect.arguments.get(self.to)
        return value.id if isinstance(value, Reference) else ""

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        """Append one line; it is on the disk when this returns."""
        told: dict[str, Any] = {
            "key": effect.key,
            "at": instant(effect.at),
            "action": effect.action,
            "rule": effect.rule,
            "object": effect.object.id if effect.object is not None else None,
            **{name: plain(value, self.currency) for name, value in effect.arguments.items()},
        }
        content = json_text(told).encode("utf-8", "replace") + b"\n"
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
            try:
                _append(descriptor, content)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise Postponed("file_not_written", file=str(self.path), reason=one_line(error.strerror or "")) from error


def _append(descriptor: int, content: bytes) -> None:
    """Write a line of its own, all of it: a full disk takes a part, and may have left a part of the line before."""
    size = os.fstat(descriptor).st_size
    if size:
        os.lseek(descriptor, size - 1, os.SEEK_SET)
        if os.read(descriptor, 1) != b"\n":
            content = b"\n" + content
    while content:
        content = content[os.write(descriptor, content) :]
