"""Conditions and rows for the agreement of SQL with the interpreter: drawn by numbers, so that thousands are quick.

Values often meet, miss or clash: missing ones, texts with accents, decimals of many digits, days around changes of the
clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from random import Random
from typing import Any

import attrs

import quand
from quand.dsl import ir
from quand.dsl.types import BOOLEAN, DATE, DATETIME, DURATION, MONEY, NUMBER, PERCENTAGE, TEXT, TIME, Type, reference_to
from quand.dsl.values import ANY_CURRENCY, Duration, Money, Reference, Value

VOCABULARY = """\
vocabulary: none
object a deal
  a number: text, identifier
  a name: text
  a stage: one of 'New', 'Won', 'Perdue'
  an amount: money
  a cost: money
  a length: number
  a count: integer
  a rate: percentage
  a flag: yes or no
  a due date: date
  a start: date and time
  an hour: time
  a contact: contact
  an agent: contact
  a margin: money, default amount - 10 %
  a label: text, default name
object a contact
  a name: text, unique
  a city: text
  a bonus: money, default 0
  a score: number
  a vip: yes or no
  a birthday: date
  a friend: contact
event a call missed
  a contact: contact
  a channel: text
define the weight of a deal = length + count
define the late of a deal = due date is before today
define the worth of a contact = number of deals whose contact = the contact
define the limit = 100 €
table the grade of a deal: number, first row
  | amount          | stage  | result |
  | > 100 €         | 'Won'  | 3      |
  | from 1 € to 100 € |      | 2      |
  | otherwise       |        | 1      |
"""

IDENTIFIERS: Mapping[str, Sequence[str]] = {
    "deal": ("D-1", "D-2", "D-3", "D-4", "D-5", "Dé-6"),
    "contact": ("C-1", "C-2", "Élodie"),
    "call missed": ("m1", "m2", "m3"),
}
TEXTS = (
    "Or",
    "or",
    "Éclair",
    "éclair",
    "Œuvre d'art",
    "Straße",
    "a*b_c%",
    "Or Or",
    "d’été",
    "100 %",
    "Łódź",
    "x!y",
    "É",
)
NUMBERS = tuple(
    Decimal(n)
    for n in ("0", "1", "-1", "2.5", "0.05", "3", "7", "100", "1234567890.1234", "-2.5", "0.0001", "99999999999")
)
RATES = tuple(Decimal(n) for n in ("0", "0.05", "0.1", "1", "0.0525", "-0.2", "0.333"))
AMOUNTS = tuple(
    Money(Decimal(amount), currency)
    for amount, currency in (
        ("0", "EUR"), ("5", "EUR"), ("100", "EUR"), ("100.01", "EUR"), ("-2.5", "EUR"), ("12345678.9", "EUR"),
        ("0.0001", "EUR"), ("50", "EUR"), ("5", "USD"),
    )
)  # fmt: skip
DATES = (
    date(2026, 1, 31), date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 27), date(2028, 2, 29), date(2026, 11, 26),
    date(2026, 12, 31), date(1999, 12, 31),
)  # fmt: skip
INSTANTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-11-27T09:00:00", "2026-11-26T23:00:00", "2026-11-26T22:59:59.999999", "2026-03-29T00:59:59",
        "2026-03-29T01:00:00", "2026-10-25T00:30:00", "2026-10-25T01:30:00", "2026-01-30T23:00:00",
    )
)  # fmt: skip
LOCAL_INSTANTS = tuple(
    datetime.fromisoformat(text) for text in ("2026-11-27T10:00:00", "2026-03-29T02:30:00", "2026-10-25T02:30:00")
)
TIMES = (time(0, 0), time(9, 30), time(20, 0), time(8, 0), time(23, 59, 59))
DURATIONS = (
    Duration(days=1), Duration(days=30), Duration(months=1), Duration(seconds=Decimal(5400)), Duration(days=-3),
    Duration(seconds=Decimal("0.5")), Duration(months=13, days=2), Duration(),
)  # fmt: skip
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)

DEAL, CONTACT, CALL = reference_to("deal"), reference_to("contact"), reference_to("call missed")
INTEGER = Type("integer")
STAGE_OPTIONS = ("New", "Won", "Perdue")

FIELDS: Mapping[str, Mapping[str, Type]] = {
    "deal": {
        "name": TEXT, "stage": Type("choice", options=STAGE_OPTIONS), "amount": MONEY, "cost": MONEY, "length": NUMBER,
        "count": INTEGER, "rate": PERCENTAGE, "flag": BOOLEAN, "due date": DATE, "start": DATETIME, "hour": TIME,
        "contact": CONTACT, "agent": CONTACT, "margin": MONEY, "label": TEXT, "created at": DATETIME, "id": TEXT,
        "weight": NUMBER, "late": BOOLEAN, "grade": NUMBER,
    },
    "contact": {
        "name": TEXT, "city": TEXT, "bonus": MONEY, "score": NUMBER, "vip": BOOLEAN, "birthday": DATE,
        "friend": CONTACT, "worth": NUMBER,
    },
    "call missed": {"contact": CONTACT, "channel": TEXT, "created at": DATETIME},
}  # fmt: skip
STORED = {
    kind: {name: type_ for name, type_ in fields.items() if name not in {"weight", "late", "grade", "worth", "id"}}
    for kind, fields in FIELDS.items()
}


def program() -> Any:
    """The vocabulary, compiled."""
    return quand.compile_text(VOCABULARY, language="en")


def value_of(random: Random, type_: Type) -> Value:
    """A value of that type, never missing."""
    match type_.kind:
        case "reference":
            return Reference(type_.object or "", random.choice((*IDENTIFIERS[type_.object or ""], "gone")))
        case "choice":
            return random.choice(STAGE_OPTIONS)
        case "boolean":
            return random.random() < 0.5
        case "money":
            return random.choice(AMOUNTS[:-1]) if random.random() < 0.98 else AMOUNTS[-1]
        case kind:
            return random.choice(_VALUES[kind])


_VALUES: Mapping[str, Sequence[Any]] = {
    "text": TEXTS,
    "number": NUMBERS,
    "integer": NUMBERS[:3],
    "percentage": RATES,
    "date": DATES,
    "datetime": INSTANTS,
    "time": TIMES,
    "duration": DURATIONS,
}


def rows(random: Random) -> dict[Reference, dict[str, Value]]:
    """Objects and occurrences; a fourth of their fields are empty."""
    made: dict[Reference, dict[str, Value]] = {}
    names: set[Value] = set()
    for kind, identifiers in IDENTIFIERS.items():
        for identifier in identifiers:
            record = {name: value_of(random, type_) for name, type_ in STORED[kind].items() if random.random() < 0.75}
            if kind == "contact":
                if record.get("name") in names:
                    record.pop("name", None)
                names.add(record.get("name"))
            made[Reference(kind, identifier)] = record
    return made


# --- conditions ---------------------------------------------------------------------------------------------------

_A = [NUMBER, NUMBER]
_FUNCTIONS: Mapping[str, Sequence[tuple[str, Sequence[Any]]]] = {
    "number": (
        ("add", _A), ("subtract", _A), ("multiply", _A), ("negate", [NUMBER]), ("percent_on", [NUMBER, PERCENTAGE]),
        ("percent_off", [NUMBER, PERCENTAGE]), ("percent_of", [PERCENTAGE, NUMBER]), ("divide", [NUMBER, Decimal(4)]),
        ("number_of_days", [DATE, DATE]), ("round", [NUMBER, Decimal(1)]), ("round_up", [NUMBER]),
        ("round_down", [NUMBER]), ("absolute", [NUMBER]), ("minimum_of_two", _A), ("maximum_of_two", _A),
        ("length", [TEXT]), ("year", [DATE]), ("month", [DATETIME]), ("day", [DATE]), ("weekday", [DATETIME]),
    ),
    "money": (
        ("add_money", [MONEY, MONEY]), ("subtract_money", [MONEY, MONEY]), ("multiply_money", [MONEY, NUMBER]),
        ("divide_money", [MONEY, Decimal(8)]), ("percent_on_money", [MONEY, PERCENTAGE]),
        ("percent_off_money", [MONEY, PERCENTAGE]), ("percent_of_money", [PERCENTAGE, MONEY]),
        ("negate_money", [MONEY]),
        ("round", [MONEY, Decimal(0)]), ("round_down", [MONEY]), ("absolute", [MONEY]),
        ("maximum_of_two", [MONEY, MONEY]), ("to_money", [NUMBER]),
    ),
    "percentage": (
        ("add_percentage", [PERCENTAGE, PERCENTAGE]), ("subtract_percentage", [PERCENTAGE, PERCENTAGE]),
        ("multiply_percentage", [PERCENTAGE, NUMBER]), ("negate_percentage", [PERCENTAGE]),
        ("divide_percentage", [PERCENTAGE, Decimal(2)]), ("round", [PERCENTAGE, Decimal(1)]),
        ("round_up", [PERCENTAGE]), ("round_down", [PERCENTAGE]),
    ),
    "text": (("concatenate", [TEXT, TEXT]), ("uppercase", [TEXT]), ("lowercase", [TEXT]), ("key", [CONTACT])),
    "date": (
        ("add_duration", [DATE, "civil"]), ("subtract_duration", [DATE, "civil"]), ("today", []), ("tomorrow", []),
        ("yesterday", []), ("to_date", [DATETIME]), ("minimum_of_two", [DATE, DATE]),
    ),
    "datetime": (
        ("now", []), ("ago", [None]), ("in_duration", [None]), ("add_duration_instant", [DATETIME, None]),
        ("subtract_duration_instant", [DATETIME, None]), ("date_at", [DATE, TIME]), ("to_datetime", [DATE]),
    ),
    "time": (("time_of_day", [DATETIME]),),
    "duration": (("days_between", [DATE, DATE]), ("time_elapsed", [DATETIME, DATETIME])),
    "boolean": (
        ("time_between", [DATETIME, "time", "time"]), ("contains", [TEXT, "text"]), ("starts_with", [TEXT, "text"]),
        ("ends_with", [TEXT, "text"]), ("matches", [TEXT, "pattern"]), ("contains", [TEXT, TEXT]),
    ),
}  # fmt: skip
FUNCTION_NAMES = sorted({name for group in _FUNCTIONS.values() for name, _ in group})

_ORDERED = (NUMBER, MONEY, PERCENTAGE, DATE, DATETIME, TIME, DURATION, TEXT)
_COMPARED = (*_ORDERED, BOOLEAN, FIELDS["deal"]["stage"], CONTACT)
_ORDERS = ("less", "less_or_equal", "greater", "greater_or_equal")
_PATTERNS = ("*or*", "é*", "*%", "a*_c*", "Or", "*", "x!*", "d'*")

AGGREGATES = ("count", "sum", "minimum", "maximum", "exists", "none", "all", "first", "last")

TYPES: Mapping[str, Type] = {
    "boolean": BOOLEAN,
    "number": NUMBER,
    "money": MONEY,
    "percentage": PERCENTAGE,
    "text": TEXT,
    "date": DATE,
    "datetime": DATETIME,
    "time": TIME,
    "duration": DURATION,
}

_NEAR = {"year": (2026, 2027), "month": (11, 12, 3), "day": (27, 28, 29), "weekday": (4, 5, 6), "length": (2, 3, 6)}
"""Numbers that functions are often worth."""

Names = Mapping[str, Type]


class Conditions:
    """Draws conditions over the vocabulary."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def one(self) -> tuple[str, ir.Expression]:
        """The type of the subject and a condition over it."""
        form = self._random.random()
        if form < 0.35:
            # those that are rarely met by chance
            return self.about(self._pick(AGGREGATES if form < 0.2 else FUNCTION_NAMES))
        kind = self._random.choice(("deal", "deal", "deal", "contact", "call missed"))
        return kind, self._of(BOOLEAN, {"subject": reference_to(kind)}, self._pick((1, 2, 2, 3)))

    def about(self, function: str) -> tuple[str, ir.Expression]:
        """A type of subject and a condition that hangs on a function, an operator or an aggregate."""
        names = {"subject": DEAL}
        if function in AGGREGATES:
            return self._asked(function)
        if function in {"equal", "not_equal", "one_of", *_ORDERS, "between"}:
            compared = self._pick(_COMPARED if function in {"equal", "not_equal", "one_of"} else _ORDERED)
            left = self._leaf(compared, names)
            others = [self._leaf(compared, names) for _ in range(2 if function == "between" else 1)]
            if function == "one_of":
                others = [self._constant(compared) for _ in range(3)]
            return "deal", ir.Apply(function, (left, *others), BOOLEAN)
        made, type_ = self._pick(
            [(each, kind) for kind, group in _FUNCTIONS.items() for each in group if each[0] == function]
        )
        result = TYPES[type_]
        applied = ir.Apply(function, tuple(self._argument(each, names, 0) for each in made[1]), result)
        if type_ == "boolean":
            return "deal", applied
        compare = self._pick(("equal", "less", "greater_or_equal"))
        other = self._pick(
            (self._leaf(result, names), self._constant(result), applied.arguments[0] if made[1] else None)
        )
        if other is None or other.type.kind != result.kind:
            other = self._leaf(result, names)
        if function in _NEAR:
            other = ir.Constant(Decimal(self._pick(_NEAR[function])), NUMBER)
        return "deal", ir.Apply(compare, (applied, other), BOOLEAN)

    def _asked(self, kind: str) -> tuple[str, ir.Expression]:
        """A condition that hangs on an aggregate."""
        subject = self._pick(("deal", "contact"))
        names = {"subject": reference_to(subject)}
        collection, inner = self._collection(self._pick(("deal", "deal", "contact")), names, 1)
        if kind in {"exists", "none"}:
            return subject, ir.Aggregate(kind, collection, None, BOOLEAN)
        if kind == "all":
            return subject, ir.Aggregate(kind, collection, self._of(BOOLEAN, inner, 1), BOOLEAN)
        compare = self._pick(("equal", "less", "greater_or_equal"))
        if kind in {"first", "last"}:
            collection = attrs.evolve(collection, object="contact", via=None, owner=None, where=None, since=None)
            order = ir.FieldOf(
                ir.Variable(collection.variable, CONTACT), self._pick(("score", "bonus", "birthday")), NUMBER
            )
            order = attrs.evolve(order, type=FIELDS["contact"][order.field])
            first = ir.Aggregate(kind, collection, None, CONTACT, order, self._random.random() < 0.5)
            return subject, ir.Apply("equal", (first, self._leaf(CONTACT, names)), BOOLEAN)
        if kind == "count":
            counted = ir.Aggregate(kind, collection, None, NUMBER)
            limit = ir.Constant(self._pick((Decimal(0), Decimal(1), Decimal(2), Decimal(3))), NUMBER)
            return subject, ir.Apply(compare, (counted, limit), BOOLEAN)
        type_ = self._pick((NUMBER, MONEY) if kind == "sum" else (NUMBER, MONEY, DATE, TEXT))
        total = ir.Aggregate(kind, collection, self._of(type_, inner, 0), type_)
        return subject, ir.Apply(compare, (total, self._of(type_, names, 0)), BOOLEAN)

    def _pick(self, choices: Sequence[Any]) -> Any:
        return self._random.choice(choices)

    def _of(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        if depth <= 0 or (type_.kind != "boolean" and self._random.random() < 0.4):
            return self._leaf(type_, names)
        forms = ["apply"] * 4 if type_.kind in _FUNCTIONS else ["leaf"]
        if type_.kind not in {"duration", "reference"}:
            forms += ["if", "else"]
        if type_.kind == "boolean":
            forms = ["compare"] * 8 + ["logic"] * 5 + ["ask"] * 2 + ["apply"] * 3 + ["leaf", "if"]
        if type_.kind in {"number", "money"}:
            forms += ["total"] * 2
        if type_.kind in {"date", "text"}:
            forms += ["total"]
        if type_.kind == "reference":
            forms += ["row", "lookup", "leaf", "leaf"]
        return getattr(self, f"_{self._pick(forms)}")(type_, names, depth - 1)

    def _leaf(self, type_: Type, names: Names, depth: int = 0) -> ir.Expression:
        found: list[ir.Expression] = []
        for name, of in names.items():
            variable = ir.Variable(name, of)
            if of == type_:
                found.append(variable)
            for field, its in FIELDS[of.object or ""].items():
                read = ir.FieldOf(variable, field, its)
                if its.kind == type_.kind and its.object == type_.object:
                    found += [read] * 3
                elif its == CONTACT:
                    found += [
                        ir.FieldOf(read, inner, other)
                        for inner, other in FIELDS["contact"].items()
                        if other.kind == type_.kind and other.object == type_.object
                    ]
        if type_ == MONEY:
            found.append(ir.Global("limit", MONEY))
        if found and self._random.random() < 0.75:
            return self._pick(found)
        return self._constant(type_)

    def _constant(self, type_: Type) -> ir.Expression:
        if self._random.random() < 0.05:
            return ir.Constant(None, type_)
        if type_.kind == "datetime" and self._random.random() < 0.3:
            return ir.Constant(self._pick(LOCAL_INSTANTS), type_)
        value = value_of(self._random, type_)
        if isinstance(value, Money) and (value.currency != "EUR" or self._random.random() < 0.4):
            value = Money(AMOUNTS[2].amount, ANY_CURRENCY)
        return ir.Constant(value, type_)

    def _argument(self, wanted: Any, names: Names, depth: int) -> ir.Expression:
        if isinstance(wanted, Type):
            return self._of(wanted, names, depth)
        if isinstance(wanted, Decimal):
            return ir.Constant(wanted, INTEGER)
        if wanted == "time":
            return ir.Constant(self._pick(TIMES), TIME)
        if wanted in {"text", "pattern"}:
            return ir.Constant(self._pick(TEXTS if wanted == "text" else _PATTERNS), TEXT)
        found = [each for each in DURATIONS if wanted is None or not each.seconds]
        return ir.Constant(self._pick(found), DURATION)

    def _apply(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        function, arguments = self._pick(_FUNCTIONS[type_.kind])
        return ir.Apply(function, tuple(self._argument(each, names, depth) for each in arguments), type_)

    def _if(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        test = self._of(BOOLEAN, names, depth)
        return ir.If(test, self._of(type_, names, depth), self._of(type_, names, depth), type_)

    def _else(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        return ir.OrElse(self._of(type_, names, depth), self._of(type_, names, depth), type_)

    def _compare(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        form = self._pick(("equal", "equal", "not_equal", "one_of", "order", "order", "order", "between"))
        compared = self._pick(_ORDERED if form in {"order", "between"} else _COMPARED)
        left = self._of(compared, names, depth)
        if form == "one_of":
            others = [self._constant(compared) for _ in range(self._random.randint(1, 3))]
            return ir.Apply(form, (left, *others), BOOLEAN)
        if form == "between":
            return ir.Apply(form, (left, self._constant(compared), self._of(compared, names, 0)), BOOLEAN)
        function = self._pick(_ORDERS) if form == "order" else form
        right = self._of(compared, names, self._pick((0, 0, depth)))
        if compared == DATE and self._random.random() < 0.2:
            right = self._of(DATETIME, names, 0)
        return ir.Apply(function, (left, right), BOOLEAN)

    def _logic(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        form = self._pick((ir.And, ir.Or, ir.Not))
        if form is ir.Not:
            return ir.Not(self._of(BOOLEAN, names, depth))
        return form(tuple(self._of(BOOLEAN, names, depth) for _ in range(self._random.randint(2, 3))))

    def _collection(self, kind: str, names: Names, depth: int) -> tuple[ir.Collection, Names]:
        variable = f"each{1 + sum(name.startswith('each') for name in names)}"
        inner = {**names, variable: reference_to(kind)}
        via = owner = None
        if self._random.random() < 0.7:
            via = "friend" if kind == "contact" else "contact"
            owner = self._of(CONTACT, names, 0)
        where = self._of(BOOLEAN, inner, min(depth, 1)) if self._random.random() < 0.6 else None
        since = (
            ir.Constant(self._pick(DURATIONS), DURATION) if kind != "contact" and self._random.random() < 0.2 else None
        )
        return ir.Collection(kind, variable, via, None, owner, where, since), inner

    def _total(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        kinds = ["minimum", "maximum"]
        kinds += ["sum", "sum"] if type_.kind in {"number", "money"} else []
        kind = self._pick([*kinds, *(["count", "count"] if type_.kind == "number" else [])])
        collection, inner = self._collection(self._pick(("deal", "deal", "contact", "call missed")), names, depth)
        value = None if kind == "count" else self._of(type_, inner, min(depth, 1))
        return ir.Aggregate(kind, collection, value, type_)

    def _ask(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        kind = self._pick(("exists", "none", "all"))
        collection, inner = self._collection(self._pick(("deal", "deal", "contact", "call missed")), names, depth)
        value = self._of(BOOLEAN, inner, min(depth, 1)) if kind == "all" else None
        return ir.Aggregate(kind, collection, value, BOOLEAN)

    def _row(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        collection, inner = self._collection(type_.object or "", names, depth)
        kinds = tuple(each for each in _ORDERED if each != DURATION)
        order = self._of(self._pick(kinds), inner, 0) if self._random.random() < 0.7 else None
        return ir.Aggregate(self._pick(("first", "last")), collection, None, type_, order, self._random.random() < 0.5)

    def _lookup(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        texts = (*IDENTIFIERS["contact"], *TEXTS[:4])
        return ir.Lookup("contact", ir.Constant(self._pick(texts), TEXT), type_)
