"""Where a line goes on: in brackets, after a comma, an operator or a connecting word, before a line that starts so.

Each text means the same as on one line.
"""

from __future__ import annotations

import pytest

from quand.dsl.ir_json import to_json
from quand.project.compile import load_text


def meaning(text: str) -> str:
    project = load_text(text)
    assert [finding.message for finding in project.findings() if finding.severity == "error"] == []
    return to_json(project.checked())


START = "quand une affaire est créée alors "


@pytest.mark.parametrize(
    "lines",
    [
        START + "largeur = longueur\n  + 5\n  × 2",
        START + "largeur = longueur +\n  5 ×\n  2",
        START + "largeur\n  = 5",
        START + "largeur =\n  5",
        START + "créer une tâche 'x',\n  objet = l'affaire,\n  consigne = 'y'",
        START + "créer une tâche 'x'\n  , objet = l'affaire\n  , consigne = 'y'",
        START + "journaliser 'x'\n  puis journaliser 'y'",
        START + "journaliser 'x' et\n  journaliser 'y'",
        START + "journaliser 'x';\n  journaliser 'y'",
        START + "largeur = (longueur\n  - 5)",
        START + "largeur = si longueur > 5\n  alors 1\n  sinon 2",
        "quand une affaire est créée\n et longueur\n > 5\n et largeur est\n parmi 1,\n 2 ou 3 alors refuser 'x'",
        "quand une affaire est créée ou\n une affaire est créée si\n longueur > 3\nalors nom = 'x'\nsinon nom = 'y'",
        "objet une fiche\n  un code : texte,\n  identifiant,\n  unique",
        "objet une fiche\n  un code : texte\n  , identifiant\n  , unique",
        "définir le x d'une affaire = longueur\n  + 5\n  / 2",
        "définir le x d'une affaire = si longueur > 5\n  alors 1\n  sinon 2",
    ],
)
def test_a_line_that_goes_on_is_one(lines: str) -> None:
    head, rest = lines.split("\n", 1) if lines.startswith("objet") else ("", lines)
    assert meaning(lines) == meaning(f"{head}\n" + " ".join(line.strip() for line in rest.split("\n")))


@pytest.mark.parametrize(
    ("lines", "one"),
    [
        (START + "journaliser 'x'\n  journaliser 'y'", START + "journaliser 'x'; journaliser 'y'"),
        (START + "\n  - journaliser 'x'\n  - journaliser 'y'", START + "journaliser 'x'; journaliser 'y'"),
        (START + "\n\n  journaliser 'x'\n\n\n  journaliser 'y'\n", START + "journaliser 'x'; journaliser 'y'"),
        (START + "largeur = longueur\n  - journaliser 'y'", START + "largeur = longueur; journaliser 'y'"),
        (START + "largeur = longueur # + 5\n  journaliser 'y'", START + "largeur = longueur; journaliser 'y'"),
    ],
)
def test_other_lines_are_actions_of_their_own(lines: str, one: str) -> None:
    assert meaning(lines) == meaning(one)
