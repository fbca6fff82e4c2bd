"""Open texts, their changes, and columns in the three encodings; the files of a project."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quand.dsl.source import LineIndex
from quand.lsp.document import Change, Document, Position, column_in_characters, column_in_units, split_lines
from quand.lsp.workspace import Workspace

ENCODINGS = ["utf-8", "utf-16", "utf-32"]
TEXTS = st.text(st.sampled_from("aé€😀e\u0301\u2028\f \n\r"), max_size=30)


@pytest.mark.parametrize(("encoding", "columns"), [("utf-8", [0, 1, 3, 6, 10]), ("utf-16", [0, 1, 2, 3, 5])])
def test_columns_count_the_units_of_the_encoding(encoding: str, columns: list[int]) -> None:
    line = "aé€😀"
    assert [column_in_units(line, column, encoding) for column in range(5)] == columns
    assert [column_in_characters(line, units, encoding) for units in columns] == list(range(5))


def test_a_column_inside_a_character_is_the_one_before_it() -> None:
    assert column_in_characters("😀a", 1, "utf-16") == 0
    assert column_in_characters("éa", 1, "utf-8") == 0
    assert column_in_characters("é", 99, "utf-8") == 1


def test_only_what_editors_count_as_line_breaks_ends_a_line() -> None:
    assert split_lines("a\u2028b\fc\r\nd\re\n") == ["a\u2028b\fc\r\n", "d\r", "e\n", ""]
    assert split_lines("") == [""]


@given(TEXTS)
def test_lines_are_those_of_the_compiler(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert len(lines) == LineIndex(text).line_count


@given(
    TEXTS, st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), TEXTS), max_size=5), st.sampled_from(ENCODINGS)
)
def test_splices_give_the_text_that_slicing_gives(text: str, edits: list[tuple[int, int, str]], encoding: str) -> None:
    document = Document(text, 1)
    for first, second, new in edits:
        index = LineIndex(text)
        # an editor never puts a place between the two halves of a line break
        start, end = sorted(index.offset(*index.position(min(place, len(text)))) for place in (first, second))
        positions = [_position(index, place, encoding) for place in (start, end)]
        document.apply(Change(new, *positions), encoding)
        text = text[:start] + new + text[end:]
        assert document.text == text
        assert document.lines == split_lines(text)


def _position(index: LineIndex, offset: int, encoding: str) -> Position:
    line, column = index.position(offset)
    return Position(line, column_in_units(index.line_text(line), column, encoding))


def test_a_change_without_a_place_is_the_whole_text() -> None:
    document = Document("un", 1)
    document.apply(Change("deux\n"), "utf-16")
    assert document.lines == ["deux\n", ""]


RULE = "quand un chat est créé alors nom = 'x'\n"


def test_a_buffer_lies_over_its_file(tmp_path: Path) -> None:
    rules, words = tmp_path / "a.rules", tmp_path / "b.rules"
    rules.write_text(RULE, encoding="utf-8")
    words.write_text("objet un chat\n  un nom : texte\n", encoding="utf-8")
    workspace = Workspace()
    assert not workspace.snapshot(str(rules)).compilation.errors
    workspace.open(str(words), "objet un chien\n  un nom : texte\n", 1)
    assert workspace.snapshot(str(rules)).compilation.errors
    workspace.close(str(words))
    assert not workspace.snapshot(str(rules)).compilation.errors


def test_nothing_is_compiled_twice(tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_text(RULE, encoding="utf-8")
    workspace = Workspace()
    first = workspace.snapshot(str(tmp_path / "a.rules"))
    assert workspace.snapshot(str(tmp_path / "a.rules")) is first
    (tmp_path / "a.rules").write_text(RULE * 2, encoding="utf-8")
    workspace.look_again()
    assert workspace.snapshot(str(tmp_path / "a.rules")) is not first


def test_a_configuration_gathers_the_folders_below_it(tmp_path: Path) -> None:
    (tmp_path / "deep" / "other").mkdir(parents=True)
    (tmp_path / "quand.toml").write_text('currency = "USD"\n', encoding="utf-8")
    (tmp_path / "deep" / "other" / "quand.toml").write_text("", encoding="utf-8")
    for name in ("a.rules", "deep/b.rules", "deep/other/c.rules"):
        (tmp_path / name).write_text(RULE, encoding="utf-8")
    snapshot = Workspace().snapshot(str(tmp_path / "deep" / "b.rules"))
    assert snapshot.config.settings.currency == "USD"
    assert [Path(file.uri).name for file in snapshot.files] == ["a.rules", "b.rules"]


def test_without_a_configuration_a_folder_is_a_project(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    for name in ("a.rules", "fr/b.rules"):
        (tmp_path / name).write_text(RULE, encoding="utf-8")
    names = [file.uri for file in Workspace().snapshot(str(tmp_path / "a.rules")).files]
    assert names == [str(tmp_path / "a.rules")]


def test_a_broken_configuration_is_told_and_the_rules_are_still_checked(tmp_path: Path) -> None:
    (tmp_path / "quand.toml").write_text("language = 5\n", encoding="utf-8")
    (tmp_path / "a.rules").write_text(RULE, encoding="utf-8")
    workspace = Workspace()
    assert workspace.snapshot(str(tmp_path / "a.rules")).compilation.errors
    problem = workspace.problem(str(tmp_path / "a.rules"))
    assert problem is not None
    assert "quand.toml" in problem.text("fr")


def test_a_file_that_is_gone_is_no_longer_there(tmp_path: Path) -> None:
    path = tmp_path / "a.rules"
    path.write_text(RULE, encoding="utf-8")
    workspace = Workspace()
    workspace.snapshot(str(path))
    path.unlink()
    workspace.look_again()
    assert workspace.snapshot(str(path)).files == ()
