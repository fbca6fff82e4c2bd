"""The language by example: each case of ``golden/**/*.md`` says the same in both languages and means what it expects.

``docs/tests.md`` describes the files. ``QUAND_GOLDEN=update`` writes what was obtained into the ``results``, ``json``
and ``diagnostics`` blocks of cases that are not pending.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from golden_format import Case, applied, finding_lines, json_line, outcome_lines, read_cases, write_block

from quand.dsl import ir
from quand.dsl.ir_json import to_json
from quand.dsl.messages import languages
from quand.project.compile import Project, load_text
from quand.project.config import Config, read_config
from quand.project.engine import make_engine

CASES = read_cases()
NOW = "2026-11-23T10:00:00+01:00"
"""The instant before the first event of a case that says none: a Monday."""


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_a_case_means_what_it_says(case: Case, tmp_path: Path) -> None:
    if os.environ.get("QUAND_GOLDEN") == "update" and not case.pending:
        update(case, tmp_path)
        return
    wrong = "\n".join(differences(case, tmp_path))
    if case.pending:
        assert wrong, f"no longer wrong, unmark it: {case.pending}"
        pytest.xfail(case.pending)
    assert not wrong, wrong


def test_titles_are_unique() -> None:
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)


def differences(case: Case, folder: Path) -> Iterator[str]:
    """What is not as the case says."""
    config = config_of(case, folder)
    programs: dict[str, ir.Program] = {}
    told: list[str] = []
    for language in written_in(case):
        text = case.blocks[language]
        project = load_text(text, config=config)
        findings = project.findings()
        told += finding_lines(language, text, findings)
        if project.program is not None:
            programs[language] = project.program
            yield from compare(f"results ({language})", case.lines("results"), results(case, project))
            yield from round_trips(case, language, project)
        for finding in findings:
            for fix in finding.fixes:
                yield from unsound(language, text, applied(text, fix.edits), config, len(findings))
    yield from compare("diagnostics", case.lines("diagnostics"), told)
    if len(programs) == 2:
        french, english = (to_json(program) for program in programs.values())
        if french != english:
            yield f"two meanings:\n{first_difference(french, english)}"


def written_in(case: Case) -> list[str]:
    """The languages a case is written in."""
    found = [language for language in languages() if language in case.blocks]
    assert found, "no rules"
    return found


def config_of(case: Case, folder: Path) -> Config:
    if "toml" not in case.blocks:
        return Config()
    path = folder / "quand.toml"
    path.write_text(case.blocks["toml"], encoding="utf-8")
    return read_config(path)


def results(case: Case, project: Project) -> list[str]:
    """What comes of the events of a case, as its ``results`` block words it, or its ``json`` block."""
    assert project.program is not None
    engine = make_engine(project.program, project.config, now=datetime.fromisoformat(case.options.get("now", NOW)))
    outcomes = [engine.process_line(line, "e", number) for number, line in enumerate(case.lines("events"), 1)]
    return [line for number, outcome in enumerate(outcomes, 1) for line in outcome_lines(number, outcome)]


def compare(what: str, expected: list[str], obtained: list[str]) -> Iterator[str]:
    """The lines that differ, expected and obtained side by side."""
    for number in range(max(len(expected), len(obtained))):
        want = expected[number] if number < len(expected) else "(nothing)"
        got = obtained[number] if number < len(obtained) else "(nothing)"
        if want != got:
            yield f"{what}, line {number + 1}:\n  expected {want}\n  obtained {got}"


def unsound(language: str, before: str, after: str, config: Config, found: int) -> Iterator[str]:
    """Why a fix is none: it leaves errors, or as many of them where there were several."""
    left = [f for f in load_text(after, language, config=config).findings() if f.severity == "error"]
    if after == before:
        yield f"a fix changes nothing ({language})"
    elif len(left) >= found:
        yield f"after a fix ({language}): {left[0].code} {left[0].message}\n{after}"


def first_difference(one: str, other: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"  fr ...{one[max(0, at - 300) : at + 200]}\n  en ...{other[max(0, at - 300) : at + 200]}"
