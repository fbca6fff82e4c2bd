"""The language contract, block by block: ``corpus/language.md`` holds sections 2 to 7 of the language reference.

The French blocks are one project, the English ones another. Of each project the blocks that parse, that check and that
run are counted; ``corpus/floors.toml`` holds the counts reached, which only ever rise.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from quand.dsl import syntax
from quand.dsl.diagnostic import Diagnostic
from quand.dsl.messages import languages
from quand.dsl.parser import parse_file
from quand.project.compile import Project
from quand.project.config import Config
from quand.project.engine import make_engine
from quand.project.files import RulesFile
from quand.project.report import as_text

CORPUS = Path(__file__).parent / "corpus"
EVENTS = (CORPUS / "language.jsonl").read_text(encoding="utf-8").splitlines()
FLOORS = tomllib.loads((CORPUS / "floors.toml").read_text(encoding="utf-8"))


class Block(NamedTuple):
    """A block of code, called after the line it starts on."""

    uri: str
    text: str
    parsed: syntax.ParsedFile

    @property
    def file(self) -> RulesFile:
        return RulesFile(self.uri, self.text)

    @property
    def has_rules(self) -> bool:
        return any(isinstance(parsed.declaration, syntax.RuleDeclaration) for _, parsed in self.parsed.declarations)


@cache
def blocks(language: str) -> tuple[Block, ...]:
    found: list[Block] = []
    lines = (CORPUS / "language.md").read_text(encoding="utf-8").splitlines(keepends=True)
    marks = [number for number, line in enumerate(lines) if line.startswith("```")]
    for start, end in zip(marks[::2], marks[1::2], strict=True):
        text = "".join(lines[start + 1 : end])
        found.append(Block(f"language.md:{start + 2}", text, parse_file(text)))
    return tuple(block for block in found if block.parsed.language == language)


def syntax_errors(block: Block) -> list[str]:
    every = [*block.parsed.diagnostics, *(d for _, p in block.parsed.declarations for d in p.diagnostics)]
    return [found.code for found in every if isinstance(found, Diagnostic) and found.severity == "error"]


def errors(project: Project) -> dict[str, list[str]]:
    """What is wrong in each block of a project, as a person reads it."""
    found: dict[str, list[str]] = {}
    for finding in project.findings():
        if finding.severity == "error":
            found.setdefault(finding.file, []).append(as_text(finding, project.texts))
    return found


def failures(block: Block, language: str) -> list[str]:
    """What fails when the block runs, with the vocabulary of the others: events that fail, rules never looked at."""
    others = [other for other in blocks(language) if not other.has_rules and other.uri != block.uri]
    project = Project(Config(), [*(other.file for other in others), block.file])
    if project.program is None:
        return [text for texts in errors(project).values() for text in texts]
    engine = make_engine(project.program, project.config, traced=True)
    failed: list[str] = []
    looked_at: set[str] = set()
    for number, line in enumerate(EVENTS, start=1):
        outcome = engine.process_line(line, "events", number)
        looked_at |= {entry.rule for entry in outcome.trace or ()} | {firing.rule for firing in outcome.fired}
        if outcome.status == "failed":
            failed += [f"{outcome.event}: {problem.message}" for problem in outcome.problems]
    return failed + [f"{rule.name}: never looked at" for rule in project.program.rules if rule.name not in looked_at]


@pytest.mark.parametrize("language", languages())
def test_the_blocks_of_the_language_parse_check_and_run(language: str) -> None:
    told: list[str] = []
    counts = {"blocks": 0, "parse": 0, "check": 0, "run": 0}
    together = errors(Project(Config(), [block.file for block in blocks(language)]))
    for block in blocks(language):
        wrong = {"parse": syntax_errors(block), "check": together.get(block.uri, []), "run": failures(block, language)}
        counts["blocks"] += 1
        for step, problems in wrong.items():
            counts[step] += not problems
            told += [f"{block.uri} does not {step}: {problem}" for problem in problems]
    print(f"{language}: {counts}", *told, sep="\n")
    below = {step: count for step, count in counts.items() if count < FLOORS[language][step]}
    assert below == {}, "\n".join(told)


def test_the_floors_are_what_there_is_to_reach() -> None:
    for language in languages():
        assert FLOORS[language]["blocks"] == len(blocks(language))
