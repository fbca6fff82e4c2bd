"""The examples over tables that were made by others: other names, other ways to write dates and yes or no."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from quand.dsl.agreement import Agreement
from quand.dsl.lexicon import lexicon
from quand.project.compile import Project, load
from quand.project.engine import make_engine
from quand.runtime.model import KEPT_BY_ENGINE, Model
from quand.runtime.stores.sql_schema import stored

EXAMPLES = Path(__file__).parent.parent / "examples"
FOLDERS = sorted(path.parent.name for path in EXAMPLES.glob("*/expected.jsonl") if path.parent.name != "northwind")
QUICK = {"contracts", "reservation", "stock_alert"}

_DECLARED = {"boolean": "CHAR(1)", "date": "DATETIME", "datetime": "DATETIME", "time": "TIME"}


def camel(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[ _]+", name))


def made_by_others(project: Project, file: Path) -> set[str]:
    """A table ``ProductLines`` with columns ``ProductLineID``, ``DealID``, ``Quantity`` for each object and event."""
    model = Model(project.checked())
    plural = Agreement(lexicon("en")).plural_name
    names: set[str] = set()
    with closing(sqlite3.connect(file)) as connection:
        for kind in model.kinds:
            columns = [f'"{camel(kind)}ID" TEXT PRIMARY KEY']
            for field in stored(model, kind):
                if field.name in KEPT_BY_ENGINE - {"created at"}:
                    continue
                mark = "ID" if field.type.kind == "reference" else ""
                columns.append(f'"{camel(field.name)}{mark}" {_DECLARED.get(field.type.kind, "TEXT")}')
            names.add(camel(plural(kind)))
            connection.execute(f'CREATE TABLE "{camel(plural(kind))}" ({", ".join(columns)})')
        connection.commit()
    return names


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in FOLDERS]
)
def test_the_results_are_those_in_memory(name: str, tmp_path: Path) -> None:
    project = load([str(EXAMPLES / name / "fr")])
    file = tmp_path / "old.db"
    tables = made_by_others(project, file)
    engine = make_engine(project.checked(), project.config, f"sqlite:///{file}")
    lines = (EXAMPLES / name / "events.jsonl").read_text(encoding="utf-8").splitlines()
    with closing(engine.store):
        results = [
            json.loads(engine.process_line(line, "events.jsonl", n).to_json()) for n, line in enumerate(lines, 1)
        ]
    expected = (EXAMPLES / name / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    assert results == [json.loads(line) for line in expected]
    with closing(sqlite3.connect(file)) as connection:
        found = {table for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {table for table in found if not table.startswith("quand_")} == tables
