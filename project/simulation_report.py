"""What a simulation found, in words and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ..dsl import ir
from ..dsl.messages import ui
from ..dsl.sentences import Sentences
from ..runtime.outcome import Change, Outcome
from ..runtime.results import json_text
from .compile import Project
from .reasons import problem_text
from .report import Style, plain
from .simulating import Compared, Difference, Example, RuleCounts

_MOST_DIFFERENCES = 50
_MOST_FAILURES = 10
_FATES = ("created", "deleted")


class SimulationReport:
    """Tells a simulation in one language."""

    def __init__(self, project: Project, compared: Compared, language: str, style: Style = plain) -> None:
        self._program = project.checked()
        self._compared = compared
        self._language = language
        self._style = style
        self._sentences = Sentences(self._program, language, project.compilation.vocabulary)
        self._of_events = bool(compared.simulation.statuses) or compared.events > 0

    def lines(self) -> Iterator[str]:
        """The report, line by line."""
        compared = self._compared
        yield from self._heading()
        idle: list[ir.Rule] = []
        for counts in compared.simulation.rules.values():
            if counts.fired or counts.otherwise or counts.refused or counts.failed or counts.problems:
                yield ""
                yield from self._rule(counts)
            else:
                idle.append(counts.rule)
        yield from self._idle(idle)
        if compared.simulation.changes and self._of_events:
            yield ""
            yield self._head("simulate_written")
            yield from (f"  {text}" for text in self._changes(compared.simulation.changes))
        if compared.differences is not None:
            yield ""
            yield from self._differences(compared.differences)
        yield ""
        yield self._text("simulate_nothing_written")

    def to_json(self) -> str:
        """The report as one JSON object."""
        compared = self._compared
        simulation = compared.simulation
        made: dict[str, Any] = {
            "mode": "events" if self._of_events else "data",
            "rules": [self._plain_rule(counts) for counts in simulation.rules.values()],
            "changes": _plain_changes(simulation.changes),
        }
        if self._of_events:
            made["events"] = {"count": compared.events, **dict(sorted(simulation.statuses.items()))}
            made["failures"] = [
                {key: value for key, value in outcome.to_plain().items() if key in {"event", "status", "problems"}}
                for outcome in simulation.failures
            ]
        if compared.differences is not None:
            made["differences"] = [_plain_difference(each) for each in compared.differences]
        return json_text(made)

    # --- words ----------------------------------------------------------------------------------------------------

    def _text(self, key: str, **args: object) -> str:
        return ui(key, self._language, **args)

    def _head(self, key: str, **args: object) -> str:
        return self._style(self._text(key, **args), "help")

    def _heading(self) -> Iterator[str]:
        if not self._of_events:
            yield self._head("simulate_data")
            return
        yield self._head("simulate_events", count=self._compared.events)
        statuses = self._compared.simulation.statuses
        yield "  " + ", ".join(
            self._text(f"simulate_{status}", count=statuses[status])
            for status in ("applied", "duplicate", "refused", "failed")
            if statuses[status]
        )
        for outcome in self._compared.simulation.failures[:_MOST_FAILURES]:
            told = "; ".join(problem_text(problem, self._sentences) for problem in outcome.problems)
            yield f"  {outcome.event or '?'}{self._sentences.colon}{told}"

    def _rule(self, counts: RuleCounts) -> Iterator[str]:
        kinds = ir.subject_kinds(counts.rule)
        kind = self._sentences.kind(kinds[0], plural=True) if len(kinds) == 1 else self._text("simulate_objects")
        key = "simulate_rule_events" if self._of_events else "simulate_rule"
        if not kinds:
            key = "simulate_rule_alone" if not self._of_events else key
        said = self._text(key, count=counts.fired, looked=counts.looked, kind=kind)
        title = self._style(self._sentences.rule(counts.rule), "place")
        yield f"{title}{self._sentences.colon}{said}"
        if counts.otherwise:
            yield f"  {self._text('simulate_otherwise', count=counts.otherwise)}"
        if counts.later:
            yield f"  {self._text('simulate_later', count=counts.later)}"
        if counts.refused:
            yield f"  {self._text('simulate_refusing', count=counts.refused)}"
        if counts.failed:
            yield f"  {self._text('simulate_failing', count=counts.failed)}"
        actions = [f"{self._action(name)} ({count})" for name, count in counts.actions.items()]
        if actions:
            yield f"  {self._text('simulate_does', actions=', '.join(actions))}"
        yield from (f"  {text}" for text in self._changes(counts.changes))
        for count, first in counts.problems.values():
            yield f"  {self._text('simulate_problem', count=count)} {problem_text(first, self._sentences)}"
        if counts.examples:
            yield f"  {self._text('simulate_examples')}"
            for example in counts.examples:
                yield from (f"    {text}" for text in self._example(counts, example))

    def _action(self, name: str) -> str:
        kind = name.removeprefix("create ")
        return (
            self._sentences.performed(name, {})
            if kind == name
            else self._text("doing_create", kind=self._sentences.kind(kind, "indefinite"))
        )

    def _changes(self, changes: Mapping[tuple[str, str], int]) -> Iterator[str]:
        for (kind, what), count in sorted(changes.items()):
            said = self._sentences.kind(kind, plural=count > 1)
            if what in _FATES:
                yield self._text(f"simulate_{what}", count=count, kind=said)
            else:
                yield self._text("simulate_sets", count=count, kind=said, field=self._sentences.field(kind, what))

    def _example(self, counts: RuleCounts, example: Example) -> Iterator[str]:
        kinds = ir.subject_kinds(counts.rule)
        name = f"{self._sentences.kind(kinds[0])} {example.object}" if len(kinds) == 1 and example.object else ""
        parts = [name or example.object or self._text("simulate_no_object")]
        if example.event is not None:
            parts.append(self._text("simulate_at_event", event=example.event))
        if example.at is not None:
            parts.append(self._text("simulate_at", at=self._instant(example.at)))
        yield ", ".join(parts)
        for firing in example.fired:
            for done in firing.effects:
                yield f"  {self._sentences.performed(done.action, done.args)}"
        for change in example.changes:
            if not change.created:
                yield f"  {self._change(change)}"

    def _change(self, change: Change) -> str:
        name = f"{self._sentences.kind(change.object)} {change.id}"
        if change.deleted:
            return f"{name} ({self._text('explain_deleted')})"
        return f"{name}{self._sentences.colon}{self._sentences.assignments(change.object, change.set)}"

    def _idle(self, rules: list[ir.Rule]) -> Iterator[str]:
        counts = self._compared.simulation.rules
        untried = [rule for rule in rules if counts[rule.name].untried and not self._of_events]
        still = [rule for rule in rules if rule not in untried]
        for key, which in (("simulate_idle", still), ("simulate_untried", untried)):
            if which:
                yield ""
                yield self._text(key, rules=[self._sentences.rule(rule) for rule in which])

    def _instant(self, moment: datetime) -> str:
        return self._sentences.value(moment, ir.Type("datetime"))

    # --- differences ----------------------------------------------------------------------------------------------

    def _differences(self, differences: list[Difference]) -> Iterator[str]:
        yield self._head("simulate_differences" if differences else "simulate_same", count=len(differences))
        by_rule = Counter(each.rule for each in differences if each.rule is not None)
        for name, count in by_rule.items():
            yield f"  {self._text('simulate_rule_differs', rule=self._named(name), count=count)}"
        for each in differences[:_MOST_DIFFERENCES]:
            yield f"  {self._difference(each)}"
        if len(differences) > _MOST_DIFFERENCES:
            yield f"  {self._text('test_more', count=len(differences) - _MOST_DIFFERENCES)}"

    def _named(self, rule: str) -> str:
        known = next((each for each in self._program.rules if each.name == rule), None)
        return self._sentences.rule(known) if known is not None else rule

    def _difference(self, each: Difference) -> str:
        where = f"{each.event}{self._sentences.colon}" if each.event is not None else ""
        name = each.object or self._text("simulate_no_object")
        if each.rule is not None:
            fate = "only_new" if each.old is None else "only_old" if each.new is None else "otherwise_done"
            said = self._text(f"simulate_{fate}", rule=self._named(each.rule), object=name)
            if each.old is not None and each.new is not None:
                said = self._text("simulate_both", said=said, old=self._done(each.old), new=self._done(each.new))
        elif each.field is not None:
            known = self._sentences.field(each.kind or "", each.field)
            facts = {"object": name, "field": known, "old": self._said(each.old), "new": self._said(each.new)}
            said = self._text("simulate_value", **facts)
        elif each.kind is not None:
            fate = "only_new" if each.old is None else "only_old" if each.new is None else "otherwise_done"
            said = self._text(f"simulate_written_{fate}", object=f"{self._sentences.kind(each.kind)} {name}")
        else:
            said = self._text(
                "simulate_status", old=self._text(f"simulate_is_{each.old}"), new=self._text(f"simulate_is_{each.new}")
            )
        return where + said

    def _done(self, result: Mapping[str, Any]) -> str:
        """What a rule did in one version, in words."""
        firings: list[dict[str, Any]] = result.get("fired", [result])
        parts = [self._sentences.branch("otherwise") for firing in firings[:1] if "branch" in firing]
        for firing in firings:
            parts += [self._sentences.performed(done["action"], _scalars(done["args"])) for done in firing["effects"]]
        for change in result.get("changes", ()):
            if not change.get("created"):
                parts.append(self._plain_change(change))
        status = result.get("status", "applied")
        parts += [self._text(f"simulate_is_{status}")] if status != "applied" else []
        parts += [self._text("simulate_at", at=result["at"])] if result.get("at") else []
        return ", ".join(parts) or self._text("simulate_nothing")

    def _plain_change(self, change: Mapping[str, Any]) -> str:
        kind = change["object"]
        name = f"{self._sentences.kind(kind)} {change['id']}"
        if change.get("deleted"):
            return f"{name} ({self._text('explain_deleted')})"
        field = self._sentences.field
        values = (f"{field(kind, written)} = {self._said(value)}" for written, value in change["set"].items())
        return f"{name}{self._sentences.colon}{', '.join(values)}"

    def _said(self, value: Any) -> str:
        """A value of a result."""
        if value is None:
            return self._text("simulate_nothing")
        if isinstance(value, bool):
            return self._sentences.value(value, ir.Type("boolean"))
        return value if isinstance(value, str) else json_text(value)

    # --- JSON -----------------------------------------------------------------------------------------------------

    def _plain_rule(self, counts: RuleCounts) -> dict[str, Any]:
        made: dict[str, Any] = {"rule": counts.rule.name}
        if not self._of_events:
            made |= {"tried": not counts.untried, "looked": counts.looked}
        made |= {
            "fired": counts.fired,
            "otherwise": counts.otherwise,
            "refused": counts.refused,
            "failed": counts.failed,
            "actions": dict(counts.actions),
            "changes": _plain_changes(counts.changes),
            "problems": [
                {"code": code, "count": count, "message": first.message}
                for code, (count, first) in counts.problems.items()
            ],
            "examples": [self._plain_example(example) for example in counts.examples],
        }
        return made

    def _plain_example(self, example: Example) -> dict[str, Any]:
        settings = self._program.settings
        plain = Outcome(example.event, "applied", example.fired, example.changes, settings=settings).to_plain()
        at = None if example.at is None else example.at.isoformat()
        return {
            "object": example.object,
            "event": example.event,
            "at": at,
            "fired": plain["fired"],
            "changes": plain["changes"],
        }


def _plain_changes(changes: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [
        {"object": kind, what: count} if what in _FATES else {"object": kind, "field": what, "count": count}
        for (kind, what), count in sorted(changes.items())
    ]


def _plain_difference(each: Difference) -> dict[str, Any]:
    about = {"event": each.event, "rule": each.rule, "kind": each.kind, "object": each.object, "field": each.field}
    return {**{name: value for name, value in about.items() if value is not None}, "old": each.old, "new": each.new}


def _scalars(args: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as results have them, those that are no plain value as JSON."""
    return {name: json_text(value) if isinstance(value, (dict, list)) else value for name, value in args.items()}
