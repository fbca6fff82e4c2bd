"""One language, two skins: rules in both languages that compile to the same IR.

``corpus/skins.toml`` holds the pairs; ``corpus/floors.toml`` how many of them hold, which only ever rises.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import attrs
import pytest

from quand.dsl import ir
from quand.project.compile import Project
from quand.project.config import Config
from quand.project.files import RulesFile
from quand.project.report import as_text

CORPUS = Path(__file__).parent / "corpus"
PAIRS: list[dict[str, str]] = tomllib.loads((CORPUS / "skins.toml").read_text(encoding="utf-8"))["pair"]
FLOOR: int = tomllib.loads((CORPUS / "floors.toml").read_text(encoding="utf-8"))["skins"]["same"]

HEAD = {"fr": 'règle "{name}"', "en": 'rule "{name}"'}
ACTION = {"fr": "alors journaliser 'fait'", "en": "then log 'fait'"}


@cache
def vocabulary() -> RulesFile:
    """The blocks of the language reference that declare names."""
    blocks = (CORPUS / "language.md").read_text(encoding="utf-8").split("```\n")[1::2]
    declaring = [block for block in blocks if block.startswith(("## ", "définir", "table"))]
    return RulesFile("vocabulary.rules", "\n".join(declaring))


def compiled(language: str) -> tuple[dict[str, ir.Rule], dict[str, str]]:
    """The rules of one skin by number, without their names; and what is wrong, by number too."""
    files = [vocabulary()]
    for number, pair in enumerate(PAIRS):
        rule = pair[language]
        action = "" if ACTION[language].split()[0] in rule.split() else f"\n{ACTION[language]}"
        files.append(RulesFile(str(number), f"{HEAD[language].format(name=number)}\n{rule}{action}\n"))
    project = Project(Config(), files)
    wrong: dict[str, str] = {}
    for finding in project.findings():
        if finding.severity == "error":
            wrong[finding.file] = as_text(finding, project.texts)
    right = [file for file in files if file.uri not in wrong]
    program = Project(Config(), right).program if wrong else project.program
    assert program is not None, wrong
    return {rule.name: attrs.evolve(rule, names={}) for rule in program.rules}, wrong


def test_each_pair_of_rules_means_the_same() -> None:
    french, wrong_in_french = compiled("fr")
    english, wrong_in_english = compiled("en")
    told: list[str] = []
    same = 0
    for number, pair in enumerate(map(str, range(len(PAIRS)))):
        problems = [wrong[pair] for wrong in (wrong_in_french, wrong_in_english) if pair in wrong]
        if not problems and french[pair] == english[pair]:
            same += 1
        else:
            told += problems or [f"{PAIRS[number]}\n{french[pair]}\n{english[pair]}"]
    print(f"{same} of {len(PAIRS)} pairs", *told, sep="\n\n")
    assert same >= FLOOR, "\n\n".join(told)


@pytest.mark.parametrize("language", sorted(HEAD))
def test_every_pair_is_written_in_both_languages(language: str) -> None:
    assert [pair for pair in PAIRS if not pair.get(language)] == []
