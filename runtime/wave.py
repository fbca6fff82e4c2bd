"""One wave: what changed, what was before, and which subjects a trigger happened to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..dsl import ir
from ..dsl.types import DURATION, NUMBER, reference_to
from ..dsl.values import Reference, Value
from .dependencies import Dependency, Difference, affected
from .interpret import Scope, evaluate, holds
from .missing import EmptyField, empty_fields
from .model import Model
from .state import State, differ
from .tracing import Watched
from .values import equal
from .writes import Writes


class Wave:
    """What one wave starts from.

    ``changes`` maps each object that was created, changed or deleted to its records before and after; ``saved`` are
    the objects an event wrote, changed or not; ``occurred`` is the declared event that happened.
    """

    __slots__ = ("after", "before", "changes", "number", "occurred", "saved", "scope", "writes")

    def __init__(
        self,
        scope: Scope,
        changes: Mapping[Reference, Difference],
        saved: frozenset[Reference] = frozenset(),
        occurred: Reference | None = None,
        number: int = 1,
    ) -> None:
        """``scope`` has the snapshots after and before the changes and no variables."""
        self.scope = scope
        self.after: State = scope.state
        self.before: State = scope.before
        self.changes = changes
        self.saved = saved
        self.occurred = occurred
        self.number = number
        self.writes = Writes()

    def kinds(self) -> set[str]:
        """The types of what happened."""
        happened = {reference.object for reference in (*self.changes, *self.saved)}
        return happened | {self.occurred.object} if self.occurred is not None else happened

    def scope_of(self, subject: Reference | None) -> Scope:
        """The scope of a rule over that subject; a deleted one is read as it was."""
        if subject is None:
            return self.scope
        scope = self.scope.with_variable("subject", subject)
        if self.after.get(subject) is None:
            record = self.before.get(subject)
            if record is not None:
                scope = scope.with_ghost(subject, record)
        return scope

    def affected(self, kind: str, dependencies: Iterable[Dependency]) -> set[Reference]:
        """The objects of type ``kind`` whose expression with these dependencies may have another value now."""
        return affected(kind, dependencies, self.changes, (self.scope.in_the_past(), self.scope))


# --- triggers -----------------------------------------------------------------------------------------------------


def happened(trigger: ir.Trigger, found: frozenset[Dependency], wave: Wave) -> set[Reference]:
    """The subjects to which the trigger happened in this wave; timers and calendars ring elsewhere."""
    handler = _TRIGGERS.get(type(trigger))
    return set() if handler is None else handler(trigger, found, wave)


def listened(trigger: ir.Trigger, found: frozenset[Dependency], wave: Wave) -> set[Reference]:
    """The subjects for which the trigger was looked at, whether it happened or not; only traces ask."""
    if isinstance(trigger, (ir.Changed, ir.Edge, ir.GoesFrom)):
        return wave.affected(trigger.object, found)
    if isinstance(trigger, (ir.Created, ir.Updated, ir.Deleted, ir.Saved)):
        return {reference for reference in (*wave.changes, *wave.saved) if reference.object == trigger.object}
    if isinstance(trigger, (ir.Occurred, ir.Repeated)):
        return _occurred(trigger, None, wave) or _created(ir.Created(trigger.event), None, wave)
    return set()


def watched(
    triggers: Iterable[tuple[ir.Trigger, frozenset[Dependency]]], subject: Reference, wave: Wave
) -> tuple[Watched, ...]:
    """The triggers with what they look at before and after the wave; only traces ask."""
    old, new = _both(wave, subject)
    made: list[Watched] = []
    for trigger, found in triggers:
        expression = _looked_at(trigger)
        before, after = (None, None) if expression is None else (evaluate(expression, old), evaluate(expression, new))
        empty = _undecided(trigger, new)
        made.append(Watched(trigger, subject in happened(trigger, found, wave), expression, before, after, empty))
    return tuple(made)


def _undecided(trigger: ir.Trigger, scope: Scope) -> tuple[EmptyField, ...]:
    """The empty fields for which nobody can say whether a threshold is crossed."""
    if not isinstance(trigger, ir.Edge) or evaluate(trigger.condition, scope) is not None:
        return ()
    return tuple(empty_fields(trigger.condition, scope))


def _looked_at(trigger: ir.Trigger) -> ir.Expression | None:
    match trigger:
        case ir.Changed() | ir.GoesFrom():
            return trigger.value
        case ir.Edge(condition=ir.Apply(arguments=(first, *_))):
            return first
        case ir.Edge():
            return trigger.condition
        case _:
            return None


def _created(trigger: ir.Created, _: object, wave: Wave) -> set[Reference]:
    return {
        reference
        for reference, (before, after) in wave.changes.items()
        if reference.object == trigger.object and before is None and after is not None
    }


def _updated(trigger: ir.Updated, _: object, wave: Wave) -> set[Reference]:
    return {
        reference
        for reference, (before, after) in wave.changes.items()
        if reference.object == trigger.object and before is not None and after is not None and differ(before, after)
    }


def _deleted(trigger: ir.Deleted, _: object, wave: Wave) -> set[Reference]:
    return {
        reference
        for reference, (before, after) in wave.changes.items()
        if reference.object == trigger.object and before is not None and after is None
    }


def _saved(trigger: ir.Saved, _: object, wave: Wave) -> set[Reference]:
    written = {reference for reference, (_, after) in wave.changes.items() if after is not None} | wave.saved
    return {reference for reference in written if reference.object == trigger.object}


def _changed(trigger: ir.Changed, found: frozenset[Dependency], wave: Wave) -> set[Reference]:
    def different(subject: Reference) -> bool:
        old, new = _both(wave, subject)
        return not equal(evaluate(trigger.value, old), evaluate(trigger.value, new))

    return {s for s in wave.affected(trigger.object, found) if _lived_through(wave, s) and different(s)}


def _edge(trigger: ir.Edge, found: frozenset[Dependency], wave: Wave) -> set[Reference]:
    def risen(subject: Reference) -> bool:
        old, new = _both(wave, subject)
        if wave.after.get(subject) is None or holds(trigger.condition, new) is not True:
            return False
        return wave.before.get(subject) is None or holds(trigger.condition, old) is not True

    return {subject for subject in wave.affected(trigger.object, found) if risen(subject)}


def _goes_from(trigger: ir.GoesFrom, found: frozenset[Dependency], wave: Wave) -> set[Reference]:
    def gone(subject: Reference) -> bool:
        old, new = _both(wave, subject)
        return equal(evaluate(trigger.value, old), evaluate(trigger.origin, old)) and (
            equal(evaluate(trigger.value, new), evaluate(trigger.target, new))
            and not equal(evaluate(trigger.value, old), evaluate(trigger.value, new))
        )

    return {s for s in wave.affected(trigger.object, found) if _lived_through(wave, s) and gone(s)}


def _both(wave: Wave, subject: Reference) -> tuple[Scope, Scope]:
    scope = wave.scope.with_variable("subject", subject)
    return scope.in_the_past(), scope


def _lived_through(wave: Wave, subject: Reference) -> bool:
    return wave.before.get(subject) is not None and wave.after.get(subject) is not None


def _occurred(trigger: ir.Occurred | ir.Repeated, _: object, wave: Wave) -> set[Reference]:
    return {wave.occurred} if wave.occurred is not None and wave.occurred.object == trigger.event else set()


def _repeated(trigger: ir.Repeated, _: object, wave: Wave) -> set[Reference]:
    """It fires when the count reaches n: just before this occurrence the window held fewer.

    Of several objects created in one wave, it is the one that makes n, in the order of identifiers.
    """
    fresh = sorted(_occurred(trigger, None, wave) or _created(ir.Created(trigger.event), None, wave))
    groups: list[tuple[Value, list[Reference]]] = []
    for subject in fresh:
        shared = None if trigger.same is None else wave.scope.read(subject, trigger.same)
        if trigger.same is not None and shared is None:
            continue
        group = next((members for value, members in groups if equal(value, shared)), None)
        if group is None:
            groups.append((shared, group := []))
        group.append(subject)
    reached: set[Reference] = set()
    for shared, members in groups:
        place = trigger.count - _counted(trigger, shared, members, wave) - 1
        if 0 <= place < len(members):
            reached.add(members[place])
    return reached


def _counted(trigger: ir.Repeated, shared: Value, fresh: Sequence[Reference], wave: Wave) -> int:
    """How many occurrences the window held before these."""
    scope = wave.scope
    since = scope.clockwork.add_to_instant(scope.now, _negative(trigger.within))

    def within(reference: Reference) -> bool:
        created: Any = scope.read(reference, "created at")
        return created is not None and created > since

    stored = trigger.same is None or scope.model.is_stored(trigger.event, trigger.same)
    if stored and scope.asking() is not None:
        all_of_them: Any = evaluate(_question(trigger, scope.model), scope.with_variable("subject", fresh[0]))
        return int(all_of_them) - sum(map(within, fresh))
    rows: Iterable[str] = scope.state.identifiers(trigger.event)
    if trigger.same is not None and scope.model.is_stored(trigger.event, trigger.same):
        rows = scope.state.find(trigger.event, trigger.same, shared)
    count = 0
    for name in rows:
        reference = Reference(trigger.event, name)
        if reference in fresh:
            continue
        same = trigger.same is None or equal(scope.read(reference, trigger.same), shared)
        count += same and within(reference)
    return count


@lru_cache(maxsize=1000)
def _question(trigger: ir.Repeated, model: Model) -> ir.Aggregate:
    """How many occurrences the window of a subject holds, as a store can be asked."""
    field = None if trigger.same is None else model.field(trigger.event, trigger.same)
    subject = ir.Variable("subject", reference_to(trigger.event))
    owner = None if field is None else ir.FieldOf(subject, field.name, field.type)
    since = ir.Constant(trigger.within, DURATION)
    return ir.Aggregate(
        "count", ir.Collection(trigger.event, "each1", trigger.same, None, owner, None, since), None, NUMBER
    )


def _negative(duration: Any) -> Any:
    return type(duration)(*(-part for part in duration))


_TRIGGERS: dict[type, Callable[[Any, Any, Wave], set[Reference]]] = {
    ir.Created: _created,
    ir.Updated: _updated,
    ir.Deleted: _deleted,
    ir.Saved: _saved,
    ir.Changed: _changed,
    ir.Edge: _edge,
    ir.GoesFrom: _goes_from,
    ir.Occurred: _occurred,
    ir.Repeated: _repeated,
}
