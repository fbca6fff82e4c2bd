"""Tables prepared for a quick start say what their sources say."""

from __future__ import annotations

from pathlib import Path

import pytest

from quand.dsl.prepared import prepare, read_tables, sources


@pytest.mark.parametrize("source", sources(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_prepared_tables_are_those_of_the_source(source: Path) -> None:
    prepared = source.with_suffix(".json").read_text(encoding="utf-8")
    assert prepared == prepare(source), "run: python -m quand.dsl.prepared"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    source = tmp_path / "fr.toml"
    source.write_text('[ui]\nhello = "bonjour"\n', encoding="utf-8")
    source.with_suffix(".json").write_text(prepare(source).replace("bonjour", "salut"), encoding="utf-8")
    return source


def test_prepared_tables_are_read_instead_of_their_source(table: Path) -> None:
    assert read_tables(table) == {"ui": {"hello": "salut"}}


def test_line_ends_do_not_matter(table: Path) -> None:
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    assert read_tables(table) == {"ui": {"hello": "salut"}}


def test_an_edited_source_is_read_itself(table: Path) -> None:
    table.write_text('[ui]\nhello = "coucou"\n', encoding="utf-8")
    assert read_tables(table) == {"ui": {"hello": "coucou"}}


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"checksum": "x", "tables": {}}', "\x00"])
def test_a_spoilt_preparation_is_not_believed(table: Path, content: str) -> None:
    table.with_suffix(".json").write_text(content, encoding="utf-8")
    assert read_tables(table) == {"ui": {"hello": "bonjour"}}


def test_without_preparation_the_source_is_read(table: Path) -> None:
    table.with_suffix(".json").unlink()
    assert read_tables(table) == {"ui": {"hello": "bonjour"}}
