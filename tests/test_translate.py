"""``quand translate``: the same rules in the other language and back, with the same meaning and nothing lost."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from source_programs import Twin, programs

from quand.cli.main import main
from quand.dsl.compile import Compilation, SourceText, compile_sources
from quand.dsl.format import format_file
from quand.dsl.lexicon import languages
from quand.dsl.parser import detect_language, parse_file
from quand.dsl.translate import translate_file, translate_source
from quand.project.compile import STANDARD_FOLDER, standard_sources

CORPUS = Path(__file__).parent / "corpus" / "language.md"
URI = "a.rules"


def compiled(text: str) -> Compilation:
    return compile_sources([*standard_sources(), SourceText(URI, text)], record_forms=True)


def translated(text: str, target: str) -> str:
    """The text in another language; the translation means the same."""
    made = translate_source([*standard_sources(), SourceText(URI, text)], URI, target)
    assert made.text is not None, made.compilation.errors
    assert made.changed == (), made.text
    return made.text


def formatted(text: str) -> str:
    return format_file(compiled(text), URI)


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("quand affaire créée", "when deal created"),
        ("quand une affaire est créée ou modifiée", "when a deal is created or updated"),
        ("quand un appel est manqué", "when a call is missed"),
        ("quand un formulaire est reçu", "when a form is received"),
        (
            "quand 3 appels manqués d'un même contact en 2 heures",
            "when 3 missed calls by the same contact within 2 hours",
        ),
        ("quand 2 formulaires reçus en 1 heure", "when 2 forms received within 1 hour"),
        ("quand l'étape d'une affaire passe de 'A' à 'B'", "when the stage of a deal goes from 'A' to 'B'"),
        ("quand le montant d'une affaire dépasse 10 000 €", "when the amount of a deal exceeds €10,000"),
        ('règle "r"\nchaque lundi à 9h', 'rule "r"\nevery monday at 9am'),
        ('règle "r"\nchaque 1er du mois', 'rule "r"\nevery 1st of the month'),
        (
            "règle \"r\"\nquand une affaire reste 5 jours en étape = 'x'",
            "rule \"r\"\nwhen a deal stays 5 days in stage = 'x'",
        ),
        (
            'règle "r"\nquand 2 heures après la création d\'une affaire',
            'rule "r"\nwhen 2 hours after the creation of a deal',
        ),
        ("quand une affaire A est créée et le montant de A > 5", "when a deal A is created and the amount of A > 5"),
    ],
)
def test_triggers(french: str, english: str) -> None:
    fr, en = f"{french} alors journaliser 'x'\n", f"{english} then log 'x'\n"
    assert translated(fr, "en") == en
    assert translated(en, "fr") == fr


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("montant est égal à 5", "amount is equal to 5"),
        ("montant est 5", "amount is 5"),
        ("montant ≠ 5", "amount ≠ 5"),
        ("la longueur est supérieure au seuil d'alerte", "the length is greater than the alert level"),
        ("étape est parmi 'A', 'B' ou 'C'", "stage is one of 'A', 'B' or 'C'"),
        ("étape n'est pas parmi 'A', 'B'", "stage is not one of 'A', 'B'"),
        ("il est entre 20h et 8h", "it is between 8pm and 8am"),
        ("échéance est avant le 31/12/2026", "due date is before 2026-12-31"),
        ("l'ancien montant > montant", "the previous amount > amount"),
        (
            "nombre d'affaires du contact dont étape = 'A' ≥ 3",
            "number of deals of the contact whose stage = 'A' ≥ 3",
        ),
        (
            "somme des montants des affaires du contact depuis 30 jours > 5",
            "sum of the amounts of the deals of the contact in the last 30 days > 5",
        ),
        ("il existe une affaire du contact", "there is a deal of the contact"),
        (
            "tous les contrats du contact vérifient renouvelé",
            "all the contracts of the contact satisfy renewed",
        ),
        (
            "arrondi de (longueur × 2) à 1 décimale > minimum entre 3 et 5",
            "round (length × 2) to 1 decimal > smaller of 3 and 5",
        ),
        ("1 234,56 + longueur > 10 000", "1,234.56 + length > 10,000"),
        ("sa longueur > 90 et non (largeur > 2 ou largeur = 1)", "its length > 90 and not (width > 2 or width = 1)"),
    ],
)
def test_conditions(french: str, english: str) -> None:
    level = ("définir seuil d'alerte / alert level = 3\n\n", "define alert level / seuil d'alerte = 3\n\n")
    fr = f"{level[0]}quand une affaire est modifiée et {french} alors journaliser 'x'\n"
    en = f"{level[1]}when a deal is updated and {english} then log 'x'\n"
    assert translated(fr, "en") == en
    assert translated(en, "fr") == fr


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("augmenter le bonus du contact de 3 % du montant", "increase the bonus of the contact by 3 % of the amount"),
        ("étape devient 'A'", "stage becomes 'A'"),
        ("ajouter produit quantité = surface", "add product quantity = area"),
        ("ajouter produit 'x', doublons = 'additionner'", "add product 'x', duplicates = 'add up'"),
        ('créer une tâche "Bonjour {nom du contact}"', 'create a task "Bonjour {name of the contact}"'),
        ("journaliser \"{nom sinon 'l'ami'}, {{reste}}\"", "log \"{name otherwise 'l'ami'}, {{reste}}\""),
        ("appeler l'adresse 'https://a.fr', clé = montant", "call the address 'https://a.fr', clé = amount"),
        ("affecter l'affaire à l'utilisateur 'Marie'", "assign the deal to the user 'Marie'"),
        (
            "pour chaque contact dont ville = 'Metz' : (supprimer le contact ; journaliser 'x')",
            "for each contact whose city = 'Metz': (delete the contact; log 'x')",
        ),
    ],
)
def test_actions(french: str, english: str) -> None:
    fr = f"quand une affaire est modifiée alors {french}\n"
    en = f"when a deal is updated then {english}\n"
    assert translated(fr, "en") == en
    assert translated(en, "fr") == fr


def test_names_change_sides_and_keep_their_gender() -> None:
    french = """\
objet une visite / visit
  une note / grade : nombre en m, obligatoire
  un état / state : parmi 'Bon' / 'Good', 'X'
  des frais / fees : argent, par défaut 3 €
  une surface : nombre
  contacts : liste de contacts
  un parent : contact ou texte

définir la somme d'une visite / total of it en m = note × 2

action classer {visite : visite} dans {dossier : texte} / file {visit} in {folder}
  nom 'file'
  une note / mark : n'importe quel objet

table le tarif d'une visite / rate : argent, première ligne
  | note   | état     | résultat |
  | < 5    | pas 'X'  | 1 €      |
  | de 5 à 9 |        | 2 €      |
  | sinon  |          | 3 €      |
"""
    english = translated(formatted(french), "en")
    assert "object a visit / une visite\n  a grade / une note: number in m, required\n" in english
    assert "  a state / un état: one of 'Good' / 'Bon', 'X'\n  fees / des frais: money, default €3\n" in english
    assert "  contacts: list of contacts\n  a parent: contact or text\n" in english
    assert "define the total of it of a visit / la somme in m = grade × 2\n" in english
    assert "action file {visit: visit} in {folder: text} / classer {visite} dans {dossier}\n  name 'file'\n" in english
    assert "table the rate of a visit / le tarif: money, first row\n" in english
    assert "  | from 5 to 9 |         | €2     |\n" in english
    assert translated(english, "fr") == formatted(french)


def test_comments_stay_and_the_one_that_says_the_language_changes() -> None:
    about = "# à propos\n\n## Pour voir.\n"
    french = f"# langue : fr\n{about}quand une affaire est créée  # ici\nalors journaliser 'x'\n# fin\n"
    english = f"# language: en\n{about}when a deal is created  # ici\nthen log 'x'\n# fin\n"
    assert translated(french, "en") == english
    assert translated(english, "fr") == french


def test_the_language_is_said_where_the_words_do_not_tell() -> None:
    english = translated("# langue : fr\naction x\n", "en")
    assert detect_language(english) == "en"


# --- what always holds --------------------------------------------------------------------------------------------


@cache
def blocks(language: str) -> str:
    """The blocks of the language reference in one language, as one file."""
    parts = CORPUS.read_text(encoding="utf-8").split("```\n")[1::2]
    return "\n".join(part for part in parts if parse_file(part).language == language)


def other(language: str) -> str:
    return next(each for each in languages() if each != language)


@pytest.mark.parametrize("name", sorted(path.name for path in STANDARD_FOLDER.glob("*.rules")))
def test_the_standard_vocabulary_there_and_back(name: str) -> None:
    text = (STANDARD_FOLDER / name).read_text(encoding="utf-8")
    assert formatted(text) == text
    assert translated(translated(text, "en"), "fr") == text


def test_the_french_blocks_there_and_back_are_the_same_text() -> None:
    text = formatted(blocks("fr"))
    assert formatted(translated(translated(text, "en"), "fr")) == text


def test_the_english_blocks_keep_their_meaning_there_and_back() -> None:
    translated(translated(blocks("en"), "fr"), "en")


@given(programs())
def test_a_translation_means_the_same_and_is_formatted(program: list[Twin]) -> None:
    for language in languages():
        text = "\n".join(getattr(rule, language) for rule in program)
        before = compiled(text)
        assert before.program is not None
        there = translate_file(before, URI, other(language))
        middle = compiled(there)
        assert middle.program == before.program
        assert format_file(middle, URI) == there
        back = translate_file(middle, URI, language)
        assert compiled(back).program == before.program


@given(programs())
def test_french_comes_back_as_the_same_text(program: list[Twin]) -> None:
    text = formatted("\n".join(rule.fr for rule in program))
    there = translate_file(compiled(text), URI, "en")
    assert translate_file(compiled(there), URI, "fr") == text


# --- the command --------------------------------------------------------------------------------------------------


def run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code


def test_the_command_prints_or_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "a.rules", tmp_path / "b.rules"
    file.write_text("quand affaire créée alors journaliser 'x'\n", encoding="utf-8")
    assert run("translate", str(file), "--to", "en") == 0
    assert capsys.readouterr().out == "when deal created then log 'x'\n"
    assert run("translate", str(file), "--to", "en", "-o", str(out)) == 0
    assert out.read_text(encoding="utf-8") == "when deal created then log 'x'\n"
    assert run("translate", str(tmp_path), "--to", "en") == 2
    assert run("translate", str(file), "--to", "xx") == 2
    assert run("translate", str(tmp_path / "no.rules"), "--to", "en") == 2


def test_rules_with_errors_are_not_translated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.rules"
    file.write_text("quand afaire créée alors journaliser 'x'\n", encoding="utf-8")
    assert run("translate", str(file), "--to", "en") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "QD1" in err


def test_what_has_no_equal_in_the_other_language_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taux.csv").write_text("montant;résultat\n< 1000;5 %\n;10 %\n", encoding="utf-8")
    file = tmp_path / "a.rules"
    table = "table le taux d'une affaire / rate : pourcentage, première ligne, depuis 'taux.csv'\n"
    file.write_text(f"# langue : fr\n{table}", encoding="utf-8")
    assert run("translate", str(file), "--to", "en", "--lang", "fr") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "n'a pas d'équivalent exact dans cette langue (en)" in err
