"""From atoms to the terminals of the grammar: which words are keywords is decided by position.

The lexer walks over the atoms of one declaration with a stack of frames, one for each open bracket. A frame's mode
says which groups of keywords count; a handler for each group looks at what stands around a keyword and either emits a
terminal or leaves the word to the phrase it stands in. Handlers look ahead, never back over what was emitted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from . import modes
from .diagnostic import Diagnostic, Edit, Fix
from .keywords import Keyword, Keywords, KeywordTable, keywords, other_languages
from .lexemes import Frame, Lexeme, documentation_in
from .modes import OPERAND_END, Mode
from .scanner import LITERAL, NAME, SIGN, TEXT, WORD, Atom, Report
from .source import Span
from .syntax import Literal, Name, Phrase, Text, Word

MOST_NESTED: Final = 100
"""The brackets and operations that may stand inside one another."""
MOST_LOOKAHEAD: Final = 150
"""The atoms looked at to find the end of a construct that a keyword would open."""


Handler: TypeAlias = Callable[["Lexer", int, int, Keyword], int]
"""Takes a keyword that spans atoms ``i`` to ``end``. Gives the next atom, or 0 where it is a word here."""
SignHandler: TypeAlias = Callable[["Lexer", int], int]
TextReader: TypeAlias = Callable[[Atom, int], Text]
"""Takes the atom of a text and the number of open brackets."""


class TooDeep(Exception):
    """Brackets are nested beyond :data:`MOST_NESTED`."""


class Lexer:
    """Reads one declaration, a value, the hole of a text or a cell; :meth:`run` fills ``out``."""

    def __init__(
        self,
        text: str,
        atoms: list[Atom],
        words: Keywords,
        report: Report,
        read_text: TextReader,
        handlers: Mapping[str, Handler],
        signs: Mapping[str, SignHandler],
        mode: Mode,
        foreign: bool = False,
    ) -> None:
        self.text = text
        self.atoms = atoms
        self.keywords = words
        self.report = report
        self.read_text = read_text
        self.handlers = handlers
        self.signs = signs
        self.foreign = foreign
        self.out: list[Lexeme] = []
        self.last = ""
        self.words: list[Atom] = []
        self.broken = False
        self.frame: Frame = Frame(mode)
        self.frames = [self.frame]
        self.table: KeywordTable = {}
        self.reserved = self.keyword_table("reserved")
        self.refresh()

    # --- the walk -------------------------------------------------------------------------------------------------

    def run(self, start: int = 0) -> list[Lexeme]:
        """The terminals of the atoms from ``start`` on, ended by ``END``."""
        atoms = self.atoms
        count = len(atoms)
        i = start
        try:
            while i < count:
                atom = atoms[i]
                if atom.line_start and i > start:
                    after = self.new_line(i)
                    if after:
                        i = after
                        continue
                kind = atom.kind
                if kind == WORD:
                    candidates = self.table.get(atom.key)
                    if candidates is not None:
                        after = self.keyword(i, candidates)
                        if after:
                            i = after
                            continue
                    self.words.append(atom)
                    i += 1
                elif kind == SIGN:
                    i = self.signs[atom.key](self, i)
                else:
                    if self.words and self.frame.mode not in modes.NAMED:
                        self.flush()
                    self.operand(atom)
                    i += 1
        except TooDeep:
            self.broken = True
        self.finish()
        return self.out

    def finish(self) -> None:
        """Close what is open, and end the declaration."""
        self.flush()
        while len(self.frames) > 1:
            self.close_unclosed()
        self.drop_separator()
        end = self.atoms[-1].end if self.atoms else len(self.text)
        self.add("END", None, end, end)

    def keyword(self, i: int, candidates: Any) -> int:
        """Let the handlers of the wordings that fit decide, the longest first."""
        for candidate in candidates:
            end = self.match_rest(i + 1, candidate.rest)
            if end:
                after = self.handlers[candidate.group](self, i, end, candidate)
                if after:
                    self.atoms[i].keyword = candidate
                    if candidate.language != self.keywords.lexicon.language:
                        self.report_foreign(i, end, candidate)
                    return after
        return 0

    def match_rest(self, i: int, rest: tuple[str, ...]) -> int:
        """The atom after the words ``rest`` that start at ``i``; 0 where they do not stand there."""
        if not rest:
            return i
        atoms = self.atoms
        end = i + len(rest)
        if end > len(atoms):
            return 0
        for number, key in enumerate(rest, i):
            if atoms[number].key != key:
                return 0
        return end

    def matches(self, i: int, table: KeywordTable, *concepts: str) -> int:
        """The atom after a keyword of ``table`` at ``i``, of one of ``concepts`` if any are given; else 0."""
        if i >= len(self.atoms) or self.atoms[i].kind != WORD:
            return 0
        for candidate in table.get(self.atoms[i].key, ()):
            if not concepts or candidate.concept in concepts:
                end = self.match_rest(i + 1, candidate.rest)
                if end:
                    return end
        return 0

    # --- emitting -------------------------------------------------------------------------------------------------

    def add(self, terminal: str, value: Any, start: int, end: int) -> None:
        self.out.append(Lexeme(terminal, value, start, end, len(self.frames) - 1))
        self.last = terminal
        if terminal in modes.NESTING:
            self.weigh(terminal, start, end)
        elif terminal in modes.LIGHTENING:
            self.frame.weight = 0
            if terminal != "CONNECTOR":
                self.frame.lasting = 0

    def weigh(self, terminal: str, start: int, end: int) -> None:
        """Count an operation that makes the tree deeper. Raises :class:`TooDeep`."""
        frame = self.frame
        if terminal in {"IF", "FOR_EACH"}:
            frame.lasting += 1
        else:
            frame.weight += 1
        if frame.base + frame.lasting + frame.weight > MOST_NESTED:
            self.report(Diagnostic("QD009", Span(start, end), {"most": MOST_NESTED}))
            raise TooDeep

    def emit(self, terminal: str, value: Any, i: int, end: int) -> int:
        """Emit a terminal for the atoms from ``i`` to ``end``, after the phrase before it; gives ``end``."""
        if self.words:
            self.flush()
        atoms = self.atoms
        for number in range(i, end):
            atoms[number].terminal = terminal
        self.add(terminal, value, atoms[i].start, atoms[end - 1].end)
        return end

    def skip(self, terminal: str, i: int, end: int) -> int:
        """Take atoms that mean something to the reader only."""
        if self.words:
            self.flush()
        for number in range(i, end):
            self.atoms[number].terminal = terminal
        return end

    def flush(self) -> None:
        """End the phrase under construction."""
        words = self.words
        if len(words) == 1 and words[0].kind == NAME:
            self.words = []
            self.name(words[0])
        elif words:
            start, end = words[0].start, words[-1].end
            phrase = Phrase(
                tuple([Word(word.text, word.key, span=Span(word.start, word.end)) for word in words]),
                span=Span(start, end),
            )
            self.words = []
            # Words in the header of a rule are no trigger: the grammar does not know this terminal.
            self.add("STRAY" if self.frame.mode is modes.HEADER else "PHRASE", phrase, start, end)

    def operand(self, atom: Atom) -> None:
        """Emit a literal, a text or a name in brackets."""
        span = Span(atom.start, atom.end)
        if atom.kind == LITERAL:
            if self.frame.mode in modes.NAMED:
                atom.key = atom.text.lower()
                self.words.append(atom)
                return
            match = atom.value
            assert match is not None
            atom.terminal = "LITERAL"
            if self.frame.mode is modes.HEADER and self.last != "STRAY":
                self.enter(modes.TRIGGER)
            value = Literal(match.kind, match.value, atom.text, match.unit, span=span)
            self.add("LITERAL", value, atom.start, atom.end)
        elif atom.kind == TEXT:
            atom.terminal = "TEXT"
            self.add("TEXT", self.read_text(atom, len(self.frames)), atom.start, atom.end)
        elif atom.kind == NAME:
            if self.frame.mode in modes.NAMED:
                self.words.append(atom)
            else:
                self.name(atom)

    def name(self, atom: Atom) -> None:
        atom.terminal = "NAME"
        value = Name(atom.text[1:-1].strip(), atom.key, span=Span(atom.start, atom.end))
        self.add("NAME", value, atom.start, atom.end)

    # --- frames ---------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Choose the keywords that count from here on."""
        frame = self.frame
        mode = frame.mode
        comparing = not mode.comparable and (
            frame.filter or frame.comparing or "if" in frame.pending or "then" in frame.pending
        )
        key = (mode, comparing, self.foreign)
        table = self.keywords.mode_tables.get(key)
        if table is None:
            groups = mode.groups + modes.COMPARING if comparing else mode.groups
            table = self.keywords.mode_tables[key] = self.keyword_table(*groups)
        self.table = table

    def keyword_table(self, *groups: str) -> KeywordTable:
        """The keywords of some groups; with those of the other languages where these are looked for."""
        own = self.keywords.table(*groups)
        if not self.foreign:
            return own
        merged = dict(own)
        for language in other_languages(self.keywords.lexicon.language):
            for word, candidates in keywords(language).table(*groups).items():
                known = {candidate.rest for candidate in merged.get(word, ())}
                more = [candidate for candidate in candidates if candidate.rest not in known]
                merged[word] = sorted([*merged.get(word, ()), *more], key=lambda keyword: -len(keyword.rest))
        return merged

    def enter(self, mode: Mode) -> None:
        """Change the mode of the frame, starting afresh."""
        self.frame.mode = mode
        self.frame.reset()
        self.frame.first = len(self.out)
        self.frame.assigning = mode is modes.ACTIONS
        self.refresh()

    def end_comparison(self) -> None:
        """A list and a filter do not go on after a connector."""
        self.frame.listing = False
        if self.frame.filter:
            self.frame.filter = False
            self.refresh()

    def open(self, mode: Mode, i: int, terminal: str, closing: str, kind: str = "") -> int:
        """Open a bracket. Raises :class:`TooDeep`."""
        atom = self.atoms[i]
        self.emit(terminal, None, i, i + 1)
        outer = self.frame
        if outer.base + outer.lasting + outer.weight >= MOST_NESTED:
            self.report(Diagnostic("QD009", Span(atom.start, atom.end), {"most": MOST_NESTED}))
            raise TooDeep
        self.frame = Frame(mode, kind, atom, closing)
        self.frame.base = outer.base + outer.lasting + outer.weight + 1
        self.frame.first = len(self.out)
        self.frame.assigning = mode is modes.ACTIONS
        self.frames.append(self.frame)
        self.refresh()
        return i + 1

    def close(self, i: int) -> int:
        """Close the innermost bracket with the atom ``i``."""
        self.flush()
        self.drop_separator()
        closing = self.frame.closing
        self.frames.pop()
        self.frame = self.frames[-1]
        self.refresh()
        return self.emit(closing, None, i, i + 1)

    def close_unclosed(self) -> None:
        """Close a bracket that the author left open, and say so."""
        self.flush()
        self.drop_separator()
        frame = self.frames.pop()
        self.frame = self.frames[-1]
        self.refresh()
        opening = frame.opening
        assert opening is not None
        end = self.out[-1].end if self.out else opening.end
        if not self.broken:
            sign = ")" if opening.key == "(" else "}"
            fix = Fix("close_bracket", (Edit(Span(end, end), sign),), {"bracket": sign}, safe=False)
            span = Span(opening.start, opening.end)
            self.report(Diagnostic("QD013", span, {"opening": opening.text, "closing": sign}, fixes=(fix,)))
        self.broken = True
        self.add(frame.closing, None, end, end)

    def drop_separator(self) -> None:
        """A separator before the end of a list separates nothing (but a connecting word is left, for the parser)."""
        self.flush()
        if self.last in {"SEPARATOR", "ENTRY"} and self.out[-1].value in {"", ";"}:
            self.out.pop()
            self.last = self.out[-1].terminal if self.out else ""

    # --- line breaks ----------------------------------------------------------------------------------------------

    def new_line(self, i: int) -> int:
        """Decide what the line break before atom ``i`` means; gives the next atom where one was taken, else 0."""
        frame = self.frame
        newline = frame.mode.newline
        atom = self.atoms[i]
        if len(self.frames) > 1:
            return 0
        if frame.mode in modes.ROWS:
            if atom.key != "|":
                self.flush()
                self.enter(modes.EXAMPLE if frame.kind == "example" else modes.COLUMNS)
            return 0
        if not newline:
            return 0
        if self.words:
            goes_on = newline == "SEPARATOR" and self.keywords.leads_on(self.words[-1].key, self.words[-1].text)
            if goes_on and atom.key != "-":
                return 0
        elif self.last not in OPERAND_END and not (atom.key == "-" and self.last in {"THEN", "OTHERWISE", "ENTRY"}):
            return 0
        if atom.kind == SIGN and atom.key not in "-({":
            return 0
        if self.goes_on(i):
            return 0
        if newline == "ENTRY":
            self.flush()
            self.add("ENTRY", self.documentation(i), atom.start, atom.start)
            self.enter(_ENTRY_MODES.get(frame.mode, frame.mode))
        else:
            self.separate("", i, i)
        if atom.key == "-" and atom.kind == SIGN:
            atom.terminal = "BULLET"
            return i + 1
        return 0

    def goes_on(self, i: int) -> bool:
        """Whether the line that starts at atom ``i`` belongs to the entry before it, by its first words."""
        if self.atoms[i].kind != WORD:
            return False
        table = self.keyword_table("reserved", "types", "examples")
        for candidate in table.get(self.atoms[i].key, ()):
            if self.match_rest(i + 1, candidate.rest):
                if candidate.group == "examples":
                    return self.frame.kind == "example" and candidate.concept == "given"
                if candidate.concept in _GOING_ON:
                    return candidate.concept != "when" or self.frame.kind == "example"
        return False

    def separate(self, value: str, i: int, end: int) -> int:
        """End an action or an expectation; several separators in a row are one."""
        self.flush()
        while len(self.frames) > 1 and self.frame.mode is modes.GROUP:
            self.close_unclosed()
        if self.last != "SEPARATOR" and not (value == "" and self.last in {"THEN", "OTHERWISE", "BLOCK_OPEN"}):
            if i == end:
                self.add("SEPARATOR", value, self.atoms[i].start, self.atoms[i].start)
            else:
                self.emit("SEPARATOR", value, i, end)
        else:
            self.skip("SEPARATOR", i, end)
            if value not in {"", ";"}:
                self.out[-1].value = value
        mode = self.frame.mode
        self.enter(mode if mode in modes.EXAMPLES or mode is modes.ACTIONS else modes.ACTIONS)
        return end

    def documentation(self, i: int) -> str:
        """The documentation comment above atom ``i``."""
        start = self.atoms[i - 1].end if i else 0
        return documentation_in(self.text[start : self.atoms[i].start])

    # --- looking ahead --------------------------------------------------------------------------------------------

    def at(self, i: int) -> Atom | None:
        return self.atoms[i] if i < len(self.atoms) else None

    def ends_here(self, i: int) -> bool:
        """Whether nothing that could be an operand stands at ``i``: an end, a closing sign, a connecting word."""
        atom = self.at(i)
        if atom is None:
            return True
        if atom.kind == SIGN:
            return atom.key not in "(-+"
        return bool(self.matches(i, self.reserved, *_CONNECTING))

    def finds_and(self, i: int) -> bool:
        """Whether the word for *and* stands further on at this depth, before the construct ends."""
        depth = 0
        nested = 0
        pairs = self.keyword_table("pairs")
        reserved = self.reserved
        for number in range(i, min(len(self.atoms), i + MOST_LOOKAHEAD)):
            atom = self.atoms[number]
            if atom.kind == SIGN:
                if atom.key in "({":
                    depth += 1
                elif atom.key in ")}":
                    depth -= 1
                    if depth < 0:
                        return False
                elif depth == 0 and atom.key in ",;:|":
                    return False
            elif depth == 0 and atom.kind == WORD:
                if self.matches(number, pairs):
                    nested += 1
                elif self.matches(number, reserved, "and"):
                    if not nested:
                        return True
                    nested -= 1
                elif self.matches(number, reserved, "then", "otherwise", "next", "when", "unless"):
                    return False
        return False

    # --- keywords of other languages ------------------------------------------------------------------------------

    def report_foreign(self, i: int, end: int, keyword: Keyword) -> None:
        span = Span(self.atoms[i].start, self.atoms[end - 1].end)
        written = self.text[span.start : span.end]
        concept = "if" if keyword.concept == "elided_if" else keyword.concept
        if concept not in self.keywords.tables.get(keyword.group, {}):
            # a set phrase that this language has no word of its own for
            return
        own = self.keywords.canonical(keyword.group, concept)
        args = {"word": written, "own": own}
        self.report(Diagnostic("QD008", span, args, fixes=(Fix("replace_by", (Edit(span, own),), {"text": own}),)))


_GOING_ON: Final = frozenset({"and", "or", "then", "otherwise", "next", "whose", "unless", "one_of", "when"})
_CONNECTING: Final = ("and", "or", "then", "otherwise", "next", "unless", "when")
_ENTRY_MODES: Final = {
    **dict.fromkeys(modes.FIELDS, modes.NAMES),
    **dict.fromkeys(modes.PROCESSES, modes.PROCESS_ENTRY),
}
