"""From paths to a compiled project: configuration, files, standard vocabulary, findings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ..dsl import ir
from ..dsl.compile import Compilation, SourceText, compile_sources
from ..dsl.sink import FileDiagnostic
from ..dsl.vocabulary import display
from .config import Config, load_config
from .files import RulesFile, read_files
from .findings import Finding, Texts, findings
from .paths import STDIN, start_of
from .report import as_text
from .sheets import Sheets

STANDARD_FOLDER = Path(__file__).parent.parent / "stdlib"
STANDARD_SCHEME = "quand:"
"""What the uri of a file of the standard vocabulary starts with: ``quand:sales.rules``."""


class CompilationError(Exception):
    """Rules that cannot run. ``diagnostics`` are the findings, errors and warnings, each with its place and words."""

    def __init__(self, diagnostics: Sequence[Finding], texts: Texts) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [finding for finding in diagnostics if finding.severity == "error"]
        super().__init__("\n\n".join(as_text(finding, texts) for finding in errors))


class Project:
    """A compiled project: its configuration, its files, and what the compiler made of them."""

    def __init__(
        self,
        config: Config,
        files: Sequence[RulesFile],
        language: str | None = None,
        compilation: Compilation | None = None,
    ) -> None:
        """Compile ``files``; ``language`` is theirs where they do not say and the configuration should not.

        ``compilation`` is what they were compiled to, where that is known.
        """
        self.config = config
        self.files = tuple(files)
        standard = standard_sources()
        sources = [*standard, *(SourceText(file.uri, file.text, language, False) for file in files)]
        self.sheets = Sheets(config.settings.language)
        self.compilation = compilation or compile_sources(sources, config.settings, self.sheets)
        self.texts = Texts({source.uri: source.text for source in sources})

    @property
    def program(self) -> ir.Program | None:
        """The program; ``None`` where there are errors, a file that is not text among them."""
        return None if any(file.diagnostics for file in self.files) else self.compilation.program

    @property
    def uris(self) -> list[str]:
        """The files a person gave, standard vocabulary left out."""
        return [file.uri for file in self.files]

    def findings(self, language: str | None = None) -> list[Finding]:
        """All that was found, in the language of each file unless one is given."""
        default = self.config.settings.language
        unreadable = {file.uri: file.diagnostics for file in self.files if file.diagnostics}
        told = [FileDiagnostic(uri, default, each) for uri, diagnostics in unreadable.items() for each in diagnostics]
        # What else a file that is no text seems to say follows from that alone.
        told += [found for found in self.compilation.diagnostics if found.uri not in unreadable]
        return findings(told, self.texts, language, self.object_name)

    def object_name(self, name: str, language: str) -> str:
        """The name of an object or event in a language, from its English one."""
        symbol = self.compilation.vocabulary.objects.get(name)
        return display(symbol.names, language) if symbol is not None else name

    def checked(self, language: str | None = None) -> ir.Program:
        """The program. Raises :class:`CompilationError` where there are errors, told in that language."""
        program = self.program
        if program is None:
            raise CompilationError(self.findings(language), self.texts)
        return program


def load(paths: Sequence[str], config: Config | None = None) -> Project:
    """Read and compile the files that paths stand for, and the vocabulary files of the configuration.

    Raises :class:`~.errors.ProjectError` for what cannot be read; what is wrong in the rules is a finding.
    """
    config = config or load_config(start_of(paths))
    return Project(config, read_files([*paths, *(str(path) for path in config.vocabulary)]))


def load_text(text: str, language: str | None = None, config: Config | None = None, uri: str = STDIN) -> Project:
    """Compile one text."""
    return Project(config or Config(), [RulesFile(uri, text)], language)


@cache
def standard_sources() -> tuple[SourceText, ...]:
    """The files of the standard vocabulary."""
    return tuple(
        SourceText(STANDARD_SCHEME + path.name, path.read_text(encoding="utf-8"), None, True)
        for path in sorted(STANDARD_FOLDER.glob("*.rules"))
    )
