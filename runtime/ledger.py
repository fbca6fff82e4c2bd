"""What a transaction keeps account of: identifiers, timers, notes, effects, and the batch to be written at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

import attrs

from ..dsl.values import Money, Reference, Value
from .budgets import Budgets
from .calls import Actions
from .dates import Clockwork
from .dependencies import Difference, affected
from .index import Index
from .interpret import Evaluator, Scope
from .model import KEPT_BY_ENGINE, Model
from .outcome import Appointment, Change
from .problems import Failure, Problem
from .questions import Questions
from .state import State, differ
from .stores.port import Batch, Effect, Record, RecordWrite, Timer, Transaction
from .timers import new_followed, wanted
from .values import equal


@attrs.frozen
class Setting:
    """What all transactions of an engine share."""

    model: Model
    index: Index
    clockwork: Clockwork
    actions: Actions
    traced: bool = False
    evaluator: Evaluator | None = None
    """What gives the values of expressions; the interpreter unless told otherwise."""
    questions: Questions | None = None
    """What stores are asked in place of reading row after row."""


class Ledger:
    """The account of one transaction at one instant.

    ``event`` is the identifier of the event it belongs to; generated identifiers are ``<key>.<n>``. ``start`` is the
    data before the event, ``base`` after the event's own change, ``state`` after all that rules did so far.
    """

    def __init__(self, setting: Setting, transaction: Transaction, *, now: datetime, event: str, key: str) -> None:
        self.setting = setting
        self.model = setting.model
        self.actions = setting.actions
        self.language = setting.model.settings.language
        self.transaction = transaction
        self.now = now
        self.event = event
        self.key = key
        self.budgets = Budgets(setting.model.settings.budgets)
        self.budgets.start()
        self.start = self.base = self.state = State(transaction)
        self.effects: list[Effect] = []
        self.problems: list[Problem] = []
        self.written: dict[Reference, None] = {}
        """The objects that rules wrote, in the order they were first written."""
        self.differing: dict[Reference, None] = {}
        """All objects that differ from the start, the event's own included."""
        self.hosted: frozenset[Reference] = frozenset()
        """Objects that the host has stored already."""
        self._objects: set[Reference] = set()
        self._timers: dict[str, Timer] = {}
        self._fresh: list[Timer] = []
        self._dropped: dict[str, None] = {}
        self._memory: dict[str, str | None] = {}
        self._identifiers = 0

    def scope(self, state: State | None = None, before: State | None = None) -> Scope:
        """A scope without variables over the current snapshot, or those given."""
        after = self.state if state is None else state
        past = after if before is None else before
        setting = self.setting
        return Scope(
            self.model,
            setting.clockwork,
            after,
            past,
            self.now,
            budgets=self.budgets,
            evaluator=setting.evaluator,
            questions=setting.questions,
        )

    # --- identifiers and values -----------------------------------------------------------------------------------

    def next_identifier(self) -> str:
        """``<key>.<n>``, ``n`` from 1."""
        self._identifiers += 1
        return f"{self.key}.{self._identifiers}"

    def count_object(self, reference: Reference, rule: str) -> None:
        """Note that a rule writes an object. Raises :class:`Failure` beyond the budget."""
        self._objects.add(reference)
        limit = self.budgets.limits["objects"]
        if len(self._objects) > limit:
            raise Failure("QD519", rule=rule, limit=limit)

    def fitted(self, kind: str, field: str, value: Value) -> Value:
        """A value as the field holds it: a bare number in a money field is in the project's currency, and so on."""
        found = self.model.field(kind, field)
        wanted_kind = found.type.kind if found is not None else ""
        if isinstance(value, str):
            self.budgets.check_text(value)
        elif isinstance(value, Decimal) and wanted_kind == "money":
            return Money(value, self.model.settings.currency)
        elif isinstance(value, date) and wanted_kind == "date":
            return self.setting.clockwork.day(value)
        elif isinstance(value, date) and wanted_kind == "datetime":
            return self.setting.clockwork.instant(value)
        return value

    def stamped(self, reference: Reference, before: Record | None, after: Record | None, origin: str) -> Record | None:
        """The record with the fields that the engine keeps; ``before`` itself when nothing changed."""
        if after is None:
            return None
        if before is not None and not differ(before, after):
            return before
        kept: dict[str, Value] = {"updated at": self.now, "origin": origin}
        if before is None and "created at" not in after:
            kept["created at"] = self.now
        return {**after, **kept}

    def check_unique(
        self, reference: Reference, record: Record | None, changes: Mapping[Reference, Difference]
    ) -> None:
        """Raises :class:`Failure` when another object has the same value in a field that is to be unique."""
        for name, field in self.model.fields(reference.object).items():
            value = None if record is None or not field.unique else record.get(name)
            if value is None:
                continue
            others = {Reference(reference.object, other) for other in self.state.find(reference.object, name, value)}
            others = {other for other in others if other not in changes}
            others |= {other for other, (_, new) in changes.items() if new is not None and new.get(name) == value}
            others = {other for other in others if other.object == reference.object and other != reference}
            if others:
                named = self.model.field_name(reference.object, name)
                raise Failure("QD524", object_id=reference.id, field=name, named=named, other=min(others).id)

    # --- notes, effects, timers -----------------------------------------------------------------------------------

    def recall(self, key: str) -> str | None:
        """A note, those of this transaction included."""
        return self._memory[key] if key in self._memory else self.transaction.recall(key)

    def remember(self, key: str, note: str | None) -> None:
        """Leave a note; ``None`` forgets it."""
        self._memory[key] = note

    def send(self, action: str, arguments: dict[str, Value], rule: str, subject: Reference | None) -> None:
        """Put an action in the outbox."""
        key = f"{self.key}#{len(self.effects) + 1}"
        lane = lane_of(action, arguments, subject)
        self.effects.append(Effect(key, action, arguments, rule, subject, self.event, self.now, lane=lane))

    def add_timer(self, timer: Timer) -> None:
        """Set a timer; no rule of this wave can cancel it. A key already taken gets a number behind it."""
        self._fresh.append(timer)

    def keep_timers(self) -> None:
        """The wave is over: what it set is there for the next one."""
        for timer in self._fresh:
            key, count = timer.key, 1
            while key in self._timers:
                count += 1
                key = f"{timer.key}/{count}"
            self._timers[key] = timer if count == 1 else attrs.evolve(timer, key=key)
        self._fresh.clear()

    def drop_timers(self, timers: Iterable[Timer]) -> None:
        """Delete timers, stored or just set."""
        for timer in timers:
            self._timers.pop(timer.key, None)
            self._dropped[timer.key] = None

    def timers_of(self, reference: Reference) -> list[Timer]:
        """The pending timers of an object, those set in this transaction included."""
        stored = [timer for timer in self.transaction.timers_of(reference) if timer.key not in self._dropped]
        return stored + [timer for timer in self._timers.values() if timer.object == reference]

    # --- the end --------------------------------------------------------------------------------------------------

    def settle_timers(self) -> None:
        """Let timers follow their dates and states, and die with their objects."""
        gone = [ref for ref in self.differing if self.start.get(ref) is not None and self.state.get(ref) is None]
        for reference in gone:
            self.drop_timers(self.timers_of(reference))
        changes = {ref: (self.start.get(ref), self.state.get(ref)) for ref in self.differing}
        old, new = self.scope(self.start, self.start), self.scope()
        for following in self.setting.index.followers({reference.object for reference in changes}):
            trigger = following.trigger
            reached = affected(trigger.object, following.dependencies, changes, (old, new))
            reached |= {reference for reference in changes if reference.object == trigger.object}
            for subject in sorted(reached):
                inner = [scope.with_variable("subject", subject) for scope in (old, new)]
                due = wanted(trigger, subject, inner[0], inner[1])
                if due is None:
                    continue
                pending = self.transaction.timer_at(following.rule.name, subject, following.slot)
                self.drop_timers([pending] if pending is not None else [])
                if isinstance(due, datetime):
                    self.add_timer(new_followed(following.rule.name, following.slot, subject, due, self.event))
        self.keep_timers()

    def appointments(self) -> tuple[Appointment, ...]:
        """The timers made or moved."""
        return tuple(Appointment(t.rule, t.object and t.object.id, t.due) for t in self._timers.values())

    def changes(self) -> tuple[Change, ...]:
        """The rules' net changes, one for each object, in the order they were first written.

        The fields of an object made are in the order they were given, those of another by name.
        """
        found = (self._net(reference) for reference in self.written)
        return tuple(change for change in found if change is not None)

    def _net(self, reference: Reference) -> Change | None:
        before, after = self.base.get(reference), self.state.get(reference)
        if after is None:
            return None if before is None else Change(*reference, {}, deleted=True)
        names = [*after] if before is None else sorted({*before, *after})
        set_fields: dict[str, Value] = {}
        for name in names:
            value = after.get(name)
            if not self.model.is_kept(reference.object, name) and not equal((before or {}).get(name), value):
                set_fields[name] = value
        if before is not None and not set_fields:
            return None
        return Change(*reference, set_fields, created=before is None)

    def batch(self, event: tuple[str, str] | None, clock: datetime | None, log: str | None) -> Batch:
        """Everything to write. ``event`` is the identity consumed, ``clock`` the instant now processed."""
        writes = (self._write(reference) for reference in self.differing)
        return Batch(
            records=tuple(write for write in writes if write is not None),
            timers=tuple(self._timers.values()),
            dropped=tuple(key for key in self._dropped if key not in self._timers),
            effects=tuple(self.effects),
            event=event,
            memory=self._memory if clock is None else {**self._memory, "clock": clock.isoformat()},
            log=() if log is None else (log,),
        )

    def _write(self, reference: Reference) -> RecordWrite | None:
        """What has to be written of an object, compared with what is stored: the host may have stored it already."""
        stored, after = self.transaction.get(reference), self.state.get(reference)
        if stored is None or after is None:
            return None if stored is after else RecordWrite(reference, after)
        names = frozenset(name for name in {*stored, *after} if not equal(stored.get(name), after.get(name)))
        if reference in self.hosted and reference not in self.written:
            names -= KEPT_BY_ENGINE
        return RecordWrite(reference, after, names) if names else None


def lane_of(action: str, arguments: Mapping[str, Value], subject: Reference | None) -> str:
    """What keeps its order in the outbox: the same action about the same object to the same destination.

    The destination is an action's first argument.
    """
    parts = (action, next(iter(arguments.values()), None), subject)
    return sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
