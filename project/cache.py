"""Answers kept between runs in the user's own cache folder, each good for as long as the files it came from.

An answer is plain JSON data, kept with the digests of all files that were read for it and of the program itself: what
changed in any way is never found again. Whatever is wrong with the folder or an entry only means that nothing is
remembered; nothing here raises or reports.

``QUAND_CACHE=off`` keeps nothing; any other value is the folder to keep it in.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent.parent

MAX_ENTRIES = 256
MAX_BYTES = 512 * 1024
"""A larger answer is not kept, so that all of them together stay below ``MAX_ENTRIES`` times as much."""

MOST_READ = 32 * 1024 * 1024
"""Bytes of a file that are looked at; nothing that large is compiled."""

Digests = Mapping[str, str | None]
"""Of each file the digest of its content; ``None`` for one that cannot be read."""


def digests(paths: Iterable[str]) -> dict[str, str | None]:
    """The digests of files. Pipes and devices, which can be read once only, must not be among them."""
    return {path: _digest(path) for path in paths}


def are_files(paths: Iterable[str]) -> bool:
    """Whether all of these are files, which can be read again and again."""
    return all(stat.S_ISREG(Path(path).stat().st_mode) for path in paths)


def _digest(path: str) -> str | None:
    try:
        with Path(path).open("rb") as stream:
            seal = hashlib.sha256(stream.read(MOST_READ))
            seal.update(str(os.fstat(stream.fileno()).st_size).encode())
            return seal.hexdigest()
    except OSError:
        return None


class Cache:
    """The answers in one folder; ``None`` keeps none."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def recall(self, question: object) -> tuple[Digests, Any] | None:
        """What was kept for a question (plain JSON data): the digests of its files, and the answer."""
        if self.folder is None:
            return None
        try:
            seal, _, body = (self.folder / _name(question)).read_bytes().partition(b"\n")
            if hashlib.sha256(body).hexdigest().encode() != seal:
                return None
            kept = json.loads(body)
            return kept["files"], kept["answer"]
        except (OSError, ValueError, KeyError):
            return None

    def keep(self, question: object, files: Digests, answer: object) -> None:
        """Keep the answer to a question, which holds as long as the files have these digests."""
        if self.folder is None:
            return
        body = json.dumps({"files": dict(files), "answer": answer}, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if len(body) > MAX_BYTES:
            return
        try:
            self._make_room()
            entry = self.folder / _name(question)
            # whoever reads at this moment sees the whole entry or none
            written = entry.with_suffix(f".{os.getpid()}")
            written.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            written.replace(entry)
        except OSError:
            return

    def _make_room(self) -> None:
        assert self.folder is not None
        entries = [entry for entry in os.scandir(self.folder) if entry.is_file(follow_symlinks=False)]
        if len(entries) < MAX_ENTRIES:
            return
        entries.sort(key=lambda entry: entry.stat(follow_symlinks=False).st_mtime)
        for entry in entries[: len(entries) - MAX_ENTRIES // 2]:
            Path(entry.path).unlink(missing_ok=True)


def open_cache() -> Cache:
    """The cache of this user; one that keeps nothing where there is no folder that is theirs alone."""
    chosen = os.environ.get("QUAND_CACHE", "")
    if chosen.lower() in {"off", "0", "no"}:
        return Cache(None)
    try:
        folder = Path(chosen) if chosen else _user_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Cache(folder if _is_own(folder) else None)
    except (OSError, RuntimeError, ValueError):
        return Cache(None)


def program_stamp() -> str:
    """What changes with the program: its own files, by size and time."""
    seal = hashlib.sha256(sys.version.encode())
    folders = [PACKAGE]
    while folders:
        for entry in sorted(os.scandir(folders.pop()), key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name in _OWN_FOLDERS:
                    folders.append(Path(entry.path))
            else:
                about = entry.stat()
                seal.update(f"{entry.name}\0{about.st_size}\0{about.st_mtime_ns}\0".encode())
    return seal.hexdigest()


_OWN_FOLDERS = frozenset({"dsl", "grammar", "lexicon", "messages", "project", "runtime", "stdlib"})
"""The folders of the package, in one another, that findings depend on."""


def _name(question: object) -> str:
    asked = json.dumps(question, sort_keys=True).encode("utf-8", "surrogatepass")
    return hashlib.sha256(asked).hexdigest()[:40]


def _user_folder() -> Path:
    """Where programs keep what they can make again, by the convention of the system. Raises ``RuntimeError``."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "quand" / "Cache" if base else Path.home() / "AppData" / "Local" / "quand" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "quand"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "quand"


def _is_own(folder: Path) -> bool:
    """Whether nobody else can write in a folder."""
    if sys.platform == "win32":
        return True
    about = folder.stat()
    return about.st_uid == os.geteuid() and not about.st_mode & 0o022
