"""Bodies of the standard actions that write data; the others only go out, and need none.

``STANDARD_ACTIONS`` is what an engine is given by the root package.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import reduce

from ..dsl.values import Reference, Value
from ..runtime.calls import ActionBody, ActionCall
from ..runtime.values import CONTEXT, ZERO

DEAL, PRODUCT_LINE, USER, TASK, RESERVATION, DOCUMENT = (
    "deal",
    "product line",
    "user",
    "task",
    "reservation",
    "document",
)


def add_product(call: ActionCall) -> None:
    """Make a product line of the subject deal.

    ``duplicates``: what to do when the deal has a line of that product, made earlier or in this wave: ``add`` another,
    ``ignore`` the new one, or ``add up`` the quantities.
    """
    deal = _deal(call)
    call.links["deal"] = deal
    product, quantity = call.args.get("product"), call.args.get("quantity")
    fields = {name: call.args.get(name) for name in ("product", "quantity", "price")} | {"deal": deal}
    mode = call.args.get("duplicates") or "add"
    if mode != "add":
        lines = [line for line in call.referring(PRODUCT_LINE, "deal", deal) if call.read(line, "product") == product]
        pending = [
            made
            for made in call.pending(PRODUCT_LINE)
            if made.record.get("deal") == deal and made.record.get("product") == product
        ]
        if lines or pending:
            if mode == "add up" and isinstance(quantity, Decimal):
                _add_up(call, lines, pending[0].record if pending else None, quantity)
            return
    call.create(PRODUCT_LINE, fields)


def _add_up(call: ActionCall, lines: list[Reference], pending: dict[str, Value] | None, quantity: Decimal) -> None:
    """Add to the first line stored, else to the one this wave makes."""
    if not lines:
        assert pending is not None
        before = pending.get("quantity")
        pending["quantity"] = CONTEXT.add(quantity, before) if isinstance(before, Decimal) else quantity
    elif call.read(lines[0], "quantity") is None:
        call.assign(lines[0], "quantity", quantity)
    else:
        call.increase(lines[0], "quantity", quantity)


def _deal(call: ActionCall) -> Reference:
    subject = call.subject
    if subject is not None and subject.object == DEAL:
        return subject
    if subject is not None:
        deal = call.read(subject, DEAL)
        if isinstance(deal, Reference) and deal.object == DEAL:
            return deal
    raise call.skip("QD558", object_id=subject and subject.id, kind=DEAL)


def assign(call: ActionCall) -> None:
    """Give an object to a user, or to a user of a team by a strategy: the object's ``owner`` is set."""
    target, assignee = call.args.get("object"), call.args.get("assignee")
    if not isinstance(target, Reference):
        return
    if not call.has_field(target.object, "owner"):
        raise call.skip("QD559", object_id=target.id, field="owner")
    if isinstance(assignee, str):
        user = _chosen(call, target, assignee, call.args.get("strategy") or "round robin")
    elif isinstance(assignee, Reference):
        user = assignee
        if call.read(user, "active") is not True:
            raise call.skip("QD556", object_id=user.id)
    else:
        return
    call.assign(target, "owner", user)


def _chosen(call: ActionCall, target: Reference, team: str, strategy: Value) -> Reference:
    """A user of the team. Ties go by identifier, so that the choice is the same in every run."""
    members = [user for user in call.referring(USER, "team", team) if call.read(user, "active") is True]
    if not members:
        raise call.skip("QD557", object_id=target.id, team=team)
    if strategy == "most experienced":
        return max(members, key=lambda user: _number(call.read(user, "experience")))
    if strategy == "least busy":
        return min(members, key=lambda user: _load(call, target.object, user))
    last = call.recall(team) or ""
    following = next((user for user in members if user.id > last), members[0])
    call.remember(team, following.id)
    return following


def _load(call: ActionCall, kind: str, user: Reference) -> int:
    """How many objects of a type a user has in charge, tasks done left out, those of this wave included."""
    owned = [each for each in call.referring(kind, "owner", user) if call.read(each, "done") is not True]
    return len(owned) + call.pending_values("owner").count(user)


def _number(value: Value) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal("-Infinity")


def reserve(call: ActionCall) -> None:
    """Set a quantity of an item aside for the subject deal; what is reserved already counts, this wave's too."""
    quantity, item = call.args.get("quantity"), call.args.get("item")
    if not isinstance(quantity, Decimal) or not isinstance(item, Reference):
        return
    held = [call.read(each, "quantity") for each in call.referring(RESERVATION, "item", item)]
    held += [made.record.get("quantity") for made in call.pending(RESERVATION) if made.record.get("item") == item]
    stock = call.read(item, "stock")
    available = CONTEXT.subtract(stock if isinstance(stock, Decimal) else ZERO, _sum(held))
    if quantity > available:
        raise call.refuse("QD555", object_id=item.id, wanted=quantity, available=available)
    fields: dict[str, Value] = {"item": item, "quantity": quantity}
    if call.subject is not None and call.subject.object == DEAL:
        fields["deal"] = call.links["deal"] = call.subject
    call.create(RESERVATION, fields)


def _sum(values: Iterable[Value]) -> Decimal:
    return reduce(CONTEXT.add, (value for value in values if isinstance(value, Decimal)), ZERO)


def release(call: ActionCall) -> None:
    """Put back in stock what a reservation had set aside: the reservation is deleted."""
    reservation = call.args.get("reservation")
    if isinstance(reservation, Reference):
        if not call.exists(reservation):
            raise call.skip("QD513", object_id=reservation.id, kind=RESERVATION)
        call.delete(reservation)


def generate_document(call: ActionCall) -> None:
    """Make a document of the rule's subject, to be rendered once the event is committed."""
    fields: dict[str, Value] = {name: call.args.get(name) for name in ("name", "template")}
    if call.subject is not None:
        fields["subject"] = call.links["subject"] = call.subject
    call.links["document"] = call.create(DOCUMENT, fields)
    call.send()


STANDARD_ACTIONS: dict[str, ActionBody] = {
    "add product": add_product,
    "assign": assign,
    "reserve": reserve,
    "release": release,
    "generate document": generate_document,
}

STANDARD_WRITES: dict[str, tuple[tuple[str, str, str | None], ...]] = {
    "add product": ((PRODUCT_LINE, "created", None), (PRODUCT_LINE, "written", "quantity")),
    "assign": (("object", "written", "owner"),),
    "reserve": ((RESERVATION, "created", None),),
    "release": ((RESERVATION, "deleted", None),),
    "generate document": ((DOCUMENT, "created", None),),
}
"""What these bodies write, for those who look at rules without running them: a type of object, or the argument that
holds one; ``created``, ``deleted`` or ``written``; the field written."""
