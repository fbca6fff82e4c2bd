"""Which rows of decision tables decide: what the coverage of examples counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ..dsl import ir
from ..dsl.values import Reference
from .decisions import fits
from .interpret import Scope, evaluate
from .problems import Failure

Hits: TypeAlias = frozenset[tuple[str, str, int]]
"""Rows by (object or ``""``, name of the table, number of the row from 1; 0 is the row *otherwise*)."""


def decision_tables(program: ir.Program) -> Iterator[tuple[str, str, ir.Decision]]:
    """All decision tables: the object they belong to (``""`` for none), their name, their rows."""
    for kind in (*program.objects, *program.events):
        for field in kind.fields:
            if isinstance(field.definition, ir.Decision):
                yield kind.name, field.name, field.definition
    for definition in program.definitions:
        if isinstance(definition.value, ir.Decision):
            yield "", definition.name, definition.value


def rows_of(table: ir.Decision) -> tuple[int, ...]:
    """The numbers of a table's rows, 0 for the one that says *otherwise*."""
    return (*range(1, len(table.rows) + 1), *((0,) if table.otherwise is not None else ()))


def rows_hit(program: ir.Program, scope: Scope) -> Iterator[tuple[str, str, int]]:
    """The rows that decide for the objects of the scope's snapshot."""
    for kind, name, table in decision_tables(program):
        if not kind:
            inner = scope.with_variables({})
            yield from ((kind, name, number) for number in _hit(table, inner))
            continue
        for identifier in scope.state.identifiers(kind):
            inner = scope.with_variables({"subject": Reference(kind, identifier)})
            yield from ((kind, name, number) for number in _hit(table, inner))


def _hit(table: ir.Decision, scope: Scope) -> list[int]:
    try:
        inputs = [evaluate(value, scope) for value in table.inputs]
        hits = [number for number, row in enumerate(table.rows, 1) if fits(row, inputs, scope, evaluate)]
    except Failure:
        return []
    if not hits:
        return [0] if table.otherwise is not None else []
    return hits[:1] if table.policy == "first" else hits
