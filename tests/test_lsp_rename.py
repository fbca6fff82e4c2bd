"""Renaming: everywhere, with what agrees, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsp_text import NAME, applied, here

from quand.lsp.features.rename import CannotRename, prepare_rename, rename
from quand.lsp.workspace import Workspace

PROJECT = """\
objet une offre / offer
  un montant / amount : argent
  une échéance / due date : date

définir le double d'une offre / double = montant × 2

règle "R"
quand le montant d'une offre dépasse 10 € et l'échéance de l'offre est après aujourd'hui
   et nombre d'offres dont montant > 5 € ≥ 2 et échéance de l'offre > demain
alors créer une tâche "Relancer {montant}"
"""


def renamed(before: str, new: str, project: str = PROJECT) -> str:
    place = here(project.replace(before, f"▮{before}", 1))
    edits = rename(place.snapshot, NAME, place.offset, new)
    return applied(place.text, [(edit.span, edit.text) for edit in edits.get(NAME, ())])


def test_articles_are_mended() -> None:
    text = renamed("offre dépasse", "dossier")
    assert (
        text
        == """\
objet un dossier / offer
  un montant / amount : argent
  une échéance / due date : date

définir le double d'un dossier / double = montant × 2

règle "R"
quand le montant d'un dossier dépasse 10 € et l'échéance du dossier est après aujourd'hui
   et nombre de dossiers dont montant > 5 € ≥ 2 et échéance du dossier > demain
alors créer une tâche "Relancer {montant}"
"""
    )


def test_an_article_in_the_new_name_tells_its_gender() -> None:
    text = renamed("montant d'une", "une somme")
    assert "  une somme / amount : argent" in text
    assert "quand la somme d'une offre dépasse" in text
    assert '"Relancer {somme}"' in text


def test_the_name_of_the_other_language_is_renamed_alone() -> None:
    text = renamed("due date", "deadline")
    assert text == PROJECT.replace("due date", "deadline")


def test_renaming_and_back_gives_the_same_text() -> None:
    there = renamed("offre dépasse", "dossier")
    assert renamed("dossier dépasse", "une offre", there) == PROJECT


def test_what_may_be_renamed_is_told_beforehand() -> None:
    place = here(PROJECT.replace("échéance de l'offre >", "éché▮ance de l'offre >"))
    found = prepare_rename(place.snapshot, NAME, place.offset)
    assert (place.shown(found.span), found.name) == ("échéance", "échéance")


@pytest.mark.parametrize(
    ("before", "new", "reason"),
    [
        ("tâche", "chose", "vient du vocabulaire standard"),
        ("nombre d'offres", "total", "n'est pas un nom"),
        ("offre dépasse", "  ", "ne peut pas être vide"),
        ("offre dépasse", "affaire", "est déjà pris"),
        ("montant d'une", "échéance", "est déjà pris"),
    ],
)
def test_what_cannot_be_renamed_is_left_with_a_reason(before: str, new: str, reason: str) -> None:
    with pytest.raises(CannotRename, match=reason):
        renamed(before, new)


def test_a_name_that_would_change_the_meaning_is_refused() -> None:
    project = (
        "définir le seuil / threshold = 5 €\n\n"
        "règle 'x'\nquand une affaire est créée et montant > seuil alors remise = 5 %\n"
    )
    with pytest.raises(CannotRename, match="changerait le sens"):
        renamed("seuil alors", "montant", project)


def test_a_strange_name_stands_in_brackets() -> None:
    text = renamed("montant d'une", "montant (HT)")
    assert "  un [montant (HT)] / amount : argent" in text
    assert "le [montant (HT)] d'une offre dépasse" in text


def test_all_files_of_the_project_are_changed(tmp_path: Path) -> None:
    words, rules = tmp_path / "a.rules", tmp_path / "b.rules"
    words.write_text("objet une offre / offer\n  un prix / price : argent\n", encoding="utf-8")
    rules.write_text("when the price of an offer exceeds 5 then price = 6\n", encoding="utf-8")
    workspace = Workspace()
    snapshot = workspace.snapshot(str(rules))
    edits = rename(snapshot, str(rules), rules.read_text("utf-8").index("offer"), "quote")
    assert set(edits) == {str(words), str(rules)}
    made = {name: applied(snapshot.text(name), [(e.span, e.text) for e in each]) for name, each in edits.items()}
    assert made[str(words)].startswith("objet une offre / quote\n")
    assert made[str(rules)] == "when the price of a quote exceeds 5 then price = 6\n"
