"""Whether two compilations of the same declarations mean the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from . import ir
from .compile import Compilation
from .example_model import Example, ExpectAction, ExpectCondition
from .syntax import ExampleDeclaration, ParsedFile, RuleDeclaration


def changed_declarations(before: Compilation, after: Compilation) -> dict[str, set[int]]:
    """The numbers of the declarations of each file that mean something else than before.

    Both compilations have recorded forms and the same files. Where the vocabulary differs, all declarations of
    vocabulary count as changed.
    """
    made: dict[str, set[int]] = {}
    vocabulary = _vocabulary(before) == _vocabulary(after)
    afterwards = dict(after.files)
    for uri, file in before.files:
        other = afterwards[uri]
        if len(other.declarations) != len(file.declarations):
            made[uri] = set(range(len(file.declarations)))
            continue
        old, new = _facts(before, uri, file), _facts(after, uri, other)
        changed = {
            number
            for number, (_, parsed) in enumerate(file.declarations)
            if old[number] != new[number]
            or not (vocabulary or isinstance(parsed.declaration, RuleDeclaration | ExampleDeclaration))
        }
        if changed:
            made[uri] = changed
    return made


def _vocabulary(compilation: Compilation) -> tuple[object, ...]:
    assert compilation.recorded is not None
    program = compilation.recorded.program
    return program.objects, program.events, program.actions, program.definitions


def _facts(compilation: Compilation, uri: str, file: ParsedFile) -> list[tuple[object, ...]]:
    """For each declaration: its kind, its rule or example, and what was found about it."""
    assert compilation.recorded is not None
    rules: Mapping[tuple[str, int], ir.Rule] = compilation.recorded.rules
    examples = iter([example for example in compilation.examples if example.uri == uri])
    made: list[tuple[object, ...]] = []
    for offset, parsed in file.declarations:
        end = offset + len(parsed.text)
        found = sorted(
            each.diagnostic.code
            for each in compilation.diagnostics
            if each.uri == uri and offset <= each.diagnostic.span.start < max(end, offset + 1)
        )
        example = next(examples, None) if isinstance(parsed.declaration, ExampleDeclaration) else None
        meaning = _unquoted(example) if example is not None else rules.get((uri, offset))
        made.append((type(parsed.declaration), meaning, found))
    return made


def _unquoted(example: Example) -> tuple[object, ...]:
    """An example without the words its expectations were written in."""
    cases = [(case.given, tuple(_without_text(step) for step in case.steps), case.row) for case in example.cases]
    return dict(example.names).items(), cases


def _without_text(step: object) -> object:
    return attrs.evolve(step, text="") if isinstance(step, ExpectAction | ExpectCondition) else step


__all__: Sequence[str] = ("changed_declarations",)
