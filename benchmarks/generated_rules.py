"""Varied, realistic French rules for the benchmarks: different objects, triggers, conditions, actions, names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

STAGES = ("Nouvelle", "Négociation", "Préparation de documents", "Gagnée", "Perdue", "En attente", "À rappeler")
FUNNELS = ("Réparation clé en main", "Vente simple", "Location", "Entretien annuel", "Isolation")
CITIES = ("Metz", "Nancy", "Thionville", "Épinal", "Saint-Dié-des-Vosges", "Verdun", "Lunéville")
PEOPLE = ("Marie", "Léa", "Claire", "Noël", "Zoé", "Chloé")
WORDS = (
    "chantier devis relance facture visite contrat livraison fourniture rappel bonus acompte remise suivi dossier "
    "stock paiement client prospect accueil parrain garantie entretien isolation toiture façade"
).split()
PRODUCTS = ("Stratifié", "Sous-couche", "Plinthe", "Parquet", "Colle", "Laine de verre", "Enduit")


class Subject(NamedTuple):
    """What rules over one type of object can say: triggers, fields by type, actions."""

    triggers: Sequence[str]
    fields: Mapping[str, Sequence[str]]
    actions: Sequence[str]


SUBJECTS = (
    Subject(
        (
            "une affaire est créée",
            "une affaire est modifiée",
            "une affaire est créée ou modifiée",
            "l'étape d'une affaire change",
            "l'étape d'une affaire devient {stage}",
            "l'étape d'une affaire passe de {stage} à {stage}",
            "le montant d'une affaire dépasse {money}",
            "la remise d'une affaire descend sous {percent}",
            "une affaire reste {days} jours en étape = {stage}",
            "{days} jours avant l'échéance d'une affaire, à {hour}",
            "{days} jours après la date de clôture d'une affaire",
        ),
        {
            "stage": ("étape", "l'étape"),
            "funnel": ("entonnoir",),
            "money": (
                "montant",
                "le montant",
                "montant à payer",
                "montant - remise",
                "chiffre d'affaires de la société",
            ),
            "number": ("surface", "longueur", "largeur", "longueur × largeur", "expérience du responsable"),
            "percent": ("remise", "probabilité"),
            "text": ("nom", "numéro", "source", "ville du contact", "nom du contact", "équipe du responsable"),
            "date": ("échéance", "date de clôture"),
            "flag": ("calculer la remise", "le contact est désabonné"),
        },
        (
            "ajouter produit {product}, quantité = surface, doublons = 'additionner'",
            "ajouter produit {product}, quantité = {number}, prix = {money}",
            "remise = {percent}",
            "étape = {stage}",
            "probabilité = {percent}",
            "montant = montant - {percent}",
            "échéance = aujourd'hui + {days} jours",
            'créer une tâche "{title} {{nom du contact}}", échéance = dans {hours} heures, responsable = responsable',
            'créer une tâche "{title} {{numéro}}", échéance = dans {days} jours',
            'notifier le responsable, message = "{title} : {{numéro}}, {{montant}}"',
            'envoyer un SMS au contact, texte = "{title} {{nom du contact}}"',
            'envoyer un e-mail au contact, objet = "{title}", texte = "Bonjour {{prénom du contact sinon \'client\'}}"',
            "augmenter le bonus du contact de {percent} du montant",
            "affecter l'affaire à {person}, stratégie = 'moins chargé'",
            'attendre {hours} heures puis notifier le responsable, message = "{title}"',
            'journaliser "{title} {{numéro}}"',
        ),
    ),
    Subject(
        (
            "un contact est créé",
            "un contact est modifié",
            "la ville d'un contact change",
            "la ville d'un contact devient {city}",
            "le bonus d'un contact atteint {money}",
            "{days} jours avant la date de naissance d'un contact",
        ),
        {
            "city": ("ville", "la ville"),
            "money": ("bonus", "le bonus"),
            "text": ("nom", "prénom", "e-mail", "téléphone", "secteur de la société", "nom du responsable"),
            "date": ("date de naissance",),
            "flag": ("désabonné",),
        },
        (
            "augmenter le bonus de {money}",
            "diminuer le bonus de {percent}",
            'envoyer un SMS au contact, texte = "{title} {{prénom sinon nom}}"',
            'créer une tâche "{title} {{nom}}", échéance = dans {days} jours, responsable = responsable',
            "langue = 'fr'",
            'journaliser "{title} {{nom}} de {{ville}}"',
        ),
    ),
    Subject(
        (
            "une commande est créée",
            "une commande est créée ou modifiée",
            "l'état d'une commande devient {state}",
            "le total d'une commande dépasse {money}",
        ),
        {
            "state": ("état", "l'état"),
            "money": ("total", "bonus du client", "somme des totaux des commandes du client"),
            "text": ("numéro", "ville du client", "nom du client", "e-mail du client"),
            "count": ("nombre de commandes du client", "nombre d'affaires du client dont étape = {stage}"),
            "flag": ("désabonné du client",),
        },
        (
            "augmenter le bonus du client de {percent} du total",
            'notifier le responsable du client, message = "{title} {{numéro}}"',
            'envoyer un e-mail au client, objet = "{title}", texte = "Total : {{total}}"',
            "état = {state}",
            'créer une tâche "{title} {{numéro}}", échéance = dans {hours} heures',
        ),
    ),
    Subject(
        ("un appel est manqué", "un appel est reçu", "{small} appels manqués d'un même contact en {hours} heures"),
        {
            "city": ("ville du contact",),
            "money": ("bonus du contact",),
            "text": ("nom du contact", "e-mail du contact", "nom du responsable du contact"),
            "count": ("nombre d'affaires du contact", "nombre d'affaires du contact dont étape = {stage}"),
        },
        (
            'attendre {hours} heures puis créer une tâche "{title} {{nom du contact}}"',
            'créer une tâche "{title} {{nom du contact}}", responsable = responsable du contact',
            'notifier le responsable du contact, message = "{title} {{nom du contact}}"',
        ),
    ),
    Subject(
        (
            "un contrat est créé",
            "{days} jours avant la date de fin d'un contrat",
            "l'état d'un contrat devient {state}",
        ),
        {
            "state": ("état",),
            "text": ("numéro", "nom du contact", "ville du contact"),
            "date": ("date de début", "date de fin"),
            "flag": ("renouvelé",),
        },
        (
            'créer une tâche "{title} {{numéro}}", échéance = dans {days} jours, responsable = responsable',
            "renouvelé = oui",
            "date de fin = date de fin + 1 an",
            'envoyer un e-mail au contact, objet = "{title} {{numéro}}"',
        ),
    ),
)

CONDITIONS: Mapping[str, Sequence[str]] = {
    "stage": ("{f} = {stage}", "{f} est {stage}", "{f} parmi {stage}, {stage}", "{f} n'est pas {stage}"),
    "funnel": ("{f} = {funnel}", "{f} n'est pas {funnel}", "{f} parmi {funnel}, {funnel} ou {funnel}"),
    "city": ("{f} = {city}", "{f} parmi {city}, {city}", "{f} commence par 'Saint'"),
    "state": ("{f} = {state}", "{f} ≠ {state}", "{f} est vide"),
    "money": (
        "{f} > {money}",
        "{f} ≤ {money}",
        "{f} est supérieur à {money}",
        "{f} est au moins {money}",
        "{f} entre {money} et {money}",
        "{f} n'est pas vide",
    ),
    "number": ("{f} > {number}", "{f} est inférieur ou égal à {number}", "{f} ≥ {number}", "{f} < {number}"),
    "count": ("{f} ≥ {small}", "{f} = 0", "{f} est supérieur à {small}"),
    "percent": ("{f} < {percent}", "{f} ≥ {percent}", "{f} est au plus {percent}"),
    "text": ("{f} contient '{word}'", "{f} n'est pas vide", "{f} ressemble à '*{word}*'", "{f} commence par 'A'"),
    "date": (
        "{f} est avant {date}",
        "{f} > aujourd'hui",
        "{f} entre {date} et {date}",
        "{f} < aujourd'hui + {days} jours",
    ),
    "flag": ("{f}", "non ({f})"),
}


class Rules:
    """Draws rules; the same ones for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = Random(seed)
        self._count = 0

    def _fill(self, template: str, **given: str) -> str:
        """The template with its holes filled; each hole is drawn anew."""
        while "{" in template.replace("{{", "").replace("}}", ""):
            template = _once(template, self._value, given)
        return template.replace("{{", "{").replace("}}", "}")

    def _value(self, hole: str) -> str:
        draw = self._random
        quoted = {"stage": STAGES, "funnel": FUNNELS, "city": CITIES, "product": PRODUCTS, "person": PEOPLE}
        if hole in quoted:
            return f"'{draw.choice(quoted[hole])}'"
        match hole:
            case "state":
                return f"'{draw.choice(WORDS).capitalize()}'"
            case "money":
                return f"{draw.randrange(1, 99)} {draw.randrange(1000):03} €"
            case "number":
                return str(draw.randrange(1, 200))
            case "small":
                return str(draw.randrange(2, 9))
            case "percent":
                return f"{draw.randrange(1, 60)} %"
            case "days":
                return str(draw.randrange(2, 60))
            case "hours":
                return str(draw.randrange(2, 24))
            case "hour":
                return f"{draw.randrange(7, 19)}h"
            case "date":
                return f"{draw.randrange(1, 29):02}/{draw.randrange(1, 13):02}/{draw.randrange(2025, 2029)}"
            case "word":
                return draw.choice(WORDS)
            case _:
                return " ".join(draw.sample(WORDS, 2)).capitalize()

    def _condition(self, subject: Subject) -> str:
        kind = self._random.choice(sorted(subject.fields))
        field = self._random.choice(subject.fields[kind])
        return self._fill(self._random.choice(CONDITIONS[kind]), f=field)

    def rule(self) -> list[str]:
        """The lines of a rule, without blank ones."""
        draw = self._random
        self._count += 1
        subject = draw.choices(SUBJECTS, (6, 3, 2, 1, 1))[0]
        name = f"{' '.join(draw.sample(WORDS, 3)).capitalize()} {self._count}"
        tags = draw.choice(("", "", f", étiquettes '{draw.choice(WORDS)}'"))
        lines = [
            f'règle "{name}" (priorité {self._count}{tags})',  # no two rules can conflict
            f"quand {self._fill(draw.choice(subject.triggers))}",
            *(f"   et {self._condition(subject)}" for _ in range(draw.choice((0, 1, 1, 2, 2, 3)))),
            "alors",
        ]
        lines += [f"   {self._fill(draw.choice(subject.actions))}" for _ in range(draw.choice((1, 1, 2, 3)))]
        if draw.random() < 0.1:
            lines += ["sinon", f"   {self._fill(draw.choice(subject.actions))}"]
        return lines

    def text(self, lines: int) -> str:
        """Rules of at least that many lines, blank ones not counted."""
        return "\n\n".join("\n".join(rule) for rule in self._enough(lines)) + "\n"

    def _enough(self, lines: int) -> Iterator[list[str]]:
        while lines > 0:
            rule = self.rule()
            lines -= len(rule)
            yield rule


def _once(template: str, value: Callable[[str], str], given: Mapping[str, str]) -> str:
    """Fill the first hole."""
    start = 0
    while True:
        start = template.index("{", start)
        if template[start + 1] == "{":
            start += 2
            continue
        end = template.index("}", start)
        hole = template[start + 1 : end]
        filled = given[hole] if hole in given else value(hole)
        return template[:start] + filled + template[end + 1 :]
