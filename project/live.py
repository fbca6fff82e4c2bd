"""A project whose files are edited while it runs: what they say now, once they stand still."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from .compile import Project, load
from .config import load_config
from .errors import ProjectError
from .paths import STDIN, find_config, find_files, start_of

Stamp = tuple[tuple[str, int, int, int], ...]
"""What tells that files have changed: their paths, instants of change in nanoseconds, sizes and places on the disk."""


class LiveProject:
    """Compiles a project again whenever one of its files has changed, come or gone.

    A file is looked at once it stood still from one look to the next: editors write in several steps.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Raises :class:`ProjectError` as :func:`~.compile.load` does."""
        self._paths = tuple(paths)
        self._read: tuple[str, ...] = ()
        self.project = self._load()
        self._stamp = self._seen = self._now()

    def look(self) -> Project | None:
        """The project compiled anew, ``None`` while there is nothing new.

        Raises :class:`ProjectError` once for each change that leaves files which cannot be read.
        """
        seen = self._now()
        moving, self._seen = seen != self._seen, seen
        if moving or seen == self._stamp:
            return None
        self._stamp = seen
        self.project = self._load()
        # the sheets that the rules name may be others now
        self._stamp = self._seen = self._now()
        return self.project

    def _load(self) -> Project:
        project = load(self._paths)
        self._read = tuple(sorted(project.sheets.read))
        return project

    def _now(self) -> Stamp:
        try:
            start = start_of(self._paths)
            config = find_config(start)
            files = find_files(self._paths) + [str(path) for path in load_config(start).vocabulary]
            files += [] if config is None else [str(config)]
        except ProjectError as error:
            return ((str(error), 0, 0, 0), *_stamps([*self._paths, str(find_config(start_of(self._paths)))]))
        return _stamps([*files, *self._read])


def _stamps(files: Sequence[str]) -> Stamp:
    found: list[tuple[str, int, int, int]] = []
    for file in files:
        if file == STDIN:
            continue
        try:
            state = os.stat(Path(file))  # noqa: PTH116 - called every second for each file
            found.append((file, state.st_mtime_ns, state.st_size, state.st_ino))
        except OSError:
            found.append((file, 0, -1, 0))
    return tuple(found)
