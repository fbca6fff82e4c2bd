"""The README of a new project tells the truth: its commands succeed as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from quand.cli.main import main
from quand.dsl.messages import languages


def quand(*arguments: str) -> object:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code


@pytest.mark.parametrize("language", languages())
def test_the_commands_of_the_readme_succeed(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quand("init", str(tmp_path), "--lang", language) == 0
    monkeypatch.chdir(tmp_path)
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"(?m)^quand .*?(?=\s+#)|(?<=`)quand [^`]+(?=`)", readme)
    assert [command.split()[1] for command in commands] == ["check", "test", "run", "explain"]
    for command in commands:
        assert quand(*shlex.split(command)[1:]) == 0, command
    assert capsys.readouterr().err == ""


def test_a_readme_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    assert quand("init", str(tmp_path), "--lang", "en") == 0
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "quand.toml").exists()
