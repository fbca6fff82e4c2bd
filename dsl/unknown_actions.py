"""What to say about an action that cannot be read: the part of it that is wrong, else the actions it is close to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from . import ir
from . import syntax as s
from .operators import fits
from .patterns import Holes, match
from .scope import Scope
from .source import Span
from .suggest import closest
from .types import ANY_OBJECT, NUMBER
from .unknown import report_unknown, suggest
from .vocabulary import ActionSymbol, FieldSymbol, display
from .words import Tok, after_articles

if TYPE_CHECKING:
    from .actions import ActionResolver

_LONGEST = 25
"""The parts of a call of which every split is tried."""
_CHANGED = frozenset({"increase", "decrease"})
_OBJECTS = frozenset({"delete", "cancel_reminders"})
_ADJUSTABLE = frozenset({"number", "integer", "money", "percentage", "duration"})


class _Unreadable(NamedTuple):
    """An action whose words are there, and a hole whose content has no reading; ``words`` counts those words."""

    symbol: ActionSymbol
    parameter: FieldSymbol
    place: tuple[int, int]
    words: int


def report_unknown_action(actions: ActionResolver, call: s.ActionCall, toks: Sequence[Tok], scope: Scope) -> None:
    """Report a call that is none: a hole that does not read, a field misspelt before ``=``, or an unknown action."""
    phrase = actions.expressions.source_of(call.head)
    if toks and any(p.concept == "refuse" for p in actions.builtin.by_first.get(toks[0].stem or "", ())):
        actions.sink.report("QD224", call.head.span)
        return
    hole = _unreadable_hole(actions, call, toks, scope)
    if hole is not None:
        _report_hole(actions, hole, toks, scope)
        return
    if _report_builtin(actions, call, toks, scope):
        return
    starts = {
        tuple(p.stem for p in parts if p.hole is None)[:1]
        for symbol in actions.vocabulary.actions.values()
        if (parts := symbol.patterns.get(actions.language)) is not None
    }
    first = next((tok.stem for tok in toks if not tok.article), None)
    if call.value is not None and (first,) not in starts and first not in actions.builtin.by_first:
        report_unknown(actions.expressions, call.head, toks, scope, None)
        return
    actions.sink.report("QD105", call.head.span, phrase=phrase, suggestions=_close_actions(actions, toks))


def phrase_of_action(symbol: ActionSymbol, language: str) -> str:
    """An action's phrase with its holes shown: ``envoyer un SMS à {destinataire}``."""
    parts: list[str] = []
    for part in symbol.patterns.get(language, ()):
        if part.hole is not None:
            parameter = symbol.parameter(part.hole)
            name = display(parameter.names, language) if parameter is not None else part.hole
            parts.append(f"{{{name}}}")
        else:
            parts.append(part.text)
    return " ".join(parts)


# --- a hole that does not read --------------------------------------------------------------------------------------


def _lengths(call: s.ActionCall, toks: Sequence[Tok]) -> Sequence[int]:
    if len(toks) > _LONGEST:
        return ()
    return [len(toks)] if call.value is None else range(1, len(toks))


def _unreadable_hole(
    actions: ActionResolver, call: s.ActionCall, toks: Sequence[Tok], scope: Scope
) -> _Unreadable | None:
    """The only hole without a reading of the action that has the most words in common with the call."""
    found: list[_Unreadable] = []
    for symbol in actions.vocabulary.actions.values():
        elements = actions.elements(symbol)
        if elements is None:
            continue
        words = sum(element.hole is None for element in elements)
        for end in _lengths(call, toks):
            for holes in match(elements, toks, 0, end):
                wrong = [name for name, place in holes.items() if not actions.quietly(toks, *place, scope)]
                parameter = symbol.parameter(wrong[0]) if len(wrong) == 1 else None
                if parameter is not None:
                    found.append(_Unreadable(symbol, parameter, holes[wrong[0]], words))
    return max(found, key=lambda each: each.words, default=None)


def _report_hole(actions: ActionResolver, hole: _Unreadable, toks: Sequence[Tok], scope: Scope) -> None:
    start, end = hole.place
    start = after_articles(toks, start, end)
    span = Span(toks[start].span.start, toks[end - 1].span.end)
    phrase = actions.sink.quote(span)
    expected = hole.parameter.type
    assert expected is not None
    fitting = [
        field
        for owner in scope.owners()
        if owner.type.object is not None
        for field in actions.vocabulary.fields(owner.type.object)
        if not field.standard and field.type is not None and fits(field.type, expected)
    ]
    names = [display(field.names, actions.language) for field in fitting]
    objects = [display(f.names, actions.language) for f in fitting if f.type is not None and f.type.kind == "reference"]
    suggestions = suggest(phrase, names)
    actions.sink.report(
        "QD131",
        span,
        phrase=phrase,
        name=display(hole.parameter.names, actions.language),
        action=phrase_of_action(hole.symbol, actions.language),
        type=expected,
        allowed=objects or names,
        any=min(len(names), 1) + 1,
        needed=objects if len(objects) == 1 else [],
        suggestions=suggestions,
        fixes=[("replace_by", span, text) for text in suggestions[:1]],
    )


# --- built-in actions -----------------------------------------------------------------------------------------------


def _report_builtin(actions: ActionResolver, call: s.ActionCall, toks: Sequence[Tok], scope: Scope) -> bool:
    """``augmenter le bnus de 5 €``: the words of a built-in action are there, and one of its holes is wrong."""
    read: list[tuple[int, str, Holes, list[tuple[int, int]]]] = []
    for concept, holes in _builtins(actions, call, toks):
        if concept == "create":
            return _report_created(actions, toks, *holes["o"])
        wrong = [place for place in holes.values() if not actions.quietly(toks, *place, scope)]
        read.append((len(wrong), concept, holes, wrong))
    for count, concept, holes, wrong in sorted(read, key=lambda each: each[0]):
        if not count and concept in _CHANGED | _OBJECTS and _report_mistyped(actions, concept, holes, toks, scope):
            return True
        if count == 1:
            start, end = wrong[0]
            run = s.Run((), span=_place(toks, start, end))
            report_unknown(actions.expressions, run, toks[start:end], scope, None)
            return True
    return False


def _builtins(actions: ActionResolver, call: s.ActionCall, toks: Sequence[Tok]) -> Iterator[tuple[str, Holes]]:
    for end in _lengths(call, toks):
        for pattern, holes in actions.builtin.matches(toks, 0, end):
            yield pattern.concept, dict(holes)


def _report_created(actions: ActionResolver, toks: Sequence[Tok], start: int, end: int) -> bool:
    """``créer une tahce "x"``: what is created is no object."""
    start = after_articles(toks, start, end)
    while end > start and toks[end - 1].stem is None:
        end -= 1
    if start == end:
        return False
    span = _place(toks, start, end)
    phrase = actions.sink.quote(span)
    names = [display(o.names, actions.language) for o in actions.vocabulary.objects.values() if not o.event]
    suggestions = suggest(phrase, names)
    fixes = [("replace_by", span, text) for text in suggestions[:1]]
    actions.sink.report("QD117", span, name=phrase, suggestions=suggestions, fixes=fixes)
    return True


def _report_mistyped(actions: ActionResolver, concept: str, holes: Holes, toks: Sequence[Tok], scope: Scope) -> bool:
    """``augmenter le nom de 5``: all reads, and what is changed is of another kind."""
    hole = "x" if concept in _OBJECTS else "f"
    expected = ANY_OBJECT if concept in _OBJECTS else NUMBER
    found = actions.quietly(toks, *holes[hole], scope)[0].expression.type
    if found.kind == "error" or (hole == "x" and found.kind in {"reference", "any"}):
        return False
    if hole == "f" and found.kind in _ADJUSTABLE:
        hole, expected = "v", found
        targets = [r.expression for r in actions.quietly(toks, *holes["f"], scope)]
        found = actions.quietly(toks, *holes[hole], scope)[0].expression.type
        if not any(isinstance(target, ir.FieldOf) for target in targets) or fits(found, expected):
            return False
    actions.sink.report("QD203", _place(toks, *holes[hole]), expected=expected, found=found)
    return True


# --- actions that are close -----------------------------------------------------------------------------------------


def _close_actions(actions: ActionResolver, toks: Sequence[Tok]) -> list[str]:
    """The actions whose words before their first hole are close to those of the text, or that start like it."""
    shown: dict[str, str] = {}
    written: dict[int, str] = {}
    words = [tok.key for tok in toks if tok.stem is not None and not tok.article]
    for symbol in actions.vocabulary.actions.values():
        parts = symbol.patterns.get(actions.language, ())
        literal = [p.text for p in takewhile(lambda p: p.hole is None, parts) if not p.optional]
        if not literal or len(words) < len(literal):
            continue
        shown[actions.tables.lexicon.fold(" ".join(literal))] = phrase_of_action(symbol, actions.language)
        written[len(literal)] = " ".join(words[: len(literal)])
    found: list[str] = []
    for count, text in written.items():
        found.extend(closest(text, [name for name in shown if len(name.split()) == count]))
    if not found and words:
        found = [name for name in shown if name.split()[0] == words[0]]
    return [shown[name] for name in dict.fromkeys(found)][:3]


def _place(toks: Sequence[Tok], start: int, end: int) -> Span:
    return Span(toks[start].span.start, toks[end - 1].span.end)
