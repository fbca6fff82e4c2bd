"""From source texts to a program: parse, declare, resolve, check, assemble."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import attrs

from . import ir
from . import syntax as s
from .analysis import PlacedRule, analyse
from .declare import Context, declare
from .definitions import Definitions
from .diagnostic import Diagnostic
from .expressions import ExpressionResolver, Forms
from .node import Node, node
from .parser import parse_file
from .rules import RuleResolver
from .sheets import ReadSheet, no_sheets
from .sink import FileDiagnostic, Sink
from .source import Span
from .vocabulary import ActionSymbol, FieldSymbol, ObjectSymbol, Vocabulary

if TYPE_CHECKING:
    from .example_model import Example


class SourceText(NamedTuple):
    """A file to compile; ``language`` is found out when ``None``, ``standard`` marks the standard library."""

    uri: str
    text: str
    language: str | None = None
    standard: bool = False


class Recorded(NamedTuple):
    """What the printer asks for: how phrases were said, and the program even where there are errors.

    ``rules`` are those that could be resolved, by file and offset of their declaration.
    """

    forms: Forms
    program: ir.Program
    rules: Mapping[tuple[str, int], ir.Rule]


class _Assembled:
    """A program that is put together once, when it is first asked for."""

    __slots__ = ("_assembly", "_program", "_rules")

    def __init__(self, assembly: _Assembly, rules: Sequence[ir.Rule]) -> None:
        self._assembly = assembly
        self._rules = rules
        self._program: ir.Program | None = None

    def program(self) -> ir.Program:
        if self._program is None:
            self._program = self._assembly.program(self._rules)
        return self._program


@node
class Compilation(Node):
    """What compiling gives: all findings, what was parsed, and the program where there are no errors.

    The program is put together when it is first asked for: a check needs the findings only.
    """

    assembled: _Assembled = attrs.field(eq=False)
    diagnostics: tuple[FileDiagnostic, ...]
    files: tuple[tuple[str, s.ParsedFile], ...]
    examples: tuple[Example, ...]
    vocabulary: Vocabulary = attrs.field(eq=False)
    recorded: Recorded | None = attrs.field(default=None, eq=False)

    @property
    def program(self) -> ir.Program | None:
        """The program; ``None`` when there are errors."""
        return None if self.errors else self.assembled.program()

    @property
    def errors(self) -> tuple[FileDiagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.diagnostic.severity == "error")


def compile_sources(
    sources: Sequence[SourceText],
    settings: ir.Settings | None = None,
    read_sheet: ReadSheet = no_sheets,
    *,
    record_forms: bool = False,
) -> Compilation:
    """Compile the files of a project together; the result does not depend on their order.

    ``read_sheet`` gives the cells of the sheets that decision tables name. ``record_forms`` fills ``recorded``, for
    the printer.
    """
    settings = settings or ir.Settings()
    ordered = sorted(sources, key=lambda source: (not source.standard, source.uri))
    sink = Sink()
    files: list[tuple[str, s.ParsedFile]] = []
    contexts: list[Context] = []
    parsed_sources = [(source, parse_file(source.text, source.language, settings.language)) for source in ordered]
    without_standard = any(
        isinstance(parsed.declaration, s.VocabularySetting) and parsed.declaration.value == "none"
        for source, file in parsed_sources
        if not source.standard
        for _, parsed in file.declarations
    )
    for source, file in parsed_sources:
        if source.standard and without_standard:
            continue
        if not source.standard:
            files.append((source.uri, file))
        _syntax_findings(sink, source.uri, file)
        for offset, parsed in file.declarations:
            here = sink.at(source.uri, file.language, offset, source.standard, parsed.text)
            contexts.append(Context(parsed.declaration, file.language, here, parsed.text))
    vocabulary = declare(contexts)
    forms: Forms | None = {} if record_forms else None
    assembly = _Assembly(vocabulary, settings, sink, read_sheet, forms)
    rules = assembly.resolve(contexts)
    assembled = _Assembled(assembly, rules)
    examples = assembly.examples(contexts)
    order = {uri: number for number, (uri, _) in enumerate(files)}
    once = {(f.uri, f.diagnostic.span, f.diagnostic.code, f.diagnostic.args.get("cell")): f for f in sink.found}
    found = sorted(once.values(), key=lambda f: (order.get(f.uri, -1), f.diagnostic.span, f.diagnostic.code))
    recorded = Recorded(forms, assembled.program(), assembly.rules) if forms is not None else None
    return Compilation(assembled, tuple(found), tuple(files), examples, vocabulary, recorded)


def _syntax_findings(sink: Sink, uri: str, file: s.ParsedFile) -> None:
    for diagnostic in file.diagnostics:
        assert isinstance(diagnostic, Diagnostic)
        sink.found.append(FileDiagnostic(uri, file.language, diagnostic))
    for offset, parsed in file.declarations:
        for diagnostic in parsed.diagnostics:
            assert isinstance(diagnostic, Diagnostic)
            sink.found.append(FileDiagnostic(uri, file.language, diagnostic.shifted(offset)))


class _Assembly:
    """Resolves what the contexts declare and puts the program together."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        settings: ir.Settings,
        sink: Sink,
        read_sheet: ReadSheet,
        forms: Forms | None = None,
    ) -> None:
        self.forms = forms
        self.rules: dict[tuple[str, int], ir.Rule] = {}
        self.vocabulary = vocabulary
        self.settings = settings
        self.sink = sink
        self.definitions = Definitions(vocabulary, self.resolver_for, read_sheet)
        self._resolvers: dict[str, ExpressionResolver] = {}

    def resolver_for(self, language: str) -> ExpressionResolver:
        """The resolver of a language."""
        known = self._resolvers.get(language)
        if known is None:
            known = self._resolvers[language] = ExpressionResolver(
                self.vocabulary,
                language,
                self.settings.currency,
                self.definitions.type_of_field,
                self.definitions.type_of_global,
                self.forms,
            )
        return known

    def resolve(self, contexts: Sequence[Context]) -> list[ir.Rule]:
        """Resolve and analyse what the project says: its rules, its definitions, tables and defaults."""
        placed: list[PlacedRule] = []
        for context in contexts:
            declaration = context.declaration
            if isinstance(declaration, s.RuleDeclaration):
                resolver = self.resolver_for(context.language)
                with resolver.reporting_to(context.sink):
                    rule = RuleResolver(resolver).resolve(declaration)
                if rule is not None:
                    self.rules[(context.sink.uri, context.sink.offset)] = rule
                    condition = declaration.condition.span if declaration.condition is not None else None
                    placed.append(PlacedRule(rule, context.sink, _heading(declaration), condition))
        analyse(placed, self.vocabulary)
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
        return [p.rule for p in placed]

    def _resolve_field(self, symbol: FieldSymbol) -> None:
        if symbol.computed:
            self.definitions.body_of(symbol)
        self.definitions.default_of(symbol)

    def program(self, rules: Sequence[ir.Rule]) -> ir.Program:
        """The program of the resolved rules and the whole vocabulary."""
        objects = [o for o in self.vocabulary.objects.values() if not o.event]
        events = [o for o in self.vocabulary.objects.values() if o.event]
        return ir.Program(
            self.settings,
            tuple(sorted((self._object(o) for o in objects), key=lambda o: o.name)),
            tuple(sorted((self._event(e) for e in events), key=lambda e: e.name)),
            tuple(sorted((self._action(a) for a in self.vocabulary.actions.values()), key=lambda a: a.name)),
            tuple(self._globals()),
            _named(rules),
        )

    def examples(self, contexts: Sequence[Context]) -> tuple[Example, ...]:
        """The examples of all files, in order."""
        made: list[Example] = []
        for context in contexts:
            if isinstance(context.declaration, s.ExampleDeclaration):
                # many projects have no examples, and starting is to be quick
                from .examples import ExampleResolver

                resolver = self.resolver_for(context.language)
                with resolver.reporting_to(context.sink):
                    made.append(ExampleResolver(resolver, context.source).resolve(context.declaration))
        return tuple(made)

    def _object(self, symbol: ObjectSymbol) -> ir.ObjectType:
        return ir.ObjectType(symbol.name, self._names(symbol), self._fields(symbol.name))

    def _event(self, symbol: ObjectSymbol) -> ir.EventType:
        return ir.EventType(symbol.name, self._names(symbol), self._fields(symbol.name))

    @staticmethod
    def _names(symbol: ObjectSymbol | FieldSymbol) -> dict[str, str]:
        return {language: name.text for language, name in symbol.names.items()}

    def _fields(self, owner: str) -> tuple[ir.Field, ...]:
        made = [self._field(symbol) for symbol in self.vocabulary.fields(owner)]
        return tuple(sorted(made, key=lambda field: field.name))

    def _field(self, symbol: FieldSymbol) -> ir.Field:
        definition = self.definitions.body_of(symbol) if symbol.computed else None
        default = self.definitions.default_of(symbol)
        if default is not None and default.type.kind == "error":
            # a standard default over fields that the project gave other types
            default = None
        return ir.Field(
            symbol.name,
            self._names(symbol),
            self.definitions.type_of_field(symbol),
            symbol.choices,
            symbol.identifier,
            symbol.required,
            symbol.unique,
            default,
            definition,
        )

    def _action(self, symbol: ActionSymbol) -> ir.ActionType:
        names = {
            language: " ".join(part.text for part in parts if part.hole is None and not part.optional)
            for language, parts in symbol.patterns.items()
        }
        return ir.ActionType(symbol.name, names, tuple(self._field(p) for p in symbol.parameters))

    def _globals(self) -> list[ir.GlobalDefinition]:
        made: list[ir.GlobalDefinition] = []
        for symbol in sorted(self.vocabulary.globals.values(), key=lambda g: g.name):
            names = {language: name.text for language, name in symbol.names.items()}
            body = self.definitions.body_of_global(symbol)
            made.append(ir.GlobalDefinition(symbol.name, names, self.definitions.type_of_global(symbol.name), body))
        return made


def _heading(rule: s.RuleDeclaration) -> Span:
    """What stands for a rule in a report: its name, else its first trigger."""
    if rule.names:
        return rule.names[0].span
    return rule.triggers[0].span if rule.triggers else rule.span


def _named(rules: Sequence[ir.Rule]) -> tuple[ir.Rule, ...]:
    """The rules by name; an unnamed one is ``rule-<8 digits of its hash>``, with ``-n`` for equal ones."""
    made: list[ir.Rule] = []
    seen: Counter[str] = Counter()
    for rule in rules:
        if rule.names:
            made.append(rule)
            continue
        # only unnamed rules need a digest
        from .ir_json import rule_hash

        name = f"rule-{rule_hash(rule)[:8]}"
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name}-{seen[name]}"
        made.append(attrs.evolve(rule, name=name))
    return tuple(sorted(made, key=lambda rule: rule.name))
