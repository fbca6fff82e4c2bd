"""Why rules acted on an event or did not: the real engine on data that is put back, told in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from ..dsl import ir
from ..dsl.fold import fold
from ..dsl.messages import ui
from ..dsl.sentences import Sentences
from ..dsl.suggest import closest
from ..runtime.events import parse_line
from ..runtime.outcome import Change, Firing, Outcome
from ..runtime.program import Program
from ..runtime.stores.overlay import OverlayStore
from ..runtime.tracing import Explained, TraceEntry, Watched
from .compile import Project
from .engine import Engine
from .errors import ProjectError
from .reasons import line, problem_text, reasons, verdict
from .report import Style, plain
from .stores import open_store

_MOST_LISTED = 10
_FOLLOWING = (ir.Changed, ir.Edge, ir.GoesFrom)
"""Triggers that follow a value."""


class Explanation(NamedTuple):
    """The outcome of an event with its trace.

    ``again`` says that its identity had been consumed before; ``scene`` are the outcomes of the events before it;
    ``kind`` is the English name of the object or event it is about, where there is one.
    """

    outcome: Outcome
    again: bool
    scene: tuple[Outcome, ...] = ()
    kind: str | None = None


def explain_event(
    project: Project, lines: Sequence[str], stream: str, data: str | None, now: datetime | None
) -> Explanation:
    """Process the last of these events with a trace; those before it set the scene. Nothing of it remains.

    Raises :class:`~.errors.ProjectError` for a store that cannot be opened, and where there is no event.
    """
    if not lines:
        raise ProjectError("no_event", file=stream)
    program = Program(project.checked())
    store = OverlayStore(open_store(data or project.config.data or "memory://", project.config.tables))
    try:
        engine = Engine(program, store, now=now, traced=True, dry=True)
        scene = tuple(engine.process_line(text, stream, number) for number, text in enumerate(lines[:-1], 1))
        outcome = engine.process_line(lines[-1], stream, len(lines))
        if outcome.status != "duplicate" or outcome.event is None:
            return Explanation(outcome, False, scene, _kind(lines[-1], program))
        store.forget_event(outcome.event)
        outcome = engine.process_line(lines[-1], stream, len(lines))
        return Explanation(outcome, True, scene, _kind(lines[-1], program))
    finally:
        store.close()


def rule_named(program: ir.Program, name: str) -> ir.Rule:
    """The rule of that name, in any language. Raises :class:`~.errors.ProjectError` where there is none."""
    wanted = fold(" ".join(name.split()))
    for rule in program.rules:
        if wanted in {fold(rule.name), *(fold(each) for each in rule.names.values())}:
            return rule
    names = {fold(each): each for rule in program.rules for each in (rule.name, *rule.names.values())}
    near = [names[each] for each in closest(wanted, names)]
    raise ProjectError("no_such_rule_near" if near else "no_such_rule", name=name, near=near)


class Explainer:
    """Tells an outcome in one language."""

    def __init__(self, project: Project, language: str, style: Style = plain) -> None:
        self.program = project.checked()
        self.language = language
        self.style = style
        self.sentences = Sentences(self.program, language, project.compilation.vocabulary)
        self.rules = {rule.name: rule for rule in self.program.rules}

    def lines(self, explanation: Explanation, rule: ir.Rule | None = None) -> Iterator[str]:
        """The explanation of every rule that listened, or of the one asked for."""
        outcome = explanation.outcome
        for earlier in explanation.scene:
            if earlier.status in {"failed", "refused"}:
                yield self._status(earlier)
                yield from (f"  {problem_text(problem, self.sentences)}" for problem in earlier.problems)
        yield self._status(outcome)
        if explanation.again:
            yield self._text("explain_again")
        for problem in outcome.problems:
            if problem.rule is None or outcome.status in {"failed", "refused"}:
                yield f"  {problem_text(problem, self.sentences)}"
        entries = _worth_telling(outcome.trace or ())
        if rule is not None:
            entries = [entry for entry in entries if entry.rule == rule.name]
        for entry in entries:
            yield ""
            yield from self._entry(entry, outcome)
        resumed = [each for each in _resumed(entries, outcome.fired) if rule is None or each.rule == rule.name]
        for firing in resumed:
            yield ""
            yield from self._resumption(firing, outcome)
        told = {entry.rule for entry in entries} | {firing.rule for firing in resumed}
        if rule is not None and rule.name not in told:
            yield ""
            yield from self._silent(rule, explanation.kind)
        elif rule is None and (told or outcome.status != "failed"):
            yield from self._others([each for each in self.program.rules if each.name not in told])
        if rule is None and outcome.changes:
            yield ""
            yield self._heading("explain_written")
            for change in outcome.changes:
                yield f"  {self._change(change)}"

    def _status(self, outcome: Outcome) -> str:
        if outcome.event is None:
            return self._text("explain_unread")
        return self._text(f"explain_status_{outcome.status}", event=outcome.event)

    def _text(self, key: str, **args: object) -> str:
        return ui(key, self.language, **args)

    def _heading(self, key: str) -> str:
        return self.style(self._text(key), "help")

    # --- one rule -------------------------------------------------------------------------------------------------

    def _title(self, rule: ir.Rule, said: str) -> str:
        return f"{self.style(self.sentences.rule(rule), 'place')}{self.sentences.colon}{said}"

    def _entry(self, entry: TraceEntry, outcome: Outcome) -> Iterator[str]:
        rule = self.rules[entry.rule]
        said = self._text(f"explain_{self._result(entry, rule)}")
        notes = [entry.object] if entry.object is not None else []
        if entry.at is not None:
            notes.append(self._text("explain_timer", due=self._instant(entry.at)))
        elif entry.wave > 1:
            notes.append(self._text("explain_wave", number=entry.wave))
        yield self._title(rule, f"{said} ({', '.join(notes)})" if notes else said)
        yield from self._triggers(entry)
        if entry.condition is not None:
            yield f"  {self._heading('explain_condition')}"
            for reason in reasons(entry.condition, self.sentences):
                yield f"    {'  ' * reason.depth}{line(reason, self.sentences)}"
        if entry.result in {"fired", "otherwise"}:
            yield from self._done(entry, rule, outcome)
        else:
            yield from self._would_do(rule)

    @staticmethod
    def _result(entry: TraceEntry, rule: ir.Rule) -> str:
        if entry.result in {"condition", "trigger"}:
            return f"{entry.result}_failed"
        return "daily" if entry.result == "once" and rule.remembers == "daily" else entry.result

    def _triggers(self, entry: TraceEntry) -> Iterator[str]:
        if not entry.triggers:
            return
        yield f"  {self._heading('explain_trigger')}"
        words = self.sentences.lexicon.tables["writing"]
        for seen in entry.triggers:
            said = f"{self.sentences.trigger(seen.trigger)}{self._values(seen)}"
            if seen.empty and seen.expression is not None:
                unknown = verdict(Explained(seen.expression, None, empty=seen.empty), self.sentences)
                yield f"    {said} — {unknown}"
                continue
            yield f"    {said}{self.sentences.colon}{words['yes' if seen.happened else 'no']}"

    def _values(self, seen: Watched) -> str:
        """What a trigger looked at, before and after."""
        if seen.expression is None:
            return ""
        choices = self.sentences.choices_of(seen.expression)
        before, after = (
            self.sentences.value(value, seen.expression.type, choices) for value in (seen.before, seen.after)
        )
        return f" ({self._text('explain_before_after', before=before, after=after)})"

    def _done(self, entry: TraceEntry, rule: ir.Rule, outcome: Outcome) -> Iterator[str]:
        """What the rule did, each action with its values; fields it wrote as it writes them."""
        yield f"  {self._heading('explain_done')}"
        for firing in _firings(entry, outcome.fired):
            for done in firing.effects:
                yield f"    {self.sentences.performed(done.action, done.args)}"
        actions = rule.otherwise if entry.result == "otherwise" else rule.actions
        for action in actions:
            if not isinstance(action, (ir.Call, ir.Create, ir.Delete)):
                yield f"    {self.sentences.action(action)}"
        yield from self._problems(rule, outcome)
        for timer in outcome.timers:
            if timer.rule == rule.name and timer.object == entry.object:
                yield f"    {self._text('explain_due', due=self._instant(timer.due))}"

    def _problems(self, rule: ir.Rule, outcome: Outcome) -> Iterator[str]:
        """What the rule could not do; where the whole event came to nothing, that is told already."""
        if outcome.status not in {"failed", "refused"}:
            yield from (
                f"    {problem_text(problem, self.sentences)}"
                for problem in outcome.problems
                if problem.rule == rule.name
            )

    def _resumption(self, firing: Firing, outcome: Outcome) -> Iterator[str]:
        """A rule that went on after a wait."""
        notes = [firing.object] if firing.object is not None else []
        notes += [self._text("explain_timer", due=self._instant(firing.at))] if firing.at is not None else []
        yield self._title(self.rules[firing.rule], f"{self._text('explain_resumed')} ({', '.join(notes)})")
        yield f"  {self._heading('explain_done')}"
        for done in firing.effects:
            yield f"    {self.sentences.performed(done.action, done.args)}"
        yield from self._problems(self.rules[firing.rule], outcome)

    def _would_do(self, rule: ir.Rule) -> Iterator[str]:
        yield f"  {self._heading('explain_would_do')}"
        for action in rule.actions:
            yield f"    {self.sentences.action(action)}"

    def _silent(self, rule: ir.Rule, kind: str | None) -> Iterator[str]:
        """A rule that does not listen to the event, or follows what has not changed: what it waits for."""
        follows = any(isinstance(each, _FOLLOWING) and each.object == kind for each in rule.triggers)
        key = "explain_disabled" if rule.disabled else "explain_unchanged" if follows else "explain_silent"
        yield self._title(rule, self._text(key))
        yield f"  {self._heading('explain_waits')}"
        for trigger in rule.triggers:
            yield f"    {self.sentences.trigger(trigger)}"
        if rule.condition is not None:
            yield f"  {self._heading('explain_condition')}"
            yield f"    {self.sentences.expression(rule.condition)}"
        yield from self._would_do(rule)

    def _others(self, rules: Sequence[ir.Rule]) -> Iterator[str]:
        if not rules:
            return
        yield ""
        yield self._text("explain_others", count=len(rules))
        for rule in rules[:_MOST_LISTED]:
            waits = [self.sentences.trigger(trigger) for trigger in rule.triggers]
            yield f"  {self._title(rule, self._text('explain_waiting', triggers=waits))}"
        if len(rules) > _MOST_LISTED:
            yield f"  {self._text('test_more', count=len(rules) - _MOST_LISTED)}"

    # --- what was written -----------------------------------------------------------------------------------------

    def _change(self, change: Change) -> str:
        name = f"{self.sentences.kind(change.object)} {change.id}"
        key = "explain_created" if change.created else "explain_deleted" if change.deleted else ""
        if key:
            name = f"{name} ({self._text(key)})"
        written = self.sentences.assignments(change.object, change.set)
        return f"{name}{self.sentences.colon}{written}" if written else name

    def _instant(self, moment: datetime) -> str:
        return self.sentences.value(moment, ir.Type("datetime"))


def _kind(text: str, program: Program) -> str | None:
    try:
        raw = parse_line(text)
    except (ValueError, RecursionError):
        return None
    name = cast("dict[str, object]", raw).get("event") if isinstance(raw, dict) else None
    if not isinstance(name, str):
        return None
    return program.model.kind_named(name) or program.model.kind_named(name.rpartition(".")[0])


def _worth_telling(trace: Sequence[TraceEntry]) -> list[TraceEntry]:
    """The entries, without those that only repeat that a trigger did not happen."""
    heard = {(entry.rule, entry.object) for entry in trace if entry.result != "trigger"}
    made: dict[object, TraceEntry] = {}
    for number, entry in enumerate(trace):
        key = entry.rule, entry.object
        if entry.result != "trigger":
            made[number] = entry
        elif key not in heard:
            made.setdefault(key, entry)
    return list(made.values())


def _firings(entry: TraceEntry, fired: Sequence[Firing]) -> list[Firing]:
    """The firings that an entry of the trace tells of."""
    branch = "otherwise" if entry.result == "otherwise" else None
    key = (entry.rule, entry.object, branch, entry.at)
    return [each for each in fired if (each.rule, each.object, each.branch, each.at) == key]


def _resumed(entries: Sequence[TraceEntry], fired: Sequence[Firing]) -> list[Firing]:
    """The firings that no entry tells of: those after a wait."""
    told = [firing for entry in entries for firing in _firings(entry, fired)]
    return [firing for firing in fired if firing.at is not None and firing not in told]
