"""A compiled program: immutable, shared between threads, saved and loaded as JSON without the parser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ..dsl import ir
from ..dsl.invariants import check
from ..dsl.ir_json import IRError, from_json, to_json
from ..dsl.values import Reference, Value
from .business import Calendar, WorkingCalendar, no_holidays
from .candidates import Candidates
from .coerce import BadValue, Coercion
from .compile import Compiled
from .dates import Clockwork
from .index import Index, firing_order
from .interpret import Scope, holds
from .model import Model
from .problems import Failure
from .state import State
from .stores.memory import MemoryStore
from .zones import zone


class Program:
    """What ``quand.compile`` gives: an IR with what the runtime looks up in it."""

    def __init__(self, program: ir.Program) -> None:
        self.ir = program
        self.model = Model(program)

    @cached_property
    def index(self) -> Index:
        """From what happens to the rules that may care."""
        return Index(self.model)

    @cached_property
    def candidates(self) -> Candidates:
        """From what happens to the rules that can fire, by the values their conditions ask for."""
        return Candidates(self.model)

    @cached_property
    def evaluator(self) -> Compiled:
        """What gives the values of expressions: functions generated from them."""
        return Compiled(self.model)

    def to_json(self) -> str:
        """The canonical JSON of the IR, without source positions."""
        return to_json(self.ir)

    def save(self, path: str | Path) -> None:
        """Write the IR as JSON. Raises ``OSError``."""
        Path(path).write_text(self.to_json(), encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: str | Path) -> Program:
        """Read what :meth:`save` wrote. Raises ``OSError``, or :class:`~..dsl.ir_json.IRError` for another content."""
        program = from_json(Path(path).read_text(encoding="utf-8"))
        broken = check(program)
        if broken:
            raise IRError(broken[0])
        return cls(program)

    def decide(
        self,
        record: Mapping[str, Any],
        object: str | None = None,  # noqa: A002 (the word of the language)
        *,
        now: datetime | None = None,
        calendar: Calendar | None = None,
    ) -> list[str]:
        """The names of the rules whose condition holds of a record, by descending priority, then name.

        ``record`` maps names of fields, in any language, to values: typed ones, or what an event may hold. Rules over
        ``object`` are asked; without it those whose object has all the fields named. Triggers, dates of validity and
        other objects play no part; nothing is stored. Raises ``ValueError`` for a field or a value that no rule's
        object has room for.
        """
        settings = self.ir.settings
        calendar = calendar or WorkingCalendar(settings.hours, zone(settings.timezone), no_holidays)
        clockwork = Clockwork(settings.timezone, calendar)
        kinds = [self._kind(object)] if object is not None else self._kinds_with(record)
        names: list[ir.Rule] = []
        for kind in kinds:
            scope = self._scope(kind, record, clockwork, now or datetime.now(UTC))
            names += [rule for rule in self._rules_over(kind) if _holds(rule, scope)]
        return [rule.name for rule in sorted(names, key=firing_order)]

    def _rules_over(self, kind: str) -> list[ir.Rule]:
        return [rule for rule in self.model.listening_rules() if rule.subject == kind]

    def _kind(self, name: str) -> str:
        kind = self.model.kind_named(name)
        if kind is None:
            raise ValueError(name)
        return kind

    def _kinds_with(self, record: Mapping[str, Any]) -> list[str]:
        kinds = {rule.subject for rule in self.model.listening_rules() if rule.subject is not None}
        found = [kind for kind in sorted(kinds) if all(self.model.field_named(kind, name) for name in record)]
        if not found and record:
            raise ValueError(", ".join(record))
        return found

    def _scope(self, kind: str, record: Mapping[str, Any], clockwork: Clockwork, now: datetime) -> Scope:
        coercion = Coercion(self.model, clockwork)
        values: dict[str, Value] = {}
        for name, raw in record.items():
            field = self.model.field(kind, self.model.field_named(kind, name) or "")
            if field is None:
                raise ValueError(name)
            try:
                value = coercion.value(raw, field)
            except BadValue as bad:
                raise ValueError(f"{name}: {raw!r}") from bad
            if value is not None:
                values[field.name] = value
        identifier = values.pop(self.model.identifier(kind), None)
        subject = Reference(kind, identifier if isinstance(identifier, str) else "")
        with MemoryStore().transaction() as empty:
            state = State(empty).with_changes({subject: values})
        return Scope(self.model, clockwork, state, state, now, {"subject": subject})


def _holds(rule: ir.Rule, scope: Scope) -> bool:
    try:
        return holds(rule.condition, scope) is True
    except Failure:
        return False
