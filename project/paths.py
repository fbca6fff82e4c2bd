"""Where the files of a project are: from the paths a person gives to ``.rules`` files and ``quand.toml``.

Nothing is read here, and little imported: a project that has not changed is answered from what is remembered of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .errors import ProjectError

CONFIG_NAME = "quand.toml"
SUFFIX = ".rules"
STDIN = "-"

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})


def find_files(paths: Sequence[str]) -> list[str]:
    """The files that these paths stand for, each once, folders in alphabetical order. Raises :class:`ProjectError`."""
    files: dict[str, str] = {}
    for path in paths:
        for found in expand(path):
            files.setdefault(found if found == STDIN else os.path.realpath(found), found)
    return list(files.values())


def expand(path: str) -> list[str]:
    """The files that a path stands for. Raises :class:`ProjectError`."""
    if path == STDIN:
        return [STDIN]
    place = Path(path)
    if place.is_dir():
        found = [str(file) for file in _search(place)]
        if not found:
            raise ProjectError("folder_without_rules", file=path)
        return found
    if not place.exists():
        near = _near(place)
        if near:
            raise ProjectError("no_such_file_near", file=path, near=near)
        raise ProjectError("no_such_file", file=path)
    return [path]


def find_config(start: Path) -> Path | None:
    """The nearest ``quand.toml`` in the folder of ``start`` (or ``start`` itself) and the folders above it."""
    folder = start.absolute()
    for candidate in (folder, *folder.parents):
        path = candidate / CONFIG_NAME
        if path.is_file():
            return path
    return None


def start_of(paths: Sequence[str]) -> Path:
    """Where to look for the configuration that holds for these paths."""
    first = next((path for path in paths if path != STDIN), None)
    return Path(first) if first is not None else Path.cwd()


def _search(folder: Path) -> Iterator[Path]:
    """The ``.rules`` files under a folder, hidden folders left out, links to folders not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        for name in sorted(names):
            if name.endswith(SUFFIX) and not name.startswith("."):
                yield Path(root, name)


def _near(path: Path) -> str | None:
    """A file or folder beside a missing one, with a name much like it."""
    # only for a message about a missing file
    from difflib import get_close_matches

    try:
        names: Iterable[str] = os.listdir(path.parent)  # noqa: PTH208 - names only, once
    except OSError:
        return None
    near = get_close_matches(path.name, list(names), 1)
    return str(path.parent / near[0]) if near else None
