"""What the rules of one wave write, and how it is merged: differences add up, assignments may conflict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from ..dsl.node import Node, node
from ..dsl.values import Duration, Money, Reference, Value
from .dates import Clockwork
from .problems import Failure
from .stores.port import Record
from .values import CONTEXT, add_durations, equal, exactly, same_currency


class Creation:
    """An object made in this wave. Its record may still grow until the wave is merged."""

    __slots__ = ("record", "reference", "rule")

    def __init__(self, reference: Reference, record: dict[str, Value], rule: str) -> None:
        self.reference = reference
        self.record = record
        self.rule = rule


@node
class Author(Node):
    """Who writes: a rule, its priority, and which firing of the wave, in order."""

    rule: str
    priority: int
    firing: int


@node
class Assignment(Node):
    reference: Reference
    field: str
    value: Value
    author: Author


@node
class Difference(Node):
    """``amount`` is added to a number, an amount of money, a date or a duration; a list of one is put in a list."""

    reference: Reference
    field: str
    amount: Value
    author: Author


@node
class Deletion(Node):
    reference: Reference
    author: Author


FieldWrite: TypeAlias = Assignment | Difference
Read: TypeAlias = Callable[[Reference, str], Value]


@node
class Dropped(Node):
    """A write that lost: against one of higher priority, or against the deletion of its object (``deleted``)."""

    rule: str
    reference: Reference
    field: str
    winner: str
    deleted: bool = False


class Writes:
    """The writes of one wave, in the order of the firings."""

    def __init__(self) -> None:
        self.creations: dict[Reference, Creation] = {}
        self.fields: list[FieldWrite] = []
        self.deletions: dict[Reference, Deletion] = {}
        self._assigned: dict[tuple[int, Reference, str], Assignment] = {}

    def assign(self, write: Assignment) -> None:
        """Add an assignment."""
        self.fields.append(write)
        self._assigned[write.author.firing, write.reference, write.field] = write

    def assigned_by(self, author: Author, reference: Reference, field: str) -> Value:
        """What the same firing has assigned to a field, if it has."""
        write = self._assigned.get((author.firing, reference, field))
        return None if write is None else write.value

    def assigned(self, field: str) -> list[Value]:
        """The values assigned so far to fields of that name."""
        return [write.value for (_, _, name), write in self._assigned.items() if name == field]

    def writer(self, reference: Reference, field: str) -> str | None:
        """The rule that wrote a field, or made the object, last."""
        for write in reversed(self.fields):
            if (write.reference, write.field) == (reference, field):
                return write.author.rule
        creation = self.creations.get(reference)
        return None if creation is None else creation.rule

    def references(self) -> list[Reference]:
        """The objects written, in the order they were first written."""
        written = [*self.creations, *(write.reference for write in self.fields), *self.deletions]
        return list(dict.fromkeys(written))


class Conflict(Failure):
    """Two rules of equal priority write a field differently."""

    def __init__(self, reference: Reference, field: str, first: str, second: str, named: str = "") -> None:
        rules = sorted({first, second})
        super().__init__("QD512", rule=first, object_id=reference.id, field=field, rules=rules, named=named or field)
        self.kind = reference.object
        self._facts = reference, field, first, second

    def named(self, name: str) -> Conflict:
        """The same conflict, with the name of the field that people know."""
        return Conflict(*self._facts, name)


class Merge:
    """The merging of the writes of one wave.

    ``records`` are the new records, ``None`` for a deletion; ``dropped`` what lost.
    """

    def __init__(
        self,
        writes: Writes,
        read: Read,
        base: Callable[[Reference], Record | None],
        clockwork: Clockwork,
    ) -> None:
        """``read`` gives a field as rules read it in the snapshot, ``base`` a stored record.

        Raises :class:`Failure` for a conflict of equal priorities.
        """
        self._clockwork = clockwork
        self._read = read
        self.records: dict[Reference, Record | None] = {
            creation.reference: creation.record for creation in writes.creations.values()
        }
        self.dropped: list[Dropped] = []
        for (reference, field), members in _by_field(writes.fields).items():
            deletion = writes.deletions.get(reference)
            if deletion is not None:
                self._lose_to_deletion(deletion, field, members)
                continue
            record = self.records.get(reference) or base(reference)
            if record is not None:
                self.records[reference] = with_value(record, field, self._settled(reference, field, members))
        for reference in writes.deletions:
            if self.records.pop(reference, None) is None or reference not in writes.creations:
                self.records[reference] = None

    def _lose_to_deletion(self, deletion: Deletion, field: str, members: list[FieldWrite]) -> None:
        winner = deletion.author.rule
        for rule in dict.fromkeys(write.author.rule for write in members if write.author != deletion.author):
            self.dropped.append(Dropped(rule, deletion.reference, field, winner, deleted=True))

    def _settled(self, reference: Reference, field: str, members: list[FieldWrite]) -> Value:
        """The value of a field after all that is written to it."""
        written = [self._of_one_firing(group) for group in _by_firing(members)]
        assigned = [each for each in written if isinstance(each, Assignment)]
        differences = [each for each in written if not isinstance(each, Assignment)]
        if not assigned:
            return self._sum(reference, field, differences)
        if not differences and all(equal(each.value, assigned[0].value) for each in assigned):
            return assigned[0].value
        top = max(write.author.priority for write in members)
        best = [each for each in assigned if each.author.priority == top]
        rivals = [each[0].author.rule for each in differences if each[0].author.priority == top]
        if best:
            rivals += [each.author.rule for each in best if not equal(each.value, best[0].value)]
            if rivals:
                self._conflict(reference, field, best[0].author.rule, rivals[0])
            lost = [each[0].author for each in differences]
            lost += [each.author for each in assigned if not equal(each.value, best[0].value)]
            winner, value = best[0].author.rule, best[0].value
        else:
            lost = [each.author for each in assigned]
            winner, value = rivals[0], self._sum(reference, field, differences)
        lost.sort(key=lambda author: author.firing)
        self.dropped += [Dropped(author.rule, reference, field, winner) for author in lost]
        return value

    def _conflict(self, reference: Reference, field: str, first: str, second: str) -> None:
        raise Conflict(reference, field, first, second)

    def _of_one_firing(self, members: list[FieldWrite]) -> Assignment | list[Difference]:
        """What one firing writes to a field, one action after the other."""
        assigned: Assignment | None = None
        differences: list[Difference] = []
        for write in members:
            if isinstance(write, Assignment):
                assigned, differences = write, []
            elif assigned is None:
                differences.append(write)
            else:
                value = added(assigned.value, write.amount, self._clockwork)
                assigned = Assignment(write.reference, write.field, value, write.author)
        return differences if assigned is None else assigned

    def _sum(self, reference: Reference, field: str, differences: list[list[Difference]]) -> Value:
        value = self._read(reference, field)
        for each in differences:
            for write in each:
                total = added(value, write.amount, self._clockwork)
                value = value if total is None else total
        return value


def added(value: Value, amount: Value, clockwork: Clockwork) -> Value:
    """A value and a difference together; over a missing value, missing. Raises :class:`Failure`."""
    match value, amount:
        case Decimal(), Decimal():
            return exactly(lambda: CONTEXT.add(value, amount))
        case Money(), Money():
            total = exactly(lambda: CONTEXT.add(value.amount, amount.amount))
            return None if total is None else Money(total, same_currency(value, amount))
        case Duration(), Duration():
            return add_durations(value, amount)
        case ((datetime() | date()), Duration()):
            return clockwork.add(value, amount)
        case _ if type(amount) is tuple:
            members = value if type(value) is tuple else ()
            return (*members, *(member for member in amount if member not in members))
        case _:
            return None


def with_value(record: Record, field: str, value: Value) -> dict[str, Value]:
    """A copy of a record with one field given or, by ``None``, emptied."""
    copy = dict(record)
    if value is None:
        copy.pop(field, None)
    else:
        copy[field] = value
    return copy


def _by_field(writes: Iterable[FieldWrite]) -> dict[tuple[Reference, str], list[FieldWrite]]:
    groups: defaultdict[tuple[Reference, str], list[FieldWrite]] = defaultdict(list)
    for write in writes:
        groups[write.reference, write.field].append(write)
    return groups


def _by_firing(writes: Iterable[FieldWrite]) -> list[list[FieldWrite]]:
    groups: defaultdict[int, list[FieldWrite]] = defaultdict(list)
    for write in writes:
        groups[write.author.firing].append(write)
    return list(groups.values())
