"""The facts as a template sees them: objects whose fields are found by any name, values that write themselves.

Fields and lists are read with a dot, spaces and apostrophes as ``_``, accents and case as one likes:
``{{ affaire.montant_à_payer }}``, ``{% for ligne in lignes_de_produit %}``. A value that is missing writes nothing and
counts as false; a name that stands for nothing is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ...dsl.lexicon import languages, lexicon
from ...dsl.suggest import closest
from ...dsl.types import MONEY, NUMBER, PERCENTAGE, Type, parse_type
from ...dsl.values import Money, Value
from ...dsl.writing import write_value
from ..values import CONTEXT
from .exchange import decoded, key_of

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Wrong(Exception):
    """A template that cannot be filled. ``key`` names a text of the ``[ui]`` messages and ``facts`` fill it."""

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


class World:
    """What the facts say, and how it is written."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.language: str = facts["language"]
        self.currency: str = facts["currency"]
        self.kinds: Mapping[str, Mapping[str, Any]] = facts["kinds"]
        self.things: list[Thing] = [Thing(self, told) for told in facts["objects"]]
        self.root: Thing | None = None if facts["root"] is None else self.things[facts["root"]]
        self.today = Printed(self, decoded(facts["today"]), Type("date"))

    def write(self, value: Value, type_: Type, language: str | None = None) -> str:
        """A value as a reader of the language expects it."""
        try:
            tables = lexicon(language or self.language)
        except KeyError:
            raise Wrong("document_language", value=language) from None
        return _NOT_IN_XML.sub("", write_value(value, type_, tables, self.currency))

    def top(self, name: str) -> Any:
        """What a name stands for by itself: the subject, or one of its fields. Raises ``KeyError``."""
        key = key_of(name.replace("_", " "))
        if self.root is None:
            raise KeyError(name)
        if key in self.kinds[self.root.kind]["names"]:
            return self.root
        return self.root.named(key)

    def value(self, told: list[Any] | None, kind: str, field: str) -> Any:
        """A field's value as templates take it."""
        if told is None:
            return Missing(self.kinds[kind]["titles"][field])
        if told[0] == "failed":
            raise Wrong("document_not_computed", name=self.kinds[kind]["titles"][field], reason=told[1])
        if told[0] == "object":
            return Missing(self.kinds[kind]["titles"][field], told[2]) if told[1] is None else self.things[int(told[1])]
        type_ = parse_type(self.kinds[kind]["types"][field])
        if told[0] == "list":
            member = type_.members[0] if type_.members else type_
            return [self._single(each, member, kind, field) for each in told[1] if each is not None]
        return self._single(told, type_, kind, field)

    def _single(self, told: list[Any], type_: Type, kind: str, field: str) -> Any:
        if told[0] == "object":
            return self.value(told, kind, field)
        value = decoded(told)
        choices = self.kinds[kind]["choices"].get(field)
        if isinstance(value, str):
            names = choices.get(value) if choices else None
            return Text(_NOT_IN_XML.sub("", value), names)
        return value if isinstance(value, bool) else Printed(self, value, type_)


class Text(str):
    """A text; one of a choice has ``names`` in each language."""

    __slots__ = ("names",)

    names: Mapping[str, str]

    def __new__(cls, value: str, names: Mapping[str, str] | None = None) -> Text:
        made = super().__new__(cls, value)
        made.names = names or {}
        return made


class Missing:
    """A value that is not there: it writes nothing, is false, and cannot be reckoned with.

    A reference to an object that is not there writes its ``identifier``.
    """

    __slots__ = ("_identifier", "title")

    def __init__(self, title: str, identifier: str = "") -> None:
        self.title = title
        self._identifier = identifier

    def __str__(self) -> str:
        return _NOT_IN_XML.sub("", self._identifier)

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def _needed(self, *_: Any) -> Any:
        raise Wrong("document_missing_value", name=self.title)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _needed
    __lt__ = __le__ = __gt__ = __ge__ = _needed


class Thing:
    """An object of the data. It is written by its name, else its identifier."""

    __slots__ = ("_told", "_world", "kind")

    def __init__(self, world: World, told: Mapping[str, Any]) -> None:
        self._world = world
        self._told = told
        self.kind: str = told["kind"]

    def lookup(self, name: str) -> Any:
        """A field or a list by one of its names. Raises :class:`Wrong`."""
        try:
            return self.named(key_of(name.replace("_", " ")))
        except KeyError:
            names = self._world.kinds[self.kind]
            known = [*names["fields"], *names["lists"]]
            near = [each.replace(" ", "_") for each in closest(key_of(name.replace("_", " ")), known)]
            facts = {"name": name, "kind": names["title"], "names": near}
            raise Wrong("document_unknown_field_near" if near else "document_unknown_field", **facts) from None

    def named(self, key: str) -> Any:
        """A field or a list by its key. Raises ``KeyError``."""
        names = self._world.kinds[self.kind]
        field = names["fields"].get(key)
        if field is not None:
            value = self._world.value(self._told["fields"][field], self.kind, field)
            if isinstance(value, Text) and value.names:
                return Text(value.names.get(self._world.language, value), value.names)
            return value
        listed: list[int] = self._told.get("lists", {}).get(names["lists"][key], [])
        return [self._world.things[number] for number in listed]

    def __str__(self) -> str:
        name = self._told["fields"].get("name")
        return _NOT_IN_XML.sub("", name[1] if name is not None and name[0] == "text" else self._told["id"])


class Printed:
    """A number, an amount, a date or a duration: written as the language does, reckoned with as the rules do."""

    __slots__ = ("type", "value", "world")

    def __init__(self, world: World, value: Any, type_: Type) -> None:
        self.world = world
        self.value = value
        self.type = type_

    def __str__(self) -> str:
        return self.world.write(self.value, self.type)

    def __html__(self) -> str:
        # nothing that is written here has a sign of markup
        return str(self)

    def __bool__(self) -> bool:
        amount = self.value.amount if isinstance(self.value, Money) else self.value
        return bool(amount)

    def _with(self, other: Any, step: Callable[[Decimal, Decimal], Decimal], *, product: bool = False) -> Printed:
        mine, theirs = self._amount(self), self._amount(other)
        currencies = {
            each.value.currency for each in (self, other) if isinstance(each, Printed) and isinstance(each.value, Money)
        }
        if len(currencies) > 1:
            raise Wrong("document_currencies", values=sorted(currencies))
        try:
            number = step(mine, theirs)
        except ArithmeticError:
            raise Wrong("document_reckoning") from None
        if not currencies:
            return Printed(self.world, number, NUMBER if product else self.type)
        return Printed(self.world, Money(number, currencies.pop()), MONEY)

    @staticmethod
    def _amount(other: Any) -> Decimal:
        if isinstance(other, Missing):
            raise Wrong("document_missing_value", name=other.title)
        value = other.value if isinstance(other, Printed) else other
        if isinstance(value, Money):
            return value.amount
        if isinstance(value, (Decimal, int, float)) and not isinstance(value, bool):
            return Decimal(str(value))
        raise Wrong("document_reckoning")

    def __add__(self, other: Any) -> Printed:
        return self._with(other, CONTEXT.add)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Printed:
        return self._with(other, CONTEXT.subtract)

    def __mul__(self, other: Any) -> Printed:
        return self._with(other, CONTEXT.multiply, product=True)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Printed:
        return self._with(other, CONTEXT.divide, product=True)

    def _compared(self, other: Any) -> tuple[Any, Any]:
        value = other.value if isinstance(other, Printed) else other
        if isinstance(self.value, date) and isinstance(value, type(self.value)):
            return self.value, value
        return self._amount(self), self._amount(other)

    def __lt__(self, other: Any) -> bool:
        mine, theirs = self._compared(other)
        return bool(mine < theirs)

    def __le__(self, other: Any) -> bool:
        return not other < self

    def __gt__(self, other: Any) -> bool:
        mine, theirs = self._compared(other)
        return bool(mine > theirs)

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Printed, int, Decimal)):
            return False
        mine, theirs = self._compared(other)
        return bool(mine == theirs)

    def __hash__(self) -> int:
        return hash(self.value)


# --- filters ----------------------------------------------------------------------------------------------------------


def filters(world: World) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The filters, under their names in every language: ``{{ montant | argent }}``, ``{{ amount | money('en') }}``.

    Each takes the language to write in, that of the project unless given.
    """
    for concept, body in _FILTERS.items():
        for name in _names(concept):
            yield name, _bound(body, world)


def today_names() -> list[str]:
    """What the day of the document is called."""
    return _names("today")


def _names(concept: str) -> list[str]:
    return [name for language in languages() for name in lexicon(language).tables["documents"][concept]]


def _bound(body: Callable[..., Any], world: World) -> Callable[..., Any]:
    def apply(value: Any, language: str | None = None) -> Any:
        return "" if isinstance(value, Missing) or value is None else body(world, value, language)

    return apply


def _number(value: Any) -> Value:
    inner = value.value if isinstance(value, Printed) else value
    if isinstance(inner, bool) or not isinstance(inner, (Decimal, Money, int, float)):
        raise Wrong("document_not_a_number", value=str(value)[:60])
    return inner if isinstance(inner, (Decimal, Money)) else Decimal(str(inner))


def _write_number(world: World, value: Any, language: str | None) -> str:
    number = _number(value)
    unit = value.type.unit if isinstance(value, Printed) else None
    return world.write(number.amount if isinstance(number, Money) else number, Type("number", unit=unit), language)


def _write_money(world: World, value: Any, language: str | None) -> str:
    number = _number(value)
    rounded = number if isinstance(number, Money) else Money(number, world.currency)  # type: ignore[arg-type]
    return world.write(rounded, MONEY, language)


def _write_percentage(world: World, value: Any, language: str | None) -> str:
    number = _number(value)
    return world.write(number.amount if isinstance(number, Money) else number, PERCENTAGE, language)


def _moment(value: Any) -> date:
    inner = value.value if isinstance(value, Printed) else value
    if not isinstance(inner, date):
        raise Wrong("document_not_a_date", value=str(value)[:60])
    return inner


def _write_date(world: World, value: Any, language: str | None) -> str:
    moment = _moment(value)
    return world.write(moment.date() if isinstance(moment, datetime) else moment, Type("date"), language)


def _write_time(world: World, value: Any, language: str | None) -> str:
    inner = value.value if isinstance(value, Printed) else value
    if isinstance(inner, datetime):
        inner = inner.time().replace(second=0, microsecond=0)
    if not hasattr(inner, "hour"):
        raise Wrong("document_not_a_date", value=str(value)[:60])
    return world.write(inner, Type("time"), language)


def _write_text(world: World, value: Any, language: str | None) -> str:
    if isinstance(value, Text) and value.names:
        return value.names.get(language or world.language, value)
    return world.write(value.value, value.type, language) if isinstance(value, Printed) else str(value)


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "number": _write_number,
    "money": _write_money,
    "percentage": _write_percentage,
    "date": _write_date,
    "time": _write_time,
    "text": _write_text,
}
