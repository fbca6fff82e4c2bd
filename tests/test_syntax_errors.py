"""Mistakes of writing: each is told once, where it is, with its fix, and the rest of the file is read."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

import pytest
from syntax_text import shown

from quand.dsl import syntax as s
from quand.dsl.diagnostic import Diagnostic
from quand.dsl.messages import languages, render, tables
from quand.dsl.parser import parse_cell, parse_expression, parse_file


class Mistake(NamedTuple):
    """A text with the place a diagnostic points at between ``⟦`` and ``⟧``, and the text its first fix gives."""

    code: str
    text: str
    fixed: str | None = None

    @property
    def plain(self) -> str:
        return self.text.replace("⟦", "").replace("⟧", "")


FRENCH = [
    Mistake("QD003", "quand x alors y = ⟦'abc⟧\n  z = 5", "quand x alors y = 'abc'\n  z = 5"),
    Mistake("QD004", "quand x et a ⟦§⟧ alors b"),
    Mistake("QD005", 'quand x alors y "a ⟦{b⟧"'),
    Mistake("QD006", "quand x alors ⟦[y = 5⟧", "quand x alors [y = 5]"),
    Mistake("QD007", "⟦bonjour tout le monde⟧\n\nquand x alors y"),
    Mistake("QD008", "règle 'a'\n⟦when⟧ x alors y", "règle 'a'\nquand x alors y"),
    Mistake("QD008", "quand x ⟦and⟧ montant > 5 alors y", "quand x et montant > 5 alors y"),
    Mistake("QD008", "quand x et montant > 5 ⟦then⟧ y", "quand x et montant > 5 alors y"),
    Mistake("QD010", "quand x alors envoyer un SMS à ⟦{⟧contact}"),
    Mistake("QD010", "quand x et a entre 5 ⟦alors⟧ y"),
    Mistake(
        "QD011",
        "quand une affaire est créée\n  ajouter produit⟦,⟧ a = 5",
        "quand une affaire est créée\n  alors ajouter produit, a = 5",
    ),
    Mistake("QD011", "quand x et montant > 5 ajouter ⟦produit⟧"),
    Mistake("QD012", "règle 'a'\n⟦alors⟧ y"),
    Mistake("QD012", "règle 'a'\n⟦une affaire est créée⟧\nalors y"),
    Mistake("QD013", "quand x et ⟦(⟧montant > 5 alors y", "quand x et (montant > 5) alors y"),
    Mistake("QD013", "quand x alors y = ⟦(⟧5 + 3", "quand x alors y = (5 + 3)"),
    Mistake("QD014", "quand x et montant > 5⟦)⟧ alors y", "quand x et montant > 5 alors y"),
    Mistake("QD015", "quand x alors étape ⟦=⟧"),
    Mistake("QD015", "quand x et montant ⟦est supérieur à⟧ alors y"),
    Mistake("QD015", "définir a = 5 ⟦+⟧"),
    Mistake("QD016", "quand x et montant > 5 ⟦et⟧ alors y"),
    Mistake("QD016", "quand x alors y ⟦puis⟧"),
    Mistake("QD017", "⟦exemple 'a'⟧\n  étant donné une affaire"),
    Mistake("QD018", "quand x et a ⟦==⟧ 5 alors y", "quand x et a = 5 alors y"),
    Mistake("QD018", "quand x et a ⟦&&⟧ b alors y", "quand x et a et b alors y"),
    Mistake("QD019", "quand x alors a = si b alors c⟦;⟧ d"),
    Mistake("QD020", "quand x alors notifier y, message = a ⟦>⟧ 5"),
    Mistake("QD021", "quand x alors notifier y⟦,⟧ message"),
    Mistake(
        "QD022",
        "objet a\n  conditions générales ⟦et⟧ particulières : texte",
        "objet a\n  [conditions générales et particulières] : texte",
    ),
    Mistake("QD023", "objet a\n  ⟦un montant argent⟧\n  b : texte"),
    Mistake("QD024", "objet a\n  b : texte, ⟦obligatoir⟧"),
    Mistake("QD025", "règle 'a' (⟦vitesse⟧ 5)\nquand x alors y"),
    Mistake("QD026", "processus a, suivant étape\n  'A' : ⟦vitesse⟧ 5"),
    Mistake("QD027", "quand x ⟦alors⟧"),
    Mistake("QD027", "quand x alors y ⟦sinon⟧"),
    Mistake("QD028", "quand montant ⟦>⟧ 5 alors y"),
    Mistake("QD029", "quand x et a = ⟦()⟧ alors y"),
    Mistake("QD030", "quand x et mon⟦\u200b⟧tant = 5 alors y", "quand x et montant = 5 alors y"),
    Mistake("QD031", "quand x et ⟦mоntant⟧ = 5 alors y", "quand x et montant = 5 alors y"),
    Mistake("QD032", "règle ⟦Fournitures⟧\nquand x alors y", 'règle "Fournitures"\nquand x alors y'),
    Mistake("QD033", "⟦exemple⟧\n  quand x\n  alors y"),
    Mistake("QD034", "quand x alors a = 5\nsinon ⟦si⟧ b > 5\n  c = 6"),
    Mistake("QD035", "quand x alors notifier y ⟦si⟧ montant > 5"),
    Mistake("QD036", "quand x alors réserver 5 ⟦+⟧ 3 de l'article", "quand x alors réserver (5 + 3) de l'article"),
    Mistake(
        "QD036", "quand x alors augmenter y de a ⟦×⟧ (b + 1) et z", "quand x alors augmenter y de (a × (b + 1)) et z"
    ),
    Mistake("QD036", "quand x alors augmenter le bonus de y de a ⟦×⟧ b"),
    Mistake("QD037", "quand x et 5 < montant ⟦<⟧ 10 alors y"),
    Mistake("QD038", "quand x alors y\nsinon z\n⟦sinon⟧ w"),
    Mistake("QD039", "définir ⟦a⟧"),
    Mistake("QD040", "quand x alors y\n⟦else⟧\n  z", "quand x alors y\nsinon\n  z"),
    Mistake("QD041", "quand x et a = ⟦si⟧ b alors c sinon d alors y"),
    Mistake("QD042", 'quand x alors y "a⟦{}⟧"'),
    Mistake("QD045", "quand x alors y 'a⟦\u202e⟧b'", "quand x alors y 'ab'"),
    Mistake("QD045", "quand x alors y # a⟦\u2066⟧b", "quand x alors y # ab"),
    Mistake("QD043", "# langue : ⟦xx⟧\nquand x alors y"),
    Mistake("QD044", "processus ⟦Vente d'une affaire⟧, suivant étape\n  'A' : fin"),
]

ENGLISH = [
    Mistake("QD003", "when x then y = ⟦'abc⟧\n  z = 5", "when x then y = 'abc'\n  z = 5"),
    Mistake("QD008", "rule 'a'\n⟦quand⟧ x then y", "rule 'a'\nwhen x then y"),
    Mistake("QD008", "when x and a > 5 ⟦ou⟧ b then y", "when x and a > 5 or b then y"),
    Mistake("QD011", "when x and amount > 5 add ⟦product⟧"),
    Mistake("QD013", "when x and ⟦(⟧amount > 5 then y", "when x and (amount > 5) then y"),
    Mistake("QD016", "when x and amount > 5 ⟦and⟧ then y"),
    Mistake("QD019", "when x then a = if b then c⟦;⟧ d"),
    Mistake("QD022", "object a\n  terms ⟦and⟧ conditions: text", "object a\n  [terms and conditions]: text"),
    Mistake(
        "QD036",
        "when x then increase the bonus of y by a ⟦+⟧ b ^ 2; z",
        "when x then increase the bonus of y by (a + b ^ 2); z",
    ),
    Mistake("QD040", "when x then y\n⟦else⟧\n  z", "when x then y\notherwise\n  z"),
]
# `and then` is one separator in English, so a connector without a condition needs another witness there.
ENGLISH[5] = Mistake("QD016", "when x and amount > 5 ⟦or⟧ then y")


@pytest.mark.parametrize(
    ("language", "mistake"),
    [("fr", mistake) for mistake in FRENCH] + [("en", mistake) for mistake in ENGLISH],
    ids=lambda value: value if isinstance(value, str) else f"{value.code} {value.plain}",
)
def test_a_mistake_is_told_once_where_it_is(language: str, mistake: Mistake) -> None:
    text = mistake.plain
    (found,) = parse_file(text, language).diagnostics
    assert isinstance(found, Diagnostic)
    assert found.code == mistake.code
    start, end = found.span
    assert f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}" == mistake.text
    if mistake.fixed is not None:
        fixed = text
        for edit in sorted(found.fixes[0].edits, key=lambda edit: edit.span, reverse=True):
            fixed = fixed[: edit.span.start] + edit.text + fixed[edit.span.end :]
        assert fixed == mistake.fixed
        assert parse_file(fixed, language).diagnostics == ()


@pytest.mark.parametrize("language", languages())
def test_a_mistake_is_told_in_words(language: str) -> None:
    for mistake in FRENCH:
        (found,) = parse_file(mistake.plain, "fr").diagnostics
        assert isinstance(found, Diagnostic)
        message = render(found, language)
        said = " ".join([message.message, message.help, *message.fixes])
        assert message.message
        assert not re.search(r"expected_|\{[a-z_]+\}|(?<!\w)\?(?!\w)", said), said


def test_each_code_about_structure_has_a_mistake_that_gives_it() -> None:
    told = {mistake.code for mistake in FRENCH} | {"QD009"}
    known = {name for name in tables("fr") if re.fullmatch("QD0(0[3-9]|[1-5][0-9])", name)}
    assert known == told


def test_a_declaration_in_the_other_language_is_read_all_the_same() -> None:
    text = "# langue : fr\nwhen x and there is a deal whose stage = 'A' then y = if a then b otherwise c"
    file = parse_file(text)
    assert {found.code for found in file.diagnostics if isinstance(found, Diagnostic)} == {"QD008"}
    ((_, parsed),) = file.declarations
    assert isinstance(parsed.declaration, s.RuleDeclaration)
    assert shown(parsed.declaration.condition) == "there is a deal ?{stage eq 'A'}"


def test_what_is_wrong_costs_its_entry_only() -> None:
    file = parse_file(
        "objet a\n  b texte\n  c : texte\n\n"
        "quand x et montant > alors\n  y = 5\n  z = > 2\n  w, a = 1, b = > 2\n\n"
        'exemple "e"\n  étant donné = 5\n  quand x\n  alors y\n\n'
        "table t : texte\n  | a | b |\n  | 5 > 6 | 'x' |\n  | 7 | 'y' |\n",
        "fr",
    )
    object_, rule, example, table = (parsed.declaration for _, parsed in file.declarations)
    assert isinstance(object_, s.ObjectDeclaration)
    assert [type(field).__name__ for field in object_.fields] == ["InvalidSyntax", "FieldDeclaration"]
    assert isinstance(rule, s.RuleDeclaration)
    assert shown(rule.condition) == "INVALID"
    assert shown(rule.actions) == "[ActionCall(y, 5), INVALID, ActionCall(w, [Argument(a, 1), INVALID])]"
    assert isinstance(example, s.ExampleDeclaration)
    assert [type(step).__name__ for step in example.steps] == ["InvalidSyntax", "When", "Then"]
    assert isinstance(table, s.TableDeclaration)
    assert shown(table.rows[0].cells) == "[Cell([INVALID]), Cell([CellTest(value, ['x'])])]"
    assert len(file.diagnostics) == 6


def test_a_value_or_a_cell_alone_reports_its_mistakes() -> None:
    assert [found.code for found in parse_expression("5 +", "fr").diagnostics] == ["QD015"]
    assert isinstance(parse_expression("5 +", "fr").expression, s.InvalidSyntax)
    assert [found.code for found in parse_cell("de 1 à", "fr").diagnostics] == ["QD015"]


@pytest.mark.parametrize(
    "text",
    [
        "quand x et " + "(" * 200_000 + "a alors b",
        "quand x alors a = " + "- " * 50_000 + "5",
        "quand x alors a = " + "5 + " * 50_000 + "5",
        "quand x alors a = " + "si b alors " * 50_000 + "5",
        "quand x alors " + "pour chaque a : " * 50_000 + "b",
        "quand x et " + "non " * 50_000 + "a alors b",
        "quand x et " + "a dont b = " * 50_000 + "c alors d",
    ],
    ids=lambda text: text[:30],
)
def test_what_is_nested_too_deep_is_an_error(text: str) -> None:
    assert [found.code for found in parse_file(text, "fr").diagnostics if isinstance(found, Diagnostic)] == ["QD009"]


@pytest.mark.parametrize(
    "piece",
    ["{", "\"{'", "'a", "l'", "a\u200b", "\u200b", "[", "minimum entre ", "a entre 5 et ", ", b = 5", "1,", "§¤", "| "],
)
def test_the_time_taken_grows_with_the_text_only(piece: str) -> None:
    """Four times the text takes four times as long, not sixteen (with room for a busy machine)."""

    def seconds(count: int) -> float:
        best = 60.0
        for attempt in range(2):
            text = f"quand x{attempt} et a " + piece * count + " alors b"
            start = time.process_time()
            parse_file(text, "fr")
            best = min(best, time.process_time() - start)
        return best

    assert seconds(2000) < 10 * seconds(500) + 0.05
