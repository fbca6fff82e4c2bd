"""Names and values an author may have meant: other names of fields, texts without quotation marks, objects by name."""

from __future__ import annotations

from collections.abc import Iterator

from .agreement import Noun
from .diagnostic import Diagnostic
from .mistaken import BOUNDARIES, Candidate
from .rewritings import Rewritings
from .scanner import SIGN, WORD
from .source import Span
from .types import Type
from .vocabulary import display

UNREAD_HOLE = "QD131"


class NameCandidates(Rewritings):
    """Finds candidates for a phrase that means nothing, or that is of another kind than it must be."""

    def _names(self, problem: Diagnostic) -> Iterator[Candidate]:
        """The likeliest first; texts of the author's own are left to :meth:`_quoted`."""
        span = problem.span
        yield from self._choices(span)
        yield from self._looked_up(problem)
        if problem.code == UNREAD_HOLE and self.source[span.start : span.end][:1].isupper():
            yield self._replace(span, _in_quotes(self.source[span.start : span.end]))
        yield from self._other_names(problem)
        yield from self._walks(problem)
        yield from self._joined(span)
        yield from self._from_now(problem)

    # --- values ---------------------------------------------------------------------------------------------------

    def _is_compared(self, span: Span) -> bool:
        """Whether a value stands before: what follows may be a text without its quotation marks."""
        before = [atom for atom in self.atoms if atom.end <= span.start]
        after = next((atom for atom in self.atoms if atom.start >= span.end), None)
        if not before or (after is not None and after.kind == SIGN and after.key not in BOUNDARIES):
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
        if _is_quoted(phrase) or not self._is_compared(span):
            return
        wanted = self.habits.key(phrase)
        for field in self.vocabulary.all_fields():
            for choice in field.choices:
                if any(self.habits.key(name) == wanted for name in choice.names.values()):
                    yield self._replace(span, _in_quotes(choice.names.get(self.language, choice.name)))

    def _quoted(self, problem: Diagnostic) -> Iterator[Candidate]:
        """A text without its quotation marks, where a value is compared or in the hole of an action."""
        phrase = self.source[problem.span.start : problem.span.end]
        if not _is_quoted(phrase) and (problem.code == UNREAD_HOLE or self._is_compared(problem.span)):
            yield self._replace(problem.span, _in_quotes(phrase))

    def _looked_up(self, problem: Diagnostic) -> Iterator[Candidate]:
        """``responsable = Marie``: an object by its name, of the kind that is expected where that is known."""
        phrase = self.source[problem.span.start : problem.span.end]
        if not _is_quoted(phrase) and not phrase.istitle():
            return
        expected = problem.args.get("expected") or problem.args.get("type")
        kinds = [member.object for member in (expected.members or (expected,))] if isinstance(expected, Type) else []
        symbols = self.vocabulary.objects
        for kind in kinds or [symbol.name for symbol in symbols.values() if not symbol.event]:
            if kind in symbols:
                name = display(symbols[kind].names, self.language)
                noun = symbols[kind].names.get(self.language)
                article = self.habits.agreement.article("definite", Noun(noun.gender if noun is not None else ""), name)
                text = phrase if _is_quoted(phrase) else _in_quotes(phrase)
                yield self._replace(problem.span, self.habits.melted(f"{article} {name} {text}"))

    def _from_now(self, problem: Diagnostic) -> Iterator[Candidate]:
        """``échéance = 3 jours``: a duration where a date is wanted counts from now."""
        found = problem.args.get("found")
        if isinstance(found, Type) and found.kind == "duration":
            form: str = self.keywords.lexicon.tables["phrases"]["functions"]["in_duration"][0]
            said = self.source[problem.span.start : problem.span.end]
            yield self._replace(problem.span, form.replace("{x}", said))

    # --- names of fields ------------------------------------------------------------------------------------------

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
        # `pas renouvelé` is the contrary of the field it shares a word with
        is_plain = len(key) > 1 and not set(key) & self.habits.negations and not _is_quoted(phrase)
        sharing = [name for name in names if is_plain and set(self.habits.key(name)) & set(key)]
        if sharing:
            yield from self._joined(problem.span)
        needed = [str(name) for name in problem.args.get("needed", ())]
        for name in dict.fromkeys([*close, *sharing, *needed]):
            yield self._named(problem.span, name)

    def _named(self, span: Span, name: str) -> Candidate:
        """A name in place of another; an elided article before it is written anew."""
        before = next((atom for atom in self.atoms if atom.end == span.start), None)
        if before is None or before.key not in self.habits.words.free:
            return self._replace(span, name)
        gender = next((s.names[self.language].gender for s in self.vocabulary.all_fields() if self._is(s, name)), "")
        article = self.habits.agreement.article("definite", Noun(gender), name)
        return self._replace(Span(before.start, span.end), self.habits.melted(f"{article} {name}"))

    def _is(self, symbol: object, name: str) -> bool:
        names = getattr(symbol, "names", {})
        return self.language in names and names[self.language].text == name

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

    def _joined(self, span: Span) -> Iterator[Candidate]:
        """``{client.nom}`` or ``{nom client}``: a field and its owner without the word between them."""
        words = [word for word in self.source[span.start : span.end].replace(".", " ").split() if word]
        if not 2 <= len(words) <= _MOST_JOINED:
            return
        by_name = {
            self.habits.key(display(field.names, self.language)): field for field in self.vocabulary.all_fields()
        }
        for split in range(1, len(words)):
            parts = " ".join(words[:split]), " ".join(words[split:])
            for name, owner in (parts, parts[::-1]):
                field = by_name.get(self.habits.key(owner))
                if field is not None and self.habits.key(name) in by_name:
                    yield self._replace(span, self.habits.melted(f"{name} {self._walk} {self._the(field)}"))


_MOST_JOINED = 6


def _is_quoted(text: str) -> bool:
    return text[:1] in {"'", '"', "«", "“"}


def _in_quotes(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
