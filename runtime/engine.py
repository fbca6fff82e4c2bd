"""The engine: one event in, one outcome out, everything written in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import attrs

from ..dsl.values import Reference, Value
from .business import Calendar, WorkingCalendar, no_holidays
from .calls import Actions
from .clock import Upcoming, last_rung, stored_clock
from .dates import Clockwork
from .deliveries import Deliveries, Delivery
from .events import Event, EventReader, Rejected, parse_line
from .known import as_known
from .ledger import Setting
from .outcome import Outcome, merged
from .problems import Failure, Problem, Refusal, problem
from .program import Program
from .questions import Questions
from .results import instant, json_text
from .ringing import FIRST, Due, Ringing, Rung, retried
from .state import laid_over
from .stores.memory import MemoryStore
from .stores.port import Batch, Notice, Record, Store, StoreBusy, StoreRefused, Timer, Transaction
from .trials import Trials
from .turn import Turn
from .turns import Turns
from .wave import Wave
from .zones import zone

_D = TypeVar("_D", bound=Delivery)
Clock = Callable[[], datetime]
_OVERTAKEN = 100
"""How often others may set timers between those due before an event and the event."""


class Engine:
    """Processes events with a program over a store.

    Safe to call from several threads: one event at a time, in the order in which they came.
    """

    def __init__(
        self,
        program: Program,
        store: Store | None = None,
        clock: Clock | None = None,
        now: datetime | None = None,
        *,
        actions: Actions | None = None,
        calendar: Calendar | None = None,
        traced: bool = False,
        interpreted: bool = False,
    ) -> None:
        """``store``: memory unless given. ``clock`` gives the machine's time to a running service: events without
        ``at`` are processed then. ``now`` is the instant before the first event; both give aware datetimes.
        ``actions`` are bodies by name, those of the standard library as a rule. ``calendar`` counts business time;
        without one, the project's hours and no holidays. With ``traced`` outcomes hold the trace of conditions.
        With ``interpreted`` the reference interpreter evaluates and every rule is looked at: slower, the same outcome.
        Raises :class:`Failure` for a time zone that does not exist, :class:`~.stores.port.StoreError` for a store that
        cannot be used.
        """
        settings = program.ir.settings
        calendar = calendar or WorkingCalendar(settings.hours, zone(settings.timezone), no_holidays)
        self.program = program
        self.store: Store = MemoryStore() if store is None else store
        self.store.prepare(program.ir)
        self._notices: tuple[Notice, ...] = tuple(getattr(self.store, "notices", ()))
        self._clockwork = Clockwork(settings.timezone, calendar)
        self._setting = Setting(
            program.model,
            program.index if interpreted else program.candidates,
            self._clockwork,
            dict(actions or {}),
            traced,
            None if interpreted else program.evaluator,
            None if interpreted else Questions(program.model, self._clockwork),
        )
        self._reader = EventReader(program.model, self._clockwork)
        self._clock = clock
        self._now = now
        self._deliveries = Deliveries(self.store, program.model, self._delivery_instant)
        self._lock = Turns()
        self._ringing = Ringing(self._setting)

    def action(self, name: str) -> Callable[[_D], _D]:
        """Bind a declared action to a function, by the name results carry: ``@engine.action("send SMS")``.

        The function gets the :class:`~.stores.port.Effect` after the commit; what it returns means nothing, an
        exception leaves the effect waiting for :meth:`deliver`. Raises ``ValueError`` for an action the program does
        not know.
        """
        if name not in self.program.model.actions:
            raise ValueError(name)

        def bind(function: _D) -> _D:
            self._deliveries.bind(name, function)
            return function

        return bind

    # --- events ---------------------------------------------------------------------------------------------------

    def process(self, event: Mapping[str, Any], connection: Any = None) -> Outcome:
        """Process one event. Never raises for what the event or the rules say: the outcome tells.

        With ``connection`` everything is written inside the caller's transaction, and nothing is delivered.
        """
        return self._process(event, str(uuid.uuid4()), connection)

    def process_line(self, text: str, stream: str, line: int) -> Outcome:
        """Process one line of a stream of JSON; an event without ``id`` is ``<stream>:<line>``."""
        try:
            raw = parse_line(text)
        except (ValueError, RecursionError):
            return self._outcome(None, "failed", problems=(self._problem("QD530"),))
        return self._process(raw, f"{stream}:{line}", None)

    def _process(self, raw: Any, default_id: str, connection: Any) -> Outcome:
        with self._lock:
            try:
                event = self._read(raw, default_id, connection)
            except Rejected as rejected:
                return self._outcome(rejected.event, "failed", problems=tuple(rejected.problems))
            outcome = self._with_notices(self._apply(event, connection))
            return outcome if connection is not None else self._delivered(outcome)

    def _with_notices(self, outcome: Outcome) -> Outcome:
        """The first outcome tells what there is to say about the data themselves."""
        if not self._notices:
            return outcome
        language = self.program.ir.settings.language
        told = [problem(each.code, language, field=each.field, args=each.facts) for each in self._notices]
        self._notices = ()
        return attrs.evolve(outcome, problems=(*told, *outcome.problems))

    def _read(self, raw: Any, default_id: str, connection: Any) -> Event:
        def found(identifier: str) -> list[Reference]:
            with self.store.transaction(connection, reading=True) as transaction:
                references = (Reference(kind, identifier) for kind in self.program.model.objects)
                return [reference for reference in references if transaction.get(reference) is not None]

        return self._reader.read(raw, default_id, lambda identifier: retried(lambda: found(identifier), connection))

    def _apply(self, event: Event, connection: Any) -> Outcome:
        """Ring what is due before the event, then process it. What is due is seen only inside its transaction."""
        rung = Rung()
        ready = self._ringing.prepared
        if event.at is None and self._clock is not None:
            event = attrs.evolve(event, at=self._clock().astimezone(UTC))
        for _ in range(_OVERTAKEN):
            try:
                found = retried(partial(self._turn, event, connection, rung, ready=ready), connection)
            except StoreRefused as refused:
                return self._refused_by_store(event, connection, rung, refused)
            if isinstance(found, Ahead):
                if not ready:
                    self._prepare(event, connection, found.start, found.now)
                    ready = True
                self._ringing.ring(self.store, connection, event.id, found.now, found.due, rung)
                continue
            outcome, first = found
            if first is not None and outcome.status != "failed":
                # an event that fails starts no calendar
                self._prepare(event, connection, first, first)
            return outcome
        raise StoreBusy

    def _prepare(self, event: Event, connection: Any, start: datetime, now: datetime) -> None:
        """Note the rules new to this store."""
        retried(lambda: self._ringing.prepare(self.store, connection, event.id, start, now), connection)

    def _known(self, event: Event, transaction: Transaction) -> Outcome | None:
        """The outcome of an event whose identity is consumed already; ``None`` for a new one."""
        digest = transaction.event_digest(event.id)
        if digest is None:
            return None
        if digest == event.digest:
            return self._outcome(event.id, "duplicate")
        return self._outcome(event.id, "failed", problems=(self._problem("QD549", event=event.id),))

    def _turn(
        self, event: Event, connection: Any, rung: Rung, *, ready: bool
    ) -> tuple[Outcome, datetime | None] | Ahead:
        """The transaction of the event itself, or what has to happen before it.

        ``ready``: the rules new to this store are noted. With the outcome comes the very first instant, if it was that.
        """
        with self.store.transaction(connection) as transaction:
            known = self._known(event, transaction)
            if known is not None:
                return known, None
            now, start = self._instant(event, transaction)
            if start is None:
                return self._decided(event, transaction, now, rung, first=True), now
            due = self._ringing.due(transaction, now, start) if ready and not rung.stopped else []
            if due or not ready:
                return Ahead(now, start, due)
            return self._decided(event, transaction, now, rung, first=False), None

    def _decided(self, event: Event, transaction: Transaction, now: datetime, rung: Rung, *, first: bool) -> Outcome:
        """What the rules make of the event, written; ``first``: no instant came before."""
        event = as_known(event, transaction)
        turn = Turn(self._setting, transaction, now=now, event=event.id, key=event.id)
        if first:
            turn.remember(FIRST, now.isoformat())
        try:
            turn.run(self._first_wave(turn, event))
            turn.settle_timers()
        except Failure as failure:
            return self._failed(event, turn, rung, failure)
        except RecursionError:
            return self._failed(event, turn, rung, Failure("QD511"))
        outcome = self._outcome(
            event.id,
            "applied",
            fired=(*rung.fired, *turn.fired),
            changes=merged(rung.changes, turn.changes()),
            effects=(*rung.effects, *turn.effects),
            timers=(*rung.timers, *turn.appointments()),
            problems=(*event.warnings, *rung.problems, *turn.problems),
            trace=(*rung.trace, *turn.trace),
        )
        transaction.write(turn.batch((event.id, event.digest), now, self._log(event, now, outcome)))
        return outcome

    def _failed(self, event: Event, turn: Turn, rung: Rung, failure: Failure) -> Outcome:
        """The outcome of an event that a rule refused, or that failed; a refusal consumes its identity.

        Of one that failed the clock only knows the timers that rang before it.
        """
        refused = isinstance(failure, Refusal)
        told = failure.problem(turn.language, self.program.model.rule_titles)
        own = tuple(attrs.evolve(firing, effects=()) for firing in turn.fired) if refused else ()
        outcome = self._outcome(
            event.id,
            "refused" if refused else "failed",
            fired=(*rung.fired, *own),
            changes=merged(rung.changes, ()),
            effects=tuple(rung.effects),
            timers=tuple(rung.timers),
            problems=(*event.warnings, *rung.problems, told),
            trace=(*rung.trace, *turn.trace),
        )
        now = turn.now
        if refused:
            empty = Turn(self._setting, turn.transaction, now=now, event=event.id, key=event.id)
            note = turn.recall(FIRST)
            if note is not None:
                empty.remember(FIRST, note)
            log = self._log(event, now, outcome)
            turn.transaction.write(empty.batch((event.id, event.digest), now, log))
        else:
            latest, clock = last_rung(turn.transaction), stored_clock(turn.transaction)
            if latest is not None and (clock is None or latest > clock):
                turn.transaction.write(Batch(memory={"clock": latest.isoformat()}))
        return outcome

    def _refused_by_store(self, event: Event, connection: Any, rung: Rung, refused: StoreRefused) -> Outcome:
        """The outcome of an event whose contents the data cannot hold."""
        failure = Failure("QD561", reason=refused.text(self.program.ir.settings.language))
        with self.store.transaction(connection) as transaction:
            now, _ = self._instant(event, transaction)
            turn = Turn(self._setting, transaction, now=now, event=event.id, key=event.id)
            return self._failed(event, turn, rung, failure)

    def _instant(self, event: Event, transaction: Transaction) -> tuple[datetime, datetime | None]:
        """The instant at which an event is processed, and the one before it, unless it is the very first.

        What rang after that, before a crash, is not overtaken; the calendar still counts from the event before.
        """
        clock = stored_clock(transaction)
        given = self._now.astimezone(UTC) if self._now is not None else None
        if clock is None or (given is not None and given > clock):
            clock = given
        now = event.at or clock or datetime.now(UTC)
        if clock is None:
            return now, None
        return max(now, clock, last_rung(transaction) or clock), clock

    # --- the first wave -------------------------------------------------------------------------------------------

    def _first_wave(self, turn: Turn, event: Event) -> Wave | None:
        if event.verb == "time":
            return None
        if event.verb == "occurred":
            reference = Reference(event.kind, event.id)
            record: dict[str, Value] = {name: value for name, value in event.data.items() if value is not None}
            record |= {"created at": turn.now, "origin": event.origin}
            changes = turn.begin({reference: record})
            return Wave(turn.scope(before=turn.start), changes, occurred=reference)
        reference = Reference(event.kind, event.identifier or event.id)
        return self._stored(turn, event) if event.before is not None else self._given(turn, event, reference)

    def _given(self, turn: Turn, event: Event, reference: Reference) -> Wave:
        """The wave of an object written by the event."""
        stored = turn.start.get(reference)
        verb = event.verb
        if verb == "saved":
            verb = "created" if stored is None else "updated"
        if verb == "created" and stored is not None:
            raise Failure("QD550", object_id=reference.id, kind=event.kind)
        if verb != "created" and stored is None:
            raise Failure("QD551", object_id=reference.id, kind=event.kind)
        record = None if verb == "deleted" else laid_over(stored or {}, event.data)
        stamped = turn.stamped(reference, stored, record, event.origin)
        if stamped is not None and stamped is not stored:
            self._check(turn, reference, stamped)
        changes = turn.begin({} if stamped is stored else {reference: stamped})
        saved = frozenset([reference] if verb != "deleted" else [])
        return Wave(turn.scope(before=turn.start), changes, saved=saved)

    def _check(self, turn: Turn, reference: Reference, record: Record) -> None:
        for name, field in turn.model.fields(reference.object).items():
            required = field.required and field.default is None and not turn.model.is_kept(reference.object, name)
            if required and record.get(name) is None:
                named = turn.model.field_name(reference.object, name)
                raise Failure("QD552", object_id=reference.id, field=name, named=named)
        turn.check_unique(reference, record, {})
        for name, value in record.items():
            if isinstance(value, str) and not turn.budgets.allows(value):
                limit = turn.budgets.limits["text"]
                raise Failure("QD515", object_id=reference.id, field=name, limit=limit)

    def _stored(self, turn: Turn, event: Event) -> Wave:
        """The wave of an object that the host has written already."""
        reference = Reference(event.kind, event.identifier or event.id)
        stored = turn.start.get(reference)
        previous = event.before or {}
        if event.verb == "deleted":
            after = None
            before: Record | None = laid_over(laid_over(stored or {}, event.data), previous)
        else:
            after = laid_over({"created at": turn.now, **(stored or {})}, event.data)
            after |= {"updated at": turn.now, "origin": event.origin}
            created = event.verb == "created" or (event.verb == "saved" and not previous and stored is None)
            before = None if created else laid_over(after, previous)
        changes = turn.begin({reference: after}, {reference: before})
        saved = frozenset([reference] if after is not None else [])
        return Wave(turn.scope(before=turn.start), changes, saved=saved)

    # --- outcomes -------------------------------------------------------------------------------------------------

    def _outcome(self, event: str | None, status: str, **parts: Any) -> Outcome:
        if not self._setting.traced:
            parts.pop("trace", None)
        elif "trace" not in parts:
            parts["trace"] = ()
        return Outcome(event, status, settings=self.program.ir.settings, **parts)

    def _problem(self, code: str, **facts: Any) -> Problem:
        return problem(code, self.program.ir.settings.language, args=facts)

    def _log(self, event: Event, now: datetime, outcome: Outcome) -> str:
        """The entry of the decision log: the result, when and by whom, and which version of each rule decided."""
        model = self.program.model
        entry: dict[str, Any] = {
            "at": instant(now),
            "origin": event.origin,
            "actor": event.actor,
            "result": attrs.evolve(outcome, trace=None).to_plain(),
            "versions": {name: model.rule_version(name) for name in sorted({f.rule for f in outcome.fired})},
        }
        return json_text(entry)

    # --- effects and timers ---------------------------------------------------------------------------------------

    def _delivered(self, outcome: Outcome) -> Outcome:
        """Deliver what has a function bound to it; a failure to deliver is told and the effect kept."""
        told = self._deliveries.deliver(outcome.effects)
        return attrs.evolve(outcome, problems=(*outcome.problems, *told)) if told else outcome

    def deliver(self) -> list[Problem]:
        """Deliver all effects that are due and have a function bound to them; the problems met.

        An effect that failed waits before it is due again, longer each time, and is given up in the end.
        """
        with self._lock:
            return self._deliveries.deliver_all()

    def _delivery_instant(self) -> datetime:
        """Attempts follow the machine's time, whatever the instants of events."""
        return datetime.now(UTC) if self._clock is None else self._clock().astimezone(UTC)

    def upcoming(self) -> Upcoming:
        """What a worker waits for. Cheap: it looks at no more than the clock and the first timer."""
        with self._lock:
            with self.store.transaction(reading=True) as transaction:
                clock = stored_clock(transaction)
            due = [self.store.next_timer(), None if clock is None else self._ringing.next_tick(clock)]
        return Upcoming(clock, min((instant for instant in due if instant is not None), default=None))

    def trials(self, transaction: Transaction, machine: datetime | None = None) -> Trials:
        """What each rule would do to the data of a transaction that only reads; nothing is written.

        They are tried at the instant that was processed last, or at the machine's time, ``machine``, when it is later.
        """
        instant = self._now or machine or datetime.now(UTC)
        clock = stored_clock(transaction)
        now = instant.astimezone(UTC)
        return Trials(self._setting, transaction, now if clock is None else max(now, clock))

    def timers(self) -> list[Timer]:
        """All timers, those that the program can no longer serve marked as orphaned."""
        return [self._ringing.judged(timer) for timer in self.store.timers()]


@attrs.frozen
class Ahead:
    """What has to happen before an event at ``now`` can be processed; ``start`` is the instant processed last."""

    now: datetime
    start: datetime
    due: list[Due]
