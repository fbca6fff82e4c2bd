"""The types of the language, with a compact text form used in the IR."""

from __future__ import annotations

from .node import Node, node


@node
class Type(Node):
    """One type.

    ``kind`` is one of ``text number integer money percentage date time datetime duration boolean choice reference
    any list union empty error``. ``unit`` belongs to numbers (``"m"``), ``object`` (an English name) to references,
    ``options`` (English names) to choices, ``members`` to lists (one) and unions (several). ``empty`` is the type of
    the literal *empty*; ``error`` stands for what could not be typed and fits everything, so that one mistake gives
    one message.
    """

    kind: str
    unit: str | None = None
    object: str | None = None
    options: tuple[str, ...] = ()
    members: tuple[Type, ...] = ()

    def __str__(self) -> str:
        return format_type(self)


TEXT = Type("text")
NUMBER = Type("number")
INTEGER = Type("integer")
MONEY = Type("money")
PERCENTAGE = Type("percentage")
DATE = Type("date")
TIME = Type("time")
DATETIME = Type("datetime")
DURATION = Type("duration")
BOOLEAN = Type("boolean")
ANY_OBJECT = Type("any")
EMPTY = Type("empty")
ERROR = Type("error")


def number_in(unit: str | None) -> Type:
    """The type of numbers measured in ``unit``."""
    return Type("number", unit=unit) if unit else NUMBER


def reference_to(object_name: str) -> Type:
    return Type("reference", object=object_name)


def list_of(member: Type) -> Type:
    return Type("list", members=(member,))


def union_of(members: tuple[Type, ...]) -> Type:
    return Type("union", members=members)


def choice_of(options: tuple[str, ...]) -> Type:
    return Type("choice", options=options)


def format_type(type_: Type) -> str:
    """The compact form: ``number[m]``, ``reference[deal]``, ``list[reference[order]]``, ``choice``.

    The options of a choice are those of its field and are not repeated.
    """
    if type_.kind in {"list", "union"}:
        return f"{type_.kind}[{'|'.join(format_type(m) for m in type_.members)}]"
    if type_.unit:
        return f"{type_.kind}[{type_.unit}]"
    if type_.object:
        return f"{type_.kind}[{type_.object}]"
    return type_.kind


def parse_type(text: str) -> Type:
    """The type a compact form stands for. Raises ``ValueError`` for anything else."""
    kind, bracket, rest = text.partition("[")
    if not bracket:
        if kind not in _KINDS:
            raise ValueError(f"unknown type {text!r}")
        return Type(kind)
    if not rest.endswith("]"):
        raise ValueError(f"unknown type {text!r}")
    inner = rest[:-1]
    if kind in {"number", "integer"}:
        return Type(kind, unit=inner)
    if kind == "reference":
        return Type(kind, object=inner)
    if kind in {"list", "union"}:
        return Type(kind, members=tuple(parse_type(part) for part in _split(inner)))
    raise ValueError(f"unknown type {text!r}")


_KINDS = frozenset(
    "text number integer money percentage date time datetime duration boolean choice any list union empty error".split()
)


def _split(inner: str) -> list[str]:
    parts, depth, start = list[str](), 0, 0
    for position, character in enumerate(inner):
        depth += (character == "[") - (character == "]")
        if character == "|" and depth == 0:
            parts.append(inner[start:position])
            start = position + 1
    parts.append(inner[start:])
    return parts
