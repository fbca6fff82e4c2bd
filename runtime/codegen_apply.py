"""Python expressions for the functions and operators of the IR.

Whatever a function is, ``f_<name>`` of the interpreter is its meaning: the templates here take a shorter way where the
values are of the class their type leads to expect, and call it otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from ..dsl import ir
from ..dsl.fold import fold
from ..dsl.values import ANY_CURRENCY, Money, Value
from .functions import FUNCTIONS, LENIENT, OF_PERCENTAGE
from .values import nfc

UNKNOWN: Any = object()
"""What stands for the value of an operand that is no constant."""


class Operand(NamedTuple):
    """What an expression became: the name or literal of its value, and what is known of it.

    ``logic``: ``"truth"`` is never missing, ``"logic"`` may be unknown, nothing else can be said of ``""``.
    """

    text: str
    constant: Value = UNKNOWN
    logic: str = ""

    @property
    def is_constant(self) -> bool:
        return self.constant is not UNKNOWN


NewConstant = Callable[[Any], str]

_ORDER = {"less": "<", "less_or_equal": "<=", "greater": ">", "greater_or_equal": ">="}
_CLASSES: dict[str, tuple[str, type]] = {
    "number": ("decimal", Decimal),
    "integer": ("decimal", Decimal),
    "percentage": ("decimal", Decimal),
    "date": ("date", date),
}
"""The class that values of a kind of type have, by the name generated code knows it under."""


def application(
    expression: ir.Apply, operands: Sequence[Operand], scope: str, constant: NewConstant
) -> tuple[str, str]:
    """The Python expression of a function over its operands, and its logic.

    Raises ``KeyError`` for a function that is none.
    """
    name = expression.function
    called = f"f_{name}"
    if name in OF_PERCENTAGE and expression.arguments[0].type.kind == "percentage":
        called = f"p_{name}"
    assert name in FUNCTIONS, name
    arguments = ", ".join([scope, *(operand.text for operand in operands)])
    general = f"{called}({arguments})"
    if name in {"equal", "not_equal"}:
        text = _equal(expression, operands, general.replace(called, "f_equal", 1), constant)
        return (text if name == "equal" else f"not ({text})"), "truth"
    if name == "one_of":
        return _one_of(operands, general, constant), "truth"
    if name in LENIENT:
        return general, "truth"
    general = _unless_missing(operands, general)
    quick = _quick(expression, operands, constant)
    return (general if quick is None else f"{quick} else {general}"), "logic"


def _unless_missing(operands: Sequence[Operand], text: str) -> str:
    if any(operand.constant is None for operand in operands):
        return "None"
    tests = [f"{operand.text} is None" for operand in operands if not operand.is_constant]
    return f"None if {' or '.join(dict.fromkeys(tests))} else {text}" if tests else text


# --- equality -----------------------------------------------------------------------------------------------------


def _equal(expression: ir.Apply, operands: Sequence[Operand], general: str, constant: NewConstant) -> str:
    left, right = operands
    if left.is_constant:
        left, right = right, left
    value = right.constant
    if left.is_constant:
        return general
    if value is None:
        return f"{left.text} is None"
    if isinstance(value, str) and nfc(value) == value:
        return (
            f"({left.text} == {right.text} or (not {left.text}.isascii() and {general}))"
            f" if {left.text}.__class__ is text else {left.text} is not None and {general}"
        )
    if isinstance(value, bool):
        return f"{left.text} is {right.text}"
    if isinstance(value, Decimal):
        return f"{left.text} == {right.text} if {left.text}.__class__ is decimal else {general}"
    if right.is_constant:
        return general
    kinds = {argument.type.kind for argument in expression.arguments}
    if kinds == {"text"} or kinds == {"choice"}:
        both = f"{left.text}.__class__ is text and {right.text}.__class__ is text"
        return f"({both} and {left.text} == {right.text}) or {general}"
    return general


def _one_of(operands: Sequence[Operand], general: str, constant: NewConstant) -> str:
    value, *others = operands
    if value.is_constant or not others:
        return general
    constants = [other.constant for other in others]
    if all(isinstance(each, str) and nfc(each) == each for each in constants):
        found = f"({value.text} in {constant(frozenset(constants))} or (not {value.text}.isascii() and {general}))"
        return f"{found} if {value.text}.__class__ is text else {general}"
    if all(isinstance(each, Decimal) for each in constants):
        return f"{value.text} in {constant(frozenset(constants))} if {value.text}.__class__ is decimal else {general}"
    return general


# --- short ways ---------------------------------------------------------------------------------------------------


def _quick(expression: ir.Apply, operands: Sequence[Operand], constant: NewConstant) -> str | None:
    """``<value> if <the values are as expected>``, or nothing shorter."""
    name = expression.function
    if name in _ORDER:
        return _order(expression, operands, constant)
    if name == "between":
        value, low, high = (operand.text for operand in operands)
        guard = _guard(expression, operands)
        return None if guard is None else f"{low} <= {value} <= {high} if {guard}"
    quick = _TEXT_TESTS.get(name)
    if quick is not None and isinstance(operands[1].constant, str) and not operands[0].is_constant:
        value = operands[0].text
        return f"{quick.format(value=value, part=constant(fold(operands[1].constant)))} if {value}.__class__ is text"
    return None


_TEXT_TESTS = {
    "contains": "{part} in fold({value})",
    "starts_with": "fold({value}).startswith({part})",
    "ends_with": "fold({value}).endswith({part})",
    "matches": "wildcard(fold({value}), {part})",
}


def _order(expression: ir.Apply, operands: Sequence[Operand], constant: NewConstant) -> str | None:
    left, right = operands
    sign = _ORDER[expression.function]
    guard = _guard(expression, operands)
    if guard is not None:
        return f"{left.text} {sign} {right.text} if {guard}"
    if {argument.type.kind for argument in expression.arguments} != {"money"} or left.is_constant:
        return None
    if isinstance(right.constant, Money):
        amount, currency = constant(right.constant.amount), constant(right.constant.currency)
        if right.constant.currency == ANY_CURRENCY:
            return f"{left.text}[0] {sign} {amount} if {left.text}.__class__ is money"
        return f"{left.text}[0] {sign} {amount} if {left.text}.__class__ is money and {left.text}[1] == {currency}"
    if right.is_constant:
        return None
    return (
        f"{left.text}[0] {sign} {right.text}[0] if {left.text}.__class__ is money"
        f" and {right.text}.__class__ is money and {left.text}[1] == {right.text}[1]"
    )


def _guard(expression: ir.Apply, operands: Sequence[Operand]) -> str | None:
    """What makes sure that all values are of the one class their types lead to expect, if there is such a class."""
    known = _CLASSES.get(expression.arguments[0].type.kind)
    if known is None:
        return None
    name, cls = known
    if any(operand.is_constant and type(operand.constant) is not cls for operand in operands):
        return None
    tests = [f"{operand.text}.__class__ is {name}" for operand in operands if not operand.is_constant]
    return " and ".join(dict.fromkeys(tests)) if tests else None
