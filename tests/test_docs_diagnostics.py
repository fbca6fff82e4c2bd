"""Each message has an example in both languages that brings it about, and the page of diagnostics tells it.

``QUAND_DOCS=update`` (``make docs``) writes the pages anew.
"""

from __future__ import annotations

import os

import pytest
from doc_diagnostics import codes, examples, page

from quand.dsl.messages import languages


@pytest.mark.parametrize("language", languages())
def test_each_code_has_an_example(language: str) -> None:
    assert [code for code in codes() if (code, language) not in examples()] == []


def test_no_example_is_about_a_code_without_a_message() -> None:
    assert sorted({code for code, _ in examples()} - set(codes())) == []


@pytest.mark.xdist_group("diagnostics")
@pytest.mark.parametrize("language", languages())
def test_an_example_brings_its_code_about_and_mends_it(language: str) -> None:
    told: list[str] = []
    for (code, written_for), example in examples().items():
        if written_for == language:
            wrong, right = example.run(), example.run(mended=True)
            # what is said of each process goes on being said once the mistake in it is mended
            left = [each for each in right.codes if each != "QD044" or code == "QD044"]
            if wrong.codes != [code] or left or not example.text("why"):
                told.append(f"{code}: {wrong.codes}, mended: {right.codes}\n{wrong.report}\n{right.report}")
    assert told == [], "\n\n".join(told)


@pytest.mark.xdist_group("diagnostics")
@pytest.mark.parametrize("language", languages())
def test_the_page_tells_the_messages_as_they_are(language: str) -> None:
    path, text = page(language)
    if os.environ.get("QUAND_DOCS") == "update":
        path.write_text(text, encoding="utf-8")
    written = path.read_text(encoding="utf-8")
    assert written == text, f"{path.name} is out of date: `make docs` writes it anew"
