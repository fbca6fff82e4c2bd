"""``quand check``: what a person reads about mistakes, and the exit statuses.

Each ``golden/<name>.rules`` stands beside what ``quand check`` says about it; ``QUAND_GOLDEN=update`` writes it anew.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from quand.cli.main import main

GOLDEN = Path(__file__).parent / "golden"
CLEAN = "quand une affaire est créée alors remise = 5 %\n"


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    """Exit status and standard output; nothing goes to standard error."""
    with pytest.raises(SystemExit) as left:
        main(["check", *arguments])
    out, err = capsys.readouterr()
    assert err == ""
    return left.value.code, out


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUAND_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.rules")))
def test_mistakes_are_told_where_they_are_with_their_fix(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(GOLDEN)
    status, said = check(capsys, f"{name}.rules")
    assert status == 1
    expected = GOLDEN / f"{name}.txt"
    if os.environ.get("QUAND_GOLDEN") == "update":
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


def found(capsys: pytest.CaptureFixture[str], name: str) -> list[dict[str, object]]:
    _, out = check(capsys, str(GOLDEN / f"{name}.rules"), "--format", "json")
    return json.loads(out)["diagnostics"]


def test_an_unknown_field_suggests_the_near_one_as_an_edit(capsys: pytest.CaptureFixture[str]) -> None:
    (finding,) = found(capsys, "unknown_field")
    assert (finding["line"], finding["column"], finding["end_column"]) == (2, 7, 15)
    (fix,) = finding["fixes"]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
    assert fix["edits"][0]["text"] == "entonnoir"


def test_a_wrong_type_is_told_in_the_language_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    (finding,) = found(capsys, "wrong_type")
    assert finding["line"] == 2
    assert "an amount of money" in str(finding["message"])


def test_a_keyword_of_the_other_language_is_replaced_by_a_fix(capsys: pytest.CaptureFixture[str]) -> None:
    (finding,) = found(capsys, "other_language")
    assert (finding["line"], finding["column"], finding["end_column"]) == (3, 1, 5)
    (fix,) = finding["fixes"]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
    assert fix["edits"][0]["text"] == "quand"


def test_all_mistakes_of_a_file_are_told_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [finding["line"] for finding in found(capsys, "all_errors")]
    assert lines == [2, 6, 8, 10, 14, 14, 14]


# --- exit statuses and formats ----------------------------------------------------------------------------------


def test_clean_rules_leave_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.rules").write_text(CLEAN, encoding="utf-8")
    assert check(capsys, str(tmp_path)) == (0, "Rien à signaler dans 1 fichier.\n")
    assert check(capsys, str(tmp_path), "--lang", "en") == (0, "Nothing to report in 1 file.\n")


def test_standard_input_is_checked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"quand une affair est cr\xc3\xa9\xc3\xa9e alors\n")))
    status, out = check(capsys, "-")
    assert status == 1
    assert "--> -:1:" in out


def test_a_file_that_is_not_utf8_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.rules").write_bytes(CLEAN.encode("latin-1"))
    status, out = check(capsys, str(tmp_path), "--format", "json")
    (finding,) = json.loads(out)["diagnostics"]
    assert status == 1
    assert (finding["code"], finding["line"], finding["column"]) == ("QD001", 1, 25)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_every_format_tells_the_code(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = check(capsys, str(GOLDEN / "unknown_field.rules"), "--format", form)
    assert status == 1
    assert "QD102" in out


def test_the_same_file_in_another_language(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = check(capsys, str(GOLDEN / "unknown_field.rules"), "--lang", "en")
    assert out.startswith("error[QD102]: ")


def test_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(GOLDEN / "unknown_field.rules")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(SystemExit):
        main(["check", path])
    coloured = capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    with pytest.raises(SystemExit):
        main(["check", path])
    plain = capsys.readouterr().out
    assert "\x1b[" in coloured
    assert "\x1b[" not in plain
