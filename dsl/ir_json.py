"""The IR as canonical JSON, and back without the parser.

A node is an object whose ``"node"`` is the name of its class, with its fields by name; a field that has its default
value is left out, so that a field added later changes no digest. Types have their compact text form, and the options
of a choice stand with its field only. Texts, yes and no, and *empty* are JSON's own; every other value is an object of
one key: ``{"decimal": "0.05"}``, ``{"money": ["12.50", "EUR"]}``, ``{"date": "2026-11-27"}``, ``{"time": "09:00:00"}``,
``{"datetime": "2026-11-27T14:00:00"}``, ``{"duration": {"days": 3}}``, ``{"reference": ["deal", "A-1"]}``,
``{"list": [...]}``.

Canonical: keys sorted, no space between tokens, letters beyond ASCII as they are, no line end. Equal programs give the
same text, byte for byte, and another text is never written for them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, cast

import attrs

from . import ir
from .source import NOWHERE, Span
from .types import Type, choice_of, format_type, parse_type
from .values import Duration, Money, Reference, Value


class IRError(ValueError):
    """A text that is not an IR of this version; ``path`` says where (``rules[2].condition``)."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


class IRVersionError(IRError):
    """An IR written for another version of the language; ``found`` is its version."""

    def __init__(self, found: object) -> None:
        super().__init__(f"this IR has version {found!r}, this program reads version {ir.IR_VERSION}: compile it again")
        self.found = found


def to_json(program: ir.Program, spans: bool = False) -> str:
    """The canonical JSON of a program; with ``spans``, each node tells where it stands in its source."""
    return _dump(_node_to_plain(program, spans) | {"version": program.version})


def from_json(text: str) -> ir.Program:
    """The program of a JSON text. Raises :class:`IRError` for anything else, never another exception."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise IRError(f"not JSON ({error})") from None
    if not isinstance(raw, dict) or cast("dict[str, Any]", raw).get("node") != "Program":
        raise IRError("not a compiled program")
    version = cast("dict[str, Any]", raw).get("version")
    if version != ir.IR_VERSION:
        raise IRVersionError(version)
    try:
        program = _node_from_plain(raw, "Program", "")
    except RecursionError:
        raise IRError("nested too deep") from None
    assert isinstance(program, ir.Program)
    return program


def rule_hash(rule: ir.Rule) -> str:
    """The SHA-256, in hexadecimal, of the canonical JSON of a rule without its names."""
    plain = _node_to_plain(attrs.evolve(rule, name="", names={}), spans=False)
    return hashlib.sha256(_dump(plain).encode()).hexdigest()


def _dump(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# --- what the fields of a class hold ------------------------------------------------------------------------------

_GROUPS: dict[str, tuple[type, ...]] = {
    "Expression": ir.Expression.__args__,
    "Trigger": ir.Trigger.__args__,
    "Action": ir.Action.__args__,
}

_CLASSES: dict[str, type] = {
    cls.__name__: cls
    for cls in vars(ir).values()
    if isinstance(cls, type) and cls.__module__ == ir.__name__ and attrs.has(cls)
}


class _Slot(NamedTuple):
    """A field of a class: how its value becomes plain, and back (with the path, for messages)."""

    name: str
    default: Any
    encode: Callable[[Any, bool], Any]
    decode: Callable[[Any, str], Any]


_SLOTS: dict[type, tuple[_Slot, ...]] = {}


def _slots(cls: type) -> tuple[_Slot, ...]:
    slots = _SLOTS.get(cls)
    if slots is None:
        fields = [field for field in attrs.fields(cls) if field.name != "span"]
        slots = _SLOTS[cls] = tuple(_slot(field) for field in fields)
    return slots


def _slot(field: attrs.Attribute[Any]) -> _Slot:
    default = field.default
    if isinstance(default, attrs.Factory):  # pyright: ignore[reportArgumentType]
        default = cast("Any", default).factory()
    encode, decode = _codec(str(field.type))
    return _Slot(field.name, default, encode, decode)


def _codec(annotation: str) -> tuple[Callable[[Any, bool], Any], Callable[[Any, str], Any]]:
    """By the annotation of a field in ``dsl/ir.py``."""
    bare = annotation.removesuffix(" | None")
    optional = bare != annotation
    if annotation.startswith("tuple["):
        encode, decode = _codec(annotation[len("tuple[") : -len(", ...]")])
        return lambda value, spans: [encode(m, spans) for m in value], lambda raw, path: _tuple(raw, path, decode)
    if annotation.startswith("Mapping["):
        wanted = int if annotation.endswith("int]") else str
        return lambda value, spans: dict(value), lambda raw, path: _mapping(raw, path, wanted)
    if bare in {"str", "int", "bool"}:
        wanted = {"str": str, "int": int, "bool": bool}[bare]
        return lambda value, spans: value, lambda raw, path: _primitive(raw, path, wanted, optional)
    if bare == "Type":
        return lambda value, spans: format_type(value), _type
    if bare == "Value":
        return lambda value, spans: value_to_plain(value), value_from_plain
    if bare == "Duration":
        return lambda value, spans: value_to_plain(value), lambda raw, path: _duration(raw, path, optional)
    return (
        lambda value, spans: None if value is None else _node_to_plain(value, spans),
        lambda raw, path: None if raw is None and optional else _node_from_plain(raw, bare, path),
    )


def _node_to_plain(value: Any, spans: bool) -> dict[str, Any]:
    cls: type[Any] = value.__class__
    plain: dict[str, Any] = {"node": cls.__name__}
    for name, default, encode, _ in _slots(cls):
        held = getattr(value, name)
        if default is attrs.NOTHING or held != default or type(held) is not type(default):
            plain[name] = encode(held, spans)
    if spans:
        span = getattr(value, "span", NOWHERE)
        if span != NOWHERE:
            plain["span"] = list(span)
    return plain


def _node_from_plain(raw: Any, wanted: str, path: str) -> Any:
    if not isinstance(raw, dict):
        raise IRError(f"{wanted} expected", path)
    plain = cast("dict[str, Any]", raw)
    cls = _CLASSES.get(str(plain.get("node")))
    allowed = _GROUPS.get(wanted) or (_CLASSES[wanted],)
    if cls is None or cls not in allowed:
        raise IRError(f"{wanted} expected, not {plain.get('node')!r}", path)
    slots = _slots(cls)
    unknown = plain.keys() - {slot.name for slot in slots} - {"node", "span"}
    if unknown:
        raise IRError(f"{cls.__name__} has no {min(unknown)!r}", path)
    held: dict[str, Any] = {}
    for name, default, _, decode in slots:
        if name in plain:
            held[name] = decode(plain[name], f"{path}.{name}" if path else name)
        elif default is attrs.NOTHING:
            raise IRError(f"{cls.__name__} without {name!r}", path)
    if "span" in plain and cls is not ir.Program:
        held["span"] = _span(plain["span"], path)
    node = cls(**held)
    if isinstance(node, ir.Field) and node.type.kind == "choice":
        return attrs.evolve(node, type=choice_of(tuple(choice.name for choice in node.choices)))
    return node


def _tuple(raw: Any, path: str, decode: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise IRError("a list expected", path)
    return tuple(decode(member, f"{path}[{index}]") for index, member in enumerate(cast("list[Any]", raw)))


def _mapping(raw: Any, path: str, wanted: type) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise IRError("an object expected", path)
    members = cast("dict[str, Any]", raw)
    return {key: _primitive(value, f"{path}.{key}", wanted, False) for key, value in members.items()}


def _primitive(raw: Any, path: str, wanted: type, optional: bool) -> Any:
    if (raw is None and optional) or type(raw) is wanted:
        return raw
    raise IRError(f"{wanted.__name__} expected, not {type(raw).__name__}", path)


def _type(raw: Any, path: str) -> Type:
    try:
        return parse_type(_primitive(raw, path, str, False))
    except IRError:
        raise
    except (ValueError, RecursionError) as error:
        raise IRError(str(error), path) from None


def _span(raw: Any, path: str) -> Span:
    numbers = cast("list[Any]", raw) if isinstance(raw, list) else []
    if len(numbers) != 2 or not all(type(number) is int for number in numbers):
        raise IRError("a span is two numbers", path)
    return Span(numbers[0], numbers[1])


# --- values -------------------------------------------------------------------------------------------------------


def value_to_plain(value: Value) -> Any:
    """A value as JSON, without loss."""
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return {"decimal": str(value)}
        case Money():
            return {"money": [str(value.amount), value.currency]}
        case Reference():
            return {"reference": [value.object, value.id]}
        case Duration():
            parts = zip(Duration._fields, value, strict=True)
            return {
                "duration": {name: str(part) if isinstance(part, Decimal) else part for name, part in parts if part}
            }
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case _:
            return {"list": [value_to_plain(member) for member in value]}


def value_from_plain(raw: Any, path: str = "") -> Value:
    """The value of such JSON. Raises :class:`IRError`."""
    if raw is None or isinstance(raw, (bool, str)):
        return raw
    if not isinstance(raw, dict) or len(cast("dict[str, Any]", raw)) != 1:
        raise IRError("a value expected", path)
    ((kind, held),) = cast("dict[str, Any]", raw).items()
    reader = _VALUES.get(kind)
    if reader is None:
        raise IRError(f"unknown kind of value {kind!r}", path)
    try:
        return reader(held)
    except IRError:
        raise
    except (ValueError, TypeError, KeyError, InvalidOperation):
        raise IRError(f"not a {kind}", path) from None


def _decimal(held: Any) -> Decimal:
    if not isinstance(held, str):
        raise TypeError(held)
    number = Decimal(held)
    if not number.is_finite():
        raise ValueError(held)
    return number


def _text(held: Any) -> str:
    if not isinstance(held, str):
        raise TypeError(held)
    return held


def _duration_parts(held: Any) -> Duration:
    parts: dict[str, Any] = {}
    for name, part in held.items():
        if name not in Duration._fields:
            raise KeyError(name)
        parts[name] = _decimal(part) if name.endswith("seconds") else part
        if not isinstance(parts[name], (int, Decimal)):
            raise TypeError(part)
    return Duration(**parts)


def _duration(raw: Any, path: str, optional: bool) -> Duration | None:
    value = value_from_plain(raw, path)
    if isinstance(value, Duration) or (value is None and optional):
        return value
    raise IRError("a duration expected", path)


_VALUES: dict[str, Callable[[Any], Value]] = {
    "decimal": _decimal,
    "money": lambda held: Money(_decimal(held[0]), _text(held[1])),
    "reference": lambda held: Reference(_text(held[0]), _text(held[1])),
    "duration": _duration_parts,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "list": lambda held: tuple(value_from_plain(member) for member in held),
}
