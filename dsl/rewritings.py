"""Rewritings of triggers, conditions and actions as people write them from habit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from .diagnostic import Edit
from .habits import Holes, Rewriting, matches, tokens_of, written
from .mistaken import BOUNDARIES, Candidate, Mistaken
from .scanner import scan
from .source import Span
from .vocabulary import FieldSymbol, ObjectSymbol, display
from .words import Tok

_OWNERLESS = frozenset({"QD028", "QD116", "QD120"})
_LONGEST = 12
_LONGEST_TRIGGER = 30
"""Trying every way to fill the holes of longer ones would take too long."""
_MOST_WORDS = 3
_LONGEST_NAME = 4


class Rewritings(Mistaken):
    """Finds what the tables of habits say of a declaration."""

    def _trigger_slices(self) -> Iterator[tuple[int, int]]:
        """What stands between ``quand``, or the beginning, and the condition or the actions."""
        every = {"every"}
        openers = self.keywords.table("openers")
        for start, tok in enumerate(self.toks):
            opens = {keyword.concept for keyword in openers.get(tok.key, ())}
            first = start if opens & every or (start == 0 and not opens and not self._concepts(tok)) else start + 1
            if first == start or "when" in self._concepts(tok) or (start and "or" in self._concepts(tok)):
                end = first
                while end < len(self.toks) and not self._concepts(self.toks[end]) & {"and", "or", "then", "if"}:
                    end += 1
                if first < end <= first + _LONGEST_TRIGGER:
                    yield first, end

    def _triggers(self, span: Span, code: str) -> Iterator[Candidate]:
        for start, end in self._trigger_slices():
            if self.toks[start].span.start > span.end or self.toks[end - 1].span.end < span.start:
                continue
            if code in _OWNERLESS:
                yield from self._owned(start, end)
            yield from self._outcomes(start, end, chosen=True)
            for rewriting in self.habits.rewritings("triggers"):
                yield from self._forms(rewriting, start, end)
            yield from self._outcomes(start, end, chosen=False)
            yield from self._moves(start, end)
            yield from self._with_articles(start, end)

    def _owned(self, start: int, end: int) -> Iterator[Candidate]:
        """``l'étape devient 'x'``: the objects that have a field of that name."""
        first = start
        while first < end - 1 and self.toks[first].article:
            first += 1
        for stop in range(end - 1, first, -1):
            key = tuple(tok.stem or "" for tok in self.toks[first:stop])
            if not self.vocabulary.is_field_name(self.language, key):
                continue
            for symbol in self.vocabulary.objects.values():
                if symbol.event or self.vocabulary.field_of(symbol.name, self.language, key) is None:
                    continue
                field = written(self.toks, start, stop, self.source)
                text = self.habits.melted(f"{field} {self._of(symbol)}")
                rest = written(self.toks, stop, end, self.source)
                yield self._replace(self._span(start, end), f"{text} {rest}")
                for rewriting in self._rewritten_text(f"{text} {rest}"):
                    yield self._replace(self._span(start, end), rewriting)
            return

    def _with_articles(self, start: int, end: int) -> Iterator[Candidate]:
        """``order status``, ``stock of item``: a field and its object without the words around them."""
        for first in range(start, end):
            for stop in range(min(end, first + _LONGEST_NAME), first, -1):
                symbol = self._object(first, stop)
                if symbol is None or symbol.event or self.toks[first].article:
                    continue
                noun = self._of(symbol)
                before = written(self.toks, start, first, self.source) if first > start else ""
                after = written(self.toks, stop, end, self.source) if stop < end else ""
                texts = [f"{before.rpartition(' ')[0]} {noun} {after}"] if self._ends_in_walk(first) else []
                texts += [
                    f"{field} {noun} {rest}"
                    for field, rest in self._fields_at(symbol, stop, end)
                    if first == start or self.toks[first - 1].article
                ]
                texts += [f"{field} {noun} {after}" for field in self._field_before(symbol, start, first)]
                for text in texts:
                    melted = self.habits.melted(" ".join(text.split()))
                    yield self._replace(self._span(start, end), melted)
                    for rewriting in self._rewritten_text(melted):
                        yield self._replace(self._span(start, end), rewriting)
                return

    def _ends_in_walk(self, position: int) -> bool:
        return position > 0 and self.toks[position - 1].key == self._walk

    def _field_before(self, symbol: ObjectSymbol, start: int, end: int) -> Iterator[str]:
        """A field of an object that is all there is before it: ``stock article``."""
        while start < end and self.toks[start].article:
            start += 1
        key = tuple(tok.stem or "" for tok in self.toks[start:end])
        field = self.vocabulary.field_of(symbol.name, self.language, key) if key else None
        if field is not None:
            yield self._the(field)

    def _fields_at(self, symbol: ObjectSymbol, start: int, end: int) -> Iterator[tuple[str, str]]:
        """A field of an object that is named at a place, with its article, and what follows it."""
        for stop in range(min(end, start + _LONGEST_NAME), start, -1):
            key = tuple(tok.stem or "" for tok in self.toks[start:stop])
            field = self.vocabulary.field_of(symbol.name, self.language, key)
            if field is not None:
                yield self._the(field), written(self.toks, stop, end, self.source) if stop < end else ""

    def _rewritten_text(self, text: str) -> Iterator[str]:
        """A trigger as it might have been written, by the rewritings of triggers."""
        toks = tokens_of(scan(text, self.keywords, lambda _: None)[0], self.language)
        for rewriting in self.habits.rewritings("triggers"):
            for holes in matches(rewriting.elements, toks, 0, len(toks)):
                yield from (self.habits.filled(form, holes, toks, text) for form in rewriting.forms)

    def _outcomes(self, start: int, end: int, chosen: bool) -> Iterator[Candidate]:
        """``une affaire est gagnée``: a value that a field of the object becomes."""
        tables = self.habits.outcomes
        if not tables:
            return
        for holes in matches(self.habits.pattern(tables["pattern"]), self.toks, start, end):
            said = holes["p"]
            symbol = self._object(*holes["o"])
            if symbol is None or said[1] - said[0] != 1:
                continue
            word = self.toks[said[0]].text
            for field, value in self._becoming(symbol, word, chosen):
                form = tables["becomes"].replace("{field}", self._the(field)).replace("{value}", value)
                text = self.habits.filled(form, {"o": holes["o"]}, self.toks, self.source)
                yield self._replace(self._span(start, end), text)

    def _moved(self, span: Span) -> Iterator[Candidate]:
        """The same for what stands around a place."""
        for start, end in self._trigger_slices():
            if self.toks[start].span.start <= span.start and span.end <= self.toks[end - 1].span.end:
                yield from self._moves(start, end)

    def _moves(self, start: int, end: int) -> Iterator[Candidate]:
        """``la commande passe à 'Expédiée'``: the field that becomes so is not said."""
        tables = self.habits.outcomes
        for pattern in tables.get("moves", ()):
            for holes in matches(self.habits.pattern(pattern), self.toks, start, end):
                symbol = self._object(*holes["o"])
                for field in self.vocabulary.fields(symbol.name) if symbol is not None else ():
                    if field.choices or self.habits.key(display(field.names, self.language)) in self._outcome_fields:
                        form = tables["moved"].replace("{field}", self._the(field))
                        yield self._replace(
                            self._span(start, end), self.habits.filled(form, holes, self.toks, self.source)
                        )

    @cached_property
    def _outcome_fields(self) -> list[tuple[str, ...]]:
        return [self.habits.key(name) for name in self.habits.outcomes["fields"]]

    def _becoming(self, symbol: ObjectSymbol, word: str, chosen: bool) -> Iterator[tuple[FieldSymbol, str]]:
        """The fields that may have a value called like that; ``chosen`` from a list, else a mere text."""
        wanted = self.habits.key(word)
        for field in self.vocabulary.fields(symbol.name):
            if chosen:
                for choice in field.choices:
                    if any(self.habits.key(name) == wanted for name in choice.names.values()):
                        yield field, choice.names.get(self.language, choice.name)
            elif not field.choices and self.habits.key(display(field.names, self.language)) in self._outcome_fields:
                yield field, word[:1].upper() + word[1:]

    def _object(self, start: int, end: int) -> ObjectSymbol | None:
        while start < end - 1 and self.toks[start].article:
            start += 1
        return self.vocabulary.object_of(self.language, tuple(tok.stem or "" for tok in self.toks[start:end]))

    def _rewritten(self, group: str, span: Span) -> Iterator[Candidate]:
        """Rewritings of what stands on the lines of a problem."""
        first = self.source.rfind("\n", 0, span.start) + 1
        last = self.source.find("\n", span.end)
        last = len(self.source) if last < 0 else last
        lines = [n for n, tok in enumerate(self.toks) if first <= tok.span.start < last]
        for rewriting in self.habits.rewritings(group):
            for start in reversed(lines):
                head = rewriting.elements[0]
                if head.hole:
                    if not self._after_boundary(start):
                        continue
                elif self.toks[start].stem not in head.stems:
                    continue
                for end in self._ends(rewriting, start, lines[-1] + 1):
                    yield from self._forms(rewriting, start, end)

    def _ends(self, rewriting: Rewriting, start: int, last: int) -> Iterator[int]:
        """Where a rewriting that starts at a token may end."""
        limit = min(last, start + _LONGEST)
        if not rewriting.elements[-1].hole:
            yield from (end for end in range(start + 1, limit + 1) if self.toks[end - 1].stem in _last(rewriting))
            return
        for end in range(start + 1, last + 1):
            if end == last or self._is_boundary(self.toks[end]):
                if end <= start + _LONGEST_TRIGGER:
                    yield end
                if end == last or self.toks[end].key != ",":
                    return

    def _is_boundary(self, tok: Tok) -> bool:
        return tok.key in BOUNDARIES or bool(self._concepts(tok)) or tok.span.start in self.starts

    def _after_boundary(self, start: int) -> bool:
        if not start or self.toks[start].span.start in self.starts:
            return True
        return self.toks[start - 1].key in BOUNDARIES or bool(self._concepts(self.toks[start - 1]))

    def _forms(self, rewriting: Rewriting, start: int, end: int) -> Iterator[Candidate]:
        for holes in matches(rewriting.elements, self.toks, start, end):
            for form in rewriting.forms:
                if not _quotes_much(form, holes):
                    yield self._rewriting(start, end, form, holes)

    def _rewriting(self, start: int, end: int, form: str, holes: Holes) -> Candidate:
        span = self._span(start, end)
        text = self.habits.filled(form, holes, self.toks, self.source)
        if text:
            glued = self.source[span.end : span.end + 1].isalnum()
            return Candidate((Edit(span, f"{text} " if glued else text),), text)
        return self._without(span)


def _quotes_much(form: str, holes: Holes) -> bool:
    """Whether a form makes a text of more words than a value has."""
    return any(f"'{{{name}}}'" in form and end - start > _MOST_WORDS for name, (start, end) in holes.items())


def _last(rewriting: Rewriting) -> frozenset[str]:
    return rewriting.elements[-1].stems
