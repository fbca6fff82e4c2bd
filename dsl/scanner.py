"""From text to atoms: words, literals, texts, names in brackets and signs, with what stands between them.

One regular expression reads everything but literals, which ``dsl/literals.py`` reads. Nothing is lost: the text from
the end of one atom to the start of the next is spaces, line breaks and comments.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

from .diagnostic import Diagnostic, Edit, Fix
from .fold import APOSTROPHES, SPACES
from .keywords import INVISIBLE, SUSPECT, Keywords
from .lazy_pattern import lazy_pattern
from .literals import LiteralMatch, literal_start, read_literal
from .source import Span

WORD: Final = "word"
LITERAL: Final = "literal"
TEXT: Final = "text"
NAME: Final = "name"
SIGN: Final = "sign"

Report = Callable[[Diagnostic], None]

QUOTES: Final = {"'": "'", '"': '"', "«": "»", "“": "”", "‘": "’"}
"""The marks that open a text, with those that close it."""


class Atom:
    """The smallest piece of a text that means something.

    ``key`` is the folded word, or the sign; ``value`` the :class:`LiteralMatch` of a literal. ``line_start`` says that
    it is the first of its line; ``terminal`` is what the lexer took it for, ``keyword`` the wording that starts here.
    """

    __slots__ = ("end", "key", "keyword", "kind", "line_start", "start", "terminal", "text", "value")

    def __init__(
        self, kind: str, text: str, key: str, start: int, end: int, line_start: bool, value: LiteralMatch | None = None
    ) -> None:
        self.kind = kind
        self.text = text
        self.key = key
        self.start = start
        self.end = end
        self.line_start = line_start
        self.value = value
        self.terminal = ""
        self.keyword: Any = None

    def __repr__(self) -> str:
        return f"<{self.kind} {self.text!r}>"


_LETTER = "[^\\W\\d_]"
_MARKS = f"\u0300-\u036f{INVISIBLE}"
_PLAIN_WORD = (
    f"(?:[^\\W\\d]|[{INVISIBLE}])[\\w{_MARKS}]*+"
    f"(?:[{APOSTROPHES}](?={_LETTER}|\\[)[\\w{_MARKS}]*+|[-\u2010\u2011](?={_LETTER})[\\w{_MARKS}]*+)*+"
)


def _text_pattern(opening: str, closing: str) -> str:
    """A text on one line: escapes, holes with texts in them, and apostrophes between letters are inside it."""
    inner = "".join(f"|{o}[^{c}\\r\\n{{}}]*+{c}" for o, c in (('"', '"'), ("«", "»"), ("“", "”")) if o != opening)
    quoted = f"'(?:[^'\\r\\n{{}}]|(?<={_LETTER})'(?={_LETTER}))*+'" if opening != "'" else "'[^'\\r\\n{}]*+'"
    hole = f"\\{{(?!\\{{)(?:[^{{}}'\"«»“”\\r\\n]|(?<={_LETTER})['’](?={_LETTER}){inner}|{quoted})*+\\}}"
    apostrophe = f"|(?<={_LETTER}){closing}(?={_LETTER})" if closing in "'’" else ""
    return f"{opening}(?:[^{closing}\\\\\\r\\n{{]|\\\\[^\\r\\n]|\\{{\\{{|{hole}|\\{{{apostrophe})*+{closing}"


_TEXTS: Final = {opening: lazy_pattern(_text_pattern(opening, closing)) for opening, closing in QUOTES.items()}
_REST_OF_LINE: Final = lazy_pattern("[^\\r\\n]*+")

_MASTER = re.compile(
    f"(?P<trivia>(?:[{SPACES}\ufeff\f\v]++|\\r\\n?|\\n|\\#[^\\r\\n]*+)*+)"
    f"(?:(?P<word>{_PLAIN_WORD})"
    "|(?P<digit>[0-9])"
    "|(?P<text>['\"«“‘])"
    "|(?P<name>\\[[^\\[\\]\\r\\n]*+\\])"
    "|(?P<sign>[<>!=]=|<>|&&|=[<>](?=[^<>=])|[-=≠<≤>≥+×*/^(){},;:|?\u2212–÷·])"
    "|(?P<open_name>\\[[^\\r\\n]*+)"
    "|(?P<end>\\Z)"
    "|(?P<other>[^\\r\\n]))"
)

SIGNS: Final = {"\u2212": "-", "–": "-", "*": "×", "·": "×", "÷": "/", "<=": "≤", ">=": "≥", "!=": "≠", "<>": "≠"}
_LINE_BREAKS = re.compile("[\\r\\n]")


def scan(
    text: str, keywords: Keywords, report: Report, start: int = 0, end: int | None = None
) -> tuple[list[Atom], int]:
    """The atoms of ``text[start:end]`` and where the trivia after the last one starts."""
    if end is None:
        end = len(text)
    lexicon = keywords.lexicon
    literal_starts = literal_start(lexicon)
    split = keywords.split
    suspects = keywords.suspects
    match = _MASTER.match
    atoms: list[Atom] = []
    add = atoms.append
    position = start
    previous = ""
    while True:
        found = match(text, position, end)
        assert found is not None
        kind: Any = found.lastgroup
        here = found.end("trivia")
        there = found.end()
        if kind == "end":
            return atoms, atoms[-1].end if atoms else start
        line_start = not atoms
        if here > position + 1 or (here > position and text[position] != " "):
            line_start = line_start or _LINE_BREAKS.search(text, position, here) is not None
        if kind == "word":
            word = text[here:there]
            if word[0] in literal_starts and text[there : there + 2].strip(SPACES)[:1].isdigit():
                literal = _literal_at(text, here, keywords, atoms, previous)
                if literal:
                    position = _add_literal(atoms, text, here, line_start, literal, report)
                    previous = ""
                    continue
            parts = split(word)
            if len(parts) == 1:
                key = parts[0][1]
                if word in suspects:
                    key = _check_word(word, key, here, report)
                add(Atom(WORD, word, key, here, there, line_start))
                previous = key
            else:
                for number, (offset, key) in enumerate(parts):
                    stop = parts[number + 1][0] if number + 1 < len(parts) else len(word)
                    part = word[offset:stop]
                    if word in suspects:
                        key = _check_word(part, key, here + offset, report)
                    add(Atom(WORD, part, key, here + offset, here + stop, line_start and not number))
                    previous = key
            position = there
            continue
        if kind == "digit" or (kind == "other" and text[here] in literal_starts):
            literal = _literal_at(text, here, keywords, atoms, previous)
            if literal:
                position = _add_literal(atoms, text, here, line_start, literal, report)
                previous = ""
                continue
            if kind == "digit":
                digits = _DIGIT_WORD.match(text, here, end)
                there = digits.end() if digits else there
                word = text[here:there]
                previous = lexicon.fold(word)
                add(Atom(WORD, word, previous, here, there, line_start))
                position = there
                continue
        previous = ""
        position = there
        piece = text[here:there]
        if kind == "sign":
            add(Atom(SIGN, piece, SIGNS.get(piece, piece), here, there, line_start))
        elif kind == "text":
            closed = _TEXTS[piece].match(text, here, end)
            if closed:
                position = closed.end()
                add(Atom(TEXT, closed[0], "", here, position, line_start))
            else:
                unclosed = _REST_OF_LINE.match(text, here, end)
                position = _add_unclosed(atoms, text, here, unclosed.end() if unclosed else there, line_start, report)
        elif kind == "name":
            _check_word(piece, "", here, report)
            add(Atom(NAME, piece, lexicon.fold(" ".join(piece[1:-1].split())), here, there, line_start))
        elif kind == "open_name":
            report(
                _problem("QD006", here, there, fix=("close_bracket", Edit(Span(there, there), "]"), {"bracket": "]"}))
            )
            add(Atom(NAME, piece, lexicon.fold(piece[1:].strip()), here, there, line_start))
        else:
            position = _skip_strange(text, here, end, report)


_DIGIT_WORD = lazy_pattern(f"[0-9][\\w{_MARKS}]*+(?:[{APOSTROPHES}-](?={_LETTER})[\\w{_MARKS}]*+)*+")


_WITHOUT_YEAR: Final = "QD060"


def _literal_at(text: str, here: int, keywords: Keywords, atoms: list[Atom], previous: str) -> LiteralMatch | None:
    """The literal at a place. After the word for *every* a date has no year: its day is a number among words."""
    literal = read_literal(text, here, keywords.lexicon, previous in keywords.duration_after)
    if not literal or literal.problem != _WITHOUT_YEAR or not any(atom.key in keywords.every for atom in atoms[-4:]):
        return literal
    day = _DIGIT_WORD.match(text, here)
    if not day or text[day.end() : day.end() + 1] == "/":
        return literal if day else None
    number = read_literal(day[0], 0, keywords.lexicon)
    return number._replace(end=here + number.end) if number else None


def _add_literal(
    atoms: list[Atom], text: str, here: int, line_start: bool, literal: LiteralMatch, report: Report
) -> int:
    atoms.append(Atom(LITERAL, text[here : literal.end], "", here, literal.end, line_start, literal))
    if literal.problem:
        args, span = dict(literal.args), Span(here, literal.end)
        fixes = [
            Fix("replace_by", (Edit(span, fix),), {"text": fix})
            for fix in _literal_fixes(literal, text[here : literal.end])
        ]
        report(Diagnostic(literal.problem, span, args, fixes=tuple(fixes)))
    return literal.end


def _literal_fixes(literal: LiteralMatch, text: str) -> list[str]:
    """What may be written instead; both meanings of a number that has two."""
    if literal.fix is not None:
        return [literal.fix]
    meanings = [literal.args[key] for key in ("decimal", "thousands") if key in literal.args]
    return [text.replace(literal.args["text"], str(meaning), 1) for meaning in meanings]


def _add_unclosed(atoms: list[Atom], text: str, here: int, there: int, line_start: bool, report: Report) -> int:
    """A text that its line does not close ends with the line."""
    while there > here + 1 and text[there - 1] in SPACES:
        there -= 1
    closing = QUOTES[text[here]]
    edit = Edit(Span(there, there), f" {closing}" if closing == "»" else closing)
    report(_problem("QD003", here, there, {"quote": text[here], "closing": closing}, ("close_text", edit)))
    atoms.append(Atom(TEXT, text[here:there], "", here, there, line_start))
    return there


def _skip_strange(text: str, here: int, end: int, report: Report) -> int:
    """Characters that no rule is made of, reported once for a row of them."""
    there = here + 1
    while there < end and text[there] == text[here]:
        there += 1
    character = text[here]
    report(_problem("QD004", here, there, {"character": character, "name": character_name(character)}))
    return there


# --- characters that look like others ------------------------------------------------------------------------------

_INVISIBLE = lazy_pattern(f"[{INVISIBLE}]")
_LOOKALIKES = {
    **dict(zip("АВЕЅІЈКМНОРСТУХаеѕіјорсухԛԝһԁ", "ABESIJKMHOPCTYXaesijopcyxqwhd", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονικαρυ", "ABEZHIKMNOPTYXovikapu", strict=True)),
}


def character_name(character: str) -> str:
    """The Unicode name of a character and its number: ``CYRILLIC SMALL LETTER A (U+0430)``."""
    return f"{unicodedata.name(character, 'unnamed')} (U+{ord(character):04X})"


def _check_word(word: str, key: str, here: int, report: Report) -> str:
    """The key of a word, its invisible characters left out and its lookalikes replaced, each of them reported."""
    if not SUSPECT.search(word):
        return key
    plain = _INVISIBLE.sub("", word)
    if plain != word:
        places = [Span(here + found.start(), here + found.end()) for found in _INVISIBLE.finditer(word)]
        args = {"name": character_name(word[places[0].start - here]), "word": _shortened(plain)}
        fix = Fix("remove_character", tuple(Edit(place, "") for place in places))
        report(Diagnostic("QD030", places[0], args, fixes=(fix,)))
    strange = [c for c in plain if c in _LOOKALIKES]
    latin = any("a" <= c.lower() <= "z" for c in plain)
    letters = [c for c in plain if c.isalpha()]
    if strange and (latin or all(c in _LOOKALIKES for c in letters)):
        mended = "".join(_LOOKALIKES.get(c, c) for c in plain)
        args = {"character": strange[0], "name": character_name(strange[0]), "like": _LOOKALIKES[strange[0]]}
        edit = Edit(Span(here, here + len(word)), mended)
        report(
            _problem("QD031", here, here + len(word), {**args, "word": plain}, ("replace_by", edit, {"text": mended}))
        )
        plain = mended
    return plain.lower() if plain != word else key


def _shortened(word: str) -> str:
    return word if len(word) <= 50 else f"{word[:49]}…"


def _problem(
    code: str,
    start: int,
    end: int,
    args: dict[str, Any] | None = None,
    fix: tuple[Any, ...] | None = None,
) -> Diagnostic:
    fixes: tuple[Fix, ...] = ()
    if fix:
        fixes = (Fix(fix[0], (fix[1],), fix[2] if len(fix) > 2 else {}),)
    return Diagnostic(code, Span(start, end), args or {}, fixes=fixes)
