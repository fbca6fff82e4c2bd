"""What the rules of a program say together: conditions never true, conflicts, names given twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from . import ir
from .conditions import never_true
from .conflicts import find_conflicts
from .sink import Sink
from .source import Span
from .vocabulary import Vocabulary, display


class PlacedRule(NamedTuple):
    """A rule with where it stands: ``heading`` is a span of its declaration, its condition's ``condition``."""

    rule: ir.Rule
    sink: Sink
    heading: Span
    condition: Span | None


def analyse(rules: Sequence[PlacedRule], vocabulary: Vocabulary) -> None:
    """Report what is wrong with rules that are each well-formed."""
    _names(rules)
    for placed in rules:
        if placed.condition is not None and _never(placed.rule):
            placed.sink.report("QD310", placed.condition, severity="warning")
    _conflicts(rules, vocabulary)


def _never(rule: ir.Rule) -> bool:
    if rule.otherwise:
        return False
    states = [t.condition for t in rule.triggers if isinstance(t, ir.Edge)]
    if len(rule.triggers) == 1 and states:
        return never_true(rule.condition, states[0])
    return never_true(rule.condition)


def _names(rules: Sequence[PlacedRule]) -> None:
    """A remembered or reported rule is known by its name, so two rules never share one."""
    seen: dict[str, PlacedRule] = {}
    for placed in rules:
        for name in dict.fromkeys(placed.rule.names.values()):
            before = seen.get(name)
            if before is not None and before is not placed:
                placed.sink.report(
                    "QD126",
                    placed.heading,
                    name=name,
                    labels=[("declared_here", before.sink.place(before.heading))],
                )
                break
            seen[name] = placed


def _conflicts(rules: Sequence[PlacedRule], vocabulary: Vocabulary) -> None:
    by_rule = {id(placed.rule): placed for placed in rules}
    for conflict in find_conflicts([placed.rule for placed in rules]):
        first, second = by_rule[id(conflict.first)], by_rule[id(conflict.second)]
        language = second.sink.language
        symbol = vocabulary.field(conflict.object, conflict.field)
        second.sink.report(
            "QD302" if conflict.certain else "QD303",
            second.heading,
            severity="error" if conflict.certain else "warning",
            field=display(symbol.names, language) if symbol is not None else conflict.field,
            other=_title(first.rule, language),
            labels=[("other_rule", first.sink.place(first.heading))],
        )


def _title(rule: ir.Rule, language: str) -> str:
    return rule.names.get(language, rule.name)
