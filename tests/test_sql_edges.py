"""Edges on definitions over other rows: what an event costs does not grow with the tables.

Counted are the statements of an event, the rows that come back, and the steps that SQLite takes to find them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import Pool

import quand
from quand.runtime.engine import Engine
from quand.runtime.outcome import Outcome

RULES = """\
# langue : fr
vocabulaire : aucun
objet un contact / contact
  un bonus / bonus : argent
objet un paiement / payment
  un montant / amount : argent
  un contact / contact : contact
objet un article / item
  un stock / stock : nombre
  un seuil / threshold : nombre
  une alerte / alert : oui ou non
objet une commande / order
  un état / status : texte
objet une ligne / line
  un article / item : article
  une quantité / quantity : nombre
  une commande / order : commande
objet une facture / invoice
  un montant / amount : argent
  un client / customer : contact
  un payeur / payer : contact
événement un appel manqué / missed call
  un contact / contact : contact

définir le total payé d'un contact / paid = somme des montants des paiements du contact
définir la quantité attendue d'un article / pending
  = somme des quantités des lignes de l'article dont état de la commande = 'En attente'
définir la quantité disponible d'un article / available = stock - quantité attendue
définir le total facturé d'un contact / invoiced = somme des montants des factures dont client = le contact

règle "Grand client"
quand le total facturé d'un contact dépasse 1 000 €
alors bonus = 9 €

règle "Insistant"
quand 3 appels manqués d'un même contact en 2 heures
alors bonus du contact = 1 €

règle "Bon client"
quand le total payé d'un contact dépasse 1 000 €
alors bonus = 5 €

règle "Alerte"
quand la quantité disponible d'un article descend sous le seuil d'un article
alors alerte = oui
"""


@attrs.define
class Cost:
    """What went between the engine and SQLite."""

    statements: int = 0
    rows: int = 0
    steps: int = 0
    """Instructions of SQLite's machine, in hundreds."""


@contextmanager
def counted() -> Generator[Cost]:
    """The cost of what is done meanwhile, over connections made meanwhile."""
    cost = Cost()

    def connected(connection: sqlite3.Connection, _: Any) -> None:
        def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> tuple[Any, ...]:
            cost.rows += 1
            return values

        def stepped() -> int:
            cost.steps += 1
            return 0

        connection.row_factory = row
        connection.set_progress_handler(stepped, 100)

    def executed(*_: Any) -> None:
        cost.statements += 1

    event.listen(Pool, "connect", connected)
    event.listen(sa.Engine, "before_cursor_execute", executed)
    try:
        yield cost
    finally:
        event.remove(Pool, "connect", connected)
        event.remove(sa.Engine, "before_cursor_execute", executed)


def filled(path: Path, rows: int, *, together: bool = False) -> Engine:
    """An engine over a file with so many payments and lines: ten for each contact and item, or all for one."""
    program = quand.compile_text(RULES)
    store = quand.open_store(f"sqlite:///{path}")
    store.prepare(program.ir)
    store.close()
    with sqlite3.connect(path) as connection:
        groups = 1 if together else rows // 10
        names = range(groups)
        _insert(connection, "contact", "id", ((f"C-{n}",) for n in names))
        _insert(connection, "item", "id, stock, threshold", ((f"I-{n}", str(rows), "5") for n in names))
        _insert(connection, "order", "id, status", ((f"O-{n}", "En attente") for n in range(rows)))
        amount = "0.001" if together else "1"
        payments = ((f"P-{n}", amount, "EUR", f"C-{n % groups}") for n in range(rows))
        _insert(connection, "payment", "id, amount, amount_currency, contact", payments)
        lines = ((f"L-{n}", f"I-{n % groups}", "0.5", f"O-{n}") for n in range(rows))
        invoices = ((f"F-{n}", amount, "EUR", f"C-{n % groups}") for n in range(rows))
        _insert(connection, "invoice", "id, amount, amount_currency, customer", invoices)
        calls = ((f"A-{n}", "2020-01-01T00:00:00.000000Z", f"C-{n % groups}") for n in range(rows))
        _insert(connection, "missed_call", "id, created_at, contact", calls)
        _insert(connection, "line", 'id, item, quantity, "order"', lines)
    return Engine(program, quand.open_store(f"sqlite:///{path}"))


def _insert(connection: sqlite3.Connection, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(columns.split(",")))
    connection.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', rows)


def paid(engine: Engine, number: int, amount: float) -> Outcome:
    data = {"id": f"new-{number}", "montant": amount, "contact": "C-0"}
    return engine.process({"event": "paiement.créé", "data": data})


def costs(path: Path, rows: int, *, together: bool = False) -> list[Cost]:
    """What events cost: a payment, one that crosses the limit, an order no longer pending, a large line."""
    found: list[Cost] = []
    with counted() as cost:
        engine = filled(path, rows, together=together)
        assert paid(engine, 1, 1).fired == ()
        events: list[tuple[dict[str, Any], list[str]]] = [
            ({"event": "paiement.créé", "data": {"id": "a", "montant": 1, "contact": "C-0"}}, []),
            ({"event": "paiement.créé", "data": {"id": "b", "montant": 1000, "contact": "C-0"}}, ["Bon client"]),
            ({"event": "paiement.supprimé", "data": {"id": "b"}}, []),
            ({"event": "paiement.modifié", "data": {"id": "a", "montant": 1500}}, ["Bon client"]),
            ({"event": "commande.modifiée", "data": {"id": "O-0", "état": "Livrée"}}, []),
            (
                {"event": "ligne.créée", "data": {"id": "z", "article": "I-0", "quantité": rows, "commande": "O-1"}},
                ["Alerte"],
            ),
            (
                {"event": "facture.créée", "data": {"id": "f", "montant": 1000, "client": "C-0", "payeur": "C-0"}},
                ["Grand client"],
            ),
            ({"event": "appel manqué", "data": {"contact": "C-0"}}, []),
            ({"event": "commande.supprimée", "data": {"id": "O-1"}}, []),
        ]
        for each, fired in events:
            cost.statements = cost.rows = cost.steps = 0
            outcome = engine.process(each)
            assert (outcome.status, [firing.rule for firing in outcome.fired]) == ("applied", fired), outcome
            found.append(Cost(cost.statements, cost.rows, cost.steps))
        engine.store.close()
    return found


def assert_constant(few: list[Cost], many: list[Cost]) -> None:
    for number, (small, large) in enumerate(zip(few, many, strict=True)):
        assert (small.statements, small.rows) == (large.statements, large.rows), number
        assert large.statements < 40
        # trees of indexes grow a little deeper
        assert large.steps <= small.steps + 10, number


def test_an_event_costs_the_same_however_many_rows_there_are(tmp_path: Path) -> None:
    assert_constant(costs(tmp_path / "few.db", 1_000), costs(tmp_path / "many.db", 10_000))


@pytest.mark.long
def test_an_event_costs_the_same_over_a_hundred_thousand_rows(tmp_path: Path) -> None:
    assert_constant(costs(tmp_path / "few.db", 1_000), costs(tmp_path / "many.db", 100_000))


def test_of_a_large_group_one_row_comes_back(tmp_path: Path) -> None:
    """The database adds up; the statements and rows of an event stay what they are."""
    few = costs(tmp_path / "few.db", 1_000, together=True)
    many = costs(tmp_path / "many.db", 4_000, together=True)
    assert [(cost.statements, cost.rows) for cost in few] == [(cost.statements, cost.rows) for cost in many]
