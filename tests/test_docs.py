"""The pages of ``docs/`` say what happens: their programs check, their results come out, both languages mean the same.

``QUAND_DOCS=update`` (``make docs``) writes the results anew.
"""

from __future__ import annotations

import os
import re
from itertools import zip_longest
from pathlib import Path

import pytest
from doc_pages import DOCS, Console, Run, blocks, in_english_texts, obtained, rewritten, samples, told
from doc_vocabulary import page as vocabulary_page

from quand.dsl.messages import languages

WRITTEN = [path for path in sorted(DOCS.glob("*.md")) if not path.name.startswith("diagnostics.")]
PAGES = [path for path in [DOCS.parent / "README.md", *WRITTEN] if samples(path)]
CONSOLES = [path for path in PAGES if "\n```console\n" in path.read_text(encoding="utf-8")]
TWINS = [path for path in PAGES if path.name.endswith(".fr.md")]

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def by_name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_programs_check_clean_and_give_the_results_told(page: Path) -> None:
    if os.environ.get("QUAND_DOCS") == "update":
        page.write_text(rewritten(page), encoding="utf-8")
    wrong: list[str] = []
    for sample in samples(page):
        run = Run(sample)
        if run.report:
            wrong.append(f"{sample.place}: {run.report}")
        elif sample.events is not None:
            results = run.results()
            failed = [result for result in results if result["status"] == "failed"]
            if failed and not told(sample):
                wrong.append(f"{sample.place}: {failed}")
            if sample.results is not None and sample.results.text != obtained(sample, results):
                wrong.append(f"{sample.place}: obtained\n{obtained(sample, results)}")
    assert wrong == [], "\n\n".join(wrong)


@pytest.mark.parametrize("page", CONSOLES, ids=by_name)
def test_commands_say_what_the_page_tells(page: Path) -> None:
    console = Console(page)
    if os.environ.get("QUAND_DOCS") == "update":
        page.write_text(console.rewritten(), encoding="utf-8")
        return
    wrong = [f"{page.name}:{block.line} says\n{said}" for block, said in console.blocks() if block.text != said]
    assert wrong == [], "\n\n".join(wrong)


@pytest.mark.parametrize("french", TWINS, ids=by_name)
def test_both_languages_have_the_same_programs(french: Path) -> None:
    english = french.with_name(french.name.replace(".fr.", ".en."))
    wrong: list[str] = []
    for one, other in zip_longest(samples(french), samples(english)):
        assert one is not None, f"{other.place} has no twin"
        assert other is not None, f"{one.place} has no twin"
        turned = Run(one, in_english_texts(one.rules.text), language="en")
        if turned.ir is None or turned.ir != Run(other).ir:
            wrong.append(f"{one.place} and {other.place} do not mean the same\n{turned.report}")
    assert wrong == [], "\n\n".join(wrong)


@pytest.mark.parametrize("french", TWINS, ids=by_name)
def test_both_languages_have_the_same_parts(french: Path) -> None:
    english = french.with_name(french.name.replace(".fr.", ".en."))
    levels, labels = zip(*(_outline(page) for page in (french, english)), strict=True)
    assert levels[0] == levels[1]
    assert labels[0] == labels[1]


def _outline(page: Path) -> tuple[list[int], list[str]]:
    text = page.read_text(encoding="utf-8")
    found = blocks(text)
    prose = text
    for block in reversed(found):
        prose = prose[: block.start] + prose[block.end :]
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]
    return levels, [block.label for block in found]


def test_links_lead_somewhere() -> None:
    broken: list[str] = []
    for page in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]:
        text = page.read_text(encoding="utf-8")
        for target in _LINK.findall(text):
            if "://" in target:
                continue
            name, _, anchor = target.partition("#")
            there = page.parent / name if name else page
            if not there.exists() or (anchor and anchor not in _anchors(there)):
                broken.append(f"{page.name}: {target}")
    assert broken == [], broken


def _anchors(page: Path) -> set[str]:
    """The anchors that headings get where Markdown is shown."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("language", languages())
def test_the_standard_vocabulary_is_told_as_it_is(language: str) -> None:
    path, text = vocabulary_page(language)
    if os.environ.get("QUAND_DOCS") == "update":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date: `make docs` writes it anew"
