"""The outbox in a database: claiming effects, and noting what came of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

import attrs
import sqlalchemy as sa

from ...dsl.types import DATETIME
from .port import AT_ONCE, Effect
from .sql_own import EFFECTS, OPEN, bare, effect_of, instant_raw, optional_raw
from .sql_values import decode, guarded

TABLE = bare(EFFECTS)
"""The outbox as statements name it."""

_EFFECTS = TABLE
_EARLIER = _EFFECTS.alias("earlier")
_IS_OPEN = sa.text(OPEN)
_OF_ACTIONS = _EFFECTS.c.action.in_(sa.bindparam("actions", expanding=True))
_OFTEN_EMPTY = frozenset({"lane", "attempts", "first", "last", "due", "error", "worker", "until"})
"""The columns that tables made by earlier versions do not have."""


def upgrade(connection: sa.Connection, there: Collection[str]) -> None:
    """Add what the table of an earlier version lacks; ``there`` are the columns it has."""
    quote = connection.dialect.identifier_preparer.quote
    lacking = [column for column in EFFECTS.columns if column.name not in there]
    for column in lacking:
        declared = column.type.compile(connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {quote(EFFECTS.name)} ADD COLUMN {quote(column.name)} {declared}")
    if lacking:
        for index in EFFECTS.indexes:
            index.create(connection, checkfirst=True)
        failed = sa.update(_EFFECTS).where(_EFFECTS.c.state == "failed").values(state="dead")
        connection.execute(failed)


def selected(there: Collection[str] | None = None) -> sa.Select[Any]:
    """All effects in the order they were written; ``there`` are the columns of a table that could not be upgraded."""
    lacking = _OFTEN_EMPTY - set(there) if there is not None else frozenset[str]()
    columns = (sa.null().label(c.name) if c.name in lacking else c for c in _EFFECTS.c)
    return sa.select(*columns).order_by(_EFFECTS.c.number)


def claim(
    connection: sa.Connection,
    worker: str,
    now: datetime,
    until: datetime,
    actions: Collection[str],
    limit: int,
    key: str | None,
) -> list[Effect]:
    """As :meth:`~.port.Store.claim` says; ``connection`` is inside a transaction."""
    exact = connection.dialect.name != "sqlite"
    instant = instant_raw(now, exact=exact)
    asked: dict[str, Any] = {"actions": _guarded(actions), "instant": instant, "limit": limit}
    if key is not None:
        asked["key"] = guarded(key)
    rows: Sequence[Any] = connection.execute(_to_claim(exact=exact, one=key is not None), asked).all()
    claimed = [
        attrs.evolve(
            effect,
            state="claimed",
            attempts=effect.attempts + 1,
            first=effect.first or now,
            last=now,
            worker=worker,
            until=until,
        )
        for effect in map(effect_of, rows)
    ]
    for row, effect in zip(rows, claimed, strict=True):
        noted = {
            "state": effect.state,
            "attempts": effect.attempts,
            "first": optional_raw(effect.first, exact=exact),
            "last": instant,
            "worker": guarded(worker),
            "until": instant_raw(until, exact=exact),
        }
        connection.execute(_change("number", tuple(noted)), {"is_number": row[0], **_given(noted)})
    return claimed


# statements are made once: putting one together takes longer than running it


@cache
def _to_claim(*, exact: bool, one: bool) -> sa.Select[Any]:
    """What may be claimed at ``instant``; with ``one`` that of a ``key``, whatever its lane."""
    wanted = selected().where(_IS_OPEN, _OF_ACTIONS, _ready_at(exact=exact) <= sa.bindparam("instant"))
    wanted = wanted.where(_EFFECTS.c.key == sa.bindparam("key") if one else _unheld()).limit(sa.bindparam("limit"))
    return wanted.with_for_update(skip_locked=True, of=_EFFECTS) if exact else wanted


@cache
def _change(column: str, names: tuple[str, ...]) -> sa.Update:
    """Note ``to_<name>`` in columns of the effect whose ``column`` is ``is_<column>``."""
    values: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in names}
    return sa.update(_EFFECTS).where(_EFFECTS.c[column] == sa.bindparam(f"is_{column}")).values(values)


def _given(noted: Mapping[str, Any]) -> dict[str, Any]:
    return {f"to_{name}": value for name, value in noted.items()}


def _guarded(actions: Collection[str]) -> list[str]:
    return [guarded(action) for action in actions]


def settle(
    connection: sa.Connection,
    key: str,
    state: str,
    error: str,
    due: datetime | None,
    attempts: int | None,
    worker: str | None,
) -> bool:
    """As :meth:`~.port.Store.settle` says; ``connection`` is inside a transaction."""
    exact = connection.dialect.name != "sqlite"
    noted: dict[str, Any] = {
        "state": state,
        "error": guarded(error),
        "due": optional_raw(due, exact=exact),
        "worker": guarded(worker or ""),
        "until": None,
    }
    if attempts is not None:
        noted["attempts"] = attempts
    if attempts == 0:
        noted["first"] = None
    change = _change("key", tuple(noted))
    given = {"is_key": guarded(key), **_given(noted)}
    if worker is not None:
        change = change.where(_EFFECTS.c.worker == sa.bindparam("claimed_by"))
        given["claimed_by"] = guarded(worker)
    if connection.execute(change, given).rowcount == 1:
        return True
    if connection.execute(sa.select(_EFFECTS.c.number).where(_EFFECTS.c.key == guarded(key))).first() is None:
        raise KeyError(key)
    return False


def next_delivery(connection: sa.Connection, actions: Collection[str]) -> datetime | None:
    """As :meth:`~.port.Store.next_delivery` says."""
    asked = {"actions": _guarded(actions)}
    # of many that wait for nothing, one is enough to know
    if connection.execute(_at_once(), asked).first() is not None:
        return AT_ONCE
    earliest = connection.execute(_earliest(exact=connection.dialect.name != "sqlite"), asked).scalar()
    return cast("datetime | None", decode(earliest, DATETIME))


@cache
def _at_once() -> sa.Select[Any]:
    """One of the open effects that wait for nothing."""
    waiting = (_EFFECTS.c.due.is_(None), _EFFECTS.c.state == "waiting")
    return sa.select(_EFFECTS.c.number).where(_IS_OPEN, _OF_ACTIONS, _unheld(), *waiting).limit(1)


@cache
def _earliest(*, exact: bool) -> sa.Select[Any]:
    """When the first open effect can be claimed."""
    first = sa.select(sa.func.min(_ready_at(exact=exact))).select_from(_EFFECTS)
    return first.where(_IS_OPEN, _OF_ACTIONS, _unheld())


def _ready_at(*, exact: bool) -> sa.ColumnElement[Any]:
    """When an open effect can be claimed."""
    at_once = instant_raw(AT_ONCE, exact=exact)
    claimed = _EFFECTS.c.state == "claimed"
    return sa.func.coalesce(sa.case((claimed, _EFFECTS.c.until), else_=_EFFECTS.c.due), at_once)


def _unheld() -> sa.ColumnElement[bool]:
    """That no earlier open effect is in the same lane."""
    same = sa.and_(_EARLIER.c.lane == _EFFECTS.c.lane, _EARLIER.c.number < _EFFECTS.c.number, _IS_OPEN)
    held = sa.exists(sa.select(_EARLIER.c.number).where(same).correlate(_EFFECTS))
    return sa.or_(sa.func.coalesce(_EFFECTS.c.lane, "") == "", sa.not_(held))
