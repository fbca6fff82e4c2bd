"""Which tables and columns of a database are meant by names of the rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from quand.project.config import load_config
from quand.project.errors import ProjectError
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tables = 5", "[tables.order]"),
        ('[tables.order]\ntabel = "Orders"', "table"),
        ("[tables.order]\ntable = 5", "table"),
        ("[tables.order.columns]\ntotal = 5", "scale = 2"),
        ('[tables.order.columns]\ntotal = { column = "T", scale = -1 }', "scale = 2"),
        ('[tables.order.columns]\ntotal = { colum = "T" }', "scale = 2"),
    ],
)
def test_a_mapping_that_is_none_is_told_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "quand.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError) as told:
        load_config(tmp_path)
    message = told.value.text("en")
    assert said in message
    assert f"quand.toml:{len(text.splitlines())}:" in message
