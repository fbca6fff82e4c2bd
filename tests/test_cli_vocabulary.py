"""``quand vocabulary``: what rules can talk about, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from quand.cli.main import main
from quand.dsl.messages import languages

RULES = """\
objet une intervention / intervention
  un numéro / number : texte, identifiant
  ## Ce qu'il faudra faire.
  une nature / kind : parmi 'Pose' / 'Fitting', 'Dépannage' / 'Repair'
  une affaire / deal : affaire

définir le prix de base / base price = 50 €
définir le double d'une intervention / double = prix de base × 2

action planifier {intervention : intervention} / schedule {intervention}
  un jour / day : date, obligatoire
"""

Listing = Callable[..., tuple[object, str, str]]


@pytest.fixture
def listing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Listing:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUAND_LANG", "fr")

    def run(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["vocabulary", *arguments])
        out, err = capsys.readouterr()
        return left.value.code, out, err

    return run


def test_without_a_file_the_standard_vocabulary_is_shown(listing: Listing) -> None:
    status, out, _ = listing()
    assert status == 0
    assert "affaire / deal — Une vente en cours avec un client." in out
    assert "envoyer un SMS à {destinataire} / send an SMS to {recipient}" in out
    assert "appel manqué / missed call" in out


def test_the_rules_of_a_folder_come_first(listing: Listing, tmp_path: Path) -> None:
    (tmp_path / "vocabulaire.rules").write_text(RULES, encoding="utf-8")
    _, out, _ = listing()
    assert out.index("intervention") < out.index("affaire / deal —")
    assert "prix de base / base price — un montant d'argent" in out


def test_one_name_alone(listing: Listing, tmp_path: Path) -> None:
    (tmp_path / "vocabulaire.rules").write_text(RULES, encoding="utf-8")
    _, out, _ = listing("Intervention", "planifier")
    nature = "nature / kind                      un choix ('Pose' / 'Fitting', 'Dépannage' / 'Repair')"
    assert f"  {nature} — Ce qu'il faudra faire.\n" in out
    assert "  double                             un montant d'argent, calculé\n" in out
    assert "  jour / day    une date, obligatoire\n" in out
    assert "Une vente" not in out


def test_in_english_the_english_name_comes_first(listing: Listing) -> None:
    _, out, _ = listing("--lang", "en", "commande")
    assert "order / commande — An order from a customer." in out
    assert "customer / client" in out


def test_a_name_that_is_not_there_shows_those_that_are_close(listing: Listing) -> None:
    status, out, err = listing("comande")
    assert (status, out) == (2, "")
    assert "vouliez-vous dire « commande »" in err


def test_as_data(listing: Listing, tmp_path: Path) -> None:
    (tmp_path / "vocabulaire.rules").write_text(RULES, encoding="utf-8")
    _, out, _ = listing("--format", "json", "intervention", "prix de base")
    data = json.loads(out)
    (shown,) = data["objects"]
    assert shown["names"] == {"fr": "intervention", "en": "intervention"}
    nature = next(field for field in shown["fields"] if field["names"]["en"] == "kind")
    assert nature["values"] == [{"fr": "Pose", "en": "Fitting"}, {"fr": "Dépannage", "en": "Repair"}]
    assert [each["name"] for each in data["definitions"]] == ["base price"]


@pytest.mark.parametrize("language", languages())
def test_everything_standard_is_told(listing: Listing, language: str) -> None:
    """Each object, event, action, field and argument has its two names and says what it is, for hover and lists."""
    _, out, _ = listing("--format", "json", "--lang", language)
    data = json.loads(out)
    silent: list[str] = []
    for kind in ("objects", "events", "actions"):
        for entry in data[kind]:
            members = [*entry.get("fields", ()), *entry.get("arguments", ())]
            for each in (entry, *(member for member in members if not member["common"])):
                if set(each["names"]) != set(languages()) or not each["documentation"]:
                    silent.append(f"{entry['name']}: {each['names']}")
    assert silent == []
