"""``quand fmt``: canonical words and layout, the author's lines and comments, never another meaning."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_programs import Twin, programs

from quand.cli.main import main
from quand.dsl.compile import Compilation, SourceText, compile_sources
from quand.dsl.format import format_file, format_sources
from quand.dsl.ir_json import to_json
from quand.dsl.lexicon import languages
from quand.dsl.parser import parse_file
from quand.project.compile import standard_sources

CORPUS = Path(__file__).parent / "corpus" / "language.md"
URI = "a.rules"


def compiled(text: str) -> Compilation:
    return compile_sources([*standard_sources(), SourceText(URI, text)], record_forms=True, proposing=False)


def formatted(text: str) -> str:
    return format_sources([*standard_sources(), SourceText(URI, text)])[URI]


def meaning(compilation: Compilation) -> str:
    assert compilation.program is not None, compilation.errors
    return to_json(compilation.program)


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("quand affaire cree", "quand affaire créée"),
        ("quand une affaire est cree", "quand une affaire est créée"),
        ("quand le etape d'une affaire change", "quand l'étape d'une affaire change"),
        ("quand l’étape de une affaire CHANGE", "quand l'étape d'une affaire change"),
        ("quand la montant du affaire change", "quand le montant de l'affaire change"),
        ("quand un appel est manquee", "quand un appel est manqué"),
    ],
)
def test_accents_articles_and_agreement_are_restored_in_triggers(written: str, canonical: str) -> None:
    assert formatted(f"{written} alors journaliser 'x'") == f"{canonical} alors journaliser 'x'\n"


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("le probabilite est superieur à 5 %", "la probabilité est supérieure à 5 %"),
        ("somme des montants des affaires du contact>5", "somme des montants des affaires du contact > 5"),
        ("nombre de affaires du contact est plus grand que 3", "nombre d'affaires du contact est supérieur à 3"),
        ("etape <> 'x' et montant*2 >= montant à payer", "étape ≠ 'x' et montant × 2 ≥ montant à payer"),
        ("le montant est superieur au montant à payer", "le montant est supérieur au montant à payer"),
        ("le montant est supérieur au ancien montant", "le montant est supérieur à l'ancien montant"),
        ("premier affaire du contact n'est pas vide", "première affaire du contact n'est pas vide"),
        ("si il est entre 20h et 8h", "s'il est entre 20h et 8h"),
        ("sa echeance est avant 31/12/2026", "son échéance est avant le 31/12/2026"),
        ("échéance = le 31/12/2026", "échéance = 31/12/2026"),
        ("tout les contrat du contact vérifie renouvele", "tous les contrats du contact vérifient renouvelé"),
    ],
)
def test_words_are_restored_in_conditions(written: str, canonical: str) -> None:
    before, after = (f"quand une affaire est créée et {text} alors journaliser 'x'" for text in (written, canonical))
    assert formatted(before) == f"{after}\n"
    assert formatted(after) == f"{after}\n"


def test_an_action_keeps_the_article_its_author_gave_or_left_out() -> None:
    rule = "quand une affaire est créée alors {}\n"
    for action in ("ajouter produit 'x'", "ajouter un produit 'x'", "envoyer un SMS au contact, texte = 'x'"):
        assert formatted(rule.format(action)) == rule.format(action)


def test_a_name_that_would_be_read_otherwise_stays_in_brackets() -> None:
    text = "objet un devis\n  [montant (HT)] : argent\n\nquand [montant (ht)] d'un devis change alors journaliser 'x'\n"
    kept = formatted(text)
    assert "[montant (HT)] : argent" in kept
    assert formatted(kept) == kept


# --- layout -------------------------------------------------------------------------------------------------------

MESSY = """\
# langue: fr


# en tête

objet   un chantier /site
  un  numero:texte ,  identifiant  # le numéro
  # commentaire isolé
  [montant (HT)] / [net amount] : nombre, par defaut   2 * 3
  des frais / fees : nombre
  une surface:nombre en m²
  un  état/state :parmi 'Ouvert'/'Open','Fermé' / 'Closed'
  # dernier champ, commenté
evenement un devis recu / quote received
  un contact: contact
# avant la règle
règle   "x"/"y"   (priorite 3,etiquettes 'a' , 'b')
  quand le état   d'un chantier devient parmi 'Ouvert','Fermé'  # pourquoi
# pleine ligne
      et les frais sont superieurs au [montant (HT)]
     et ( surface > 5  # dedans
 ou surface<2 )
  alors   # ici
 créer une tache  "bonjour {numero}" ,   echeance=dans 2h,
  responsable = l'utilisateur 'Marie'
    puis  etat='Fermé'
  # fin
sinon journaliser 'x'
table la note du chantier / grade : nombre,premiere ligne
| frais|résultat |
|   <1000 | 1 |  # bas
  | sinon|  20 |
exemple "t" / "u" avec table
 étant donné un chantier C ,surface= valeur
 et un contact
 quand l'etat du chantier C devient 'Ouvert'
   alors jamais notifier
   et surface=valeur
 | valeur |
   | 3    |
 | 12 |
"""

TIDY = """\
# langue : fr

# en tête

objet un chantier / site
  un numero : texte, identifiant  # le numéro
  # commentaire isolé
  [montant (HT)] / [net amount] : nombre, par défaut 2 × 3
  des frais / fees : nombre
  une surface : nombre en m²
  un état / state : parmi 'Ouvert' / 'Open', 'Fermé' / 'Closed'
  # dernier champ, commenté

événement un devis recu / quote received
  un contact : contact

# avant la règle
règle "x" / "y" (priorité 3, étiquettes 'a', 'b')
quand l'état d'un chantier devient parmi 'Ouvert', 'Fermé'  # pourquoi
   # pleine ligne
   et les frais sont supérieurs au [montant (HT)]
   et (surface > 5  # dedans
      ou surface < 2)
alors  # ici
   créer une tâche "bonjour {numero}", échéance = dans 2h,
      responsable = l'utilisateur 'Marie'
   puis état = 'Fermé'
   # fin
sinon journaliser 'x'

table la note du chantier / grade : nombre, première ligne
  | frais  | résultat |
  | < 1000 | 1        |  # bas
  | sinon  | 20       |

exemple "t" / "u" avec table
  étant donné un chantier C, surface = valeur
    et un contact
  quand l'état du chantier C devient 'Ouvert'
  alors jamais notifier
    et surface = valeur
  | valeur |
  | 3      |
  | 12     |
"""


def test_lines_and_comments_stay_and_the_layout_is_canonical() -> None:
    assert formatted(MESSY) == TIDY
    assert formatted(TIDY) == TIDY


def test_line_breaks_keep_their_kind() -> None:
    assert formatted(MESSY.replace("\n", "\r\n")) == TIDY.replace("\n", "\r\n")


def test_a_line_broken_inside_a_phrase_stays_broken() -> None:
    condition = "   et somme des montants des affaires\n      du contact > 5\n"
    text = f"quand une affaire est créée\n{condition}alors journaliser 'x'\n"
    assert formatted(text) == text


def test_what_has_an_error_stays_as_it_is() -> None:
    wrong = "quand   une afaire est cree alors\n     journaliser   'x'   # reste"
    text = f"{wrong}\n\n\n\nquand affaire cree alors journaliser 'x'"
    assert formatted(text) == f"{wrong}\n\nquand affaire créée alors journaliser 'x'\n"


@pytest.mark.parametrize("text", ["", "\n\n", "# rien\n", "  # a  \n\n\n# b"])
def test_a_file_without_declarations_keeps_its_comments(text: str) -> None:
    kept = formatted(text)
    assert formatted(kept) == kept
    assert [line.strip() for line in kept.splitlines() if line.strip()] == [
        line.strip() for line in text.splitlines() if line.strip()
    ]


# --- what always holds --------------------------------------------------------------------------------------------


@cache
def blocks(language: str) -> str:
    """The blocks of the language reference in one language, as one file."""
    parts = CORPUS.read_text(encoding="utf-8").split("```\n")[1::2]
    return "\n".join(part for part in parts if parse_file(part).language == language)


@pytest.mark.parametrize("language", languages())
def test_the_language_reference_keeps_its_meaning(language: str) -> None:
    text = blocks(language)
    once = formatted(text)
    assert formatted(once) == once
    before, after = compiled(text), compiled(once)
    assert before.recorded is not None and after.recorded is not None
    assert after.recorded.program == before.recorded.program


@given(programs())
def test_formatting_is_idempotent_and_keeps_the_meaning(program: list[Twin]) -> None:
    for language in languages():
        text = "\n".join(getattr(rule, language) for rule in program)
        before = compiled(text)
        once = format_file(before, URI)
        after = compiled(once)
        assert meaning(after) == meaning(before)
        assert format_file(after, URI) == once


def disturbed(text: str, chance: random.Random) -> str:
    """A text with comments, line breaks and spaces put between some of its tokens."""
    made: list[str] = []
    for _, parsed in parse_file(text).declarations:
        for token in parsed.tokens:
            extra = chance.choice(["", "", "", "", " ", "  # c\n", "\n", f"\n# {chance.randrange(9)} 'x'\n   "])
            made.append(f"{token.leading}{extra if token.leading else ''}{token.text}")
        made.append(parsed.trailing)
    return "".join(made)


def pieces_to_keep(text: str) -> Counter[str]:
    """The comments and texts of a file."""
    kept: Counter[str] = Counter()
    for _, parsed in parse_file(text).declarations:
        for token in parsed.tokens:
            kept.update(line.strip() for line in token.leading.splitlines() if line.strip().startswith("#"))
            if token.kind == "TEXT" and "{" not in token.text:
                kept[token.text] += 1
        kept.update(line.strip() for line in parsed.trailing.splitlines() if line.strip().startswith("#"))
    return kept


@given(programs(), st.randoms(use_true_random=False))
def test_no_comment_and_no_text_is_lost(program: list[Twin], chance: random.Random) -> None:
    for language in languages():
        text = disturbed("\n".join(getattr(rule, language) for rule in program), chance)
        once = formatted(text)
        assert pieces_to_keep(once) == pieces_to_keep(text)
        assert formatted(once) == once
        before, after = compiled(text), compiled(once)
        assert before.recorded is not None and after.recorded is not None
        assert list(after.recorded.rules.values()) == list(before.recorded.rules.values())


# --- the command --------------------------------------------------------------------------------------------------


def run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code


def test_the_command_formats_in_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.rules"
    file.write_text("quand affaire cree alors journaliser 'x'", encoding="utf-8")
    assert run("fmt", "--check", str(tmp_path)) == 1
    assert str(file) in capsys.readouterr().err
    assert run("fmt", "--diff", str(tmp_path)) == 0
    assert "+quand affaire créée alors journaliser 'x'" in capsys.readouterr().out
    assert "cree" in file.read_text(encoding="utf-8")
    assert run("fmt", str(tmp_path)) == 0
    assert file.read_text(encoding="utf-8") == "quand affaire créée alors journaliser 'x'\n"
    assert run("fmt", "--check", str(tmp_path)) == 0


def test_a_file_that_is_no_text_is_told_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.rules"
    file.write_bytes(b"quand affaire cr\xe9\xe9e alors journaliser 'x'")
    assert run("fmt", str(file)) == 1
    assert "UTF-8" in capsys.readouterr().err
    assert b"\xe9\xe9e" in file.read_bytes()
    assert run("fmt", str(tmp_path / "no.rules")) == 2
