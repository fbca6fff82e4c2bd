"""A declaration as if it were written otherwise: what proposals are tried with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from . import ir
from . import syntax as s
from .candidates import Candidates
from .declared import Declared
from .diagnostic import Diagnostic
from .examples import ExampleResolver
from .keywords import other_languages
from .memory import Part, Placed
from .mistaken import changed
from .parser import parse_declaration, parse_file
from .proposals import Budget, with_proposals
from .rules import RuleResolver
from .scope import Scope
from .sink import FileDiagnostic, Sink
from .source import Span
from .types import reference_to


def propose(declared: Declared, wrong: Sequence[tuple[Placed, Part]], undefined: Sequence[tuple[Placed, Sink]]) -> None:
    """Give what is to be told fixes that were tried: about parts, and about definitions, by their sinks."""
    for placed, sink in undefined[:_MOST_DEFINITIONS]:
        retry = partial(errors_of_definition, declared, placed, sink)
        found = [each.diagnostic.shifted(-placed.offset) for each in sink.found]
        made = with_proposals(
            placed.parsed.text, placed.language, found, declared.vocabulary, retry, _no_translations, Budget()
        )
        sink.found[:] = [FileDiagnostic(placed.uri, placed.language, each.shifted(placed.offset)) for each in made]
    for placed, part in wrong:
        retry = partial(errors_of, declared, placed)
        found = part.problems()
        read = partial(translations, declared, placed)
        part.proposed = with_proposals(
            placed.parsed.text, placed.language, found, declared.vocabulary, retry, read, Budget()
        )


_MOST_DEFINITIONS = 60


def _no_translations() -> Iterator[str]:
    return iter(())


def errors_of_definition(declared: Declared, placed: Placed, sink: Sink, text: str) -> list[Diagnostic]:
    """The errors of a definition as if ``text`` stood in its place; ``sink`` is that of its symbol."""
    parsed = parse_declaration(text, placed.language)
    errors = [each for each in parsed.diagnostics if isinstance(each, Diagnostic)]
    declaration = parsed.declaration
    owner = next((field.owner for field in declared.vocabulary.all_fields() if field.sink is sink), None)
    if isinstance(declaration, s.DefinitionDeclaration):
        found: list[FileDiagnostic] = []
        resolver = declared.resolver_for(placed.language)
        subject = ir.Variable("subject", reference_to(owner)) if owner is not None else None
        with resolver.reporting_to(Sink(found, placed.uri, placed.language, 0, False, text)):
            resolver.expression(declaration.body, Scope(placed.language, subject))
        errors += [each.diagnostic for each in found]
    return [each for each in errors if each.severity == "error"]


def translations(declared: Declared, placed: Placed) -> Iterator[str]:
    """What a declaration says in the language of its file, where it was written in another one without an error."""
    for language in other_languages(placed.language):
        text = placed.parsed.text
        for candidate in Candidates(text, language, declared.vocabulary).own_words():
            text = changed(text, candidate.edits)
        parsed = parse_declaration(text, language)
        declaration = parsed.declaration
        if parsed.diagnostics or not isinstance(declaration, s.RuleDeclaration | s.ExampleDeclaration):
            continue
        found: list[FileDiagnostic] = []
        sink = Sink(found, placed.uri, language, 0, False, parsed.text)
        sink.forms = forms = dict[Span, Any]()
        resolver = declared.recorder_for(language)
        with resolver.reporting_to(sink):
            if isinstance(declaration, s.RuleDeclaration):
                RuleResolver(resolver).resolve(declaration)
            else:
                ExampleResolver(resolver, parsed.text).resolve(declaration)
        if not found:
            # only here is a declaration printed
            from .printing import Printer
            from .typeset import typeset

            yield typeset(Printer(parsed, placed.language, declared.vocabulary, forms))


def errors_of(declared: Declared, placed: Placed, text: str) -> list[Diagnostic]:
    """The errors of a declaration as if ``text`` stood in its place, as far as it needs no vocabulary of its own."""
    found: list[FileDiagnostic] = []
    errors: list[Diagnostic] = []
    for offset, parsed in parse_file(text, placed.language).declarations:
        errors += [each.shifted(offset) for each in parsed.diagnostics if isinstance(each, Diagnostic)]
        declaration = parsed.declaration
        sink = Sink(found, placed.uri, placed.language, offset, False, parsed.text)
        sink.forms = {}
        resolver = declared.resolver_for(placed.language)
        with resolver.reporting_to(sink):
            if isinstance(declaration, s.RuleDeclaration):
                RuleResolver(resolver).resolve(declaration)
            elif isinstance(declaration, s.ExampleDeclaration):
                ExampleResolver(resolver, parsed.text).resolve(declaration)
    errors += [each.diagnostic for each in found]
    return [each for each in errors if each.severity == "error"]
