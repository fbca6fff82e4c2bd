"""Anything that may happen to a SQLite file, in any order, leaves what it leaves in memory.

Events new, known and out of order, a clock that moves, rules that change, deliveries, crashes at any call.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
from crash_points import Calls, Crash, CrashingStore
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import quand
from quand.dsl.values import Reference
from quand.project.stores import open_store
from quand.runtime.program import Program
from quand.runtime.stores.memory import MemoryStore
from quand.runtime.stores.port import Store

VOCABULARY = """\
vocabulary: none
object a contact
  a bonus: number, default 0
object a deal
  a number: text
  an amount: number
  a stage: one of 'New', 'Won', 'Lost'
  a due date: date
  a contact: contact
action tell {text : text}
  name 'tell'
"""
RULES = {
    "follow": """
rule "Follow" (only once)
when a deal is created and amount > 10 then
  increase the bonus of the contact by 1
  wait 2 hours then increase the bonus of the contact by 100; tell "late {number}"
""",
    "won": """
rule "Won"
when the stage of a deal becomes 'Won' then amount = amount + 1; tell "won {number}"
""",
    "due": """
rule "Due"
when 1 day before the due date of a deal then increase the bonus of the contact by 10000
""",
    "stays": """
rule "Stays"
when a deal stays 3 hours in stage = 'New' then stage = 'Lost'
""",
    "morning": """
rule "Morning"
when every day at 8:00 for each deal whose stage = 'Won' then tell "morning {number}"
""",
    "never": """
rule "Never"
when a deal is updated and amount > 50 then refuse "too much"
""",
}
SETS = [frozenset(names) for names in (("follow", "morning"), ("won", "due", "stays"), tuple(RULES), ("never",))]
PROGRAMS: dict[frozenset[str], Program] = {}
START = datetime(2026, 3, 28, 6, tzinfo=UTC)
"""The night after, clocks go forward in Paris."""


def program(names: frozenset[str]) -> Program:
    if names not in PROGRAMS:
        text = VOCABULARY + "".join(RULES[name] for name in sorted(names))
        PROGRAMS[names] = quand.compile_text(text, language="en")
    return PROGRAMS[names]


def contents(store: Store) -> dict[str, Any]:
    """All that lasts; of the log what was decided, once each."""
    with store.transaction(reading=True) as transaction:
        found: dict[str, Any] = {
            kind: {name: transaction.get(Reference(kind, name)) for name in transaction.identifiers(kind)}
            for kind in ("contact", "deal")
        }
        found["clock"] = transaction.recall("clock")
        found["notes"] = [transaction.recall(f"seen:{name}") for name in ("Morning",)]
    found["timers"] = [attrs.evolve(timer, event="") for timer in store.timers()]
    found["effects"] = sorted((effect.key, str(effect.arguments), effect.state) for effect in store.effects())
    entries = [json.loads(entry) for entry in store.log()]
    found["decided"] = Counter(entry["timer"] if "timer" in entry else entry["result"]["event"] for entry in entries)
    assert set(found["decided"].values()) <= {1}
    return found


def _any_of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


_VERBS: dict[str, st.SearchStrategy[Any]] = {
    "event": _any_of("deal.saved", "deal.saved", "deal.updated", "deal.created"),
}
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "number": _any_of("1", "2"),
    "amount": _any_of(*range(61)),
    "stage": _any_of("New", "Won", "Lost", None),
    "due date": _any_of("2026-03-29", "2026-03-30", "2026-04-02", None),
    "contact": _any_of("C-1", "gone", None),
}
_EVENTS = st.one_of(
    st.fixed_dictionaries(_VERBS, optional=_FIELDS),
    _any_of({"event": "deal.deleted"}, {"event": "time"}),
)


class Durable(RuleBasedStateMachine):
    """The same things happen to a store in memory, which never crashes, and to a file."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="quand-machine-"))
        self.sent: list[dict[str, Any]] = []
        self.now = START
        self.names = frozenset({"follow", "morning"})
        self.memory = MemoryStore()
        self.delivered: dict[str, set[str]] = {"memory": set(), "file": set()}
        self.file = self.reopened()

    def reopened(self) -> Store:
        store = open_store(f"sqlite:///{self.folder}/crm.db")
        store.prepare(program(self.names).ir)
        return store

    def engine(self, store: Any, name: str, call: Calls | None = None) -> quand.Engine:
        """The claims of one that crashed are over for the next one: its clock is a day later."""
        self.clock = getattr(self, "clock", datetime(2027, 1, 1, tzinfo=UTC)) + timedelta(days=1)
        made = quand.Engine(program(self.names), store, clock=lambda: self.clock, dry=True)

        def tell(effect: Any) -> None:
            for _ in range(2 if call is not None else 1):
                if call is not None:
                    call()
                self.delivered[name].add(effect.key)

        if "tell" in made.program.model.actions:
            made.action("tell")(tell)
        return made

    def both(self, event: dict[str, Any], crash: int | None = None) -> None:
        known = self.engine(self.memory, "memory").process(event).status
        if crash is not None:
            call = Calls(crash)
            try:
                self.engine(CrashingStore(self.file, call), "file", call).process(event)
            except Crash:
                self.file.close()
                self.file = self.reopened()
        obtained = self.engine(self.file, "file").process(event).status
        assert obtained == known or (crash is not None and (known, obtained) != ("failed", "applied"))

    @initialize()
    def begin(self) -> None:
        self.both({"id": "c", "event": "contact.created", "at": START.isoformat(), "data": {"id": "C-1"}})

    @rule(fields=_EVENTS, deal=st.sampled_from(["A-1", "A-2", "A-3"]), crash=st.none() | st.integers(1, 60))
    def happens(self, fields: dict[str, Any], deal: str, crash: int | None) -> None:
        data = {name: value for name, value in fields.items() if name != "event"} | {"id": deal}
        event: dict[str, Any] = {"id": f"e{len(self.sent)}", "event": fields["event"], "at": self.now.isoformat()}
        if fields["event"] != "time":
            event["data"] = data
        self.sent.append(event)
        self.both(event, crash)

    @rule(minutes=st.sampled_from([1, 59, 60, 119, 120, 180, 24 * 60, 3 * 24 * 60]))
    def clock_moves(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(minutes=st.sampled_from([1, 90]))
    def clock_goes_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @rule(data=st.data())
    def comes_again(self, data: st.DataObject) -> None:
        if self.sent:
            self.both(data.draw(st.sampled_from(self.sent)))

    @rule(data=st.data())
    def comes_again_with_other_content(self, data: st.DataObject) -> None:
        if self.sent:
            event = data.draw(st.sampled_from(self.sent))
            self.both({**event, "event": "deal.saved", "data": {"id": "A-9", "amount": 7}})

    @rule(names=st.sampled_from(SETS))
    def rules_change(self, names: frozenset[str]) -> None:
        self.names = names
        self.file.prepare(program(names).ir)

    @rule()
    def somebody_delivers(self) -> None:
        for name, store in (("memory", self.memory), ("file", self.file)):
            assert self.engine(store, name).deliver() == []

    @rule()
    def everything_is_alike(self) -> None:
        self.somebody_delivers()
        assert contents(self.file) == contents(self.memory)
        assert self.delivered["file"] == self.delivered["memory"]

    def teardown(self) -> None:
        try:
            self.everything_is_alike()
        finally:
            self.file.close()
            shutil.rmtree(self.folder)


TestDurable = Durable.TestCase
_EXAMPLES = max(10, settings().max_examples // 3)
TestDurable.settings = settings(max_examples=_EXAMPLES, stateful_step_count=20, deadline=None)
