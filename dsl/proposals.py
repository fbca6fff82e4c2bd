"""What to write instead of a mistake: the likely candidates, each tried before it is shown.

A finding that has no fix yet gets the first candidate that leaves fewer errors in its declaration. What follows from
the same cause, and goes with the same fix, is not told again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import attrs

from .candidates import FOREIGN_WORD, OWN_LANGUAGE, Candidates
from .diagnostic import Diagnostic, Edit, Fix
from .mistaken import Candidate, changed
from .source import Span
from .vocabulary import Vocabulary

Retry = Callable[[str], Sequence[Diagnostic]]
"""The errors of a declaration as if its text were another one."""

_LONGEST = 5_000
"""The characters of a declaration that is tried anew; a longer one is mostly something else."""
_STRUCTURE = "QD100"
"""Below are mistakes of the text and its structure."""
_MOST_ERRORS = 12
"""A declaration with more of them is something else than a rule with a mistake."""
_UNNAMED = "QD112"
_NO_TRIGGER = "QD012"
_UNQUOTED = "QD032"
_HIDING = frozenset({"QD113", "QD116", "QD117", "QD028"})
"""A rule whose trigger is not understood is not read further."""


class Budget:
    """How much may still be tried for one declaration: so many characters are read anew."""

    def __init__(self, characters: int = 20_000) -> None:
        self.characters = characters

    def spend(self, source: str) -> bool:
        """False where not enough is left to read a declaration once more."""
        self.characters -= len(source)
        return self.characters >= 0


def is_open(problem: Diagnostic) -> bool:
    """Whether a finding is an error for which nothing is proposed yet."""
    return problem.severity == "error" and not problem.fixes


def with_proposals(
    source: str,
    language: str,
    found: Sequence[Diagnostic],
    vocabulary: Vocabulary,
    retry: Retry,
    translations: Callable[[], Iterator[str]],
    budget: Budget,
) -> tuple[Diagnostic, ...]:
    """The findings of a declaration, relative to it, with the fixes that could be found.

    Those that have the cause of an earlier one are left out. ``translations`` are what the declaration says when it is
    read in another language, in its own.
    """
    if len(source) > _LONGEST or len(found) > _MOST_ERRORS or not budget.spend(source):
        return tuple(found)
    candidates = Candidates(source, language, vocabulary)
    if candidates.is_header_alone:
        retry = _for_header(retry)
    before = retry(source)
    told: list[Diagnostic] = []
    waiting = sorted(found, key=lambda each: each.span)
    if len(before) > 1:
        waiting = _in_one_language(source, waiting, candidates, before, retry, translations, budget)
    while waiting:
        each = waiting.pop(0)
        if is_open(each):
            mended = _mended(source, candidates.of(each), before, retry, budget, each)
            if mended is not None:
                each = _with_fix(each, mended.candidate, source)
                waiting = list(_independent(waiting, mended.left))
        elif any(is_open(other) for other in waiting) and each.fixes and budget.spend(source):
            waiting = list(_independent(waiting, retry(changed(source, each.fixes[0].edits))))
        told.append(each)
    return tuple(told)


def _for_header(retry: Retry) -> Retry:
    """``Règle : X`` is read alone, and its trigger apart from it: that it has none is no mistake of the line."""
    return lambda text: [each for each in retry(text) if each.code != _NO_TRIGGER]


class _Mended(NamedTuple):
    """A candidate that was seen to help, with the errors it leaves."""

    candidate: Candidate
    left: Sequence[Diagnostic]


def _mended(
    source: str,
    candidates: Iterator[Candidate],
    before: Sequence[Diagnostic],
    retry: Retry,
    budget: Budget,
    problem: Diagnostic | None = None,
) -> _Mended | None:
    """The first candidate that leaves no error, else the one that leaves the fewest, and brings none about.

    It must mend ``problem`` where one is given. One that hides others is mended as well by what shows them.
    """
    best: _Mended | None = None
    for candidate in candidates:
        if not budget.spend(source):
            break
        left = retry(changed(source, candidate.edits))
        unnamed = next((each for each in left if each.code == _UNNAMED and each.fixes), None)
        if unnamed is not None and unnamed.fixes[0].edits[0].span.end <= min(e.span.start for e in candidate.edits):
            # what was meant needs a name besides
            candidate = candidate._replace(edits=(*unnamed.fixes[0].edits, *candidate.edits))
            left = [each for each in left if each is not unnamed]
        if len(before) == 1 and len(left) == 1 and left[0].code == _UNQUOTED and left[0].fixes:
            # two small things were wrong at the same place
            text = changed(changed(source, candidate.edits), left[0].fixes[0].edits)
            candidate, left = _difference(source, text), retry(text)
        if (best is None or len(left) < len(best.left)) and _helps(left, before, candidate, problem):
            best = _Mended(candidate, left)
            if not left:
                break
    return best


def _helps(
    left: Sequence[Diagnostic], before: Sequence[Diagnostic], candidate: Candidate, problem: Diagnostic | None
) -> bool:
    """Whether a candidate mends what it is for and breaks nothing: what it leaves was there, or could not be seen."""
    known = Counter(_fact(each) for each in before)
    remaining = Counter(_fact(each) for each in left)
    if problem is not None and remaining[_fact(problem)] >= max(known[_fact(problem)], 1):
        return False
    new = [each for each in left if _fact(each) not in known]
    if not new:
        return len(left) < len(before)
    hiding = problem is not None and (problem.code in _HIDING or problem.code < _STRUCTURE)
    return hiding and _all_after(new, candidate)


def _in_one_language(
    source: str,
    found: list[Diagnostic],
    candidates: Candidates,
    before: Sequence[Diagnostic],
    retry: Retry,
    translations: Callable[[], Iterator[str]],
    budget: Budget,
) -> list[Diagnostic]:
    """Words of another language: the first of them is told, with one fix for the whole declaration."""
    first = next((number for number, each in enumerate(found) if each.code == FOREIGN_WORD), 0)
    whole = Span(len(source) - len(source.lstrip()), len(source.rstrip()))
    texts = (Candidate((Edit(whole, text.strip()),), "", OWN_LANGUAGE) for text in translations())
    mended = _mended(source, texts, before, retry, budget)
    if mended is None and found[first].code == FOREIGN_WORD:
        mended = _mended(source, candidates.own_words(), before, retry, budget)
    if mended is None:
        return found
    told = _with_fix(found[first], mended.candidate, source)
    if not mended.left:
        return [told, *(each for each in found if each.severity != "error")]
    others = [each for number, each in enumerate(found) if number != first and each.code != FOREIGN_WORD]
    return sorted([told, *_independent(others, mended.left)], key=lambda each: each.span)


def _difference(before: str, after: str) -> Candidate:
    """What makes a text of another, as one edit."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-end - 1] == after[-end - 1]:
        end += 1
    text = after[start : len(after) - end]
    return Candidate((Edit(Span(start, len(before) - end), text),), text.strip())


def _all_after(left: Sequence[Diagnostic], candidate: Candidate) -> bool:
    if len(candidate.edits) != 1:
        return False
    edit = candidate.edits[0]
    return all(each.code > _STRUCTURE and each.span.start > edit.span.start + len(edit.text) for each in left)


def _with_fix(problem: Diagnostic, candidate: Candidate, source: str) -> Diagnostic:
    first = candidate.edits[0]
    if candidate.title == OWN_LANGUAGE and problem.code != FOREIGN_WORD:
        word = source[first.span.start : first.span.end]
        problem = attrs.evolve(problem, code=FOREIGN_WORD, span=first.span, args={"word": word, "own": first.text})
    fix = Fix(candidate.title, candidate.edits, {"text": candidate.shown}, safe=False)
    args = {**problem.args, "suggestions": [candidate.shown]} if candidate.shown else problem.args
    return attrs.evolve(problem, args=args, fixes=(fix,))


def _independent(found: Sequence[Diagnostic], left: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings that a fix leaves, or that have a fix of their own."""
    remaining = Counter(_fact(each) for each in left)
    for each in found:
        fact = _fact(each)
        if remaining[fact] > 0:
            remaining[fact] -= 1
            yield each
        elif not is_open(each):
            yield each


def _fact(problem: Diagnostic) -> tuple[str, str]:
    facts = sorted((name, str(value)) for name, value in problem.args.items() if name != "suggestions")
    return problem.code, repr(facts)
