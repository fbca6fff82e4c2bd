"""Examples at work: what they give is stored, what they do is processed, what they expect is looked for.

The clock of an example is its own, never the machine's. While time passes in it, calendar rules ring as they do in a
service that never sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

import attrs

from ..dsl import ir
from ..dsl.example_model import (
    Case,
    ClockIs,
    DeclaredEvent,
    ExpectAction,
    ExpectCondition,
    GivenObject,
    ObjectEvent,
    Step,
    TimePasses,
)
from ..dsl.node import Node, node
from ..dsl.values import Duration, Reference, Value
from .business import Calendar
from .coverage import Hits, rows_hit
from .dates import Clockwork
from .engine import Engine
from .expectations import Check, History, checked, happenings
from .interpret import Scope, evaluate
from .ledger import Ledger, Setting
from .outcome import Firing, Outcome
from .problems import Failure, Problem, problem
from .program import Program
from .state import State
from .stores.memory import MemoryStore
from .stores.port import Batch, RecordWrite, Store
from .ticks import latest_tick

START = (2026, 1, 5, 9)
"""When an example starts unless it says otherwise: a Monday at 09:00, project time."""

MOST_WAKE_UPS = 10_000
"""How many ticks of calendar rules ring at most while an example lets time pass; the earliest are left out."""

EngineMaker: TypeAlias = Callable[[Program, Store, datetime], Engine]
"""Makes the engine of one case: over that store, its clock starting at that instant."""


@node
class CaseResult(Node):
    """What came of one case.

    ``problems`` are those that make it fail by themselves (an event that could not be processed); ``notes`` are the
    other problems that its events told. ``fired`` are the firings of all its steps, ``rows`` the rows of decision
    tables that decided for its objects.
    """

    case: Case
    checks: tuple[Check, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    fired: tuple[Firing, ...] = ()
    rows: Hits = frozenset()

    @property
    def passed(self) -> bool:
        """Whether everything expected was found and every event could be processed."""
        return not self.problems and all(check.passed for check in self.checks)


class ExampleRunner:
    """Runs the cases of examples with one program; each has a memory store and a clock of its own."""

    def __init__(
        self,
        program: Program,
        make_engine: EngineMaker,
        calendar: Calendar,
        start: datetime | None = None,
        covering: bool = False,
    ) -> None:
        """``start`` is the instant at which cases start that do not say one. With ``covering``, results tell which
        rows of decision tables decided. Raises :class:`Failure` for a time zone that does not exist."""
        self.program = program
        self.make_engine = make_engine
        self.covering = covering
        self.clockwork = Clockwork(program.ir.settings.timezone, calendar)
        self.setting = Setting(program.model, program.index, self.clockwork, {})
        self.start = start or self.clockwork.instant(datetime(*START))  # noqa: DTZ001 (a local time)

    def run(self, case: Case, language: str) -> CaseResult:
        """Run one case. ``language`` is that of the names given to its objects. Raises nothing for what rules do."""
        try:
            run = _Run(self, case, language)
        except Failure as failure:
            return CaseResult(case, (), (failure.problem(self.program.ir.settings.language),))
        try:
            run.prepare()
            for number, step in enumerate(case.steps):
                run.do(number, step)
        except Failure as failure:
            run.problems.append(failure.problem(self.program.ir.settings.language, self.program.model.rule_titles))
        return CaseResult(
            case,
            tuple(run.checks),
            tuple(run.problems),
            tuple(run.notes),
            tuple(run.fired),
            frozenset(run.rows),
        )


class _Run:
    """One case being run."""

    def __init__(self, runner: ExampleRunner, case: Case, language: str) -> None:
        self.runner = runner
        self.case = case
        self.language = language
        self.model = runner.program.model
        self.store = MemoryStore()
        self.clock = runner.start
        self.variables: dict[str, Value] = {}
        self.history = History()
        self.checks: list[Check] = []
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.fired: list[Firing] = []
        self.rows: set[tuple[str, str, int]] = set()
        self._counts: dict[str, int] = {}
        self._waiting: dict[str, dict[str, Value]] = {}
        self._events = 0
        for step in case.given:
            if isinstance(step, ClockIs):
                self.clock = self._instant(step.instant)
        self.engine = runner.make_engine(runner.program, self.store, self.clock)

    # --- what is given --------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Store what is given; what an event of the example creates waits for it."""
        created = created_by(self.case)
        for step in self.case.given:
            if isinstance(step, GivenObject):
                self._give(step, stored=step.variable not in created)

    def _give(self, step: GivenObject, stored: bool) -> None:
        with self._scope() as scope:
            data = {argument.name: evaluate(argument.value, scope) for argument in step.fields}
        identifiers = {"id", self.model.identifier(step.object)}
        named = next((data.pop(name) for name in sorted(identifiers) if data.get(name) is not None), None)
        reference = Reference(step.object, named if isinstance(named, str) else self._identifier(step.object))
        self.variables[step.variable] = reference
        if stored:
            self._store(reference, data)
        else:
            self._waiting[step.variable] = data

    def _identifier(self, kind: str) -> str:
        """A readable name for an object that has none: ``affaire-1``."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        name = self.model.objects[kind].names.get(self.language, kind)
        return f"{name.replace(' ', '-')}-{self._counts[kind]}"

    def _store(self, reference: Reference, data: Mapping[str, Value]) -> None:
        """Store an object that exists beforehand; no rule hears of it."""
        with self.store.transaction() as transaction:
            ledger = Ledger(self.runner.setting, transaction, now=self.clock, event="", key="")
            fitted = {name: ledger.fitted(reference.object, name, value) for name, value in data.items()}
            record = {name: value for name, value in fitted.items() if value is not None}
            origin = record.pop("origin", "user")
            stamped = ledger.stamped(reference, None, record, origin if isinstance(origin, str) else "user")
            transaction.write(Batch(records=(RecordWrite(reference, stamped),)))
            self.history.begin(reference, stamped or {})

    # --- what is done ---------------------------------------------------------------------------------------------

    def do(self, number: int, step: Step) -> None:
        """Do one step after the given ones, or look for what it expects."""
        match step:
            case GivenObject():
                events = [s for s in self.case.steps[number + 1 :] if isinstance(s, ObjectEvent)]
                event = next((s for s in events if s.variable == step.variable), None)
                self._give_in_event(step, event)
            case ClockIs():
                self._move_to(self._instant(step.instant))
            case TimePasses():
                self._pass(step)
            case ObjectEvent():
                self._object_event(step)
            case DeclaredEvent():
                self._process({"event": step.event, "data": self._values(step.fields)})
            case ExpectAction() | ExpectCondition():
                with self._scope() as scope:
                    self.checks.append(checked(step, scope, self.history))

    def _give_in_event(self, step: GivenObject, event: ObjectEvent | None) -> None:
        """An object that only an event names: what is said of it is what a creation or a change carries."""
        if event is not None and event.kind == "updated":
            self._give(attrs.evolve(step, fields=()), stored=True)
            with self._scope() as scope:
                self._waiting[step.variable] = {a.name: evaluate(a.value, scope) for a in step.fields}
        else:
            self._give(step, stored=event is None or event.kind == "deleted")

    def _object_event(self, step: ObjectEvent) -> None:
        reference = self.variables[step.variable]
        assert isinstance(reference, Reference)
        data = {**self._waiting.pop(step.variable, {}), **self._values(step.fields)}
        raw: dict[str, Any] = {"event": f"{step.object}.{step.kind}"}
        if data.get("origin") is not None:
            raw["origin"] = data.pop("origin")
        raw["data"] = {**data, "id": reference.id}
        if step.kind != "deleted":
            self.history.begin(reference, {name: value for name, value in data.items() if value is not None})
        self._process(raw)

    def _values(self, fields: tuple[ir.Argument, ...]) -> dict[str, Value]:
        with self._scope() as scope:
            return {argument.name: evaluate(argument.value, scope) for argument in fields}

    def _process(self, raw: dict[str, Any]) -> None:
        self._events += 1
        self._note(self.engine.process({"id": f"e{self._events}", "at": self.clock, **raw}))

    def _note(self, outcome: Outcome) -> None:
        self.fired.extend(outcome.fired)
        (self.problems if outcome.status == "failed" else self.notes).extend(outcome.problems)
        self.history.extend(happenings(outcome, self.model))
        with self._scope() as scope:
            if self.runner.covering:
                self.rows.update(rows_hit(self.runner.program.ir, scope))
            for change in outcome.changes:
                if change.created:
                    self.variables[f"created:{change.object}"] = Reference(change.object, change.id)

    # --- the clock ------------------------------------------------------------------------------------------------

    def _instant(self, expression: ir.Expression) -> datetime:
        """A date is its local midnight, a time of day is that of the current day."""
        clockwork = self.runner.clockwork
        with self._scope() as scope:
            value = evaluate(expression, scope)
        if isinstance(value, time):
            return clockwork.at(clockwork.day(self.clock), value)
        if isinstance(value, date):
            return clockwork.instant(value)
        raise Failure("QD502", action="")

    def _pass(self, step: TimePasses) -> None:
        with self._scope() as scope:
            length = evaluate(step.duration, scope)
        if isinstance(length, Duration):
            self._move_to(self.runner.clockwork.add_to_instant(self.clock, length))

    def _move_to(self, instant: datetime) -> None:
        if instant < self.clock:
            zone = self.runner.clockwork.timezone
            told = {"asked": instant.astimezone(zone), "clock": self.clock.astimezone(zone)}
            self.problems.append(problem("QD560", self.model.settings.language, args=told))
            return
        for tick in self._ticks(instant):
            self.clock = tick
            self._process({"event": "time"})
        self.clock = instant
        self._process({"event": "time"})

    def _ticks(self, until: datetime) -> list[datetime]:
        """The instants before ``until`` at which a calendar rule rings."""
        found: set[datetime] = set()
        for rule in self.runner.program.index.ticking:
            for trigger in rule.triggers:
                last = until - timedelta(microseconds=1)
                while isinstance(trigger, ir.Tick) and len(found) < MOST_WAKE_UPS:
                    tick = latest_tick(trigger, self.clock, last, self.runner.clockwork)
                    if tick is None:
                        break
                    found.add(tick)
                    last = tick - timedelta(microseconds=1)
        return sorted(found)

    # --- reading --------------------------------------------------------------------------------------------------

    @contextmanager
    def _scope(self) -> Generator[Scope]:
        """The data as it is now, with the objects of the example by name."""
        with self.store.transaction() as transaction:
            state = State(transaction)
            yield Scope(self.model, self.runner.clockwork, state, state, self.clock.astimezone(UTC), self.variables)


def created_by(case: Case) -> frozenset[str]:
    """The variables of the objects that an event of the example creates itself."""
    return frozenset(step.variable for step in case.steps if isinstance(step, ObjectEvent) and step.kind == "created")
