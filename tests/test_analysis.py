"""What is known of rules before they run: conditions never true, rules that conflict, what tables leave out."""

from __future__ import annotations

import pytest

from quand.project.compile import load_text


def told(text: str) -> list[str]:
    """The codes of what is said about some rules."""
    return [finding.code for finding in load_text(text).findings()]


# --- conditions never true ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "never"),
    [
        ("longueur > 5 et longueur < 5", True),
        ("longueur ≥ 5 et longueur ≤ 5", False),
        ("longueur ≥ 5 et longueur < 5", True),
        ("longueur > 5 et longueur ≤ 5", True),
        ("longueur > 5 et longueur < 6", False),
        ("longueur > 6 et longueur < 5", True),
        ("5 > longueur et longueur > 6", True),
        ("longueur entre 1 et 3 et longueur > 3", True),
        ("longueur entre 1 et 3 et longueur ≥ 3", False),
        ("longueur entre 3 et 1", True),
        ("longueur n'est pas entre 1 et 3 et longueur = 2", False),
        ("non (longueur < 5) et longueur < 5", True),
        ("non (longueur < 5) et longueur ≤ 5", False),
        ("non (longueur ≤ 5) et longueur ≤ 5", True),
        ("étape = 'A' et étape = 'B'", True),
        ("étape = 'A' et étape parmi 'A', 'B'", False),
        ("étape = 'A' et étape parmi 'B', 'C'", True),
        ("étape = 'A' et étape n'est pas parmi 'A', 'B'", True),
        ("étape = 'A' et étape ≠ 'A'", True),
        ("étape ≠ 'A' et étape ≠ 'B'", False),
        ("longueur parmi 1, 2 et longueur > 2", True),
        ("longueur parmi 1, 2 et longueur ≥ 2", False),
        ("calculer la remise et non (calculer la remise)", True),
        ("échéance > 31/12/2026 et échéance < 01/01/2026", True),
        ("montant < remise de l'affaire × montant et montant ≥ remise de l'affaire × montant", True),
        ("longueur < largeur et largeur < longueur", True),
        ("longueur ≤ largeur et largeur ≤ longueur", False),
        ("longueur > 5 ou longueur < 5", False),
    ],
)
def test_a_condition_that_is_never_true_is_told(condition: str, never: bool) -> None:
    rule = f"quand une affaire est créée et {condition} alors journaliser 'x'"
    assert told(rule) == (["QD310"] if never else [])


def test_what_an_edge_says_counts_with_the_condition() -> None:
    edge = "quand l'étape d'une affaire devient 'A' et étape = 'B' alors journaliser 'x'"
    assert told(edge) == ["QD310"]
    assert told(edge.replace("devient 'A'", "change")) == []
    assert told(edge.replace("devient 'A'", "devient 'A' ou une affaire est créée")) == []


def test_a_rule_with_otherwise_has_something_to_do() -> None:
    rule = "quand une affaire est créée et étape = 'A' et étape = 'B' alors journaliser 'x'"
    assert told(f"{rule}\nsinon journaliser 'y'") == []


# --- conflicts ----------------------------------------------------------------------------------------------------

ONE = "quand une affaire est créée alors étape = 'A'"


@pytest.mark.parametrize(
    ("one", "other", "codes"),
    [
        (ONE, "quand une affaire est créée alors étape = 'B'", ["QD302"]),
        (ONE, "quand une affaire est créée alors étape = 'A'", []),
        (ONE, "quand une affaire est créée alors étape = nom", ["QD303"]),
        (ONE, "quand une affaire est créée alors nom = 'B'", []),
        (ONE, "quand une affaire est créée et longueur > 5 alors étape = 'B'", ["QD303"]),
        (ONE, "quand un contact est créé alors ville = 'B'", []),
        (ONE, "quand une affaire est modifiée alors étape = 'B'", []),
        (ONE, "quand une affaire est enregistrée alors étape = 'B'", ["QD303"]),
        (ONE, "quand l'étape d'une affaire devient 'C' alors étape = 'B'", ["QD303"]),
        (ONE, "quand l'étape d'une affaire change alors étape = 'B'", []),
        (ONE, "règle \"R\" (priorité 1)\nquand une affaire est créée alors étape = 'B'", []),
        (ONE, "règle \"R\" (désactivée)\nquand une affaire est créée alors étape = 'B'", []),
        (ONE, "règle \"R\" (une seule fois)\nquand une affaire est créée alors étape = 'B'", ["QD303"]),
        (
            "quand une affaire est créée et longueur > 5 alors étape = 'A'",
            "quand une affaire est créée et longueur ≤ 5 alors étape = 'B'",
            [],
        ),
        (
            "quand une affaire est créée et longueur ≥ 5 alors étape = 'A'",
            "quand une affaire est créée et longueur ≤ 5 alors étape = 'B'",
            ["QD303"],
        ),
        (
            "quand une affaire est créée alors augmenter longueur de 1",
            "quand une affaire est créée alors augmenter longueur de 2",
            [],
        ),
        (
            "quand une affaire est créée alors augmenter longueur de 1",
            "quand une affaire est créée alors longueur = 2",
            ["QD303"],
        ),
        (
            "règle 'R' (du 01/01/2026 au 30/06/2026)\nquand une affaire est créée alors étape = 'A'",
            "règle 'S' (du 01/07/2026 au 31/12/2026)\nquand une affaire est créée alors étape = nom",
            [],
        ),
        (
            "règle 'R' (du 01/01/2026 au 30/06/2026)\nquand une affaire est créée alors étape = 'A'",
            "règle 'S' (du 30/06/2026 au 31/12/2026)\nquand une affaire est créée alors étape = nom",
            ["QD303"],
        ),
        (
            "quand l'étape d'une affaire devient 'C' alors nom = 'A'",
            "quand l'étape d'une affaire devient 'D' alors nom = 'B'",
            [],
        ),
        (
            "quand l'étape d'une affaire devient 'C' alors nom = 'A'",
            "quand l'étape d'une affaire change et ancienne étape = 'C' alors nom = 'B'",
            [],
        ),
        (
            "quand l'étape d'une affaire devient 'C' alors nom = 'A'",
            "quand l'étape d'une affaire change et ancienne étape = 'D' alors nom = 'B'",
            ["QD303"],
        ),
        (
            "quand l'étape d'une affaire passe de 'C' à 'D' alors nom = 'A'",
            "quand l'étape d'une affaire passe de 'E' à 'D' alors nom = 'B'",
            [],
        ),
        (
            "quand une affaire est créée et montant = 5 alors nom = 'A'",
            "quand une affaire est créée et montant = 5 € alors nom = 'B'",
            ["QD303"],
        ),
        (
            "quand 3 affaires créées en 2 jours alors nom = 'A'",
            "quand une affaire est créée alors nom = numéro",
            ["QD303"],
        ),
        (
            "règle 'R'\nquand 3 jours avant l'échéance d'une affaire alors étape = 'A'",
            "quand une affaire est créée alors étape = 'B'",
            [],
        ),
    ],
)
def test_two_rules_that_write_one_field(one: str, other: str, codes: list[str]) -> None:
    """QD302 where both always fire together with different values, QD303 where they may."""
    assert told(f"{one}\n\n{other}") == codes


def test_two_rules_never_share_a_name() -> None:
    rule = "quand une affaire est créée alors journaliser 'x'"
    assert told(f'règle "R"\n{rule}\n\nrègle "S" / "R"\n{rule}') == ["QD126"]
    assert told(f'règle "R"\n{rule}\n\nrègle "S"\n{rule}') == []


# --- tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "rows", "codes"),
    [
        ("première ligne", "| < 5 | 1 % |\n| > 5 | 2 % |", ["QD320"]),
        ("première ligne", "| < 5 | 1 % |\n| ≥ 5 | 2 % |", []),
        ("première ligne", "| < 5 | 1 % |\n| > 5 | 2 % |\n| sinon | 3 % |", []),
        ("première ligne", "| < 5 | 1 % |\n| > 6 | 2 % |\n| 5 | 3 % |\n| 6 | 3 % |", ["QD320"]),
        ("première ligne", "| < 5 | 1 % |\n| < 3 | 2 % |\n| | 3 % |", ["QD322"]),
        ("première ligne", "| < 3 | 1 % |\n| < 5 | 2 % |\n| | 3 % |", []),
        ("unique", "| de 1 à 5 | 1 % |\n| de 5 à 9 | 2 % |\n| sinon | 3 % |", ["QD321"]),
        ("unique", "| de 1 à 5 | 1 % |\n| de 6 à 9 | 2 % |\n| sinon | 3 % |", []),
        ("unique", "| < 5 | 1 % |\n| ≤ 5 | 2 % |\n| sinon | 3 % |", ["QD321"]),
        ("somme", "| < 5 | 1 % |\n| < 3 | 2 % |", []),
        ("première ligne", "| pas 5 | 1 % |\n| 5 | 2 % |", []),
        ("première ligne", "| pas 5 | 1 % |\n| 6, 7 | 2 % |\n| sinon | 3 % |", ["QD322"]),
    ],
)
def test_what_a_table_leaves_out_says_twice_or_never_says(policy: str, rows: str, codes: list[str]) -> None:
    table = f"table le taux d'une affaire / rate : pourcentage, {policy}\n| longueur | résultat |\n{rows}"
    assert told(table) == codes
