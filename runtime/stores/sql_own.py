"""The tables that a database has for the engine itself: ``quand_event``, ``quand_timer`` and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from ...dsl.types import DATETIME
from ...dsl.values import Reference
from .port import Effect, Timer
from .sql_values import Unfit, decode, encode, guarded, instant_text, names_from_json, names_to_json, unguarded

_Made = TypeVar("_Made")
METADATA = sa.MetaData()
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

EVENTS = sa.Table(
    "quand_event",
    METADATA,
    sa.Column("event", sa.Text(), primary_key=True),
    sa.Column("digest", sa.Text(), nullable=False),
)
"""The identities of events consumed, with the digest of their content."""

NOTES = sa.Table(
    "quand_note",
    METADATA,
    sa.Column("key", sa.Text(), primary_key=True),
    sa.Column("note", sa.Text(), nullable=False),
)
"""What the engine remembers: its clock, which objects a rule has served once."""

TIMERS = sa.Table(
    "quand_timer",
    METADATA,
    sa.Column("key", sa.Text(), primary_key=True),
    sa.Column("rule", sa.Text(), nullable=False),
    sa.Column("object", sa.Text()),
    sa.Column("object_id", sa.Text()),
    sa.Column("slot", sa.Text(), nullable=False),
    sa.Column("due", _INSTANT, nullable=False),
    sa.Column("event", sa.Text(), nullable=False),
    sa.Column("branch", sa.Text()),
    sa.Column("variables", sa.Text(), nullable=False),
    sa.Column("signature", sa.Text(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Index("quand_timer_due", "state", "due"),
    sa.Index("quand_timer_object", "object", "object_id"),
    sa.Index("quand_timer_rule", "rule"),
)

OPEN = "state IN ('waiting', 'claimed')"
"""The effects that are still to be delivered, word for word as in the statements, so that indexes are used."""

EFFECTS = sa.Table(
    "quand_effect",
    METADATA,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text(), nullable=False, unique=True),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("arguments", sa.Text(), nullable=False),
    sa.Column("rule", sa.Text(), nullable=False),
    sa.Column("object", sa.Text()),
    sa.Column("object_id", sa.Text()),
    sa.Column("event", sa.Text(), nullable=False),
    sa.Column("at", _INSTANT, nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("lane", sa.Text()),
    sa.Column("attempts", sa.Integer()),
    sa.Column("first", _INSTANT),
    sa.Column("last", _INSTANT),
    sa.Column("due", _INSTANT),
    sa.Column("error", sa.Text()),
    sa.Column("worker", sa.Text()),
    sa.Column("until", _INSTANT),
    sa.Index("quand_effect_state", "state", "number"),
    sa.Index("quand_effect_open", "number", sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN)),
    sa.Index("quand_effect_lane", "lane", "number", sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN)),
)
"""The outbox. What delivering notes came later than the rest: these columns may be empty."""

LOG = sa.Table(
    "quand_log",
    METADATA,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("entry", sa.Text(), nullable=False),
)
"""The decision log."""

KEYS = sa.Table(
    "quand_key",
    METADATA,
    sa.Column("object", sa.Text(), primary_key=True),
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("key", sa.Text(), nullable=False),
)
"""What objects were called before they were written to a table that has keys of its own."""

OWN_TABLES = tuple(METADATA.tables)


def bare(table: sa.Table) -> sa.TableClause:
    """A table as statements name it; contents go to and from the driver as they are."""
    return raw_table(table.name, [column.name for column in table.columns])


def raw_table(name: str, columns: Iterable[str]) -> sa.TableClause:
    """A table whose contents go to and from the driver as they are."""
    made: list[sa.ColumnClause[Any]] = [sa.column(column, sa.types.NullType()) for column in columns]
    return sa.table(name, *made)


def instant_raw(moment: datetime, *, exact: bool) -> Any:
    """An instant as the driver is given it; ``exact`` says that the database has instants."""
    return encode(moment, DATETIME, "instant") if exact else instant_text(moment)


def optional_raw(moment: datetime | None, *, exact: bool) -> Any:
    """Likewise for one that may be missing."""
    return None if moment is None else instant_raw(moment, exact=exact)


def optional_instant(raw: Any) -> datetime | None:
    """The instant that a column holds."""
    return cast("datetime | None", decode(raw, DATETIME))


def timer_row(timer: Timer, *, exact: bool) -> dict[str, Any]:
    """The row of a timer."""
    kind, identifier = _object(timer.object)
    return {
        "key": guarded(timer.key),
        "rule": guarded(timer.rule),
        "object": kind,
        "object_id": identifier,
        "slot": guarded(timer.slot),
        "due": instant_raw(timer.due, exact=exact),
        "event": guarded(timer.event),
        "branch": timer.branch,
        "variables": names_to_json(timer.variables),
        "signature": timer.signature,
        "state": timer.state,
    }


def timer_of(row: Sequence[Any]) -> Timer:
    """The timer of a row. Raises :class:`~.sql_values.Unfit`."""
    return _read(_timer, row, TIMERS, row[0])


def _timer(row: Sequence[Any]) -> Timer:
    key, rule, kind, identifier, slot, due, event, branch, variables, signature, state = row
    return Timer(
        unguarded(key),
        unguarded(rule),
        reference(kind, identifier),
        unguarded(slot),
        cast("datetime", decode(due, DATETIME)),
        unguarded(event),
        branch,
        names_from_json(variables),
        signature,
        state,
    )


def effect_row(effect: Effect, *, exact: bool) -> dict[str, Any]:
    """The row of an effect, but for its number."""
    kind, identifier = _object(effect.object)
    return {
        "key": guarded(effect.key),
        "action": guarded(effect.action),
        "arguments": names_to_json(effect.arguments),
        "rule": guarded(effect.rule),
        "object": kind,
        "object_id": identifier,
        "event": guarded(effect.event),
        "at": instant_raw(effect.at, exact=exact),
        "state": effect.state,
        "lane": effect.lane,
        "attempts": effect.attempts,
        "first": optional_raw(effect.first, exact=exact),
        "last": optional_raw(effect.last, exact=exact),
        "due": optional_raw(effect.due, exact=exact),
        "error": guarded(effect.error),
        "worker": guarded(effect.worker),
        "until": optional_raw(effect.until, exact=exact),
    }


def effect_of(row: Sequence[Any]) -> Effect:
    """The effect of a row. Raises :class:`~.sql_values.Unfit`."""
    return _read(_effect, row, EFFECTS, row[1])


def _effect(row: Sequence[Any]) -> Effect:
    _, key, action, arguments, rule, kind, identifier, event, at, state, *noted = row
    lane, attempts, first, last, due, error, worker, until = noted
    return Effect(
        unguarded(key),
        unguarded(action),
        names_from_json(arguments),
        unguarded(rule),
        reference(kind, identifier),
        unguarded(event),
        cast("datetime", decode(at, DATETIME)),
        state,
        lane or "",
        int(attempts or 0),
        optional_instant(first),
        optional_instant(last),
        optional_instant(due),
        unguarded(error or ""),
        unguarded(worker or ""),
        optional_instant(until),
    )


def _read(make: Callable[[Sequence[Any]], _Made], row: Sequence[Any], table: sa.Table, key: Any) -> _Made:
    """What a row holds; one that somebody has damaged is named."""
    try:
        return make(row)
    except (Unfit, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Unfit(f"{table.name} {key}"[:100]) from error


def reference(kind: str | None, identifier: str | None) -> Reference | None:
    """The object that two columns name."""
    return None if kind is None or identifier is None else Reference(unguarded(kind), unguarded(identifier))


def _object(reference: Reference | None) -> tuple[str | None, str | None]:
    return (None, None) if reference is None else (guarded(reference.object), guarded(reference.id))
