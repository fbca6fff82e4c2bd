"""From what changed to the few rules that can fire: by event, by field, and by the values their conditions ask for.

A rule is looked at when one of its triggers may have happened and no condition ``field = constant`` over its subject is
seen to be false. What is left out could neither fire nor fail, so results never depend on this index: a condition is
used only where all that would be evaluated before it cannot fail. Comparing amounts of two currencies fails, and so
does a number too large to be written; objects that hold another currency than the project's, or numbers of a hundred
digits, are looked at by all rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..dsl import ir
from ..dsl.values import Money
from .index import Index, Listening, firing_order
from .model import Model
from .stores.port import Record
from .values import equal, nfc

if TYPE_CHECKING:
    from .wave import Wave

EXISTENCE = ""
"""The field that stands for the creation and deletion of objects that a trigger reads."""

_OTHER: Any = object()
"""The key of values that no condition is indexed by."""


class Wanted(NamedTuple):
    """A condition on a stored field of the subject: its value must have one of these keys."""

    field: str
    keys: frozenset[Any]
    absent: Any
    """The key of a record without the field: ``None``, or that of *no* for a yes/no field."""


def key_of(value: Any) -> Any:
    """What equal values have in common."""
    if value is None:
        return None
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, bool | Decimal):
        return value.__class__, value
    return value if isinstance(value, Money) else _OTHER


_NO = key_of(False)


class Bucket:
    """Rules by rank: those to be looked at always, and those by the value of one field."""

    __slots__ = ("_always", "_by_field", "_pending")

    def __init__(self) -> None:
        self._always: list[int] = []
        self._by_field: dict[tuple[str, Any], dict[Any, list[int]]] = {}
        self._pending: list[tuple[int, list[Wanted]]] = []

    def add(self, rank: int, wanted: list[Wanted]) -> None:
        """A rule that any one of ``wanted`` rules out."""
        if wanted:
            self._pending.append((rank, wanted))
        else:
            self._always.append(rank)

    def settle(self) -> None:
        """Choose for each rule the condition that it shares with the fewest others."""
        count: Counter[tuple[str, Any]] = Counter()
        for _, options in self._pending:
            count.update((option.field, key) for option in options for key in option.keys)
        for rank, options in self._pending:
            chosen = min(options, key=lambda option: sum(count[option.field, key] for key in option.keys))
            by_value = self._by_field.setdefault((chosen.field, chosen.absent), {})
            for key in chosen.keys:
                by_value.setdefault(key, []).append(rank)
        self._pending.clear()

    def of(self, record: Record) -> Iterator[list[int]]:
        """The ranks of the rules to look at for a subject with that record."""
        yield self._always
        for (field, absent), by_value in self._by_field.items():
            value = record.get(field)
            found = by_value.get(absent if value is None else key_of(value))
            if found is not None:
                yield found


class Candidates(Index):
    """An index that looks into conditions as well; immutable once built."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._model = model
        self._ordered: list[Listening] = []
        self._happening: dict[tuple[str, str], Bucket] = {}
        self._touched: dict[tuple[str, str], Bucket] = {}
        self._numbers = {kind: _number_fields(kind, model) for kind in model.kinds}
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
                    self._on(self._happening, trigger.event, "Occurred").add(rank, asked if plain else [])
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

    def _own(self, trigger: ir.Changed | ir.Edge | ir.GoesFrom, asked: list[Wanted]) -> list[Wanted]:
        """What a trigger on a value of the subject's own fields asks of the subject's record after the change."""
        match trigger:
            case ir.Edge():
                conditions = list(wanted_by(trigger.condition, trigger.object, self._model))
                return conditions + (asked if _is_safe(trigger.condition, trigger.object, self._model) else [])
            case ir.Changed():
                read: tuple[ir.Expression, ...] = (trigger.value,)
            case ir.GoesFrom():
                read = (trigger.value, trigger.origin, trigger.target)
        return asked if all(_is_safe(each, trigger.object, self._model) for each in read) else []

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
        currency = self._model.settings.currency
        for name in self._numbers[kind]:
            value: Any = record.get(name)
            if value is None:
                continue
            if isinstance(value, Money):
                if value.currency != currency:
                    return False
                value = value.amount
            if not -_MOST_DIGITS < value.adjusted() < _MOST_DIGITS:
                return False
        return True

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


def _number_fields(kind: str, model: Model) -> tuple[str, ...]:
    kinds = {"number", "integer", "percentage", "money"}
    return tuple(name for name, field in model.fields(kind).items() if field.type.kind in kinds)


def _changed(before: Record, after: Record) -> list[str]:
    return [name for name in {*before, *after} if not equal(before.get(name), after.get(name))]


class Conditions:
    """The rules over each type of object, by the values their conditions ask for."""

    def __init__(self, model: Model) -> None:
        self._rules = sorted(model.listening_rules(), key=firing_order)
        self._buckets: dict[str, Bucket] = {}
        for rank, rule in enumerate(self._rules):
            if rule.subject is not None:
                wanted = list(wanted_by(rule.condition, rule.subject, model, fallible=True))
                self._buckets.setdefault(rule.subject, Bucket()).add(rank, wanted)
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


# --- what a condition asks for --------------------------------------------------------------------------------------


def wanted_by(
    condition: ir.Expression | None, kind: str | None, model: Model, *, fallible: bool = False
) -> Iterator[Wanted]:
    """What must be true of stored fields of the subject, of type ``kind``, for the condition to be true.

    Only what is evaluated before anything that can fail; with ``fallible``, all.
    """
    pending = [] if condition is None or kind is None else [condition]
    while pending:
        part = pending.pop()
        if isinstance(part, ir.And):
            pending += reversed(part.parts)
            continue
        wanted = _equality(part, kind or "", model)
        if wanted is not None:
            yield wanted
        elif not fallible and not _is_safe(part, kind or "", model):
            return


def _equality(part: ir.Expression, kind: str, model: Model) -> Wanted | None:
    match part:
        case ir.Apply(function="equal", arguments=(ir.FieldOf() as field, ir.Constant() as constant)):
            values = (constant.value,)
        case ir.Apply(function="equal", arguments=(ir.Constant() as constant, ir.FieldOf() as field)):
            values = (constant.value,)
        case ir.Apply(function="one_of", arguments=(ir.FieldOf() as field, *others)):
            values = tuple(other.value if isinstance(other, ir.Constant) else _OTHER for other in others)
        case ir.FieldOf() as field if field.type.kind == "boolean":
            values = (True,)
        case ir.Not(operand=ir.FieldOf() as field) if field.type.kind == "boolean":
            values = (False,)
        case _:
            return None
    owner = field.object
    declared = model.field(kind, field.field)
    if not isinstance(owner, ir.Variable) or owner.name != "subject" or declared is None:
        return None
    if not model.is_stored(kind, field.field) or declared.type.kind in {"date", "datetime"}:
        return None
    keys = frozenset(key_of(value) for value in values)
    return None if _OTHER in keys else Wanted(field.field, keys, _NO if declared.type.kind == "boolean" else None)


_SURE = frozenset({"equal", "not_equal", "one_of", "contains", "starts_with", "ends_with", "matches"})
_UNSURE_KINDS = frozenset({"datetime", "duration", "list", "error"})
_ORDERS = frozenset({"less", "less_or_equal", "greater", "greater_or_equal", "between"})
_ORDERED_KINDS = {"number": "number", "integer": "number", "percentage": "number", "date": "date", "money": "money"}
_ARITHMETIC = frozenset(
    "add subtract multiply divide negate add_money subtract_money multiply_money divide_money ratio_money negate_money "
    "percent_on percent_off percent_of percent_on_money percent_off_money percent_of_money add_percentage "
    "subtract_percentage multiply_percentage divide_percentage negate_percentage ratio".split()
)
_NUMBERS = frozenset({"number", "integer", "percentage", "money"})
_MOST_DIGITS = 100
_MOST_PARTS = 50
"""So few operations on numbers of so few digits stay far below the largest number there is."""


def _is_safe(expression: ir.Expression, kind: str, model: Model) -> bool:
    """Whether evaluating an expression over a subject of that type cannot fail, its numbers being ordinary ones."""
    pending, count = [expression], 0
    while pending:
        part, count = pending.pop(), count + 1
        if count > _MOST_PARTS:
            return False
        match part:
            case ir.Constant():
                if not _is_ordinary_constant(part, model):
                    return False
            case ir.Variable():
                continue
            case ir.FieldOf():
                inner = _read_by(part, kind, model)
                if inner is None:
                    return False
                pending += inner
            case ir.And() | ir.Or():
                pending += part.parts
            case ir.Not():
                pending.append(part.operand)
            case ir.If():
                pending += (part.condition, part.then, part.otherwise)
            case ir.Previous():
                pending.append(part.value)
            case ir.Apply():
                if not _is_sure(part):
                    return False
                pending += part.arguments
            case _:
                return False
    return True


def _is_ordinary_constant(part: ir.Constant, model: Model) -> bool:
    value = part.value
    if isinstance(value, Money):
        if value.currency != model.settings.currency:
            return False
        value = value.amount
    return not isinstance(value, Decimal) or -_MOST_DIGITS < value.adjusted() < _MOST_DIGITS


def _read_by(part: ir.FieldOf, kind: str, model: Model) -> list[ir.Expression] | None:
    """What else is evaluated to read a field, or ``None`` where that may fail: numbers are the subject's own."""
    if isinstance(part.object, ir.Variable) and part.object.name == "subject":
        field = model.field(kind, part.field)
        body = field and (field.definition or field.default)
        return [] if body is None else [body]
    owner = part.object.type.object if part.object.type.kind == "reference" else None
    stored = owner is not None and (model.is_stored(owner, part.field) or part.field == "id")
    return [part.object] if stored and part.type.kind not in _NUMBERS else None


def _is_sure(part: ir.Apply) -> bool:
    kinds = {argument.type.kind for argument in part.arguments}
    if part.function in _SURE:
        return not kinds & _UNSURE_KINDS
    if part.function in _ARITHMETIC:
        return kinds <= _NUMBERS
    compared = {_ORDERED_KINDS.get(kind) for kind in kinds}
    return part.function in _ORDERS and len(compared) == 1 and None not in compared
