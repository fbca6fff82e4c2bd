"""From paths to texts."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from quand.dsl.source import Span
from quand.project import files
from quand.project.errors import ProjectError
from quand.project.files import decode, read_files


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}", encoding="utf-8")


def test_a_folder_gives_its_rules_in_alphabetical_order(tmp_path: Path) -> None:
    write(tmp_path, "b.rules", "a/z.rules", "a.txt", ".hidden/c.rules", "node_modules/d.rules", ".e.rules")
    found = [os.path.relpath(file.uri, tmp_path) for file in read_files([str(tmp_path)])]
    assert found == ["b.rules", str(Path("a", "z.rules"))]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "a.rules")
    assert len(read_files([str(tmp_path / "a.rules"), str(tmp_path)])) == 1


def test_a_file_given_by_name_need_not_end_in_rules(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    assert [file.text for file in read_files([str(tmp_path / "a.txt")])] == ["# a.txt"]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("# été".encode())))
    assert [(file.uri, file.text) for file in read_files(["-"])] == [("-", "# été")]


def test_a_mark_at_the_start_of_the_file_is_no_text() -> None:
    assert decode("a", b"\xef\xbb\xbf# a").text == "# a"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_that_is_not_utf8_says_which_byte(mark: bytes) -> None:
    file = decode("a", mark + "# été\n# caf".encode() + b"\xe9 \xff")
    (diagnostic,) = file.diagnostics
    assert diagnostic.code == "QD001"
    assert diagnostic.args == {"byte": "0xE9", "offset": len(mark) + 14}
    assert diagnostic.span == Span(11, 12)
    assert file.text[11] == "\ufffd"


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 4)
    write(tmp_path, "a.rules")
    (file,) = read_files([str(tmp_path)])
    assert [diagnostic.code for diagnostic in file.diagnostics] == ["QD002"]


def refused(path: Path) -> str:
    with pytest.raises(ProjectError) as caught:
        read_files([str(path)])
    return caught.value.text("fr")


def test_a_missing_file_suggests_the_near_one(tmp_path: Path) -> None:
    write(tmp_path, "remises.rules")
    assert f"« {tmp_path / 'remises.rules'} »" in refused(tmp_path / "remise.rules")
    assert "n'existe pas" in refused(tmp_path / "x" / "y.rules")


def test_a_folder_without_rules_is_told(tmp_path: Path) -> None:
    assert "aucun fichier .rules" in refused(tmp_path)


def test_a_link_that_goes_round_ends(tmp_path: Path) -> None:
    write(tmp_path, "a.rules")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(read_files([str(tmp_path)])) == 1
