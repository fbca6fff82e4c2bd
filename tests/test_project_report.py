"""Findings as people and programs read them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from quand.dsl.diagnostic import Diagnostic, Edit, Fix, Label
from quand.dsl.sink import FileDiagnostic
from quand.dsl.source import LineIndex, Span
from quand.project.findings import Finding, Texts, findings
from quand.project.formats import FORMATS
from quand.project.report import as_text, summary
from quand.project.snippet import WIDTH, snippet

TEXT = "quand affaire créée\n   et entonoir = 'A'\nalors journaliser 'x'\n"
TEXTS = Texts({"a.rules": TEXT})
SPAN = Span(TEXT.index("entonoir"), TEXT.index("entonoir") + 8)


def found(*diagnostics: Diagnostic, language: str | None = None) -> list[Finding]:
    return findings([FileDiagnostic("a.rules", "fr", diagnostic) for diagnostic in diagnostics], TEXTS, language)


PROBLEM = Diagnostic(
    "QD002",
    SPAN,
    {"limit": 10},
    labels=(Label(Span(6, 13), "ici"),),
    fixes=(Fix("écrire « {text} »", (Edit(SPAN, "entonnoir"),), {"text": "entonnoir"}),),
)


def test_a_finding_shows_the_line_the_reason_and_the_fix() -> None:
    (finding,) = found(PROBLEM)
    assert as_text(finding, TEXTS).splitlines() == [
        "erreur[QD002]: ce fichier dépasse 10 Mo et n'a pas été lu",
        " --> a.rules:2:7",
        "  |",
        "2 |    et entonoir = 'A'",
        "  |       ^^^^^^^^",
        " ::: a.rules:1:7: ici",
        "1 | quand affaire créée",
        "  |       -------",
        "  = aide: partagez les règles entre plusieurs fichiers",
        "  = correction: écrire « entonnoir »",
    ]


def test_the_language_asked_for_wins_over_that_of_the_file() -> None:
    (finding,) = found(PROBLEM, language="en")
    assert as_text(finding, TEXTS).startswith("error[QD002]: this file is larger than 10 MB")


def test_the_same_finding_is_told_once_and_in_the_order_of_the_file() -> None:
    first = Diagnostic("QD001", Span(0, 5), {"byte": "0xE9", "offset": 1}, severity="warning")
    codes = [finding.code for finding in found(PROBLEM, first, PROBLEM)]
    assert codes == ["QD001", "QD002"]
    assert summary(found(PROBLEM, first), 1, "fr") == "1 erreur, 1 avertissement dans 1 fichier"
    assert summary([], 3, "en") == "Nothing to report in 3 files."


@pytest.mark.parametrize(
    ("line", "marked", "shown", "underline"),
    [
        ("a\tb", "b", "a   b", "    ^"),
        ("\tmontant", "montant", "    montant", "    ^^^^^^^"),
        ("日本 b", "b", "日本 b", "     ^"),
        ("日本", "日本", "日本", "^^^^"),
        ("e\u0301te\u0301 b", "b", "e\u0301te\u0301 b", "    ^"),
        ("a 👍 b", "b", "a 👍 b", "     ^"),
        ("x\x1b[31m b", "b", "x\ufffd[31m b", "       ^"),
        ("x\u202e b", "b", "x\ufffd b", "   ^"),
        ("a\u00a0b", "b", "a\u00a0b", "  ^"),
    ],
)
def test_the_mark_stands_under_the_place(line: str, marked: str, shown: str, underline: str) -> None:
    start = line.index(marked)
    made = snippet(LineIndex(line), Span(start, start + len(marked)))
    assert (made.text, made.underline) == (shown, underline)


def test_an_empty_place_has_one_mark_and_a_long_one_ends_with_its_line() -> None:
    index = LineIndex("un\ndeux")
    assert snippet(index, Span(2, 2)).underline == "  ^"
    assert snippet(index, Span(1, 7)).underline == " ^"
    assert snippet(index, Span(7, 7)).underline == "    ^"
    assert snippet(index, Span(99, 120)).line == 2


def test_a_long_line_is_cut_around_the_place() -> None:
    made = snippet(LineIndex("a" * 500 + "b" + "c" * 500), Span(500, 501))
    assert len(made.text) == WIDTH + 2
    assert made.text[made.underline.index("^")] == "b"


def test_json_is_what_the_contract_says() -> None:
    (written,) = json.loads(FORMATS["json"](found(PROBLEM), ["a.rules"]))["diagnostics"]
    place = {"line": 2, "column": 7, "end_line": 2, "end_column": 15}
    assert written == {
        "file": "a.rules",
        **place,
        "code": "QD002",
        "severity": "error",
        "message": "ce fichier dépasse 10 Mo et n'a pas été lu",
        "help": "partagez les règles entre plusieurs fichiers",
        "related": [{"file": "a.rules", "line": 1, "column": 7, "end_line": 1, "end_column": 14, "message": "ici"}],
        "fixes": [{"title": "écrire « entonnoir »", "edits": [{"file": "a.rules", **place, "text": "entonnoir"}]}],
    }


def test_sarif_has_the_place_and_the_fix() -> None:
    (run,) = json.loads(FORMATS["sarif"](found(PROBLEM), ["dossier à moi/a.rules", "a.rules"]))["runs"]
    (result,) = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["artifacts"][0]["location"]["uri"] == "dossier%20%C3%A0%20moi/a.rules"
    region = {"startLine": 2, "startColumn": 7, "endLine": 2, "endColumn": 15}
    assert result["locations"][0]["physicalLocation"]["region"] == region
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement == {"deletedRegion": region, "insertedContent": {"text": "entonnoir"}}


def test_junit_has_a_case_per_file() -> None:
    (suite,) = ET.fromstring(FORMATS["junit"](found(PROBLEM), ["a.rules", "b<&>.rules"]))
    assert [(case.get("name"), len(case)) for case in suite] == [("a.rules", 1), ("b<&>.rules", 0)]
    assert suite.get("failures") == "1"


def test_github_commands_stay_on_one_line() -> None:
    written = FORMATS["github"](found(PROBLEM), ["a.rules"])
    assert written == (
        "::error file=a.rules,line=2,endLine=2,col=7,endColumn=15,title=QD002::"
        "ce fichier dépasse 10 Mo et n'a pas été lu%0Apartagez les règles entre plusieurs fichiers"
    )
