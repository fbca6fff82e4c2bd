"""Literals, form by form: what is written in each language, and the value it stands for or the error it is."""

from __future__ import annotations

import re
import time as clock
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quand.dsl.lexicon import languages, lexicon
from quand.dsl.literals import LiteralMatch, literal_start, read_literal, read_unit
from quand.dsl.messages import PLACEHOLDER, section
from quand.dsl.values import Duration, Money

N, P, Q, M = "number", "percentage", "quantity", "money"
DATE, TIME, DATETIME, DURATION = "date", "time", "datetime", "duration"


def hours(number: str) -> Duration:
    return Duration(seconds=Decimal(number) * 3600)


def minutes(number: str) -> Duration:
    return Duration(seconds=Decimal(number) * 60)


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def whole(text: str, language: str, duration_expected: bool = False) -> LiteralMatch:
    """The literal that is all of ``text``, an error or not."""
    match = read_literal(text, 0, lexicon(language), duration_expected)
    assert match is not None, f"{text!r} is no literal"
    assert match.end == len(text), f"{text!r} is read up to {text[: match.end]!r}"
    return match


NUMBERS = [
    ("fr", "1234", N, Decimal(1234)),
    ("fr", "1 234,56", N, Decimal("1234.56")),
    ("fr", "1\u202f234,56", N, Decimal("1234.56")),
    ("fr", "12\u00a0345\u00a0678", N, Decimal(12345678)),
    ("fr", "1234.56", N, Decimal("1234.56")),
    ("fr", "0,5", N, Decimal("0.5")),
    ("fr", "4,800", N, Decimal("4.8")),
    ("fr", "2 millions", N, Decimal(2000000)),
    ("fr", "1,5 milliard", N, Decimal(1500000000)),
    ("fr", "1er", N, Decimal(1)),
    ("fr", "2e", N, Decimal(2)),
    ("en", "1234", N, Decimal(1234)),
    ("en", "1,234.56", N, Decimal("1234.56")),
    ("en", "1,234,567", N, Decimal(1234567)),
    ("en", "1234.56", N, Decimal("1234.56")),
    ("en", "3.000", N, Decimal(3)),
    ("en", "1st", N, Decimal(1)),
    ("en", "22nd", N, Decimal(22)),
]
PERCENTAGES = [
    ("fr", "5 %", P, Decimal("0.05")),
    ("fr", "5%", P, Decimal("0.05")),
    ("fr", "5\u00a0%", P, Decimal("0.05")),
    ("fr", "12,5 %", P, Decimal("0.125")),
    ("fr", "100 pour cent", P, Decimal(1)),
    ("en", "5 %", P, Decimal("0.05")),
    ("en", "12.5%", P, Decimal("0.125")),
    ("en", "3 percent", P, Decimal("0.03")),
]
AMOUNTS = [
    ("fr", "10 000 €", M, euros("10000")),
    ("fr", "1 234,50\u00a0€", M, euros("1234.50")),
    ("fr", "40€", M, euros("40")),
    ("fr", "250 EUR", M, euros("250")),
    ("fr", "EUR 20", M, euros("20")),
    ("fr", "50 euros", M, euros("50")),
    ("fr", "2 millions d'euros", M, euros("2000000")),
    ("fr", "2 millions de €", M, euros("2000000")),
    ("fr", "$40", M, Money(Decimal(40), "USD")),
    ("fr", "€40", M, euros("40")),
    ("fr", "300 XPF", M, Money(Decimal(300), "XPF")),
    ("en", "€10,000", M, euros("10000")),
    ("en", "$40", M, Money(Decimal(40), "USD")),
    ("en", "€40", M, euros("40")),
    ("en", "EUR 20", M, euros("20")),
    ("en", "250 EUR", M, euros("250")),
    ("en", "$1.5 million", M, Money(Decimal(1500000), "USD")),
    ("en", "£1,234.50", M, Money(Decimal("1234.50"), "GBP")),
]
DURATIONS = [
    ("fr", "2 heures", DURATION, hours("2")),
    ("fr", "2 heures 30 minutes", DURATION, minutes("150")),
    ("fr", "1,5 heures", DURATION, minutes("90")),
    ("fr", "90 minutes", DURATION, minutes("90")),
    ("fr", "30 min", DURATION, minutes("30")),
    ("fr", "3 jours", DURATION, Duration(days=3)),
    ("fr", "1 semaine", DURATION, Duration(days=7)),
    ("fr", "6 mois", DURATION, Duration(months=6)),
    ("fr", "1 an et 6 mois", DURATION, Duration(months=18)),
    ("fr", "1,5 an", DURATION, Duration(months=18)),
    ("fr", "1 an 2 mois et 3 jours", DURATION, Duration(months=14, days=3)),
    ("fr", "1 jour 2h30", DURATION, Duration(days=1, seconds=Decimal(9000))),
    ("fr", "5 jours ouvrés", DURATION, Duration(business_days=5)),
    ("fr", "1 jour ouvré", DURATION, Duration(business_days=1)),
    ("fr", "4 heures ouvrées", DURATION, Duration(business_seconds=Decimal(14400))),
    ("en", "2 hours 30 minutes", DURATION, minutes("150")),
    ("en", "1 year and 6 months", DURATION, Duration(months=18)),
    ("en", "5 business days", DURATION, Duration(business_days=5)),
    ("en", "1 week", DURATION, Duration(days=7)),
]
QUANTITIES = [
    ("fr", "30 m²", "m²"),
    ("fr", "30 m2", "m²"),
    ("fr", "30m²", "m²"),
    ("fr", "30 mètres carrés", "m²"),
    ("fr", "30 mètres", "m"),
    ("fr", "30 kg", "kg"),
    ("fr", "30 L", "l"),
    ("en", "30 m²", "m²"),
    ("en", "30 square meters", "m²"),
    ("en", "30 km", "km"),
]
DATES = [
    ("fr", "27/11/2026", DATE, date(2026, 11, 27)),
    ("fr", "2026-11-27", DATE, date(2026, 11, 27)),
    ("fr", "27 novembre 2026", DATE, date(2026, 11, 27)),
    ("fr", "27 NOV. 2026", DATE, date(2026, 11, 27)),
    ("fr", "5 août 2016", DATE, date(2016, 8, 5)),
    ("fr", "5 aou\u0302t 2016", DATE, date(2016, 8, 5)),
    ("fr", "1er janvier 2026", DATE, date(2026, 1, 1)),
    ("en", "2026-11-27", DATE, date(2026, 11, 27)),
    ("en", "27 November 2026", DATE, date(2026, 11, 27)),
    ("en", "November 27, 2026", DATE, date(2026, 11, 27)),
    ("en", "Nov. 27, 2026", DATE, date(2026, 11, 27)),
    ("en", "27th of November 2026", DATE, date(2026, 11, 27)),
]
TIMES = [
    ("fr", "9h", TIME, time(9)),
    ("fr", "9h30", TIME, time(9, 30)),
    ("fr", "9 h 30", TIME, time(9, 30)),
    ("fr", "9h30min", TIME, time(9, 30)),
    ("fr", "14:05", TIME, time(14, 5)),
    ("fr", "14:05:30", TIME, time(14, 5, 30)),
    ("fr", "0h", TIME, time(0)),
    ("fr", "9am", TIME, time(9)),
    ("fr", "9 heures du matin", TIME, time(9)),
    ("fr", "8h30 du soir", TIME, time(20, 30)),
    ("en", "9am", TIME, time(9)),
    ("en", "9:30 am", TIME, time(9, 30)),
    ("en", "9 p.m.", TIME, time(21)),
    ("en", "12am", TIME, time(0)),
    ("en", "12:15 pm", TIME, time(12, 15)),
    ("en", "14:05", TIME, time(14, 5)),
    ("en", "9h30", TIME, time(9, 30)),
    ("fr", "2026-11-27 à 14h", DATETIME, at("2026-11-27 14:00")),
    ("fr", "27 novembre 2026 à 9h30", DATETIME, at("2026-11-27 09:30")),
    ("fr", "27/11/2026 14:05", DATETIME, at("2026-11-27 14:05")),
    ("fr", "27/11/2026 à 14 heures", DATETIME, at("2026-11-27 14:00")),
    ("fr", "2026-11-27T14:05:30", DATETIME, at("2026-11-27 14:05:30")),
    ("en", "2026-11-27 at 9am", DATETIME, at("2026-11-27 09:00")),
    ("en", "November 27, 2026 at 9:30 pm", DATETIME, at("2026-11-27 21:30")),
]


@pytest.mark.parametrize(
    ("language", "text", "kind", "value"), [*NUMBERS, *PERCENTAGES, *AMOUNTS, *DURATIONS, *DATES, *TIMES]
)
def test_a_literal_has_its_kind_and_value(language: str, text: str, kind: str, value: Any) -> None:
    match = whole(text, language)
    assert (match.kind, match.value, match.unit, match.problem) == (kind, value, None, None)


@pytest.mark.parametrize(("language", "text", "unit"), QUANTITIES)
def test_a_quantity_has_its_unit(language: str, text: str, unit: str) -> None:
    assert whole(text, language)[1:5] == (Q, Decimal(30), unit, None)
    assert read_unit(text.removeprefix("30").strip(), lexicon(language)) == unit


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("text", "at", "lasting"), [("2h", time(2), hours("2")), ("2h30", time(2, 30), hours("2.5"))])
def test_hours_with_a_mark_are_a_duration_where_one_is_expected(
    language: str, text: str, at: time, lasting: Duration
) -> None:
    assert whole(text, language)[1:3] == (TIME, at)
    assert whole(text, language, duration_expected=True)[1:3] == (DURATION, lasting)


def test_more_hours_than_a_day_has_are_fine_where_a_duration_is_expected() -> None:
    assert whole("48h", "fr", duration_expected=True).value == hours("48")


# --- where a literal ends -----------------------------------------------------------------------------------------

ENDS = [
    ("fr", "3 appels", "3", N),
    ("fr", "5, 6", "5", N),
    ("fr", "5 10", "5", N),
    ("fr", "12 345", "12 345", N),
    ("fr", "1 2345", "1", N),
    ("fr", "10 000 personnes", "10 000", N),
    ("fr", "5 m2x", "5", N),
    ("fr", "5 l'article", "5", N),
    ("fr", "1er du mois", "1er", N),
    ("fr", "3 M", "3", N),
    ("fr", "100/3", "100", N),
    ("fr", "5 % de montant", "5 %", P),
    ("fr", "1 000 € à 5 000 €", "1 000 €", M),
    ("fr", "2 millions de contacts", "2 millions", N),
    ("fr", "30 jours avant la date de fin", "30 jours", DURATION),
    ("fr", "3 jours et 5 appels", "3 jours", DURATION),
    ("fr", "30 minutes et 2 heures", "30 minutes", DURATION),
    ("fr", "20h et 8h", "20h", TIME),
    ("fr", "01/01/2026 au 31/12/2026", "01/01/2026", DATE),
    ("fr", "27/11/2026 à la fin", "27/11/2026", DATE),
    ("en", "5, 6", "5", N),
    ("en", "3 missed calls", "3", N),
    ("en", "1st of the month", "1st", N),
    ("en", "8pm and 8am", "8pm", TIME),
    ("en", "November 27, 2026, 5", "November 27, 2026", DATE),
]


@pytest.mark.parametrize(("language", "text", "read", "kind"), ENDS)
def test_a_literal_ends_at_a_word_boundary(language: str, text: str, read: str, kind: str) -> None:
    match = read_literal(f"= {text}", 2, lexicon(language))
    assert match is not None
    assert (text[: match.end - 2], match.kind, match.problem) == (read, kind, None)


@pytest.mark.parametrize("text", ["", "appels", "3d", "2fa", "eur", "mai 2026", "janvier", "€", "-5", "²"])
@pytest.mark.parametrize("language", languages())
def test_words_are_no_literals(language: str, text: str) -> None:
    assert read_literal(text, 0, lexicon(language)) is None


# --- errors -------------------------------------------------------------------------------------------------------

ERRORS = [
    # The year is missing, or has two digits.
    ("fr", "31/12", "QD060", DATE, None),
    ("fr", "27 novembre", "QD060", DATE, None),
    ("en", "12/31", "QD060", DATE, None),
    ("en", "November 27", "QD060", DATE, None),
    ("fr", "27/11/26", "QD061", DATE, "27/11/2026"),
    ("fr", "27 novembre 26", "QD061", DATE, "27 novembre 2026"),
    ("fr", "27-11-26", "QD061", DATE, "27/11/2026"),
    ("en", "27/11/26", "QD061", DATE, "2026-11-27"),
    ("en", "03/04/26", "QD061", DATE, None),
    # No such day, no such month.
    ("fr", "30/02/2026", "QD062", DATE, None),
    ("fr", "29 février 2026", "QD062", DATE, None),
    ("fr", "0/11/2026", "QD062", DATE, None),
    ("en", "February 30, 2026", "QD062", DATE, None),
    ("fr", "11/27/2026", "QD063", DATE, "27/11/2026"),
    ("fr", "2026-13-01", "QD063", DATE, "13/01/2026"),
    ("fr", "40/40/2026", "QD063", DATE, None),
    # The order of day and month is doubtful, or not the language's.
    ("en", "03/04/2026", "QD064", DATE, None),
    ("en", "27/11/2026", "QD065", DATE, "2026-11-27"),
    ("en", "11/27/2026", "QD065", DATE, "2026-11-27"),
    ("en", "05/05/2026", "QD065", DATE, "2026-05-05"),
    ("fr", "27.11.2026", "QD065", DATE, "27/11/2026"),
    ("fr", "27-11-2026", "QD065", DATE, "27/11/2026"),
    ("fr", "2026/11/27", "QD065", DATE, "2026-11-27"),
    ("fr", "27/11/20266", "QD065", DATE, None),
    # No such time.
    ("fr", "25h", "QD066", TIME, "25 heures"),
    ("fr", "9h60", "QD066", TIME, None),
    ("fr", "9h75", "QD066", TIME, None),
    ("fr", "24:00", "QD066", TIME, None),
    ("fr", "9:5", "QD066", TIME, None),
    ("en", "13pm", "QD066", TIME, "1pm"),
    ("en", "0am", "QD066", TIME, None),
    ("fr", "27/11/2026 à 25h", "QD066", DATETIME, None),
    # Numbers that are written otherwise.
    ("fr", "0.125", "QD067", N, "0,125"),
    ("fr", "1234.567 €", "QD067", M, "1234,567 €"),
    ("fr", ".5", "QD067", N, "0,5"),
    ("fr", "3.000", "QD068", N, None),
    ("fr", "3.000 €", "QD068", M, None),
    ("en", "1,23", "QD069", N, "1.23"),
    ("en", "$2,5", "QD069", M, "$2.5"),
    ("en", "10 000", "QD070", N, "10,000"),
    ("en", "1.234,56", "QD070", N, "1,234.56"),
    ("fr", "1,234,567.89 €", "QD070", M, "1 234 567,89 €"),
    ("fr", "3.000.000", "QD070", N, "3 000 000"),
    ("fr", "1" * 35, "QD071", N, None),
    ("fr", "10k", "QD072", N, "10 000"),
    ("fr", "3M", "QD072", N, "3 000 000"),
    ("en", "$2.5M", "QD072", M, "$2,500,000"),
    ("fr", "12,5x", "QD076", N, None),
    ("fr", "€10x", "QD076", M, None),
    ("fr", "27/11/2026x", "QD076", DATE, None),
    ("fr", "1,2,3", "QD077", N, "1, 2, 3"),
    ("en", "1,2,3", "QD077", N, "1, 2, 3"),
    ("fr", "1.2.3", "QD077", N, None),
    # Durations.
    ("fr", "1,5 mois", "QD073", DURATION, None),
    ("fr", "2,5 jours", "QD073", DURATION, "60 heures"),
    ("fr", "1,5 jour ouvré", "QD073", DURATION, None),
    ("fr", "5 jours ouvrables", "QD078", DURATION, "5 jours ouvrés"),
    ("fr", "10 000 ans", "QD079", DURATION, None),
    ("fr", "3.000 heures 5 minutes", "QD068", DURATION, None),
    ("fr", "1 an 2,5 jours 3 minutes", "QD073", DURATION, "1 an 60 heures 3 minutes"),
    # Dates that lack a day or carry a zone.
    ("fr", "2026-11", "QD074", DATE, None),
    ("fr", "2026-11-27T14:05:00Z", "QD075", DATETIME, "2026-11-27T14:05:00"),
    ("en", "2026-11-27T14:05+01:00", "QD075", DATETIME, "2026-11-27T14:05"),
]


@pytest.mark.parametrize(("language", "text", "code", "kind", "fix"), ERRORS)
def test_a_literal_that_is_an_error_says_why_and_what_to_write(
    language: str, text: str, code: str, kind: str, fix: str | None
) -> None:
    match = whole(text, language)
    assert (match.problem, match.kind, match.fix) == (code, kind, fix)


@pytest.mark.parametrize(("language", "text", "code", "kind", "fix"), [e for e in ERRORS if e[4] and e[1] != "1,2,3"])
def test_what_a_fix_writes_is_right(language: str, text: str, code: str, kind: str, fix: str) -> None:
    match = whole(fix, language)
    assert match.problem is None
    assert match.kind == (DURATION if code == "QD066" and kind == TIME and " " in fix else kind)


@pytest.mark.parametrize(("language", "text", "code", "kind", "fix"), ERRORS)
def test_the_facts_of_an_error_fill_its_message_in_each_language(
    language: str, text: str, code: str, kind: str, fix: str | None
) -> None:
    args = whole(text, language).args
    for shown_in in languages():
        entry = section(shown_in, code)
        assert entry["help"]
        for sentence in entry.values():
            assert {name for name, _ in PLACEHOLDER.findall(sentence) if name} <= set(args)


def test_a_date_without_a_year_tells_its_day_and_month_for_yearly_schedules() -> None:
    args = whole("1er janvier", "fr").args
    assert (args["day"], args["month"]) == (1, 1)


# --- robustness ---------------------------------------------------------------------------------------------------

ENDLESS = [
    "1",
    "1 234 ",
    "1.",
    "1,",
    "1/",
    "1-",
    "1:",
    "1h",
    "9 ",
    "1 an ",
    "€",
    "27/11/",
    "1e",
    "27 novembre ",
    "1 et ",
]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("piece", ENDLESS)
def test_the_time_to_read_grows_no_faster_than_the_text(language: str, piece: str) -> None:
    text = piece * (200_000 // len(piece))
    words = lexicon(language)
    after_word = re.compile(r"\w*+")
    started = clock.perf_counter()
    position = 0
    for _ in range(2000):
        match = read_literal(text, position, words)
        word = after_word.match(text, position + 1)
        position = match.end if match else word.end() if word else len(text)
    assert clock.perf_counter() - started < 2


@pytest.mark.parametrize("expected", [False, True])
@settings(max_examples=300, deadline=None)
@given(
    text=st.lists(
        st.sampled_from([*"0123456789.,:/- \u00a0'€$%hm²x", "et ", "à ", "of ", "mai", "May ", " jours", " USD"]),
        max_size=24,
    ).map("".join),
    language=st.sampled_from(languages()),
)
def test_any_text_is_read_without_failing(expected: bool, text: str, language: str) -> None:
    words = lexicon(language)
    match = read_literal(text, 0, words, expected)
    if match:
        assert 0 < match.end <= len(text)
        assert read_literal(text[: match.end], 0, words, expected) is not None
        assert text[0] in literal_start(words)
