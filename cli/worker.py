"""``quand worker``: timers ring and effects go out, until it is stopped."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import click

from ..dsl import ir
from ..project.compile import Project
from ..project.connectors import connectors_of, policy_of
from ..project.engine import Engine
from ..project.errors import ProjectError
from ..project.live import LiveProject
from ..project.stores import open_store
from ..runtime.outbox import Outbox
from ..runtime.outcome import Outcome
from ..runtime.program import Program
from ..runtime.stores.port import Effect, Store, StoreError
from ..runtime.worker import TRUSTED_AFTER, SteadyClock, Worker
from .commands import Command, data_option, paths_argument
from .session import Session, print_data
from .terminal import log_shown, print_findings

POLL = 1.0
"""Seconds after which the data and the files are looked at again: other processes set timers, people edit."""

LONGEST_WAIT = 30.0
"""Seconds between two tries while the data cannot be used."""

_SHORTEST_WAIT = 0.02
"""Seconds between two looks, whatever is said to be due."""

_MEMORY = "memory:"
_ONE_ROUND = 20
"""Effects sent before the data are looked at again."""


def command(session: Session) -> click.Command:
    return Command(session, "worker", worker, [paths_argument(), data_option(session)])


def worker(session: Session, paths: tuple[str, ...], data: str | None) -> int:
    """0 when it was stopped, 1 when the rules have errors to begin with."""
    live = LiveProject(paths)
    project = live.project
    program = project.program
    if program is None:
        print_findings(project.findings(session.asked), project, session, sys.stderr)
        print(session.text("cannot_run"), file=sys.stderr)
        return 1
    url = data or project.config.data
    if not url or url.startswith(_MEMORY):
        raise ProjectError("worker_needs_data")
    with closing(open_store(url, project.config.tables)) as store, log_shown(sys.stderr):
        return Shift(session, live, store, url).run(program)


class Shift:
    """One worker at work: timers in this thread, deliveries in another, so that a slow gateway delays no timer."""

    def __init__(self, session: Session, live: LiveProject, store: Store, url: str) -> None:
        """``url`` is the address of the store."""
        self._session = session
        self._live = live
        self._store = store
        self._url = url
        self._configured = live.project.config.data
        self._steady = SteadyClock()
        self._outbox = self._new_outbox(live.project)
        self._stop = threading.Event()
        self._voice = threading.Lock()
        self._told: dict[str, str] = {}
        """What is wrong at present, by what it is about: told when it begins, not at each try."""
        self._broken: BaseException | None = None
        self._later: tuple[Project, float] | None = None
        """Rules that could not be taken up because of the data, and when to try again."""

    def run(self, program: ir.Program) -> int:
        """Work until a signal says stop; what is under way is finished. Raises :class:`StoreError` to begin with."""
        self._program = program
        self._worker = self._new_worker(program)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stopped)
        # a gateway that does not answer must not keep the process from ending
        deliveries = threading.Thread(target=self._guard, args=(self._deliver,), daemon=True)
        self._say("worker_started", data=self._place)
        deliveries.start()
        self._guard(self._first_round, self._round)
        patience = max((connector.seconds for connector in self._outbox.connectors.values()), default=0.0)
        deliveries.join(patience + POLL)
        if self._broken is not None:
            raise self._broken
        self._say("worker_stopped")
        return 0

    def _stopped(self, number: int, frame: Any) -> None:
        """The first signal asks to stop, the next one stops at once."""
        signal.signal(number, signal.SIG_DFL)
        self._stop.set()

    @property
    def _place(self) -> str:
        """The address without a password."""
        scheme, _, rest = self._url.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"

    # --- rounds ---------------------------------------------------------------------------------------------------

    def _guard(self, *steps: Callable[[], datetime | None]) -> None:
        """Do each step until it succeeds, the last one again and again. Steps give the instant of what comes next."""
        about = steps[-1].__name__
        waiting, failures = list(steps), 0
        try:
            while not self._stop.is_set():
                try:
                    following = waiting[0]()
                    failures = 0
                    self._settled(about)
                    waiting = waiting[1:] or waiting
                    seconds = POLL if following is None else (following - self._steady.now()).total_seconds()
                except StoreError as error:
                    seconds = min(LONGEST_WAIT, 2.0 ** min(failures, 10))
                    failures += 1
                    self._trouble(about, error.text(self._session.language))
                    self._look_anew(error)
                    self._stop.wait(seconds)
                    continue
                self._stop.wait(min(POLL, max(_SHORTEST_WAIT, seconds)))
        except BaseException as error:  # noqa: BLE001 - told by the thread that everybody looks at
            self._broken = error
            self._stop.set()

    def _look_anew(self, error: StoreError) -> None:
        """Tables that changed under the rules are read again, as a restart would."""
        if error.key == "store_changed":
            self._store.close()
            with suppress(StoreError):
                self._store.prepare(self._program)

    def _first_round(self) -> datetime | None:
        self._show(self._worker.start())
        return datetime.now(UTC)

    def _round(self) -> datetime | None:
        self._look_at_rules()
        done = self._worker.round()
        if done.outcome is not None:
            self._show(done.outcome)
        self._tell_clock(done.behind)
        return done.next

    def _deliver(self) -> datetime | None:
        return self._outbox.deliver(_ONE_ROUND, self._stop.is_set).next

    def _show(self, outcome: Outcome) -> None:
        """What timers brought, as ``quand run`` shows results."""
        if outcome.fired or outcome.problems:
            with self._voice:
                print_data(outcome.to_json())

    # --- rules that change ----------------------------------------------------------------------------------------

    def _look_at_rules(self) -> None:
        try:
            project = self._changed()
        except ProjectError as error:
            self._later = None
            self._kept(error.text(self._session.language))
            return
        if project is None:
            return
        program = project.program
        if program is None:
            with self._voice:
                print_findings(project.findings(self._session.asked), project, self._session, sys.stderr)
            self._kept()
            return
        try:
            self._take_up(program, project)
        except (StoreError, ProjectError) as error:
            self._put_off(error, project)

    def _put_off(self, error: StoreError | ProjectError, project: Project) -> None:
        """Rules that the data will not have now may be had later: whatever was wrong with the data passes."""
        if self._later is None or self._later[0] is not project:
            self._kept(error.text(self._session.language))
        self._later = None
        if isinstance(error, StoreError):
            self._later = project, monotonic() + LONGEST_WAIT

    def _changed(self) -> Project | None:
        """The rules to take up, if any: those just edited, else those put off. Raises :class:`ProjectError`."""
        project = self._live.look()
        if project is not None or self._later is None:
            self._later = None if project is not None else self._later
            return project
        return self._later[0] if monotonic() >= self._later[1] else None

    def _take_up(self, program: ir.Program, project: Project) -> None:
        """Go on with other rules over the same data. Raises what they make impossible, the old ones going on."""
        if project.config.data != self._configured:
            self._configured = project.config.data
            self._say("worker_other_data", data=self._place)
        outbox, worker = self._new_outbox(project), self._new_worker(program)
        self._show(worker.start())
        self._program, self._worker, self._outbox, self._later = program, worker, outbox, None
        self._say("worker_reloaded")

    def _kept(self, reason: str | None = None) -> None:
        if reason is not None:
            self._print(reason)
        self._say("worker_kept")

    def _new_worker(self, program: ir.Program) -> Worker:
        # effects are sent from the outbox alone, so that the timers wait for none
        return Worker(Engine(Program(program), self._store, dry=True), self._steady)

    def _new_outbox(self, project: Project) -> Outbox:
        """Raises :class:`ProjectError` for a connector that is not configured as it should be."""
        return Outbox(
            self._store,
            connectors_of(project.config, program=project.program, store=self._store),
            self._steady.now,
            policy_of(project.config),
            project.config.settings.language,
            told=self._tell_effect,
        )

    # --- what is said ---------------------------------------------------------------------------------------------

    def _tell_effect(self, effect: Effect) -> None:
        if effect.state != "sent" and effect.error:
            self._say("worker_undelivered", effect=effect.key, action=effect.action, why=effect.error)

    def _tell_clock(self, behind: timedelta | None) -> None:
        leapt = self._steady.leapt
        if leapt is not None:
            now = _written(datetime.now(UTC))
            self._trouble("clock", self._session.text("worker_ahead", now=now, seconds=int(TRUSTED_AFTER)))
        elif behind is not None:
            clock = _written(datetime.now(UTC) + behind)
            self._trouble("clock", self._session.text("worker_behind", clock=clock))
        else:
            self._told.pop("clock", None)

    def _trouble(self, about: str, text: str) -> None:
        if self._told.get(about) is None and text not in self._told.values():
            self._print(text)
            if about != "clock":
                self._say("worker_waits")
        self._told[about] = text

    def _settled(self, about: str) -> None:
        if self._told.pop(about, None) is not None and not self._told.keys() - {"clock"}:
            self._say("worker_back", data=self._place)

    def _say(self, key: str, **facts: Any) -> None:
        self._print(self._session.text(key, **facts))

    def _print(self, line: str) -> None:
        with self._voice:
            print(line, file=sys.stderr, flush=True)


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
