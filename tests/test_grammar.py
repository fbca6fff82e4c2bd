"""The grammar: unambiguous, without a word of any language, and its saved tables up to date."""

from __future__ import annotations

import re

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


def test_every_language_says_the_same_keywords() -> None:
    concepts = {
        language: {
            (group, concept)
            for group, table in keywords(language).tables.items()
            if isinstance(table, dict) and group != "elided_if"
            for concept in table
        }
        for language in languages()
    }
    reference = concepts["fr"] - {("set_phrases", "exists")}
    assert all(found - {("set_phrases", "exists")} == reference for found in concepts.values())


@pytest.mark.parametrize("language", languages())
def test_a_keyword_has_a_wording_of_words(language: str) -> None:
    words = keywords(language)
    for group, table in words.tables.items():
        if isinstance(table, dict) and group not in {"elided_if", "set_phrases"}:
            for concept in table:
                assert words.canonical(group, concept).strip(), (group, concept)
