"""What can be known of conditions before they run: never true, or never true together.

A conjunction is read as bounds on the values it compares with constants; anything else is left aside, so that an answer
of ``True`` is certain and one of ``False`` only means that nothing was proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal

from . import ir
from .values import ANY_CURRENCY, Money, Value


class Bounds:
    """What is known of one value: the constants it may equal, those it may not, and the range it lies in."""

    __slots__ = ("allowed", "excluded", "high", "high_open", "low", "low_open")

    def __init__(self) -> None:
        self.allowed: set[Value] | None = None
        self.excluded: set[Value] = set()
        self.low: Decimal | None = None
        self.high: Decimal | None = None
        self.low_open = False
        self.high_open = False

    def allow(self, values: Iterable[Value]) -> None:
        found = set(values)
        self.allowed = found if self.allowed is None else self.allowed & found

    def above(self, value: Decimal, *, strict: bool) -> None:
        if self.low is None or self.low < value or (self.low == value and strict):
            self.low, self.low_open = value, strict

    def equal_to(self, value: Value) -> None:
        """The value, whatever the currency of the amount."""
        found = comparable(value)
        if found is not None:
            self.above(found, strict=False)
            self.below(found, strict=False)

    def below(self, value: Decimal, *, strict: bool) -> None:
        if self.high is None or value < self.high or (self.high == value and strict):
            self.high, self.high_open = value, strict

    def and_also(self, other: Bounds) -> Bounds:
        """What is known when both hold."""
        made = Bounds()
        for bounds in (self, other):
            if bounds.allowed is not None:
                made.allow(bounds.allowed)
            made.excluded |= bounds.excluded
            if bounds.low is not None:
                made.above(bounds.low, strict=bounds.low_open)
            if bounds.high is not None:
                made.below(bounds.high, strict=bounds.high_open)
        return made

    def impossible(self) -> bool:
        """True when no value satisfies all that is known."""
        if self.low is not None and self.high is not None:
            if self.high < self.low or (self.low == self.high and (self.low_open or self.high_open)):
                return True
        if self.allowed is None:
            return False
        return not any(self._accepts(value) for value in self.allowed)

    def _accepts(self, value: Value) -> bool:
        if value in self.excluded:
            return False
        if self.low is None and self.high is None:
            return True
        bound = comparable(value)
        if bound is None:
            return False
        if self.low is not None and (bound < self.low or (bound == self.low and self.low_open)):
            return False
        return self.high is None or not (self.high < bound or (bound == self.high and self.high_open))


def comparable(value: Value) -> Decimal | None:
    """A constant as a number in the order of its kind; ``None`` for what has none here."""
    match value:
        case Money():
            return value.amount
        case Decimal():
            return value
        case datetime():
            days = Decimal(value.toordinal())
            return days + _seconds(value.time()) / _DAY
        case date():
            return Decimal(value.toordinal())
        case time():
            return _seconds(value)
        case _:
            return None


_DAY = Decimal(86_400)


def _seconds(value: time) -> Decimal:
    return Decimal(value.hour * 3600 + value.minute * 60 + value.second) + Decimal(value.microsecond) / 1_000_000


def _of_any_currency(value: Value) -> bool:
    return isinstance(value, Money) and value.currency == ANY_CURRENCY


def conjuncts(condition: ir.Expression | None) -> Iterator[ir.Expression]:
    """The parts that must all be true."""
    if isinstance(condition, ir.And):
        for part in condition.parts:
            yield from conjuncts(part)
    elif condition is not None:
        yield condition


class Facts:
    """What conditions say of the values they compare, by the value; ``false`` when one is never true by itself."""

    __slots__ = ("false", "known")

    def __init__(self, *conditions: ir.Expression | None) -> None:
        self.known: dict[ir.Expression, Bounds] = {}
        self.false = False
        for condition in conditions:
            for part in conjuncts(condition):
                if isinstance(part, ir.Constant) and part.value is False:
                    self.false = True
                _learn(part, self.known, negated=False)

    def contradictory(self) -> bool:
        """True when the conditions can certainly not all be true for one object at one moment."""
        return self.false or any(bounds.impossible() for bounds in self.known.values())

    def excludes(self, other: Facts) -> bool:
        """True when both can certainly not be true for one object at one moment."""
        few, many = (self, other) if len(self.known) <= len(other.known) else (other, self)
        for value, bounds in few.known.items():
            found = many.known.get(value)
            if found is not None and bounds.and_also(found).impossible():
                return True
        return False


def never_true(*conditions: ir.Expression | None) -> bool:
    """True when the conditions can certainly not all be true for one object at one moment."""
    return Facts(*conditions).contradictory()


def _learn(part: ir.Expression, known: dict[ir.Expression, Bounds], *, negated: bool) -> None:
    match part:
        case ir.Not():
            _learn(part.operand, known, negated=not negated)
        case ir.Apply():
            _learn_comparison(part, known, negated=negated)
        case ir.FieldOf():
            known.setdefault(part, Bounds()).allow([not negated])
        case _:
            return


_NEGATED = {
    "less": "greater_or_equal",
    "less_or_equal": "greater",
    "greater": "less_or_equal",
    "greater_or_equal": "less",
    "equal": "not_equal",
    "not_equal": "equal",
}
_MIRRORED = {
    "less": "greater",
    "greater": "less",
    "less_or_equal": "greater_or_equal",
    "greater_or_equal": "less_or_equal",
}


def _learn_difference(
    function: str, left: ir.Expression, right: ir.Expression, known: dict[ir.Expression, Bounds]
) -> None:
    """``payé < dû`` and ``payé ≥ dû`` cannot both be: what is known is the sign of their difference."""
    if repr(right) < repr(left):
        left, right, function = right, left, _MIRRORED.get(function, function)
    bounds = known.setdefault(ir.Apply("difference", (left, right), left.type), Bounds())
    zero = Decimal(0)
    match function:
        case "less":
            bounds.below(zero, strict=True)
        case "less_or_equal":
            bounds.below(zero, strict=False)
        case "greater":
            bounds.above(zero, strict=True)
        case "greater_or_equal":
            bounds.above(zero, strict=False)
        case _:
            return


def _learn_comparison(part: ir.Apply, known: dict[ir.Expression, Bounds], *, negated: bool) -> None:
    function, arguments = part.function, part.arguments
    if function == "between" and not negated:
        low, high = arguments[1:]
        for name, bound in (("greater_or_equal", low), ("less_or_equal", high)):
            _learn_comparison(ir.Apply(name, (arguments[0], bound), part.type), known, negated=False)
        return
    if function == "one_of":
        if all(isinstance(a, ir.Constant) and not _of_any_currency(a.value) for a in arguments[1:]):
            values = [a.value for a in arguments[1:] if isinstance(a, ir.Constant)]
            bounds = known.setdefault(arguments[0], Bounds())
            bounds.excluded.update(values) if negated else bounds.allow(values)
        return
    if len(arguments) != 2:
        return
    subject, other = arguments
    if isinstance(subject, ir.Constant) and not isinstance(other, ir.Constant):
        subject, other = other, subject
        function = _MIRRORED.get(function, function)
    if isinstance(subject, ir.Constant):
        return
    if negated:
        function = _NEGATED.get(function, "")
    if not isinstance(other, ir.Constant):
        _learn_difference(function, subject, other, known)
        return
    bounds = known.setdefault(subject, Bounds())
    if _of_any_currency(other.value):
        if function == "equal":
            bounds.equal_to(other.value)
    elif function == "equal":
        bounds.allow([other.value])
    elif function == "not_equal":
        bounds.excluded.add(other.value)
    bound = comparable(other.value)
    if bound is None:
        return
    if function in {"greater", "greater_or_equal"}:
        bounds.above(bound, strict=function == "greater")
    elif function in {"less", "less_or_equal"}:
        bounds.below(bound, strict=function == "less")
