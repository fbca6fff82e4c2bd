"""Decisions over one record: which rules' conditions hold, without a store or an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from ..dsl import ir
from ..dsl.values import Reference, Value
from .budgets import Budgets
from .business import Calendar, WorkingCalendar, no_holidays
from .candidates import Conditions
from .coerce import BadValue, Coercion
from .dates import Clockwork
from .interpret import Evaluator, Scope, holds
from .model import Model
from .problems import Failure
from .state import EMPTY
from .zones import zone

_MOST_SHAPES = 1024


class Decider:
    """Answers for one program; shared between threads, it keeps what it found out about names of fields."""

    def __init__(self, model: Model, evaluator: Evaluator) -> None:
        self._model = model
        self._evaluator = evaluator
        self._budgets = Budgets(model.settings.budgets)
        self._shapes: dict[tuple[str, ...], list[str]] = {}
        self._fields: dict[tuple[str, str], ir.Field] = {}

    @cached_property
    def _conditions(self) -> Conditions:
        return Conditions(self._model)

    @cached_property
    def _usual(self) -> Clockwork:
        settings = self._model.settings
        return Clockwork(settings.timezone, WorkingCalendar(settings.hours, zone(settings.timezone), no_holidays))

    def rules(
        self, record: Mapping[str, Any], kind: str | None, now: datetime | None, calendar: Calendar | None
    ) -> list[ir.Rule]:
        """The rules whose condition holds, in the order in which they fire; see :meth:`~.program.Program.decide`."""
        clockwork = self._usual if calendar is None else Clockwork(self._model.settings.timezone, calendar)
        coercion = Coercion(self._model, clockwork)
        now = now or datetime.now(UTC)
        kinds = [self._kind(kind)] if kind is not None else self._kinds_with(tuple(record))
        values = {each: self._values(each, record, coercion) for each in kinds}
        scopes = {each: self._scope(each, values[each], clockwork, now) for each in kinds}
        return [rule for rule in self._conditions.of(values.items()) if _holds(rule, scopes)]

    def _kind(self, name: str) -> str:
        kind = self._model.kind_named(name)
        if kind is None:
            raise ValueError(name)
        return kind

    def _kinds_with(self, names: tuple[str, ...]) -> list[str]:
        """The types of object some rule is about which have all those fields. Raises ``ValueError`` for none."""
        found = self._shapes.get(names)
        if found is None:
            kinds = {kind for rule in self._model.listening_rules() for kind in ir.subject_kinds(rule)}
            found = [kind for kind in sorted(kinds) if all(self._field(kind, name) is not None for name in names)]
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            self._shapes[names] = found
        if not found and names:
            raise ValueError(", ".join(names))
        return found

    def _field(self, kind: str, name: str) -> ir.Field | None:
        field = self._fields.get((kind, name))
        if field is None:
            field = self._model.field(kind, self._model.field_named(kind, name) or "")
            if field is not None:
                if len(self._fields) >= _MOST_SHAPES:
                    self._fields.clear()
                self._fields[kind, name] = field
        return field

    def _values(self, kind: str, record: Mapping[str, Any], coercion: Coercion) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name, raw in record.items():
            field = self._field(kind, name)
            if field is None:
                raise ValueError(name)
            try:
                value = coercion.value(raw, field)
            except BadValue as bad:
                raise ValueError(f"{name}: {raw!r}") from bad
            if value is not None:
                values[field.name] = value
        return values

    def _scope(self, kind: str, values: dict[str, Value], clockwork: Clockwork, now: datetime) -> Scope:
        identifier = values.pop(self._model.identifier(kind), None)
        subject = Reference(kind, identifier if isinstance(identifier, str) else "")
        state = EMPTY.with_changes({subject: values})
        return Scope(
            self._model,
            clockwork,
            state,
            state,
            now,
            {"subject": subject},
            budgets=self._budgets,
            evaluator=self._evaluator,
        )


def _holds(rule: ir.Rule, scopes: Mapping[str, Scope]) -> bool:
    if rule.condition is None:
        return True
    found = (scopes[kind] for kind in ir.subject_kinds(rule) if kind in scopes)
    try:
        return any(holds(rule.condition, scope) is True for scope in found)
    except Failure:
        return False
