"""What stops a command before any rule is looked at: a usage error about files or configuration."""

from __future__ import annotations

import errno
from typing import Any

from ..dsl.messages import ui


class ProjectError(Exception):
    """A file, folder or setting that is not what it should be.

    ``key`` names a text of the ``[ui]`` messages and ``args`` fill it; ``file``, ``line`` and ``column`` (from 1) say
    where, when known.
    """

    def __init__(
        self, key: str, *, file: str | None = None, line: int | None = None, column: int | None = None, **args: Any
    ) -> None:
        super().__init__(key)
        self.key = key
        self.file = file
        self.line = line
        self.column = column
        self.args_by_name = args

    @classmethod
    def of(cls, key: str, error: OSError, file: str | None = None) -> ProjectError:
        """The error for a file that the system refuses; ``{reason:word}`` tells why."""
        return cls(key, file=file or str(error.filename), reason=errno.errorcode.get(error.errno or 0, "EIO"))

    def text(self, language: str) -> str:
        """One line that a person can act on: place, what is wrong, what to do."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        sentence = ui(self.key, language, **self.args_by_name)
        return f"{place}: {sentence}" if place else sentence

    def __str__(self) -> str:
        return f"{self.key} {self.args_by_name}"
