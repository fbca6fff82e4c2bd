"""The language by example: each case of ``golden/**/*.md`` says the same in both languages and means what it expects.

``docs/tests.md`` describes the files. ``QUAND_GOLDEN=update`` writes what was obtained into the blocks of expectations
that cases have, pending cases left alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

import pytest
from golden_format import Case, applied, config_of, finding_lines, json_line, outcome_lines, read_cases, write_block

from quand.dsl.ir_json import to_json
from quand.dsl.messages import languages
from quand.project.compile import Project, load_text
from quand.project.engine import make_engine
from quand.project.findings import Finding
from quand.runtime.outcome import Outcome

CASES = read_cases()
NOW = "2026-11-23T10:00:00+01:00"
"""The instant before the first event of a case that says none: a Monday."""


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_a_case_means_what_it_says(case: Case) -> None:
    run = Run(case)
    if os.environ.get("QUAND_GOLDEN") == "update" and not case.pending:
        run.update()
    wrong = "\n".join(run.differences())
    if case.pending:
        assert wrong, f"no longer wrong, unmark it: {case.pending}"
    elif wrong:
        pytest.fail(wrong, pytrace=False)


def test_titles_are_unique() -> None:
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)


class Run:
    """A case compiled and run in each language it is written in."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.config = config_of(case)
        self.texts = {language: case.blocks[language] for language in languages() if language in case.blocks}
        assert self.texts, "no rules"
        self.projects = {language: load_text(text, config=self.config) for language, text in self.texts.items()}
        self.findings = {language: project.findings() for language, project in self.projects.items()}

    def differences(self) -> Iterator[str]:
        """What is not as the case says."""
        yield from _compare("diagnostics", self.case.lines("diagnostics"), self.obtained_findings())
        programs = {language: project.program for language, project in self.projects.items()}
        written = [to_json(program) for program in programs.values() if program is not None]
        if len(written) == 2 and written[0] != written[1]:
            yield _first_difference(*written)
        outcomes: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for language, project in self.projects.items():
            if project.program is not None:
                for label, lines in self.obtained(project).items():
                    outcomes.setdefault((label, tuple(lines)), []).append(language)
            yield from self.unsound_fixes(language)
        for (label, lines), found_in in outcomes.items():
            yield from _compare(f"{label} ({', '.join(found_in)})", self.case.lines(label), lines)

    def update(self) -> None:
        """Write what was obtained into the blocks there are."""
        obtained: dict[str, list[str]] = {"diagnostics": self.obtained_findings()}
        for project in self.projects.values():
            if project.program is not None:
                obtained |= self.obtained(project)
        for label, lines in obtained.items():
            if label in self.case.blocks:
                self.case = write_block(self.case, label, lines)

    def obtained_findings(self) -> list[str]:
        return [
            line
            for language, findings in self.findings.items()
            for line in finding_lines(language, self.texts[language], findings)
        ]

    def obtained(self, project: Project) -> Mapping[str, list[str]]:
        """What came of the events, as a ``results`` block words it and, where the case has one, as JSON."""
        if "events" not in self.case.blocks:
            return {}
        outcomes = self.outcomes(project)
        told = [line for number, outcome in enumerate(outcomes, 1) for line in outcome_lines(number, outcome)]
        found = {"results": told} if "json" not in self.case.blocks or "results" in self.case.blocks else {}
        return found | ({"json": [json_line(outcome) for outcome in outcomes]} if "json" in self.case.blocks else {})

    def outcomes(self, project: Project) -> list[Outcome]:
        assert project.program is not None
        now = datetime.fromisoformat(self.case.options.get("now", NOW))
        engine = make_engine(project.program, self.config, now=now)
        return [engine.process_line(line, "e", number) for number, line in enumerate(self.case.lines("events"), 1)]

    def unsound_fixes(self, language: str) -> Iterator[str]:
        """The fixes that change nothing, or mend no error."""
        findings = self.findings[language]
        allowed = max(len(_errors(findings)) - 1, 0)
        for finding in findings:
            for fix in finding.fixes:
                before = self.texts[language]
                after = applied(before, fix.edits)
                left = _errors(load_text(after, config=self.config).findings())
                if after == before:
                    yield f"the fix of {finding.code} changes nothing ({language})"
                elif len(left) > allowed:
                    yield f"after the fix of {finding.code} ({language}): {left[0].code} {left[0].message}\n{after}"


def _errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def _compare(what: str, expected: Sequence[str], obtained: Sequence[str]) -> Iterator[str]:
    """The lines that differ, expected above obtained."""
    pairs = enumerate(zip_longest(expected, obtained, fillvalue="(nothing)"), 1)
    for number, (want, got) in pairs:
        if want != got:
            yield f"{what}, line {number}:\n  expected {want}\n  obtained {got}"


def _first_difference(one: str, other: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start, end = max(0, at - 300), at + 200
    return f"two meanings:\n  ...{one[start:end]}\n  ...{other[start:end]}"
