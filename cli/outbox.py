"""``quand outbox``: what the rules have to send, what became of it, and what a person decides about it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import attrs
import click

from ..dsl import ir
from ..project.compile import Project, load
from ..project.connectors import connectors_of, delivered_actions, policy_of
from ..project.errors import ProjectError
from ..project.outbox_report import OutboxReport
from ..project.stores import must_exist, project_store
from ..runtime.connectors.lines import one_line
from ..runtime.outbox import deliver_due
from ..runtime.results import instant, json_text
from ..runtime.stores.port import EFFECT_STATES, Effect, Store
from .commands import Command, OneOf, data_option
from .session import Session, print_data
from .terminal import log_shown, print_findings, style_for

VERBS = ("list", "retry", "drop", "send")
FORMATS = ("text", "json")

RETRIED = ("dead", "uncertain", "dropped", "waiting")
"""What can be tried again; a person who asks for what waits does not want it to wait."""

DROPPED = ("waiting", "dead", "uncertain")

_OVER = ("sent", "dropped")
"""What nobody needs to look at."""

_LONGEST_CLAIM = timedelta(hours=1)
"""Longer than any connector takes."""

_MEMORY = "memory:"

DOCUMENTS = "generate document"


def command(session: Session) -> click.Command:
    return Command(
        session,
        "outbox",
        outbox,
        [
            click.Argument(["words"], nargs=-1, metavar=session.text("outbox_words")),
            data_option(session),
            click.Option(["--state"], type=OneOf(session, EFFECT_STATES), help=session.text("outbox_state_help")),
            click.Option(
                ["--format", "form"],
                type=OneOf(session, FORMATS),
                default="text",
                help=session.text("outbox_format_help"),
            ),
        ],
    )


def outbox(session: Session, words: tuple[str, ...], data: str | None, state: str | None, form: str) -> int:
    """0 when it was done, 1 when an effect could not be delivered, retried or dropped."""
    verb = next((word for word in words if word in VERBS), None)
    if verb is None:
        raise ProjectError("outbox_no_verb")
    position = words.index(verb)
    paths, keys = words[:position], words[position + 1 :]
    project = load(paths)
    if project.program is None:
        print_findings(project.findings(session.asked), project, session, sys.stderr)
        print(session.text("cannot_run"), file=sys.stderr)
        return 1
    url = data or project.config.data
    if data is not None:
        # a name mistyped is not an empty outbox
        must_exist(data)
    store = project_store(project.config, data)
    if store is None or url is None or url.startswith(_MEMORY):
        raise ProjectError("outbox_no_data")
    with closing(store):
        desk = _Desk(session, project, store, as_json=form == "json")
        if verb == "send":
            if keys:
                raise ProjectError("outbox_no_keys")
            return desk.send(with_rules=bool(paths))
        if verb == "drop" and not keys and state is None:
            raise ProjectError("outbox_which")
        act: dict[str, Callable[[Sequence[str], str | None], int]] = {"retry": desk.retry, "drop": desk.drop}
        return act.get(verb, desk.show)(keys, state)


def _is_stuck(effect: Effect, now: datetime) -> bool:
    """Whether an effect was claimed by a machine whose clock was far ahead: nobody would take it over for long."""
    return effect.state == "claimed" and effect.until is not None and effect.until - now > _LONGEST_CLAIM


class _Found(NamedTuple):
    """Effects, and the keys that none has."""

    effects: list[Effect]
    missing: list[str]


class _Desk:
    """The outbox of one store, and how it is shown."""

    def __init__(self, session: Session, project: Project, store: Store, *, as_json: bool) -> None:
        self._session = session
        self._project = project
        self._store = store
        self._as_json = as_json
        # nothing is made where nothing is
        store.prepare(self._bare, dry=True)

    @property
    def _bare(self) -> ir.Program:
        """The program without its objects: the outbox needs none of their tables."""
        return attrs.evolve(self._project.checked(), objects=(), events=())

    def show(self, keys: Sequence[str], state: str | None) -> int:
        """Show the effects named; those that are not over unless a state is asked for."""
        everything = EFFECT_STATES if keys else [each for each in EFFECT_STATES if each not in _OVER]
        found = self._found(keys, everything if state is None else [state])
        shown, counts = found.effects, self._counts()
        report = OutboxReport(self._project, self._session.language, delivered_actions(self._project.config))
        if self._as_json:
            print_data(report.json(shown, counts))
        else:
            for line in report.text(shown, counts, style_for(sys.stdout)):
                print(line)
        return self._unknown(found.missing)

    def retry(self, keys: Sequence[str], state: str | None) -> int:
        """Make effects due at once, with all their attempts before them."""
        return self._change(keys, state, "waiting", RETRIED, ("dead",), "outbox_retried")

    def drop(self, keys: Sequence[str], state: str | None) -> int:
        """Give effects up for good."""
        return self._change(keys, state, "dropped", DROPPED, (), "outbox_were_dropped")

    def _change(
        self,
        keys: Sequence[str],
        state: str | None,
        into: str,
        possible: Sequence[str],
        usual: Sequence[str],
        told: str,
    ) -> int:
        found = self._found(keys, [state] if state is not None else EFFECT_STATES if keys else usual)
        status = self._unknown(found.missing)
        chosen = found.effects
        if chosen:
            self._store.prepare(self._bare)
        now = datetime.now(UTC)
        done = [
            effect.key
            for effect in chosen
            if (effect.state in possible or _is_stuck(effect, now)) and self._settled(effect, into)
        ]
        kept_back = {effect.key for effect in chosen} - {*done}
        left = [effect for effect in chosen if effect.key in kept_back]
        if self._as_json:
            kept = [{"key": effect.key, "state": effect.state} for effect in left]
            print_data(json_text({"done": done, "left": kept}))
        else:
            print(self._session.text(told, count=len(done)))
        for effect in left:
            reason = self._session.text(f"outbox_{effect.state}")
            told = self._session.text("outbox_not_possible", effect=one_line(effect.key), state=reason)
            print(told, file=sys.stderr)
        return 1 if left else status

    def _settled(self, effect: Effect, into: str) -> bool:
        """Whether it could be done: a worker that has taken it up meanwhile keeps it."""
        return self._store.settle(effect.key, into, attempts=0 if into == "waiting" else None, worker=effect.worker)

    def _found(self, keys: Sequence[str], states: Collection[str]) -> _Found:
        """The effects of these keys, or all, in these states; those that were sent are many."""
        if not keys:
            found = [effect for state in states for effect in self._store.effects(state)]
            return _Found(sorted(found, key=lambda effect: effect.at), [])
        known = {key: self._store.effect(key) for key in keys}
        wanted = [effect for effect in known.values() if effect is not None and effect.state in states]
        return _Found(wanted, [key for key, effect in known.items() if effect is None])

    def _counts(self) -> Counter[str]:
        """How many effects there are in each state; a store that cannot count them shows them all."""
        counts: Callable[[], Mapping[str, int]] | None = getattr(self._store, "effect_counts", None)
        return Counter((effect.state for effect in self._store.effects()) if counts is None else counts())

    def _unknown(self, missing: Sequence[str]) -> int:
        for key in missing:
            print(self._session.text("outbox_unknown_key", effect=key), file=sys.stderr)
        return int(bool(missing))

    def send(self, *, with_rules: bool) -> int:
        """Deliver what is due, once. Documents speak of what rules define: without rules they wait."""
        config = self._project.config
        connectors = connectors_of(config, program=self._project.checked(), store=self._store)
        waiting = 0
        if not with_rules and connectors.pop(DOCUMENTS, None) is not None:
            waiting = sum(effect.action == DOCUMENTS for effect in self._store.effects("waiting"))
        if not any(self._store.effects(state) for state in ("waiting", "claimed")):
            connectors = {}
        else:
            self._store.prepare(self._project.checked())
        told: list[Effect] = []
        with log_shown(sys.stderr):
            done = deliver_due(
                self._store,
                connectors,
                lambda: datetime.now(UTC),
                policy=policy_of(config),
                language=config.settings.language,
                told=told.append,
            )
        failed = [effect for effect in told if effect.state != "sent"]
        counts = {"sent": done.sent, "postponed": done.postponed, "dead": done.dead, "uncertain": done.uncertain}
        if self._as_json:
            print_data(json_text({**counts, "next": None if done.next is None else instant(done.next)}))
        else:
            print(self._session.text("outbox_delivered", **counts))
        for effect in failed:
            print(f"{one_line(effect.key)}: {effect.error}", file=sys.stderr)
        if waiting:
            print(self._session.text("outbox_documents_wait", count=waiting), file=sys.stderr)
        return int(bool(failed or waiting))
