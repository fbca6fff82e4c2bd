"""What the declarations of a project's vocabulary come to: symbols, definitions, and what was found about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import ir
from .declare import Context, declare
from .definitions import Definitions
from .diagnostic import Diagnostic, Label
from .expressions import ExpressionResolver
from .memory import Part, Placed, moved, own_sink
from .sheets import ReadSheet
from .sink import FileDiagnostic, Sink
from .syntax import DefinitionDeclaration
from .vocabulary import FieldSymbol


class Declared:
    """The vocabulary of a project, resolved; good as long as its declarations say the same, wherever they stand.

    ``answers`` are for whoever derives more from it.
    """

    def __init__(
        self,
        key: object,
        layout: Sequence[Placed],
        parts: Sequence[Part],
        settings: ir.Settings,
        read_sheet: ReadSheet,
        recording: bool,
    ) -> None:
        """Declare and resolve what ``layout`` says, reporting nothing yet; ``key`` is what it depends on."""
        self.key = key
        self.settings = settings
        self.recording = recording
        self.answers: dict[Any, Any] = {}
        self._layout = tuple(layout)
        self._sinks = [own_sink(placed, [], placed.offset) for placed in layout]
        for sink, part in zip(self._sinks, parts, strict=True):
            sink.forms = part.forms
        self._told: tuple[FileDiagnostic, ...] | None = None
        self.proposed = False
        """Whether fixes were looked for."""
        self._offsets = [placed.offset for placed in layout]
        self.vocabulary = declare(
            [
                Context(placed.parsed.declaration, placed.language, sink, placed.parsed.text)
                for placed, sink in zip(layout, self._sinks, strict=True)
            ]
        )
        self.definitions = Definitions(self.vocabulary, self.resolver_for, read_sheet)
        self._resolvers: dict[str, ExpressionResolver] = {}
        self._declared = [len(sink.found) for sink in self._sinks]
        self._resolve()

    def resolver_for(self, language: str) -> ExpressionResolver:
        """The resolver of a language."""
        known = self._resolvers.get(language)
        if known is None:
            known = self._resolvers[language] = self._resolver(language, self.recording)
        return known

    def recorder_for(self, language: str) -> ExpressionResolver:
        """A resolver of a language that records how phrases are said."""
        return self._resolver(language, True)

    def _resolver(self, language: str, recording: bool) -> ExpressionResolver:
        return ExpressionResolver(
            self.vocabulary,
            language,
            self.settings.currency,
            self.definitions.type_of_field,
            self.definitions.type_of_global,
            recording=recording,
        )

    def _resolve(self) -> None:
        """Resolve what the project declares: definitions, tables and defaults. The standard ones wait for their use."""
        for symbol in self.vocabulary.all_fields():
            if not symbol.place.standard:
                self._resolve_field(symbol)
        mine = [f for f in self.vocabulary.all_fields() if not f.place.standard and f.default is not None]
        self.definitions.report_circles(mine)
        for global_ in self.vocabulary.globals.values():
            if not global_.place.standard:
                self.definitions.body_of_global(global_)
        for action in self.vocabulary.actions.values():
            if not action.place.standard:
                for parameter in action.parameters:
                    self._resolve_field(parameter)

    def _resolve_field(self, symbol: FieldSymbol) -> None:
        if symbol.computed:
            self.definitions.body_of(symbol)
        self.definitions.default_of(symbol)

    @property
    def lasting(self) -> bool:
        """False where a definition of the standard vocabulary has no meaning: that is found only while it is used."""
        return not any(
            sink.standard and len(sink.found) > before for sink, before in zip(self._sinks, self._declared, strict=True)
        )

    def definitions_with_errors(self) -> list[tuple[Placed, Sink]]:
        """The definitions of the project with errors, where they stood when they were declared."""
        return [
            (placed, sink)
            for placed, sink in zip(self._layout, self._sinks, strict=True)
            if sink.found and not placed.standard and isinstance(placed.parsed.declaration, DefinitionDeclaration)
        ]

    def move(self, layout: Sequence[Placed]) -> None:
        """Say where the same declarations stand now: the places of symbols are those of the last time this was said."""
        for sink, placed in zip(self._sinks, layout, strict=True):
            if sink.offset != placed.offset:
                sink.offset = placed.offset
                self._told = None

    def told(self) -> Sequence[FileDiagnostic]:
        """What was found about the declarations, where they stand now."""
        found = sum(len(sink.found) for sink in self._sinks)
        if self._told is None or len(self._told) != found:
            self._told = tuple(
                FileDiagnostic(each.uri, each.language, self._moved(each.diagnostic, each.uri, sink.offset - before))
                for sink, before in zip(self._sinks, self._offsets, strict=True)
                for each in sink.found
            )
        return self._told

    def _moved(self, found: Diagnostic, uri: str, distance: int) -> Diagnostic:
        """A finding and its labels, each moved with the declaration that it points into."""
        made = moved(found, uri, distance)
        if not found.labels:
            return made
        labels = tuple(self._label(label, uri) for label in found.labels)
        return Diagnostic(made.code, made.span, made.args, made.severity, labels, made.fixes)

    def _label(self, label: Label, uri: str) -> Label:
        for placed, sink in zip(self._layout, self._sinks, strict=True):
            start = placed.offset
            if placed.uri == (label.uri or uri) and start <= label.span.start < start + len(placed.parsed.text):
                return Label(label.span.shifted(sink.offset - start), label.text, label.args, label.uri)
        return label
