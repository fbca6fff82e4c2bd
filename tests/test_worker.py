"""``quand worker``: timers ring and effects go out, whatever becomes of the data, the rules and the clock meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import quand
from quand.cli.main import main
from quand.cli.session import Session
from quand.cli.worker import Shift
from quand.dsl.messages import languages, ui
from quand.project.compile import Project
from quand.project.live import LiveProject
from quand.project.stores import open_store
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.port import StoreError
from quand.runtime.worker import LEAP, TRUSTED_AFTER, SteadyClock, Worker

RULES = """\
règle "Suite" / "Next"
quand une affaire est créée alors attendre 1 heure puis augmenter montant de 1 €

règle "Matin" / "Morning"
quand chaque jour à 9h alors journaliser "bonjour"
"""
T = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Machine:
    """A machine whose clock people set; ``wall`` is what it shows, ``passed`` the seconds that really passed."""

    def __init__(self, wall: datetime = T) -> None:
        self.wall = wall
        self.passed = 0.0

    def wait(self, seconds: float, shown: timedelta | None = None) -> None:
        self.passed += seconds
        self.wall += timedelta(seconds=seconds) if shown is None else shown

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.passed)


# --- the clock ----------------------------------------------------------------------------------------------------


def test_time_passes_as_the_machine_says() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wait(3600)
    assert clock.now() == T + timedelta(hours=1)
    machine.wait(10, timedelta(seconds=10) + LEAP)
    assert clock.now() == T + timedelta(hours=1, seconds=10) + LEAP, "a clock is set right by small steps"


def test_a_clock_that_goes_back_is_followed() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wait(5, timedelta(hours=-2))
    assert clock.now() == T - timedelta(hours=2)
    machine.wait(60)
    assert clock.now() == T - timedelta(hours=2) + timedelta(seconds=60)


def test_a_clock_far_ahead_is_believed_once_it_stays_there() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wait(5, timedelta(days=400))
    assert clock.now() == T + timedelta(seconds=5)
    assert clock.leapt is not None
    machine.wait(TRUSTED_AFTER - 1)
    assert clock.now() == T + timedelta(seconds=4 + TRUSTED_AFTER)
    machine.wait(1)
    assert clock.now() == T + timedelta(days=400, seconds=TRUSTED_AFTER)
    assert clock.leapt is None


def test_one_that_is_set_back_in_time_has_rung_nothing() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wait(5, timedelta(days=400))
    clock.now()
    machine.wait(20, timedelta(days=-400, seconds=20))
    assert clock.now() == T + timedelta(seconds=20)
    assert clock.leapt is None


# --- rounds -------------------------------------------------------------------------------------------------------


def worker(machine: Machine, store: MemoryStore) -> tuple[quand.Engine, Worker]:
    engine = quand.Engine(quand.compile_text(RULES, language="fr"), store)
    return engine, Worker(engine, machine.clock())


def test_a_round_rings_what_is_due_and_tells_what_comes_next() -> None:
    machine, store = Machine(), MemoryStore()
    engine, working = worker(machine, store)
    working.start()
    assert working.round().next == T + timedelta(hours=23), "nine in Paris, tomorrow"
    deal = {"event": "deal.created", "at": T.isoformat(), "data": {"id": "A-1", "montant": 5}}
    assert engine.process(deal).status == "applied"
    first = working.round()
    assert (first.outcome, first.next) == (None, T + timedelta(hours=1))
    machine.wait(3599)
    assert working.round().outcome is None, "never early"
    machine.wait(2)
    rung = working.round()
    assert rung.outcome is not None
    assert [firing.rule for firing in rung.outcome.fired] == ["Next"]
    assert rung.next == T + timedelta(hours=23)
    assert working.round().outcome is None, "once"


def test_two_workers_ring_a_timer_once() -> None:
    machine, store = Machine(), MemoryStore()
    (engine, one), (_, other) = worker(machine, store), worker(machine, store)
    one.start()
    other.start()
    engine.process({"event": "deal.created", "at": T.isoformat(), "data": {"id": "A-1", "montant": 5}})
    machine.wait(3600)
    rung = [each.round().outcome for each in (one, other)]
    assert [len(outcome.fired) if outcome is not None else 0 for outcome in rung] == [1, 0]


def test_a_machine_behind_the_data_waits_and_says_so() -> None:
    machine, store = Machine(), MemoryStore()
    engine, working = worker(machine, store)
    working.start()
    later = (T + timedelta(hours=5)).isoformat()
    engine.process({"event": "deal.created", "at": later, "data": {"id": "A-1", "montant": 5}})
    machine.wait(2 * 3600)
    told = working.round()
    assert (told.outcome, told.behind) == (None, timedelta(hours=3))
    machine.wait(4 * 3600)
    rung = working.round()
    assert rung.outcome is not None
    assert (len(rung.outcome.fired), rung.behind) == (1, None)


# --- rules that are edited ----------------------------------------------------------------------------------------


def test_a_file_is_compiled_anew_once_it_stands_still(tmp_path: Path) -> None:
    file = tmp_path / "a.rules"
    file.write_text(RULES, encoding="utf-8")
    live = LiveProject([str(tmp_path)])
    assert live.look() is None
    file.write_text(RULES + "\nquand", encoding="utf-8")
    assert live.look() is None, "it is still moving"
    broken = live.look()
    assert broken is not None
    assert broken.program is None
    assert live.look() is None, "told once"
    (tmp_path / "b.rules").write_text('quand une tâche est créée alors journaliser "b"\n', encoding="utf-8")
    file.write_text(RULES, encoding="utf-8")
    live.look()
    assert rules_of(live.look()) == 3
    (tmp_path / "b.rules").unlink()
    live.look()
    assert rules_of(live.look()) == 2


def rules_of(project: Project | None) -> int:
    assert project is not None
    assert project.program is not None
    return len(project.program.rules)


# --- the command --------------------------------------------------------------------------------------------------


class Flaky(MemoryStore):
    """A store whose database goes away while ``down``."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.unprepared = False

    def prepare(self, program: Any, *, dry: bool = False) -> None:
        if self.unprepared:
            raise StoreError("store_busy", place="crm")
        super().prepare(program, dry=dry)

    @contextmanager
    def transaction(self, connection: Any = None, *, reading: bool = False) -> Generator[Any]:
        if self.down:
            raise StoreError("store_down", place="crm", reason="refused")
        with super().transaction(connection, reading=reading) as transaction:
            yield transaction


@contextmanager
def at_work(shift: Shift, program: Any, *steps: Callable[[], object]) -> Generator[None]:
    """Do steps in a thread while a shift works in this one, then stop it as a service manager does."""

    def act() -> None:
        try:
            until(lambda: signal.getsignal(signal.SIGTERM) is not kept[signal.SIGTERM])()
            for step in steps:
                step()
        except BaseException as error:  # noqa: BLE001 (told by the thread of the test)
            broken.append(error)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    broken: list[BaseException] = []
    acting = threading.Thread(target=act)
    acting.start()
    try:
        status = shift.run(program)
        acting.join()
        assert (status, broken) == (0, [])
        yield
    finally:
        # the signal must not find its usual handler
        acting.join()
        for number, handler in kept.items():
            signal.signal(number, handler)


def until(true: Callable[[], bool], seconds: float = 30.0) -> Callable[[], None]:
    """Wait until something is so."""

    def wait() -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end
            time.sleep(0.02)

    return wait


def shift_over(store: Any, folder: Path, language: str = "fr") -> tuple[Shift, Any]:
    live = LiveProject([str(folder)])
    return Shift(Session(language, language, debug=False), live, store, "postgresql://u:secret@host/crm"), live.project


@pytest.mark.parametrize("language", languages())
def test_a_database_that_goes_away_is_told_once_and_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quand.cli.worker.POLL", 0.02)
    monkeypatch.setattr("quand.cli.worker.LONGEST_WAIT", 0.05)
    (tmp_path / "a.rules").write_text(RULES, encoding="utf-8")
    store = Flaky()
    shift, project = shift_over(store, tmp_path, language)
    err: list[str] = []

    def said(count: int) -> Callable[[], bool]:
        def look() -> bool:
            err.extend(capsys.readouterr().err.splitlines())
            return len(err) >= count

        return look

    def down() -> None:
        store.down = True

    def back() -> None:
        store.down = False

    steps = (until(said(1)), down, until(said(3)), lambda: time.sleep(0.3), back, until(said(4)))
    with at_work(shift, project.program, *steps):
        err.extend(capsys.readouterr().err.splitlines())
    assert len(err) == 5, err
    assert "secret" not in "".join(err)
    assert err[1] == StoreError("store_down", place="crm", reason="refused").text(language)


def test_tables_that_change_under_the_rules_are_looked_at_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quand.cli.worker.POLL", 0.02)
    monkeypatch.setattr("quand.cli.worker.LONGEST_WAIT", 0.05)
    rule = 'règle "R"\nquand une affaire est créée alors attendre 1 seconde puis journaliser "x"\n'
    (tmp_path / "a.rules").write_text(rule, encoding="utf-8")
    address = f"sqlite:///{tmp_path}/crm.db"

    def change() -> None:
        with closing(open_store(address)) as other:
            engine = quand.Engine(quand.compile_text(rule, language="fr"), other, dry=True)
            at = datetime.now(UTC).isoformat()
            deal = {"event": "deal.created", "at": at, "data": {"id": "A-1", "numéro": "1"}}
            assert engine.process(deal).status == "applied"
        connection = sqlite3.connect(tmp_path / "crm.db")
        connection.execute("ALTER TABLE deal DROP COLUMN number")
        connection.close()

    with closing(open_store(address)) as store:
        shift, project = shift_over(store, tmp_path)
        sent = until(lambda: bool(store.effects("sent")))
        with at_work(shift, project.program, until(lambda: bool(store.log())), change, sent):
            err = capsys.readouterr().err.splitlines()
    assert [line for line in err if "tables" in line]
    assert "de nouveau utilisables" in err[-2]


def test_rules_that_the_data_would_not_have_are_taken_up_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quand.cli.worker.POLL", 0.02)
    monkeypatch.setattr("quand.cli.worker.LONGEST_WAIT", 0.05)
    (tmp_path / "a.rules").write_text(RULES, encoding="utf-8")
    store = Flaky()
    shift, project = shift_over(store, tmp_path)
    err: list[str] = []

    def said(words: str) -> Callable[[], bool]:
        def look() -> bool:
            err.extend(capsys.readouterr().err.splitlines())
            return any(words in line for line in err)

        return look

    def edited() -> None:
        (tmp_path / "a.rules").write_text(RULES.replace("1 €", "2 €"), encoding="utf-8")
        store.unprepared = True

    def back() -> None:
        store.unprepared = False

    kept, taken = said("celles d'avant restent en vigueur"), said("les nouvelles sont en vigueur")
    with at_work(shift, project.program, until(said("Au travail")), edited, until(kept), back, until(taken)):
        pass
    assert len([line for line in err if "celles d'avant" in line]) == 1


def test_broken_rules_never_replace_working_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quand.cli.worker.POLL", 0.02)
    file = tmp_path / "a.rules"
    rule = 'règle "R"\nquand une affaire est créée alors attendre 1 seconde puis journaliser "avant"\n'
    file.write_text(rule, encoding="utf-8")
    store = MemoryStore()
    shift, project = shift_over(store, tmp_path)
    other = quand.Engine(quand.compile_text(rule, language="fr"), store)
    err: list[str] = []

    def said(words: str) -> Callable[[], bool]:
        def look() -> bool:
            err.extend(capsys.readouterr().err.splitlines())
            return any(words in line for line in err)

        return look

    def put(text: str) -> Callable[[], object]:
        return lambda: file.write_text(text, encoding="utf-8")

    def deal(name: str) -> Callable[[], object]:
        at = datetime.now(UTC).isoformat()
        return lambda: other.process({"event": "deal.created", "at": at, "data": {"id": name}})

    def logged() -> list[Any]:
        return [effect.arguments["text"] for effect in store.effects()]

    steps = (
        until(said("Au travail")),
        put("quand quand\n"),
        until(said("celles d'avant restent en vigueur")),
        deal("A-1"),
        until(lambda: logged() == ["avant"]),
        put(rule.replace("avant", "après")),
        until(said("les nouvelles sont en vigueur")),
        deal("A-2"),
        until(lambda: logged() == ["avant", "après"]),
    )
    with at_work(shift, project.program, *steps):
        pass


def test_a_worker_is_a_process_that_ends_when_it_is_told(tmp_path: Path) -> None:
    """Rung and sent by a process of its own, which leaves with 0."""
    (tmp_path / "quand.toml").write_text('data = "sqlite:///crm.db"\n', encoding="utf-8")
    rules = 'règle "R"\nquand un contact est créé alors attendre 1 seconde puis journaliser "bonjour {nom}"\n'
    (tmp_path / "a.rules").write_text(rules, encoding="utf-8")
    command = [sys.executable, "-m", "quand", "worker", str(tmp_path), "--lang", "en"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert process.stdout is not None
        assert "At work" in process.stderr.readline()
        with closing(open_store(f"sqlite:///{tmp_path}/crm.db")) as store:
            engine = quand.Engine(quand.compile_text(rules, language="fr"), store, dry=True)
            at = datetime.now(UTC).isoformat()
            contact = {"event": "contact.created", "at": at, "data": {"id": "C-1", "nom": "Ada"}}
            assert engine.process(contact).status == "applied"
            result = json.loads(process.stdout.readline())
            assert [(each["rule"], each["object"]) for each in result["fired"]] == [("R", "C-1")]
            until(lambda: [effect.state for effect in store.effects()] == ["sent"])()
        process.terminate()
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (0, "")
        assert "Stopped" in err
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["a.rules"], 2, "worker_needs_data"),
        (["a.rules", "--data", "memory://"], 2, "worker_needs_data"),
        (["a.rules", "--data", "sqlite:///no/crm.db"], 2, "store_no_folder"),
        (["broken.rules", "--data", "sqlite:///crm.db"], 1, "cannot_run"),
    ],
)
@pytest.mark.parametrize("language", languages())
def test_what_keeps_a_worker_from_starting_is_told(
    arguments: list[str],
    status: int,
    said: str,
    language: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.rules").write_text(RULES, encoding="utf-8")
    Path("broken.rules").write_text("quand quand\n", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["worker", *arguments, "--lang", language])
    err = capsys.readouterr().err
    assert left.value.code == status
    assert err.splitlines()[-1] == ui(said, language, place="no/crm.db", folder="no")
