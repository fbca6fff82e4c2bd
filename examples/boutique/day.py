"""A working day of the shop: 1,000 events, the same ones each time.

``python examples/boutique/day.py > day.jsonl`` writes them, for ``quand run fr --events day.jsonl``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import Any, NamedTuple

EVENTS = 1000
START = datetime(2026, 11, 23, 8, 0, tzinfo=timezone(timedelta(hours=1)))
CLOSING = timedelta(hours=11)

FIRST_NAMES = ("Anne", "Paul", "Claire", "Hugo", "Nora", "Luc", "Jeanne", "Omar", "Zoé", "Léon", "Inès", "Marc")
NAMES = ("Petit", "Martin", "Dupont", "Moreau", "Bernard", "Faure", "Roux", "Blanc", "Lefèvre", "Garnier")
ITEMS = (
    ("Chaise", "Meuble", "79"),
    ("Table en chêne", "Meuble", "640"),
    ("Buffet", "Meuble", "890"),
    ("Étagère", "Meuble", "129"),
    ("Tabouret", "Meuble", "45"),
    ("Lampe de bureau", "Luminaire", "39.90"),
    ("Suspension", "Luminaire", "118"),
    ("Applique", "Luminaire", "64.50"),
    ("Lampadaire", "Luminaire", "149"),
    ("Miroir", "Décoration", "95"),
    ("Vase", "Décoration", "24.90"),
    ("Coussin", "Décoration", "19.90"),
    ("Tapis", "Décoration", "210"),
    ("Horloge", "Décoration", "54"),
)
STAFF: dict[str, dict[str, Any]] = {
    "Sophie Roy": {"expérience": 15},
    "Ana Lopez": {"équipe": "Vente", "expérience": 9, "chef": "U-1"},
    "Luc Mercier": {"équipe": "Vente", "expérience": 2, "chef": "U-1"},
    "Karim Haddad": {"équipe": "Logistique", "chef": "U-1"},
    "Julie Klein": {"équipe": "Logistique", "chef": "U-1"},
    "Pierre Noël": {"équipe": "Vente", "actif": False},
}
CONTACTS = 60
PROJECTS = ("Cuisine", "Bibliothèque", "Dressing", "Bureau", "Salle de bains")
REVIEWS = ("Cassé à l'arrivée", "Un peu long", "Conforme", "Très beau", "Parfait, merci !")
CLAIMS = ("Pied de table rayé", "Livraison incomplète", "Ampoule grillée", "Facture à corriger")

Story = list[tuple[timedelta, str, dict[str, Any]]]
"""What happens, and when, after the start of the day."""


class Happening(NamedTuple):
    """An event before it is numbered; ``order`` keeps those of one instant as they were made."""

    at: timedelta
    order: int
    event: str
    data: dict[str, Any]


class Day:
    """Makes up the stories of a day: orders, projects, calls, reviews, and a few mistakes."""

    def __init__(self, seed: int = 2026) -> None:
        self.random = Random(seed)  # noqa: S311 - the same day each time is what is wanted
        self.orders = 0

    def happenings(self) -> list[Happening]:
        """Those of the whole day by time, as many as there are to be, but for the closing."""
        made = self.opening() + self.deliveries_of_goods() + self.mistakes()
        tellers = cycle(
            (self.order, self.project, self.call, self.order, self.review, self.order, self.form, self.cart, self.claim)
        )
        while len(made) < EVENTS - 1:
            at = timedelta(minutes=self.random.randint(15, 600), seconds=self.random.randint(0, 59))
            made += [told for told in next(tellers)(at) if told[0] < CLOSING]
        made = made[: EVENTS - 1]
        return sorted(Happening(at, order, event, data) for order, (at, event, data) in enumerate(made))

    def opening(self) -> Story:
        """Who and what is there when the doors open."""
        now = timedelta()
        made: Story = [
            (now, "user.created", {"id": f"U-{number}", "nom": name, **data})
            for number, (name, data) in enumerate(STAFF.items(), 1)
        ]
        for number, (name, family, price) in enumerate(ITEMS, 1):
            stock = self.random.randint(15, 40)
            data = {"id": f"I-{number}", "nom": name, "famille": family, "prix": price, "stock": stock, "seuil": 8}
            made.append((now, "item.created", data))
        for number in range(1, CONTACTS + 1):
            made.append((now, "contact.created", self.contact(number)))
        for number in range(1, 7):
            data = {"id": f"K-{number}", "numéro": f"E-{number}", "contact": f"C-{number}", "responsable": "U-3"}
            made.append((now, "contract.created", {**data, "date de fin": f"2026-12-{21 + number}"}))
        return made

    def contact(self, number: int) -> dict[str, Any]:
        first, name = self.random.choice(FIRST_NAMES), self.random.choice(NAMES)
        data: dict[str, Any] = {"id": f"C-{number}", "prénom": first, "nom": name, "responsable": f"U-{2 + number % 2}"}
        data["téléphone"] = f"+33 6 00 00 {number // 100:02} {number % 100:02}"
        if number % 5:
            data["e-mail"] = f"client{number}@example.org"
        if number % 20 == 0:
            data["date de naissance"] = f"{1960 + number}-11-23"
        if number % 13 == 0:
            data["désabonné"] = True
        return data

    def anyone(self) -> str:
        return f"C-{self.random.randint(1, CONTACTS)}"

    def later(self, at: timedelta, least: int, most: int) -> timedelta:
        return at + timedelta(minutes=self.random.randint(least, most))

    def order(self, at: timedelta) -> Story:
        """An order with its lines, mostly paid, prepared and delivered."""
        self.orders += 1
        key = f"O-{self.orders}"
        delivered = self.random.random() < 0.6
        made: Story = [
            (
                at,
                "order.created",
                {
                    "id": key,
                    "numéro": f"{1000 + self.orders}",
                    "client": self.anyone(),
                    "état": "Reçue",
                    "canal": self.random.choice(("Magasin", "Site", "Site")),
                    "mode": "Livraison" if delivered else "Retrait",
                },
            )
        ]
        subtotal = Decimal()
        for line in range(1, self.random.randint(1, 3) + 1):
            item, quantity = self.random.randint(1, len(ITEMS)), self.random.choice((1, 1, 1, 2, 2, 4))
            subtotal += quantity * Decimal(ITEMS[item - 1][2])
            data = {"id": f"{key}-{line}", "commande": key, "article": f"I-{item}", "quantité": quantity}
            made.append((at + timedelta(seconds=line), "order line.created", data))
        fate = self.random.random()
        if fate < 0.12:
            return made
        paid = self.later(at, 1, 20)
        amount = subtotal + self.fee(subtotal, delivered)
        if fate > 0.97:
            amount += 10
        payment = {"id": f"P-{self.orders}", "commande": key, "montant": str(amount)}
        made.append((paid, "payment.created", payment))
        if fate < 0.18:
            made.append((self.later(paid, 5, 60), "order.updated", {"id": key, "état": "Annulée"}))
            return made
        ready = self.later(paid, 30, 110)
        made.append((ready, "order.updated", {"id": key, "état": "Préparée"}))
        gone = self.later(ready, 20, 120)
        made.append((gone, "order.updated", {"id": key, "état": "Expédiée"}))
        if not delivered:
            made.append((self.later(gone, 10, 60), "order.updated", {"id": key, "état": "Livrée"}))
        return made

    @staticmethod
    def fee(subtotal: Decimal, delivered: bool) -> Decimal:
        if not delivered or subtotal >= 150:
            return Decimal()
        return Decimal("5.90") if subtotal >= 50 else Decimal("9.90")

    def project(self, at: timedelta) -> Story:
        """A made-to-measure project, up to where it gets in a day."""
        key = f"A-{int(at.total_seconds())}"
        amount = self.random.choice((900, 2400, 4800, 6500, 12000, 18500))
        name = f"{self.random.choice(PROJECTS)} {self.random.choice(NAMES)}"
        data = {"id": key, "nom": name, "montant": amount, "étape": "Nouvelle", "contact": self.anyone()}
        made: Story = [(at, "deal.created", data)]
        for stage in ("Devis envoyé", "Négociation", "Documents", self.random.choice(("Gagnée", "Gagnée", "Perdue"))):
            at = self.later(at, 20, 90)
            made.append((at, "deal.updated", {"id": key, "étape": stage}))
            if stage == "Négociation" and self.random.random() < 0.6:
                made.append((at + timedelta(minutes=2), "deal.updated", {"id": key, "calculer la remise": True}))
            if self.random.random() < 0.2:
                break
        if self.random.random() < 0.4:
            start = START + self.later(at, 125, 240)
            meeting = {"id": f"R-{key}", "titre": name, "début": start.isoformat(), "contact": data["contact"]}
            made.append((at + timedelta(minutes=1), "appointment.created", meeting))
        return made

    def call(self, at: timedelta) -> Story:
        """A customer calls; nobody answers, or only later."""
        caller = {"contact": self.anyone()}
        made: Story = [(at, "missed call", caller)]
        if self.random.random() < 0.35:
            made += [(at + timedelta(minutes=minutes), "missed call", caller) for minutes in (7, 15)]
        if self.random.random() < 0.4:
            made.append((self.later(at, 16, 29), "received call", caller))
        return made

    def review(self, at: timedelta) -> Story:
        rating = self.random.choice((1, 2, 3, 4, 4, 5, 5))
        return [(at, "review left", {"contact": self.anyone(), "note": rating, "texte": REVIEWS[rating - 1]})]

    def claim(self, at: timedelta) -> Story:
        """Something is wrong with a purchase, and mostly put right."""
        key = f"R-{int(at.total_seconds())}"
        urgent = self.random.random() < 0.3
        data = {"id": key, "titre": self.random.choice(CLAIMS), "contact": self.anyone(), "responsable": "U-2"}
        made: Story = [(at, "claim.created", {**data, "état": "Ouverte", "urgente": urgent})]
        if self.random.random() < 0.7:
            made.append((self.later(at, 20, 180), "claim.updated", {"id": key, "état": "Traitée"}))
        return made

    def form(self, at: timedelta) -> Story:
        number = self.random.randint(1, 2 * CONTACTS)
        data = {"formulaire": "Contact", "nom": self.random.choice(NAMES), "e-mail": f"client{number}@example.org"}
        return [(at, "form received", {**data, "message": f"Un devis pour : {self.random.choice(PROJECTS).lower()}"})]

    def cart(self, at: timedelta) -> Story:
        return [(at, "abandoned cart", {"contact": self.anyone(), "montant": self.random.randint(20, 400)})]

    def deliveries_of_goods(self) -> Story:
        """The lorry of the early afternoon."""
        noon = timedelta(hours=6)
        return [
            (noon + timedelta(minutes=number), "item.updated", {"id": f"I-{number}", "stock": 40})
            for number in range(1, len(ITEMS) + 1, 2)
        ]

    def mistakes(self) -> Story:
        """What goes wrong on any day."""
        hour = timedelta(hours=1)
        return [
            (2 * hour, "order line.created", {"id": "X-1", "article": "I-1", "quantité": 120}),
            (3 * hour, "payment.created", {"id": "X-2", "montant": -20}),
            (4 * hour, "deal.created", {"id": "X-3", "nom": "Cuisine Roux", "montant": 8000, "remise": "25 %"}),
            (5 * hour, "item.updated", {"id": "I-2", "stock": "beaucoup"}),
            (6 * hour, "order.updated", {"id": "O-9999", "état": "Livrée"}),
            (7 * hour, "order.created", {"id": "O-1", "numéro": "1001", "client": "C-1", "état": "Reçue"}),
        ]


def events() -> Iterator[dict[str, Any]]:
    """The day's events, in order; the last one only moves the clock to the closing."""
    number = 0
    for number, (at, _, event, data) in enumerate(Day().happenings(), 1):
        yield {"id": f"j{number:04}", "event": event, "at": (START + at).isoformat(), "data": data}
    yield {"id": f"j{number + 1:04}", "event": "time", "at": (START + CLOSING).isoformat()}


if __name__ == "__main__":
    sys.stdout.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events())
