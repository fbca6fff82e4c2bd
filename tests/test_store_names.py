"""Which tables and columns of a database are meant by names of the rules."""

from __future__ import annotations

import pytest

from quand.runtime.stores.sql_names import column_rank, table_rank


@pytest.mark.parametrize(
    ("table", "finds"),
    [
        ("order_detail", True),
        ("Order Detail", True),
        ("ORDER-DETAILS", True),
        ("OrderDetails", True),
        ("orderdetails", True),
        ("lignes_de_commande", True),
        ("LignesCommande", True),
        ("order", False),
        ("details", False),
    ],
)
def test_a_table_is_found_by_its_words(table: str, finds: bool) -> None:
    names = {"en": "order detail", "fr": "ligne de commande"}
    assert (table_rank(table, "order detail", names) is not None) is finds


@pytest.mark.parametrize(
    ("column", "finds"),
    [
        ("due_date", True),
        ("Due Date", True),
        ("DueDate", True),
        ("échéance", True),
        ("ECHEANCE", True),
        ("DealDueDate", True),
        ("due_date_id", False),
        ("date", False),
    ],
)
def test_a_column_is_found_by_its_words(column: str, finds: bool) -> None:
    names = {"en": "due date", "fr": "échéance"}
    assert (column_rank(column, "due date", names, ["deal"], key=False) is not None) is finds


def test_a_reference_is_found_by_the_column_of_its_key() -> None:
    names = {"en": "customer", "fr": "client"}
    for column in ("CustomerID", "id_client", "fk_customer", "customer"):
        assert column_rank(column, "customer", names, ["order"], key=True) is not None
