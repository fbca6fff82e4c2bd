"""A compiled project at one moment, as the features of the editor look at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from ..dsl.compile import Compilation, SourceText, compile_sources
from ..dsl.definitions import Definitions
from ..dsl.expressions import ExpressionResolver
from ..dsl.parser import parse_file
from ..dsl.sink import FileDiagnostic
from ..dsl.source import LineIndex, Span
from ..dsl.syntax import ExampleDeclaration, InvalidSyntax, ParsedDeclaration, ParsedFile, RuleDeclaration
from ..dsl.types import Type
from ..dsl.vocabulary import FieldSymbol, Vocabulary, display
from ..project.compile import Project, standard_sources
from ..project.config import Config
from ..project.files import RulesFile
from ..project.sheets import Sheets


class Known(NamedTuple):
    """A vocabulary, and the declarations it was made from."""

    declared: tuple[object, ...]
    vocabulary: Vocabulary


class Snapshot:
    """The files of a project, what the compiler made of them, and what is derived from that, each thing once."""

    def __init__(
        self, config: Config, files: Sequence[RulesFile], standard: bool = False, before: Snapshot | None = None
    ) -> None:
        """Look at ``files``; ``standard`` where they are the standard vocabulary itself.

        ``before`` is the project a moment ago: while what declares its vocabulary is the same, the vocabulary is, and
        what needs nothing else does not wait for the compiler.
        """
        self.config = config
        self.standard = standard
        self.files = tuple(files)
        self.texts: Mapping[str, str] = {
            **{source.uri: source.text for source in standard_sources()},
            **{file.uri: file.text for file in files},
        }
        self.sheets = Sheets(config.settings.language)
        self.sources: tuple[SourceText, ...] = (
            *(() if standard else standard_sources()),
            *(SourceText(file.uri, file.text) for file in files if not file.diagnostics),
        )
        self._known = before.known if before is not None else None
        self.remembered: dict[tuple[object, ...], object] = {}
        """What features found out about this project, by a name and what it is about."""
        self._indexes: dict[str, LineIndex] = {}
        self._starts: dict[str, list[int]] = {}
        self._resolvers: dict[str, ExpressionResolver] = {}

    @cached_property
    def compilation(self) -> Compilation:
        """What the compiler made of the project."""
        return compile_sources(self.sources, self.config.settings, self.sheets, record_forms=True)

    @cached_property
    def _parsed(self) -> Mapping[str, ParsedFile]:
        default = self.config.settings.language
        return {file.uri: parse_file(file.text, None, default) for file in self.files if not file.diagnostics}

    @cached_property
    def _declared(self) -> tuple[object, ...]:
        """What the vocabulary depends on: the settings, and the text of each declaration of vocabulary."""
        return (
            self.config.settings,
            self.standard,
            *(
                (uri, parsed.language, parsed.text)
                for uri, file in self._parsed.items()
                for _, parsed in file.declarations
                if not isinstance(parsed.declaration, RuleDeclaration | ExampleDeclaration | InvalidSyntax)
            ),
        )

    @property
    def known(self) -> Known | None:
        """The vocabulary that is known by now, and what it depends on."""
        if "compilation" in self.__dict__:
            return Known(self._declared, self.compilation.vocabulary)
        return self._known

    @property
    def vocabulary(self) -> Vocabulary:
        """What the project talks about; the places of its symbols may be those of a moment ago."""
        known = self.known
        if known is None or known.declared != self._declared:
            return self.compilation.vocabulary
        return known.vocabulary

    @cached_property
    def _definitions(self) -> Definitions:
        return Definitions(self.vocabulary, self.resolver, self.sheets)

    @cached_property
    def project(self) -> Project:
        """The project as commands see it, for running examples."""
        return Project(self.config, self.files)

    @cached_property
    def diagnostics(self) -> Mapping[str, tuple[FileDiagnostic, ...]]:
        """What was found in each file; of a file that is no text, that alone."""
        language = self.config.settings.language
        found: dict[str, list[FileDiagnostic]] = {file.uri: [] for file in self.files}
        unreadable = {file.uri for file in self.files if file.diagnostics}
        for file in self.files:
            found[file.uri] += [FileDiagnostic(file.uri, language, each) for each in file.diagnostics]
        for each in self.compilation.diagnostics:
            if each.uri in found and each.uri not in unreadable:
                found[each.uri].append(each)
        return {uri: tuple(each) for uri, each in found.items()}

    # --- files ------------------------------------------------------------------------------------------------------

    def language(self, uri: str) -> str:
        """The language of a file; that of the project for one that is not read."""
        file = self._parsed.get(uri)
        return file.language if file is not None else self.config.settings.language

    def parsed(self, uri: str) -> ParsedFile | None:
        return self._parsed.get(uri)

    def text(self, uri: str) -> str:
        return self.texts.get(uri, "")

    def index(self, uri: str) -> LineIndex:
        """The lines of a file."""
        index = self._indexes.get(uri)
        if index is None:
            index = self._indexes[uri] = LineIndex(self.text(uri))
        return index

    def declaration(self, uri: str, offset: int) -> tuple[int, ParsedDeclaration] | None:
        """The declaration that an offset is in, with the offset of its text."""
        file = self._parsed.get(uri)
        if file is None or not file.declarations:
            return None
        starts = self._starts.get(uri)
        if starts is None:
            starts = self._starts[uri] = [start for start, _ in file.declarations]
        place = bisect_right(starts, offset) - 1
        return file.declarations[place] if place >= 0 else None

    # --- meaning ----------------------------------------------------------------------------------------------------

    def resolver(self, language: str) -> ExpressionResolver:
        """A resolver of a language that reports nowhere."""
        known = self._resolvers.get(language)
        if known is None:
            known = self._resolvers[language] = ExpressionResolver(
                self.vocabulary,
                language,
                self.config.settings.currency,
                self._definitions.type_of_field,
                self._definitions.type_of_global,
            )
        return known

    def type_of(self, symbol: FieldSymbol) -> Type:
        """The type of a field; that of a definition is its body's."""
        return self._definitions.type_of_field(symbol)

    def type_of_global(self, name: str) -> Type:
        return self._definitions.type_of_global(name)

    def object_name(self, name: str, language: str) -> str:
        """The name of an object or event in a language, from its English one."""
        symbol = self.vocabulary.objects.get(name)
        return display(symbol.names, language) if symbol is not None else name


def line_span(index: LineIndex, offset: int) -> Span:
    """The line an offset is on, without its line break."""
    line, _ = index.position(offset)
    return Span(*index.line_bounds(line))
