"""What a condition asks of the stored fields of its subject, seen before it is evaluated.

A condition is looked into only as far as evaluating it cannot fail: comparing amounts of two currencies fails, and so
does a number too large to be written. Numbers are *ordinary* when they are in the project's currency and have fewer
than a hundred digits; a few operations on such numbers never fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from ..dsl import ir
from ..dsl.values import ANY_CURRENCY, Money
from .model import Model
from .stores.port import Record
from .values import nfc

OTHER: Any = object()
"""The key of values that no condition is indexed by."""


class Wanted(NamedTuple):
    """A condition on a stored field of the subject: its value must have one of these keys."""

    field: str
    keys: frozenset[Any]
    absent: Any
    """The key of a record without the field: ``None``, or that of *no* for a yes/no field."""


class Bound(NamedTuple):
    """A condition on a stored number or amount of the subject, unknown when missing; ``sign`` is ``< <= > >=``."""

    field: str
    sign: str
    limit: Decimal
    currency: str | None


def key_of(value: Any) -> Any:
    """What equal values have in common."""
    if value is None:
        return None
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, bool | Decimal):
        return value.__class__, value
    return value if isinstance(value, Money) else OTHER


_NO = key_of(False)
_SIGNS = {"less": "<", "less_or_equal": "<=", "greater": ">", "greater_or_equal": ">="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
MOST_DIGITS = 100


def number_fields(kind: str, model: Model) -> tuple[str, ...]:
    """The fields of a type that hold numbers."""
    return tuple(name for name, field in model.fields(kind).items() if field.type.kind in _NUMBERS)


def has_ordinary_numbers(record: Record, fields: tuple[str, ...], currency: str) -> bool:
    """Whether those fields of a record hold ordinary numbers, if any; ``currency`` is the project's."""
    for name in fields:
        value: Any = record.get(name)
        if value is None:
            continue
        if isinstance(value, Money):
            if value.currency != currency:
                return False
            value = value.amount
        if not -MOST_DIGITS < value.adjusted() < MOST_DIGITS:
            return False
    return True


def wanted_by(
    condition: ir.Expression | None, kind: str | None, model: Model, *, fallible: bool = False
) -> Iterator[Wanted | Bound]:
    """What must be true of stored fields of the subject, of type ``kind``, for the condition to be true.

    Only what is evaluated before anything that can fail; with ``fallible``, all.
    """
    pending = [] if condition is None or kind is None else [condition]
    while pending:
        part = pending.pop()
        if isinstance(part, ir.And):
            pending += reversed(part.parts)
            continue
        if not fallible and not is_safe(part, kind or "", model):
            return
        wanted = _equality(part, kind or "", model) or _bound(part, kind or "", model)
        if wanted is not None:
            yield wanted


def _equality(part: ir.Expression, kind: str, model: Model) -> Wanted | None:
    match part:
        case ir.Apply(function="equal", arguments=(ir.FieldOf() as field, ir.Constant() as constant)):
            values = (constant.value,)
        case ir.Apply(function="equal", arguments=(ir.Constant() as constant, ir.FieldOf() as field)):
            values = (constant.value,)
        case ir.Apply(function="one_of", arguments=(ir.FieldOf() as field, *others)):
            values = tuple(other.value if isinstance(other, ir.Constant) else OTHER for other in others)
        case ir.FieldOf() as field if field.type.kind == "boolean":
            values = (True,)
        case ir.Not(operand=ir.FieldOf() as field) if field.type.kind == "boolean":
            values = (False,)
        case _:
            return None
    declared = _own(field, kind, model)
    if declared is None or declared.type.kind in {"date", "datetime"}:
        return None
    if any(isinstance(value, Money) and value.currency == ANY_CURRENCY for value in values):
        return None
    keys = frozenset(key_of(value) for value in values)
    return None if OTHER in keys else Wanted(field.field, keys, _NO if declared.type.kind == "boolean" else None)


def _bound(part: ir.Expression, kind: str, model: Model) -> Bound | None:
    match part:
        case ir.Apply(function=name, arguments=(ir.FieldOf() as field, ir.Constant() as constant)) if name in _SIGNS:
            sign = _SIGNS[name]
        case ir.Apply(function=name, arguments=(ir.Constant() as constant, ir.FieldOf() as field)) if name in _SIGNS:
            sign = _TURNED[_SIGNS[name]]
        case ir.Apply(function="between", arguments=(ir.FieldOf() as field, ir.Constant() as constant, _)):
            sign = ">="
        case _:
            return None
    declared = _own(field, kind, model)
    value = constant.value
    if declared is None or not _is_ordinary_constant(constant, model):
        return None
    if isinstance(value, Money) and declared.type.kind == "money":
        return Bound(field.field, sign, value.amount, value.currency or model.settings.currency)
    if isinstance(value, Decimal) and declared.type.kind in {"number", "integer", "percentage"}:
        return Bound(field.field, sign, value, None)
    return None


def _own(field: ir.FieldOf, kind: str, model: Model) -> ir.Field | None:
    """A stored field of the subject."""
    owner = field.object
    if not isinstance(owner, ir.Variable) or owner.name != "subject" or not model.is_stored(kind, field.field):
        return None
    return model.field(kind, field.field)


_SURE = frozenset({"equal", "not_equal", "one_of", "contains", "starts_with", "ends_with", "matches"})
_UNSURE_KINDS = frozenset({"datetime", "duration", "list", "error"})
_ORDERS = frozenset({"less", "less_or_equal", "greater", "greater_or_equal", "between"})
_ORDERED_KINDS = {"number": "number", "integer": "number", "percentage": "number", "date": "date", "money": "money"}
_ARITHMETIC = frozenset(
    "add subtract multiply divide negate add_money subtract_money multiply_money divide_money ratio_money negate_money "
    "percent_on percent_off percent_of percent_on_money percent_off_money percent_of_money add_percentage "
    "subtract_percentage multiply_percentage divide_percentage negate_percentage ratio".split()
)
_NUMBERS = frozenset({"number", "integer", "percentage", "money"})
_MOST_PARTS = 50
"""So few operations on numbers of so few digits stay far below the largest number there is."""


def is_safe(expression: ir.Expression, kind: str, model: Model) -> bool:
    """Whether evaluating an expression over a subject of that type cannot fail, its numbers being ordinary ones."""
    pending, count = [expression], 0
    while pending:
        part, count = pending.pop(), count + 1
        if count > _MOST_PARTS:
            return False
        match part:
            case ir.Constant():
                if not _is_ordinary_constant(part, model):
                    return False
            case ir.Variable():
                continue
            case ir.FieldOf():
                inner = _read_by(part, kind, model)
                if inner is None:
                    return False
                pending += inner
            case ir.And() | ir.Or():
                pending += part.parts
            case ir.Not():
                pending.append(part.operand)
            case ir.If():
                pending += (part.condition, part.then, part.otherwise)
            case ir.Previous():
                pending.append(part.value)
            case ir.Apply():
                if not _is_sure(part):
                    return False
                pending += part.arguments
            case _:
                return False
    return True


def _is_ordinary_constant(part: ir.Constant, model: Model) -> bool:
    value = part.value
    if isinstance(value, Money):
        if value.currency not in (model.settings.currency, ANY_CURRENCY):
            return False
        value = value.amount
    return not isinstance(value, Decimal) or -MOST_DIGITS < value.adjusted() < MOST_DIGITS


def _read_by(part: ir.FieldOf, kind: str, model: Model) -> list[ir.Expression] | None:
    """What else is evaluated to read a field, or ``None`` where that may fail: numbers are the subject's own."""
    if isinstance(part.object, ir.Variable) and part.object.name == "subject":
        field = model.field(kind, part.field)
        body = field and (field.definition or field.default)
        return [] if body is None else [body]
    owner = part.object.type.object if part.object.type.kind == "reference" else None
    stored = owner is not None and (model.is_stored(owner, part.field) or part.field == "id")
    return [part.object] if stored and part.type.kind not in _NUMBERS else None


def _is_sure(part: ir.Apply) -> bool:
    kinds = {argument.type.kind for argument in part.arguments}
    if part.function in _SURE:
        return not kinds & _UNSURE_KINDS
    if part.function in _ARITHMETIC:
        return kinds <= _NUMBERS
    compared = {_ORDERED_KINDS.get(kind) for kind in kinds}
    return part.function in _ORDERS and len(compared) == 1 and None not in compared
