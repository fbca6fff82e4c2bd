"""Writing to tables that belong to others: keys that the database makes, order of references, columns unknown to rules.

An object that a rule makes is called ``e1.1`` until it is written. Where its table has keys of another kind, the key
that the database generates, or that the columns of a composite key make, is its identifier from then on: everything of
the same batch that refers to it is written with that key, and ``quand_key`` notes which name it had, so that the
identifier that the result of the event shows goes on finding it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeGuard

import attrs
import sqlalchemy as sa

from ...dsl.values import Reference, Value
from .port import Batch, Effect, Record, RecordWrite, StoreRefused, Timer
from .sql_own import KEYS, bare
from .sql_statements import Prepared, Ran, Statements
from .sql_tables import KindTable
from .sql_values import Unfit, guarded, unguarded

_KEYS = bare(KEYS)
_Run = Callable[[Prepared], Ran]


def known_as(run: _Run, reference: Reference) -> Reference | None:
    """The object that was called so before it was written."""
    wanted = sa.select(_KEYS.c.key).where(
        _KEYS.c.object == guarded(reference.object), _KEYS.c.id == guarded(reference.id)
    )
    row = run((wanted, {})).first()
    return None if row is None else Reference(reference.object, unguarded(row[0]))


class ForeignWriter:
    """Writes the records of a batch of which some go to tables of others."""

    def __init__(
        self, run: _Run, statements: Statements, stored: Callable[[Reference], Record | None], *, named: bool
    ) -> None:
        """``stored`` gives a record as it is stored, ``named`` says whether there is a table of names."""
        self._run = run
        self._statements = statements
        self._kinds = statements.kinds
        self._stored = stored
        self._named = named
        self._renamed: dict[Reference, Reference] = {}

    def written(self, batch: Batch, other: Callable[[RecordWrite], None]) -> Batch:
        """Write the records, those of tables made for the rules by ``other``; the rest of the batch, names replaced."""
        made = [write for write in batch.records if write.record is not None]
        gone = [write for write in batch.records if write.record is None]
        late: list[RecordWrite] = []
        waiting = {write.object for write in made if self._is_new(write)}
        for write in _referred_first(made, {write.object: write.record for write in made}):
            write = self._without_waiting(write, waiting, late)
            self._write(write, other)
            waiting.discard(write.object)
        for write in late:
            self._write(write, other)
        for write in reversed(_referred_first(gone, {write.object: self._stored(write.object) for write in gone})):
            self._write(write, other)
        return self._rest(batch)

    # --- order ----------------------------------------------------------------------------------------------------

    def _is_new(self, write: RecordWrite) -> bool:
        """Whether a key has yet to be made for the object."""
        kind = self._kinds.get(write.object.object)
        if kind is None or not kind.foreign or kind.key.encoded(write.object.id) is not None:
            return False
        found = known_as(self._run, write.object) if self._named else None
        if found is not None:
            self._renamed[write.object] = found
        return found is None

    def _without_waiting(self, write: RecordWrite, waiting: set[Reference], late: list[RecordWrite]) -> RecordWrite:
        """The write without references to objects whose key is not made yet; those come ``late``."""
        record = write.record or {}
        others = waiting - {write.object}
        fields = {name for name, value in record.items() if others and _mentions(value, others)}
        fields |= {name for name, value in record.items() if write.object in waiting and value == write.object}
        if not fields:
            return write
        late.append(attrs.evolve(write, fields=frozenset(fields)))
        kept = {name: value for name, value in record.items() if name not in fields}
        return attrs.evolve(write, record=kept, fields=None if write.fields is None else write.fields - fields)

    # --- one record -----------------------------------------------------------------------------------------------

    def _write(self, write: RecordWrite, other: Callable[[RecordWrite], None]) -> None:
        reference = self._renamed.get(write.object, write.object)
        record = write.record
        if record is not None:
            record = {name: self._value(value) for name, value in record.items()}
        write = attrs.evolve(write, object=reference, record=record)
        kind = self._kinds.get(reference.object)
        if kind is None or not kind.foreign or record is None:
            other(write)
            return
        key = kind.key.encoded(reference.id)
        names = write.fields if write.fields is not None else record.keys()
        for name in sorted(kind.mute & names):
            if record.get(name) is not None:
                raise StoreRefused("store_no_column", table=kind.name, name=name)
        for name in sorted(kind.fields.keys() & names):
            column = kind.fields[name]
            if column.computed and (write.fields is not None or record.get(name) is not None):
                raise StoreRefused("store_computed", table=kind.name, column=column.name)
        if key is not None and write.fields is not None:
            for name in sorted(write.fields & kind.fields.keys()):
                if record.get(name) is None and kind.fields[name].needed:
                    raise StoreRefused("store_not_null", table=kind.name, column=kind.fields[name].name)
            contents = contents_of(kind, record, sorted(write.fields), reference)
            self._keep_key(kind, key, contents)
            if not contents or self._run(self._statements.change(kind, key, contents)).rowcount == 1:
                return
        self._insert(kind, key, record, write.object)

    def _keep_key(self, kind: KindTable, key: Mapping[str, Any], contents: dict[str, Any]) -> None:
        """Raises :class:`StoreRefused` where contents would change the key."""
        for name in key.keys() & contents.keys():
            if contents[name] is not None and contents[name] != key[name]:
                raise StoreRefused("store_key_changes", table=kind.name, column=name)
            del contents[name]

    def _insert(self, kind: KindTable, key: Mapping[str, Any] | None, record: Record, reference: Reference) -> None:
        if kind.needs:
            raise StoreRefused("store_needs", table=kind.name, names=list(kind.needs))
        contents = contents_of(kind, record, kind.fields, reference)
        for field in kind.fields.values():
            if contents[field.name] is None and (field.fills or field.name in kind.key.names):
                del contents[field.name]
            elif contents[field.name] is None and field.needed:
                raise StoreRefused("store_not_null", table=kind.name, column=field.name)
        if key is not None:
            self._keep_key(kind, key, contents)
        elif not kind.key.generated and not contents.keys() >= set(kind.key.names):
            raise StoreRefused("store_bad_key", table=kind.name, value=reference.id[:80])
        row = self._run(self._statements.add(kind, {**(key or {}), **contents})).rows[0]
        if key is None:
            made = Reference(reference.object, kind.key.decoded(row))
            self._renamed[reference] = made
            name = {"object": guarded(reference.object), "id": guarded(reference.id), "key": guarded(made.id)}
            self._run((sa.insert(_KEYS), name))

    # --- names ----------------------------------------------------------------------------------------------------

    def _value(self, value: Value) -> Value:
        if isinstance(value, Reference):
            return self._renamed.get(value, value)
        if _is_list(value):
            return tuple(self._value(member) for member in value)
        return value

    def _rest(self, batch: Batch) -> Batch:
        batch = attrs.evolve(batch, records=())
        if not self._renamed:
            return batch
        return attrs.evolve(
            batch,
            timers=tuple(self._timer(timer) for timer in batch.timers),
            effects=tuple(self._effect(effect) for effect in batch.effects),
            memory={self._note(key): note for key, note in batch.memory.items()},
        )

    def _timer(self, timer: Timer) -> Timer:
        variables = {name: self._value(value) for name, value in timer.variables.items()}
        owner = timer.object and self._renamed.get(timer.object, timer.object)
        return attrs.evolve(timer, object=owner, variables=variables)

    def _effect(self, effect: Effect) -> Effect:
        arguments = {name: self._value(value) for name, value in effect.arguments.items()}
        owner = effect.object and self._renamed.get(effect.object, effect.object)
        return attrs.evolve(effect, object=owner, arguments=arguments)

    def _note(self, key: str) -> str:
        """A note about an object ends with its type and identifier."""
        for old, new in self._renamed.items():
            ending = f":{old.object}:{old.id}"
            if key.endswith(ending):
                return f"{key.removesuffix(ending)}:{new.object}:{new.id}"
        return key


def contents_of(kind: KindTable, record: Record, names: Iterable[str], reference: Reference) -> dict[str, Any]:
    """The contents of the columns of some fields; a field that the table does not know is left out."""
    contents: dict[str, Any] = {}
    for name in names:
        field = kind.fields.get(name)
        if field is None:
            continue
        value = record.get(name)
        try:
            contents |= field.encoded(value)
        except Unfit as error:
            facts = {"table": kind.name, "column": field.name, "type": field.type, "object": reference.id}
            raise StoreRefused("store_unfit", value=str(value)[:80], **facts) from error
    return contents


def _is_list(value: Value) -> TypeGuard[tuple[Value, ...]]:
    """Whether a value is a list: amounts and references are tuples too."""
    return type(value) is tuple


def _mentions(value: Value, objects: set[Reference]) -> bool:
    if _is_list(value):
        return any(_mentions(member, objects) for member in value)
    return isinstance(value, Reference) and value in objects


def _referred_first(writes: Sequence[RecordWrite], records: Mapping[Reference, Record | None]) -> list[RecordWrite]:
    """The writes in an order in which an object comes after those it refers to, where there is one."""
    by_object = {write.object: write for write in writes}
    done: dict[Reference, RecordWrite] = {}
    begun: set[Reference] = set()

    def place(reference: Reference) -> None:
        if reference in begun:
            return
        begun.add(reference)
        for value in (records.get(reference) or {}).values():
            for member in value if _is_list(value) else (value,):
                if isinstance(member, Reference) and member in by_object:
                    place(member)
        done[reference] = by_object[reference]

    for write in writes:
        place(write.object)
    return list(done.values())
