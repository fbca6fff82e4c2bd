"""From what changed to the few rules that can fire: by event, by field, and by the values their conditions ask for.

A rule is looked at when one of its triggers may have happened and no condition over its subject, ``field = constant``
or ``field > constant``, is seen to be false. What is left out could neither fire nor fail, so results never depend on
this index; objects that hold numbers which could make a condition fail are looked at by all rules.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..dsl import ir
from ..dsl.values import Money
from .index import Index, Listening, firing_order
from .model import Model
from .stores.port import Record
from .values import equal
from .wanted import Bound, Wanted, has_ordinary_numbers, is_safe, key_of, number_fields, wanted_by

if TYPE_CHECKING:
    from .wave import Wave

EXISTENCE = ""
"""The field that stands for the creation and deletion of objects that a trigger reads."""

_WHERE: dict[str, Callable[[list[Decimal], Decimal], int]] = {
    ">": bisect_left,  # the limits below the value
    ">=": bisect_right,
    "<": bisect_right,  # where the limits above it start
    "<=": bisect_left,
}


class Limits:
    """Rules by the limit that a number must be above, or below."""

    __slots__ = ("_currency", "_limits", "_ranks", "_sign")

    def __init__(self, sign: str, currency: str | None, limits: list[tuple[Decimal, int]]) -> None:
        limits.sort()
        self._sign = sign
        self._currency = currency
        self._limits = [limit for limit, _ in limits]
        self._ranks = [rank for _, rank in limits]

    def of(self, value: Any) -> list[int]:
        """The ranks of the rules whose limit a value meets; all of them for a value the field should not hold."""
        if isinstance(value, Money):
            if value.currency != self._currency:
                return self._ranks
            value = value.amount
        elif self._currency is not None or not isinstance(value, Decimal):
            return self._ranks
        place = _WHERE[self._sign](self._limits, value)
        return self._ranks[:place] if self._sign in {">", ">="} else self._ranks[place:]


class Bucket:
    """Rules by rank: those to be looked at always, by the value of a field, by a limit to a number."""

    __slots__ = ("_always", "_by_field", "_by_limit", "_pending")

    def __init__(self) -> None:
        self._always: list[int] = []
        self._by_field: dict[tuple[str, Any], dict[Any, list[int]]] = {}
        self._by_limit: list[tuple[str, Limits]] = []
        self._pending: list[tuple[int, list[Wanted | Bound]]] = []

    def add(self, rank: int, asked: list[Wanted | Bound]) -> None:
        """A rule that any one of ``asked`` rules out."""
        if asked:
            self._pending.append((rank, asked))
        else:
            self._always.append(rank)

    def settle(self) -> None:
        """Choose for each rule the value that it shares with the fewest others, else a limit."""
        count: Counter[tuple[str, Any]] = Counter()
        for _, asked in self._pending:
            count.update((option.field, key) for option in asked if isinstance(option, Wanted) for key in option.keys)

        def shared(option: Wanted) -> int:
            return sum(count[option.field, key] for key in option.keys)

        limits: defaultdict[tuple[str, str, str | None], list[tuple[Decimal, int]]] = defaultdict(list)
        for rank, asked in self._pending:
            values = [option for option in asked if isinstance(option, Wanted)]
            if values:
                chosen = min(values, key=shared)
                by_value = self._by_field.setdefault((chosen.field, chosen.absent), {})
                for key in chosen.keys:
                    by_value.setdefault(key, []).append(rank)
            else:
                bound = next(option for option in asked if isinstance(option, Bound))
                limits[bound.field, bound.sign, bound.currency].append((bound.limit, rank))
        self._by_limit = [(field, Limits(sign, money, found)) for (field, sign, money), found in limits.items()]
        self._pending.clear()

    def of(self, record: Record) -> Iterator[list[int]]:
        """The ranks of the rules to look at for a subject with that record."""
        yield self._always
        for (field, absent), by_value in self._by_field.items():
            value = record.get(field)
            found = by_value.get(absent if value is None else key_of(value))
            if found is not None:
                yield found
        for field, limits in self._by_limit:
            value = record.get(field)
            if value is not None:
                yield limits.of(value)


class Candidates(Index):
    """An index that looks into conditions as well; immutable once built."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._model = model
        self._ordered: list[Listening] = []
        self._happening: dict[tuple[str, str], Bucket] = {}
        self._touched: dict[tuple[str, str], Bucket] = {}
        self._numbers = {kind: number_fields(kind, model) for kind in model.kinds}
        for rank, listening in enumerate(self.all_listening()):
            self._ordered.append(listening)
            self._register(rank, listening)
        for bucket in (*self._happening.values(), *self._touched.values()):
            bucket.settle()

    # --- building -------------------------------------------------------------------------------------------------

    def _register(self, rank: int, listening: Listening) -> None:
        rule = listening.rule
        asked = [] if rule.otherwise else list(wanted_by(rule.condition, rule.subject, self._model))
        for trigger, found in listening.triggers:
            match trigger:
                case ir.Created() | ir.Updated() | ir.Deleted() | ir.Saved():
                    self._on(self._happening, trigger.object, type(trigger).__name__).add(rank, asked)
                case ir.Occurred():
                    self._on(self._happening, trigger.event, "Occurred").add(rank, asked)
                case ir.Repeated():
                    plain = trigger.same is None or self._model.is_stored(trigger.event, trigger.same)
                    for happening in ("Occurred", "Created"):
                        self._on(self._happening, trigger.event, happening).add(rank, asked if plain else [])
                case ir.Changed() | ir.Edge() | ir.GoesFrom():
                    own = self._own(trigger, asked)
                    for kind, field, direct in {(each.kind, each.field, not each.route) for each in found}:
                        if direct and kind == trigger.object:
                            self._on(self._touched, kind, field or EXISTENCE).add(rank, own)
                            if isinstance(trigger, ir.Edge):
                                self._on(self._happening, kind, "Edge").add(rank, own)
                        else:
                            self._on(self._touched, kind, field or EXISTENCE).add(rank, [])
                            self._on(self._touched, kind, EXISTENCE).add(rank, [])
                case _:
                    pass

    def _own(self, trigger: ir.Changed | ir.Edge | ir.GoesFrom, asked: list[Wanted | Bound]) -> list[Wanted | Bound]:
        """What a trigger on a value of the subject's own fields asks of the subject's record after the change."""
        match trigger:
            case ir.Edge():
                conditions = list(wanted_by(trigger.condition, trigger.object, self._model))
                return conditions + (asked if is_safe(trigger.condition, trigger.object, self._model) else [])
            case ir.Changed():
                read: tuple[ir.Expression, ...] = (trigger.value,)
            case ir.GoesFrom():
                read = (trigger.value, trigger.origin, trigger.target)
        return asked if all(is_safe(each, trigger.object, self._model) for each in read) else []

    @staticmethod
    def _on(buckets: dict[tuple[str, str], Bucket], kind: str, what: str) -> Bucket:
        return buckets.setdefault((kind, what), Bucket())

    # --- looking up -----------------------------------------------------------------------------------------------

    def listening(self, wave: Wave, traced: bool = False) -> list[Listening]:
        """The rules to look at in a wave, in the order in which they fire; with ``traced``, all that listen."""
        if traced or not self._is_ordinary(wave):
            return super().listening(wave, traced)
        ranks: set[int] = set()
        for reference, (before, after) in wave.changes.items():
            kind = reference.object
            if after is None:
                if before is not None:
                    self._gather(ranks, kind, before, "Deleted")
                    self._reach(ranks, kind, (EXISTENCE,), before)
            elif before is None:
                self._gather(ranks, kind, after, "Created", "Saved", "Edge")
                self._reach(ranks, kind, (EXISTENCE,), after)
            else:
                self._gather(ranks, kind, after, "Updated", "Saved")
                self._reach(ranks, kind, _changed(before, after), after)
        for reference in wave.saved:
            if reference not in wave.changes:
                self._gather(ranks, reference.object, wave.after.get(reference) or {}, "Saved")
        if wave.occurred is not None:
            self._gather(ranks, wave.occurred.object, wave.after.get(wave.occurred) or {}, "Occurred")
        return [self._ordered[rank] for rank in sorted(ranks)]

    def _is_ordinary(self, wave: Wave) -> bool:
        """Whether no number of what changed could make a condition fail."""
        for reference, (before, after) in wave.changes.items():
            for record in (before, after):
                if record is not None and not self._has_ordinary_numbers(reference.object, record):
                    return False
        others = [*wave.saved, *([wave.occurred] if wave.occurred is not None else [])]
        return all(
            self._has_ordinary_numbers(reference.object, wave.after.get(reference) or {})
            for reference in others
            if reference not in wave.changes
        )

    def _has_ordinary_numbers(self, kind: str, record: Record) -> bool:
        return has_ordinary_numbers(record, self._numbers[kind], self._model.settings.currency)

    def _gather(self, ranks: set[int], kind: str, record: Record, *happenings: str) -> None:
        for happening in happenings:
            bucket = self._happening.get((kind, happening))
            if bucket is not None:
                ranks.update(*bucket.of(record))

    def _reach(self, ranks: set[int], kind: str, fields: Iterable[str], record: Record) -> None:
        for field in fields:
            for each in (kind, "*"):
                bucket = self._touched.get((each, field))
                if bucket is not None:
                    ranks.update(*bucket.of(record))


def _changed(before: Record, after: Record) -> list[str]:
    return [name for name in {*before, *after} if not equal(before.get(name), after.get(name))]


class Conditions:
    """The rules over each type of object, by the values their conditions ask for."""

    def __init__(self, model: Model) -> None:
        self._rules = sorted(model.listening_rules(), key=firing_order)
        self._buckets: dict[str, Bucket] = {}
        for rank, rule in enumerate(self._rules):
            wanted = list(wanted_by(rule.condition, rule.subject, model, fallible=True))
            for kind in ir.subject_kinds(rule):
                self._buckets.setdefault(kind, Bucket()).add(rank, wanted)
        for bucket in self._buckets.values():
            bucket.settle()

    def of(self, subjects: Iterable[tuple[str, Record]]) -> list[ir.Rule]:
        """The rules whose condition may hold of an object with that record, in the order in which they fire."""
        ranks: set[int] = set()
        for kind, record in subjects:
            bucket = self._buckets.get(kind)
            if bucket is not None:
                ranks.update(*bucket.of(record))
        return [self._rules[rank] for rank in sorted(ranks)]
