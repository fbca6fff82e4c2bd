"""Rules as text for properties: conditions of every form, over a small vocabulary of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

VOCABULARY = """# langue : fr
vocabulaire : aucun

objet un contact / contact
  un nom / name : texte
  une ville / city : texte
  un bonus / bonus : argent, par défaut 0
  des points / points : nombre
  fidèle / vip : oui ou non

objet une affaire / deal
  un nom / name : texte
  une étape / stage : parmi 'Nouvelle' / 'New', 'Gagnée' / 'Won', 'Perdue'
  un montant / amount : argent
  un prix / price : argent
  une longueur / length : nombre en m
  une quantité / count : entier
  une remise / rate : pourcentage
  renouvelée / renewed : oui ou non
  une échéance / due : date
  un début / start : date et heure
  un contact / contact : contact
  une note / note : texte

définir la surface d'une affaire / area en m² = longueur × 2 m
définir le net d'une affaire / net = montant - remise
définir le plafond / ceiling = 500 €

table le taux d'une affaire / table rate : pourcentage, première ligne
  | montant              | étape                | résultat |
  | < 10 €               |                      | 0 %      |
  | de 10 € à 100 €      | 'Gagnée', 'Nouvelle' | 5 %      |
  |                      | pas 'Perdue'         | 8 %      |
"""

Forms = Mapping[str, Sequence[str]]

FORMS: Forms = {
    "number": (
        "longueur",
        "{n} m",
        "({number} + {number})",
        "({number} - {number})",
        "({number} / {factor})",
        "({number} × {factor})",
        "arrondi de ({number}) à 1 décimale",
        "minimum entre ({number}) et ({number})",
        "(si {condition} alors {number} sinon {number})",
        "ancienne longueur",
    ),
    "factor": (
        "{n}",
        "points du contact",
        "quantité",
        "(nombre d'affaires du contact)",
        "longueur de nom",
        "mois de échéance",
    ),
    "money": (
        "montant",
        "prix",
        "{n} €",
        "net",
        "plafond",
        "bonus du contact",
        "(montant + prix)",
        "({money} - {percent})",
        "({n} % de ({money}))",
        "({money} × {factor})",
        "(somme des montants des affaires du contact)",
        "(moyenne des prix des affaires du contact dont étape = {stage})",
        "(maximum des montants des affaires)",
        "montant précédent",
    ),
    "percent": ("remise", "{n} %", "taux", "({percent} + {percent})"),
    "text": ("nom", "ville du contact", "nom du contact", "note", "majuscules de nom"),
    "date": ("échéance", "aujourd'hui", "27/11/2026", "(échéance + {days} jours)", "(échéance + 1 mois)", "demain"),
    "instant": ("début", "maintenant", "(début + 3 heures)"),
    "condition": (
        "{number} {order} {number}",
        "{number} entre {n} m et {number}",
        "{money} {order} {money}",
        "{money} est au moins {money}",
        "{percent} {order} {percent}",
        "{date} {order} {date}",
        "{instant} {order} {instant}",
        "{date} est avant {date}",
        "surface {order} {n} m²",
        "{factor} {order} {n}",
        "étape = {stage}",
        "étape {equality} {stage}",
        "étape parmi {stage}, {stage}",
        "étape n'est pas parmi {stage}, {stage}",
        "{text} = '{word}'",
        "{text} {equality} {text}",
        "{text} contient '{word}'",
        "{text} commence par '{word}'",
        "{text} finit par {text}",
        "{text} ressemble à '*{word}*'",
        "{field} est vide",
        "{field} n'est pas vide",
        "renouvelée",
        "n'est pas renouvelée",
        "fidèle du contact",
        "non ({condition})",
        "({condition} et {condition})",
        "({condition} ou {condition})",
        "({condition} et {condition} et {condition})",
        "(il existe une affaire du contact dont étape = {stage})",
        "(aucune affaire du contact dont montant > {n} €)",
        "(nombre d'affaires du contact dont étape = {stage} ≥ {n})",
    ),
    "order": ("<", "≤", ">", "≥", "=", "≠"),
    "equality": ("=", "≠"),
    "stage": ("'Nouvelle'", "'Gagnée'", "'Perdue'"),
    "field": ("montant", "longueur", "échéance", "étape", "nom", "contact", "remise", "ville du contact"),
    "word": ("or", "Éclair", "éc", "a*b", "Œuvre", "K"),
    "days": ("0", "3", "40"),
    "n": ("0", "1", "2", "5", "100", "2,5"),
}
"""Forms by kind; a name in braces stands for a form of that kind."""

_LEAVES: Mapping[str, int] = {
    "number": 2,
    "factor": 3,
    "money": 6,
    "percent": 3,
    "date": 3,
    "instant": 2,
    "condition": 1,
}
"""How many of the first forms to choose from where an expression is deep enough."""


def _text(draw: st.DrawFn, kind: str, depth: int) -> str:
    forms = FORMS[kind]
    if depth <= 0:
        forms = (
            ("étape = {stage}", "renouvelée", "nom = '{word}'")
            if kind == "condition"
            else forms[: _LEAVES.get(kind, 99)]
        )
    made = draw(st.sampled_from(forms))
    while "{" in made:
        before, _, rest = made.partition("{")
        inner, _, after = rest.partition("}")
        made = before + _text(draw, inner, depth - 1) + after
    return made


@st.composite
def sources(draw: st.DrawFn) -> str:
    """A vocabulary with a few rules over its deals."""
    rules = [
        f"règle \"R{number}\"\nquand une affaire est enregistrée et {_text(draw, 'condition', 3)}\nalors note = 'oui'\n"
        for number in range(draw(st.integers(3, 6)))
    ]
    return "\n".join([VOCABULARY, *rules])
