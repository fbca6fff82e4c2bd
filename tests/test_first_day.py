"""What somebody meets on the first day: the rules of the tutorial with mistakes planted, each mended in one step."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from doc_pages import DOCS, samples
from golden_format import applied

from quand.project.compile import Project, load_text


class Slip(NamedTuple):
    """A part of a rule of the tutorial and what is written instead of it, by language."""

    meant: dict[str, str]
    written: dict[str, str]


def slip(fr: tuple[str, str], en: tuple[str, str]) -> Slip:
    return Slip({"fr": fr[0], "en": en[0]}, {"fr": fr[1], "en": en[1]})


SLIPS = {
    "a verb of one's own": slip(
        ("disponible d'un article descend sous le seuil", "disponible d'un article tombe sous le seuil"),
        ("available stock of an item drops below", "available stock of an item goes under"),
    ),
    "a state for a moment": slip(
        ("l'état d'une commande devient 'Expédiée'", "une commande est expédiée"),
        ("the status of an order becomes 'Shipped'", "an order is shipped"),
    ),
    "a choice without quotation marks": slip(
        ("commande devient 'Expédiée'", "commande devient Expédiée"),
        ("order becomes 'Shipped'", "order becomes Shipped"),
    ),
    "a field by another name": slip(
        ("quand l'état d'une commande", "quand l'étape d'une commande"),
        ("when the status of an order", "when the state of an order"),
    ),
    "somebody else's field": slip(
        ("envoyer un SMS au client, texte", "envoyer un SMS au contact, texte"),
        ("send an SMS to the customer, text", "send an SMS to the contact, text"),
    ),
    "an argument by another name": slip(
        ("au client, texte =", "au client, message ="),
        ("to the customer, text =", "to the customer, message ="),
    ),
    "an argument left out": slip(
        (', texte = "Votre commande {numéro} est partie."\n\n', "\n\n"),
        (', text = "Your order {number} is on its way."\n\n', "\n\n"),
    ),
    "a number in words": slip(
        ("quand 30 jours avant", "quand trente jours avant"),
        ("when 30 days before", "when thirty days before"),
    ),
    "the contrary of a field": slip(
        ("et n'est pas renouvelé", "et pas renouvelé"),
        ("and is not renewed", "and no renewed"),
    ),
    "a word left out": slip(
        ('alors créer une tâche "Contrat {numéro}"', 'créer une tâche "Contrat {numéro}"'),
        ('then create a task "Contract {number}"', 'create a task "Contract {number}"'),
    ),
    "an action nearly written": slip(
        ('alors créer une tâche "Commander', 'alors créér une tahce "Commander'),
        ('then create a task "Order', 'then create a taks "Order'),
    ),
}


def rules_with(text: str, language: str) -> str:
    """The program of the tutorial that has some text."""
    programs = [sample.rules.text for sample in samples(DOCS / f"tutorial.{language}.md")]
    return next(program for program in programs if text in program)


def errors(project: Project) -> list[str]:
    return [f"{finding.code} {finding.message}" for finding in project.findings() if finding.severity == "error"]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", SLIPS)
def test_a_mistake_leads_to_its_fix_in_one_step(name: str, language: str) -> None:
    meant, written = SLIPS[name].meant[language], SLIPS[name].written[language]
    right = rules_with(meant, language)
    wrong = right.replace(meant, written, 1)
    (finding,) = [each for each in load_text(wrong).findings() if each.severity == "error"]
    assert finding.fixes, finding.message
    mended = applied(wrong, finding.fixes[0].edits)
    assert errors(load_text(mended)) == []
