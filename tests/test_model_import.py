"""``quand model``: vocabularies from databases that are there, and from events and records."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import postgres_server
import psycopg
import pytest

from quand.cli.main import main
from quand.dsl.lexicon import languages
from quand.project.compile import load, load_text
from quand.project.engine import make_engine
from quand.project.importing_names import Namer
from quand.project.rewriting import Rewriting, changes


class Done(NamedTuple):
    status: object
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """``quand model`` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str, language: str = "en") -> Done:
        with pytest.raises(SystemExit) as left:
            main(["model", *arguments, "--lang", language])
        out, err = capsys.readouterr()
        return Done(left.value.code, out, err)

    return command


def database(*statements: str) -> str:
    """The address of a new SQLite file in the current folder."""
    with closing(sqlite3.connect("old.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return "sqlite:///old.db"


def fields(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.startswith("  ")]


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("Order Details", "order detail"),
        ("order_details", "order detail"),
        ("OrderDetails", "order detail"),
        ("Categories", "category"),
        ("Addresses", "address"),
        ("People", "person"),
        ("status", "status"),
        ("news", "news"),
        ("HTTPServers", "http server"),
        ("x", "x"),
    ],
)
def test_names_are_split_into_words_in_the_singular(table: str, name: str) -> None:
    assert Namer([], "en").object_name(table) == name


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("lignes_de_commande", "ligne de commande"),
        ("LignesFactures", "ligne facture"),
        ("journaux", "journal"),
        ("devis", "devis"),
        ("pays", "pays"),
    ],
)
def test_french_names_have_french_plurals(table: str, name: str) -> None:
    assert Namer([], "fr").object_name(table) == name


# --- what columns hold --------------------------------------------------------------------------------------------


COLUMNS: list[tuple[str, list[Any], str]] = [
    ("UnitPrice NUMERIC", [5.5], "unit price: money"),
    ("total DECIMAL(10, 2) DEFAULT 0", [], "total: money, default 0"),
    ("hours DECIMAL(10, 2)", [2.5], "hours: number"),
    ("discount REAL", [0.15, 0], "discount: percentage"),
    ("discount REAL", [15, 5], "discount: number"),
    ("part REAL CHECK (part >= 0 AND part <= 1)", [], "part: percentage"),
    ("Quantity INTEGER NOT NULL", [3], "quantity: integer, required"),
    ("code VARCHAR(10) UNIQUE", ["A"], "code: text, unique"),
    ("birth_date TEXT", ["2001-02-03", "2004-05-06"], "birth date: date"),
    ("seen TEXT", ["2001-02-03T10:00:00Z"], "seen: date and time"),
    ("ordered DATETIME", ["2001-02-03 00:00:00"], "ordered: date"),
    ("ordered DATETIME", ["2001-02-03 08:00:00"], "ordered: date and time"),
    ("seen_at INTEGER", [1767225600], "seen at: date and time"),
    ("opening TIME", [], "opening: time"),
    ("active BOOLEAN DEFAULT 1", [], "active: yes or no, default yes"),
    ("active CHAR(1)", ["Y", "N"], "active: yes or no"),
    ("payé CHAR(1)", ["O"], "payé: yes or no"),
    ("flag INTEGER CHECK (flag IN (0, 1))", [], "flag: yes or no"),
    ("status TEXT CHECK (status IN ('new', 'it''s done'))", [], """status: one of 'new', "it's done\""""),
    ("status TEXT CHECK (status = 'new' OR status = 'old')", [], "status: one of 'new', 'old'"),
    ("status TEXT CHECK (length(status) < 9)", ["new"], "status: text"),
    ("kind TEXT", ["a", "b"] * 10, "kind: one of 'a', 'b'"),
    ("kind TEXT", ["a", "b"], "kind: text"),
    ("kind TEXT", [str(number) for number in range(40)], "kind: text"),
]
"""A column, what it holds, and the field it gives."""


def test_what_a_column_holds_gives_its_type(command: Command) -> None:
    address = database(*(f"CREATE TABLE t{n:02} (id INTEGER PRIMARY KEY, {each[0]})" for n, each in enumerate(COLUMNS)))
    with closing(sqlite3.connect("old.db")) as connection:
        for number, (column, values, _) in enumerate(COLUMNS):
            insert = f"INSERT INTO t{number:02} ({column.partition(' ')[0]}) VALUES (?)"
            connection.executemany(insert, [(value,) for value in values])
        connection.commit()
    assert fields(command("import", address).out) == [field for *_, field in COLUMNS]


def test_keys_and_references(command: Command) -> None:
    address = database(
        "CREATE TABLE customers (code TEXT PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE orders (OrderID INTEGER PRIMARY KEY, customer_code TEXT REFERENCES customers, "
        "id_seller INTEGER REFERENCES sellers, created_at DATETIME, origin TEXT)",
        "CREATE TABLE sellers (id INTEGER PRIMARY KEY, chief INTEGER REFERENCES sellers, photo BLOB)",
        "CREATE TABLE log (what TEXT)",
    )
    out = command("import", address).out
    assert "# Left out for want of a primary key: log." in out
    assert out.split("\n\n")[1:] == [
        "object customer\n  code: text, identifier\n  name: text, required",
        "object order\n  customer code: customer\n  seller: seller\n  order origin: text",
        "# Without a field: photo.\nobject seller\n  chief: seller\n",
    ]
    rules = "\ndefine sold of a seller = number of orders of the seller\n"
    assert load_text(out + rules, "en").findings() == []


def test_the_words_of_a_language_stand_in_brackets(command: Command) -> None:
    address = database('CREATE TABLE "quand" (id INTEGER PRIMARY KEY, "si" TEXT, "then" TEXT, "la date" DATE)')
    assert command("import", address, language="fr").out.splitlines()[3:] == [
        "objet [quand]",
        "  [si] : texte",
        "  [then] : texte",
        "  [la date] : date",
    ]


HOSTILE = [
    statement.strip()
    for statement in """
    CREATE TABLE "select" ("from" INTEGER PRIMARY KEY, "quand" TEXT, "id" TEXT, "a""b" REAL, "x;y'z" NUMERIC(10, 2))
    --
    CREATE TABLE "🍕 Pizzas" ("🍕ID" INTEGER PRIMARY KEY, "Name" TEXT UNIQUE, "select" INTEGER REFERENCES "select",
        "prix (HT)" DECIMAL(10, 2), "%d %s {x}" TEXT, "a:b" TEXT, "[x]" TEXT, "\n" TEXT)
    --
    CREATE TABLE "Robert'); DROP TABLE Students;" (id INTEGER PRIMARY KEY, "1st" TEXT, "if" BOOLEAN,
        "order" INTEGER, created_at DATETIME, origin TEXT, updated_at INTEGER)
    --
    CREATE TABLE orders (id INTEGER PRIMARY KEY, client_id INTEGER REFERENCES orders, "Client ID" TEXT)
    --
    CREATE TABLE "order" (id TEXT PRIMARY KEY, "order" TEXT, "la table" TEXT, vide TEXT)
    """.split("--")
]


@pytest.mark.parametrize("language", languages())
def test_a_hostile_database_gives_a_vocabulary_that_works(language: str, command: Command, tmp_path: Path) -> None:
    address = database(*HOSTILE)
    done = command("import", address, "-o", "model.rules", language=language)
    assert (done.status, done.out) == (0, "")
    (tmp_path / "quand.toml").write_text(done.err.partition("\n")[2], encoding="utf-8")
    project = load(["."])
    assert [finding.message for finding in project.findings()] == []
    assert changes(Rewriting(["."])) == []
    engine = make_engine(project.checked(), project.config, address)
    events: Iterable[dict[str, Any]] = [
        {"event": "select.created", "data": {"quand": "'; DROP TABLE x", 'a"b': 1.5, "x;y'z": "2.50"}},
        {"event": "🍕 pizza.created", "data": {"name": "x", "select": 1, "%d %s {x}": "%s"}},
        {"event": "robert ); drop table students;.created", "data": {"1st": "x", "order": 5}},
        {"event": "order 2.created", "data": {"order 2": None, "client id": "y"}},
        {"event": "order.created", "data": {"id": "A", "order": "z", "la table": "t"}},
    ]
    with closing(engine.store):
        assert [engine.process(event).problems for event in events if "order 2" not in event["event"]] == [()] * 4
    with closing(sqlite3.connect("old.db")) as connection:
        assert connection.execute('SELECT * FROM "select"').fetchall() == [(1, "'; DROP TABLE x", None, 1.5, 2.5)]
        assert connection.execute('SELECT "select", "%d %s {x}" FROM "🍕 Pizzas"').fetchall() == [(1, "%s")]
        assert connection.execute('SELECT * FROM "order"').fetchall() == [("A", "z", "t", None)]


@postgres_server.GROUP
def test_postgresql_says_more(command: Command) -> None:
    address = postgres_server.new_database()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("""
            CREATE TYPE mood AS ENUM ('sad', 'happy');
            CREATE TABLE clients (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), nom VARCHAR(40) NOT NULL, humeur mood,
                statut TEXT CHECK (statut IN ('actif', 'parti')) DEFAULT 'actif', solde NUMERIC(12, 2), vu TIMESTAMPTZ,
                actif BOOLEAN DEFAULT true, tags TEXT[], extra JSONB);
            COMMENT ON TABLE clients IS 'Les clients.';
            COMMENT ON COLUMN clients.solde IS 'Ce que le client doit,\nen euros.'
        """)
    out = command("import", address, language="fr").out
    assert out.splitlines()[3:] == [
        "# Sans champ : tags.",
        "## Les clients.",
        "objet client",
        "  nom : texte, obligatoire",
        "  humeur : parmi 'sad', 'happy'",
        "  statut : parmi 'actif', 'parti', par défaut 'actif'",
        "  ## Ce que le client doit,",
        "  ## en euros.",
        "  solde : argent",
        "  vu : date et heure",
        "  actif : oui ou non, par défaut oui",
        "  extra : texte",
    ]
    project = load_text(out, "fr")
    assert project.findings() == []
    engine = make_engine(project.checked(), project.config, address)
    with closing(engine.store):
        made = engine.process(
            {"id": "e1", "event": "client.créé", "data": {"nom": "Ada", "humeur": "happy", "solde": "1.50"}}
        )
        again = engine.process({"id": "e2", "event": "client.modifié", "data": {"id": "e1", "statut": "parti"}})
    assert (made.problems, again.problems) == ((), ())
    with psycopg.connect(address) as connection:
        rows = connection.execute("SELECT nom, humeur, statut, solde::text, length(id::text) FROM clients").fetchall()
    assert rows == [("Ada", "happy", "parti", "1.50", 36)]


def test_duckdb_says_as_much(command: Command) -> None:
    library = pytest.importorskip("duckdb")
    with closing(library.connect("old.duckdb")) as connection:
        connection.execute("""
            CREATE TABLE "Cust %s" (CustomerID INTEGER PRIMARY KEY, name VARCHAR NOT NULL UNIQUE);
            CREATE TABLE Orders (OrderID INTEGER PRIMARY KEY, cust INTEGER REFERENCES "Cust %s"(CustomerID),
                total DECIMAL(10, 2) DEFAULT 0, mood ENUM('sad', 'happy'), status VARCHAR CHECK (status IN ('a', 'b')),
                tags VARCHAR[]);
            COMMENT ON TABLE Orders IS 'All of them.';
        """)
    done = command("import", "duckdb:///old.duckdb")
    assert done.err == ""
    assert done.out.split("\n\n")[1:] == [
        "object [cust %s]\n  customer id: text, identifier\n  name: text, required, unique",
        (
            "# Without a field: tags.\n## All of them.\nobject order\n  cust: [cust %s]\n  total: money, default 0\n"
            "  mood: one of 'sad', 'happy'\n  status: one of 'a', 'b'\n"
        ),
    ]


# --- what cannot be -----------------------------------------------------------------------------------------------


def test_nothing_is_overwritten(command: Command, tmp_path: Path) -> None:
    address = database("CREATE TABLE a (id INTEGER PRIMARY KEY)")
    (tmp_path / "model.rules").write_text("# mine\n", encoding="utf-8")
    done = command("import", address, "-o", "model.rules")
    assert (done.status, len(done.err.splitlines())) == (2, 1)
    assert (tmp_path / "model.rules").read_text(encoding="utf-8") == "# mine\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "memory://"), "is not the address of a database"),
        (("import", "sqlite:///none.db"), "check the path"),
        (("import", "postgresql://nobody@localhost:1/none"), "check that it runs"),
        (("infer", "none.jsonl"), "check the path"),
        (("infer", "bad.jsonl"), "no line is an event or a record"),
        (("imports", "x"), "import or infer"),
    ],
)
def test_one_line_says_what_is_wrong(arguments: tuple[str, ...], said: str, command: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("not json\n[1]\n", encoding="utf-8")
    done = command(*arguments)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert said in done.err


def test_the_database_is_only_read(command: Command) -> None:
    address = database("CREATE TABLE orders (id INTEGER PRIMARY KEY, freight NUMERIC)")
    before = Path("old.db").read_bytes()
    assert command("import", address).status == 0
    assert Path("old.db").read_bytes() == before


# --- events and records -------------------------------------------------------------------------------------------


def infer(command: Command, name: str, *lines: Any, language: str = "en") -> list[str]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    Path(name).write_text(text, encoding="utf-8")
    done = command("infer", name, language=language)
    assert (done.status, done.err) == (0, "")
    assert [finding.message for finding in load_text(done.out, language).findings()] == []
    return done.out.rstrip("\n").split("\n\n")[1:]


def test_events_give_a_vocabulary(command: Command) -> None:
    assert infer(
        command,
        "events.jsonl",
        {
            "event": "ticket.created",
            "data": {"id": "T-1", "price": {"amount": "1", "currency": "EUR"}, "customer": "C-1"},
        },
        {
            "event": "ticket.modifié",
            "data": {"id": "T-1", "rate": "5 %", "opened at": "2026-01-02T10:00:00Z", "tags": [1]},
        },
        {
            "event": "client.created",
            "data": {"id": "C-1", "name": "Ada", "birth date": "2001-02-03", "age": 25, "vip": True},
        },
        {"event": "bell rung", "data": {"client": "C-1", "seconds": 5, "weight": 1.5}},
        {"event": "time", "at": "2026-01-02T10:00:00Z"},
        "half a line {",
    ) == [
        (
            "# Without a field: tags.\nobject ticket\n  price: money\n  customer: client\n  rate: percentage\n"
            "  opened at: date and time"
        ),
        "object client\n  name: text\n  birth date: date\n  age: integer\n  vip: yes or no",
        "event bell rung\n  client: client\n  seconds: integer\n  weight: number",
    ]


def test_records_are_called_like_their_file(command: Command) -> None:
    assert infer(command, "visites.jsonl", {"id": 1, "lieu": "Lyon", "montant": 12.5}, language="fr") == [
        "objet visite\n  lieu : texte\n  montant : argent"
    ]


def test_standard_fields_keep_both_their_names(command: Command) -> None:
    event = {"event": "deal.created", "data": {"id": "A-1", "amount": 5, "stage": "New"}}
    assert infer(command, "events.jsonl", event, language="fr") == [
        "objet deal\n  montant / amount : argent\n  étape / stage : texte"
    ]
