"""The port of a store: what the engine asks of whatever keeps its data.

A third party implements :class:`Store` and :class:`Transaction` from this page alone and announces the store under the
entry-point group ``quand.stores``: the name is the scheme of the address, the object a function from the address to the
store. Every store passes the suites ``tests/store_contract.py`` and ``tests/store_outbox_contract.py``.

**Records.** An object is known by the English name of its type and its identifier. Its record maps English names of
stored fields to values (``dsl/values.py`` lists their Python classes); a missing value is left out, never ``None``. A
record never holds its identifier. Occurrences of declared events are records too, under the event's name and its
identifier, with their instant in ``created at``. Records that a transaction gives out must not be changed by anyone.

**Values** come back equal to what was written: decimals to the last digit (34 digits, exponents up to 6144, never a
binary float), amounts with their currency, instants in UTC to the microsecond, the parts of a duration apart, texts
with any character, references to objects that are not there. Identifiers are texts of any length.

**Order.** Wherever several identifiers are given they ascend as texts compare in Python, by code point.

**Vocabulary.** Every engine first calls :meth:`Store.prepare` with its program. A store that needs tables makes them
then; a program with another vocabulary may come later, and what fields it no longer has hold must be kept.

**One transaction per event or timer.** The engine reads through a transaction, decides, and writes everything at once
with :meth:`Transaction.write`, after which it reads no more; the ``with`` block then commits, or rolls back when an
exception leaves it. Transactions are not nested. Two transactions must not both decide on the same data: the outcome is
that of some serial order. A store isolates them (a lock, ``SERIALIZABLE``) or raises :class:`StoreBusy`, from a read,
from the write or from the end of the block, with nothing written; the engine then does the same transaction again, a
few times.

**Errors.** A store raises :class:`StoreError` for whatever keeps it from working (a file that is missing, a server that
is down, a full disk), with nothing of the transaction written; no exception of a driver leaves it. Where only the
contents of one event are to blame (a constraint of an existing table), it is :class:`StoreRefused`, which fails that
event alone.

**The outbox.** Effects are written ``waiting`` with the rest of their event. Whoever delivers them asks for some with
:meth:`Store.claim`, which is atomic: what one process has claimed no other gets until the lease has passed, so that a
process that died is taken over. When the attempt is over it says what came of it with :meth:`Store.settle`. Both are
transactions of their own and may raise :class:`StoreBusy`, with nothing changed. Effects of one ``lane`` go out in the
order they were written: none is claimed while an earlier one of its lane is ``waiting`` or ``claimed``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias

import attrs

from ...dsl import ir
from ...dsl.messages import ui
from ...dsl.node import Node, node
from ...dsl.values import Reference, Value

Record: TypeAlias = Mapping[str, Value]
"""The stored fields of one object."""


@node
class Notice(Node):
    """Something to be told once about the data: a message by its ``code``, about a field where there is one."""

    code: str
    object: str
    field: str
    facts: Mapping[str, Any]


class StoreError(Exception):
    """The data cannot be used. ``key`` names a text of the ``[ui]`` messages and ``args_by_name`` fill it."""

    def __init__(self, key: str, **args: Any) -> None:
        super().__init__(key)
        self.key = key
        self.args_by_name = args

    def text(self, language: str) -> str:
        """One line that a person can act on."""
        return ui(self.key, language, **self.args_by_name)

    def __str__(self) -> str:
        return f"{self.key} {self.args_by_name}"


class StoreRefused(StoreError):
    """The data cannot hold what one event would write, or holds what cannot be read; others may well be processed."""


class StoreBusy(StoreError):
    """The transaction met another one and changed nothing; processing the event again is safe."""

    def __init__(self, key: str = "store_busy", **args: Any) -> None:
        super().__init__(key, **args)


class Unanswered(StoreBusy):
    """A question of :class:`Asking` broke the transaction: it is done again, and that is not asked again."""


@node
class Timer(Node):
    """A stored appointment of the engine. ``key`` is unique.

    ``slot`` says what it is for: ``wait:<number>``, ``date:<field>`` or ``stay:<number>``; date timers and stays are
    unique by (rule, object, slot). ``due`` is in UTC. ``state``: ``pending``, or kept without ever ringing:
    ``orphaned`` (the rule that made it is gone or its waits have changed), ``failed`` (its transaction failed).
    ``event`` is the event that made it, ``branch`` ``"otherwise"`` for a wait of that branch, ``variables`` the
    objects in scope by name, ``signature`` a digest of the waits of the rule that made it.
    """

    key: str
    rule: str
    object: Reference | None
    slot: str
    due: datetime
    event: str = ""
    branch: str | None = None
    variables: Mapping[str, Value] = attrs.field(factory=dict[str, "Value"])
    signature: str = ""
    state: str = "pending"


AT_ONCE = datetime(1, 1, 1, tzinfo=UTC)
"""The ``due`` that stands for none."""

OPEN_STATES = ("waiting", "claimed")
"""The states of an effect that is still to be delivered."""

EFFECT_STATES = (*OPEN_STATES, "sent", "dead", "uncertain", "dropped")
"""All states of an effect, as :class:`Effect` tells them."""


@node
class Effect(Node):
    """An outgoing action, sent after the commit. ``key`` is its idempotency key; ``object`` the rule's subject.

    ``arguments`` are by English name. ``lane`` names those that keep their order among themselves, ``""`` is none.

    ``state``: ``waiting``, ``claimed`` (some process is at it), ``sent``, ``dead`` (given up), ``uncertain`` (it may
    have been sent, and the gateway knows no keys), ``dropped`` (by a person).

    What delivering has noted: ``attempts`` begun, the instants of the ``first`` and the ``last`` of them; ``due`` is
    the earliest instant of the next one (``None``: at once), ``error`` says in words why the last one failed,
    ``worker`` is the process that claimed it last, ``until`` the instant at which its lease ends (``None`` unless
    ``claimed``).
    """

    key: str
    action: str
    arguments: Mapping[str, Value]
    rule: str
    object: Reference | None
    event: str
    at: datetime
    state: str = "waiting"
    lane: str = ""
    attempts: int = 0
    first: datetime | None = None
    last: datetime | None = None
    due: datetime | None = None
    error: str = ""
    worker: str = ""
    until: datetime | None = None

    @property
    def args(self) -> Mapping[str, Value]:
        """The arguments, by the name results give them."""
        return self.arguments


@node
class RecordWrite(Node):
    """A record to store whole, or to delete (``None``). ``fields`` are those that differ; ``None``: all may."""

    object: Reference
    record: Record | None
    fields: frozenset[str] | None = None


@node
class Batch(Node):
    """Everything one transaction writes.

    ``timers`` replace those of the same key; ``dropped`` are keys of timers to delete. ``event`` is the identity of
    the event and the digest of its content. ``memory`` holds the engine's own notes, texts by key; ``None`` forgets.
    ``log`` is the decision log, one JSON text for each entry, in order.
    """

    records: tuple[RecordWrite, ...] = ()
    timers: tuple[Timer, ...] = ()
    dropped: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    event: tuple[str, str] | None = None
    memory: Mapping[str, str | None] = attrs.field(factory=dict[str, "str | None"])
    log: tuple[str, ...] = ()


class Transaction(Protocol):
    """A consistent view of the data, and one write at its end. All names are English, all instants UTC.

    A type or field that the store knows nothing of holds nothing.
    """

    def get(self, reference: Reference) -> Record | None:
        """The record of an object, ``None`` when it is not there."""
        ...

    def identifiers(self, kind: str) -> Iterable[str]:
        """The identifiers of all objects of a type, ascending."""
        ...

    def find(self, kind: str, field: str, value: Value) -> Iterable[str]:
        """The identifiers of the objects of a type whose stored field equals ``value``, ascending.

        ``field`` is most often a reference, and ``value`` a :class:`~....dsl.values.Reference`; never ``None``.
        """
        ...

    def timer(self, key: str) -> Timer | None:
        """The timer of that key."""
        ...

    def timer_at(self, rule: str, reference: Reference, slot: str) -> Timer | None:
        """The pending timer of a rule, object and slot."""
        ...

    def timers_of(self, reference: Reference) -> Iterable[Timer]:
        """The pending timers of an object, in order of key."""
        ...

    def timers_of_rule(self, rule: str) -> Iterable[Timer]:
        """All timers made by a rule of that name, whatever their state, in order of key."""
        ...

    def due_timers(self, instant: datetime) -> Iterable[Timer]:
        """The pending timers due at or before an instant, in order of due instant, then key."""
        ...

    def event_digest(self, event: str) -> str | None:
        """The digest stored with an event's identity, ``None`` for an event never consumed."""
        ...

    def recall(self, key: str) -> str | None:
        """A note of the engine, ``None`` when there is none."""
        ...

    def write(self, batch: Batch) -> None:
        """Write everything; it lasts once the ``with`` block of the transaction ends without an exception.

        At most one call writes any given object, timer or note.
        """
        ...


class Asking(Protocol):
    """What a transaction over a database may offer besides: answers to whole questions, as SQL.

    A transaction that has no ``select`` is never asked, and nothing else changes: the rows are read one after the
    other. ``dialect`` is ``sqlite``, ``postgres`` or ``duckdb``. ``tables`` say where objects and their fields are kept
    (``KindTable`` of ``sql_tables.py``, by English name of the type); it is another mapping once tables have changed.
    """

    dialect: str
    tables: Mapping[str, Any]

    def select(self, statement: str, parameters: Mapping[str, Any], functions: Any) -> Sequence[Sequence[Any]] | None:
        """The rows of a statement over the data as they are stored, what this transaction will write left out.

        ``parameters`` are named, in the style of the usual driver. ``functions`` are those that a SQLite connection has
        to be given (``runtime/sql/sqlite_functions.py``). ``None`` where the interpreter has to decide. Raises
        :class:`StoreError`.
        """
        ...


class Store(Protocol):
    """Keeps objects, timers, identities of events, notes, effects and the decision log."""

    def prepare(self, program: ir.Program, *, dry: bool = False) -> None:
        """Make room for the objects and declared events of a program, of which it keeps all fields but definitions.

        Called by every engine, any number of times, before anything else. With ``dry`` nothing may be changed, now or
        later, not even a file made: what is not there holds nothing. Raises :class:`StoreError`.
        """
        ...

    def transaction(self, connection: Any = None, *, reading: bool = False) -> AbstractContextManager[Transaction]:
        """Begin a transaction.

        With the caller's own ``connection`` everything happens inside his transaction (a savepoint, so that an
        exception undoes this part alone), and the commit is his; a store that has no connections raises
        ``ValueError``. With ``reading`` nothing will be written, and the transaction keeps nobody from writing.
        """
        ...

    def timers(self) -> Iterable[Timer]:
        """All timers, in order of due instant, then key."""
        ...

    def next_timer(self) -> datetime | None:
        """The earliest due instant of the pending timers; cheap, since workers ask again and again."""
        ...

    def effects(self, state: str | None = None) -> Iterable[Effect]:
        """The effects in that state, or all, in the order they were written."""
        ...

    def effect(self, key: str) -> Effect | None:
        """The effect of that key, ``None`` when there is none."""
        ...

    def claim(
        self,
        worker: str,
        now: datetime,
        until: datetime,
        *,
        actions: Collection[str],
        limit: int = 1,
        key: str | None = None,
    ) -> list[Effect]:
        """Take up to ``limit`` effects to deliver, those written first, for a process called ``worker``.

        To be had are effects of those ``actions`` that are ``waiting`` and not ``due`` after ``now``, or ``claimed``
        with a lease that ended at ``now`` or before, and that have no earlier one of their lane in one of these two
        states. With ``key`` that effect alone, on the same conditions but for its lane. Each becomes ``claimed`` until
        ``until``, with one attempt more, ``last`` and where there was none ``first`` being ``now``, and is given back
        as it then is, ``error`` and ``due`` as they were. No effect is ever given to two that ask at once. A store
        prepared with ``dry`` gives none.
        """
        ...

    def settle(
        self,
        key: str,
        state: str,
        *,
        error: str = "",
        due: datetime | None = None,
        attempts: int | None = None,
        worker: str | None = None,
    ) -> bool:
        """Note what came of an effect: its state, ``error`` and ``due``; its lease is over.

        ``attempts`` corrects their number; with 0 ``first`` is ``None`` again. With ``worker`` nothing is done unless
        the effect was last claimed by that process; without, ``worker`` becomes ``""``. Gives back whether it was done.
        Raises ``KeyError`` for an effect that is not there.
        """
        ...

    def next_delivery(self, actions: Collection[str]) -> datetime | None:
        """When :meth:`claim` finds something next: the earliest ``due`` or ``until`` of what no lane holds back.

        It is long past for what is due at once, ``None`` when nothing of these actions is open.
        """
        ...

    def log(self) -> Iterable[str]:
        """The decision log, oldest entry first."""
        ...

    def close(self) -> None:
        """Let go of files and connections; closing twice is fine."""
        ...
