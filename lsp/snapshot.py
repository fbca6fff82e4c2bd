"""A compiled project at one moment, as the features of the editor look at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..dsl.compile import Compilation, SourceText, compile_sources, declare_sources
from ..dsl.declared import Declared
from ..dsl.expressions import ExpressionResolver
from ..dsl.memory import Memory, Part
from ..dsl.outline import Split
from ..dsl.rereading import Parsed
from ..dsl.sink import FileDiagnostic
from ..dsl.source import LineIndex, Span
from ..dsl.syntax import ParsedDeclaration, ParsedFile
from ..dsl.types import Type
from ..dsl.vocabulary import FieldSymbol, Vocabulary, display
from ..project.compile import Project, standard_sources
from ..project.config import Config
from ..project.files import RulesFile
from ..project.sheets import Sheets


class Snapshot:
    """The files of a project, what the compiler made of them, and what is derived from that, each thing once.

    What is derived from one declaration is kept in its :class:`~quand.dsl.memory.Part`, which lives on in the next
    snapshot while neither the text of the declaration nor the vocabulary changes.
    """

    def __init__(
        self, config: Config, files: Sequence[RulesFile], standard: bool = False, memory: Memory | None = None
    ) -> None:
        """Look at ``files``; ``standard`` where they are the standard vocabulary itself.

        ``memory`` is what is remembered of the project a moment ago.
        """
        self.config = config
        self.standard = standard
        self.files = tuple(files)
        self.memory = memory if memory is not None else Memory()
        self.texts: Mapping[str, str] = {
            **{source.uri: source.text for source in standard_sources()},
            **{file.uri: file.text for file in files},
        }
        self.sheets = Sheets(config.settings.language)
        self.sources: tuple[SourceText, ...] = (
            *(() if standard else standard_sources()),
            *(SourceText(file.uri, file.text) for file in files if not file.diagnostics),
        )
        self.remembered: dict[tuple[object, ...], object] = {}
        """What features found out about this project, by a name and what it is about."""
        self._indexes: dict[str, LineIndex] = {}
        self._starts: dict[str, list[int]] = {}
        self._first_lines: dict[str, list[int]] = {}

    @cached_property
    def compilation(self) -> Compilation:
        """What the compiler made of the project."""
        return compile_sources(self.sources, self.config.settings, self.sheets, record_forms=True, memory=self.memory)

    @cached_property
    def _parsed(self) -> Mapping[str, Parsed]:
        default = self.config.settings.language
        return {
            file.uri: self.memory.read(file.uri, file.text, None, default)
            for file in self.files
            if not file.diagnostics
        }

    @cached_property
    def declared(self) -> Declared:
        """What the vocabulary comes to: known before the compiler has looked at the rules."""
        return declare_sources(self.sources, self.config.settings, self.sheets, self.memory)

    @property
    def vocabulary(self) -> Vocabulary:
        """What the project talks about."""
        return self.declared.vocabulary

    @property
    def about_vocabulary(self) -> dict[Any, Any]:
        """What features found out about the vocabulary, by a name; good as long as that."""
        return self.declared.answers

    @cached_property
    def _parts(self) -> Mapping[str, dict[int, Part]]:
        made: dict[str, dict[int, Part]] = {}
        resolved = self.compilation.resolved
        for placed, part in zip(resolved.layout, resolved.parts, strict=True):
            made.setdefault(placed.uri, {})[placed.offset] = part
        return made

    def part(self, uri: str, start: int) -> Part | None:
        """What was made of the declaration whose text starts there."""
        return self._parts.get(uri, {}).get(start)

    def parts(self, uri: str) -> Iterable[tuple[int, Part]]:
        """What was made of each declaration of a file, with the offset of its text, in order."""
        return self._parts.get(uri, {}).items()

    @cached_property
    def project(self) -> Project:
        """The project as commands see it, for running examples."""
        return Project(self.config, self.files, compilation=self.compilation)

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
        read = self._parsed.get(uri)
        return read.file.language if read is not None else self.config.settings.language

    def parsed(self, uri: str) -> ParsedFile | None:
        read = self._parsed.get(uri)
        return read.file if read is not None else None

    def split(self, uri: str) -> Split | None:
        """How a file was split into declarations."""
        read = self._parsed.get(uri)
        return read.split if read is not None else None

    def first_lines(self, uri: str) -> list[int]:
        """The line that the text of each declaration starts on."""
        known = self._first_lines.get(uri)
        if known is None:
            index = self.index(uri)
            known = self._first_lines[uri] = [index.position(start)[0] for start, _ in self.parts(uri)]
        return known

    def text(self, uri: str) -> str:
        return self.texts.get(uri, "")

    def show(self, uri: str, text: str) -> None:
        """Take in a file that is no rules, so that places in it can be told."""
        self.texts = {**self.texts, uri: text}
        self._indexes.pop(uri, None)

    def index(self, uri: str) -> LineIndex:
        """The lines of a file."""
        index = self._indexes.get(uri)
        if index is None:
            index = self._indexes[uri] = LineIndex(self.text(uri))
        return index

    def declaration(self, uri: str, offset: int) -> tuple[int, ParsedDeclaration] | None:
        """The declaration that an offset is in, with the offset of its text."""
        file = self.parsed(uri)
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
        known = self.about_vocabulary.get(("resolver", language))
        if known is None:
            declared = self.declared
            known = ExpressionResolver(
                self.vocabulary,
                language,
                self.config.settings.currency,
                declared.definitions.type_of_field,
                declared.definitions.type_of_global,
            )
            self.about_vocabulary["resolver", language] = known
        return known

    def type_of(self, symbol: FieldSymbol) -> Type:
        """The type of a field; that of a definition is its body's."""
        return self.declared.definitions.type_of_field(symbol)

    def type_of_global(self, name: str) -> Type:
        return self.declared.definitions.type_of_global(name)

    def object_name(self, name: str, language: str) -> str:
        """The name of an object or event in a language, from its English one."""
        symbol = self.vocabulary.objects.get(name)
        return display(symbol.names, language) if symbol is not None else name


def line_span(index: LineIndex, offset: int) -> Span:
    """The line an offset is on, without its line break."""
    line, _ = index.position(offset)
    return Span(*index.line_bounds(line))
