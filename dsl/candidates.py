"""What an author may have meant by a mistake: edits of the declaration it is in, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from .agreement import Noun
from .diagnostic import Diagnostic, Edit
from .habits import Holes, Rewriting, habits, matches, tokens_of, written
from .keywords import Keyword, keywords, other_languages
from .patterns import pattern_set
from .scanner import SIGN, WORD, Atom, scan
from .source import Span
from .suggest import distance
from .vocabulary import FieldSymbol, ObjectSymbol, Vocabulary, display
from .words import Tok

_NAMES = frozenset({"QD101", "QD102", "QD103", "QD106", "QD110", "QD131", "QD203"})
_ACTIONS = frozenset({"QD105", "QD106", "QD131"})
_UNREAD_HOLE = "QD131"
_NO_ACTIONS = "QD011"
_NOTHING_FOLLOWS = "QD016"
_NO_REASON = "QD224"
_OWNERLESS = frozenset({"QD028", "QD116", "QD120"})
_BOUNDARIES = frozenset({",", ";", "(", ")", ":", "|", "{", "}"})
_LONGEST = 12
_MOST_WORDS = 3
FOREIGN_WORD = "QD008"
_FOREIGN = ("openers", "reserved", "trigger", "trigger_parts", "compare", "tests", "actions", "examples")


class Candidate(NamedTuple):
    """Edits of a declaration, and what they write; ``title`` is the key of the fix's title."""

    edits: tuple[Edit, ...]
    shown: str
    title: str = "replace_by"


def changed(text: str, edits: Sequence[Edit]) -> str:
    """A text with edits applied."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


class Candidates:
    """Finds candidates for the mistakes of one declaration."""

    def __init__(self, source: str, language: str, vocabulary: Vocabulary) -> None:
        self.source = source
        self.language = language
        self.vocabulary = vocabulary
        self.habits = habits(language)
        self.keywords = keywords(language)
        self.reserved = self.keywords.table("reserved")

    @cached_property
    def atoms(self) -> list[Atom]:
        return scan(self.source, self.keywords, lambda _: None)[0]

    @cached_property
    def toks(self) -> list[Tok]:
        return tokens_of(self.atoms, self.language)

    @cached_property
    def starts(self) -> frozenset[int]:
        """The positions of the words and signs that begin a line."""
        return frozenset(atom.start for atom in self.atoms if atom.line_start)

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
        if code in _NAMES:
            yield from self._choices(span)
            if code == _UNREAD_HOLE and self.source[span.start : span.end].istitle():
                yield self._replace(span, _in_quotes(self.source[span.start : span.end]))
            yield from self._other_names(problem)
            yield from self._walks(problem)
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
            yield from self._quoted(span, code == _UNREAD_HOLE)
        yield from self.own_words()
        if code < "QD100":
            yield from self._missing_words()

    # --- names ----------------------------------------------------------------------------------------------------

    def _is_compared(self, span: Span) -> bool:
        """Whether a value stands before: what follows may be a text without its quotation marks."""
        before = [atom for atom in self.atoms if atom.end <= span.start]
        after = next((atom for atom in self.atoms if atom.start >= span.end), None)
        if not before or (after is not None and after.kind == SIGN and after.key not in _BOUNDARIES):
            return False
        last = before[-1]
        if last.kind == SIGN:
            return last.key in {"=", "≠", ","}
        telling = self.keywords.table("compare", "tests", "trigger", "trigger_parts", "actions")
        if after is not None and after.kind == WORD and after.key in self.keywords.table("compare", "tests"):
            return False
        return last.key in telling or any(
            keyword.rest and keyword.rest[-1] == last.key for each in telling.values() for keyword in each
        )

    def _choices(self, span: Span) -> Iterator[Candidate]:
        """``devient Expédiée``: a choice without quotation marks."""
        phrase = self.source[span.start : span.end]
        if phrase[:1] in "'\"«" or not self._is_compared(span):
            return
        wanted = self.habits.key(phrase)
        for field in self.vocabulary.all_fields():
            for choice in field.choices:
                if any(self.habits.key(name) == wanted for name in choice.names.values()):
                    yield self._replace(span, _in_quotes(choice.names.get(self.language, choice.name)))

    def _quoted(self, span: Span, hole: bool) -> Iterator[Candidate]:
        """A text without its quotation marks, where a value is compared or in the hole of an action."""
        phrase = self.source[span.start : span.end]
        if phrase[:1] not in "'\"«" and (hole or self._is_compared(span)):
            yield self._replace(span, _in_quotes(phrase))

    def _other_names(self, problem: Diagnostic) -> Iterator[Candidate]:
        """Names that people take for the one written, then those that share a word with it, then what must be given."""
        phrase = str(problem.args.get("phrase") or problem.args.get("name") or "")
        names: list[str] = [str(name) for name in problem.args.get("allowed", ())]
        owner = problem.args.get("owner")
        if isinstance(owner, str):
            names += [display(field.names, self.language) for field in self.vocabulary.fields(owner)]
        key = self.habits.key(phrase)
        groups = self.habits.synonyms(phrase)
        close = [name for group in groups for name in names if self.habits.key(name) in group]
        # the first name of a group is the one the others stand for
        sharing = [name for name in names if len(key) > 1 and set(self.habits.key(name)) & set(key)]
        needed = [str(name) for name in problem.args.get("needed", ())]
        for name in dict.fromkeys([*close, *sharing, *needed]):
            yield self._replace(problem.span, name)

    def _walks(self, problem: Diagnostic) -> Iterator[Candidate]:
        """``bonus`` in a rule about a deal: a field of what a field of the deal refers to."""
        owner, phrase = problem.args.get("owner"), str(problem.args.get("phrase", ""))
        key = tuple(tok.stem or "" for tok in self.habits.words.expand(self.habits.words.split(phrase)))
        if not isinstance(owner, str) or not self.vocabulary.is_field_name(self.language, key):
            return
        for field in self.vocabulary.fields(owner):
            target = field.type.object if field.type is not None and field.type.kind == "reference" else None
            if target is not None and self.vocabulary.field_of(target, self.language, key) is not None:
                yield self._replace(problem.span, self.habits.melted(f"{phrase} {self._walk} {self._the(field)}"))

    @cached_property
    def _walk(self) -> str:
        return self.keywords.lexicon.tables["phrases"]["of_object"][0]

    def _the(self, field: FieldSymbol) -> str:
        """A field's name with its article: ``le contact``."""
        name = field.names.get(self.language)
        shown = display(field.names, self.language)
        article = self.habits.agreement.article("definite", Noun(name.gender if name is not None else ""), shown)
        return f"{article} {shown}".strip()

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
                    for end in range(start + 1, min(start + 5, len(self.toks)) + 1):
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
            yield Candidate(tuple(edits), "", "own_language")

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

    # --- rewritings -----------------------------------------------------------------------------------------------

    def _concepts(self, tok: Tok) -> set[str]:
        return {keyword.concept for keyword in self.reserved.get(tok.key, ()) if not keyword.rest}

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
                if end > first:
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

    def _of(self, symbol: ObjectSymbol) -> str:
        """``d'une affaire``."""
        name = display(symbol.names, self.language)
        noun = symbol.names.get(self.language)
        article = self.habits.agreement.article("indefinite", Noun(noun.gender if noun is not None else ""), name)
        return f"{self._walk} {article} {name}"

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

    def _becoming(self, symbol: ObjectSymbol, word: str, chosen: bool) -> Iterator[tuple[FieldSymbol, str]]:
        """The fields that may have a value called like that; ``chosen`` from a list, else a mere text."""
        wanted = self.habits.key(word)
        known = [self.habits.key(name) for name in self.habits.outcomes["fields"]]
        for field in self.vocabulary.fields(symbol.name):
            if chosen:
                for choice in field.choices:
                    if any(self.habits.key(name) == wanted for name in choice.names.values()):
                        yield field, choice.names.get(self.language, choice.name)
            elif not field.choices and self.habits.key(display(field.names, self.language)) in known:
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
                yield end
                if end == last or self.toks[end].key != ",":
                    return

    def _is_boundary(self, tok: Tok) -> bool:
        return tok.key in _BOUNDARIES or bool(self._concepts(tok)) or tok.span.start in self.starts

    def _after_boundary(self, start: int) -> bool:
        if not start or self.toks[start].span.start in self.starts:
            return True
        return self.toks[start - 1].key in _BOUNDARIES or bool(self._concepts(self.toks[start - 1]))

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

    # --- edits ----------------------------------------------------------------------------------------------------

    def _span(self, start: int, end: int) -> Span:
        return Span(self.toks[start].span.start, self.toks[end - 1].span.end)

    def _without(self, span: Span) -> Candidate:
        """Nothing where there is too much; the space before it goes as well."""
        before = len(self.source[: span.start].rstrip())
        return Candidate((Edit(Span(before, span.end), ""),), "", "remove")

    @staticmethod
    def _insert(position: int, text: str) -> Candidate:
        return Candidate((Edit(Span(position, position), text),), text.strip(), "insert")

    @staticmethod
    def _replace(span: Span, text: str) -> Candidate:
        return Candidate((Edit(span, text),), text)


def _quotes_much(form: str, holes: Holes) -> bool:
    """Whether a form makes a text of more words than a value has."""
    return any(f"'{{{name}}}'" in form and end - start > _MOST_WORDS for name, (start, end) in holes.items())


def _last(rewriting: Rewriting) -> frozenset[str]:
    return rewriting.elements[-1].stems


def _in_quotes(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


__all__ = ["Candidate", "Candidates", "changed"]
