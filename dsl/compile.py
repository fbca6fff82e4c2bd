"""From source texts to a program: parse, declare, resolve, check, assemble."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import attrs

from . import ir
from . import syntax as s
from .analysis import PlacedRule, analyse
from .assembly import Assembly
from .declared import Declared
from .diagnostic import Diagnostic
from .expressions import Forms
from .memory import Memory, Part, Placed, own_sink
from .node import Node, node
from .rules import RuleResolver
from .sheets import ReadSheet, no_sheets
from .sink import FileDiagnostic
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from .example_model import Example


class SourceText(NamedTuple):
    """A file to compile; ``language`` is found out when ``None``, ``standard`` marks the standard library."""

    uri: str
    text: str
    language: str | None = None
    standard: bool = False


class Resolved:
    """What the declarations of a project were resolved to; each view of it is made when it is first asked for."""

    def __init__(self, declared: Declared, layout: Sequence[Placed], parts: Sequence[Part]) -> None:
        self.declared = declared
        self.layout = layout
        self.parts = parts

    def _rules(self) -> Iterator[tuple[Placed, ir.Rule]]:
        for placed, part in zip(self.layout, self.parts, strict=True):
            rule = part.rule
            if rule is not None:
                yield placed, attrs.evolve(rule, span=rule.span.shifted(placed.offset)) if placed.offset else rule

    @cached_property
    def rules(self) -> Mapping[tuple[str, int], ir.Rule]:
        """The rules that could be resolved, by file and offset of their declaration."""
        return {(placed.uri, placed.offset): rule for placed, rule in self._rules()}

    @cached_property
    def forms(self) -> Forms:
        """How the phrases of each declaration (its file and offset) were said."""
        return {(placed.uri, placed.offset): part.forms for placed, part in zip(self.layout, self.parts, strict=True)}

    @cached_property
    def program(self) -> ir.Program:
        """The program, even where there are errors."""
        return Assembly(self.declared).program([rule for _, rule in self._rules()])

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The examples of all files, in order."""
        return tuple(
            _example_at(part.example, placed.offset)
            for placed, part in zip(self.layout, self.parts, strict=True)
            if part.example is not None
        )


@node
class Compilation(Node):
    """What compiling gives: all findings, what was parsed, and the program where there are no errors.

    The program is put together when it is first asked for: a check needs the findings only. ``recorded`` is filled
    for those who ask how phrases were said.
    """

    resolved: Resolved = attrs.field(eq=False)
    diagnostics: tuple[FileDiagnostic, ...]
    files: tuple[tuple[str, s.ParsedFile], ...]
    vocabulary: Vocabulary = attrs.field(eq=False)
    recorded: Resolved | None = attrs.field(default=None, eq=False)

    @property
    def program(self) -> ir.Program | None:
        """The program; ``None`` when there are errors."""
        return None if self.errors else self.resolved.program

    @property
    def examples(self) -> tuple[Example, ...]:
        """The examples of all files, in order."""
        return self.resolved.examples

    @property
    def errors(self) -> tuple[FileDiagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.diagnostic.severity == "error")


def compile_sources(
    sources: Sequence[SourceText],
    settings: ir.Settings | None = None,
    read_sheet: ReadSheet = no_sheets,
    *,
    record_forms: bool = False,
    memory: Memory | None = None,
    proposing: bool = True,
) -> Compilation:
    """Compile the files of a project together; the result does not depend on their order.

    ``read_sheet`` gives the cells of the sheets that decision tables name. ``record_forms`` fills ``recorded``, for
    the printer. ``memory`` is what the last compilation of the project remembers: the result is the same without it.
    The places of the symbols of compilations that share a memory are those of the last one. Without ``proposing`` no
    fixes are looked for where the errors themselves have none, for who does not show them.
    """
    memory = memory if memory is not None else Memory()
    read = _read(sources, settings or ir.Settings(), read_sheet, record_forms, memory)
    _resolve(read.declared, read.layout, read.parts)
    if proposing:
        _propose(read.declared, read.layout, read.parts)
    resolved = Resolved(read.declared, read.layout, read.parts)
    diagnostics = _gathered(resolved, [uri for uri, _ in read.files])
    recorded = resolved if record_forms else None
    return Compilation(resolved, diagnostics, read.files, read.declared.vocabulary, recorded)


def declare_sources(
    sources: Sequence[SourceText], settings: ir.Settings, read_sheet: ReadSheet, memory: Memory
) -> Declared:
    """What the vocabulary of a project comes to, for those who need not know what its rules say.

    It is what :func:`compile_sources` makes of it with forms recorded and the same memory.
    """
    return _read(sources, settings, read_sheet, True, memory).declared


class _Read(NamedTuple):
    """The declarations of a project where they stand, what is remembered of each, and its vocabulary."""

    layout: list[Placed]
    parts: list[Part]
    declared: Declared
    files: tuple[tuple[str, s.ParsedFile], ...]


def _read(
    sources: Sequence[SourceText], settings: ir.Settings, read_sheet: ReadSheet, recording: bool, memory: Memory
) -> _Read:
    """Parse the files, those of the standard vocabulary first, and declare what they say."""
    ordered = sorted(sources, key=lambda source: (not source.standard, source.uri))
    parsed_sources = [
        (source, memory.parse(source.uri, source.text, source.language, settings.language)) for source in ordered
    ]
    memory.keep_files({source.uri: None for source in ordered})
    without_standard = any(
        isinstance(parsed.declaration, s.VocabularySetting) and parsed.declaration.value == "none"
        for source, file in parsed_sources
        if not source.standard
        for _, parsed in file.declarations
    )
    read = [(source, file) for source, file in parsed_sources if not (source.standard and without_standard)]
    layout = [
        Placed(source.uri, file.language, source.standard, offset, parsed)
        for source, file in read
        for offset, parsed in file.declarations
    ]
    files = tuple((source.uri, file) for source, file in read if not source.standard)
    declared, parts = _declared(layout, settings, read_sheet, recording, memory)
    return _Read(layout, parts, declared, files)


_WITHOUT_SYMBOLS = (s.RuleDeclaration, s.ExampleDeclaration, s.InvalidSyntax)


def _declared(
    layout: Sequence[Placed], settings: ir.Settings, read_sheet: ReadSheet, recording: bool, memory: Memory
) -> tuple[Declared, list[Part]]:
    """What the vocabulary comes to, and the part of each declaration: those remembered while it says the same."""
    declaring = [placed for placed in layout if not isinstance(placed.parsed.declaration, _WITHOUT_SYMBOLS)]
    key = (settings, recording, [(p.uri, p.language, p.standard, id(p.parsed)) for p in declaring])
    known = memory.declared
    if known is not None and known.key == key and known.lasting:
        known.move(declaring)
        return known, memory.parts(layout)
    memory.forget()
    parts = memory.parts(layout)
    mine = [
        part
        for placed, part in zip(layout, parts, strict=True)
        if not isinstance(placed.parsed.declaration, _WITHOUT_SYMBOLS)
    ]
    memory.declared = declared = Declared(key, declaring, mine, settings, read_sheet, recording)
    return declared, parts


def _resolve(declared: Declared, layout: Sequence[Placed], parts: Sequence[Part]) -> None:
    """Resolve the rules and examples that are not known yet."""
    for placed, part in zip(layout, parts, strict=True):
        if part.read:
            continue
        part.read = True
        declaration = placed.parsed.declaration
        if not isinstance(declaration, s.RuleDeclaration | s.ExampleDeclaration):
            continue
        found: list[FileDiagnostic] = []
        sink = own_sink(placed, found, 0)
        sink.forms = part.forms
        resolver = declared.resolver_for(placed.language)
        with resolver.reporting_to(sink):
            if isinstance(declaration, s.RuleDeclaration):
                part.rule = RuleResolver(resolver).resolve(declaration)
            else:
                # many projects have no examples, and starting is to be quick
                from .examples import ExampleResolver

                part.example = ExampleResolver(resolver, placed.parsed.text).resolve(declaration)
        part.found = tuple(each.diagnostic for each in found)


def _propose(declared: Declared, layout: Sequence[Placed], parts: Sequence[Part]) -> None:
    """Find fixes for the errors that have none; where there are too many, all are told as they were found."""
    wrong = [
        (placed, part)
        for placed, part in zip(layout, parts, strict=True)
        if not placed.standard and _can_be_proposed(part.as_found())
    ]
    for _, part in wrong:
        part.plain = len(wrong) > _MOST_WRONG
    open_errors = [(placed, part) for placed, part in wrong if part.proposed is None and not part.plain]
    undefined = [] if declared.proposed else declared.definitions_with_errors()
    declared.proposed = True
    if open_errors or undefined:
        # only where something is wrong
        from .retrying import propose

        propose(declared, open_errors, undefined)


_MOST_WRONG = 60
"""The declarations for which fixes are looked for; whether they are must not depend on what was compiled before."""


def _can_be_proposed(found: Sequence[Diagnostic]) -> bool:
    """Whether there are errors without a fix, or several that have one cause: words of another language."""
    foreign = sum(each.code == "QD008" for each in found)
    return foreign > 1 or any(each.severity == "error" and not each.fixes for each in found)


def _gathered(resolved: Resolved, uris: Sequence[str]) -> tuple[FileDiagnostic, ...]:
    """All that was found, in the order of the files, each thing once."""
    found: list[FileDiagnostic] = []
    rules: list[PlacedRule] = []
    analysed: list[FileDiagnostic] = []
    for placed, part in zip(resolved.layout, resolved.parts, strict=True):
        found += part.told(placed)
        if part.rule is not None:
            rules.append(PlacedRule(part.rule, own_sink(placed, analysed, placed.offset), part))
    found += resolved.declared.told()
    analyse(rules, resolved.declared.vocabulary)
    found += analysed
    order = {uri: number for number, uri in enumerate(uris)}
    once = {(f.uri, f.diagnostic.span, f.diagnostic.code, f.diagnostic.args.get("cell")): f for f in found}
    return tuple(sorted(once.values(), key=lambda f: (order.get(f.uri, -1), f.diagnostic.span, f.diagnostic.code)))


def _example_at(example: Example, offset: int) -> Example:
    if not offset:
        return example
    cases = tuple(attrs.evolve(case, span=case.span.shifted(offset)) for case in example.cases)
    return attrs.evolve(example, cases=cases, span=example.span.shifted(offset))
