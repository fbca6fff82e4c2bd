"""The actions that may be called, with their arguments as places to fill, and the arguments of a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...dsl import syntax as s
from ...dsl.agreement import Agreement, Noun
from ...dsl.lexemes import Lexeme
from ...dsl.lexicon import lexicon
from ...dsl.messages import ui
from ...dsl.parser import Beginning
from ...dsl.patterns import pattern_set
from ...dsl.scope import Scope
from ...dsl.vocabulary import ActionSymbol, FieldSymbol, ObjectSymbol, display
from ...dsl.words import ARTICLE, Tok, word_tables
from ..snapshot import Snapshot
from .completion_items import ACTION, ARGUMENT, NAME, Item, escaped, hole
from .context import STARTS, Cursor, last_start, object_in
from .hover import documentation, phrase_of, type_words


def action_items(snapshot: Snapshot, cursor: Cursor, before: Sequence[Tok], scope: Scope) -> Iterator[Item]:
    """The actions whose phrase starts with the words before, and the fields that may be assigned."""
    back = cursor.word_start - cursor.start - before[0].span.start if before else 0
    if "\n" in cursor.before[len(cursor.before) - back :]:
        back = 0
    typed = [tok.stem or "" for tok in before if not tok.article]
    for action in snapshot.vocabulary.actions.values():
        if _begins(snapshot, action, cursor.language, typed):
            yield _action(action, cursor.language).but(back=back)
    yield from _built_in(snapshot, cursor.language, typed, back)
    if not before and scope.subject is not None and scope.subject.type.object is not None:
        for field in snapshot.vocabulary.fields(scope.subject.type.object):
            if not (field.computed or field.standard):
                name = display(field.names, cursor.language)
                detail = type_words(snapshot, snapshot.type_of(field), cursor.language)
                yield Item(f"{name} =", "field", NAME, f"{name} = ", detail=detail, filter=name)


def _begins(snapshot: Snapshot, action: ActionSymbol, language: str, typed: Sequence[str]) -> bool:
    wanted = [part.stem for part in action.patterns.get(language, ()) if part.stem != ARTICLE]
    return wanted[: len(typed)] == list(typed) if typed else bool(wanted)


def _action(action: ActionSymbol, language: str) -> Item:
    """The phrase of an action, its holes and the arguments it needs as places to fill."""
    made, number = "", 0
    for part in action.patterns[language]:
        if part.hole is None:
            text = escaped(part.text)
        else:
            number += 1
            text = hole(number, _name(action, part.hole, language))
        made += text if not made or made.endswith(("'", "’")) else f" {text}"
    for parameter in action.parameters:
        if parameter.required and parameter.name not in action.holes:
            number += 1
            name = display(parameter.names, language)
            value = hole(number, name)
            made += f', {escaped(name)} = "{value}"' if _is_text(parameter) else f", {escaped(name)} = {value}"
    label = phrase_of(action, language)
    detail = ui("editor_action", language)
    plain = label.replace("{", "").replace("}", "")
    return Item(label, "action", ACTION, made, True, detail, documentation(action, language), plain)


def _is_text(parameter: FieldSymbol) -> bool:
    return parameter.type is not None and parameter.type.kind == "text"


def _name(action: ActionSymbol, parameter: str, language: str) -> str:
    symbol = action.parameter(parameter)
    return display(symbol.names, language) if symbol is not None else parameter


def _built_in(snapshot: Snapshot, language: str, typed: Sequence[str], back: int) -> Iterator[Item]:
    """The actions that are part of the language; making an object is one for each kind of object."""
    forms: dict[str, list[str]] = lexicon(language).tables["phrases"]["actions"]
    tables = word_tables(language)
    agreement = Agreement(lexicon(language))
    for concept, texts in forms.items():
        text = texts[0]
        verb = text.split("{", 1)[0].strip()
        stems = [tok.stem or "" for tok in tables.expand(tables.split(verb)) if not tok.article]
        if typed[: len(stems)] != stems[: len(typed)]:
            continue
        if concept == "create":
            for symbol in snapshot.vocabulary.objects.values():
                if not symbol.event:
                    yield _create(symbol, verb, language, agreement).but(back=back)
            continue
        if len(typed) > len(stems):
            continue
        made, number = "", 0
        for part in text.split():
            piece = escaped(part)
            if part.startswith("{"):
                number += 1
                piece = f'"{hole(number, "…")}"' if concept == "refuse" else hole(number, "…")
            made += f" {piece}" if made else piece
        label = " ".join("…" if part.startswith("{") else part for part in text.split())
        yield Item(label, "action", ACTION, made, True, ui("editor_action", language), back=back)


def _create(symbol: ObjectSymbol, verb: str, language: str, agreement: Agreement) -> Item:
    name = symbol.names.get(language) or next(iter(symbol.names.values()))
    noun = Noun(name.gender or agreement.guessed_gender(name.text), name.plural)
    article = agreement.article("indefinite", noun, name.text)
    label = " ".join(word for word in (verb, article, name.text) if word)
    return Item(label, "action", ACTION, detail=ui("editor_action", language))


# --- arguments --------------------------------------------------------------------------------------------------------


def called(lexemes: Sequence[Lexeme]) -> s.Phrase | None:
    """The phrase of the call (or of the step) that arguments belong to."""
    start = last_start(lexemes, STARTS) + 1
    for lexeme in lexemes[start:]:
        if lexeme.terminal == "ARGUMENT_COMMA":
            break
        if isinstance(lexeme.value, s.Phrase):
            return lexeme.value
    return None


def parameters_of(snapshot: Snapshot, cursor: Cursor, phrase: s.Phrase | None, scope: Scope) -> Sequence[FieldSymbol]:
    """What may be given by name to a call, from the phrase it starts with."""
    if phrase is None:
        return ()
    language = cursor.language
    toks = [tok for tok in word_tables(language).expand(phrase.words) if not tok.article]
    action = action_called(snapshot, language, toks)
    if action is not None:
        return [p for p in action.parameters if p.name not in action.holes]
    stems = [tok.stem or "" for tok in toks]
    for pattern in pattern_set(language, "actions").by_first.get(stems[0] if stems else "", ()):
        if pattern.concept == "create":
            found = object_in(snapshot, language, toks[1:])
            return _writable(snapshot, found[0]) if found is not None else ()
    found = object_in(snapshot, language, toks)
    if found is not None:
        return _writable(snapshot, found[0])
    event = _event_of(snapshot, language, stems)
    if event is not None:
        return _writable(snapshot, event)
    for owner in scope.owners():
        if owner.type.object is not None and stems:
            symbol = snapshot.vocabulary.objects.get(owner.type.object)
            if symbol is not None:
                return _writable(snapshot, symbol)
    return ()


def _event_of(snapshot: Snapshot, language: str, stems: Sequence[str]) -> ObjectSymbol | None:
    """The declared event that happens in a phrase: ``un appel est manqué``."""
    tables = word_tables(language)
    for symbol in snapshot.vocabulary.objects.values():
        name = symbol.names.get(language)
        if symbol.event and name is not None:
            wanted = [stem for stem in tables.name_key_of(tables.split(name.text)) if stem != ARTICLE]
            if set(wanted) <= set(stems) and stems[0] in wanted:
                return symbol
    return None


def action_called(snapshot: Snapshot, language: str, toks: Sequence[Tok]) -> ActionSymbol | None:
    """The declared action whose phrase a row of words starts like, the one with most words."""
    best: tuple[int, ActionSymbol] | None = None
    stems = [tok.stem or "" for tok in toks if not tok.article]
    for action in snapshot.vocabulary.actions.values():
        wanted: list[str] = []
        for part in action.patterns.get(language, ()):
            if part.hole is not None:
                break
            if part.stem and part.stem != ARTICLE:
                wanted.append(part.stem)
        if wanted and stems[: len(wanted)] == wanted and (best is None or len(wanted) > best[0]):
            best = (len(wanted), action)
    return best[1] if best is not None else None


def _writable(snapshot: Snapshot, symbol: ObjectSymbol) -> list[FieldSymbol]:
    return [f for f in snapshot.vocabulary.fields(symbol.name) if not f.computed and (not f.standard or f.name == "id")]


def parameter_named(
    snapshot: Snapshot, cursor: Cursor, call: s.Phrase | None, name: s.Phrase, scope: Scope
) -> FieldSymbol | None:
    """The argument of a call that has this name, or that ends the call's own phrase."""
    tables = word_tables(cursor.language)
    written = [tok.stem or "" for tok in tables.expand(name.words) if not tok.article]
    for parameter in parameters_of(snapshot, cursor, call, scope):
        wanted = tables.name_key_of(tables.split(display(parameter.names, cursor.language)))
        if written[-len(wanted) :] == wanted:
            return parameter
    return None


def argument_items(snapshot: Snapshot, cursor: Cursor, read: Beginning, scope: Scope) -> Iterator[Item]:
    """The arguments of the call at the cursor that are not given yet."""
    lexemes = read.lexemes[:-3]
    start = last_start(lexemes, STARTS) + 1
    tables = word_tables(cursor.language)
    given = {
        tuple(tables.name_key(each.value))
        for before, each in zip(lexemes[start:], lexemes[start + 1 :], strict=False)
        if before.terminal in {"ARGUMENT_COMMA", "LIST_SEPARATOR"} and isinstance(each.value, s.Phrase)
    }
    for number, parameter in enumerate(parameters_of(snapshot, cursor, called(lexemes), scope)):
        name = display(parameter.names, cursor.language)
        if tuple(tables.name_key_of(tables.split(name))) in given:
            continue
        detail = type_words(snapshot, snapshot.type_of(parameter), cursor.language)
        about = documentation(parameter, cursor.language)
        yield Item(name, "argument", f"{ARGUMENT}{number:03}", f"{name} = ", False, detail, about)
