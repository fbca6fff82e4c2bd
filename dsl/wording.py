"""How a phrase is said in a language: the way back from a form (``dsl/reading.py``) to words.

Names come from the vocabulary, patterns and articles from the tables; gender and number are mended as the words are put
together, elision and contraction at the end, over the row of words (``dsl/joining.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from . import syntax as s
from .agreement import Agreement, Noun
from .collections import Form, said_singly
from .lexicon import lexicon
from .pieces import CLOSE, VALUE, Piece, words
from .trigger_wording import said_trigger
from .vocabulary import DisplayName, FieldSymbol, Names, PatternPart, Vocabulary
from .words import word_tables

Pieces: TypeAlias = tuple[Piece, ...]


class Nested(NamedTuple):
    """What is printed inside a phrase: a part that is no word, the filter of a collection, a comparison after it."""

    item: Callable[[s.Item], Pieces]
    filter: Callable[[s.Expression], Pieces]
    after: Callable[[s.Expression, s.Expression], Pieces]


class Said(NamedTuple):
    """A row of words before they are joined, and the noun at its head. ``article`` tells whether one was said."""

    words: Pieces
    noun: Noun = Noun()
    article: bool = False


class Wording:
    """Says forms in one language. ``columns`` are the columns of an example's table, as written, by their stems."""

    def __init__(
        self, vocabulary: Vocabulary, language: str, nested: Nested, columns: Mapping[tuple[str, ...], str]
    ) -> None:
        self.vocabulary = vocabulary
        self.language = language
        self.nested = nested
        self.columns = columns
        self.lexicon = lexicon(language)
        self.phrases: Mapping[str, Any] = self.lexicon.tables["phrases"]
        self.agreement = Agreement(self.lexicon)

    # --- forms ----------------------------------------------------------------------------------------------------

    def said(self, form: Form) -> Said:
        """The words for a form. Raises ``LookupError`` for one that has none in this language."""
        match form:
            case ("item", item, article):
                return self._with_article(self.nested.item(item), Noun(), article)
            case ("constant", concept, *_):
                return Said(words(self.phrases["constants"][concept][0]))
            case ("time_subject",):
                return Said(words(self.phrases["time_subject"][0]))
            case ("weekday", day, *_):
                return Said(words(self.phrases["calendar"]["weekdays"][day - 1][0]))
            case ("column", key, *_):
                return Said((Piece(self.columns[key], VALUE),))
            case ("field", owner, name, article, item, *manner):
                return self._field(owner, name, article, sum(manner), item)
            case ("state", owner, name, *_):
                return self._field(owner, name, "", 0, None)
            case ("its", owner, name, _, item, *manner):
                return self._its(self._field(owner, name, "", sum(manner), item))
            case ("walk", owner, name, article, owner_form, style, manner):
                return self._walk(owner, name, article, owner_form, style, manner)
            case ("parameter", symbol):
                return Said(self.name(symbol.names).words)
            case ("collection", base, where, since):
                return self._collection(base, where, since)
            case ("regrouped", inner, first, where):
                said = self.said(inner)
                return Said((*said.words, *self.nested.after(first, where)), said.noun)
            case _:
                return self._object(form)

    def _object(self, form: Form) -> Said:
        match form:
            case ("object", name, article, *plural):
                return self.noun(self.vocabulary.objects[name].names, article, any(plural))
            case ("noun", name, article, label, plural):
                return self._labelled(self.noun(self.vocabulary.objects[name].names, article, plural), label)
            case ("labelled", name, article, _, label):
                return self._labelled(self.noun(self.vocabulary.objects[name].names, article, False), label)
            case ("label", _, label):
                return Said((Piece(label, VALUE),))
            case ("global", name, article, *plural):
                return self.noun(self.vocabulary.globals[name].names, article, any(plural))
            case ("lookup", name, article, item):
                said = self.noun(self.vocabulary.objects[name].names, article, False)
                return said._replace(words=(*said.words, *self.nested.item(item)))
            case ("created", name, article):
                return self.pattern(self.phrases["objects"]["created"][0], {"o": ("object", name, "")}, article)
            case ("function", concept, article, holes):
                return self.concept("functions", concept, article, holes)
            case ("aggregate", concept, article, holes):
                return self.concept("aggregates", concept, article, holes)
            case _:
                return self._doing(form)

    def _doing(self, form: Form) -> Said:
        """The forms of actions and steps."""
        match form:
            case ("call", inner, first):
                said = self.said(inner)
                if not first:
                    return said
                after = self.name(first.names).words if isinstance(first, FieldSymbol) else (Piece(first, VALUE),)
                return said._replace(words=(*said.words, *after))
            case ("action", name, holes, article):
                return self._action(name, holes, article)
            case ("builtin", concept, holes):
                return self.pattern(self.phrases["actions"][concept][0], holes, "")
            case ("create", name, article, title):
                noun = self.noun(self.vocabulary.objects[name].names, article, False)
                text: Pieces = self.nested.item(title) if title is not None else ()
                return self.filled(self.phrases["actions"]["create"][0], {"o": Said((*noun.words, *text))}, "")
            case ("clock", kind, inner):
                patterns: list[str] = self.phrases["examples"]["clock"]
                return self.pattern(patterns[-1] if kind == "time" else patterns[0], {"d": _bare(inner)}, "")
            case ("time_passes", inner):
                return self.concept("examples", "time_passes", "", {"d": inner})
            case _:
                return said_trigger(self, form)

    # --- names ----------------------------------------------------------------------------------------------------

    def display(self, names: Names) -> DisplayName:
        """The name in this language, or in any where it has none."""
        return names.get(self.language) or next(iter(names.values()))

    def noun_of(self, names: Names) -> Noun:
        """Gender and number of a name; number is the same in all languages, gender is guessed where none is told."""
        name = self.display(names)
        plural = any(each.plural for each in names.values())
        return Noun(name.gender or self.agreement.guessed_gender(name.text), plural)

    def name(self, names: Names, plural: bool = False, bracketed: bool = False) -> Said:
        """A name without an article; in brackets where it would be read as something else."""
        name = self.display(names)
        noun = self.noun_of(names)
        if bracketed or self.agreement.needs_brackets(name.text):
            return Said((Piece(f"[{name.text}]", VALUE),), noun)
        said = self.agreement.plural_name(name.text) if plural and not noun.plural else name.text
        return Said(words(said), noun._replace(plural=noun.plural or plural))

    def noun(self, names: Names, article: str, plural: bool, bracketed: bool = False) -> Said:
        """A name with its article."""
        said = self.name(names, plural, bracketed)
        return self._with_article(said.words, said.noun, article)

    def _with_article(self, pieces: Pieces, noun: Noun, article: str) -> Said:
        said = self.agreement.article(article, noun, pieces[0].text) if article and pieces else ""
        return Said((*words(said), *pieces), noun, bool(said))

    def with_definite(self, said: Said) -> Said:
        """The words after a definite article, which stood melted into the word before them."""
        return said if said.article else self._with_article(said.words, said.noun, "definite")

    def _field(self, owner: str, name: str, article: str, manner: int, item: s.Name | None) -> Said:
        """A field; ``manner`` is 1 for the plural, -n for the n-th further name of a standard field."""
        symbol = self.vocabulary.field(owner, name)
        if symbol is None:
            raise LookupError(name)
        names = symbol.names
        if manner < 0:
            known: Sequence[str] = self.lexicon.tables["standard_fields"][name.replace(" ", "_")]
            names = {self.language: DisplayName(known[min(-manner, len(known) - 1)])}
        return self.noun(names, article, manner > 0, item is not None)

    def _labelled(self, said: Said, label: str) -> Said:
        return said._replace(words=(*said.words, Piece(label, VALUE))) if label else said

    def _its(self, said: Said) -> Said:
        return said._replace(words=(Piece(self.agreement.possessive(said.noun, said.words[0].text)), *said.words))

    def _walk(self, owner: str, name: str, article: str, owner_form: Form, style: str, manner: int) -> Said:
        field = self._field(owner, name, article, manner, None)
        return self._owned(field, self.said(owner_form), style, True)

    def _owned(self, owned: Said, owner: Said, style: str, definite: bool = False) -> Said:
        """``nom du contact``, ``the contact's name``: what belongs is definite where the owner cannot come first."""
        suffixes: list[str] = self.phrases["possessive_suffix"]
        if style == "possessive" and suffixes:
            return Said((*owner.words, Piece(suffixes[0], CLOSE), *owned.words), owned.noun, True)
        if style == "possessive" and (definite or owned.noun.plural):
            owned = self.with_definite(owned)
        return owned._replace(words=(*owned.words, Piece(self.phrases["walk"][0]), *owner.words))

    # --- collections ----------------------------------------------------------------------------------------------

    def _collection(self, base: Form, where: s.Expression | None, since: Form | None) -> Said:
        match base:
            case ("all", name, article, plural, *label):
                said = self._called(self.noun(self.vocabulary.objects[name].names, article, plural), label)
            case ("of", name, article, plural, owner, style, *label):
                noun = self.noun(self.vocabulary.objects[name].names, article, plural)
                said = self._owned(self._called(noun, label), self.said(owner), style)
            case ("own", name, _):
                said = self._its(self.noun(self.vocabulary.objects[name].names, "", plural=True))
            case ("list", owner_name, field, article, owner, style):
                said = self._field(owner_name, field, article, 0, None)
                said = self._owned(said, self.said(owner), style) if owner is not None else said
            case _:
                raise LookupError(base[0])
        made = said.words
        if where is not None:
            made = (*made, *self.nested.filter(where))
        if since is not None:
            made = (*made, *self.pattern(self.phrases["aggregates"]["since"][0], {"d": since}, "").words)
        return said._replace(words=made)

    @staticmethod
    def _called(noun: Said, label: Sequence[str]) -> Said:
        """A noun with the name the author gave: ``affaires B``."""
        return noun._replace(words=(*noun.words, *(Piece(text) for text in label)))

    # --- patterns -------------------------------------------------------------------------------------------------

    def concept(self, group: str, concept: str, article: str, holes: Mapping[str, Form]) -> Said:
        """The words of a function, an aggregate or a step, by the first pattern that has these holes."""
        singular: Mapping[str, str] = self.phrases["singular"]
        texts: list[str] = self.phrases[group][concept]
        if concept in singular and any(self._is_one(form) for form in holes.values()):
            texts = [singular[concept], *texts]
        number: str = self.phrases["collected"].get(concept, "") if group == "aggregates" else ""
        if number and (number != "owner" or holes["c"][1][0] == "own"):
            holes = {**holes, "c": said_singly(holes["c"], "indefinite" if number == "indefinite" else "")}
        for text in texts:
            if {part.strip("{}") for part in text.split() if part.startswith("{")} == set(holes):
                return self.pattern(text, holes, article)
        raise LookupError(concept)

    @staticmethod
    def _is_one(form: Form) -> bool:
        return form[0] == "item" and isinstance(form[1], s.Literal) and form[1].text.split()[0] == "1"

    def pattern(self, text: str, holes: Mapping[str, Form], article: str) -> Said:
        """The words of a pattern, its holes filled."""
        return self.filled(text, {name: self.said(form) for name, form in holes.items()}, article)

    def filled(self, text: str, said: Mapping[str, Said], article: str) -> Said:
        """The words of a pattern; its adjectives agree with the noun after them, else with the one before."""
        parts = text.split()
        nouns = [said[part.strip("{}")].noun if part.startswith("{") else None for part in parts]
        first = next((noun for noun in nouns if noun is not None), Noun())
        made: list[Piece] = []
        for place, part in enumerate(parts):
            if part.startswith("{"):
                made.extend(said[part.strip("{}")].words)
                continue
            near = [noun for noun in (*nouns[place:], *reversed(nouns[:place])) if noun is not None]
            made.extend(words(self.agreement.agree(part, near[0] if near else first)))
        gender: str = self.phrases["genders"].get(self.lexicon.fold(parts[0]), "")
        head = Noun(gender) if gender else first
        return self._with_article(tuple(made), head, article)

    def _action(self, name: str, holes: Mapping[str, Form], article: bool | str) -> Said:
        """A declared action's phrase, up to the first hole that has to be filled and is not.

        ``article`` is ``"merged"`` where the last words of the phrase are said in what fills its hole.
        """
        symbol = self.vocabulary.actions[name]
        parts = symbol.patterns.get(self.language) or next(iter(symbol.patterns.values()))
        made: list[Piece] = []
        for number, part in enumerate(parts):
            if part.hole is None:
                if article or not part.optional:
                    made.extend(words(part.text))
            elif part.hole in holes:
                form = holes[part.hole]
                parameter = symbol.parameter(part.hole)
                kind = parameter.type.object if parameter is not None and parameter.type is not None else None
                if kind is not None and (article == "merged" or form[0] in {"object", "lookup", "labelled"}):
                    made = self._without_noun(made, parts[:number], kind)
                made.extend(self.said(form).words)
            elif not part.optional or not any(each.hole in holes or each.hole is None for each in parts[number + 1 :]):
                return Said(self._cut(made))
        return Said(tuple(made))

    def _without_noun(self, pieces: list[Piece], parts: Sequence[PatternPart], object_name: str) -> list[Piece]:
        """The words of a phrase without its last ones where they are those of what fills its hole."""
        tables = word_tables(self.language)
        key = tables.name_key_of(tables.split(self.display(self.vocabulary.objects[object_name].names).text))
        stems = [part.stem for part in parts if not part.optional or part.hole is not None]
        if len(stems) <= len(key) or stems[len(stems) - len(key) :] != key:
            return pieces
        kept = pieces[: len(pieces) - len(key)]
        return kept[:-1] if parts[len(parts) - len(key) - 1].optional and len(kept) > 1 else kept

    def _cut(self, pieces: list[Piece]) -> Pieces:
        """The words without the prepositions that lead to a hole left out."""
        joining = {self.lexicon.fold(word) for word in self.phrases["joining"]}
        while pieces and self.lexicon.fold(pieces[-1].text) in joining:
            pieces = pieces[:-1]
        return tuple(pieces)


def _bare(form: Form) -> Form:
    """A form without its article."""
    match form:
        case ("item", item, _):
            return ("item", item, "")
        case ("function", concept, _, holes):
            return ("function", concept, "", holes)
        case _:
            return form


__all__ = ["Nested", "Noun", "Pieces", "Said", "Wording"]
