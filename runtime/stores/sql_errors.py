"""What a database says went wrong, as errors of the port."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from sqlalchemy import exc

from .port import StoreBusy, StoreError, StoreRefused
from .sql_values import Unfit

_SQLITE: Mapping[str, str] = {
    "SQLITE_BUSY": "store_busy",
    "SQLITE_LOCKED": "store_busy",
    "SQLITE_READONLY": "store_read_only",
    "SQLITE_PERM": "store_read_only",
    "SQLITE_FULL": "store_full",
    "SQLITE_CANTOPEN": "store_cannot_open",
    "SQLITE_NOTADB": "store_not_sqlite",
    "SQLITE_CORRUPT": "store_damaged",
    "SQLITE_CONSTRAINT": "store_constraint",
    "SQLITE_TOOBIG": "store_too_big",
}
"""By the first two words of the name of the result code."""

_POSTGRES: Mapping[str, str] = {
    "40001": "store_busy",
    "40P01": "store_busy",
    "55P03": "store_busy",
    "25006": "store_read_only",
    "53100": "store_full",
    "53": "store_overloaded",
    "54": "store_too_big",
    "28": "store_login",
    "3D": "store_no_database",
    "42501": "store_forbidden",
    "42P01": "store_changed",
    "42703": "store_changed",
    "42804": "store_changed",
    "428C9": "store_constraint",
    "23": "store_constraint",
    "22": "store_constraint",
    "08": "store_down",
    "57": "store_down",
}
"""By the SQLSTATE or its class."""

_KINDS: Mapping[str, type[StoreError]] = {
    "store_busy": StoreBusy,
    "store_constraint": StoreRefused,
    "store_too_big": StoreRefused,
}


@contextmanager
def told(place: str) -> Generator[None]:
    """Turn what drivers raise into :class:`~.port.StoreError`; ``place`` says which data it is about."""
    try:
        yield
    except exc.DBAPIError as error:
        raise store_error(error, place) from error
    except exc.SQLAlchemyError as error:
        raise StoreError("store_failed", place=place, reason=str(error)[:200]) from error
    except Unfit as error:
        raise StoreError("store_damaged", place=place, reason=str(error)) from error


def store_error(error: exc.DBAPIError, place: str) -> StoreError:
    """The error of the port for an error of a driver."""
    driver = error.orig
    reason = str(driver).strip().partition("\n")[0][:200]
    key = _of_sqlite(driver, reason) or _of_postgres(driver, error) or "store_failed"
    return _KINDS.get(key, StoreError)(key, place=place, reason=reason)


def _of_sqlite(driver: object, reason: str) -> str | None:
    name = getattr(driver, "sqlite_errorname", None)
    if not isinstance(name, str):
        return None
    if reason.startswith(("no such table", "no such column")) or "has no column" in reason:
        return "store_changed"
    return _SQLITE.get("_".join(name.split("_")[:2]), "store_failed")


def _of_postgres(driver: object, error: exc.DBAPIError) -> str | None:
    state = getattr(driver, "sqlstate", None)
    if isinstance(state, str):
        return _POSTGRES.get(state) or _POSTGRES.get(state[:2])
    # a connection that could not be made or broke has no SQLSTATE
    return "store_down" if error.connection_invalidated or isinstance(error, exc.OperationalError) else None
