"""Where a calculation goes on after a function's argument or a filter: what belongs to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from . import syntax as s
from .scope import Scope
from .source import Span
from .words import Tok

if TYPE_CHECKING:
    from .expressions import ExpressionResolver


_CALCULATING = frozenset({"round", "round_up", "round_down", "absolute"})
"""Functions whose argument and whose result may both be calculated with."""


def argument_goes_on(resolver: ExpressionResolver, node: s.Binary, scope: Scope) -> bool:
    """A calculation inside a function's argument, without parentheses; reported with its readings.

    ``arrondi de montant × 3 à 2 décimales`` has one, ``arrondi de montant × 3`` two.
    """
    if not isinstance(node.left, s.Run) or node.left.where is not None:
        return False
    left = resolver.tables.toks(node.left)
    right = resolver.tables.toks(node.right) if isinstance(node.right, s.Run) else []
    if not resolver.reader.functions.starts(left):
        return False
    placeholder = Tok(None, "", "", node.span, item=s.Group(node, span=node.span))
    for start in range(1, len(left)):
        if not _quietly_read(resolver, left, start, scope):
            continue
        for end in range(1, len(right)):
            row = [*left[:start], placeholder, *right[end:]]
            if _fills(resolver, row, start, None):
                _report_argument(resolver, node, left[start].span.start, right[end - 1].span.end, both=False)
                return True
        if _fills(resolver, [*left[:start], placeholder], start, _CALCULATING):
            _report_argument(resolver, node, left[start].span.start, node.right.span.end, both=True)
            return True
    return False


def _quietly_read(resolver: ExpressionResolver, toks: list[Tok], start: int, scope: Scope) -> bool:
    with resolver.muted():
        return bool(resolver.reader.read(toks, start, len(toks), scope))


def _fills(resolver: ExpressionResolver, row: list[Tok], place: int, concepts: frozenset[str] | None) -> bool:
    """True where a function has the row's placeholder for its argument."""
    return any(
        (place, place + 1) in holes.values() and (concepts is None or pattern.concept in concepts)
        for pattern, holes in resolver.reader.functions.matches(row, 0, len(row))
    )


def _report_argument(resolver: ExpressionResolver, node: s.Binary, start: int, end: int, *, both: bool) -> None:
    fixes = [("calculation_of_argument", [(Span(start, start), "("), (Span(end, end), ")")])]
    if both:
        left = node.left.span
        after = [(Span(left.start, left.start), "("), (Span(left.end, left.end), ")")]
        fixes.append(("calculation_of_result", after))
    resolver.sink.report_edits("QD209", node.operator_span, fixes)


def report_filter_arithmetic(resolver: ExpressionResolver, run: s.Run, where: s.Comparison, scope: Scope) -> None:
    """``nombre d'affaires dont montant > 5 + 1``: the calculation may be the filter's or the aggregate's."""
    right = where.right
    assert isinstance(right, s.Binary)
    start, end, first = where.span.start, right.span.end, right.left.span.end
    before = run.span.start
    fixes = [("calculation_of_result", [(Span(before, before), "("), (Span(first, first), ")")])]
    grouped = s.Run((s.Group(where, span=where.span),), span=where.span)
    before_trying = resolver.sink.suppressed
    with resolver.muted():
        resolver.run(attrs.evolve(run, where=grouped), scope)
    if resolver.sink.suppressed == before_trying:
        fixes.insert(0, ("calculation_of_filter", [(Span(start, start), "("), (Span(end, end), ")")]))
    resolver.sink.report_edits("QD212", right.operator_span, fixes)


def ended_filter(run: s.Run) -> tuple[s.Run, s.Expression, s.Expression] | None:
    """``nombre d'affaires dont (étape = 'A') / 2``: the aggregate, its filter, and the calculation that goes on.

    A filter in parentheses ends with them.
    """
    if run.where is None or run.rest:
        return None
    spine: list[s.Binary | s.Comparison] = []
    first: s.Expression | None = run.where
    while isinstance(first, (s.Binary, s.Comparison)):
        spine.append(first)
        first = first.left
    if len(spine) < 2 and not (spine and isinstance(spine[0], s.Binary)):
        return None
    if not isinstance(first, s.Run) or len(first.items) != 1 or not isinstance(first.items[0], s.Group):
        return None
    if not isinstance(first.items[0].inner, (s.Comparison, s.Logic, s.Membership, s.Between, s.Not)):
        return None
    aggregate = s.Run(run.items, first, span=Span(run.span.start, first.span.end))
    whole: s.Expression = aggregate
    for node in reversed(spine):
        whole = attrs.evolve(node, left=whole, span=Span(run.span.start, node.span.end))
    return aggregate, first, whole


def has_arithmetic(node: s.Expression) -> bool:
    return isinstance(node, s.Binary)
