"""Events as they arrive: names in either language, values as JSON holds them, each checked before anything is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from ..dsl import ir
from ..dsl.fold import fold
from ..dsl.lexicon import languages, lexicon
from ..dsl.node import Node, node
from ..dsl.suggest import closest
from ..dsl.values import Money, Value
from ..dsl.words import word_tables
from .coerce import BadValue, Coercion, Find, read_instant
from .dates import Clockwork
from .model import KEPT_BY_ENGINE, Kind, Model
from .problems import Problem, problem
from .results import json_text, plain
from .values import ONE, nfc

TIME = "time"
VERBS = ("created", "updated", "deleted", "saved")
_WRITABLE = frozenset({"created at"})
"""A field the engine keeps which an import may give."""


@node
class Event(Node):
    """An event read and checked against the vocabulary, but not against the data.

    ``verb``: ``created updated deleted saved`` of the object ``identifier``, ``occurred`` for a declared event,
    ``time``. ``data`` maps English names to typed values, ``None`` empties. ``before`` is ``None`` unless the host
    says that the data is stored already. ``digest`` is that of the content, ``at`` and the identity apart.
    """

    id: str
    verb: str
    kind: str
    identifier: str | None
    data: Mapping[str, Value]
    before: Mapping[str, Value] | None
    at: datetime | None
    origin: str
    actor: str | None
    digest: str
    warnings: tuple[Problem, ...] = ()


class Rejected(Exception):
    """An event that cannot be processed; ``problems`` say why, ``event`` is its identifier where it has one."""

    def __init__(self, event: str | None, problems: list[Problem]) -> None:
        super().__init__(event)
        self.event = event
        self.problems = problems


def parse_line(text: str) -> Any:
    """A line of JSON, numbers as decimals. Raises ``ValueError`` for what is no JSON."""
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


class EventReader:
    """Reads the events of one program; ``find`` gives the objects of any type with an identifier."""

    def __init__(self, model: Model, clockwork: Clockwork) -> None:
        self._model = model
        self._clockwork = clockwork
        self._verbs = _verbs()

    def read(self, raw: Any, default_id: str, find: Find | None = None) -> Event:
        """The event. Raises :class:`Rejected` with every problem found."""
        if not isinstance(raw, Mapping) or not _is_text_throughout(raw):
            raise Rejected(None, [self._problem("QD530")])
        return _Reading(
            self._model, self._clockwork, self._verbs, cast("Mapping[str, Any]", raw), default_id, find
        ).event()

    def _problem(self, code: str) -> Problem:
        return problem(code, self._model.settings.language)


def _is_text_throughout(raw: Any) -> bool:
    """Whether no text holds half a character, which nothing could be written with."""
    if isinstance(raw, str):
        return raw.isascii() or not any("\ud800" <= character <= "\udfff" for character in raw)
    if isinstance(raw, Mapping):
        members = cast("Mapping[Any, Any]", raw)
        return all(_is_text_throughout(key) and _is_text_throughout(value) for key, value in members.items())
    if isinstance(raw, (list, tuple)):
        return all(_is_text_throughout(member) for member in cast("Sequence[Any]", raw))
    return True


def _verbs() -> dict[str, str]:
    """From the stem of a participle in any language to the verb."""
    found = {verb: verb for verb in VERBS}
    for language in languages():
        tables = word_tables(language)
        for verb, forms in lexicon(language).tables["phrases"]["participles"].items():
            found.update({f"{language}:{tables.stem(fold(form))}": verb for form in forms})
    return found


class _Reading:
    """The reading of one event: problems are gathered, then told together."""

    def __init__(
        self,
        model: Model,
        clockwork: Clockwork,
        verbs: Mapping[str, str],
        raw: Mapping[str, Any],
        default_id: str,
        find: Find | None,
    ) -> None:
        self._model = model
        self._clockwork = clockwork
        self._verbs = verbs
        self._raw = raw
        self._coercion = Coercion(model, clockwork, find)
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []
        self._id = self._identity(default_id)
        self._object: str | None = None

    def _tell(self, code: str, field: str | None = None, **args: Any) -> None:
        self._problems.append(
            problem(code, self._model.settings.language, object_id=self._object, field=field, args=args)
        )

    def _identity(self, default: str) -> str:
        given = self._raw.get("id")
        if given is None:
            return default
        if isinstance(given, int) and not isinstance(given, bool):
            return str(given)
        if isinstance(given, str) and given.strip():
            return nfc(given).strip()
        self._tell("QD536")
        return default

    def event(self) -> Event:
        verb, kind = self._what()
        at = self._at()
        origin = self._origin()
        actor = self._raw.get("actor")
        if actor is not None and not isinstance(actor, str):
            self._tell("QD537", name="actor")
        data: dict[str, Value] = {}
        before: dict[str, Value] | None = None
        identifier: str | None = None
        if kind is not None:
            given = self._mapping("data")
            if verb != "occurred":
                identifier = self._object = self._identifier(given, kind, verb)
            data = self._fields(given, kind)
            if "before" in self._raw and verb != "occurred":
                before = self._fields(self._mapping("before"), kind)
        if self._problems:
            raise Rejected(self._id, self._problems)
        name = TIME if kind is None else f"{kind.name}.{verb}"
        content = {"event": name, "id": identifier, "data": data, "before": before, "origin": origin, "actor": actor}
        return Event(
            self._id,
            verb,
            "" if kind is None else kind.name,
            identifier,
            data,
            before,
            at,
            origin,
            actor,
            _digest(content),
            tuple(self._warnings),
        )

    # --- the envelope ---------------------------------------------------------------------------------------------

    def _what(self) -> tuple[str, Kind | None]:
        given = self._raw.get("event")
        if not isinstance(given, str) or not given.strip():
            self._tell("QD531")
            raise Rejected(self._id, self._problems)
        name = " ".join(nfc(given).split())
        if name == TIME:
            return TIME, None
        kind = self._model.kinds.get(self._model.kind_named(name) or "")
        if isinstance(kind, ir.EventType):
            return "occurred", kind
        head, dot, tail = name.rpartition(".")
        owner = self._model.objects.get(self._model.kind_named(head) or "") if dot else None
        verb = self._verb(tail) if dot else None
        if owner is None or verb is None:
            self._unknown_event(name, head if dot and owner is None else "", tail)
        assert owner is not None and verb is not None
        return verb, owner

    def _verb(self, word: str) -> str | None:
        folded = fold(word.strip())
        if folded in self._verbs:
            return self._verbs[folded]
        for language in languages():
            verb = self._verbs.get(f"{language}:{word_tables(language).stem(folded)}")
            if verb is not None:
                return verb
        return None

    def _unknown_event(self, name: str, head: str, tail: str) -> None:
        names = {fold(event): event for event in self._model.events}
        names |= {f"{fold(kind)}.{verb}": f"{kind}.{verb}" for kind in self._model.objects for verb in VERBS}
        names |= {f"{folded}.{tail}": f"{kind}.{tail}" for folded, kind in self._model.kind_names.items() if head}
        near = [names[key] for key in closest(fold(name), names)]
        self._tell("QD539" if near else "QD538", name=name[:80], near=near)
        raise Rejected(self._id, self._problems)

    def _at(self) -> datetime | None:
        given = self._raw.get("at")
        if given is None:
            return None
        moment = read_instant(given, self._clockwork)
        if moment is None:
            self._tell("QD540", value=str(given)[:80])
        return moment

    def _origin(self) -> str:
        given = self._raw.get("origin")
        if given is None:
            return "api"
        if isinstance(given, str):
            for table in (lexicon(language).tables["standard_fields"]["origins"] for language in languages()):
                for name, word in table.items():
                    if given in {name, word}:
                        return name
        self._tell("QD537", name="origin")
        return "api"

    def _mapping(self, key: str) -> Mapping[str, Any]:
        given = self._raw.get(key)
        if given is None:
            return {}
        if isinstance(given, Mapping):
            return cast("Mapping[str, Any]", given)
        self._tell("QD541", name=key)
        return {}

    # --- the fields -----------------------------------------------------------------------------------------------

    def _identifier(self, given: Mapping[str, Any], kind: Kind, verb: str) -> str | None:
        wanted = {"id", self._model.identifier(kind.name)}
        found: set[str] = set()
        for name, raw in given.items():
            if self._model.field_named(kind.name, str(name)) in wanted and raw is not None:
                if isinstance(raw, int) and not isinstance(raw, bool):
                    raw = str(raw)
                if isinstance(raw, str) and raw.strip():
                    found.add(nfc(raw).strip())
                else:
                    self._tell("QD536")
        if len(found) > 1:
            self._tell("QD542")
        if found:
            return min(found)
        if verb in {"updated", "deleted"}:
            self._tell("QD543", kind=kind.name)
        return None

    def _fields(self, given: Mapping[str, Any], kind: Kind) -> dict[str, Value]:
        values: dict[str, Value] = {}
        seen: set[str] = set()
        for name, raw in given.items():
            field = self._field(str(name), kind)
            if field is None or self._model.is_identifier(kind.name, field.name):
                continue
            if field.name in seen:
                self._tell("QD546", field=field.name, name=name)
            seen.add(field.name)
            try:
                values[field.name] = self._coercion.value(raw, field)
            except BadValue as bad:
                self._tell(bad.code, field=field.name, named=name, **bad.facts)
                continue
            self._check_percentage(raw, field, values[field.name], str(name))
        return values

    def _field(self, name: str, kind: Kind) -> ir.Field | None:
        found = self._model.field(kind.name, self._model.field_named(kind.name, name) or "")
        if found is None:
            names = self._model.field_names[kind.name]
            by_name = {folded: self._model.field_name(kind.name, english) for folded, english in names.items()}
            near = list(dict.fromkeys(by_name[key] for key in closest(fold(name), by_name)))
            self._tell("QD545" if near else "QD544", name=name[:80], kind=kind.name, near=near)
        elif found.definition is not None or (found.name in KEPT_BY_ENGINE - _WRITABLE - {"id"}):
            self._tell("QD547", field=found.name, named=name)
            return None
        return found

    def _check_percentage(self, raw: Any, field: ir.Field, value: Value, named: str) -> None:
        if field.type.kind == "percentage" and isinstance(value, Decimal) and value > ONE and not isinstance(raw, str):
            self._warnings.append(
                problem(
                    "QD548",
                    self._model.settings.language,
                    object_id=self._object,
                    field=field.name,
                    args={"value": value, "named": named},
                )
            )


def _digest(content: Mapping[str, Any]) -> str:
    """A digest of typed content: names and numbers written differently give the same one."""

    def exact(value: Any) -> Any:
        if isinstance(value, Money):
            return [value.amount, value.currency]
        if isinstance(value, Mapping):
            members = cast("Mapping[str, Any]", value)
            return {key: exact(members[key]) for key in sorted(members)}
        return plain(value, "")

    return hashlib.sha256(json_text(exact(content)).encode("utf-8", "surrogatepass")).hexdigest()
