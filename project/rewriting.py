"""Formatting and translating the files of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..dsl.compile import Compilation, SourceText
from ..dsl.diagnostic import Diagnostic
from ..dsl.format import format_sources
from ..dsl.sink import FileDiagnostic
from ..dsl.translate import Translation, translate_source
from .compile import standard_sources
from .config import Config, load_config
from .files import RulesFile, read_files
from .findings import Finding, Texts, findings
from .paths import find_files, start_of
from .sheets import Sheets


class Rewriting:
    """The files of a project as they are read, with the vocabulary they need.

    ``files`` are those the paths stand for; the vocabulary files of the configuration are read besides.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Raises :class:`~.errors.ProjectError` for what cannot be read."""
        self.config: Config = load_config(start_of(paths))
        asked = set(find_files(paths))
        everything = read_files([*paths, *(str(path) for path in self.config.vocabulary)])
        self.files: list[RulesFile] = [file for file in everything if file.uri in asked] or everything
        self._sources = [
            *standard_sources(),
            *(SourceText(file.uri, file.text) for file in everything if not file.diagnostics),
        ]
        self._sheets = Sheets(self.config.settings.language)
        self.texts = Texts({file.uri: file.text for file in everything})

    @property
    def uris(self) -> list[str]:
        return [file.uri for file in self.files]

    def formatted(self) -> dict[str, str]:
        """The formatted text of each file that is text, by uri."""
        made = format_sources(self._sources, self.config.settings, self._sheets)
        return {file.uri: made[file.uri] for file in self.files if not file.diagnostics}

    def translated(self, file: RulesFile, target: str) -> Translation:
        """A file that is text in another language."""
        return translate_source(self._sources, file.uri, target, self.config.settings, self._sheets)

    def unreadable(self, language: str | None) -> list[Finding]:
        """What is wrong with the files that are no text."""
        default = self.config.settings.language
        return self._findings([(file, each) for file in self.files for each in file.diagnostics], default, language)

    def findings(self, compilation: Compilation, language: str | None) -> list[Finding]:
        """What was found when the files were compiled."""
        return findings(compilation.diagnostics, self.texts, language)

    def _findings(
        self, found: Sequence[tuple[RulesFile, Diagnostic]], default: str, language: str | None
    ) -> list[Finding]:
        return findings([FileDiagnostic(file.uri, default, each) for file, each in found], self.texts, language)


class Change(NamedTuple):
    """A file that formatting changes."""

    uri: str
    before: str
    after: str


def changes(rewriting: Rewriting) -> list[Change]:
    """The files that are not formatted, in order."""
    formatted = rewriting.formatted()
    return [
        Change(file.uri, file.text, formatted[file.uri])
        for file in rewriting.files
        if file.uri in formatted and formatted[file.uri] != file.text
    ]
