"""Literals as people write them: a corpus of French numbers, amounts, dates, times and durations.

Each text is read whole or it counts as refused: with words around it (``depuis 1 an``) it is more than a literal. A
duration case is read where a duration is expected. Durations are compared in seconds by the corpus's own
conventions, a day of 24 hours and a year of 365 days; a sign before a number is the reader's caller's.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quand.dsl.lexicon import lexicon
from quand.dsl.literals import LiteralMatch, read_literal
from quand.dsl.values import Duration, Money

CORPUS = Path(__file__).parent.parent.parent / "shared" / "corpora" / "literals_fr.jsonl"

pytestmark = pytest.mark.skipif(not CORPUS.is_file(), reason=f"the corpus is not there: {CORPUS.name}")

#: What is read with another value than the corpus says, and why the reading stands.
OTHERWISE = {
    **dict.fromkeys(
        ["6 heures", "7 heures", "9 heures", "14 heures", "15 heures", "19 heures"],
        "hours in words are a duration: this is the language's rule, whatever stands before them",
    ),
    "23": "a mere number is a number, not an hour",
    "10g": "g is grams; the corpus means billions",
    "-8,954302433": "the corpus gives another number than the one written",
    "-92321312.0": "the corpus gives another number than the one written",
    "43894.0": "the corpus gives another number than the one written",
}

#: What is refused with a reason although its meaning may be guessed.
REFUSED_WITH_REASON = {
    **dict.fromkeys(["$10.000"], "QD068"),
    **dict.fromkeys(["125.000,50 $", "1.200.000", "3.000.000", "6.700,54"], "QD070"),
    **dict.fromkeys(["1,2M", "$10k", "10k", "100k", "100K", "1200K", "2,33k", "3000K", "3M"], "QD072"),
    "1,2b": "QD076",
    "12,34,567.89": "QD077",
}

#: What a rule's author would write on purpose, and is not refused.
ON_PURPOSE = [
    *("1 234 567,89", "3000000", "100 000", "4,8", "1 million", "100%", "4,800%"),
    *("48 $", "1000 eur", "EUR 20", "2 millions de €", "22,5 millions de $", "£ 100"),
    *("01 janvier 2015", "1er janvier 2012", "5 août 2016", "17/05/2018", "29/2/2020", "3 jan 2019"),
    *("10h30", "8h", "9 heures du matin", "4:45 du matin"),
    *("1 mois", "1,5 heures", "15 minutes", "30 jours", "3 ans", "3h"),
]


def cases() -> list[dict[str, Any]]:
    if not CORPUS.is_file():
        return []
    return [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def read(text: str, kind: str) -> LiteralMatch | None:
    """The literal that is all of ``text``, after its sign, if any."""
    text = text.removeprefix("-")
    match = read_literal(text, 0, lexicon("fr"), duration_expected=kind == "duration")
    return match if match and match.end == len(text) else None


def seconds(duration: Duration) -> Decimal:
    assert not duration.business_days
    assert not duration.business_seconds
    return (Decimal(duration.months) / 12 * 365 + duration.days) * 86400 + duration.seconds


def is_right(case: dict[str, Any], match: LiteralMatch) -> bool:
    """Whether the reading has the kind and the value of the corpus."""
    expected, value = case["value"], match.value
    match case["kind"], value:
        case "number", Decimal():
            return match.kind == "number" and (-value if case["text"].startswith("-") else value) == Decimal(expected)
        case "percentage", Decimal():
            return match.kind == "percentage" and value * 100 == Decimal(expected)
        case "money", Money():
            return value == Money(Decimal(expected), case["unit"])
        case "date", date():
            return value.isoformat() == expected
        case "time", time():
            return value.isoformat() == expected
        case "duration", Duration():
            if case["unit"] == "s":
                return seconds(value) == Decimal(expected)
            count, unit = expected.split()
            return value == {
                "month": Duration(months=int(count)),
                "day": Duration(days=int(count)),
                "minute": Duration(seconds=Decimal(count) * 60),
            }.get(unit)
        case _:
            return False


def outcome(case: dict[str, Any]) -> str:
    match = read(case["text"], case["kind"])
    if match is None:
        return "refused"
    if match.problem:
        return "refused with a reason"
    return "right" if is_right(case, match) else "wrong"


def test_no_value_is_wrong_but_for_those_listed_with_their_reason() -> None:
    assert {case["text"] for case in cases() if outcome(case) == "wrong"} == set(OTHERWISE)


def test_what_could_be_mistaken_is_refused_with_a_reason() -> None:
    refused: dict[str, str] = {}
    for case in cases():
        match = read(case["text"], case["kind"])
        if match and match.problem:
            refused[case["text"]] = match.problem
    assert refused == REFUSED_WITH_REASON


@pytest.mark.parametrize("text", ON_PURPOSE)
def test_what_an_author_writes_on_purpose_is_read(text: str) -> None:
    assert {outcome(case) for case in cases() if case["text"] == text} == {"right"}


def test_the_shares_stay_what_they_are() -> None:
    counts = Counter(outcome(case) for case in cases())
    assert counts == {"right": 111, "refused": 49, "refused with a reason": 16, "wrong": 11}
