"""What an author may have meant by a mistake: edits of the declaration it is in, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from .diagnostic import Diagnostic, Edit
from .habits import written
from .keywords import Keyword, keywords, other_languages
from .mistaken import Candidate
from .name_candidates import UNREAD_HOLE, NameCandidates
from .patterns import pattern_set
from .scanner import SIGN, TEXT, WORD, Atom
from .source import Span
from .suggest import distance
from .vocabulary import display

_NAMES = frozenset({"QD101", "QD102", "QD103", "QD106", "QD110", UNREAD_HOLE, "QD203"})
_ACTIONS = frozenset({"QD105", "QD106", UNREAD_HOLE})
_TEXTS = frozenset({"QD010", "QD021", "QD105", UNREAD_HOLE})
_TOO_MUCH = frozenset({"QD004", "QD010"})
_LISTS = frozenset({"QD010", "QD023"})
_LATE_CONDITION = "QD035"
_MISTYPED = "QD203"
_NO_OBJECT = "QD117"
_NO_ACTIONS = "QD011"
_NOTHING_FOLLOWS = "QD016"
_NO_REASON = "QD224"
FOREIGN_WORD = "QD008"
OWN_LANGUAGE = "own_language"
"""The title of the fix that writes words of another language in that of the file."""
_LONGEST_OPENER = 9
_NEAR = 40
"""The characters before a mistake in which its cause is looked for."""
_MOST_BETWEEN = 4
_FOREIGN = ("openers", "reserved", "trigger", "trigger_parts", "compare", "tests", "actions", "examples")


class Candidates(NameCandidates):
    """Finds candidates for the mistakes of one declaration."""

    @property
    def is_header_alone(self) -> bool:
        """Whether a rule is announced, and nothing else said on its line."""
        first = self.keywords.table("openers").get(self.atoms[0].key, ()) if self.atoms else ()
        others = {keyword.concept for atom in self.atoms for keyword in self.reserved.get(atom.key, ())}
        return "\n" not in self.source.strip() and any(k.concept == "rule" for k in first) and "when" not in others

    def of(self, problem: Diagnostic) -> Iterator[Candidate]:
        """The candidates for a problem, whose span is relative to the declaration; each once."""
        seen: set[tuple[Edit, ...]] = set()
        for candidate in self._all(problem):
            if candidate.edits and candidate.edits not in seen:
                seen.add(candidate.edits)
                yield candidate

    def _all(self, problem: Diagnostic) -> Iterator[Candidate]:
        code, span = problem.code, problem.span
        if not self.atoms:
            return
        if code == _NO_ACTIONS:
            yield self._replace(span, self.keywords.canonical("reserved", "then"))
        if code == _NOTHING_FOLLOWS:
            yield self._without(span)
        if code == _NO_REASON:
            yield self._insert(span.end, f" {self.habits.placeholders.get('text', '')}")
        if code in _TOO_MUCH:
            yield self._without(span)
            same = [atom for atom in self.atoms if atom.text == self.source[span.start : span.end]]
            yield Candidate(
                tuple(edit for atom in same for edit in self._without(Span(atom.start, atom.end)).edits), "", "remove"
            )
        if code == _MISTYPED:
            yield from self._moved(span)
        if code in _LISTS and self._is_text(span):
            yield self._insert(span.start, f"{self.keywords.canonical('types', 'one_of')} ")
        yield from self._links(span)
        yield from self._pronouns(span)
        if code == _LATE_CONDITION:
            yield from self._earlier(span)
        if code in _TEXTS:
            yield from self._texts_as_arguments(span)
        if code == _NO_OBJECT:
            yield from self._titles(span)
        if code in _NAMES:
            yield from self._names(problem)
        if code in _ACTIONS:
            yield from self._near_actions(span)
            yield from self._arguments(span)
        yield from self._digits()
        if code < "QD100":
            yield from self._openers()
        yield from self._triggers(span, code)
        yield from self._rewritten("phrases", span)
        yield from self._rewritten("actions", span)
        if code in _NAMES:
            yield from self._quoted(problem)
        yield from self.own_words()
        if code < "QD100":
            yield from self._missing_words()

    # --- words of the language ------------------------------------------------------------------------------------

    def _digits(self) -> Iterator[Candidate]:
        """``deux heures après``: numbers in words, in digits."""
        edits: list[Edit] = []
        shown: list[str] = []
        for number, atom in enumerate(self.atoms):
            if atom.kind != WORD:
                continue
            after = self.atoms[number + 1] if number + 1 < len(self.atoms) else None
            is_unit = after is not None and after.kind == WORD and after.key in self.habits.units
            digits = self.habits.numbers.get(atom.key) or (self.habits.before_unit.get(atom.key) if is_unit else None)
            if digits is not None:
                edits.append(Edit(Span(atom.start, atom.end), digits))
                unit = f" {after.text}" if after is not None and is_unit else ""
                shown.append(f"{digits}{unit}")
        yield Candidate(tuple(edits), ", ".join(shown), "digits")

    def _openers(self) -> Iterator[Candidate]:
        """``si`` or ``dès que`` for ``quand``, at the beginning of a line."""
        for start, tok in enumerate(self.toks):
            if tok.span.start in self.starts:
                for rewriting in self.habits.rewritings("openers"):
                    for end in range(start + 1, min(start + _LONGEST_OPENER, len(self.toks)) + 1):
                        yield from self._forms(rewriting, start, end)

    def own_words(self) -> Iterator[Candidate]:
        """The keywords of another language by those of this one."""
        for language in other_languages(self.language):
            table = keywords(language).table(*_FOREIGN)
            own = self.keywords.table(*_FOREIGN)
            edits: list[Edit] = []
            for number, atom in enumerate(self.atoms):
                if atom.kind != WORD or atom.key in own or (edits and atom.start < edits[-1].span.end):
                    continue
                for keyword in table.get(atom.key, ()):
                    end = number + 1 + len(keyword.rest)
                    said = tuple(each.key for each in self.atoms[number + 1 : end])
                    word = self._own_word(keyword) if said == keyword.rest else ""
                    if word:
                        edits.append(Edit(Span(atom.start, self.atoms[end - 1].end), word))
                        break
            yield Candidate(tuple(edits), "", OWN_LANGUAGE)

    def _own_word(self, keyword: Keyword) -> str:
        concepts = self.keywords.tables.get(keyword.group, {})
        return self.keywords.canonical(keyword.group, keyword.concept) if keyword.concept in concepts else ""

    def _missing_words(self) -> Iterator[Candidate]:
        """A rule without the word before its trigger or before its actions."""
        concepts = {keyword.concept for atom in self.atoms for keyword in self.reserved.get(atom.key, ())}
        if "then" not in concepts:
            then = self.keywords.canonical("reserved", "then")
            for before, atom in zip(self.atoms, self.atoms[1:], strict=False):
                if atom.kind == WORD and self._starts_action(atom):
                    comma = before.kind == SIGN and before.key in {",", ":"}
                    start = before.start if comma else atom.start
                    separator = "" if not comma else " "
                    yield Candidate((Edit(Span(start, atom.start), f"{separator}{then} "),), then, "insert")
        if "when" not in concepts:
            when = self.keywords.canonical("reserved", "when")
            for atom in self.atoms:
                if atom.line_start:
                    yield Candidate((Edit(Span(atom.start, atom.start), f"{when} "),), when, "insert")

    @cached_property
    def _first_words(self) -> frozenset[str]:
        firsts = {
            parts[0].stem
            for symbol in self.vocabulary.actions.values()
            if (parts := symbol.patterns.get(self.language)) and parts[0].stem
        }
        return frozenset(filter(None, {*firsts, *pattern_set(self.language, "actions").by_first}))

    def _starts_action(self, atom: Atom) -> bool:
        return self.habits.words.stem(atom.key) in self._first_words

    # --- actions --------------------------------------------------------------------------------------------------

    def _near_actions(self, span: Span) -> Iterator[Candidate]:
        """An action whose words before its first hole are nearly those that were written."""
        toks = [tok for tok in self.toks if span.start <= tok.span.start and tok.span.end <= span.end]
        words = [n for n, tok in enumerate(toks) if not tok.article and tok.key.isalpha()]
        scored: list[tuple[int, str, int]] = []
        for literal, count in self._literals():
            if len(words) < count or not count:
                continue
            said = " ".join(toks[n].stem or "" for n in words[:count])
            wanted = " ".join(self.habits.key(literal))
            score = distance(said, wanted, max(1, len(said) // 3))
            if score <= max(1, len(said) // 3):
                scored.append((score, literal, words[count - 1] + 1))
        for _, literal, end in sorted(scored, key=lambda each: each[0])[:3]:
            rest = written(toks, end, len(toks), self.source) if end < len(toks) else ""
            yield self._replace(span, self.habits.melted(f"{literal} {rest}".rstrip()))

    def _arguments(self, span: Span) -> Iterator[Candidate]:
        """``ajouter produit 'x' quantité 5``: the comma and the sign of an argument."""
        names = {
            self.habits.key(display(parameter.names, self.language))
            for symbol in self.vocabulary.actions.values()
            for parameter in symbol.parameters
        }
        inside = [n for n, tok in enumerate(self.toks) if span.start <= tok.span.start < span.end]
        for start in inside[1:]:
            for end in range(start + 1, min(start + 4, inside[-1] + 1)):
                if tuple(tok.stem or "" for tok in self.toks[start:end]) in names:
                    before = self.toks[start - 1].span.end
                    edits = [Edit(Span(before, before), ",")]
                    if self.toks[end].key != "=":
                        edits.append(Edit(Span(self.toks[end - 1].span.end, self.toks[end - 1].span.end), " ="))
                    shown = f", {self.source[self.toks[start].span.start : self.toks[end - 1].span.end]} ="
                    yield Candidate(tuple(edits), shown, "one_of")

    def _is_text(self, span: Span) -> bool:
        return any(atom.kind == TEXT and atom.start == span.start for atom in self.atoms)

    def _links(self, span: Span) -> Iterator[Candidate]:
        """``avec montant = 5 €``: a comma, where people write a word."""
        for before, atom in zip(self.atoms, self.atoms[1:], strict=False):
            if atom.key in self.habits.links and before.end <= span.end and span.start <= atom.end + _NEAR:
                yield Candidate((Edit(Span(before.end, atom.end), ","),), ",")

    def _pronouns(self, span: Span) -> Iterator[Candidate]:
        """``assign it to``: the object that was named before."""
        inside = [atom for atom in self.atoms if span.start <= atom.start and atom.end <= span.end]
        for atom in inside:
            if atom.key in self.habits.pronouns:
                for start, tok in enumerate(self.toks):
                    symbol = self._object(start, start + 1) if tok.span.end <= atom.start else None
                    if symbol is not None and not symbol.event:
                        yield self._replace(Span(atom.start, atom.end), self._the_object(symbol))
                        return

    def _texts_as_arguments(self, span: Span) -> Iterator[Candidate]:
        """``envoyer un SMS au client : "Bonjour"``: a text after an action is its argument of that type."""
        names = self._text_arguments
        for number, atom in enumerate(self.atoms):
            if atom.kind != TEXT or number < 2 or atom.end < span.start:
                continue
            first = number
            said = ""
            while first > 1 and number - first < _MOST_BETWEEN:
                before = self.atoms[first - 1]
                key = self.habits.key(before.text)
                if key in names:
                    said = names[key]
                elif before.key not in {",", ":", "="} and before.key not in self.habits.links:
                    break
                first -= 1
            start = self.atoms[first - 1].end
            for name in [said] if said else dict.fromkeys(names.values()):
                edit = Edit(Span(start, atom.start), f", {name} = ")
                yield Candidate((edit,), f", {name} = {atom.text}", "one_of")

    @cached_property
    def _text_arguments(self) -> dict[tuple[str, ...], str]:
        """The arguments of actions that are texts, those that must be given first."""
        found = [
            parameter
            for symbol in self.vocabulary.actions.values()
            for parameter in symbol.parameters
            if parameter.name not in symbol.holes and parameter.type is not None and parameter.type.kind == "text"
        ]
        names = [display(parameter.names, self.language) for parameter in sorted(found, key=lambda p: not p.required)]
        return {self.habits.key(name): name for name in names}

    def _titles(self, span: Span) -> Iterator[Candidate]:
        """``créer une tâche Rappeler``: the title of what is created, without quotation marks."""
        inside = [n for n, tok in enumerate(self.toks) if span.start <= tok.span.start and tok.span.end <= span.end]
        for split in inside[1:]:
            key = tuple(tok.stem or "" for tok in self.toks[inside[0] : split])
            if self.vocabulary.object_of(self.language, key) is not None:
                place = self._span(split, inside[-1] + 1)
                said = self.source[place.start : place.end]
                yield self._replace(place, f'"{said}"')

    def _earlier(self, span: Span) -> Iterator[Candidate]:
        """``alors ... si montant > 5``: a condition after the actions goes before them."""
        then = next((atom for atom in self.atoms if self._is_then(atom)), None)
        end = self.source.find("\n", span.end)
        end = len(self.source.rstrip()) if end < 0 else end
        if then is None or then.start > span.start:
            return
        condition = self.source[span.end : end].strip()
        start = len(self.source[: span.start].rstrip())
        moved = f"{self.keywords.canonical('reserved', 'and')} {condition} "
        yield Candidate(
            (Edit(Span(then.start, then.start), moved), Edit(Span(start, end), "")), moved.strip(), "one_of"
        )

    def _is_then(self, atom: Atom) -> bool:
        return any(keyword.concept == "then" for keyword in self.reserved.get(atom.key, ()))

    def _literals(self) -> Iterator[tuple[str, int]]:
        """The words of each action before its first hole, and how many of them are no articles."""
        for symbol in self.vocabulary.actions.values():
            texts: list[str] = []
            for part in symbol.patterns.get(self.language, ()):
                if part.hole is not None:
                    break
                texts.append(part.text)
            yield " ".join(texts), len(self.habits.key(" ".join(texts)))
        forms: dict[str, list[str]] = self.keywords.lexicon.tables["phrases"]["actions"]
        for texts in forms.values():
            for text in texts:
                literal = text.partition("{")[0].strip()
                yield literal, len(self.habits.key(literal))
