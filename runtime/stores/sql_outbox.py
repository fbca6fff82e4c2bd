"""The outbox in a database: claiming effects, and noting what came of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
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
    wanted = selected().where(_IS_OPEN, _of_actions(actions), _ready_at(exact=exact) <= instant).limit(limit)
    wanted = wanted.where(_unheld()) if key is None else wanted.where(_EFFECTS.c.key == guarded(key))
    if exact:
        wanted = wanted.with_for_update(skip_locked=True, of=_EFFECTS)
    rows: Sequence[Any] = connection.execute(wanted).all()
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
        connection.execute(sa.update(_EFFECTS).where(_EFFECTS.c.number == row[0]).values(noted))
    return claimed


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
    is_it = _EFFECTS.c.key == guarded(key)
    change = sa.update(_EFFECTS).where(is_it).values(noted)
    if worker is not None:
        change = change.where(_EFFECTS.c.worker == guarded(worker))
    if connection.execute(change).rowcount == 1:
        return True
    if connection.execute(sa.select(_EFFECTS.c.number).where(is_it)).first() is None:
        raise KeyError(key)
    return False


def next_delivery(connection: sa.Connection, actions: Collection[str]) -> datetime | None:
    """As :meth:`~.port.Store.next_delivery` says."""
    open_ones = (_IS_OPEN, _of_actions(actions), _unheld())
    # of many that wait for nothing, one is enough to know
    at_once = sa.select(_EFFECTS.c.number).where(*open_ones, _EFFECTS.c.due.is_(None), _EFFECTS.c.state == "waiting")
    if connection.execute(at_once.limit(1)).first() is not None:
        return AT_ONCE
    earliest = sa.select(sa.func.min(_ready_at(exact=connection.dialect.name != "sqlite"))).select_from(_EFFECTS)
    return cast("datetime | None", decode(connection.execute(earliest.where(*open_ones)).scalar(), DATETIME))


def _of_actions(actions: Collection[str]) -> sa.ColumnElement[bool]:
    return _EFFECTS.c.action.in_([guarded(action) for action in actions])


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
