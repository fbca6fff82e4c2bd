"""What checking found is remembered: the same answer, until anything it came from changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quand.project import cache as caches
from quand.project import compile as compiling
from quand.project.cache import Cache, open_cache
from quand.project.checking import Checked, check_paths
from quand.project.errors import ProjectError
from quand.project.report import as_text

CLEAN = "quand une affaire est créée alors remise = 5 %\n"
WRONG = "quand une affaire est créée alors remize = 5 %\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder, which is the current one, with a cache of its own beside it."""
    monkeypatch.setenv("QUAND_CACHE", str(tmp_path / "cache"))
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return project


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows with each compilation."""
    seen: list[object] = []
    load = compiling.load

    def counted(paths: list[str]) -> compiling.Project:
        seen.append(paths)
        return load(paths)

    monkeypatch.setattr(compiling, "load", counted)
    return seen


def written(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1, 1))
    return path.name


def told(checked: Checked) -> list[str]:
    return [as_text(found, checked.texts) for found in checked.findings]


def test_the_second_answer_is_the_first_one(folder: Path, compiled: list[object]) -> None:
    name = written(folder / "a.rules", WRONG)
    first, second = check_paths([name]), check_paths([name])
    assert len(compiled) == 1
    assert first.findings == second.findings != []
    assert told(first) == told(second)
    assert first.uris == second.uris == ["a.rules"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.rules", WRONG),
        ("b.rules", WRONG),
        ("quand.toml", 'currency = "CHF"\n'),
        ("../quand.toml", 'currency = "CHF"\n'),
    ],
)
def test_a_change_is_seen(folder: Path, compiled: list[object], file: str, text: str) -> None:
    written(folder / "a.rules", CLEAN)
    check_paths(["."])
    written(folder / file, text)
    found = check_paths(["."]).findings
    assert len(compiled) == 2
    assert found == check_paths(["."], use_cache=False).findings


def test_a_change_of_the_vocabulary_is_seen(folder: Path, compiled: list[object]) -> None:
    written(folder / "quand.toml", 'vocabulary = ["words"]\n')
    written(folder / "words" / "a.rules", "objet un chien / dog\n  un nom / name : texte\n")
    name = written(folder / "main.rules", "quand un chien est créé alors nom = 'Rex'\n")
    assert check_paths([name]).findings == check_paths([name]).findings == []
    assert len(compiled) == 1
    written(folder / "words" / "b.rules", WRONG)
    assert [found.code for found in check_paths([name]).findings] != []
    written(folder / "words" / "a.rules", "objet un chat / cat\n  un nom / name : texte\n")
    assert len(check_paths([name]).findings) > 1


def test_a_change_of_a_sheet_is_seen(folder: Path, compiled: list[object]) -> None:
    name = written(
        folder / "a.rules", "table du taux d'une affaire / rate : pourcentage, première ligne, depuis 'taux.csv'\n"
    )
    written(folder / "taux.csv", "montant,taux\n> 5,10 %\nsinon,5 %\n")
    assert check_paths([name]).findings == check_paths([name]).findings == []
    assert len(compiled) == 1
    written(folder / "taux.csv", "montant,taux\n> 5,10 %\nsinon,rien\n")
    assert [found.code for found in check_paths([name]).findings] == ["QD233"]
    (folder / "taux.csv").unlink()
    assert [found.code for found in check_paths([name]).findings] == ["QD234"]


def test_a_change_of_the_program_is_seen(folder: Path, compiled: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    name = written(folder / "a.rules", CLEAN)
    check_paths([name])
    monkeypatch.setattr("quand.project.checking.program_stamp", lambda: "other")
    check_paths([name])
    assert len(compiled) == 2


def test_each_language_of_messages_has_its_answer(folder: Path) -> None:
    name = written(folder / "a.rules", WRONG)
    french, english = check_paths([name], "fr"), check_paths([name], "en")
    assert french.findings[0].message != english.findings[0].message
    assert check_paths([name], "en").findings == english.findings


@pytest.mark.parametrize("value", ["off", "OFF", "0"])
def test_it_can_be_switched_off(
    folder: Path, compiled: list[object], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("QUAND_CACHE", value)
    name = written(folder / "a.rules", CLEAN)
    check_paths([name])
    check_paths([name])
    assert len(compiled) == 2
    assert [path.name for path in folder.iterdir()] == ["a.rules"]


def test_what_cannot_be_read_is_said_each_time(folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(ProjectError):
            check_paths(["nowhere.rules"])


@pytest.mark.parametrize("content", [b"", b"\n", b"x\n{}", b"\xff" * 100])
def test_a_spoilt_entry_is_not_believed(folder: Path, compiled: list[object], content: bytes) -> None:
    name = written(folder / "a.rules", WRONG)
    first = check_paths([name])
    for entry in (folder.parent / "cache").iterdir():
        entry.write_bytes(content)
    assert check_paths([name]).findings == first.findings
    assert len(compiled) == 2


def test_a_cut_or_changed_entry_is_not_believed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.keep("question", {}, ["answer"])
    (entry,) = tmp_path.iterdir()
    whole = entry.read_bytes()
    assert cache.recall("question") == ({}, ["answer"])
    for changed in (whole[:-1], whole.replace(b"answer", b"hacked"), whole + b" "):
        entry.write_bytes(changed)
        assert cache.recall("question") is None


def test_a_folder_that_cannot_be_written_to_does_no_harm(
    folder: Path, compiled: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("QUAND_CACHE", str(folder.parent / "file" / "cache"))
    name = written(folder / "a.rules", CLEAN)
    assert check_paths([name]).findings == check_paths([name]).findings == []
    assert len(compiled) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="folders have other rights there")
def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAND_CACHE", str(tmp_path / "cache"))
    assert open_cache().folder == tmp_path / "cache"
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    (tmp_path / "cache").chmod(0o777)
    assert open_cache().folder is None


def test_it_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "MAX_ENTRIES", 8)
    cache = Cache(tmp_path)
    for number in range(40):
        cache.keep(number, {}, number)
        assert len(list(tmp_path.iterdir())) <= 8
    assert cache.recall(39) == ({}, 39)
    cache.keep("large", {}, "x" * caches.MAX_BYTES)
    assert cache.recall("large") is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_read_once_only(folder: Path, compiled: list[object]) -> None:
    reader, writer = os.pipe()
    os.write(writer, CLEAN.encode())
    os.close(writer)
    path = f"/dev/fd/{reader}"
    if not Path(path).exists():
        pytest.skip("pipes have no path here")
    assert check_paths([path]).findings == []
    assert len(compiled) == 1
    os.close(reader)


def test_an_answer_that_is_remembered_needs_no_front_end(folder: Path) -> None:
    name = written(folder / "a.rules", CLEAN)
    script = (
        "import atexit, sys; from quand.cli.main import main;"
        "atexit.register(lambda: print('quand.dsl.compile' in sys.modules, 'attrs' in sys.modules));"
        f"main(['check', '--lang', 'en', {name!r}])"
    )
    said = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
        for _ in range(2)
    ]
    assert [lines[-1] for lines in said] == ["True True", "False False"]
    assert said[0][:-1] == said[1][:-1] != []
