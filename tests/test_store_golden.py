"""The golden cases and the examples give in a database what they give in memory, also when each event has a process
of its own. All cases in both ways with ``-m long``.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from golden_format import Case, config_of, read_cases
from postgres_server import GROUP, new_database

from quand.project.compile import Project, load, load_text
from quand.project.engine import make_engine
from quand.runtime.stores.port import Effect, Timer

EXAMPLES = Path(__file__).parent.parent / "examples"
FOLDERS = sorted(folder for folder in EXAMPLES.iterdir() if (folder / "events.jsonl").exists())
CASES = [case for case in read_cases() if "events" in case.blocks and not case.pending]
NOW = "2026-11-23T10:00:00+01:00"
SAMPLE = 24
"""One case in so many is in the quick suite."""

Results = tuple[list[str], list[Timer], list[Effect], list[str]]


def results(project: Project, lines: list[str], now: str, data: str | None, *, reopened: bool = False) -> Results:
    """What the events come to, and what is stored at the end; with ``reopened`` each event opens the data anew."""
    program = project.checked()
    engine = make_engine(program, project.config, data, now=datetime.fromisoformat(now))
    told: list[str] = []
    for number, line in enumerate(lines, 1):
        told.append(engine.process_line(line, "e", number).to_json())
        if reopened:
            engine.store.close()
            engine = make_engine(program, project.config, data, now=datetime.fromisoformat(now))
    try:
        return told, list(engine.store.timers()), list(engine.store.effects()), list(engine.store.log())
    finally:
        engine.store.close()


def compare(project: Project, lines: list[str], now: str, address: str, *, reopened: bool) -> None:
    expected = results(project, lines, now, "memory://")
    obtained = results(project, lines, now, address, reopened=reopened)
    assert obtained == expected


def compare_case(case: Case, address: str, *, reopened: bool) -> None:
    text, language = next((case.blocks[language], language) for language in ("fr", "en") if language in case.blocks)
    project = load_text(text, language, config=config_of(case))
    if project.program is not None:
        compare(project, case.lines("events"), case.options.get("now", NOW), address, reopened=reopened)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES[::SAMPLE]])
def test_a_case_gives_in_a_file_what_it_gives_in_memory(case: Case, tmp_path: Path) -> None:
    compare_case(case, f"sqlite:///{tmp_path}/crm.db", reopened=True)


@pytest.mark.long
@pytest.mark.parametrize("reopened", [False, True], ids=["one process", "a process for each event"])
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_every_case_does(case: Case, reopened: bool, tmp_path: Path) -> None:
    compare_case(case, f"sqlite:///{tmp_path}/crm.db", reopened=reopened)


@GROUP
@pytest.mark.long
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_every_case_does_on_a_server(case: Case) -> None:
    compare_case(case, new_database(), reopened=True)


def compare_example(folder: Path, address: str) -> None:
    project = load([str(folder / "fr")])
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0]).get("at", NOW)
    compare(project, lines, first, address, reopened=True)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_example_gives_in_a_file_what_it_gives_in_memory(folder: Path, tmp_path: Path) -> None:
    compare_example(folder, f"sqlite:///{tmp_path}/crm.db")


@GROUP
@pytest.mark.parametrize("folder", FOLDERS[::5], ids=lambda folder: folder.name)
def test_and_on_a_server(folder: Path) -> None:
    compare_example(folder, new_database())


@GROUP
@pytest.mark.long
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_example_does_on_a_server(folder: Path) -> None:
    compare_example(folder, new_database())
