"""What may be wrong with a row of conditions joined by *and* and *or*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ir
from . import syntax as s
from .scope import Scope
from .source import Span

if TYPE_CHECKING:
    from .expressions import ExpressionResolver


def check_logic(resolver: ExpressionResolver, node: s.Logic, scope: Scope) -> bool:
    """Report a mixture of *and* and *or*, ``est 'A' ou 'B'``, and a filter that might go on. True when all is clear."""
    if _alternatives(resolver, node, scope):
        return False
    if len(set(node.connectors)) > 1:
        _report_mixture(resolver, node)
        return False
    return not _open_filter(resolver, node, scope)


def _alternatives(resolver: ExpressionResolver, node: s.Logic, scope: Scope) -> bool:
    """``étape est 'A' ou 'B'``: a bare value after *or*."""
    for index, connector in enumerate(node.connectors):
        before, after = node.parts[index], node.parts[index + 1]
        if connector != "or" or not isinstance(before, s.Comparison) or before.operator not in {"eq", "ne"}:
            continue
        if isinstance(after, s.Run) and len(after.items) == 1 and isinstance(after.items[0], (s.Text, s.Literal)):
            membership = resolver.keyword("tests", "one_of" if before.operator == "eq" else "not_one_of")
            resolver.sink.report(
                "QD211",
                after.span,
                fixes=[("one_of", before.operator_span, membership)],
            )
            return True
    return False


def _report_mixture(resolver: ExpressionResolver, node: s.Logic) -> None:
    """Both readings, each with its fix: parentheses round the parts joined first."""
    fixes: list[tuple[str, list[tuple[Span, str]]]] = []
    for tight in ("and", "or"):
        edits: list[tuple[Span, str]] = []
        start = 0
        for index in range(len(node.parts)):
            last = index == len(node.connectors)
            if last or node.connectors[index] != tight:
                if index > start:
                    edits.append((Span(node.parts[start].span.start, node.parts[start].span.start), "("))
                    edits.append((Span(node.parts[index].span.end, node.parts[index].span.end), ")"))
                start = index + 1
        fixes.append((f"group_{tight}", edits))
    readings = [resolver.sink.quote_edited(node.span, edits) for _, edits in fixes]
    resolver.sink.report_edits("QD210", node.span, fixes, readings=readings)


def _open_filter(resolver: ExpressionResolver, node: s.Logic, scope: Scope) -> bool:
    """``il existe une affaire dont étape = 'x' et montant > 5``: does the second condition belong to the filter?"""
    for index in range(len(node.connectors)):
        run = _ends_with_filter(node.parts[index])
        after = node.parts[index + 1]
        if run is None:
            continue
        left = _leftmost(after)
        if not isinstance(left, s.Run) or len(left.items) != 1 or not isinstance(left.items[0], s.Phrase):
            continue
        with resolver.muted():
            value = resolver.expression(run, scope)
        if not isinstance(value, ir.Aggregate):
            continue
        key = tuple(resolver.tables.name_key_of(left.items[0].words))
        if resolver.vocabulary.field_of(value.collection.object, resolver.language, key) is None:
            continue
        assert run.where is not None
        start, inner = run.where.span.start, run.where.span.end
        resolver.sink.report_edits(
            "QD213",
            after.span,
            [
                ("filter_ends", [(Span(start, start), "("), (Span(inner, inner), ")")]),
                ("filter_goes_on", [(Span(start, start), "("), (Span(after.span.end, after.span.end), ")")]),
            ],
            object=resolver.object_name(value.collection.object),
        )
        return True
    return False


def _leftmost(part: s.Expression) -> s.Expression | None:
    """What a condition is about first."""
    match part:
        case s.Comparison():
            return part.left if part.left is not None else part.right
        case s.Between() | s.Membership() | s.Not():
            return _leftmost(part.operand) if part.operand is not None else None
        case _:
            return part


def _ends_with_filter(part: s.Expression) -> s.Run | None:
    """The run that ends a condition with an unparenthesised filter."""
    run = part.right if isinstance(part, s.Comparison) else part
    if not isinstance(run, s.Run) or run.where is None or run.rest:
        return None
    where = run.where
    if isinstance(where, s.Run) and len(where.items) == 1 and isinstance(where.items[0], s.Group):
        return None
    return run
