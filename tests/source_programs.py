"""Programs for property tests, each written in both skins at once: a :class:`Twin` holds the same thing twice."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st


class Twin(NamedTuple):
    """The same phrase, condition, action or rule in French and in English."""

    fr: str
    en: str


def both(text: str) -> Twin:
    return Twin(text, text)


def join(template_fr: str, template_en: str, *parts: Twin) -> Twin:
    return Twin(template_fr.format(*(p.fr for p in parts)), template_en.format(*(p.en for p in parts)))


def _grouped(digits: str, separator: str) -> str:
    head = len(digits) % 3 or 3
    return separator.join([digits[:head], *(digits[i : i + 3] for i in range(head, len(digits), 3))])


@st.composite
def numbers(draw: st.DrawFn) -> Twin:
    whole = str(draw(st.integers(0, 99_999)))
    decimals = draw(st.sampled_from(["", "5", "25"]))
    french, english = _grouped(whole, " "), _grouped(whole, ",")
    return Twin(f"{french},{decimals}", f"{english}.{decimals}") if decimals else Twin(french, english)


AMOUNTS = numbers().map(lambda n: Twin(f"{n.fr} €", f"€{n.en}"))
PERCENTAGES = st.integers(1, 99).map(lambda n: Twin(f"{n} %", f"{n}%"))
METRES = st.integers(1, 99).map(lambda n: both(f"{n} m"))
DURATIONS = st.integers(2, 60).flatmap(
    lambda n: st.sampled_from([Twin(f"{n} jours", f"{n} days"), Twin(f"{n} mois", f"{n} months")])
)
DATES = st.dates().map(lambda d: both(d.isoformat()))
TEXTS = st.text("abcéèàœ ÉZ0123'-", max_size=8).map(lambda t: both('"' + t.strip() + '"'))

MONEY_FIELDS = st.sampled_from(
    [
        Twin("montant", "amount"),
        Twin("montant à payer", "amount due"),
        Twin("bonus du contact", "bonus of the contact"),
        Twin("ancien montant", "previous amount"),
        Twin("chiffre d'affaires de la société", "revenue of the company"),
    ]
)
LENGTH_FIELDS = st.sampled_from([Twin("longueur", "length"), Twin("largeur", "width"), Twin("hauteur", "height")])
DATE_FIELDS = st.sampled_from(
    [
        Twin("échéance", "due date"),
        Twin("date de clôture", "closing date"),
        Twin("date de naissance du contact", "birth date of the contact"),
        Twin("aujourd'hui", "today"),
    ]
)
TEXT_FIELDS = st.sampled_from(
    [
        Twin("nom", "name"),
        Twin("source", "source"),
        Twin("ville du contact", "city of the contact"),
        Twin("nom du responsable du contact", "name of the owner of the contact"),
        Twin("e-mail du contact", "email of the contact"),
    ]
)


@st.composite
def money(draw: st.DrawFn, depth: int = 2) -> Twin:
    kind = draw(
        st.sampled_from(["field", "literal", "sum", "percent", "times", "round", "pair"] if depth else ["field"])
    )
    match kind:
        case "field":
            return draw(MONEY_FIELDS)
        case "literal":
            return draw(AMOUNTS)
        case "sum":
            operator = draw(st.sampled_from("+-"))
            return join(
                f"({{}} {operator} {{}})", f"({{}} {operator} {{}})", draw(money(depth - 1)), draw(money(depth - 1))
            )
        case "percent":
            operator = draw(st.sampled_from("+-"))
            return join(f"({{}} {operator} {{}})", f"({{}} {operator} {{}})", draw(money(depth - 1)), draw(PERCENTAGES))
        case "times":
            return join("({} × {})", "({} × {})", draw(money(depth - 1)), draw(numbers()))
        case "round":
            return join("arrondi de {} à 2 décimales", "round {} to 2 decimals", draw(money(0)))
        case _:
            return join("minimum entre {} et {}", "smaller of {} and {}", draw(money(0)), draw(AMOUNTS))


ORDERS = st.sampled_from(
    [
        both(">"),
        both("<"),
        both("≥"),
        both("≤"),
        both("="),
        both("≠"),
        Twin("est supérieur à", "is greater than"),
        Twin("est inférieur à", "is less than"),
        Twin("est au moins", "is at least"),
        Twin("est au plus", "is at most"),
        Twin("est égal à", "is equal to"),
    ]
)
DATE_ORDERS = st.sampled_from([both("<"), both("≥"), Twin("est avant", "is before"), Twin("est après", "is after")])
TEXT_TESTS = st.sampled_from(
    [
        both("="),
        both("≠"),
        Twin("contient", "contains"),
        Twin("ne contient pas", "does not contain"),
        Twin("commence par", "starts with"),
        Twin("finit par", "ends with"),
        Twin("ressemble à", "matches"),
    ]
)
FILTERS = st.sampled_from(
    [
        Twin("étape = 'Gagnée'", "stage = 'Gagnée'"),
        Twin("montant > 5", "amount > 5"),
        Twin("source est vide", "source is empty"),
    ]
)


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> Twin:
    leaves = ["money", "length", "date", "text", "empty", "yes", "between", "member", "count", "sum", "exists", "hours"]
    kind = draw(st.sampled_from([*leaves, "and", "or", "not"] if depth else leaves))
    match kind:
        case "money":
            return join("{} {} {}", "{} {} {}", draw(money()), draw(ORDERS), draw(money()))
        case "length":
            return join("{} {} {}", "{} {} {}", draw(LENGTH_FIELDS), draw(ORDERS), draw(METRES))
        case "date":
            return join("{} {} {}", "{} {} {}", draw(DATE_FIELDS), draw(DATE_ORDERS), draw(DATES))
        case "text":
            return join("{} {} {}", "{} {} {}", draw(TEXT_FIELDS), draw(TEXT_TESTS), draw(TEXTS))
        case "empty":
            test = draw(st.sampled_from([Twin("est vide", "is empty"), Twin("n'est pas vide", "is not empty")]))
            return join("{} {}", "{} {}", draw(TEXT_FIELDS | MONEY_FIELDS | DATE_FIELDS), test)
        case "yes":
            return draw(
                st.sampled_from(
                    [
                        Twin("calculer la remise", "apply discount"),
                        Twin("le contact n'est pas désabonné", "the contact is not unsubscribed"),
                    ]
                )
            )
        case "between":
            return join(
                "{} est entre {} et {}", "{} is between {} and {}", draw(MONEY_FIELDS), draw(AMOUNTS), draw(AMOUNTS)
            )
        case "member":
            return join(
                "{} est parmi {}, {} ou {}",
                "{} is one of {}, {} or {}",
                draw(TEXT_FIELDS),
                draw(TEXTS),
                draw(TEXTS),
                draw(TEXTS),
            )
        case "count":
            return join(
                "nombre d'affaires du contact dont {} ≥ {}",
                "number of deals of the contact whose {} ≥ {}",
                draw(FILTERS),
                draw(st.integers(1, 9).map(str).map(both)),
            )
        case "sum":
            return join(
                "somme des montants des affaires du contact dont ({}) > {}",
                "sum of the amounts of the deals of the contact whose ({}) > {}",
                draw(FILTERS),
                draw(AMOUNTS),
            )
        case "exists":
            return join(
                "{} du contact depuis {}",
                "{} of the contact in the last {}",
                draw(
                    st.sampled_from(
                        [
                            Twin("il existe un appel manqué", "there is a missed call"),
                            Twin("aucun contrat", "no contract"),
                        ]
                    )
                ),
                draw(DURATIONS),
            )
        case "hours":
            return Twin("il est entre 20h et 8h", "it is between 8pm and 8am")
        case "not":
            return join("non ({})", "not ({})", draw(conditions(depth - 1)))
        case _:
            word = Twin("et", "and") if kind == "and" else Twin("ou", "or")
            parts = draw(st.lists(conditions(depth - 1), min_size=2, max_size=3))
            return Twin(
                "(" + f" {word.fr} ".join(p.fr for p in parts) + ")",
                "(" + f" {word.en} ".join(p.en for p in parts) + ")",
            )


TRIGGERS = st.sampled_from(
    [
        Twin("une affaire est créée", "a deal is created"),
        Twin("une affaire est créée ou modifiée", "a deal is created or updated"),
        Twin("l'étape d'une affaire change", "the stage of a deal changes"),
        Twin("l'étape d'une affaire devient 'Gagnée'", "the stage of a deal becomes 'Gagnée'"),
        Twin("l'étape d'une affaire passe de 'A' à 'B'", "the stage of a deal goes from 'A' to 'B'"),
        Twin("le montant d'une affaire dépasse 10 000 €", "the amount of a deal exceeds €10,000"),
        Twin("30 jours avant l'échéance d'une affaire, à 9h", "30 days before the due date of a deal, at 9am"),
        Twin("une affaire reste 5 jours en étape = 'A'", "a deal stays 5 days in stage = 'A'"),
    ]
)


@st.composite
def actions(draw: st.DrawFn) -> Twin:
    match draw(st.sampled_from(["assign", "create", "notify", "increase", "product", "if", "sms", "loop"])):
        case "assign":
            return join("montant = {}", "amount = {}", draw(money()))
        case "create":
            return join(
                'créer une tâche "Rappeler {{nom du contact}}", échéance = dans {}',
                'create a task "Rappeler {{name of the contact}}", due date = in {}',
                draw(DURATIONS),
            )
        case "notify":
            return join("notifier le responsable, message = {}", "notify the owner, message = {}", draw(TEXTS))
        case "increase":
            return join(
                "augmenter le bonus du contact de {}",
                "increase the bonus of the contact by {}",
                draw(PERCENTAGES | AMOUNTS),
            )
        case "product":
            return join(
                "ajouter un produit {}, quantité = surface + {}",
                "add a product {}, quantity = area + {}",
                draw(TEXTS),
                draw(PERCENTAGES),
            )
        case "if":
            return join(
                "montant = si {} alors {} sinon {}",
                "amount = if {} then {} otherwise {}",
                draw(conditions(0)),
                draw(money(0)),
                draw(AMOUNTS),
            )
        case "sms":
            return Twin(
                "envoyer un SMS au contact, texte = \"Bonjour {prénom du contact sinon 'client'}\"",
                "send an SMS to the contact, text = \"Bonjour {first name of the contact otherwise 'client'}\"",
            )
        case _:
            return Twin(
                "pour chaque contrat du contact : renouvelé = oui",
                "for each contract of the contact : renewed = yes",
            )


@st.composite
def rules(draw: st.DrawFn, number: int = 1) -> Twin:
    """A rule called ``R<number>``; its priority keeps it from conflicts with the others."""
    trigger, then = draw(TRIGGERS), draw(st.lists(actions(), min_size=1, max_size=3))
    condition = draw(st.none() | conditions())
    parts = [
        join(
            f'règle "R{number}" (priorité {number})\nquand {{}}',
            f'rule "R{number}" (priority {number})\nwhen {{}}',
            trigger,
        )
    ]
    if condition is not None:
        parts.append(join("   et {}", "   and {}", condition))
    parts.append(Twin("alors", "then"))
    parts.extend(join("   {}", "   {}", action) for action in then)
    return Twin("\n".join(p.fr for p in parts) + "\n", "\n".join(p.en for p in parts) + "\n")


@st.composite
def programs(draw: st.DrawFn, most: int = 3) -> list[Twin]:
    """Some rules."""
    return [draw(rules(number)) for number in range(1, draw(st.integers(1, most)) + 1)]
