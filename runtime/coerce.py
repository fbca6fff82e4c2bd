"""From JSON, or from what a library caller holds, to the typed values of fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from ..dsl import ir
from ..dsl.lexicon import languages, lexicon
from ..dsl.types import Type
from ..dsl.values import Duration, Money, Reference, Value
from ..dsl.writing import shifted
from .dates import Clockwork, seconds_in
from .model import Model
from .problems import Failure
from .values import nfc


class BadValue(Exception):
    """A value that does not fit its field; ``code`` and ``args`` make the message."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


Find = Callable[[str], "list[Reference]"]
"""The objects of any type with an identifier."""

_SPACES = str.maketrans("", "", " \t\u00a0\u202f\u2009\u2007_")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST_DIGITS = 400
"""Before or after the decimal mark: what is longer is an attack or a mistake."""


class Coercion:
    """Reads values for one program. ``find`` resolves references whose type the field leaves open."""

    def __init__(self, model: Model, clockwork: Clockwork, find: Find | None = None) -> None:
        self._model = model
        self._clockwork = clockwork
        self._find = find
        self._readers: dict[str, Callable[[Any, Type, ir.Field], Value]] = {
            "text": self._text,
            "choice": self._choice,
            "number": self._number,
            "integer": self._number,
            "percentage": self._percentage,
            "money": self._money,
            "boolean": self._boolean,
            "date": self._date,
            "datetime": self._datetime,
            "time": self._time,
            "duration": self._duration,
            "reference": self._reference,
            "any": self._any,
            "union": self._union,
            "list": self._list,
        }

    def value(self, raw: Any, field: ir.Field) -> Value:
        """The typed value; a blank text is missing. Raises :class:`BadValue`."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        return self._typed(raw, field.type, field)

    def _typed(self, raw: Any, type_: Type, field: ir.Field) -> Value:
        if raw is None:
            return None
        return self._readers[type_.kind](raw, type_, field)

    def _wrong(self, raw: Any, type_: Type) -> BadValue:
        shown = raw if isinstance(raw, (str, bool, int, Decimal)) else type(raw).__name__
        return BadValue("QD532", value=shown if not isinstance(shown, str) else shown[:80], type=type_)

    # --- scalars --------------------------------------------------------------------------------------------------

    def _text(self, raw: Any, type_: Type, _: ir.Field) -> Value:
        if not isinstance(raw, str):
            raise self._wrong(raw, type_)
        return nfc(raw)

    def _choice(self, raw: Any, type_: Type, field: ir.Field) -> Value:
        if not isinstance(raw, str):
            raise self._wrong(raw, type_)
        found = self._model.choice(field, nfc(raw).strip())
        if found is None:
            language = self._model.settings.language
            names = [choice.names.get(language, choice.name) for choice in field.choices]
            raise BadValue("QD533", value=raw[:80], choices=names)
        return found

    def _number(self, raw: Any, type_: Type, _: ir.Field) -> Decimal:
        number = self._decimal(raw)
        if number is None or (type_.kind == "integer" and number != number.to_integral_value()):
            raise self._wrong(raw, type_)
        return number

    def _decimal(self, raw: Any) -> Decimal | None:
        if isinstance(raw, bool):
            return None
        if isinstance(raw, (int, float)):
            raw = repr(raw)
        if isinstance(raw, str):
            text = raw.translate(_SPACES)
            if "," in text and self._decimal_comma:
                text = text.replace(",", ".")
            if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
                return None
            try:
                raw = Decimal(text)
            except InvalidOperation:
                return None
        if not isinstance(raw, Decimal) or not raw.is_finite() or abs(raw.adjusted()) > _MOST_DIGITS:
            return None
        return raw

    @property
    def _decimal_comma(self) -> bool:
        return lexicon(self._model.settings.language).tables["writing"]["numbers"]["decimal"] == ","

    def _percentage(self, raw: Any, type_: Type, _: ir.Field) -> Value:
        if isinstance(raw, str) and raw.rstrip().endswith("%"):
            number = self._decimal(raw.rstrip()[:-1])
            if number is None:
                raise self._wrong(raw, type_)
            return shifted(number, -2)
        number = self._decimal(raw)
        if number is None:
            raise self._wrong(raw, type_)
        return number

    def _money(self, raw: Any, type_: Type, _: ir.Field) -> Value:
        currency = self._model.settings.currency
        if isinstance(raw, Money):
            return raw
        if isinstance(raw, Mapping):
            given = cast("Mapping[str, Any]", raw)
            currency = given.get("currency", currency)
            if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
                raise BadValue("QD534", currency=str(currency)[:20])
            raw = given.get("amount")
        amount = self._decimal(raw)
        if amount is None:
            raise self._wrong(raw, type_)
        return Money(amount, currency)

    def _boolean(self, raw: Any, type_: Type, _: ir.Field) -> Value:
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, str):
            for language in languages():
                words = lexicon(language).tables["writing"]
                if raw.strip().lower() in {words["yes"], words["no"], "true", "false"}:
                    return raw.strip().lower() in {words["yes"], "true"}
        raise self._wrong(raw, type_)

    # --- dates ----------------------------------------------------------------------------------------------------

    def _date(self, raw: Any, type_: Type, _: ir.Field) -> Value:
        if isinstance(raw, date) and not isinstance(raw, datetime):
            return raw
        try:
            if isinstance(raw, str) and _DATE.fullmatch(raw.strip()):
                return date.fromisoformat(raw.strip())
        except ValueError:
            pass
        raise self._wrong(raw, type_)

    def _datetime(self, raw: Any, type_: Type, _: ir.Field) -> Value:
        moment = read_instant(raw, self._clockwork)
        if moment is None:
            raise self._wrong(raw, type_)
        return moment

    def _time(self, raw: Any, type_: Type, _: ir.Field) -> Value:
        try:
            moment = time.fromisoformat(raw.strip()) if isinstance(raw, str) else raw
        except ValueError:
            moment = None
        if not isinstance(moment, time) or moment.tzinfo is not None:
            raise self._wrong(raw, type_)
        return moment

    def _duration(self, raw: Any, type_: Type, _: ir.Field) -> Value:
        if isinstance(raw, Duration):
            return raw
        if isinstance(raw, timedelta):
            return Duration(seconds=seconds_in(raw))
        match = _DURATION.fullmatch(raw.strip()) if isinstance(raw, str) else None
        if match is None or not any(match.groupdict()[part] for part in match.groupdict() if part != "sign"):
            raise self._wrong(raw, type_)
        part = {
            name: Decimal((text or "0").replace(",", ".")) for name, text in match.groupdict().items() if name != "sign"
        }
        sign = -1 if match["sign"] else 1
        return Duration(
            months=sign * int(part["years"] * 12 + part["months"]),
            days=sign * int(part["weeks"] * 7 + part["days"]),
            seconds=sign * (part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"]),
        )

    # --- objects --------------------------------------------------------------------------------------------------

    def _reference(self, raw: Any, type_: Type, field: ir.Field) -> Value:
        if isinstance(raw, Reference):
            return raw
        name = _identifier(raw)
        if name is None:
            raise self._wrong(raw, type_)
        return Reference(type_.object or "", name)

    def _any(self, raw: Any, type_: Type, field: ir.Field) -> Value:
        return self._open(raw, type_, set(self._model.objects))

    def _open(self, raw: Any, type_: Type, kinds: set[str]) -> Reference:
        """An object whose type the field leaves open: said with it, or found by its identifier."""
        if isinstance(raw, Reference):
            return raw
        if isinstance(raw, Mapping):
            given = cast("Mapping[str, Any]", raw)
            kind, name = self._model.kind_named(str(given.get("object", ""))), _identifier(given.get("id"))
            if kind in kinds and name is not None:
                return Reference(kind, name)
            raise self._wrong(raw, type_)
        name = _identifier(raw)
        found = [reference for reference in self._found(name) if reference.object in kinds]
        if name is None or len(found) != 1:
            raise BadValue("QD535", value=str(raw)[:80], count=len(found))
        return found[0]

    def _found(self, name: str | None) -> list[Reference]:
        return [] if name is None or self._find is None else self._find(name)

    def _union(self, raw: Any, type_: Type, field: ir.Field) -> Value:
        kinds = {member.object for member in type_.members if member.object}
        others = [member for member in type_.members if not member.object]
        try:
            if kinds:
                return self._open(raw, type_, kinds)
        except BadValue:
            if not others:
                if len(kinds) == 1 and (name := _identifier(raw)) is not None:
                    return Reference(next(iter(kinds)), name)
                raise
        for member in others:
            try:
                return self._typed(raw, member, field)
            except BadValue:
                continue
        raise self._wrong(raw, type_)

    def _list(self, raw: Any, type_: Type, field: ir.Field) -> Value:
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            raise self._wrong(raw, type_)
        members = [self._typed(member, type_.members[0], field) for member in cast("Sequence[Any]", raw)]
        return tuple(member for member in members if member is not None)


def read_instant(raw: Any, clockwork: Clockwork) -> datetime | None:
    """An instant from ISO 8601 or a ``datetime``; without a zone it is local; ``None`` for anything else."""
    try:
        moment = datetime.fromisoformat(raw.strip()) if isinstance(raw, str) else raw
        if isinstance(moment, date):
            return clockwork.instant(moment)
    except (ValueError, OverflowError, Failure):
        pass
    return None


def _identifier(raw: Any) -> str | None:
    if isinstance(raw, Mapping):
        raw = cast("Mapping[str, Any]", raw).get("id")
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    if isinstance(raw, str) and raw.strip():
        return nfc(raw).strip()
    return None
