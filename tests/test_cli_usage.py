"""The command line itself: help, language, mistakes. Every mistake is one line and exit status 2."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from quand.cli.main import COMMANDS, main
from quand.cli.session import session
from quand.dsl.messages import languages, section
from quand.project.version import __version__

QUAND = [sys.executable, "-c", "from quand.cli.main import main; main()", "--lang", "fr"]
"""The command line in a process of its own."""


class Done(NamedTuple):
    status: object
    out: str
    err: str


class Quand:
    """Runs the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str) -> Done:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = self.capsys.readouterr()
        return Done(left.value.code, out, err)


@pytest.fixture
def quand(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Quand:
    for name in ("LC_ALL", "LC_MESSAGES", "QUAND_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    monkeypatch.chdir(tmp_path)
    return Quand(capsys)


def test_version(quand: Quand) -> None:
    assert quand("--version") == (0, f"quand {__version__}\n", "")
    assert quand("--lang", "en", "--version") == (0, f"quand {__version__}\n", "")


@pytest.mark.parametrize("language", languages())
def test_every_command_has_its_help(quand: Quand, language: str) -> None:
    texts = section(language, "ui")
    listed = quand("--lang", language, "--help")
    assert listed.status == 0
    for name in COMMANDS:
        assert texts[f"{name}_short"] in listed.out
        own = quand(name, "--help", "--lang", language)
        assert own.status == 0
        assert own.out.startswith(texts["usage_prefix"])
        assert texts["help_help"] in own.out


def test_every_command_is_found_where_it_is_said_to_be() -> None:
    folder = Path(__file__).parent.parent / "cli"
    assert [name for name, module in COMMANDS.items() if not (folder / f"{module[1:]}.py").exists()] == []


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        (["--lang", "en"], {"QUAND_LANG": "fr", "LANG": "fr_FR"}, "en"),
        (["check", "--lang=en", "x"], {"LANG": "fr_FR"}, "en"),
        ([], {"QUAND_LANG": "en", "LANG": "fr_FR"}, "en"),
        ([], {"LANG": "en_GB.UTF-8"}, "en"),
        ([], {"LC_ALL": "en_US.UTF-8", "LANG": "fr_FR"}, "en"),
        ([], {"LC_MESSAGES": "fr_CA.UTF-8", "LANG": "en_US"}, "fr"),
        ([], {"LANG": "C.UTF-8"}, "fr"),
        ([], {"QUAND_LANG": "xx", "LANG": "en_US"}, "en"),
        (["check", "--", "--lang", "en"], {}, "fr"),
    ],
)
def test_the_language_is_asked_for_then_set_then_that_of_the_locale(
    arguments: Sequence[str], environment: dict[str, str], language: str
) -> None:
    assert session(arguments, environment).language == language


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["chek"], "vouliez-vous dire « check » ?"),
        (["qqqq"], "il y a check"),
        (["check"], "il manque PATH..."),
        (["check", "--strct", "x"], "--strict"),
        (["check", "--qqqq", "x"], "« --qqqq » n'existe pas"),
        (["check", "x", "--format"], "demande une valeur"),
        (["check", "x", "--format", "xml"], "choisissez text, json, sarif, junit ou github"),
        (["--lang", "de", "check"], "choisissez en ou fr"),
        (["check", "absent.rules"], "absent.rules: ce fichier ou dossier n'existe pas"),
        (["check", "."], ".: ce dossier ne contient aucun fichier .rules"),
    ],
)
def test_a_mistake_is_one_line(quand: Quand, arguments: list[str], part: str) -> None:
    done = quand(*arguments)
    assert done.status == 2
    assert done.out == ""
    assert part in done.err
    assert done.err.count("\n") == 1


def test_a_wrong_configuration_is_one_line(quand: Quand, tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_text("", encoding="utf-8")
    (tmp_path / "quand.toml").write_text("curency = 1", encoding="utf-8")
    done = quand("check", "a.rules")
    assert done.status == 2
    assert "quand.toml:1: le réglage « curency » n'existe pas : vouliez-vous dire « currency » ?" in done.err


def test_without_a_command_the_help_is_shown(quand: Quand) -> None:
    done = quand()
    assert done.status == 2
    assert "Commandes" in done.err


def test_debug_shows_the_traceback(quand: Quand) -> None:
    assert "Traceback" in quand("check", "absent.rules", "--debug").err


def test_a_closed_pipe_is_no_error_to_tell() -> None:
    code = "import sys; from quand.cli.main import main; main(['--help'])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() in {0, 1}


def test_a_terminal_without_accents_still_gets_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_text("quand affaire créée alors ajouter produit éé = 1\n", encoding="utf-8")
    code = "import sys; from quand.cli.main import main; main(['--lang', 'fr', 'check', 'a.rules'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    assert b"quand affaire cr??e alors" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_disk_too_full_for_the_answer_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*QUAND, "check", "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "le disque est plein" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="streams are closed by a shell of Unix")
def test_streams_may_be_closed(tmp_path: Path) -> None:
    """A file that is opened must not get the number of one: what is printed would go into it."""
    (tmp_path / "a.rules").write_text('règle "R"\nquand une affaire est créée alors créer une tâche "x"\n')
    arguments = ["run", str(tmp_path / "a.rules"), "--events", "-", "--data", f"sqlite:///{tmp_path}/a.db"]
    shell = f"exec {shlex.join([*QUAND, *arguments])} <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", shell]).returncode == 0
