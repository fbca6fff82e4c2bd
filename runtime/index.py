"""From what happened to the rules that may care: the seam where a compiled program will know more.

A rule is a candidate when something changed in a type of object that one of its triggers reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..dsl import ir
from .dependencies import Dependency, dependencies
from .model import Model
from .timers import Followed, followed

if TYPE_CHECKING:
    from .wave import Wave


class Listening(NamedTuple):
    """A rule with what each of its triggers reads, in the order of its triggers."""

    rule: ir.Rule
    triggers: tuple[tuple[ir.Trigger, frozenset[Dependency]], ...]


class Following(NamedTuple):
    """A trigger that keeps a timer for each object, and what the date or the state is read from."""

    rule: ir.Rule
    slot: str
    trigger: Followed
    dependencies: frozenset[Dependency]


def firing_order(rule: ir.Rule) -> tuple[int, str]:
    """Descending priority, then name."""
    return -rule.priority, rule.name


class Index:
    """Candidates by the types of objects that changed; immutable once built."""

    def __init__(self, model: Model) -> None:
        self._rules: defaultdict[str, list[Listening]] = defaultdict(list)
        self._all: list[Listening] = []
        self._followed: defaultdict[str, list[Following]] = defaultdict(list)
        self.ticking: list[ir.Rule] = []
        self.following: list[Following] = []
        for rule in sorted(model.listening_rules(), key=firing_order):
            triggers = tuple((trigger, reads(trigger, model)) for trigger in rule.triggers)
            kinds = {kind for trigger, found in triggers for kind in _kinds(trigger, found)}
            listening = Listening(rule, triggers)
            self._all.append(listening)
            for kind in kinds:
                self._rules[kind].append(listening)
            if any(isinstance(trigger, ir.Tick) for trigger in rule.triggers):
                self.ticking.append(rule)
            for slot, trigger in followed(rule):
                following = Following(rule, slot, trigger, reads(trigger, model))
                self.following.append(following)
                for kind in {trigger.object, *(dependency.kind for dependency in following.dependencies)}:
                    self._followed[kind].append(following)

    def all_listening(self) -> Iterator[Listening]:
        """All rules that may fire, in the order in which they fire."""
        return iter(self._all)

    def listening(self, wave: Wave, traced: bool = False) -> list[Listening]:
        """The rules to look at in a wave, in the order in which they fire; with ``traced``, all that listen."""
        return self.candidates(wave.kinds())

    def candidates(self, kinds: Iterable[str]) -> list[Listening]:
        """The rules that may fire when objects of these types changed, in the order in which they fire."""
        found = {listening.rule.name: listening for kind in (*kinds, "*") for listening in self._rules.get(kind, ())}
        return sorted(found.values(), key=lambda listening: firing_order(listening.rule))

    def followers(self, kinds: Iterable[str]) -> list[Following]:
        """The date and state triggers whose timers may have to move when objects of these types changed."""
        found = {
            (following.rule.name, following.slot): following
            for kind in (*kinds, "*")
            for following in self._followed.get(kind, ())
        }
        return [found[key] for key in sorted(found)]


def reads(trigger: ir.Trigger, model: Model) -> frozenset[Dependency]:
    """What the expressions of a trigger read."""
    match trigger:
        case ir.Changed():
            expressions: tuple[ir.Expression, ...] = (trigger.value,)
        case ir.Edge() | ir.Stays():
            expressions = (trigger.condition,)
        case ir.GoesFrom():
            expressions = (trigger.value, trigger.origin, trigger.target)
        case ir.DateReached():
            expressions = (trigger.date,)
        case _:
            return frozenset()
    found: set[Dependency] = set()
    for each in expressions:
        found |= dependencies(each, trigger.object, model)
    return frozenset(found)


def _kinds(trigger: ir.Trigger, found: frozenset[Dependency]) -> set[str]:
    match trigger:
        case ir.Created() | ir.Updated() | ir.Deleted() | ir.Saved():
            return {trigger.object}
        case ir.Occurred() | ir.Repeated():
            return {trigger.event}
        case ir.Changed() | ir.Edge() | ir.GoesFrom():
            return {trigger.object, *(dependency.kind for dependency in found)}
        case _:
            return set()
