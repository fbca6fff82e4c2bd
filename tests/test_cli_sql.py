"""``quand sql``: the condition of each rule as one statement, or why there is none."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import quand
from quand.cli.main import main

RULES = """\
# langue : fr
règle "Grande affaire" / "Large deal"
quand une affaire est créée et montant > 10 000 € et ville du contact contient 'éta' et n'est pas (étape = 'Perdue')
alors journaliser "grande"

quand le montant d'une affaire dépasse 5 € alors journaliser "dépasse"

quand chaque lundi pour chaque contact dont désabonné alors journaliser "lundi"

quand un contact est modifié alors journaliser "toujours"
""".replace("n'est pas (étape = 'Perdue')", "non (étape = 'Perdue')").replace("quand chaque", "chaque")

Command = Callable[..., tuple[object, str, str]]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs ``quand sql`` over rules; gives the status and what it said."""
    monkeypatch.chdir(tmp_path)

    def run(rules: str, *arguments: str) -> tuple[object, str, str]:
        Path("r.rules").write_text(rules, encoding="utf-8")
        with pytest.raises(SystemExit) as left:
            main(["sql", "r.rules", *arguments])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return run


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "duckdb", "spark"])
def test_each_rule_has_a_statement_in_each_dialect(command: Command, dialect: str) -> None:
    status, out, err = command(RULES, "--dialect", dialect)
    assert (status, err) == (0, "")
    assert out.count("SELECT\n") == 4
    assert out.startswith("-- « Grande affaire »\n-- montant est supérieur à 10 000 €")


def test_comments_are_in_the_language_asked_for(command: Command) -> None:
    _, out, _ = command(RULES, "--dialect", "sqlite", "--lang", "en")
    assert "Large deal" in out
    assert "-- amount is greater than €10,000" in out


def test_a_statement_selects_what_the_rule_is_about(command: Command) -> None:
    """An edge is printed as the state it leads to, a loop with its filter."""
    _, out, _ = command(RULES, "--dialect", "postgres")
    statements = [" ".join(part.split()).partition("SELECT")[2] for part in out.split(";")]
    currency = "COALESCE(deal.amount_currency, 'EUR') = 'EUR'"
    assert f" deal.id FROM deal WHERE deal.amount > 5 AND ( deal.amount IS NULL OR {currency} )" in statements
    assert " contact.id FROM contact WHERE contact.unsubscribed" in statements
    assert " contact.id FROM contact" in statements


def test_what_cannot_be_said_is_told_and_counted(command: Command) -> None:
    rules = RULES + "\nquand une affaire est créée et montant / longueur > 3 € alors journaliser 'x'\n"
    status, out, _ = command(rules, "--dialect", "duckdb")
    assert status == 1
    assert "QD401" in out
    assert "la division n'a pas d'équivalent exact en duckdb (« montant / longueur »)" in out
    assert out.count("SELECT\n") == 4
    status, out, _ = command(rules, "--dialect", "sqlite")
    assert (status, out.count("SELECT\n")) == (0, 5)


def test_rules_with_errors_are_told(command: Command) -> None:
    rules = "quand une affaire est créée et montantt > 5 € alors journaliser 'x'"
    status, out, err = command(rules, "--dialect", "spark")
    assert (status, out) == (1, "")
    assert "QD102" in err


@pytest.mark.parametrize("arguments", [(), ("--dialect", "oracle"), ("--dialect",)])
def test_the_dialect_has_to_be_said(command: Command, arguments: tuple[str, ...]) -> None:
    status, out, err = command(RULES, *arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1


def test_a_text_of_a_rule_stays_a_text(command: Command) -> None:
    """Quotes, comments and names of parameters in a text change nothing about the statement."""
    evil = "'); DROP TABLE deal; -- :now \\x01now %s"
    rules = f'quand une affaire est créée et nom = "{evil}" et numéro contient "%_\\\\" alors journaliser "x"\n'
    for dialect in ("sqlite", "postgres", "duckdb", "spark"):
        status, out, _ = command(rules, "--dialect", dialect)
        assert status == 0
        body = "\n".join(line for line in out.splitlines() if not line.startswith("--"))
        assert body.count("SELECT") == 1
        assert "'" + evil.partition(";")[0].replace("'", "''" if dialect != "spark" else "\\'") in body


def test_printed_statements_run_beside_the_store(command: Command, tmp_path: Path) -> None:
    """The tables are those that a store makes, and the functions are lent to any connection."""
    rules = (
        "quand une affaire est créée et montant + 10 % > 100 € et ville du contact commence par 'eta' alors nom = 'x'\n"
    )
    _, out, _ = command(rules, "--dialect", "sqlite")
    program = quand.compile_text(rules)
    engine = quand.Engine(program, quand.open_store("sqlite:///crm.db"))
    engine.process({"event": "contact.créé", "data": {"id": "C-1", "ville": "Étampes"}})
    for name, amount in (("A-1", 90), ("A-2", "90.91"), ("A-3", 1000)):
        engine.process({"event": "affaire.créée", "data": {"id": name, "montant": amount, "contact": "C-1"}})
    engine.store.close()
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        program.lend_functions(connection)
        assert sorted(connection.execute(out).fetchall()) == [("A-2",), ("A-3",)]
