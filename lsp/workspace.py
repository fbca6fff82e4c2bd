"""The projects of an editor: files on disk with the open buffers laid over them, compiled once for each change.

A file belongs to the project of the nearest ``quand.toml``; without one, to that of the files of its own folder. A
buffer that is no file is a project of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

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


class Workspace:
    """Open buffers, by the path of their file (or the uri of a buffer without one), and the projects around them."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self._snapshots: dict[Home, tuple[tuple[object, ...], Snapshot]] = {}
        self._read: dict[str, tuple[Stamp, RulesFile]] = {}
        self._problems: dict[Home, ProjectError] = {}

    # --- buffers ----------------------------------------------------------------------------------------------------

    def open(self, name: str, text: str, version: int | None) -> None:
        self.documents[name] = Document(text, version)

    def change(self, name: str, changes: Iterable[Change], version: int | None, encoding: str) -> None:
        """Change a buffer; one that was never opened is left alone."""
        document = self.documents.get(name)
        if document is None:
            return
        for change in changes:
            document.apply(change, encoding)
        document.version = version

    def close(self, name: str) -> None:
        self.documents.pop(name, None)

    # --- projects ---------------------------------------------------------------------------------------------------

    def home(self, name: str) -> Home:
        """The project that a file belongs to."""
        if not Path(name).is_absolute():
            return Home(None, None, name)
        if Path(name).parent == STANDARD_FOLDER:
            return Home(None, STANDARD_FOLDER)
        config = find_config(Path(name).parent)
        return Home(config, config.parent if config is not None else Path(name).parent)

    def snapshot(self, name: str) -> Snapshot:
        """The project of a file as it is now."""
        home = self.home(name)
        files = self._files(home)
        key = (_stamp(home.config), *((file.uri, file.text, file.diagnostics) for file in files))
        known = self._snapshots.get(home)
        if known is None or known[0] != key or not known[1].sheets.lasting:
            before = known[1] if known is not None else None
            made = Snapshot(self._config(home), files, home.folder == STANDARD_FOLDER, before)
            known = self._snapshots[home] = (key, made)
        return known[1]

    def problem(self, name: str) -> ProjectError | None:
        """What is wrong with the configuration of the project of a file, if anything."""
        return self._problems.get(self.home(name))

    def config_path(self, name: str) -> Path | None:
        """The configuration of the project of a file, if it has one."""
        return self.home(name).config

    def forget(self) -> None:
        """Look at everything anew: something else than a buffer may have changed, the sheet of a table say."""
        self._snapshots.clear()
        self._read.clear()

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
        self._problems.pop(home, None)
        try:
            return load_config(home.config) if home.config is not None else Config()
        except ProjectError as problem:
            self._problems[home] = problem
            return Config()

    def _files(self, home: Home) -> list[RulesFile]:
        if home.folder is None:
            document = self.documents.get(home.buffer)
            return [RulesFile(home.buffer, document.text)] if document is not None else []
        names = dict.fromkeys(self._paths(home))
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
