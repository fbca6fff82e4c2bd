"""The library as a host uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

import quand

RULES = """
règle "Bienvenue"
quand un contact est créé
alors envoyer un SMS au contact, texte = "Bonjour {nom}"

règle "Gros montant"
quand une affaire est créée et montant > 1 000 €
alors notifier le responsable, message = "Grosse affaire"
"""


def test_rules_are_compiled_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_text(RULES, encoding="utf-8")
    for given in (tmp_path, str(tmp_path), tmp_path / "a.rules"):
        assert isinstance(quand.compile(given), quand.Program)


def test_errors_come_with_their_place_and_their_words() -> None:
    with pytest.raises(quand.CompilationError) as caught:
        quand.compile_text("quand affaire créée\nalors montnt = 5")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.severity) == ("QD102", "error")
    assert (diagnostic.line, diagnostic.column) == (2, 7)
    assert "« montnt »" in diagnostic.message
    assert diagnostic.message in str(caught.value)


def test_an_action_is_bound_to_a_function() -> None:
    engine = quand.Engine(quand.compile_text(RULES, language="fr"), store=quand.open_store("memory://"))
    sent: list[object] = []

    @engine.action("send SMS")
    def send_sms(call: object) -> None:  # pyright: ignore[reportUnusedFunction]
        sent.append(call)

    outcome = engine.process({"event": "contact.created", "data": {"id": "C-1", "nom": "Claire"}})
    assert outcome.status == "applied"
    assert [firing.rule for firing in outcome.fired] == ["Bienvenue"]
    assert len(sent) == 1


def test_a_decision_needs_no_store() -> None:
    program = quand.compile_text(RULES)
    assert program.decide({"montant": 2000}, "deal") == ["Gros montant"]
    assert program.decide({"amount": 500}, "affaire") == []


def test_an_unknown_kind_of_store_is_refused() -> None:
    with pytest.raises(Exception, match="unknown_store"):
        quand.open_store("nowhere://x")
