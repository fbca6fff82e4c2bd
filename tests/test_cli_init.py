"""``quand init``: what it writes runs at once, and it overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quand.cli.main import main
from quand.dsl.messages import languages


def quand(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    out, err = capsys.readouterr()
    return left.value.code, out, err


@pytest.mark.parametrize("language", languages())
def test_a_new_project_runs_at_once(language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a" / "b"
    status, _, err = quand(capsys, "init", str(folder), "--lang", language)
    assert (status, err) == (0, "")
    assert quand(capsys, "check", str(folder), "--strict")[0] == 0
    (events,) = folder.glob("*.jsonl")
    status, out, _ = quand(capsys, "run", str(folder), "--events", str(events))
    results = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [len(result["fired"]) for result in results] == [0, 0, 1, 1]
    assert not any(result["problems"] for result in results)


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert quand(capsys, "init", str(tmp_path), "--lang", "en")[0] == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    status, _, err = quand(capsys, "init", str(tmp_path), "--lang", "fr")
    assert status == 2
    assert err == f"{tmp_path / 'quand.toml'}: il y a déjà un projet ici : donnez un autre dossier.\n"
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
