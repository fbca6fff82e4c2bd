"""What checking finds in the files of a project, remembered for as long as nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any

from .cache import are_files, digests, open_cache, program_stamp
from .paths import STDIN, find_config, find_files, start_of

if TYPE_CHECKING:
    from .compile import Project
    from .findings import Finding, Texts


class Checked:
    """What was found in the files ``uris``, then the vocabulary files of the configuration."""

    def __init__(self, findings: list[Finding], uris: list[str], texts: Texts | None = None) -> None:
        self.findings = findings
        self.uris = uris
        self._texts = texts

    @property
    def texts(self) -> Texts:
        """The files' texts, for showing findings in them."""
        if self._texts is None:
            self._texts = _read_texts(self.uris)
        return self._texts


def check_paths(paths: Sequence[str], language: str | None = None, use_cache: bool = True) -> Checked:
    """What is found in the files that paths stand for, in the language of each file unless one is given.

    Raises :class:`~.errors.ProjectError` for what cannot be read.
    """
    given = find_files(paths)
    config = find_config(start_of(paths))
    known = [*given, str(config)] if config else given
    if not use_cache or STDIN in given or not are_files(known):
        return _checked(_load(paths), language)
    cache = open_cache()
    question = [program_stamp(), str(Path.cwd()), language, known]
    kept = cache.recall(question)
    if kept is not None:
        files, answer = kept
        if digests(files) == files and find_files([*paths, *answer["vocabulary"]]) == answer["uris"]:
            return Checked(_findings(answer["findings"]), answer["uris"])
    started, before = time_ns(), digests(known)
    project = _load(paths)
    checked = _checked(project, language)
    if project.sheets.lasting:
        files = digests([*known, *project.uris, *project.sheets.read])
        vocabulary = [str(path) for path in project.config.vocabulary]
        answer = {"vocabulary": vocabulary, "uris": checked.uris, "findings": checked.findings}
        unchanged = all(files[path] == before[path] if path in before else _is_older(path, started) for path in files)
        if unchanged:
            cache.keep(question, files, answer)
    return checked


def _load(paths: Sequence[str]) -> Project:
    # the whole front end, which an answer that is remembered does without
    from .compile import load

    return load(paths)


def _checked(project: Project, language: str | None) -> Checked:
    return Checked(project.findings(language), project.uris, project.texts)


def _findings(plain: list[Any]) -> list[Finding]:
    if not plain:
        return []
    # attrs and all that hangs on it, where there is something to tell
    from .findings import finding_from_plain

    return [finding_from_plain(found) for found in plain]


def _read_texts(uris: Sequence[str]) -> Texts:
    # as above
    from .compile import standard_sources
    from .files import read_files
    from .findings import Texts

    texts = {source.uri: source.text for source in standard_sources()}
    return Texts(texts | {file.uri: file.text for file in read_files(uris)})


def _is_older(path: str, instant: int) -> bool:
    """Whether a file was last changed before an instant, in nanoseconds."""
    try:
        return Path(path).stat().st_mtime_ns < instant
    except OSError:
        return True
