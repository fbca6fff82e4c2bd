"""From comparisons as written to typed ones: operators, ranges, lists, states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from . import ir
from . import syntax as s
from .operators import FAILED, Mistyped, comparison, unify
from .scope import Scope
from .source import Span
from .types import BOOLEAN, DATETIME, MONEY, NUMBER, PERCENTAGE, TEXT, TIME, Type, union_of

if TYPE_CHECKING:
    from .expressions import ExpressionResolver


class ComparisonResolver:
    """Resolves tests of values; ``resolver`` resolves the values."""

    def __init__(self, resolver: ExpressionResolver) -> None:
        self.resolver = resolver

    def comparison(self, node: s.Comparison, scope: Scope) -> ir.Expression:
        if node.left is None:
            return self._state_of_subject(node, scope)
        left = self._time_of_day(node.left)
        if left is None:
            left = self.resolver.expression(node.left, scope, _wanted_beside(node.right))
        state = self._state_of(left, node, scope)
        if state is not None:
            return ir.Not(state, span=node.span) if node.operator == "ne" else state
        right = self.resolver.expression(node.right, scope, left.type)
        if left == right and scope.items:
            right = self._outside(node.right, scope, left)
        try:
            left, right = self.choices(left, right)
            return attrs.evolve(comparison(node.operator, left, right, self.resolver.currency), span=node.span)
        except Mistyped as problem:
            return self._comparison_problem(problem, node, left, right)

    def _state_of_subject(self, node: s.Comparison, scope: Scope) -> ir.Expression:
        """``n'est pas renouvelé``: a yes/no field of the subject."""
        if node.operator not in {"eq", "ne"}:
            self.resolver.sink.report("QD120", node.operator_span)
            return FAILED
        inner = self.resolver.yes_or_no(self.resolver.expression(node.right, scope), node.right.span)
        if inner.type.kind == "error":
            return FAILED
        return ir.Not(inner, span=node.span) if node.operator == "ne" else inner

    def continued(self, node: s.Logic, scope: Scope) -> list[s.Expression]:
        """``montant est supérieur à 5 et inférieur à 10``: the second test is about what the first one is."""
        parts: list[s.Expression] = []
        left: s.Expression | None = None
        for part in node.parts:
            made: s.Expression = part
            if isinstance(part, (s.Comparison, s.Between, s.Membership)):
                own = part.left if isinstance(part, s.Comparison) else part.operand
                if own is not None:
                    left = own
                elif left is not None and not self._is_state(part, scope):
                    made = (
                        attrs.evolve(part, left=left)
                        if isinstance(part, s.Comparison)
                        else attrs.evolve(part, operand=left)
                    )
            parts.append(made)
        return parts

    def _is_state(self, part: s.Comparison | s.Between | s.Membership, scope: Scope) -> bool:
        if not isinstance(part, s.Comparison) or part.operator not in {"eq", "ne"}:
            return False
        with self.resolver.muted():
            return self.resolver.expression(part.right, scope).type.kind == "boolean"

    def _outside(self, node: s.Expression, scope: Scope, left: ir.Expression) -> ir.Expression:
        """``contrats dont contact = le contact``: the same words on the right mean what is outside the filter."""
        outer = attrs.evolve(scope, items=scope.items[1:])
        with self.resolver.muted():
            found = self.resolver.expression(node, outer, left.type)
        return left if found.type.kind == "error" else self.resolver.expression(node, outer, left.type)

    def _comparison_problem(
        self, problem: Mistyped, node: s.Comparison, left: ir.Expression, right: ir.Expression
    ) -> ir.Expression:
        span, fixes = node.span, list[tuple[str, Span, str]]()
        if problem.code == "QD205":
            span = node.right.span
            fixes = [("percent", Span(span.end, span.end), " %")]
        elif problem.code == "QD110":
            span = node.right.span if right.type.kind == "text" else node.span
            if problem.args_["suggestions"]:
                fixes = [("replace_by", span, f"'{problem.args_['suggestions'][0]}'")]
        elif problem.code in {"QD201", "QD203"}:
            self.resolver.sink.report("QD201", node.right.span, left=left.type, right=right.type)
            return FAILED
        return self.resolver.mistyped(problem, span, fixes)

    def _state_of(self, left: ir.Expression, node: s.Comparison, scope: Scope) -> ir.Expression | None:
        """``le contrat n'est pas renouvelé``: a yes/no field of the object on the left."""
        if left.type.kind != "reference" or node.operator not in {"eq", "ne"} or not isinstance(node.right, s.Run):
            return None
        toks = self.resolver.tables.toks(node.right)
        if any(tok.stem is None for tok in toks):
            return None
        found = self.resolver.reader.field_reading(left, tuple(tok.stem or "" for tok in toks), ("state",))
        if found is None or found.expression.type.kind != "boolean":
            return None
        self.resolver.forms[node.right.span] = found.form
        return found.expression

    def choices(self, left: ir.Expression, right: ir.Expression) -> tuple[ir.Expression, ir.Expression]:
        if left.type.kind == "choice":
            named = right.type.kind == "text"
            return left, self.resolver.coerced(right, left.type, self.resolver.choices_of(left)) if named else right
        if right.type.kind == "choice" and left.type.kind == "text":
            return self.resolver.coerced(left, right.type, self.resolver.choices_of(right)), right
        return left, right

    def _operand(self, node: s.Expression | None, scope: Scope, span: Span) -> ir.Expression:
        """The left side of a test; ``il`` is the time of day."""
        if node is None:
            self.resolver.sink.report("QD120", span)
            return FAILED
        return self._time_of_day(node) or self.resolver.expression(node, scope)

    def _time_of_day(self, node: s.Expression) -> ir.Expression | None:
        """``il``, ``it``: the time of day, where it is compared."""
        if not isinstance(node, s.Run) or len(node.items) != 1 or not isinstance(node.items[0], s.Phrase):
            return None
        if tuple(self.resolver.tables.name_key_of(node.items[0].words)) not in self.resolver.time_subjects:
            return None
        self.resolver.forms[node.span] = ("time_subject",)
        return ir.Apply("time_of_day", (ir.Apply("now", (), DATETIME),), TIME)

    def between(self, node: s.Between, scope: Scope) -> ir.Expression:
        operand = self._operand(node.operand, scope, node.span)
        low = self.resolver.expression(node.low, scope, operand.type)
        high = self.resolver.expression(node.high, scope, operand.type)
        try:
            operand, low = unify(operand, low, self.resolver.currency)
            operand, high = unify(operand, high, self.resolver.currency)
        except Mistyped as problem:
            return self.resolver.mistyped(problem, node.span)
        function = "time_between" if operand.type.kind == "time" else "between"
        made = ir.Apply(function, (operand, low, high), BOOLEAN, span=node.span)
        return ir.Not(made, span=node.span) if node.negated else made

    def membership(self, node: s.Membership, scope: Scope) -> ir.Expression:
        operand = self._operand(node.operand, scope, node.span)
        items: list[ir.Expression] = []
        for item in node.items:
            value = self.resolver.expression(item, scope, operand.type)
            try:
                _, value = self.choices(operand, value)
                _, value = unify(operand, value, self.resolver.currency)
            except Mistyped as problem:
                fixes = []
                if problem.code == "QD110" and problem.args_["suggestions"]:
                    fixes = [("replace_by", item.span, f"'{problem.args_['suggestions'][0]}'")]
                value = self.resolver.mistyped(problem, item.span, fixes)
            items.append(value)
        if operand.type.kind == "error" or any(i.type.kind == "error" for i in items):
            return FAILED
        made = ir.Apply("one_of", (operand, *items), BOOLEAN, span=node.span)
        return ir.Not(made, span=node.span) if node.negated else made


def _wanted_beside(node: s.Expression) -> Type | None:
    """The type a literal asks of what it is compared with, for the suggestions about an unknown name."""
    if not isinstance(node, s.Run) or len(node.items) != 1:
        return None
    item = node.items[0]
    if isinstance(item, s.Text):
        return TEXT
    if not isinstance(item, s.Literal):
        return None
    members: dict[str, tuple[Type, ...]] = {
        "number": (NUMBER, MONEY, PERCENTAGE),
        "quantity": (NUMBER,),
        "money": (MONEY,),
        "percentage": (PERCENTAGE,),
    }
    found = members.get(item.kind)
    return union_of(found) if found is not None else None
