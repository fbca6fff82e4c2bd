"""How triggers are said: objects and declared events with their participles, windows, schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import ir
from . import syntax as s
from .agreement import Agreement, Noun
from .collections import Form
from .pieces import Piece, words

if TYPE_CHECKING:
    from .wording import Said, Wording


class _Event(NamedTuple):
    """The name of a declared event: its noun, its participle (perhaps none), and which comes first."""

    noun: str
    participle: str
    participle_first: bool = False


def said_trigger(wording: Wording, form: Form) -> Said:
    """The words of a trigger's form. Raises ``LookupError`` for another form."""
    match form:
        case ("event", noun_form, concept, auxiliary):
            return _object_event(wording, noun_form, concept, auxiliary)
        case ("participle", object_name, concept, auxiliary):
            noun = wording.noun_of(wording.vocabulary.objects[object_name].names)
            return _said((*_auxiliary(wording, auxiliary, noun), *_participle(wording, concept, noun)), noun)
        case ("occurred", event, article, auxiliary):
            return _occurred(wording, event, article, auxiliary)
        case ("window", event, field, count):
            return _window(wording, event, field, count)
        case ("tick", tick, alone, day, at):
            return _tick(wording, tick, alone, day, at)
        case _:
            raise LookupError(form[0])


def _said(pieces: Sequence[Piece], noun: Noun) -> Said:
    from .wording import Said

    return Said(tuple(pieces), noun)


def _participle(wording: Wording, concept: str, noun: Noun) -> tuple[Piece, ...]:
    return words(wording.agreement.participle(wording.phrases["participles"][concept][0], noun))


def _auxiliary(wording: Wording, number: int, noun: Noun) -> tuple[Piece, ...]:
    """The auxiliary of that number in the tables, where singular and plural take turns."""
    if number < 0:
        return ()
    text: str = wording.phrases["auxiliaries"][number - number % 2]
    return tuple(piece for word in text.split() for piece in words(wording.agreement.agree(word, noun)))


def _object_event(wording: Wording, noun_form: Form, concept: str, auxiliary: int) -> Said:
    noun = wording.said(noun_form)
    made = (*noun.words, *_auxiliary(wording, auxiliary, noun.noun), *_participle(wording, concept, noun.noun))
    return _said(made, noun.noun)


# --- declared events ----------------------------------------------------------------------------------------------


def _event(agreement: Agreement, name: str) -> _Event:
    """The parts of an event's name, by where this language has its participles and what they end in."""
    parts = name.split()
    last, *_ = places = (-1,) if agreement.tables["event_participle"] == "last" else (-1, 0)
    assert last == -1
    for ending in agreement.tables["participle_ends"]:
        for place in places:
            if len(parts) > 1 and agreement.lexicon.fold(parts[place]).endswith(agreement.lexicon.fold(ending)):
                rest = parts[:-1] if place else parts[1:]
                return _Event(" ".join(rest), parts[place], place == 0)
    return _Event(name, "")


def _occurred(wording: Wording, event: str, article: str, auxiliary: int) -> Said:
    names = wording.vocabulary.objects[event].names
    noun = wording.noun_of(names)
    found = _event(wording.agreement, wording.display(names).text)
    if auxiliary < 0 or not found.participle:
        return wording.noun(names, article, False)
    made = words(found.noun)
    before = wording.agreement.article(article, noun, made[0].text) if article else ""
    after = (*_auxiliary(wording, auxiliary, noun), Piece(found.participle))
    return _said((*words(before), *made, *after), noun)


def _window(wording: Wording, event: str, field: str | None, count: int) -> Said:
    symbol = wording.vocabulary.objects[event]
    noun = wording.noun_of(symbol.names)
    text = wording.display(symbol.names).text
    if not symbol.event:
        counted = wording.noun(symbol.names, "", count != 1)
        events = _said((*counted.words, *_participle(wording, "created", counted.noun)), counted.noun)
        return _by_same(wording, events, event, field)
    if count != 1:
        found = _event(wording.agreement, text)
        plural = Noun("", True)
        parts = [wording.agreement.plural_name(found.noun)]
        if found.participle:
            said = wording.agreement.participle(found.participle, plural)
            parts = [said, *parts] if found.participle_first else [*parts, said]
        text = " ".join(parts)
    return _by_same(wording, _said(words(text), noun), event, field)


def _by_same(wording: Wording, events: Said, event: str, field: str | None) -> Said:
    if field is None:
        return events
    symbol = wording.vocabulary.field(event, field)
    assert symbol is not None
    return wording.filled(wording.phrases["by_same"][0], {"c": events, "f": wording.name(symbol.names)}, "")


# --- schedules ----------------------------------------------------------------------------------------------------


def _tick(wording: Wording, tick: ir.Tick, alone: str, day: s.Item | None, at: s.Item | None) -> Said:
    """``lundi à 9h``; ``alone`` is the concept of a schedule of one word (``jour``)."""
    calendar: Mapping[str, Any] = wording.phrases["calendar"]
    said_day = _said(wording.nested.item(day), Noun()) if day is not None else None
    if alone:
        said = _said(words(calendar[alone][0]), Noun())
    elif tick.every == "week" and tick.day is not None:
        said = _said(words(calendar["weekdays"][tick.day - 1][0]), Noun())
    elif tick.every == "year" and tick.month is not None and said_day is not None:
        month = _said(words(calendar["months"][tick.month - 1][0]), Noun())
        said = wording.filled(calendar["year_day"][0], {"n": said_day, "m": month}, "")
    elif said_day is not None:
        said = wording.filled(calendar["month_day"][0], {"n": said_day}, "")
    else:
        said = _said(words(calendar["first_of_month" if tick.day == 1 else "last_of_month"][0]), Noun())
    if at is None:
        return said
    return wording.filled(calendar["at"][0], {"s": said, "t": _said(wording.nested.item(at), Noun())}, "")
