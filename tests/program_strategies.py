"""Programs and data for properties: every class of expression, over values that often meet, miss or clash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from quand.dsl import ir
from quand.dsl.types import (
    ANY_OBJECT,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    MONEY,
    NUMBER,
    PERCENTAGE,
    TEXT,
    TIME,
    Type,
    choice_of,
    list_of,
    number_in,
    reference_to,
    union_of,
)
from quand.dsl.values import Duration, Money, Reference, Value

DEAL, CONTACT, CALL = reference_to("deal"), reference_to("contact"), reference_to("missed call")
STAGES = ("New", "Won", "Perdue")
STAGE = choice_of(STAGES)
INTEGER = Type("integer")

STORED: Mapping[str, Mapping[str, Type]] = {
    "deal": {
        "name": TEXT,
        "stage": STAGE,
        "amount": MONEY,
        "price": MONEY,
        "length": number_in("m"),
        "count": INTEGER,
        "rate": PERCENTAGE,
        "renewed": BOOLEAN,
        "due": DATE,
        "start": DATETIME,
        "hour": TIME,
        "delay": DURATION,
        "contact": CONTACT,
        "followers": list_of(CONTACT),
        "topic": ANY_OBJECT,
        "party": union_of((CONTACT, TEXT)),
    },
    "contact": {"name": TEXT, "city": TEXT, "bonus": MONEY, "friend": CONTACT, "vip": BOOLEAN, "points": NUMBER},
    "missed call": {"contact": CONTACT, "channel": TEXT, "cost": MONEY},
}
"""Stored fields by object; some get a default in a generated program."""

IDENTIFIERS = {"deal": ("D-1", "D-2", "D-3"), "contact": ("C-1", "C-2", "Or"), "missed call": ("m1", "m2")}

TEXTS = ("", "Or", "or", "Éclair", "E\u0301clair", "éclair", "K", "\u212a", "a*b", "*clair", "Œuvre", "ß", "Or Or")
NUMBERS = tuple(Decimal(n) for n in ("0", "1", "1.0", "-1", "2.5", "0.05", "3", "1E+6000", "7", "0.1"))
AMOUNTS = tuple(
    Money(Decimal(amount), currency)
    for amount, currency in (("0", "EUR"), ("5", "EUR"), ("5.00", "EUR"), ("100", "EUR"), ("-2.5", "EUR"), ("5", "USD"))
)
DATES = (date(2026, 1, 31), date(2026, 3, 29), date(2026, 11, 27), date(1, 1, 1), date(9999, 12, 31), date(2028, 2, 29))
INSTANTS = (
    datetime(2026, 11, 27, 9, 0, tzinfo=UTC),
    datetime(2026, 11, 26, 23, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
)
LOCAL_INSTANTS = (datetime(2026, 11, 27, 10, 0), datetime(2026, 3, 29, 2, 30), datetime(2026, 11, 27, 0, 0))  # noqa: DTZ001
TIMES = (time(0, 0), time(9, 30), time(20, 0), time(8, 0))
DURATIONS = (
    Duration(),
    Duration(days=1),
    Duration(months=1),
    Duration(seconds=Decimal(86400)),
    Duration(business_days=2),
    Duration(business_seconds=Decimal(5400)),
    Duration(days=-3),
    Duration(months=120_000),
)


def values_of(type_: Type) -> st.SearchStrategy[Value]:
    """Values a stored field of that type may hold."""
    match type_.kind:
        case "reference":
            found: Sequence[Value] = [
                Reference(type_.object or "", name) for name in (*IDENTIFIERS[type_.object or ""], "?")
            ]
        case "list":
            members = st.lists(values_of(type_.members[0]), max_size=3)
            return members.map(tuple)
        case "union":
            return st.one_of(*(values_of(member) for member in type_.members))
        case "any":
            return st.one_of(values_of(DEAL), values_of(CONTACT))
        case kind:
            found = _VALUES[kind]
    return st.sampled_from(found)


_VALUES: Mapping[str, Sequence[Value]] = {
    "text": TEXTS,
    "choice": STAGES,
    "number": NUMBERS,
    "integer": NUMBERS[:4],
    "percentage": NUMBERS,
    "money": AMOUNTS,
    "boolean": (True, False),
    "date": DATES,
    "datetime": INSTANTS,
    "time": TIMES,
    "duration": DURATIONS,
}


@st.composite
def records(draw: st.DrawFn, kind: str) -> dict[str, Value]:
    """A stored record; any field may be missing, and seldom a reference is to an object of another type."""
    fields = STORED[kind]
    missing = draw(st.sets(st.sampled_from(sorted(fields)), max_size=6))
    record = {name: draw(values_of(fields[name])) for name in fields if name not in missing}
    if draw(st.integers(0, 15)) == 0:
        record["friend" if kind == "contact" else "contact"] = Reference("deal", "D-1")
    if draw(st.booleans()):
        record["created at"] = draw(st.sampled_from(INSTANTS))
    return record


@st.composite
def data(draw: st.DrawFn) -> dict[Reference, dict[str, Value]]:
    """A small set of objects and occurrences."""
    rows: dict[Reference, dict[str, Value]] = {}
    for kind, names in IDENTIFIERS.items():
        for name in names:
            if draw(st.integers(0, 3)):
                rows[Reference(kind, name)] = draw(records(kind))
    return rows


# --- expressions ----------------------------------------------------------------------------------------------------

_ARITHMETIC: Mapping[str, Sequence[tuple[str, tuple[Type, ...]]]] = {
    "number": (
        ("add", (NUMBER, NUMBER)),
        ("subtract", (NUMBER, NUMBER)),
        ("multiply", (NUMBER, NUMBER)),
        ("divide", (NUMBER, NUMBER)),
        ("power", (NUMBER, INTEGER)),
        ("negate", (NUMBER,)),
        ("percent_on", (NUMBER, PERCENTAGE)),
        ("percent_off", (NUMBER, PERCENTAGE)),
        ("percent_of", (PERCENTAGE, NUMBER)),
        ("ratio_money", (MONEY, MONEY)),
        ("ratio", (PERCENTAGE, PERCENTAGE)),
        ("number_of_days", (DATE, DATE)),
        ("round", (NUMBER, INTEGER)),
        ("round_up", (NUMBER,)),
        ("absolute", (NUMBER,)),
        ("minimum_of_two", (NUMBER, NUMBER)),
        ("length", (TEXT,)),
        ("year", (DATE,)),
        ("weekday", (DATETIME,)),
    ),
    "money": (
        ("add_money", (MONEY, MONEY)),
        ("subtract_money", (MONEY, MONEY)),
        ("multiply_money", (MONEY, NUMBER)),
        ("divide_money", (MONEY, NUMBER)),
        ("percent_on_money", (MONEY, PERCENTAGE)),
        ("percent_of_money", (PERCENTAGE, MONEY)),
        ("negate_money", (MONEY,)),
        ("round_down", (MONEY,)),
        ("maximum_of_two", (MONEY, MONEY)),
        ("to_money", (NUMBER,)),
    ),
    "percentage": (
        ("add_percentage", (PERCENTAGE, PERCENTAGE)),
        ("multiply_percentage", (PERCENTAGE, NUMBER)),
        ("negate_percentage", (PERCENTAGE,)),
        ("round", (PERCENTAGE, INTEGER)),
    ),
    "text": (("concatenate", (TEXT, TEXT)), ("uppercase", (TEXT,)), ("lowercase", (TEXT,)), ("key", (CONTACT,))),
    "date": (
        ("add_duration", (DATE, DURATION)),
        ("today", ()),
        ("tomorrow", ()),
        ("to_date", (DATETIME,)),
        ("maximum_of_two", (DATE, DATE)),
    ),
    "datetime": (
        ("now", ()),
        ("ago", (DURATION,)),
        ("add_duration_instant", (DATETIME, DURATION)),
        ("date_at", (DATE, TIME)),
        ("to_datetime", (DATE,)),
    ),
    "time": (("time_of_day", (DATETIME,)),),
    "duration": (
        ("days_between", (DATE, DATE)),
        ("time_elapsed", (DATETIME, DATETIME)),
        ("add_durations", (DURATION, DURATION)),
        ("multiply_duration", (DURATION, NUMBER)),
    ),
    "boolean": (
        ("time_between", (DATETIME, TIME, TIME)),
        ("list_contains", (list_of(CONTACT), CONTACT)),
        ("contains", (TEXT, TEXT)),
        ("starts_with", (TEXT, TEXT)),
        ("ends_with", (TEXT, TEXT)),
        ("matches", (TEXT, TEXT)),
    ),
}

_ORDERED = (NUMBER, MONEY, PERCENTAGE, DATE, DATETIME, TIME, DURATION, TEXT)
_COMPARED = (*_ORDERED, BOOLEAN, STAGE, CONTACT)
_ORDERS = ("less", "less_or_equal", "greater", "greater_or_equal")

Names = Mapping[str, Type]
"""The objects in scope by name."""


class Terms:
    """Draws expressions over the fields of a vocabulary: those stored, and those already given a body."""

    def __init__(
        self, draw: st.DrawFn, fields: Mapping[str, Mapping[str, Type]], definitions: Mapping[str, Type]
    ) -> None:
        self.draw = draw
        self.fields = fields
        self.definitions = definitions

    def pick(self, choices: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(choices))

    def expression(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        """An expression of that type, at most ``depth`` levels deep."""
        if depth <= 0 or self.draw(st.integers(0, 3)) == 0:
            return self.leaf(type_, names)
        forms: list[str] = ["if", "else", "leaf"]
        if type_.kind in _ARITHMETIC:
            forms += ["apply"] * 3
        if type_.kind == "boolean":
            forms += ["compare"] * 4 + ["logic"] * 4 + ["ask"] * 2
        if type_.kind in {"number", "money"}:
            forms += ["total", "table"]
        if type_.kind == "text":
            forms += ["text"] * 2
        if type_.kind == "reference":
            forms += ["row", "lookup"]
        return getattr(self, f"_{self.pick(forms)}")(type_, names, depth - 1)

    def leaf(self, type_: Type, names: Names) -> ir.Expression:
        """A constant, a field, an object or a definition."""
        found: list[ir.Expression] = [ir.Variable(name, of) for name, of in names.items() if of == type_]
        for name, of in names.items():
            for field, its in self.fields.get(of.object or "", {}).items():
                if its.kind == type_.kind and its.object == type_.object:
                    found.append(ir.FieldOf(ir.Variable(name, of), field, its))
                elif its == CONTACT:
                    found += [
                        ir.FieldOf(ir.FieldOf(ir.Variable(name, of), field, its), inner, other)
                        for inner, other in self.fields["contact"].items()
                        if other.kind == type_.kind and other.object == type_.object
                    ]
        found += [ir.Global(name, of) for name, of in self.definitions.items() if of == type_]
        if found and self.draw(st.integers(0, 2)):
            chosen: ir.Expression = self.pick(found)
            return ir.Previous(chosen, type_) if self.draw(st.integers(0, 7)) == 0 else chosen
        if type_.kind in {"reference", "list"}:
            return found[0] if found else ir.Constant(None, type_)
        return self.constant(type_)

    def constant(self, type_: Type) -> ir.Expression:
        if self.draw(st.integers(0, 9)) == 0:
            return ir.Constant(None, type_)
        if type_.kind == "datetime":
            return ir.Constant(self.pick(LOCAL_INSTANTS), type_)
        return ir.Constant(self.draw(values_of(type_)), type_)

    # --- forms --------------------------------------------------------------------------------------------------------

    def _leaf(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        return self.leaf(type_, names)

    def _if(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        condition = self.expression(BOOLEAN, names, depth)
        return ir.If(condition, self.expression(type_, names, depth), self.expression(type_, names, depth), type_)

    def _else(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        return ir.OrElse(self.expression(type_, names, depth), self.expression(type_, names, depth), type_)

    def _apply(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        function, arguments = self.pick(_ARITHMETIC[type_.kind])
        return ir.Apply(function, tuple(self.expression(each, names, depth) for each in arguments), type_)

    def _compare(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        form = self.pick(("equal", "equal", "not_equal", "one_of", "order", "order", "between"))
        compared = self.pick(_ORDERED if form in {"order", "between"} else _COMPARED)
        left = self.expression(compared, names, depth)
        if form == "one_of":
            others = [self.constant(compared) for _ in range(self.draw(st.integers(1, 3)))]
            return ir.Apply(form, (left, *others), BOOLEAN)
        if form == "between":
            return ir.Apply(form, (left, self.constant(compared), self.expression(compared, names, 0)), BOOLEAN)
        function = self.pick(_ORDERS) if form == "order" else form
        return ir.Apply(function, (left, self.expression(compared, names, self.pick((0, depth)))), BOOLEAN)

    def _logic(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        form = self.pick((ir.And, ir.Or, ir.Not))
        if form is ir.Not:
            return ir.Not(self.expression(BOOLEAN, names, depth))
        return form(tuple(self.expression(BOOLEAN, names, depth) for _ in range(self.draw(st.integers(2, 3)))))

    def _collection(self, object_name: str, names: Names, depth: int) -> tuple[ir.Collection, Names]:
        variable = f"each{1 + sum(name.startswith('each') for name in names)}"
        inner = {**names, variable: reference_to(object_name)}
        via = owner = list_field = None
        reached = self.pick(("all", "via", "list" if object_name == "contact" else "via"))
        if reached == "via":
            via, owner = ("friend" if object_name == "contact" else "contact"), self.expression(CONTACT, names, 0)
        elif reached == "list":
            list_field, owner = "followers", self.expression(DEAL, names, 0)
        where = self.expression(BOOLEAN, inner, depth) if self.draw(st.booleans()) else None
        since = self.expression(DURATION, names, 0) if self.draw(st.integers(0, 4)) == 0 else None
        return ir.Collection(object_name, variable, via, list_field, owner, where, since), inner

    def _aggregate(self, kind: str, value: Type | None, type_: Type, names: Names, depth: int) -> ir.Expression:
        collection, inner = self._collection(self.pick(tuple(STORED)), names, depth)
        read = None if value is None else self.expression(value, inner, depth)
        return ir.Aggregate(kind, collection, read, type_)

    def _total(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        kind = self.pick(("sum", "average", "minimum", "maximum", *(["count"] if type_.kind == "number" else [])))
        return self._aggregate(kind, None if kind == "count" else type_, type_, names, depth)

    def _ask(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        kind = self.pick(("exists", "none", "all"))
        return self._aggregate(kind, BOOLEAN if kind == "all" else None, BOOLEAN, names, depth)

    def _row(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        collection, inner = self._collection(type_.object or "", names, depth)
        order = self.expression(self.pick(_ORDERED), inner, depth) if self.draw(st.booleans()) else None
        kind, descending = self.pick(("first", "last")), self.draw(st.booleans())
        return ir.Aggregate(kind, collection, None, type_, order, descending)

    def _lookup(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        return ir.Lookup(type_.object or "", self.expression(TEXT, names, depth), type_)

    def _text(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        kinds = [TEXT, NUMBER, MONEY, PERCENTAGE, DATE, DATETIME, DURATION, BOOLEAN, STAGE, CONTACT]
        count = self.draw(st.integers(0, 4))
        return ir.Interpolate(tuple(self.expression(self.pick(kinds), names, depth) for _ in range(count)))

    def _table(self, type_: Type, names: Names, depth: int) -> ir.Expression:
        columns = [self.pick(_COMPARED) for _ in range(self.draw(st.integers(1, 2)))]
        inputs = tuple(self.expression(column, names, depth) for column in columns)
        rows = tuple(
            ir.DecisionRow(
                tuple(self._cell(column, names) for column in columns),
                self.expression(type_, names, self.pick((0, depth))),
            )
            for _ in range(self.draw(st.integers(0, 3)))
        )
        otherwise = self.leaf(type_, names) if self.draw(st.booleans()) else None
        return ir.Decision(inputs, rows, self.pick(("first", "unique", "sum")), type_, otherwise)

    def _cell(self, column: Type, names: Names) -> ir.Expression | None:
        value = ir.Variable("input", column)
        match self.pick(("any", "equal", "not", "order")):
            case "any":
                return None
            case "equal":
                return ir.Apply("equal", (value, self.constant(column)), BOOLEAN)
            case "not":
                return ir.Not(ir.Apply("one_of", (value, self.constant(column)), BOOLEAN))
            case _:
                function = self.pick(_ORDERS) if column in _ORDERED else "not_equal"
                return ir.Apply(function, (value, self.leaf(column, names)), BOOLEAN)


# --- programs -------------------------------------------------------------------------------------------------------


def _fields(kind: str, extra: Mapping[str, ir.Field]) -> tuple[ir.Field, ...]:
    made = {
        name: ir.Field(
            name,
            {"fr": name, "en": name},
            type_,
            choices=tuple(ir.Choice(stage, {"fr": stage, "en": stage}) for stage in type_.options),
        )
        for name, type_ in STORED[kind].items()
    }
    return tuple(sorted({**made, **extra}.values(), key=lambda field: field.name))


@st.composite
def vocabularies(draw: st.DrawFn) -> tuple[ir.Program, Terms]:
    """A program without rules, with definitions, defaults and a table of its own; and what draws terms over it."""
    fields = {kind: dict(stored) for kind, stored in STORED.items()}
    definitions: dict[str, Type] = {}
    terms = Terms(draw, fields, definitions)
    bodies: dict[str, dict[str, ir.Field]] = {kind: {} for kind in fields}
    globals_: list[ir.GlobalDefinition] = []
    for number in range(draw(st.integers(0, 3))):
        type_ = terms.pick((NUMBER, MONEY, BOOLEAN, TEXT, PERCENTAGE, CONTACT))
        kind = terms.pick(("deal", "contact", "missed call", "global"))
        name = f"computed {number}"
        names = {} if kind == "global" else {"subject": reference_to(kind)}
        body = terms.expression(type_, names, 2)
        if kind == "global":
            globals_.append(ir.GlobalDefinition(name, {}, type_, body))
            definitions[name] = type_
        else:
            default = draw(st.booleans())
            bodies[kind][name] = ir.Field(
                name, {}, type_, default=body if default else None, definition=None if default else body
            )
            fields[kind][name] = type_
    if draw(st.booleans()):
        bodies["contact"]["bonus"] = ir.Field("bonus", {}, MONEY, default=ir.Constant(Money(Decimal(0), "EUR"), MONEY))
    if draw(st.booleans()):
        bodies["contact"]["city"] = attrs.evolve(ir.Field("city", {}, TEXT), unique=True)
    objects = tuple(ir.ObjectType(kind, {}, _fields(kind, bodies[kind])) for kind in ("contact", "deal"))
    events = (ir.EventType("missed call", {}, _fields("missed call", bodies["missed call"])),)
    log = ir.ActionType("log", {}, (ir.Field("text", {}, TEXT, required=True),))
    return ir.Program(ir.Settings(), objects, events, (log,), tuple(globals_), ()), terms


SUBJECTS: Mapping[str, Type] = {"deal": DEAL, "contact": CONTACT, "missed call": CALL}


@st.composite
def conditions(draw: st.DrawFn) -> tuple[ir.Program, ir.Expression, Reference]:
    """A vocabulary, an expression of any type over a subject, and that subject."""
    program, terms = draw(vocabularies())
    kind = terms.pick(tuple(SUBJECTS))
    type_ = terms.pick((BOOLEAN, BOOLEAN, BOOLEAN, TEXT, NUMBER, MONEY, DATE, DATETIME, DURATION, CONTACT, TIME))
    expression = terms.expression(type_, {"subject": SUBJECTS[kind]}, 4)
    return program, expression, Reference(kind, terms.pick(IDENTIFIERS[kind]))


# --- rules and events -----------------------------------------------------------------------------------------------

_INDEXED = {
    "deal": ("stage", "name", "renewed", "count", "amount", "length"),
    "contact": ("city", "vip", "name", "points"),
    "missed call": ("channel",),
}
"""Fields that rules ask by value."""


class RuleTerms:
    """Draws rules over the terms of a vocabulary."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.draw = terms.draw
        self.pick = terms.pick

    def rule(self, number: int) -> ir.Rule:
        kind = self.pick(("deal", "deal", "contact", "missed call"))
        triggers = tuple(self._trigger(kind) for _ in range(self.draw(st.integers(1, 2))))
        otherwise = (self._log("otherwise"),) if self.draw(st.integers(0, 4)) == 0 else ()
        return ir.Rule(
            f"Rule {number}",
            {"en": f"Rule {number}"},
            kind,
            triggers,
            self._condition(kind),
            tuple(self._action(kind) for _ in range(self.draw(st.integers(1, 2)))),
            otherwise,
            priority=self.draw(st.integers(0, 2)),
            disabled=self.draw(st.integers(0, 9)) == 0,
        )

    def _asked(self, kind: str) -> ir.Expression:
        """A condition on the value of one field of the subject."""
        name = self.pick(_INDEXED[kind])
        type_ = STORED[kind][name]
        field = ir.FieldOf(ir.Variable("subject", SUBJECTS[kind]), name, type_)
        constants = [self.terms.constant(type_) for _ in range(self.draw(st.integers(1, 2)))]
        if len(constants) > 1:
            return ir.Apply("one_of", (field, *constants), BOOLEAN)
        if type_ == BOOLEAN and self.draw(st.booleans()):
            return self.pick((field, ir.Not(field)))
        return ir.Apply("equal", self.pick(((field, constants[0]), (constants[0], field))), BOOLEAN)

    def _risky(self, kind: str) -> ir.Expression:
        """A number compared with a constant; one that fails over amounts of two currencies."""
        name = self.pick({"deal": ("amount", "length"), "contact": ("bonus", "points"), "missed call": ("cost",)}[kind])
        type_ = STORED[kind][name]
        field = ir.FieldOf(ir.Variable("subject", SUBJECTS[kind]), name, type_)
        if self.draw(st.integers(0, 4)) == 0:
            return ir.Apply("between", (field, self.terms.constant(type_), self.terms.constant(type_)), BOOLEAN)
        operands = (field, self.terms.constant(type_))
        return ir.Apply(self.pick(_ORDERS), operands if self.draw(st.booleans()) else operands[::-1], BOOLEAN)

    def _condition(self, kind: str) -> ir.Expression | None:
        names = {"subject": SUBJECTS[kind]}
        match self.draw(st.integers(0, 6)):
            case 0 | 6:
                return None
            case 1:
                return self.terms.expression(BOOLEAN, names, 3)
            case 2:
                return self._asked(kind)
            case 3:
                return self.pick((self._risky(kind), ir.And((self._risky(kind), self._asked(kind)))))
            case _:
                parts = [self._asked(kind), self.terms.expression(BOOLEAN, names, 2)]
                parts += [self._asked(kind)] if self.draw(st.booleans()) else []
                return ir.And(tuple(self.draw(st.permutations(parts))))

    def _trigger(self, kind: str) -> ir.Trigger:
        if kind == "missed call":
            same = self.pick((None, "contact", "channel"))
            repeated = ir.Repeated(kind, self.draw(st.integers(1, 2)), Duration(days=1), same)
            return self.pick((ir.Occurred(kind), repeated))
        names = {"subject": SUBJECTS[kind]}
        type_ = self.pick((STAGE, TEXT, NUMBER, MONEY, BOOLEAN, CONTACT))
        return self.pick(
            (
                lambda: ir.Created(kind),
                lambda: ir.Updated(kind),
                lambda: ir.Deleted(kind),
                lambda: ir.Saved(kind),
                lambda: ir.Changed(kind, self.terms.expression(type_, names, 2)),
                lambda: ir.Edge(kind, self._asked(kind)),
                lambda: ir.Edge(kind, self.terms.expression(BOOLEAN, names, 3)),
                lambda: ir.Edge(kind, self.pick((self._risky(kind), ir.And((self._risky(kind), self._asked(kind)))))),
                lambda: ir.GoesFrom(
                    kind,
                    self.terms.expression(type_, names, 1),
                    self.terms.constant(type_) if type_ != CONTACT else ir.Constant(None, type_),
                    self.terms.constant(type_) if type_ != CONTACT else ir.Constant(None, type_),
                ),
            )
        )()

    def _log(self, text: str) -> ir.Action:
        return ir.Call("log", (ir.Argument("text", ir.Constant(text, TEXT)),))

    def _action(self, kind: str) -> ir.Action:
        names = {"subject": SUBJECTS[kind]}
        subject = ir.Variable("subject", SUBJECTS[kind])
        if kind == "missed call":
            subject, kind = ir.FieldOf(subject, "contact", CONTACT), "contact"
        field = self.pick(_INDEXED[kind])
        type_ = STORED[kind][field]
        return self.pick(
            (
                lambda: self._log("then"),
                lambda: ir.Call("log", (ir.Argument("text", self.terms.expression(TEXT, names, 2)),)),
                lambda: ir.Assign(subject, field, self.terms.expression(type_, names, 2)),
                lambda: ir.Assign(subject, field, self.terms.constant(type_)),
                lambda: ir.Adjust(
                    subject,
                    "length" if kind == "deal" else "points",
                    self.terms.expression(NUMBER, names, 1),
                    self.pick(("increase", "decrease")),
                ),
                lambda: ir.Create("contact", (ir.Argument("city", self.terms.expression(TEXT, names, 2)),)),
                lambda: ir.Delete(subject),
            )
        )()


@st.composite
def programs(draw: st.DrawFn) -> ir.Program:
    """A program with a few rules; cascades are cut short by a small budget of waves."""
    program, terms = draw(vocabularies())
    rules = RuleTerms(terms)
    made = tuple(rules.rule(number) for number in range(draw(st.integers(1, 6))))
    return attrs.evolve(program, rules=made, settings=ir.Settings(budgets={"waves": 6}))


@st.composite
def streams(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A row of events over a few objects, some of them on objects that are not there."""
    events: list[dict[str, Any]] = []
    for number in range(draw(st.integers(2, 8))):
        kind = draw(st.sampled_from(("deal", "deal", "contact", "missed call")))
        values = draw(records(kind))
        values.pop("created at", None)
        event: dict[str, Any] = {"id": f"e{number}", "at": f"2026-11-27T{9 + number:02}:00:00Z"}
        if kind == "missed call":
            events.append({**event, "event": kind, "data": values})
            continue
        verb = draw(st.sampled_from(("saved", "saved", "saved", "saved", "updated", "deleted")))
        identifier = draw(st.sampled_from(IDENTIFIERS[kind][:2]))
        fields = {} if verb == "deleted" else {name: values.get(name) for name in STORED[kind]}
        if verb != "deleted":
            kept = draw(st.sets(st.sampled_from(sorted(fields)), min_size=1))
            fields = {name: value for name, value in fields.items() if name in kept}
        events.append({**event, "event": f"{kind}.{verb}", "data": {"id": identifier, **fields}})
    return events
