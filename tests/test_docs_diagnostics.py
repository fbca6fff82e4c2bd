"""Each message has an example in both languages that brings it about, and the page of diagnostics tells it.

``QUAND_DOCS=update`` (``make docs``) writes the pages anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from doc_diagnostics import codes, examples, page

from quand.dsl.messages import languages

CASES = [pytest.param(*key, id="-".join(key)) for key in sorted(examples())]


@pytest.mark.parametrize("language", languages())
def test_each_code_has_an_example(language: str) -> None:
    assert [code for code in codes() if (code, language) not in examples()] == []


def test_no_example_is_about_a_code_without_a_message() -> None:
    assert sorted({code for code, _ in examples()} - set(codes())) == []


@pytest.mark.parametrize(("code", "language"), CASES)
def test_an_example_brings_its_code_about_and_mends_it(code: str, language: str, tmp_path: Path) -> None:
    example = examples()[code, language]
    assert example.text("why")
    folders = tmp_path / "wrong", tmp_path / "right"
    for folder in folders:
        folder.mkdir()
    wrong, right = example.run(folders[0]), example.run(folders[1], mended=True)
    assert wrong.codes == [code], wrong.report
    assert right.codes == [], right.report


@pytest.mark.parametrize("language", languages())
def test_the_page_tells_the_messages_as_they_are(language: str, tmp_path: Path) -> None:
    path, text = page(language, tmp_path)
    if os.environ.get("QUAND_DOCS") == "update":
        path.write_text(text, encoding="utf-8")
    written = path.read_text(encoding="utf-8")
    assert written == text, f"{path.name} is out of date: `make docs` writes it anew"
