"""Gives the rules of the shop a day of 1,000 events and tells what came of it, in words and small charts.

``python examples/boutique/report.py [fr|en]``; without a language, that of the locale. Nothing is kept or sent.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import day

from quand.cli.session import prepare_streams, session
from quand.dsl import ir
from quand.dsl.lexicon import lexicon
from quand.dsl.types import DATE, NUMBER
from quand.dsl.writing import write_value
from quand.project.compile import CompilationError, load
from quand.project.engine import make_engine
from quand.runtime.outcome import Outcome

FOLDER = Path(__file__).parent
WIDTH = 40
"""Columns of the longest bar of a chart."""

BUSIEST = 12


class Report:
    """What came of a day, in one language."""

    def __init__(self, program: ir.Program, language: str, texts: dict[str, Any]) -> None:
        self.program = program
        self.language = language
        self.texts = texts
        self.words = lexicon(language)
        self.zone = ZoneInfo(program.settings.timezone)
        self.statuses: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.hours: Counter[int] = Counter()
        self.effects: Counter[str] = Counter()
        self.refusals: list[str] = []
        self.journal: list[str] = []
        self.instants: list[datetime] = []

    def add(self, instant: datetime, outcome: Outcome) -> None:
        self.instants.append(instant)
        self.statuses[outcome.status] += 1
        if outcome.status != "applied":
            self.refusals += [problem.message for problem in outcome.problems]
        for firing in outcome.fired:
            self.rules[firing.rule] += 1
            self.hours[(firing.at or instant).astimezone(self.zone).hour] += 1
            self.effects.update(effect.action for effect in firing.effects)
            self.journal += [str(effect.args["text"]) for effect in firing.effects if effect.action == "log"]

    def lines(self, waiting: int) -> Iterator[str]:
        """``waiting`` is how many timers are left."""
        names = {rule.name: rule.names.get(self.language, rule.name) for rule in self.program.rules}
        known: dict[str, str] = self.texts["actions"]
        idle = [name for key, name in names.items() if not self.rules[key]]
        yield from (self.texts["title"], "=" * len(self.texts["title"]), "")
        yield self.say(
            "events",
            events=self.number(len(self.instants)),
            date=write_value(self.instants[0].astimezone(self.zone).date(), DATE, self.words),
            first=self.say("hour", hour=self.instants[0].astimezone(self.zone).hour),
            last=self.say("hour", hour=self.instants[-1].astimezone(self.zone).hour),
            statuses=", ".join(self.say(status, count=self.number(count)) for status, count in self.statuses.items()),
        )
        yield self.say(
            "rules",
            rules=len(names),
            fired=self.number(self.rules.total()),
            used=len(names) - len(idle),
            idle=", ".join(idle) or self.texts["none"],
        )
        yield self.say("timers", timers=waiting)
        hours = range(min(self.hours), max(self.hours) + 1)
        yield from self.chart("hours", ((self.say("hour", hour=hour), self.hours[hour]) for hour in hours))
        yield from self.chart("busiest", ((names[rule], count) for rule, count in self.most(self.rules)[:BUSIEST]))
        yield from self.chart("effects", ((known.get(name, name), count) for name, count in self.most(self.effects)))
        yield from self.listed("refusals", self.refusals)
        yield from self.listed("journal", self.journal)

    @staticmethod
    def most(counted: Counter[str]) -> list[tuple[str, int]]:
        return sorted(counted.items(), key=lambda each: (-each[1], each[0]))

    def chart(self, key: str, rows: Iterable[tuple[str, int]]) -> Iterator[str]:
        told = list(rows)
        label = max(len(name) for name, _ in told)
        most = max(count for _, count in told)
        yield from ("", self.texts[key])
        for name, count in told:
            bar = "█" * round(WIDTH * count / most) or "▏"
            yield f"  {name:<{label}}  {bar} {self.number(count)}"

    def listed(self, key: str, entries: list[str]) -> Iterator[str]:
        yield from ("", self.texts[key])
        yield from (f"  - {entry}" for entry in entries or [self.texts["none"]])

    def say(self, key: str, **words: object) -> str:
        return self.texts[key].format(**words)

    def number(self, count: int) -> str:
        return write_value(Decimal(count), NUMBER, self.words)


def main() -> None:
    language = session(["--lang", *sys.argv[1:2]], os.environ).language
    texts = tomllib.loads((FOLDER / "report.toml").read_text(encoding="utf-8"))[language]
    project = load([str(FOLDER / language)])
    program = project.checked()
    report = Report(program, language, texts)
    engine = make_engine(program, project.config, dry=True)
    for event in day.events():
        report.add(datetime.fromisoformat(event["at"]), engine.process(event))
    for line in report.lines(len(engine.timers())):
        print(line)


if __name__ == "__main__":
    prepare_streams()
    try:
        main()
    except CompilationError as error:
        sys.exit(str(error))
