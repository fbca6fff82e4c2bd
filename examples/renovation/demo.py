"""Runs the example, and tells what the rules did and why in words.

``python examples/renovation/demo.py [fr|en]``; without a language, that of the locale.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from quand.cli.session import prepare_streams, session
from quand.dsl import ir, syntax
from quand.dsl.lexicon import lexicon
from quand.dsl.values import Reference, Value
from quand.dsl.writing import write_value
from quand.project.compile import CompilationError, Project, load
from quand.project.engine import make_engine
from quand.runtime.outcome import Change, Outcome

FOLDER = Path(__file__).parent


class Teller:
    """Tells outcomes in one language, with the names a person knows things by."""

    def __init__(self, project: Project, language: str, texts: dict[str, Any]) -> None:
        self.project = project
        self.language = language
        self.texts = texts
        program = project.checked()
        self.program = program
        self.zone = ZoneInfo(program.settings.timezone)
        self.kinds = {kind.name: kind for kind in (*program.objects, *program.events)}
        self.rules = {rule.name: rule for rule in program.rules}
        self.known: dict[str, str] = {}

    def tell(self, event: dict[str, Any], outcome: Outcome) -> None:
        data = event.get("data", {})
        if "nom" in data:
            self.known[data["id"]] = data["nom"]
        print(f"\n  {event['at'][11:16]}  {self.texts['events'][event['id']]}")
        if not outcome.fired:
            print(f"         – {self.texts['nothing']}")
        for firing in outcome.fired:
            rule = self.rules[firing.rule]
            self.say("→", "fired", rule=rule.names.get(self.language, rule.name))
            self.say(" ", "why", why=self.why(rule))
        for change in outcome.changes:
            self.change(change)
        for effect in outcome.effects:
            action = next(action for action in self.program.actions if action.name == effect.action)
            parameters = {parameter.name: parameter for parameter in action.parameters}
            self.say(" ", "sends", action=self.name(action), fields=self.fields(parameters, effect.arguments))
        for timer in outcome.timers:
            self.say(" ", "waits", time=f"{timer.due.astimezone(self.zone):%H:%M}")
        for problem in outcome.problems:
            print(f"         ! {problem.message}")

    def change(self, change: Change) -> None:
        kind = self.kinds[change.object]
        fields = self.fields({field.name: field for field in kind.fields}, change.set)
        key = "creates" if change.created else "changes"
        self.say(" ", key, object=self.name(kind), name=self.known.get(change.id, change.id), fields=fields)

    def say(self, sign: str, key: str, **words: str) -> None:
        print(f"         {sign} {self.texts[key].format(**words)}")

    def name(self, named: ir.ObjectType | ir.EventType | ir.ActionType | ir.Field) -> str:
        return named.names.get(self.language, named.name)

    def fields(self, known: dict[str, ir.Field], values: Any) -> str:
        return ", ".join(
            self.texts["field"].format(name=self.name(known[name]), value=self.value(value, known[name]))
            for name, value in values.items()
        )

    def value(self, value: Value, field: ir.Field) -> str:
        if isinstance(value, Reference):
            return self.known.get(value.id) or self.name(self.kinds[value.object])
        return write_value(value, field.type, lexicon(self.language))

    def why(self, rule: ir.Rule) -> str:
        """What is written between the first word of a rule and its actions."""
        for _, file in self.project.compilation.files:
            for _, parsed in file.declarations:
                declared = parsed.declaration
                if isinstance(declared, syntax.RuleDeclaration) and self.named(declared) & set(rule.names.values()):
                    last = declared.condition or declared.triggers[-1]
                    return " ".join(parsed.text[declared.triggers[0].span.start : last.span.end].split())
        return rule.name

    @staticmethod
    def named(declared: syntax.RuleDeclaration) -> set[str]:
        return {"".join(part for part in name.parts if isinstance(part, str)) for name in declared.names}


def main() -> None:
    language = session(["--lang", *sys.argv[1:2]], os.environ).language
    texts = tomllib.loads((FOLDER / "demo.toml").read_text(encoding="utf-8"))[language]
    rules = FOLDER / texts["folder"]
    project = load([str(rules)])
    print(f"\n{texts['title']}\n\n{texts['rules']}\n")
    lines = (rules / "renovation.rules").read_text(encoding="utf-8").splitlines()
    print("\n".join(f"    {line}".rstrip() for line in lines if not line.startswith("# ")).strip("\n"))
    print(f"\n{texts['day']}")
    teller = Teller(project, language, texts)
    engine = make_engine(teller.program, project.config, dry=True)
    for line in (FOLDER / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        teller.tell(event, engine.process(event))
    print(f"\n{texts['end']}\n")


if __name__ == "__main__":
    prepare_streams()
    try:
        main()
    except CompilationError as error:
        sys.exit(str(error))
