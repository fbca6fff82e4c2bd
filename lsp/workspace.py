"""The projects of an editor: files on disk with the open buffers laid over them, compiled once for each change.

A file belongs to the project of the nearest ``quand.toml``; without one, to that of the files of its own folder. A
buffer that is no file is a project of its own.

What is on disk is looked at once, and again when the editor says that files changed; one that does not watch files is
not relied on for longer than ``LOOK_AGAIN``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..dsl.memory import Memory
from ..project.compile import STANDARD_FOLDER
from ..project.config import Config, load_config
from ..project.errors import ProjectError
from ..project.files import RulesFile, read_file
from ..project.paths import SUFFIX, find_config, find_files
from .document import Change, Document
from .snapshot import Snapshot


class Stamp(NamedTuple):
    """What a file on disk is recognised by."""

    modified: int
    size: int


class Home(NamedTuple):
    """Where a project is: its ``quand.toml``, or the folder, or the one buffer."""

    config: Path | None
    folder: Path | None
    buffer: str = ""


LOOK_AGAIN = 1.0
"""Seconds after which the disk is looked at again where the editor does not tell what changes there."""


class Seen(NamedTuple):
    """A project as it was last asked for: what it was made from, and what is remembered of it."""

    changes: int
    key: tuple[object, ...]
    snapshot: Snapshot
    memory: Memory


class Workspace:
    """Open buffers, by the path of their file (or the uri of a buffer without one), and the projects around them."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.watched = False
        """Whether the editor tells what changes on disk."""
        self._changes = 0
        self._looked = time.monotonic()
        self._seen: dict[Home, Seen] = {}
        self._read: dict[str, tuple[Stamp, RulesFile]] = {}
        self._problems: dict[Home, ProjectError] = {}
        self._homes: dict[str, Home] = {}
        self._configs: dict[Home, Config] = {}
        self._listed: dict[Home, list[str]] = {}

    # --- buffers ----------------------------------------------------------------------------------------------------

    def open(self, name: str, text: str, version: int | None) -> None:
        self.documents[name] = Document(text, version)
        self.look_again()

    def change(self, name: str, changes: Iterable[Change], version: int | None, encoding: str) -> None:
        """Change a buffer; one that was never opened is left alone."""
        document = self.documents.get(name)
        if document is None:
            return
        for change in changes:
            document.apply(change, encoding)
        document.version = version
        self._changes += 1

    def close(self, name: str) -> None:
        self.documents.pop(name, None)
        self.look_again()

    # --- projects ---------------------------------------------------------------------------------------------------

    def home(self, name: str) -> Home:
        """The project that a file belongs to."""
        if not Path(name).is_absolute():
            return Home(None, None, name)
        folder = Path(name).parent
        known = self._homes.get(str(folder))
        if known is None:
            config = None if folder == STANDARD_FOLDER else find_config(folder)
            known = Home(config, config.parent if config is not None else folder)
            self._homes[str(folder)] = known
        return known

    def snapshot(self, name: str) -> Snapshot:
        """The project of a file as it is now."""
        if not self.watched and time.monotonic() - self._looked > LOOK_AGAIN:
            self.look_again()
        home = self.home(name)
        seen = self._seen.get(home)
        if seen is not None and seen.changes == self._changes and seen.snapshot.sheets.lasting:
            return seen.snapshot
        files = self._files(home)
        key = (_stamp(home.config), *((file.uri, file.text, file.diagnostics) for file in files))
        if seen is not None and seen.key == key and seen.snapshot.sheets.lasting:
            self._seen[home] = seen._replace(changes=self._changes)
            return seen.snapshot
        memory = seen.memory if seen is not None else Memory()
        if seen is not None and not seen.snapshot.sheets.lasting:
            memory.forget()
        made = Snapshot(self._config(home), files, home.folder == STANDARD_FOLDER, memory)
        if files:
            self._seen[home] = Seen(self._changes, key, made, memory)
        else:
            self._seen.pop(home, None)
        return made

    def problem(self, name: str) -> ProjectError | None:
        """What is wrong with the configuration of the project of a file, if anything."""
        return self._problems.get(self.home(name))

    def config_path(self, name: str) -> Path | None:
        """The configuration of the project of a file, if it has one."""
        return self.home(name).config

    def forget(self) -> None:
        """Look at everything anew: something else than a buffer may have changed, the sheet of a table say."""
        self._seen.clear()
        self._read.clear()
        self.look_again()

    def look_again(self) -> None:
        """Look at the disk anew; what is found to be the same is not compiled again."""
        self._looked = time.monotonic()
        self._changes += 1
        self._homes.clear()
        self._configs.clear()
        self._listed.clear()

    def homes(self, folders: Sequence[Path]) -> list[Home]:
        """The projects of all ``.rules`` files under some folders and of all open buffers."""
        names = dict.fromkeys(self.documents)
        for folder in folders:
            try:
                names.update(dict.fromkeys(find_files([str(folder.absolute())])))
            except ProjectError:
                continue
        return list(dict.fromkeys(self.home(name) for name in names))

    def snapshots(self, folders: Sequence[Path]) -> list[Snapshot]:
        """The projects under some folders and around the open buffers."""
        made: list[Snapshot] = []
        for home in self.homes(folders):
            files = self._files(home)
            if files:
                made.append(self.snapshot(files[0].uri))
        return made

    def _config(self, home: Home) -> Config:
        known = self._configs.get(home)
        if known is not None:
            return known
        self._problems.pop(home, None)
        try:
            known = load_config(home.config) if home.config is not None else Config()
        except ProjectError as problem:
            self._problems[home] = problem
            known = Config()
        self._configs[home] = known
        return known

    def _files(self, home: Home) -> list[RulesFile]:
        if home.folder is None:
            document = self.documents.get(home.buffer)
            return [RulesFile(home.buffer, document.text)] if document is not None else []
        if home not in self._listed:
            self._listed[home] = list(self._paths(home))
        names = dict.fromkeys(self._listed[home])
        for name in self.documents:
            if name not in names and Path(name).is_absolute() and self.home(name) == home:
                names[name] = None
        return [file for name in sorted(names) if (file := self._file(name)) is not None]

    def _paths(self, home: Home) -> Iterable[str]:
        assert home.folder is not None
        if home.config is None:
            try:
                entries = sorted(os.scandir(home.folder), key=lambda entry: entry.name)
            except OSError:
                return
            for entry in entries:
                if entry.name.endswith(SUFFIX) and not entry.name.startswith(".") and entry.is_file():
                    yield entry.path
            return
        try:
            found = find_files([str(home.folder)])
        except ProjectError:
            found = []
        homes: dict[Path, bool] = {}
        for name in found:
            folder = Path(name).parent
            if folder not in homes:
                homes[folder] = find_config(folder) == home.config
            if homes[folder]:
                yield name
        for path in self._config(home).vocabulary:
            yield os.path.normpath(path)

    def _file(self, name: str) -> RulesFile | None:
        """A buffer, else a file as read; ``None`` for one that is gone."""
        document = self.documents.get(name)
        if document is not None:
            return RulesFile(name, document.text)
        stamp = _stamp(Path(name))
        if stamp is None:
            return None
        known = self._read.get(name)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            file = read_file(name)
        except ProjectError:
            return None
        self._read[name] = (stamp, file)
        return file


def _stamp(path: Path | None) -> Stamp | None:
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_mtime_ns, found.st_size)
