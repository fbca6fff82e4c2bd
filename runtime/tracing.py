"""The trace of conditions: what each part was worth, asked for with ``--trace`` and by ``quand explain``.

Nothing here runs unless a trace is asked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..dsl import ir
from ..dsl.node import Node, node
from ..dsl.values import Value
from .interpret import Scope, evaluate
from .missing import EmptyField, empty_fields
from .model import Model
from .problems import problem
from .results import plain


@node
class Explained(Node):
    """A part of a condition and what it was worth: ``True``, ``False`` or ``None``, unknown.

    ``parts`` are those of *and*, *or*, *not*; ``operands`` the values compared, with the expressions they come from;
    ``empty`` the fields that made it unknown, ``message`` says so in the project's language.
    """

    expression: ir.Expression
    value: Value
    parts: tuple[Explained, ...] = ()
    operands: tuple[tuple[ir.Expression, Value], ...] = ()
    empty: tuple[EmptyField, ...] = ()
    message: str | None = None


@node
class Watched(Node):
    """A trigger and whether it happened to the subject.

    ``expression`` is what it looks at, if anything, ``before`` and ``after`` what that was worth. ``empty`` are the
    fields that left a comparison undecided, after.
    """

    trigger: ir.Trigger
    happened: bool
    expression: ir.Expression | None = None
    before: Value = None
    after: Value = None
    empty: tuple[EmptyField, ...] = ()


@node
class TraceEntry(Node):
    """A rule that listened: its subject, whether its triggers happened, its condition, and what came of it.

    ``result``: ``fired otherwise condition trigger once invalid`` (the condition was not true, the trigger did not
    happen, it had fired already, today is outside its dates). ``triggers`` are those that the wave may have set off;
    ``at`` is the due instant of the timer or tick that rang, if one did.
    """

    rule: str
    object: str | None
    wave: int
    result: str
    condition: Explained | None = None
    triggers: tuple[Watched, ...] = ()
    at: datetime | None = None


def explain(expression: ir.Expression, scope: Scope) -> Explained:
    """The parts of a condition with their values. Raises what :func:`~.interpret.evaluate` raises."""
    value = evaluate(expression, scope)
    match expression:
        case ir.And() | ir.Or():
            return Explained(expression, value, tuple(explain(part, scope) for part in expression.parts))
        case ir.Not():
            return Explained(expression, value, (explain(expression.operand, scope),))
        case ir.Apply():
            operands = tuple(
                (argument, evaluate(argument, scope))
                for argument in expression.arguments
                if not isinstance(argument, ir.Constant)
            )
        case _:
            operands = ((expression, value),)
    empty = tuple(empty_fields(expression, scope)) if value is None else ()
    return Explained(expression, value, (), operands, empty, _unknown(empty, scope.model) if empty else None)


def trace_entry(entry: TraceEntry, settings: ir.Settings) -> dict[str, Any]:
    """An entry as JSON shows it."""
    return {
        "rule": entry.rule,
        "object": entry.object,
        "wave": entry.wave,
        "result": entry.result,
        "condition": None if entry.condition is None else _part(entry.condition, settings),
    }


def _part(part: Explained, settings: ir.Settings) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "test": _name(part.expression),
        "value": plain(part.value, settings.currency),
    }
    if part.parts:
        shown["parts"] = [_part(inner, settings) for inner in part.parts]
    if part.operands:
        shown["operands"] = [
            {"of": _name(expression), "value": plain(value, settings.currency)} for expression, value in part.operands
        ]
    if part.empty:
        shown["empty"] = [{"object": reference.id, "field": field} for reference, field in part.empty]
        shown["message"] = part.message
    return shown


def _name(expression: ir.Expression) -> str:
    """A short name for an expression: the operator, the path of fields, the kind of aggregate."""
    match expression:
        case ir.Apply():
            return expression.function
        case ir.FieldOf():
            owner = _name(expression.object)
            return expression.field if owner == "subject" else f"{owner}.{expression.field}"
        case ir.Variable() | ir.Global():
            return expression.name
        case ir.Aggregate():
            return f"{expression.kind} {expression.collection.object}"
        case ir.Previous():
            return f"previous {_name(expression.value)}"
        case _:
            return type(expression).__name__.lower()


def _unknown(empty: tuple[EmptyField, ...], model: Model) -> str:
    names = [model.field_name(reference.object, field) for reference, field in empty]
    return problem("QD503", model.settings.language, args={"fields": names, "count": len(names)}).message
