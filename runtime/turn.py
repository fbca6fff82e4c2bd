"""One transaction of the engine: the waves that follow an event, a timer or a tick of the calendar.

A turn never touches the store but to read; :meth:`~.ledger.Ledger.batch` is everything to be written at its end.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from ..dsl import ir
from ..dsl.values import Reference
from .dependencies import Dependency, Difference
from .interpret import Scope, holds
from .ledger import Ledger, Setting
from .outcome import Firing
from .perform import Performer
from .problems import Failure, problem
from .stores.port import Record, Timer, Transaction
from .tracing import Explained, TraceEntry, explain
from .wave import Wave, happened, listened, watched
from .writes import Conflict, Dropped, Merge

RULE_ORIGIN = "rule"

Triggers = Sequence[tuple[ir.Trigger, frozenset[Dependency]]]


class Turn(Ledger):
    """The work of one transaction. ``at`` is the due instant of the timer that rang, which results show."""

    def __init__(
        self,
        setting: Setting,
        transaction: Transaction,
        *,
        now: datetime,
        event: str,
        key: str,
        at: datetime | None = None,
    ) -> None:
        super().__init__(setting, transaction, now=now, event=event, key=key)
        self.at = at
        self.fired: list[Firing] = []
        self.trace: list[TraceEntry] = []
        self._firings = 0
        self._rules_by_wave: list[list[str]] = []
        self._today = setting.clockwork.day(now)

    # --- what a turn starts from ----------------------------------------------------------------------------------

    def begin(
        self,
        changes: Mapping[Reference, Record | None],
        before: Mapping[Reference, Record | None] | None = None,
    ) -> dict[Reference, Difference]:
        """Lay an event's own changes over the data; ``before`` is what the host says was there."""
        if before:
            self.start = self.start.with_changes(before)
            self.hosted = frozenset(before)
        self.base = self.state = self.start.with_changes(changes)
        self.differing.update(dict.fromkeys(changes))
        return {reference: (self.start.get(reference), record) for reference, record in changes.items()}

    def run(self, wave: Wave | None) -> None:
        """Evaluate the wave and all that follow from it. Raises :class:`Failure`, refusals among them."""
        while wave is not None:
            limit = self.budgets.limits["waves"]
            if wave.number > limit:
                raise Failure("QD518", limit=limit, rules=self._cycle())
            self._rules_by_wave.append([])
            self._evaluate(wave)
            wave = self._merge(wave)

    def ring(self, rule: ir.Rule, chosen: Sequence[Reference | None]) -> None:
        """Fire a rule whose date or tick has come for those subjects, and all that follows."""
        wave = Wave(self.scope(), {})
        self._rules_by_wave.append([])
        if self.is_valid(rule):
            for subject in chosen:
                with blamed_on(rule, subject):
                    self._consider(rule, subject, wave)
        self.run(self._merge(wave))

    def resume(self, rule: ir.Rule, subject: Reference | None, actions: tuple[ir.Action, ...], timer: Timer) -> None:
        """Do the actions after a wait, and all that follows."""
        wave = Wave(self.scope(), {})
        self._rules_by_wave.append([])
        scope = wave.scope_of(subject)
        with blamed_on(rule, subject):
            self._fire(
                rule, subject, wave, scope.with_variables({**timer.variables, **scope.variables}), actions, timer.branch
            )
        self.run(self._merge(wave))

    # --- rules ----------------------------------------------------------------------------------------------------

    def is_valid(self, rule: ir.Rule) -> bool:
        """Whether today is within the rule's dates."""
        begins = rule.valid_from is None or date.fromisoformat(rule.valid_from) <= self._today
        return begins and (rule.valid_to is None or self._today <= date.fromisoformat(rule.valid_to))

    def _evaluate(self, wave: Wave) -> None:
        for listening in self.setting.index.listening(wave, self.setting.traced):
            rule = listening.rule
            self.budgets.check_time()
            with blamed_on(rule):
                found: set[Reference] = set()
                for trigger, dependencies in listening.triggers:
                    found |= happened(trigger, dependencies, wave)
                if self.setting.traced:
                    self._trace_silent(listening.triggers, rule, found, wave)
                if not self.is_valid(rule):
                    self._note(rule, found, wave, "invalid", listening.triggers)
                    continue
                for subject in sorted(found):
                    with blamed_on(rule, subject):
                        self._consider(rule, subject, wave, listening.triggers)

    def _consider(self, rule: ir.Rule, subject: Reference | None, wave: Wave, triggers: Triggers = ()) -> None:
        """The trigger happened: what does the condition say? ``triggers`` are those of the wave, for traces."""
        scope = wave.scope_of(subject)
        held = holds(rule.condition, scope)
        remembered = held is True and not self._may_fire_again(rule, subject)
        if self.setting.traced:
            explained = None if rule.condition is None else explain(rule.condition, scope)
            result = "once" if remembered else "fired" if held else "otherwise" if rule.otherwise else "condition"
            self._trace(rule, subject, wave, result, triggers, explained)
        if remembered:
            return
        if held is True:
            self._fire(rule, subject, wave, scope, rule.actions, None)
        elif rule.otherwise:
            self._fire(rule, subject, wave, scope, rule.otherwise, "otherwise")

    def _may_fire_again(self, rule: ir.Rule, subject: Reference | None) -> bool:
        """Whether ``une seule fois`` or ``une fois par jour`` allows it; if so, it is remembered."""
        if rule.remembers is None:
            return True
        key = f"fired:{rule.name}:" + (f"{subject.object}:{subject.id}" if subject is not None else "")
        last, today = self.recall(key), self._today.isoformat()
        if last is not None and (rule.remembers == "once" or last == today):
            return False
        self.remember(key, today)
        return True

    def _fire(
        self,
        rule: ir.Rule,
        subject: Reference | None,
        wave: Wave,
        scope: Scope,
        actions: tuple[ir.Action, ...],
        branch: str | None,
    ) -> None:
        self._firings += 1
        self._rules_by_wave[-1].append(rule.name)
        limit = self.budgets.limits["firings"]
        if self._firings > limit:
            raise Failure("QD521", limit=limit, rules=self._cycle())
        performer = Performer(self, wave, rule, subject, branch, self._firings)
        firing = len(self.fired)
        try:
            performer.run(actions, scope)
        finally:
            name = subject and subject.id
            self.fired.insert(firing, Firing(rule.name, name, tuple(performer.effects), self.at, branch))

    # --- merging --------------------------------------------------------------------------------------------------

    def _merge(self, wave: Wave) -> Wave | None:
        """The wave that follows from what the rules wrote; ``None`` when nothing changed."""
        self.keep_timers()
        writes = wave.writes
        created = {reference: creation.record for reference, creation in writes.creations.items()}
        scope = self.scope().with_ghosts(created)
        try:
            merged = Merge(writes, scope.read, self.state.get, self.setting.clockwork)
        except Conflict as conflict:
            raise conflict.named(self.model.field_name(conflict.kind, conflict.field or "")) from None
        for dropped in merged.dropped:
            self._tell_dropped(dropped)
        changes: dict[Reference, Difference] = {}
        for reference in writes.references():
            if reference not in merged.records:
                continue
            before, after = self.state.get(reference), merged.records[reference]
            stamped = self.stamped(reference, before, after, RULE_ORIGIN)
            if stamped is not before:
                changes[reference] = (before, stamped)
        if not changes:
            return None
        for reference, (_, after) in changes.items():
            try:
                self.check_unique(reference, after, changes)
            except Failure as failure:
                failure.rule = writes.writer(reference, failure.field or "")
                raise
            self.written.setdefault(reference)
            self.differing.setdefault(reference)
        before_state = self.state
        self.state = self.state.with_changes({reference: after for reference, (_, after) in changes.items()})
        return Wave(self.scope(before=before_state), changes, number=wave.number + 1)

    def _tell_dropped(self, dropped: Dropped) -> None:
        code = "QD523" if dropped.deleted else "QD522"
        named = self.model.field_name(dropped.reference.object, dropped.field)
        self.problems.append(
            problem(
                code,
                self.language,
                rule=dropped.rule,
                object_id=dropped.reference.id,
                field=dropped.field,
                args={"winner": dropped.winner, "named": named},
                titles=self.model.rule_titles,
            )
        )

    # --- what is told of it ---------------------------------------------------------------------------------------

    def _trace_silent(self, triggers: Triggers, rule: ir.Rule, found: set[Reference], wave: Wave) -> None:
        looked: set[Reference] = set()
        for trigger, dependencies in triggers:
            looked |= listened(trigger, dependencies, wave)
        self._note(rule, looked - found, wave, "trigger", triggers)

    def _note(self, rule: ir.Rule, looked: set[Reference], wave: Wave, result: str, triggers: Triggers) -> None:
        if self.setting.traced:
            for subject in sorted(looked):
                self._trace(rule, subject, wave, result, triggers)

    def _trace(
        self,
        rule: ir.Rule,
        subject: Reference | None,
        wave: Wave,
        result: str,
        triggers: Triggers,
        explained: Explained | None = None,
    ) -> None:
        name = subject and subject.id
        seen = () if subject is None else watched(triggers, subject, wave)
        self.trace.append(TraceEntry(rule.name, name, wave.number, result, explained, seen, self.at))

    def _cycle(self) -> list[str]:
        """The rules that keep one another going: those of the shortest row of waves that came twice in the end."""
        waves = [sorted(set(rules)) for rules in self._rules_by_wave if rules]
        for length in range(1, len(waves) // 2 + 1):
            if waves[-length:] == waves[-2 * length : -length]:
                waves = waves[-length:]
                break
        else:
            waves = waves[-10:]
        return list(dict.fromkeys(rule for rules in waves for rule in rules))


@contextmanager
def blamed_on(rule: ir.Rule, subject: Reference | None = None) -> Generator[None]:
    """A failure inside is the rule's, over its subject, unless it already says whose it is."""
    try:
        yield
    except Failure as failure:
        if failure.rule is None:
            failure.rule = rule.name
        if failure.object_id is None and subject is not None:
            failure.object_id = subject.id
        raise
    except RecursionError:
        raise Failure("QD511", rule=rule.name) from None
