"""The engine that hosts and commands use: the runtime's, with the standard actions and those that are installed."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import datetime

from ..dsl import ir
from ..runtime.business import Calendar
from ..runtime.calls import ActionBody
from ..runtime.deliveries import Delivery
from ..runtime.engine import Clock
from ..runtime.engine import Engine as RuntimeEngine
from ..runtime.program import Program
from ..runtime.stores.overlay import OverlayStore
from ..runtime.stores.port import Store
from ..stdlib.actions import STANDARD_ACTIONS
from ..stdlib.calendars import project_calendar
from .config import Config
from .stores import project_store

GROUP = "quand.actions"
"""The entry-point group of actions: the name is that of results (``send SMS``), the object the function to bind."""


class Engine(RuntimeEngine):
    """Processes events with a program over a store; see :class:`~..runtime.engine.Engine`.

    The bodies of the standard actions are there; ``actions`` adds to them or replaces them. Functions installed under
    the entry-point group ``quand.actions`` are bound unless ``dry``.
    """

    def __init__(
        self,
        program: Program,
        store: Store | None = None,
        clock: Clock | None = None,
        now: datetime | None = None,
        *,
        actions: Mapping[str, ActionBody] | None = None,
        calendar: Calendar | None = None,
        traced: bool = False,
        dry: bool = False,
    ) -> None:
        bodies = {**STANDARD_ACTIONS, **(actions or {})}
        calendar = calendar or project_calendar(program.ir.settings)
        super().__init__(program, store, clock, now, actions=bodies, calendar=calendar, traced=traced)
        if not dry:
            self._bind_installed()

    def _bind_installed(self) -> None:
        for name, function in installed_actions(self.program.model.actions):
            self.action(name)(function)


def installed_actions(known: Container[str] | None = None) -> Iterator[tuple[str, Delivery]]:
    """The functions installed under the entry-point group ``quand.actions``, by action; of those known, if given."""
    # importlib.metadata costs start-up time and only what sends needs it
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP):
        if known is None or point.name in known:
            yield point.name, point.load()


def installed_names() -> list[str]:
    """The actions that have an installed function, none of which is loaded."""
    # as above
    from importlib.metadata import entry_points

    return [point.name for point in entry_points(group=GROUP)]


def make_engine(
    program: ir.Program,
    config: Config,
    data: str | None = None,
    *,
    now: datetime | None = None,
    traced: bool = False,
    dry: bool = False,
) -> Engine:
    """The engine of a project; ``data`` is the address of the store, that of the configuration unless given.

    Raises :class:`~.errors.ProjectError` for a store that cannot be opened.
    """
    store = project_store(config, data)
    if dry and store is not None:
        store = OverlayStore(store)
    return Engine(Program(program), store, now=now, traced=traced, dry=dry)
