"""From declarations to symbols: the vocabulary of a program."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from . import syntax as s
from .fold import APOSTROPHES, SPACES
from .ir import Choice
from .lexicon import languages, lexicon
from .phrases import plain_text, text_of_words
from .sink import Place, Sink
from .source import NOWHERE, Span
from .suggest import closest
from .table_options import policy_of
from .types import ERROR, TEXT, Type, list_of, number_in, parse_type, reference_to, union_of
from .units import unit_of
from .vocabulary import (
    ActionSymbol,
    DisplayName,
    FieldSymbol,
    GlobalSymbol,
    Names,
    ObjectSymbol,
    PatternPart,
    Vocabulary,
    display,
)
from .words import ARTICLE, Tok, word_tables


class Context(NamedTuple):
    """A declaration with what is needed to report about it."""

    declaration: s.Declaration
    language: str
    sink: Sink
    source: str = ""


def declare(contexts: Sequence[Context]) -> Vocabulary:
    """All symbols the declarations introduce, objects first, since fields may name any of them."""
    vocabulary = Vocabulary()
    declarer = _Declarer(vocabulary)
    for context in contexts:
        declaration = context.declaration
        if isinstance(declaration, (s.ObjectDeclaration, s.EventDeclaration)):
            declarer.declare_object(context, declaration)
    for context in contexts:
        declaration = context.declaration
        if isinstance(declaration, (s.ObjectDeclaration, s.EventDeclaration)):
            declarer.declare_fields(context, declaration)
    for context in contexts:
        declaration = context.declaration
        if isinstance(declaration, s.DefinitionDeclaration):
            declarer.declare_definition(context, declaration)
        elif isinstance(declaration, s.TableDeclaration):
            declarer.declare_table(context, declaration)
        elif isinstance(declaration, s.ActionDeclaration):
            declarer.declare_action(context, declaration)
    return vocabulary


class Heading(NamedTuple):
    """``la surface d'une affaire en m²``: the name and its words, the object and its kind of article, the unit."""

    name: DisplayName
    words: s.Phrase | s.Name
    owner: ObjectSymbol | None = None
    article: str = ""
    unit: str | None = None


def split_heading(
    vocabulary: Vocabulary, phrase: s.Phrase | s.Name, language: str, named: str | None = None
) -> Heading:
    """The heading of a definition, a table or a process. ``named`` is the language of the name, if another."""
    named = named or language
    if isinstance(phrase, s.Name):
        return Heading(DisplayName(phrase.text), phrase)
    phrases = lexicon(language).tables["phrases"]
    tables = word_tables(language)
    words = phrase.words
    unit = None
    if len(words) >= 3 and words[-2].key in phrases["unit"]:
        unit = unit_of(language, words[-1].text)
        if unit is not None:
            words = words[:-2]
    toks = tables.expand(words)
    for position in range(len(toks) - 2, 0, -1):
        if toks[position].stem in phrases["of_object"] and toks[position + 1].article:
            key = tuple(t.stem or "" for t in toks[position + 2 :])
            owner = vocabulary.object_of(language, key)
            if owner is not None:
                kept = s.Phrase(tuple(w for w in words if w.span.end <= toks[position].span.start))
                article = "definite" if toks[position + 1].definite else "indefinite"
                return Heading(display_name(kept, named), kept, owner, article, unit)
    whole = s.Phrase(words)
    return Heading(display_name(whole, named), whole, unit=unit)


def type_named(vocabulary: Vocabulary, phrase: s.Phrase | s.Name, language: str) -> Type:
    """The type a phrase names; that of errors where it names none."""
    return _Declarer(vocabulary).type_of(Context(s.InvalidSyntax(), language, Sink()), s.TypeSyntax((phrase,)))[0]


class _Declarer:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.standard_objects: set[str] = set()

    # --- names ----------------------------------------------------------------------------------------------------

    def _names(self, context: Context, names: s.Names) -> tuple[Names, str]:
        """The display names by language, and the English name (the declared one where there is none)."""
        own = context.language
        declared = display_name(names.phrase, own)
        made: dict[str, DisplayName] = {own: declared}
        others = [language for language in languages() if language != own]
        if names.other is not None:
            for language in others:
                made[language] = display_name(names.other, language)
        else:
            for language in others:
                made[language] = declared
        return made, display(made, "en").lower() if "en" in made else declared.text.lower()

    def declare_object(self, context: Context, declaration: s.ObjectDeclaration | s.EventDeclaration) -> None:
        names, name = self._names(context, declaration.names)
        place = context.sink.place(declaration.names.span)
        is_event = isinstance(declaration, s.EventDeclaration)
        known = self._known_object(context.language, declaration.names)
        if known is not None and known.event == is_event:
            return
        symbol = ObjectSymbol(name, names, place, event=is_event, documentation=declaration.documentation)
        self.vocabulary.add_object(symbol)
        if context.sink.standard:
            self.standard_objects.add(name)
        for field in _standard_fields(symbol):
            self.vocabulary.add_field(field, _standard_aliases(field.name))

    def _known_object(self, language: str, names: s.Names) -> ObjectSymbol | None:
        key = word_tables(language).name_key(names.phrase)
        return self.vocabulary.object_of(language, key)

    def declare_fields(self, context: Context, declaration: s.ObjectDeclaration | s.EventDeclaration) -> None:
        owner = self._known_object(context.language, declaration.names)
        if owner is None:
            return
        seen: dict[str, Place] = {}
        for field in declaration.fields:
            if isinstance(field, s.InvalidSyntax):
                continue
            symbol = self.field_symbol(context, owner.name, field)
            before = seen.get(symbol.name)
            if before is not None:
                context.sink.report(
                    "QD107",
                    field.names.span,
                    labels=[("declared_here", before)],
                    name=display(symbol.names, context.language),
                )
            seen[symbol.name] = symbol.place
            if owner.name in self.standard_objects and not context.sink.standard:
                # a project that adds nothing to standard objects does not need it
                from .resemblance import report_resemblance

                report_resemblance(self.vocabulary, field, symbol, context.sink)
            self.vocabulary.add_field(symbol)

    def field_symbol(self, context: Context, owner: str, field: s.FieldDeclaration) -> FieldSymbol:
        names, name = self._names(context, field.names)
        if field.names.other is None:
            names, name = self._known_names(context, owner, names, name)
        type_, choices = self.type_of(context, field.type)
        options = {option.kind: option for option in field.options}
        default = options.get("default")
        return FieldSymbol(
            owner,
            name,
            names,
            type_,
            context.sink.place(field.names.span),
            choices=choices,
            identifier="identifier" in options,
            required="required" in options,
            unique="unique" in options,
            default=default.value if default is not None else None,
            documentation=field.documentation,
            sink=context.sink,
        )

    def _known_names(self, context: Context, owner: str, names: Names, name: str) -> tuple[Names, str]:
        """The names of the field that a declaration without a second name replaces, if there is one."""
        tables = word_tables(context.language)
        key = tuple(tables.name_key_of(tables.split(display(names, context.language))))
        known = self.vocabulary.field_of(owner, context.language, key) if owner else None
        if known is None or known.standard:
            return names, name
        return {**known.names, context.language: names[context.language]}, known.name

    # --- types ----------------------------------------------------------------------------------------------------

    def type_of(self, context: Context, syntax: s.TypeSyntax) -> tuple[Type, tuple[Choice, ...]]:
        """The type a declaration names, and the values of a choice."""
        if syntax.choices:
            choices = tuple(self._choice(context, choice) for choice in syntax.choices)
            seen: set[str] = set()
            for choice, written in zip(choices, syntax.choices, strict=True):
                if choice.name in seen:
                    context.sink.report("QD107", written.span, name=choice.name)
                seen.add(choice.name)
            return Type("choice", options=tuple(choice.name for choice in choices)), choices
        if not syntax.alternatives:
            return ERROR, ()
        members = tuple(self._named_type(context, phrase) for phrase in syntax.alternatives)
        return (members[0] if len(members) == 1 else union_of(members)), ()

    def _choice(self, context: Context, choice: s.ChoiceName) -> Choice:
        own = plain_text(choice.text)
        other = plain_text(choice.other) if choice.other is not None else own
        names = {language: own if language == context.language else other for language in languages()}
        return Choice(names.get("en", own), names)

    def _named_type(self, context: Context, phrase: s.Phrase | s.Name) -> Type:
        language = context.language
        tables = word_tables(language)
        phrases = lexicon(language).tables["phrases"]
        key = tables.name_key(phrase)
        builtin = _type_keys(language).get(key)
        if builtin is not None:
            return builtin
        for form in phrases["list_of"]:
            prefix = tuple(tables.name_key_of(tables.split(form)))
            if key[: len(prefix)] == prefix and len(key) > len(prefix):
                member = self._object_or_type(language, key[len(prefix) :])
                if member is not None:
                    return list_of(member)
        if len(key) >= 3 and key[-2] in phrases["unit"]:
            unit = unit_of(language, _last_word(phrase))
            inner = self._object_or_type(language, key[:-2])
            if unit is not None and inner is not None and inner.kind in {"number", "integer"}:
                return number_in(unit)
        found = self.vocabulary.object_of(language, key)
        if found is not None:
            return reference_to(found.name)
        written = phrase.text if isinstance(phrase, s.Name) else text_of_words(phrase.words)
        known = [forms[0] for forms in phrases["types"].values()]
        known += [display(o.names, language) for o in self.vocabulary.objects.values()]
        # only a mistake needs it
        from .habits import habits

        meant = habits(language).types.get(lexicon(language).fold(written))
        suggestions = [meant] if meant is not None else closest(written.lower(), known)
        context.sink.report(
            "QD111",
            phrase.span,
            phrase=written,
            suggestions=suggestions,
            fixes=[("replace_by", phrase.span, text) for text in suggestions[:1]],
        )
        return ERROR

    def _object_or_type(self, language: str, key: tuple[str, ...]) -> Type | None:
        while key and key[0] == ARTICLE:
            key = key[1:]
        builtin = _type_keys(language).get(key)
        if builtin is not None:
            return builtin
        found = self.vocabulary.object_of(language, key)
        return reference_to(found.name) if found is not None else None

    # --- definitions ----------------------------------------------------------------------------------------------

    def _header(self, context: Context, names: s.Names) -> tuple[Names, str, ObjectSymbol | None, str | None]:
        """Names, English name, object and unit of ``la surface d'une affaire / area en m²``."""
        heading = split_heading(self.vocabulary, names.phrase, context.language)
        own_words, owner, unit = heading.name, heading.owner, heading.unit
        other = names.other
        made: dict[str, DisplayName] = {context.language: own_words}
        for language in languages():
            if language == context.language:
                continue
            if other is None:
                made[language] = own_words
                continue
            second = split_heading(self.vocabulary, other, context.language, language)
            made[language] = second.name
            unit = unit or second.unit
        name = display(made, "en").lower()
        if other is None and owner is not None:
            known, name = self._known_names(context, owner.name, made, name)
            return known, name, owner, unit
        return made, name, owner, unit

    def _unknown_owner(self, context: Context, phrase: s.Phrase) -> bool:
        """``définir le total d'une afaire``: an indefinite article after the preposition announces an object."""
        toks = word_tables(context.language).expand(phrase.words)
        of_object = lexicon(context.language).tables["phrases"]["of_object"]
        for position in range(1, len(toks) - 2):
            tok, article = toks[position], toks[position + 1]
            if tok.stem in of_object and not tok.optional and article.article and not article.definite:
                span = Span(toks[position + 2].span.start, toks[-1].span.end)
                written = " ".join(each.text for each in toks[position + 2 :])
                known = [display(o.names, context.language) for o in self.vocabulary.objects.values() if not o.event]
                suggestions = closest(written.lower(), known)
                context.sink.report(
                    "QD117",
                    span,
                    name=written,
                    suggestions=suggestions,
                    fixes=[("replace_by", span, text) for text in suggestions[:1]],
                )
                return True
        return False

    def _once(self, context: Context, owner: str, name: str, span: Span) -> None:
        """A project defines a name once; it may replace a field of the standard vocabulary."""
        before = self.vocabulary.field(owner, name)
        if before is not None and before.computed and not before.place.standard:
            context.sink.report(
                "QD107",
                span,
                labels=[("declared_here", before.place)],
                name=display(before.names, context.language),
            )

    def declare_definition(self, context: Context, declaration: s.DefinitionDeclaration) -> None:
        names, name, owner, unit = self._header(context, declaration.names)
        place = context.sink.place(declaration.names.span)
        phrase = declaration.names.phrase
        if owner is None and isinstance(phrase, s.Phrase) and self._unknown_owner(context, phrase):
            return
        if owner is None:
            known = self.vocabulary.globals.get(name)
            if known is not None and not known.place.standard:
                context.sink.report("QD107", declaration.names.span, labels=[("declared_here", known.place)], name=name)
            self.vocabulary.add_global(
                GlobalSymbol(name, names, place, declaration.body, unit, declaration.documentation, context.sink)
            )
            return
        self._once(context, owner.name, name, declaration.names.span)
        self.vocabulary.add_field(
            FieldSymbol(
                owner.name,
                name,
                names,
                None,
                place,
                definition=declaration.body,
                unit=unit,
                documentation=declaration.documentation,
                sink=context.sink,
            )
        )

    def declare_table(self, context: Context, declaration: s.TableDeclaration) -> None:
        names, name, owner, unit = self._header(context, declaration.names)
        type_, choices = self.type_of(context, declaration.type)
        if policy_of(context.language, declaration.options) == "all":
            type_ = list_of(type_)
        place = context.sink.place(declaration.names.span)
        if owner is None:
            context.sink.report("QD117", declaration.names.span, name=display(names, context.language))
            return
        self._once(context, owner.name, name, declaration.names.span)
        self.vocabulary.add_field(
            FieldSymbol(
                owner.name,
                name,
                names,
                type_,
                place,
                choices=choices,
                table=declaration,
                unit=unit,
                documentation=declaration.documentation,
                sink=context.sink,
            )
        )

    # --- actions --------------------------------------------------------------------------------------------------

    def declare_action(self, context: Context, declaration: s.ActionDeclaration) -> None:
        own = context.language
        holes: list[FieldSymbol] = []
        own_holes = [part for part in declaration.pattern.parts if isinstance(part, s.PatternHole)]
        other_holes = (
            [part for part in declaration.other.parts if isinstance(part, s.PatternHole)] if declaration.other else []
        )
        if declaration.other is not None and len(other_holes) != len(own_holes):
            context.sink.report("QD118", declaration.other.span, expected=len(own_holes), found=len(other_holes))
            return
        for number, hole in enumerate(own_holes):
            other = other_holes[number] if other_holes else None
            names: dict[str, DisplayName] = {own: display_name(hole.name, own)}
            for language in languages():
                if language != own:
                    names[language] = display_name(other.name, language) if other else names[own]
            type_syntax = hole.type or (other.type if other else None)
            type_, choices = self.type_of(context, type_syntax) if type_syntax else (TEXT, ())
            holes.append(
                FieldSymbol(
                    "",
                    display(names, "en").lower(),
                    names,
                    type_,
                    context.sink.place(hole.span if hole.span != NOWHERE else declaration.pattern.span),
                    choices=choices,
                    required=not hole.optional,
                    documentation=declaration.documentation,
                )
            )
        hole_names = [hole.name for hole in holes]
        patterns = {own: self._pattern(declaration.pattern, own, hole_names)}
        for language in languages():
            if language != own:
                source = declaration.other or declaration.pattern
                patterns[language] = self._pattern(source, language if declaration.other else own, hole_names)
        english = patterns.get("en", patterns[own])
        name = plain_text(declaration.name) if declaration.name else _bare_name(english)
        known = self.vocabulary.actions.get(name)
        if known is not None and not known.place.standard:
            context.sink.report("QD107", declaration.pattern.span, labels=[("declared_here", known.place)], name=name)
        parameters = [p for p in declaration.parameters if not isinstance(p, s.InvalidSyntax)]
        self.vocabulary.add_action(
            ActionSymbol(
                name,
                patterns,
                (*holes, *(self.field_symbol(context, "", p) for p in parameters)),
                tuple(hole_names),
                context.sink.place(declaration.pattern.span),
                declaration.documentation,
            )
        )

    def _pattern(self, pattern: s.ActionPattern, language: str, holes: list[str]) -> tuple[PatternPart, ...]:
        tables = word_tables(language)
        parts: list[PatternPart] = []
        number = 0
        for part in pattern.parts:
            if isinstance(part, s.PatternHole):
                parts.append(PatternPart(None, "", holes[number], part.optional))
                number += 1
                continue
            for tok in tables.expand(tables.split(text_of_words(part.words))):
                parts.append(PatternPart(tok.stem, _form(tok), None, tok.article))
        return tuple(parts)


@cache
def _type_keys(language: str) -> dict[tuple[str, ...], Type]:
    """The built-in types by the stems of their names."""
    tables = word_tables(language)
    return {
        tuple(tables.name_key_of(tables.split(form))): parse_type(kind)
        for kind, forms in lexicon(language).tables["phrases"]["types"].items()
        for form in forms
    }


def _form(tok: Tok) -> str:
    return tok.text


def _bare_name(parts: tuple[PatternPart, ...]) -> str:
    return " ".join(part.text for part in parts if part.hole is None)


def _last_word(phrase: s.Phrase | s.Name) -> str:
    return phrase.text if isinstance(phrase, s.Name) else phrase.words[-1].text


def plain_name(text: str) -> str:
    """A name as it is stored: NFC, straight apostrophes, ordinary spaces."""
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


_PLAIN = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(SPACES, " "))


def display_name(phrase: s.Phrase | s.Name, language: str) -> DisplayName:
    """A declared name without its articles, with the gender they tell."""
    if isinstance(phrase, s.Name):
        return DisplayName(plain_name(phrase.text))
    lexicon_ = lexicon(language)
    articles = lexicon_.tables["articles"]
    free = word_tables(language).free
    # A name in another language than its file's is split as that language splits words.
    words = word_tables(language).split(plain_name(text_of_words(phrase.words)))
    gender, plural = "", False
    while len(words) > 1 and (words[0].key in free or words[0].key in word_tables(language).contractions):
        for forms in (articles["definite"], articles["indefinite"]):
            for kind in ("masculine", "feminine"):
                both = forms.get("masculine") == forms.get("feminine")
                if not both and lexicon_.fold(forms.get(kind, "")) == words[0].key:
                    gender = kind
            if forms.get("plural") and lexicon_.fold(forms["plural"]) == words[0].key and not gender:
                plural = forms["plural"] not in {forms.get("masculine"), forms.get("feminine")}
        words.pop(0)
    text = text_of_words(tuple(words))
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    return DisplayName(text, gender, plural)


def _standard_fields(symbol: ObjectSymbol) -> list[FieldSymbol]:
    place = Place(Sink(None, "", symbol.place.language, 0, True), Span(0, 0))
    made: list[FieldSymbol] = []
    for name, type_ in (("id", TEXT), ("created at", "datetime"), ("updated at", "datetime"), ("origin", "choice")):
        concept = name.replace(" ", "_")
        names = {
            language: DisplayName(lexicon(language).tables["standard_fields"][concept][0]) for language in languages()
        }
        choices: tuple[Choice, ...] = ()
        if type_ == "choice":
            choices = tuple(
                Choice(
                    lexicon("en").tables["standard_fields"]["origins"][key],
                    {language: lexicon(language).tables["standard_fields"]["origins"][key] for language in languages()},
                )
                for key in lexicon("en").tables["standard_fields"]["origins"]
            )
            made_type = Type("choice", options=tuple(choice.name for choice in choices))
        else:
            made_type = type_ if isinstance(type_, Type) else parse_type(type_)
        made.append(FieldSymbol(symbol.name, name, names, made_type, place, choices=choices, standard=True))
    return made


def _standard_aliases(name: str) -> dict[str, list[str]]:
    concept = name.replace(" ", "_")
    return {language: lexicon(language).tables["standard_fields"][concept][1:] for language in languages()}
