"""What rules would do to real data: the real engine over data that are only read, counted rule by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, zip_longest
from typing import Any, NamedTuple, cast

from ..dsl import ir
from ..runtime.events import parse_line
from ..runtime.outcome import Change, Firing, Outcome
from ..runtime.problems import Problem
from ..runtime.program import Program
from ..runtime.stores.overlay import OverlayStore
from ..runtime.stores.pinned import PinnedStore
from ..runtime.stores.port import Store
from ..runtime.trials import UNTRIED, Trial
from .compile import Project
from .engine import Engine
from .stores import must_exist, open_store

MOST_EXAMPLES = 3
"""Examples kept for each rule."""

Progress = Callable[[int], None]


class Example(NamedTuple):
    """One time that a rule would act: on which object, at which event or instant, and what came of it."""

    object: str | None
    event: str | None
    at: datetime | None
    fired: tuple[Firing, ...]
    changes: tuple[Change, ...]


class RuleCounts:
    """What one rule would do, all in all.

    ``looked`` objects were tried; on ``fired`` it would act, on ``otherwise`` by its other branch, on ``later`` of them
    when a date comes. ``changes`` count by object and field, ``created`` or ``deleted`` where a field would stand.
    """

    def __init__(self, rule: ir.Rule) -> None:
        self.rule = rule
        self.untried = bool(rule.triggers) and all(isinstance(trigger, UNTRIED) for trigger in rule.triggers)
        self.looked = 0
        self.fired = 0
        self.otherwise = 0
        self.later = 0
        self.refused = 0
        self.failed = 0
        self.actions: Counter[str] = Counter()
        self.changes: Counter[tuple[str, str]] = Counter()
        self.problems: dict[str, tuple[int, Problem]] = {}
        self._examples: tuple[list[Example], list[Example]] = ([], [])

    @property
    def examples(self) -> list[Example]:
        """Some of the times the rule would act; those of its other branch only where there are no others."""
        return self._examples[0] or self._examples[1]

    def add_example(self, example: Example, branch: str | None) -> None:
        """Keep an example, unless there are enough."""
        kept = self._examples[0 if branch is None else 1]
        if len(kept) < MOST_EXAMPLES:
            kept.append(example)

    def add_firing(self, firing: Firing, event: str | None = None) -> None:
        """Count one time that the rule acts."""
        if firing.branch is None:
            self.fired += 1
        else:
            self.otherwise += 1
        self.actions.update(done.action for done in firing.effects)

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Count what the rule could not do."""
        for problem in problems:
            count, first = self.problems.get(problem.code, (0, problem))
            self.problems[problem.code] = count + 1, first


class Simulation:
    """What a program would do: its rules in order, by English name, and what came of the events."""

    def __init__(self, program: ir.Program) -> None:
        self.program = program
        self.rules = {rule.name: RuleCounts(rule) for rule in program.rules if not rule.disabled}
        self.statuses: Counter[str] = Counter()
        self.changes: Counter[tuple[str, str]] = Counter()
        self.failures: list[Outcome] = []


class Difference(NamedTuple):
    """A rule acts in one version and not in the other, or otherwise: ``old`` and ``new`` are its results there.

    Without ``rule`` it is about the value of a ``field``. ``event`` is ``None`` for the data as they are.
    """

    event: str | None
    rule: str | None
    object: str | None
    kind: str | None
    field: str | None
    old: Any
    new: Any


class Compared(NamedTuple):
    """Two versions: the new one in full, and where they differ."""

    simulation: Simulation
    differences: list[Difference] | None
    events: int


class Simulator:
    """Tries one version of the rules on data that nothing is written to."""

    def __init__(self, project: Project, data: str, now: datetime | None, machine: datetime | None = None) -> None:
        """``machine`` stands for the machine's time, so that two versions have the same.

        Raises :class:`~.errors.ProjectError` for a store that cannot be opened."""
        must_exist(data)
        self.program = Program(project.checked())
        self._store = PinnedStore(open_store(data, project.config.tables))
        # it has of a store what lies under a trial run
        self._over = OverlayStore(cast("Store", self._store))
        self._machine = machine
        self._engine = Engine(self.program, self._over, now=now, dry=True)
        self.simulation = Simulation(self.program.ir)

    def close(self) -> None:
        """Let go of the data."""
        self._over.close()

    # --- the data as they are -------------------------------------------------------------------------------------

    def try_rules(self, progress: Progress) -> Iterator[Trial]:
        """Each rule on each object that its trigger may be said to have happened to, counted as it goes."""
        done = 0
        with self._store.transaction(reading=True) as transaction:
            trials = self._engine.trials(transaction, self._machine)
            for counts in self.simulation.rules.values():
                for chance in trials.chances(counts.rule):
                    done += 1
                    progress(done)
                    counts.looked += 1
                    trial = trials.trial(counts.rule, chance)
                    if trial is not None:
                        self._count(counts, trial)
                        yield trial

    def _count(self, counts: RuleCounts, trial: Trial) -> None:
        own = own_firing(trial)
        if own is not None:
            counts.add_firing(own)
            counts.later += trial.at is not None
        counts.refused += trial.status == "refused"
        counts.failed += trial.status == "failed"
        changed = counted(trial.changes)
        counts.changes += changed
        self.simulation.changes += changed
        counts.add_problems(trial.problems)
        if own is not None:
            name = trial.subject and trial.subject.id
            counts.add_example(Example(name, None, trial.at, trial.fired, trial.changes), own.branch)

    # --- events ---------------------------------------------------------------------------------------------------

    def process(self, text: str, stream: str, number: int) -> Outcome:
        """One event after those before it; one that the data know already is processed anew."""
        outcome = self._engine.process_line(text, stream, number)
        if outcome.status == "duplicate" and outcome.event is not None:
            self._over.forget_event(outcome.event)
            outcome = self._engine.process_line(text, stream, number)
        simulation = self.simulation
        simulation.statuses[outcome.status] += 1
        simulation.changes += counted(outcome.changes)
        if outcome.status in {"failed", "refused"}:
            simulation.failures.append(outcome)
        for firing in outcome.fired:
            counts = simulation.rules.get(firing.rule)
            if counts is not None:
                counts.add_firing(firing)
                counts.add_example(Example(firing.object, outcome.event, firing.at, (firing,), ()), firing.branch)
        for problem in outcome.problems:
            counts = simulation.rules.get(problem.rule or "")
            if counts is not None:
                counts.add_problems((problem,))
        return outcome


def own_firing(trial: Trial) -> Firing | None:
    """The firing of the rule that was tried, not of those that follow from it."""
    name = trial.subject and trial.subject.id
    return next((firing for firing in trial.fired if (firing.rule, firing.object) == (trial.rule, name)), None)


def counted(changes: Iterable[Change]) -> Counter[tuple[str, str]]:
    """Changes by object and field; an object made or deleted counts as that alone."""
    found: Counter[tuple[str, str]] = Counter()
    for change in changes:
        if change.created or change.deleted:
            found[change.object, "created" if change.created else "deleted"] += 1
        else:
            found.update((change.object, name) for name in change.set)
    return found


# --- two versions -------------------------------------------------------------------------------------------------


def simulate(
    project: Project,
    data: str,
    events: Iterable[str] | None,
    stream: str,
    now: datetime | None,
    against: Project | None = None,
    progress: Progress = lambda done: None,
) -> Compared:
    """Try the rules of a project, and tell where those of an older version differ.

    ``events`` are lines of JSON; without them the rules are tried on the data as they are. Nothing is written. Raises
    :class:`~.errors.ProjectError` and :class:`~..runtime.stores.port.StoreError` for data that cannot be read.
    """
    machine = datetime.now(UTC)
    if events is not None:
        lines = iter(events)
        first = next((line for line in lines if line.strip()), "")
        events = chain((first,), lines)
        if against is not None and now is None and not _says_when(first):
            now = machine
    new = Simulator(project, data, now, machine)
    old = None if against is None else Simulator(against, data, now, machine)
    try:
        if events is None:
            return _of_data(new, old, progress)
        return _of_events(new, old, events, stream, progress)
    finally:
        new.close()
        if old is not None:
            old.close()


def _says_when(line: str) -> bool:
    """Whether an event says when it happened; one that does not would be at another instant in each version."""
    try:
        raw = parse_line(line)
    except (ValueError, RecursionError):
        return True
    return not isinstance(raw, dict) or "at" in raw


def _of_data(new: Simulator, old: Simulator | None, progress: Progress) -> Compared:
    if old is None:
        for _ in new.try_rules(progress):
            pass
        return Compared(new.simulation, None, 0)
    tried = {_place(trial): trial for trial in new.try_rules(progress)}
    before = {_place(trial): trial for trial in old.try_rules(progress)}
    differences: list[Difference] = []
    for place in sorted({*before, *tried}):
        one, two = before.get(place), tried.get(place)
        trial = two or one
        assert trial is not None
        results = [None if each is None else _plain(each, simulator) for each, simulator in ((one, old), (two, new))]
        if results[0] != results[1]:
            subject = trial.subject
            kind = subject and subject.object
            differences.append(Difference(None, trial.rule, subject and subject.id, kind, None, *results))
    return Compared(new.simulation, differences, 0)


def _place(trial: Trial) -> tuple[str, str, str]:
    subject = trial.subject
    return (trial.rule, subject.object if subject else "", subject.id if subject else "")


def _plain(trial: Trial, simulator: Simulator) -> dict[str, Any]:
    outcome = Outcome(None, trial.status, trial.fired, trial.changes, settings=simulator.program.ir.settings)
    plain = outcome.to_plain()
    at = None if trial.at is None else trial.at.isoformat()
    return {"status": trial.status, "at": at, "fired": plain["fired"], "changes": plain["changes"]}


def _of_events(
    new: Simulator, old: Simulator | None, events: Iterable[str], stream: str, progress: Progress
) -> Compared:
    differences: list[Difference] | None = None if old is None else []
    count = 0
    for number, line in enumerate(events, start=1):
        if not line.strip():
            continue
        count += 1
        progress(count)
        outcome = new.process(line, stream, number)
        if old is not None and differences is not None:
            differences += between(old.process(line, stream, number), outcome)
    return Compared(new.simulation, differences, count)


def between(old: Outcome, new: Outcome) -> list[Difference]:
    """Where two versions differ over one event: its fate, who acted and how, what was written."""
    found: list[Difference] = []
    if old.status != new.status:
        found.append(Difference(new.event, None, None, None, None, old.status, new.status))
    one, two = old.to_plain(), new.to_plain()
    for key in _keys(one["fired"], two["fired"], "rule", "object"):
        acts = [[each for each in side["fired"] if (each["rule"], each["object"]) == key] for side in (one, two)]
        for before, after in zip_longest(*acts):
            if before != after:
                found.append(Difference(new.event, key[0], key[1], None, None, before, after))
    for key in _keys(one["changes"], two["changes"], "object", "id"):
        sides = [next((c for c in side["changes"] if (c["object"], c["id"]) == key), None) for side in (one, two)]
        for field, before, after in _fields(*sides):
            found.append(Difference(new.event, None, key[1], key[0], field, before, after))
    return found


def _keys(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """What entries of the two results are about, each once, in order."""
    return list(dict.fromkeys(tuple(entry[name] for name in names) for entry in (*old, *new)))


def _fields(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[tuple[str | None, Any, Any]]:
    """The fields that are written otherwise; no field where only one version makes or deletes the object."""
    fates = [None if side is None else (side.get("created", False), side.get("deleted", False)) for side in (old, new)]
    if fates[0] != fates[1] and any(fate is not None and any(fate) for fate in fates):
        yield None, old, new
        return
    nothing: dict[str, Any] = {}
    before: dict[str, Any] = nothing if old is None else old["set"]
    after: dict[str, Any] = nothing if new is None else new["set"]
    for name in dict.fromkeys((*before, *after)):
        if name not in before or name not in after or before[name] != after[name]:
            yield name, before.get(name), after.get(name)
