"""What is proposed where a finding has no fix of its own: tried first, told once, never applied unasked."""

from __future__ import annotations

import pytest

from quand.dsl.compile import Compilation
from quand.dsl.diagnostic import Diagnostic
from quand.dsl.habits import habits
from quand.dsl.lexicon import languages
from quand.dsl.messages import languages as message_languages
from quand.project.compile import load_text

WRONG = """\
règle "R{n}"
quand le stock d'un article tombe sous {n} alors journaliser "x"

"""


def compiled(text: str) -> Compilation:
    return load_text(text).compilation


def errors(text: str) -> list[Diagnostic]:
    return [found.diagnostic for found in compiled(text).errors]


def test_what_follows_from_one_mistake_is_not_told_again() -> None:
    found = errors('quand une affaire est créée et le montant est de 100 € ou plus alors journaliser "x"')
    assert [each.code for each in found] == ["QD103"]


def test_a_second_mistake_is_told() -> None:
    text = (
        "quand une affaire est créée et statut = 5 alors mettre l'étape à 'C'; notifer le responsable, message = \"x\""
    )
    assert [each.code for each in errors(text)] == ["QD102", "QD105", "QD105"]


def test_a_proposal_is_no_safe_fix() -> None:
    (found,) = errors(WRONG.format(n=1))
    assert [fix.safe for fix in found.fixes] == [False]


def test_very_many_mistakes_are_told_without_proposals() -> None:
    """Looking for them takes time, and whether they are there must not depend on what was compiled before."""
    few, many = (errors("".join(WRONG.format(n=n) for n in range(count))) for count in (60, 61))
    assert all(each.fixes for each in few)
    assert not any(each.fixes for each in many)


def test_a_text_without_end_is_answered() -> None:
    assert errors("quand une affaire est gagnée et " + "montant montant " * 2000)


@pytest.mark.parametrize("language", languages())
def test_habits_are_said_in_the_words_of_the_language(language: str) -> None:
    """Each rewriting can be read, and writes holes that it has."""
    table = habits(language)
    assert language in message_languages()
    for group in ("openers", "triggers", "phrases", "actions"):
        for rewriting in table.rewritings(group):
            holes = {element.hole for element in rewriting.elements if element.hole}
            assert rewriting.elements, group
            for form in rewriting.forms:
                assert table.holes_of(form) <= holes, form


def test_both_languages_know_the_same_kinds_of_habits() -> None:
    kinds = {language: set(habits(language).tables) for language in languages()}
    assert len({frozenset(each) for each in kinds.values()}) == 1
