"""The words of the language that may come next: each is tried, and proposed where a declaration can go on with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from ...dsl.keywords import Keyword, Keywords, keywords
from ...dsl.lexemes import Lexeme
from ...dsl.lexicon import lexicon
from ...dsl.messages import ui
from ...dsl.modes import OPERAND_END
from ...dsl.parser import Beginning
from ...dsl.syntax import Phrase, Word
from .completion_items import KEYWORD, SNIPPET, VALUE, Item, hole
from .context import SAMPLE, Cursor, beginning, folded, may_begin

_SKIPPED = frozenset({"openers", "mistakes", "set_phrases", "settings"})
_LAST_WORDS = re.compile(r"(?:[^\W\d_][\w'’-]*[ \u00a0\u202f]+|[^\W\d_]{1,2}['’])*\Z")
_MOST_WORDS = 4


def keyword_items(cursor: Cursor) -> Iterator[Item]:
    """The keywords that may come next; one that was begun is proposed whole."""
    words = keywords(cursor.language)
    read = beginning(cursor.before + SAMPLE, cursor.language)
    if not read.kind:
        return
    cursor = cursor._replace(before=_shortened(cursor.before, read))
    before_word = read.lexemes[-2].terminal if len(read.lexemes) > 1 else ""
    begun = [word.key for word in _phrase_words(read)][:-1]
    after_operand = bool(begun) or before_word in OPERAND_END
    sound = read.fits or beginning(cursor.before, cursor.language).fits
    awaiting = bool(begun) and words.leads_on(begun[-1], "")
    for back, typed in _begun(cursor):
        for form, keyword in _forms(cursor.language, tuple(read.mode.groups)):
            if not typed and (awaiting or not _goes_with(keyword, after_operand)):
                continue
            start = folded(form).split()
            if typed and not (len(start) > len(typed) and start[: len(typed)] == typed):
                continue
            before = cursor.before[: len(cursor.before) - back]
            if not may_begin(folded(form), folded(cursor.before[len(before) :] + cursor.word)):
                continue
            if _fits(words, before, form, keyword, cursor.language, sound):
                rank = VALUE if typed else KEYWORD
                yield Item(form, "keyword", rank, detail=ui("editor_keyword", cursor.language), back=back)


def _shortened(text: str, read: Beginning) -> str:
    """The beginning of a declaration without the actions, steps, entries or rows before the last: each keyword is
    tried on it."""
    lexemes = read.lexemes
    last = next((n for n in range(len(lexemes) - 1, 0, -1) if _ends_part(lexemes[n])), 0)
    first = last
    for place in range(last - 1, 0, -1):
        if lexemes[place].terminal == "OTHERWISE":
            break
        if _ends_part(lexemes[place]) and lexemes[place].terminal == lexemes[last].terminal:
            first = place
    return text[: lexemes[first].start] + text[lexemes[last].start :] if first < last else text


def _ends_part(lexeme: Lexeme) -> bool:
    return lexeme.depth == 0 and lexeme.terminal in _PARTS


_PARTS = frozenset({"SEPARATOR", "ENTRY", "GIVEN", "WHEN", "STEP_AND", "ROW_START"})


def _phrase_words(read: Beginning) -> Sequence[Word]:
    """The words of the phrase at the end, the sample among them."""
    last = read.lexemes[-1].value if read.lexemes else None
    return last.words if isinstance(last, Phrase) else ()


def _goes_with(keyword: Keyword, after_operand: bool) -> bool:
    """Whether a keyword can stand after a value, or where one is to come."""
    if keyword.group in {"compare", "tests"}:
        return after_operand or keyword.concept in {"ne.is", "not_between", "not_one_of"}
    return not after_operand if keyword.group == "pairs" or keyword.concept == "not" else True


def _begun(cursor: Cursor) -> Iterator[tuple[int, list[str]]]:
    """What stands right before the word, as the beginning of a keyword: none, one, two words..."""
    yield 0, []
    line = re.split("[\r\n]", cursor.before)[-1]
    found = _LAST_WORDS.search(line)
    written = found.group() if found is not None else ""
    parts = re.findall(r"[^\W\d_][\w'’-]*[ \u00a0\u202f]+", written)
    for count in range(1, min(len(parts), _MOST_WORDS) + 1):
        taken = "".join(parts[-count:])
        if written.endswith(taken):
            yield len(taken), folded(taken).split()


@cache
def _forms(language: str, groups: tuple[str, ...]) -> list[tuple[str, Keyword]]:
    """The first wording of each concept of some groups, and what the lexer takes it for."""
    words = keywords(language)
    made: dict[str, tuple[str, Keyword]] = {}
    for group in groups:
        if group in _SKIPPED:
            continue
        for concept in words.tables[group]:
            form = words.canonical(group, concept)
            made.setdefault(form, (form, Keyword((), group, concept, form, language)))
    return list(made.values())


def _fits(words: Keywords, before: str, form: str, keyword: Keyword, language: str, sound: bool) -> bool:
    """Whether a declaration that begins with ``before`` can go on with a keyword: that is what it is read as there.

    Where what stands before it is wrong (not ``sound``), that it is read as a keyword has to do.
    """
    then = words.canonical("reserved", "then")
    conjunction = words.canonical("reserved", "and")
    otherwise = words.canonical("reserved", "otherwise")
    tails = {
        "between": (f" 1 {conjunction} 2",),
        "not_between": (f" 1 {conjunction} 2",),
        "if": (f" {SAMPLE}", f" {SAMPLE} {then} {SAMPLE} {otherwise} {SAMPLE}"),
        "goes_from": (f" 'a' {words.canonical('trigger_parts', 'goes_to')} 'b'",),
        "stays": (f" 5 {_days(language)} {words.canonical('trigger_parts', 'stays_in')} {SAMPLE} = 1",),
        "from": (f" 1 {words.canonical('cells', 'to')} 2", " 'a'"),
        "wait": (f" 5 {_days(language)}",),
        "for_each": (f" {SAMPLE}",),
        "and": (f" {SAMPLE}", f" {SAMPLE} = 1"),
        "or": (f" {SAMPLE}", f" {SAMPLE} = 1"),
    }.get(keyword.concept)
    if tails is None:
        tails = (f" 1 {conjunction} 2",) if keyword.group == "pairs" else (f" {SAMPLE}", "")
    for tail in tails:
        read = beginning(f"{before}{form}{tail}", language)
        if sound and not read.fits:
            continue
        found = next((atom for atom in read.atoms if atom.start == len(before)), None)
        if found is not None and isinstance(found.keyword, Keyword) and found.keyword.concept == keyword.concept:
            return True
    return False


@cache
def _days(language: str) -> str:
    return str(lexicon(language).tables["writing"]["durations"]["day"][1])


@cache
def opener_items(language: str) -> tuple[Item, ...]:
    """The words that open a declaration, and snippets of whole declarations."""
    words = keywords(language)
    made = [
        Item(words.canonical("openers", concept), "keyword", KEYWORD, detail=ui("editor_keyword", language))
        for concept in words.tables["openers"]
    ]
    when, conjunction, then = (words.canonical("reserved", concept) for concept in ("when", "and", "then"))
    rule = words.canonical("openers", "rule")
    indent = "   "
    body = f"{when} {hole(2, '…')}\n{indent}{conjunction} {hole(3, '…')}\n{then} ${{0}}"
    label = f'{rule} "…" {when} … {conjunction} … {then} …'
    made.append(Item(label, "snippet", SNIPPET, f'{rule} "{hole(1, "…")}"\n{body}', True, filter=rule))
    example = words.canonical("openers", "example")
    given = words.canonical("examples", "given")
    steps = f"\n  {given} {hole(2, '…')}\n  {when} {hole(3, '…')}\n  {then} ${{0}}"
    label = f'{example} "…" {given} … {when} … {then} …'
    made.append(Item(label, "snippet", SNIPPET, f'{example} "{hole(1, "…")}"{steps}', True, filter=example))
    return tuple(made)
