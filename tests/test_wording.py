"""How forms are said: names with their articles, agreement, elision, plurals, declared events."""

from __future__ import annotations

from functools import cache

import pytest

from quand.dsl import syntax as s
from quand.dsl.agreement import Agreement, Noun
from quand.dsl.collections import Form
from quand.dsl.compile import compile_sources
from quand.dsl.lexicon import lexicon
from quand.dsl.pieces import Break, Piece, broken, read_break, text_of, words
from quand.dsl.values import Duration
from quand.dsl.vocabulary import Vocabulary
from quand.dsl.wording import Nested, Wording
from quand.project.compile import standard_sources


@cache
def vocabulary() -> Vocabulary:
    return compile_sources(standard_sources()).vocabulary


def said(language: str, form: Form) -> str:
    """A form in words; nested syntax is shown by its text."""

    def item(node: s.Item) -> tuple[Piece, ...]:
        assert isinstance(node, s.Literal)
        return (Piece(node.text, "value"),)

    def rest(*nodes: s.Expression) -> tuple[Piece, ...]:
        return words("…" * len(nodes))

    nested = Nested(item, rest, rest)
    wording = Wording(vocabulary(), language, nested, {})
    return text_of(wording.agreement.join(wording.said(form).words))


CONTACT = ("field", "deal", "contact", "definite", None, 0)
DEALS = ("collection", ("of", "deal", "definite", True, CONTACT, "of"), None, None)
THREE_DAYS = s.Literal("duration", Duration(), "3 jours")
ONE_HOUR = s.Literal("duration", Duration(), "1 heure")


@pytest.mark.parametrize(
    ("form", "french", "english"),
    [
        (("field", "deal", "stage", "definite", None, 0), "l'étape", "the stage"),
        (("field", "deal", "amount", "definite", None, 1), "les montants", "the amounts"),
        (("its", "deal", "due date", "", None, 0), "son échéance", "its due date"),
        (("its", "deal", "length", "", None, 0), "sa longueur", "its length"),
        (("walk", "contact", "name", "", CONTACT, "of", 0), "nom du contact", "name of the contact"),
        (("walk", "contact", "name", "", CONTACT, "possessive", 0), "le nom du contact", "the contact's name"),
        (("walk", "deal", "created at", "definite", ("object", "deal", "indefinite"), "of", -1),
         "la création d'une affaire", "the creation of a deal"),
        (("aggregate", "count", "", {"c": DEALS}),
         "nombre des affaires du contact", "number of the deals of the contact"),
        (("aggregate", "none", "", {"c": ("collection", ("all", "deal", "", False), None, None)}),
         "aucune affaire", "no deal"),
        (("aggregate", "none", "", {"c": ("collection", ("all", "deal", "", True), None, None)}),
         "aucune affaire", "no deals"),
        (("aggregate", "exists", "", {"c": ("collection", ("all", "deal", "", True), None, None)}),
         "il existe une affaire", "there are deals"),
        (("aggregate", "none", "", {"c": ("collection", ("own", "task", "deal"), None, None)}),
         "aucune tâche de l'affaire", "no task of the deal"),
        (("function", "previous", "definite", {"x": ("field", "deal", "stage", "", None, 0)}),
         "l'ancienne étape", "the previous stage"),
        (("event", ("noun", "task", "indefinite", "", False), "created", 0),
         "une tâche est créée", "a task is created"),
        (("event", ("noun", "task", "", "", True), "saved", 3),
         "tâches ont été enregistrées", "tasks have been saved"),
        (("occurred", "missed call", "indefinite", 0), "un appel est manqué", "a call is missed"),
        (("occurred", "form received", "indefinite", -1), "un formulaire reçu", "a form received"),
        (("window", "email opened", "contact", 3),
         "e-mails ouverts d'un même contact", "emails opened by the same contact"),
        (("time_passes", ("item", ONE_HOUR, "")), "1 heure passe", "1 heure passes"),
        (("clock", "date", ("item", THREE_DAYS, "definite")), "nous sommes le 3 jours", "it is 3 jours"),
    ],
)  # fmt: skip
def test_forms_are_said_in_both_languages(form: Form, french: str, english: str) -> None:
    assert said("fr", form) == french
    assert said("en", form) == english


def test_an_action_whose_last_holes_are_empty_ends_before_them() -> None:
    assert said("fr", ("call", ("action", "send SMS", {}, True), "")) == "envoyer un SMS"
    assert said("en", ("call", ("action", "assign", {"object": ("object", "deal", "definite")}, True), "")) == (
        "assign the deal"
    )


@pytest.mark.parametrize(
    ("language", "name", "plural"),
    [
        ("fr", "date de fin", "dates de fin"),
        ("fr", "chiffre d'affaires", "chiffres d'affaires"),
        ("fr", "total général", "totaux généraux"),
        ("fr", "prix", "prix"),
        ("en", "missed call", "missed calls"),
        ("en", "company", "companies"),
        ("en", "date of birth", "dates of birth"),
    ],
)
def test_plurals_of_names(language: str, name: str, plural: str) -> None:
    assert Agreement(lexicon(language)).plural_name(name) == plural


@pytest.mark.parametrize(
    ("language", "row", "written"),
    [
        ("fr", "de le seuil", "du seuil"),
        ("fr", "de le article", "de l'article"),
        ("fr", "à les heures", "aux heures"),
        ("fr", "de la hauteur", "de la hauteur"),
        ("fr", "le onze", "le onze"),
        ("fr", "si il si elle", "s'il si elle"),
        ("en", "of the amount", "of the amount"),
    ],
)
def test_words_melt(language: str, row: str, written: str) -> None:
    assert text_of(Agreement(lexicon(language)).join(words(row))) == written


def test_words_on_two_lines_do_not_melt() -> None:
    row = [Piece("de"), Piece("le", line=Break()), Piece("seuil")]
    assert [piece.text for piece in Agreement(lexicon("fr")).join(row)] == ["de", "le", "seuil"]


@pytest.mark.parametrize(
    ("word", "article"), [("hour", "an"), ("user", "a"), ("item", "an"), ("unit", "a"), ("deal", "a")]
)
def test_the_english_article_follows_the_sound(word: str, article: str) -> None:
    assert Agreement(lexicon("en")).article("indefinite", Noun(), word) == article


@pytest.mark.parametrize(
    ("name", "needed"),
    [("montant (HT)", True), ("si vide", True), ("sauf si vide", True), ("reste à payer", False), ("e-mail", False)],
)
def test_which_names_need_brackets(name: str, needed: bool) -> None:
    assert Agreement(lexicon("fr")).needs_brackets(name) is needed


def test_line_breaks_are_read_with_their_comments() -> None:
    assert read_break("  ") is None
    assert read_break(" # a\n\n\n  # b\n   ") == Break("# a", ("", "# b"), True)


def test_a_break_moves_to_the_front_with_the_words_before_it() -> None:
    line = Break("# a")
    moved = broken([Piece("il"), Piece("3", line=line, start=5)], line, 5)
    assert [piece.line for piece in moved] == [line, None]
