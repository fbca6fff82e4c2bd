"""What came of the examples, for people and for programs."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import attrs

from ..dsl.example_model import ExpectCondition, ObjectEvent
from ..dsl.messages import ui
from ..dsl.sentences import Sentences
from ..runtime.expectations import ASSIGNED, Check, Happening
from .compile import Project
from .formats import xml_text
from .reasons import line, problem_text, reasons
from .report import Style, plain
from .testing import CaseRun, Coverage

WIDTH = 56
"""Columns of each of the two sides of the report."""

_MOST_SHOWN = 3
_BEFORE_SIGN = re.compile(" (?=[:=»€%—] ?)|(?<=«) ")


class ExamplesReport:
    """Reports about examples, in the language ``asked`` for or in that of each file."""

    def __init__(self, project: Project, asked: str | None, language: str) -> None:
        """``language`` is that of what is about no file in particular, unless all examples are in one."""
        self.project = project
        self.asked = asked
        written = {example.language for example in project.compilation.examples}
        self.language = asked or (written.pop() if len(written) == 1 else language)
        self._sentences: dict[tuple[str, str], Sentences] = {}

    def sentences(self, language: str, bare: str = "subject") -> Sentences:
        """The sentences of a language; the fields of the variable ``bare`` are said alone."""
        if (language, bare) not in self._sentences:
            program, vocabulary = self.project.checked(), self.project.compilation.vocabulary
            self._sentences[language, bare] = Sentences(program, language, vocabulary, bare)
        return self._sentences[language, bare]

    def _sentences_of(self, run: CaseRun) -> Sentences:
        """Sentences about the object that the last event of the example is about."""
        objects = [step.variable for step in run.case.steps if isinstance(step, ObjectEvent)]
        return self.sentences(self.language_of(run), objects[-1] if objects else "given1")

    # --- one case -------------------------------------------------------------------------------------------------

    def language_of(self, run: CaseRun) -> str:
        return self.asked or run.example.language

    def title(self, run: CaseRun) -> str:
        """The name of the example, and the row of its table."""
        language = self.language_of(run)
        name = run.example.names.get(language, run.name)
        return name if run.case.row is None else f"{name}, {ui('test_row', language, row=run.case.row)}"

    def expected(self, check: Check, run: CaseRun) -> str:
        """What an expectation says, in the author's own words unless another language is asked for."""
        language, step = self.language_of(run), check.expectation
        if language == run.example.language:
            return " ".join(step.text.split())
        sentences = self._sentences_of(run)
        if isinstance(step, ExpectCondition):
            text = sentences.expression(step.condition)
        else:
            text = sentences.action(step.action)
        return ui("test_never", language, what=text) if step.never else text

    def obtained(self, check: Check, run: CaseRun) -> list[str]:
        """What was obtained instead: lines."""
        language = self.language_of(run)
        sentences = self._sentences_of(run)
        if check.problem is not None:
            return [problem_text(check.problem, sentences)]
        if check.explained is not None:
            return [line(reason, sentences) for reason in reasons(check.explained, sentences)]
        if check.field is not None:
            reference, name = check.field
            before, after = (sentences.field_value(reference.object, name, v) for v in (check.before, check.after))
            label = sentences.field(reference.object, name)
            return [ui("test_field", language, field=label, before=before, after=after)]
        if check.happened:
            return self._happenings([_compared(each, check) for each in check.happened], sentences)
        if not check.others:
            return [ui("test_nothing_done", language)]
        done = self._happenings(check.others, sentences) if not check.passed else []
        return [ui("test_absent", language), *(ui("test_done", language, what=each) for each in done)]

    def _happenings(self, happenings: Sequence[Happening], sentences: Sentences) -> list[str]:
        shown = list(dict.fromkeys(self._happening(each, sentences) for each in happenings))
        rest = len(shown) - _MOST_SHOWN
        if rest > 0:
            shown = [*shown[:_MOST_SHOWN], ui("test_more", sentences.language, count=rest)]
        return shown

    @staticmethod
    def _happening(happening: Happening, sentences: Sentences) -> str:
        reference = happening.object
        if happening.action == ASSIGNED and reference is not None:
            written = sentences.assignments(reference.object, happening.args)
            return f"{sentences.kind(reference.object)} {reference.id}{sentences.colon}{written}"
        return sentences.performed(happening.action, happening.args)

    def failures(self, run: CaseRun) -> list[tuple[str, list[str]]]:
        """What was expected and what was obtained, for each expectation that failed and each event that did."""
        language = self.language_of(run)
        sentences = self._sentences_of(run)
        told = ui("test_event", language)
        problems = [(told, [problem_text(problem, sentences)]) for problem in run.result.problems]
        failed = [check for check in run.result.checks if not check.passed]
        return problems + [(self.expected(check, run), self.obtained(check, run)) for check in failed]

    # --- text -----------------------------------------------------------------------------------------------------

    def text(self, runs: Sequence[CaseRun], covered: Coverage | None, style: Style = plain) -> Iterator[str]:
        """The report for people, line by line."""
        for run in runs:
            yield from self._case_text(run, style)
        if runs:
            passed = sum(run.result.passed for run in runs)
            counts = {"count": len(runs), "passed": passed, "failed": len(runs) - passed}
            yield ui("test_summary", self.language, **counts)
        else:
            yield ui("test_none", self.language)
        if covered is not None:
            yield from self._coverage_text(covered, style)

    def _case_text(self, run: CaseRun, style: Style) -> Iterator[str]:
        language = self.language_of(run)
        passed = run.result.passed
        verdict = style(ui("test_passed" if passed else "test_failed", language), "help" if passed else "error")
        place = style(f"{run.place.file}:{run.place.line}", "place")
        yield f"{verdict} {place} {self.title(run)}"
        if passed:
            return
        if run.case.row is not None:
            yield f"  {self.project.texts.index(run.place.file).line_text(run.place.line - 1).strip()}"
        heads = [ui(key, language) for key in ("test_expected", "test_obtained")]
        yield f"  {style(heads[0].ljust(WIDTH), 'help')}  {style(heads[1], 'help')}"
        for expected, obtained in self.failures(run):
            yield from _side_by_side(expected, obtained)
        for problem in run.result.notes:
            yield f"  {problem_text(problem, self._sentences_of(run))}"
        yield ""

    def _coverage_text(self, covered: Coverage, style: Style) -> Iterator[str]:
        language = self.language
        sentences = self.sentences(language)
        branches = covered.branches()
        rows = [hit for table in covered.tables for hit in table.rows.values()]
        yield ""
        yield style(ui("coverage_heading", language), "help")
        fired = [fired > 0 or bool(otherwise) for _, fired, otherwise in covered.rules]
        yield f"  {ui('coverage_rules', language, covered=sum(fired), total=len(fired))}"
        for (rule, _, _), hit in zip(covered.rules, fired, strict=True):
            if not hit:
                yield f"    {ui('coverage_rule_missed', language, rule=sentences.rule(rule))}"
        taken = sum(hit for _, _, hit in branches)
        yield f"  {ui('coverage_branches', language, covered=taken, total=len(branches))}"
        hit_rules = {rule.name for (rule, _, _), hit in zip(covered.rules, fired, strict=True) if hit}
        for rule, branch, hit in branches:
            if not hit and rule.name in hit_rules:
                word = sentences.branch(branch)
                yield f"    {ui('coverage_branch_missed', language, branch=word, rule=sentences.rule(rule))}"
        if rows:
            yield f"  {ui('coverage_rows', language, covered=sum(rows), total=len(rows))}"
        for table in covered.tables:
            missed = [
                str(number) if number else sentences.branch("otherwise")
                for number, hit in table.rows.items()
                if not hit
            ]
            if missed:
                name = sentences.table(table.object, table.table)
                yield f"    {ui('coverage_row_missed', language, row=missed, table=name)}"

    # --- for programs ---------------------------------------------------------------------------------------------

    def json(self, runs: Sequence[CaseRun], covered: Coverage | None) -> str:
        """One object with every case, every expectation and, where asked for, the coverage."""
        passed = sum(run.result.passed for run in runs)
        made: dict[str, Any] = {
            "examples": [self._case_json(run) for run in runs],
            "passed": passed,
            "failed": len(runs) - passed,
        }
        if covered is not None:
            made["coverage"] = _coverage_json(covered)
        return json.dumps(made, ensure_ascii=False, indent=2)

    def _case_json(self, run: CaseRun) -> dict[str, Any]:
        sentences = self._sentences_of(run)
        return {
            "name": run.example.names.get(self.language_of(run), run.name),
            "file": run.place.file,
            "line": run.place.line,
            "row": run.case.row,
            "passed": run.result.passed,
            "expectations": [
                {
                    "expected": self.expected(check, run),
                    "obtained": self.obtained(check, run),
                    "passed": check.passed,
                }
                for check in run.result.checks
            ],
            "problems": [
                {"code": problem.code, "message": problem_text(problem, sentences)}
                for problem in (*run.result.problems, *run.result.notes)
            ],
        }

    def junit(self, runs: Sequence[CaseRun], covered: Coverage | None) -> str:
        """A JUnit report: a test case per case; the coverage has no place in it."""
        failures = sum(not run.result.passed for run in runs)
        cases = [
            f'    <testcase classname="{xml_text(run.place.file)}" name="{xml_text(self.title(run))}" '
            f'file="{xml_text(run.place.file)}" line="{run.place.line}">{self._junit_failure(run)}</testcase>'
            for run in runs
        ]
        counts = f'tests="{len(runs)}" failures="{failures}" errors="0"'
        return "\n".join(
            [
                '<?xml version="1.0" encoding="UTF-8"?>',
                f"<testsuites {counts}>",
                f'  <testsuite name="quand test" {counts}>',
                *cases,
                "  </testsuite>",
                "</testsuites>",
            ]
        )

    def _junit_failure(self, run: CaseRun) -> str:
        if run.result.passed:
            return ""
        language = self.language_of(run)
        labels = [ui(key, language) for key in ("test_expected", "test_obtained")]
        colon = self.sentences(language).colon
        told = [
            f"{labels[0]}{colon}{expected}\n{labels[1]}{colon}{'; '.join(obtained)}"
            for expected, obtained in self.failures(run)
        ]
        place = f"{run.place.file}:{run.place.line}"
        message = told[0].replace("\n", " / ")
        return f'<failure message="{xml_text(message)}">{xml_text(place)}\n{xml_text(chr(10).join(told))}</failure>'


def _compared(happening: Happening, check: Check) -> Happening:
    """What was done, with no more than the expectation speaks of: the rest differs from nothing."""
    spoken_of = {name: value for name, value in happening.args.items() if name in check.wanted}
    return attrs.evolve(happening, args=spoken_of) if spoken_of else happening


def _side_by_side(expected: str, obtained: Sequence[str]) -> Iterator[str]:
    """Two columns, each wrapped on its own."""
    left = textwrap.wrap(expected, WIDTH) or [""]
    right = [part for each in obtained for part in _wrapped(each)]
    for first, second in zip_longest(left, right, fillvalue=""):
        yield f"  {first.ljust(WIDTH)}  {second}".rstrip()


def _wrapped(text: str) -> list[str]:
    """Lines that go on with an indent and never start with a sign: what stands before it comes along."""
    glued = _BEFORE_SIGN.sub("\u00a0", text)
    return [part.replace("\u00a0", " ") for part in textwrap.wrap(glued, WIDTH, subsequent_indent="  ")]


def _coverage_json(covered: Coverage) -> dict[str, Any]:
    return {
        "rules": [
            {"rule": rule.name, "then": fired, **({} if otherwise is None else {"otherwise": otherwise})}
            for rule, fired, otherwise in covered.rules
        ],
        "tables": [
            {
                "object": table.object or None,
                "table": table.table,
                "rows": [{"row": number or "otherwise", "covered": hit} for number, hit in table.rows.items()],
            }
            for table in covered.tables
        ],
    }
