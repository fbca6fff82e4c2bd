"""The grammar: unambiguous, without a word of any language, and its saved tables up to date."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest

from quand.dsl import tree
from quand.dsl.grammar_tables import GRAMMAR_FILE, TABLES_FILE, build_tables, load_tables
from quand.dsl.keywords import keywords
from quand.dsl.lexicon import languages


def test_the_saved_tables_are_those_of_the_grammar() -> None:
    """Building them is strict: Lark refuses a conflict."""
    pytest.importorskip("interegular")
    saved = TABLES_FILE.read_text(encoding="utf-8")
    assert saved == build_tables(), "run: python -m quand.dsl.grammar_tables"


def test_each_reduction_has_its_builder() -> None:
    functions = tree.builders()
    assert {rule.builder for rule in load_tables().reductions if rule.builder} <= functions.keys()


def test_the_grammar_holds_no_literal_word() -> None:
    rules = re.sub(r"//.*", "", GRAMMAR_FILE.read_text(encoding="utf-8"))
    assert not re.search(r'"|/[^/\n]+/', rules)


def concepts(language: str) -> set[tuple[str, str]]:
    """The keywords of a language by group, but for those a language may do without."""
    groups: dict[str, Any] = dict(keywords(language).tables)
    return {
        (group, concept)
        for group, table in groups.items()
        if isinstance(table, dict) and group not in {"elided_if", "set_phrases"}
        for concept in cast("dict[str, list[str]]", table)
    }


def test_every_language_says_the_same_keywords() -> None:
    assert all(concepts(language) == concepts("fr") for language in languages())


@pytest.mark.parametrize("language", languages())
def test_a_keyword_has_a_wording_of_words(language: str) -> None:
    for group, concept in concepts(language):
        assert keywords(language).canonical(group, concept).strip(), (group, concept)
