"""Why a value is missing: which fields of which objects were empty, and whether it was merely copied."""

from __future__ import annotations

from ..dsl import ir
from ..dsl.values import Reference, Value
from .interpret import Scope, evaluate

EmptyField = tuple[Reference, str]
"""An object and the English name of its field that was empty."""

_CONVERSIONS = frozenset({"to_money", "to_datetime", "to_date", "key"})


def empty_fields(expression: ir.Expression, scope: Scope) -> list[EmptyField]:
    """The stored fields that made the expression missing or unknown, without repetition, as they are read."""
    return list(dict.fromkeys(_causes(expression, scope)))


def _causes(expression: ir.Expression, scope: Scope) -> list[EmptyField]:
    if evaluate(expression, scope) is not None:
        return []
    match expression:
        case ir.FieldOf():
            return _of_field(expression, scope)
        case ir.Apply():
            return _of_all(expression.arguments, scope)
        case ir.And() | ir.Or() | ir.Interpolate():
            return _of_all(expression.parts, scope)
        case ir.Not():
            return _causes(expression.operand, scope)
        case ir.If():
            return _of_all((expression.condition, _chosen(expression, scope)), scope)
        case ir.OrElse():
            return _causes(expression.otherwise, scope)
        case ir.Previous():
            return _causes(expression.value, scope.in_the_past())
        case ir.Global():
            return _causes(scope.model.definitions[expression.name].value, scope.with_variables({}))
        case ir.Decision():
            return _of_all(expression.inputs, scope)
        case ir.Lookup():
            return _causes(expression.key, scope)
        case _:
            return []


def _of_all(expressions: tuple[ir.Expression, ...], scope: Scope) -> list[EmptyField]:
    return [cause for expression in expressions for cause in _causes(expression, scope)]


def _of_field(expression: ir.FieldOf, scope: Scope) -> list[EmptyField]:
    owner = evaluate(expression.object, scope)
    if not isinstance(owner, Reference):
        return _causes(expression.object, scope)
    body = _body(owner, expression.field, scope)
    if body is not None:
        return _causes(body, scope.with_variables({"subject": owner})) or [(owner, expression.field)]
    return [(owner, expression.field)]


def _body(owner: Value, field: str, scope: Scope) -> ir.Expression | None:
    """What a computed field, or one with a default, is read from."""
    if not isinstance(owner, Reference) or scope.record(owner) is None:
        return None
    found = scope.model.field(owner.object, field)
    return None if found is None else found.definition or found.default


def _chosen(expression: ir.If, scope: Scope) -> ir.Expression:
    return expression.then if evaluate(expression.condition, scope) is True else expression.otherwise


def is_copy(expression: ir.Expression, scope: Scope) -> bool:
    """Whether a missing value is an empty field copied alone, or *empty* itself: assigning it empties the field.

    Anything computed is not: there, missing means that it could not be known.
    """
    match expression:
        case ir.Constant() | ir.Variable():
            return True
        case ir.FieldOf():
            owner = evaluate(expression.object, scope)
            body = _body(owner, expression.field, scope)
            return body is None or is_copy(body, scope.with_variables({"subject": owner}))
        case ir.If():
            return is_copy(_chosen(expression, scope), scope)
        case ir.OrElse():
            return is_copy(expression.otherwise, scope)
        case ir.Previous():
            return is_copy(expression.value, scope.in_the_past())
        case ir.Global():
            return is_copy(scope.model.definitions[expression.name].value, scope.with_variables({}))
        case ir.Aggregate():
            return expression.kind in {"first", "last"}
        case ir.Apply():
            return expression.function in _CONVERSIONS and is_copy(expression.arguments[0], scope)
        case _:
            return False
