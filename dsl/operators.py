"""The typing of operators and conversions: which overload is meant, or why there is none."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import attrs

from . import ir
from .fold import fold
from .suggest import closest
from .types import BOOLEAN, DATE, DATETIME, DURATION, MONEY, NUMBER, PERCENTAGE, TEXT, Type, number_in
from .units import product, quotient
from .values import ANY_CURRENCY, Money


class Mistyped(Exception):
    """An operator or conversion has no meaning for these types; ``code`` and ``args`` make the diagnostic."""

    def __init__(self, code: str, **args: Any) -> None:
        super().__init__(code)
        self.code = code
        self.args_ = args


FAILED = ir.Constant(None, Type("error"))
"""What stands for an expression that could not be resolved and was reported."""

NUMERIC = frozenset({"number", "integer"})
ORDERED = frozenset({"number", "integer", "money", "percentage", "date", "datetime", "time", "duration", "text"})


def kind_of(type_: Type) -> str:
    """The kind of a type, whole numbers counted as numbers."""
    return "number" if type_.kind == "integer" else type_.kind


def is_bare_number(expression: ir.Expression) -> bool:
    """True for a number written without a unit, negated or not."""
    if isinstance(expression, ir.Apply) and expression.function == "negate":
        return is_bare_number(expression.arguments[0])
    return isinstance(expression, ir.Constant) and expression.type == NUMBER


def constant_number(expression: ir.Expression) -> Decimal:
    if isinstance(expression, ir.Apply):
        return -constant_number(expression.arguments[0])
    assert isinstance(expression, ir.Constant) and isinstance(expression.value, Decimal)
    return expression.value


def fits(given: Type, expected: Type) -> bool:
    """True where a value of type ``given`` may stand where ``expected`` is wanted, conversions included."""
    if "error" in (given.kind, expected.kind) or given.kind == "empty":
        return True
    if expected.kind == "any":
        return given.kind in {"reference", "any"} or (given.kind == "union" and _all_references(given))
    if expected.kind == "union":
        if given.kind == "union":
            return all(fits(member, expected) for member in given.members)
        return any(fits(given, member) for member in expected.members)
    if given.kind == "union":
        return False
    left, right = kind_of(given), kind_of(expected)
    if left == right:
        if left == "number":
            return given.unit is None or expected.unit is None or given.unit == expected.unit
        if left == "reference":
            return given.object == expected.object
        if left == "list":
            return fits(given.members[0], expected.members[0])
        return True
    return (left, right) in {("date", "datetime"), ("datetime", "date"), ("text", "choice"), ("choice", "text")}


def _all_references(type_: Type) -> bool:
    return all(member.kind == "reference" for member in type_.members)


def coerce(
    expression: ir.Expression, expected: Type, currency: str, choices: Iterable[ir.Choice] = ()
) -> ir.Expression:
    """The expression as a value of type ``expected``. Raises :class:`Mistyped`."""
    given = expression.type
    if "error" in (given.kind, expected.kind):
        return expression
    if given.kind == "empty":
        return ir.Constant(None, expected, span=expression.span)
    if is_bare_number(expression):
        if expected.kind == "money":
            return ir.Constant(Money(constant_number(expression), currency), MONEY, span=expression.span)
        if expected.kind == "percentage":
            number = constant_number(expression)
            if number != 0:
                raise Mistyped("QD205", number=number)
            return ir.Constant(number, PERCENTAGE, span=expression.span)
        if expected.kind == "integer" and constant_number(expression) % 1 != 0:
            raise Mistyped("QD225", number=constant_number(expression))
        if expected.kind in NUMERIC:
            return ir.Constant(constant_number(expression), expected, span=expression.span)
    if isinstance(expression, ir.If) and expected.kind in {"choice", "money", "percentage"} and given != expected:
        return attrs.evolve(
            expression,
            then=coerce(expression.then, expected, currency, choices),
            otherwise=coerce(expression.otherwise, expected, currency, choices),
            type=expected,
        )
    if expected.kind == "choice" and given.kind == "text":
        return coerce_choice(expression, expected, tuple(choices))
    if expected == PERCENTAGE and is_ratio(expression):
        return as_percentage(expression)
    if expected.kind == "integer" and given.kind == "number" and not is_whole(expression):
        raise Mistyped("QD226")
    if not fits(given, expected):
        if kind_of(given) == kind_of(expected) == "number":
            raise Mistyped("QD206", found=given.unit, expected=expected.unit)
        raise Mistyped("QD203", expected=expected, found=given)
    if expected.kind == "datetime" and given.kind == "date":
        return ir.Apply("to_datetime", (expression,), DATETIME, span=expression.span)
    if expected.kind == "date" and given.kind == "datetime":
        return ir.Apply("to_date", (expression,), DATE, span=expression.span)
    if expected.kind == "text" and given.kind == "choice":
        return as_text(expression)
    return expression


def is_whole(expression: ir.Expression) -> bool:
    """True where an expression can only give whole numbers."""
    match expression:
        case ir.Constant():
            return isinstance(expression.value, Decimal) and expression.value % 1 == 0
        case ir.Aggregate():
            return expression.kind == "count" or expression.type.kind == "integer"
        case ir.If():
            return is_whole(expression.then) and is_whole(expression.otherwise)
        case ir.Apply() if expression.function in {"add", "subtract", "multiply", "negate", "absolute"}:
            return all(is_whole(argument) for argument in expression.arguments)
        case ir.Apply() if expression.function in {"minimum_of_two", "maximum_of_two"}:
            return all(is_whole(argument) for argument in expression.arguments)
        case ir.Apply() if expression.function == "round":
            return expression.arguments[1] == ir.Constant(Decimal(0), NUMBER)
        case ir.Apply():
            return expression.function in _WHOLE
        case _:
            return expression.type.kind == "integer"


_WHOLE = frozenset({"round_up", "round_down", "length", "year", "month", "day", "weekday", "number_of_days"})


def as_text(expression: ir.Expression) -> ir.Expression:
    """A value as people read it, in the project's language; missing when it is missing."""
    return ir.Interpolate((expression,), span=expression.span)


def coerce_choice(expression: ir.Expression, expected: Type, choices: tuple[ir.Choice, ...]) -> ir.Expression:
    """A text as a value of a choice: by any of its names. Raises :class:`Mistyped` for another text."""
    if not isinstance(expression, ir.Constant) or not isinstance(expression.value, str):
        return expression
    wanted = unicodedata.normalize("NFC", expression.value)
    for choice in choices:
        if wanted in choice.names.values():
            return ir.Constant(choice.name, expected, span=expression.span)
    names = list(dict.fromkeys(name for choice in choices for name in choice.names.values()))
    by_fold = {fold(name): name for name in names}
    suggestions = [by_fold[name] for name in closest(fold(wanted), by_fold)]
    raise Mistyped("QD110", value=wanted, suggestions=suggestions, allowed=names)


def currencies(*expressions: ir.Expression) -> set[str]:
    """The currencies that are known before anything runs."""
    known: set[str] = set()
    for expression in expressions:
        if isinstance(expression, ir.Constant) and isinstance(expression.value, Money):
            if expression.value.currency != ANY_CURRENCY:
                known.add(expression.value.currency)
        elif isinstance(expression, ir.Apply) and expression.type == MONEY:
            known |= currencies(*expression.arguments)
        elif isinstance(expression, ir.If):
            known |= currencies(expression.then, expression.otherwise)
    return known


def unify(
    left: ir.Expression, right: ir.Expression, currency: str, *, beside: bool = True
) -> tuple[ir.Expression, ir.Expression]:
    """Both sides of a comparison as values of one type. Raises :class:`Mistyped`.

    A number without unit takes the currency of the amount it is ``beside``; otherwise that of the project.
    """
    bare = ANY_CURRENCY if beside else currency
    if "error" in (left.type.kind, right.type.kind):
        return left, right
    if right.type.kind == "empty":
        return left, ir.Constant(None, left.type, span=right.span)
    if left.type.kind == "empty":
        return ir.Constant(None, right.type, span=left.span), right
    if is_ratio(left) and right.type == PERCENTAGE:
        left = as_percentage(left)
    elif is_ratio(right) and left.type == PERCENTAGE:
        right = as_percentage(right)
    if is_bare_number(left) and not is_bare_number(right):
        return coerce(left, _beside(left, right.type), bare), right
    if {left.type.kind, right.type.kind} == {"text", "choice"}:
        # a text known before was made one of the choices; any other is compared with what people read
        return (as_text(left), right) if left.type.kind == "choice" else (left, as_text(right))
    if is_bare_number(right) or fits(right.type, left.type):
        taken = bare if is_bare_number(right) else currency
        right = (
            coerce(right, _beside(right, left.type), taken)
            if left.type.kind != "date"
            else _as_instants(right, left.type)
        )
        if left.type.kind == "date" and right.type.kind == "datetime":
            left = ir.Apply("to_datetime", (left,), DATETIME, span=left.span)
        if len(known := currencies(left, right)) > 1:
            raise Mistyped("QD207", currencies=sorted(known))
        return left, right
    if isinstance(right, ir.If):
        return left, coerce(right, left.type, currency)
    if kind_of(left.type) == kind_of(right.type) == "number":
        raise Mistyped("QD206", found=right.type.unit, expected=left.type.unit)
    if fits(left.type, right.type):
        return coerce(left, right.type, currency), right
    raise Mistyped("QD201", left=left.type, right=right.type)


def is_ratio(expression: ir.Expression) -> bool:
    """True for one value divided by another of the same unit, which may as well be said in per cent."""
    if not isinstance(expression, ir.Apply) or kind_of(expression.type) != "number" or expression.type.unit:
        return False
    return expression.function in {"ratio_money", "ratio", "divide"}


def as_percentage(ratio: ir.Expression) -> ir.Expression:
    """A ratio as a percentage: the same number."""
    return attrs.evolve(ratio, type=PERCENTAGE) if isinstance(ratio, ir.Apply) else ratio


def _beside(number: ir.Expression, other: Type) -> Type:
    """What a bare number becomes beside a value of a type: `count < 2.5` compares, though no count is 2.5."""
    whole = not is_bare_number(number) or constant_number(number) % 1 == 0
    return other if whole or other.kind != "integer" else NUMBER


def _as_instants(right: ir.Expression, left: Type) -> ir.Expression:
    return right if right.type.kind == "datetime" else coerce(right, left, "")


_COMPARISONS = {
    "eq": "equal",
    "ne": "not_equal",
    "lt": "less",
    "le": "less_or_equal",
    "gt": "greater",
    "ge": "greater_or_equal",
}
_TEXT_TESTS = {
    "contains": "contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
    "matches": "matches",
}


def comparison(operator: str, left: ir.Expression, right: ir.Expression, currency: str) -> ir.Expression:
    """A comparison by its concept (``eq``, ``lt``, ``contains``...). Raises :class:`Mistyped`."""
    if operator.startswith("not_"):
        return ir.Not(comparison(operator.removeprefix("not_"), left, right, currency))
    if operator in _TEXT_TESTS:
        if operator == "contains" and left.type.kind == "list":
            right = coerce(right, left.type.members[0], currency)
            return ir.Apply("list_contains", (left, right), BOOLEAN)
        for side in (left, right):
            if side.type.kind not in {"text", "choice", "error", "empty"}:
                raise Mistyped("QD201", left=left.type, right=right.type)
        return ir.Apply(_TEXT_TESTS[operator], (left, right), BOOLEAN)
    left, right = unify(left, right, currency)
    if operator not in {"eq", "ne"}:
        for side in (left, right):
            if side.type.kind not in ORDERED and side.type.kind != "error":
                raise Mistyped("QD219", type=side.type)
    return ir.Apply(_COMPARISONS[operator], (left, right), BOOLEAN)


def _number_unit(left: ir.Expression, right: ir.Expression) -> Type:
    if left.type.unit and right.type.unit and left.type.unit != right.type.unit:
        raise Mistyped("QD206", found=right.type.unit, expected=left.type.unit)
    return number_in(left.type.unit or right.type.unit)


def _take_unit(operator: str, left: ir.Expression, right: ir.Expression) -> tuple[ir.Expression, ir.Expression]:
    """A bare number added to or subtracted from money takes its unit."""
    if operator not in {"+", "-"}:
        return left, right
    if is_bare_number(right) and left.type.kind in {"money", "percentage"}:
        return left, coerce(right, left.type, ANY_CURRENCY)
    if is_bare_number(left) and right.type.kind == "money":
        return coerce(left, right.type, ANY_CURRENCY), right
    return left, right


def arithmetic(operator: str, left: ir.Expression, right: ir.Expression, currency: str) -> ir.Expression:
    """``left operator right`` with its overload resolved. Raises :class:`Mistyped`."""
    if "error" in (left.type.kind, right.type.kind):
        return left if left.type.kind == "error" else right
    left, right = _take_unit(operator, left, right)
    kinds = (kind_of(left.type), kind_of(right.type))
    if len(known := currencies(left, right)) > 1:
        raise Mistyped("QD207", currencies=sorted(known))
    made = _ARITHMETIC.get((operator, *kinds))
    if made is None:
        raise Mistyped("QD202", operator=operator, left=left.type, right=right.type)
    function, swap, result = made
    first, second = (right, left) if swap else (left, right)
    if function in {"add_duration", "subtract_duration"} and needs_instant(second):
        first = ir.Apply("to_datetime", (first,), DATETIME, span=first.span)
        function, result = f"{function}_instant", DATETIME
    if result is not None:
        return ir.Apply(function, (first, second), result)
    return ir.Apply(function, (first, second), _number_result(operator, function, first, second))


def _number_result(operator: str, function: str, first: ir.Expression, second: ir.Expression) -> Type:
    if function in {"percent_on", "percent_off"}:
        return first.type
    if function == "percent_of":
        return PERCENTAGE if isinstance(second, ir.Constant) else number_in(second.type.unit)
    if operator in {"+", "-"}:
        return _number_unit(first, second)
    if operator == "^":
        if first.type.unit is None:
            return NUMBER
        if isinstance(second, ir.Constant) and second.value in (1, 2, 3):
            unit = first.type.unit
            for _ in range(int(str(second.value)) - 1):
                unit = _unit(product, unit, first.type.unit) or ""
            return number_in(unit)
        raise Mistyped("QD206", found=None, expected=first.type.unit)
    return number_in(_unit(product if operator == "*" else quotient, first.type.unit, second.type.unit))


def _unit(combine: Any, left: str | None, right: str | None) -> str | None:
    try:
        return combine(left, right)
    except ValueError:
        raise Mistyped("QD206", found=right, expected=left) from None


_ARITHMETIC: dict[tuple[str, str, str], tuple[str, bool, Type | None]] = {
    ("+", "number", "number"): ("add", False, None),
    ("-", "number", "number"): ("subtract", False, None),
    ("*", "number", "number"): ("multiply", False, None),
    ("/", "number", "number"): ("divide", False, None),
    ("^", "number", "number"): ("power", False, None),
    ("+", "money", "money"): ("add_money", False, MONEY),
    ("-", "money", "money"): ("subtract_money", False, MONEY),
    ("*", "money", "number"): ("multiply_money", False, MONEY),
    ("*", "number", "money"): ("multiply_money", True, MONEY),
    ("/", "money", "number"): ("divide_money", False, MONEY),
    ("/", "money", "money"): ("ratio_money", False, NUMBER),
    ("+", "number", "percentage"): ("percent_on", False, None),
    ("-", "number", "percentage"): ("percent_off", False, None),
    ("*", "number", "percentage"): ("percent_of", True, None),
    ("*", "percentage", "number"): ("percent_of", False, None),
    ("+", "money", "percentage"): ("percent_on_money", False, MONEY),
    ("-", "money", "percentage"): ("percent_off_money", False, MONEY),
    ("*", "money", "percentage"): ("percent_of_money", True, MONEY),
    ("*", "percentage", "money"): ("percent_of_money", False, MONEY),
    ("+", "percentage", "percentage"): ("add_percentage", False, PERCENTAGE),
    ("-", "percentage", "percentage"): ("subtract_percentage", False, PERCENTAGE),
    ("/", "percentage", "number"): ("divide_percentage", False, PERCENTAGE),
    ("/", "percentage", "percentage"): ("ratio", False, NUMBER),
    ("+", "text", "text"): ("concatenate", False, TEXT),
    ("+", "date", "duration"): ("add_duration", False, DATE),
    ("+", "duration", "date"): ("add_duration", True, DATE),
    ("-", "date", "duration"): ("subtract_duration", False, DATE),
    ("+", "datetime", "duration"): ("add_duration_instant", False, DATETIME),
    ("+", "duration", "datetime"): ("add_duration_instant", True, DATETIME),
    ("-", "datetime", "duration"): ("subtract_duration_instant", False, DATETIME),
    ("+", "duration", "duration"): ("add_durations", False, DURATION),
    ("-", "duration", "duration"): ("subtract_durations", False, DURATION),
    ("*", "duration", "number"): ("multiply_duration", False, DURATION),
    ("*", "number", "duration"): ("multiply_duration", True, DURATION),
    ("-", "date", "date"): ("days_between", False, DURATION),
    ("-", "datetime", "datetime"): ("time_elapsed", False, DURATION),
}
"""(operator, kind, kind) to the function, whether its arguments are turned round, and its result where it is fixed."""


def needs_instant(expression: ir.Expression) -> bool:
    """True for a duration with a part smaller than a day, which turns a date into an instant."""
    from_value = expression.value if isinstance(expression, ir.Constant) else None
    seconds = getattr(from_value, "seconds", 0) or getattr(from_value, "business_seconds", 0)
    return bool(seconds)


def negative(operand: ir.Expression) -> ir.Expression:
    """``-operand``. Raises :class:`Mistyped`."""
    functions = {
        "number": "negate",
        "money": "negate_money",
        "percentage": "negate_percentage",
        "duration": "negate_duration",
    }
    kind = kind_of(operand.type)
    if kind == "error":
        return operand
    if kind not in functions:
        raise Mistyped("QD218", type=operand.type)
    if isinstance(operand, ir.Constant) and isinstance(operand.value, Decimal):
        return attrs.evolve(operand, value=-operand.value)
    if isinstance(operand, ir.Constant) and isinstance(operand.value, Money):
        return attrs.evolve(operand, value=Money(-operand.value.amount, operand.value.currency))
    return ir.Apply(functions[kind], (operand,), operand.type)
