"""Writing values: for readers, checked against Babel's tables; and for source text, which reads back the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quand.dsl.currencies import CURRENCY_CODES, currency_decimals
from quand.dsl.lexicon import languages, lexicon
from quand.dsl.literal_translation import translate_literal
from quand.dsl.literals import read_literal
from quand.dsl.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    MONEY,
    NUMBER,
    PERCENTAGE,
    TEXT,
    TIME,
    Type,
    list_of,
    number_in,
    reference_to,
)
from quand.dsl.values import Duration, Money, Reference, Value
from quand.dsl.writing import write_literal, write_value

NARROW, FIXED = "\u202f", "\u00a0"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


WRITTEN: list[tuple[Value, Type, str, str]] = [
    (Decimal("1234.50"), NUMBER, f"1{NARROW}234,5", "1,234.5"),
    (Decimal("1E+3"), NUMBER, f"1{NARROW}000", "1,000"),
    (Decimal("-0.0"), NUMBER, "0", "0"),
    (Decimal("-7.25"), NUMBER, "-7,25", "-7.25"),
    (Money(Decimal("1234.5"), "EUR"), MONEY, f"1{NARROW}234,50{FIXED}€", "€1,234.50"),
    (Money(Decimal("-0.125"), "EUR"), MONEY, f"-0,125{FIXED}€", "-€0.125"),
    (Money(Decimal(1500), "JPY"), MONEY, f"1{NARROW}500{FIXED}¥", "¥1,500"),
    (Money(Decimal(20), "CHF"), MONEY, f"20,00{FIXED}CHF", f"CHF{FIXED}20.00"),
    (Decimal(12), MONEY, f"12,00{FIXED}€", "€12.00"),
    (Decimal("0.05"), PERCENTAGE, f"5{FIXED}%", "5%"),
    (Decimal("0.125"), PERCENTAGE, f"12,5{FIXED}%", "12.5%"),
    (Decimal(30), number_in("m²"), f"30{FIXED}m²", "30 m²"),
    (date(2026, 11, 27), DATE, "27 novembre 2026", "November 27, 2026"),
    (date(2026, 1, 1), DATE, "1er janvier 2026", "January 1, 2026"),
    (at("2026-11-27 14:05"), DATETIME, "27 novembre 2026 à 14h05", f"November 27, 2026 at 2:05{NARROW}PM"),
    (time(9), TIME, "9h", f"9:00{NARROW}AM"),
    (time(0, 30, 5), TIME, "00:30:05", f"12:30:05{NARROW}AM"),
    (Duration(seconds=Decimal(9000)), DURATION, "2 heures 30 minutes", "2 hours 30 minutes"),
    (Duration(seconds=Decimal(86400)), DURATION, "24 heures", "24 hours"),
    (Duration(seconds=Decimal("1.5")), DURATION, "1,5 seconde", "1.5 seconds"),
    (Duration(months=18, days=1), DURATION, "1 an 6 mois 1 jour", "1 year 6 months 1 day"),
    (Duration(business_days=5), DURATION, "5 jours ouvrés", "5 business days"),
    (
        Duration(business_seconds=Decimal(5400)),
        DURATION,
        "1 heure ouvrée 30 minutes ouvrées",
        "1 business hour 30 business minutes",
    ),
    (Duration(days=-3), DURATION, "-3 jours", "-3 days"),
    (Duration(), DURATION, "0 seconde", "0 seconds"),
    (True, BOOLEAN, "oui", "yes"),
    (False, BOOLEAN, "non", "no"),
    (None, MONEY, "vide", "empty"),
    ("Or", TEXT, "Or", "Or"),
    (Reference("deal", "A-1"), reference_to("deal"), "A-1", "A-1"),
    ((Decimal("0.05"), Decimal("0.1")), list_of(PERCENTAGE), f"5{FIXED}%, 10{FIXED}%", "5%, 10%"),
]


@pytest.mark.parametrize(("value", "type_", "french", "english"), WRITTEN)
def test_a_value_is_written_as_its_readers_expect(value: Value, type_: Type, french: str, english: str) -> None:
    assert write_value(value, type_, lexicon("fr")) == french
    assert write_value(value, type_, lexicon("en")) == english


def test_an_instant_is_written_in_the_zone_it_carries() -> None:
    paris = datetime(2026, 11, 27, 23, 30, tzinfo=UTC).astimezone(timezone(timedelta(hours=1)))
    assert write_value(paris, DATETIME, lexicon("fr")) == "28 novembre 2026 à 0h30"


# --- Babel as the oracle ------------------------------------------------------------------------------------------

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
DATES = st.dates()


def babel(module: str, function: str) -> Callable[..., str]:
    return getattr(pytest.importorskip(f"babel.{module}"), function)


@pytest.mark.parametrize("language", languages())
@settings(max_examples=200, deadline=None)
@given(value=DECIMALS)
def test_numbers_and_percentages_are_those_of_babel(language: str, value: Decimal) -> None:
    words = lexicon(language)
    decimal, percent = babel("numbers", "format_decimal"), babel("numbers", "format_percent")
    assert write_value(value, NUMBER, words) == decimal(value, locale=language, decimal_quantization=False)
    # CLDR puts a narrow space before the French sign; the language says U+00A0.
    expected = percent(value, locale=language, decimal_quantization=False).replace(f"{NARROW}%", f"{FIXED}%")
    assert write_value(value, PERCENTAGE, words) == expected


@pytest.mark.parametrize("language", languages())
@settings(max_examples=200, deadline=None)
@given(value=DECIMALS, currency=st.sampled_from(["EUR", "CHF", "SEK", "TND"]))
def test_amounts_are_those_of_babel(language: str, value: Decimal, currency: str) -> None:
    expected = babel("numbers", "format_currency")(value, currency, locale=language, decimal_quantization=False)
    # CLDR puts a space between a code and digits; Babel leaves it out before them.
    expected = re.sub(rf"({currency})(?=\d)", rf"\1{FIXED}", expected)
    assert write_value(Money(value, currency), MONEY, lexicon(language)) == expected


def test_currencies_are_those_of_babel() -> None:
    core = pytest.importorskip("babel.numbers")
    for code in CURRENCY_CODES - {"XCG"}:
        assert code in core.list_currencies()
    decimals = {code for code in CURRENCY_CODES if currency_decimals(code) != 2}
    assert decimals <= {code for code in CURRENCY_CODES if core.get_currency_precision(code) != 2} | {"UGX", "ISK"}


@pytest.mark.parametrize("language", languages())
@settings(max_examples=200, deadline=None)
@given(day=DATES, hour=st.times(timezones=st.none()).map(lambda t: t.replace(microsecond=0)))
def test_dates_and_times_are_those_of_babel(language: str, day: date, hour: time) -> None:
    words = lexicon(language)
    # CLDR writes "1 janvier"; the language, like its readers, says "1er janvier".
    long = babel("dates", "format_date")(day, "long", locale=language)
    expected = f"1er{long[1:]}" if language == "fr" and day.day == 1 else long
    assert write_value(day, DATE, words) == expected
    width = "medium" if hour.second else "short"
    clock = babel("dates", "format_time")(hour, width, locale=language)
    if language == "fr" and not hour.second:
        # CLDR writes "09:30"; the language, like its readers, says "9h30", and "9h" on the hour.
        clock = f"{hour.hour}h{hour.minute:02d}" if hour.minute else f"{hour.hour}h"
    assert write_value(hour, TIME, words) == clock


# --- source text --------------------------------------------------------------------------------------------------

SOURCE: list[tuple[Any, Type, str, str]] = [
    (Decimal("1234.50"), NUMBER, "1234,50", "1234.50"),
    (Decimal(12345), NUMBER, "12 345", "12,345"),
    (Decimal("0.050"), PERCENTAGE, "5,0 %", "5.0 %"),
    (Money(Decimal(10000), "EUR"), MONEY, "10 000 €", "€10,000"),
    (Money(Decimal(250), "SEK"), MONEY, "250 SEK", "SEK 250"),
    (Decimal(30), number_in("m²"), "30 m²", "30 m²"),
    (date(2026, 11, 27), DATE, "27/11/2026", "2026-11-27"),
    (time(9), TIME, "9h", "9am"),
    (time(21, 30), TIME, "21h30", "9:30 pm"),
    (time(14, 5, 30), TIME, "14:05:30", "14:05:30"),
    (at("2026-11-27 09:30"), DATETIME, "27/11/2026 à 9h30", "2026-11-27 at 9:30 am"),
    (Duration(seconds=Decimal(9000)), DURATION, "2 heures 30 minutes", "2 hours 30 minutes"),
    (Duration(days=-3), DURATION, "-3 jours", "-3 days"),
    (True, BOOLEAN, "oui", "yes"),
]


@pytest.mark.parametrize(("value", "type_", "french", "english"), SOURCE)
def test_the_source_form_of_a_value(value: Any, type_: Type, french: str, english: str) -> None:
    assert write_literal(value, type_, lexicon("fr")) == french
    assert write_literal(value, type_, lexicon("en")) == english


def with_decimals(digits: int, places: int) -> Decimal:
    return Decimal(digits).scaleb(-places)


DIGITS = st.integers(min_value=0, max_value=10**20 - 1)
NUMBERS = st.builds(with_decimals, DIGITS, st.integers(0, 12))
SECONDS = st.integers(0, 10**9) | st.builds(with_decimals, st.integers(0, 10**12), st.just(3))
DURATIONS = st.builds(
    Duration,
    months=st.integers(0, 1000),
    days=st.integers(0, 100000),
    seconds=SECONDS.map(Decimal),
    business_days=st.integers(0, 10000),
    business_seconds=SECONDS.map(Decimal),
)
WHOLE_TIMES = st.times(timezones=st.none()).map(lambda t: t.replace(microsecond=0))
INSTANTS = st.builds(datetime.combine, DATES, WHOLE_TIMES | st.times(timezones=st.none()))
UNITS = st.sampled_from(["m", "m²", "m³", "km", "kg", "l", "t", "ha", "kWh"])
LITERALS = st.one_of(
    st.tuples(NUMBERS, st.just(NUMBER)),
    st.tuples(NUMBERS, st.just(PERCENTAGE)),
    st.tuples(NUMBERS, UNITS.map(number_in)),
    st.tuples(st.builds(Money, NUMBERS, st.sampled_from(sorted(CURRENCY_CODES))), st.just(MONEY)),
    st.tuples(DATES, st.just(DATE)),
    st.tuples(WHOLE_TIMES, st.just(TIME)),
    st.tuples(INSTANTS, st.just(DATETIME)),
    st.tuples(DURATIONS, st.just(DURATION)),
)


@pytest.mark.parametrize("language", languages())
@settings(max_examples=1500, deadline=None)
@given(literal=LITERALS)
def test_what_is_written_is_read_as_the_same_value(language: str, literal: tuple[Any, Type]) -> None:
    value, type_ = literal
    written = write_literal(value, type_, lexicon(language))
    match = read_literal(written, 0, lexicon(language))
    assert match is not None
    assert (match.end, match.problem) == (len(written), None)
    assert (match.value, match.unit) == (value, type_.unit)
    assert match.kind == ("quantity" if type_.unit else type_.kind)


@pytest.mark.parametrize("language", languages())
@settings(max_examples=500, deadline=None)
@given(literal=LITERALS)
def test_what_readers_see_can_be_read_too(language: str, literal: tuple[Any, Type]) -> None:
    value, type_ = literal
    if isinstance(value, date) and (value.year < 1000 or getattr(value, "microsecond", 0)):
        return
    written = write_value(value, type_, lexicon(language))
    match = read_literal(written, 0, lexicon(language))
    assert match is not None
    assert (match.end, match.value, match.problem) == (len(written), value, None)


@pytest.mark.parametrize(
    "value",
    [
        "text",
        Reference("deal", "A-1"),
        time(9, microsecond=1),
        datetime(2026, 1, 1, tzinfo=UTC),
        Duration(days=1, months=-1),
    ],
)
def test_what_no_literal_stands_for_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="no literal"):
        write_literal(value, TEXT, lexicon("fr"))


# --- from one language to the other -------------------------------------------------------------------------------

TRANSLATED = [
    ("1er", "1st"),
    ("90 minutes", "90 minutes"),
    ("24 mois", "24 months"),
    ("1 an et 6 mois", "1 year and 6 months"),
    ("2 heures 30 minutes", "2 hours 30 minutes"),
    ("5 jours ouvrés", "5 business days"),
    ("27 novembre 2026", "November 27, 2026"),
    ("1er janvier 2026 à 14h", "January 1, 2026 at 2pm"),
    ("27/11/2026", "2026-11-27"),
    ("27/11/2026 à 9h30", "2026-11-27 at 9:30 am"),
    ("10 000 €", "€10,000"),
    ("12,5 %", "12.5 %"),
    ("30 m²", "30 m²"),
    ("9h", "9am"),
]


@pytest.mark.parametrize(("french", "english"), TRANSLATED)
def test_a_literal_keeps_its_form_in_the_other_language(french: str, english: str) -> None:
    assert translate_literal(french, lexicon("fr"), lexicon("en")) == english
    assert translate_literal(english, lexicon("en"), lexicon("fr")) == french


@settings(max_examples=500, deadline=None)
@given(literal=LITERALS)
def test_a_translated_literal_keeps_its_value(literal: tuple[Any, Type]) -> None:
    value, type_ = literal
    french, english = lexicon("fr"), lexicon("en")
    written = write_literal(value, type_, french)
    translated = translate_literal(written, french, english)
    match = read_literal(translated, 0, english)
    assert match is not None
    assert (match.end, match.value, match.problem) == (len(translated), value, None)
    back = read_literal(translate_literal(translated, english, french), 0, french)
    assert back is not None
    assert back.value == value


def test_an_expected_duration_stays_one() -> None:
    assert translate_literal("2h30", lexicon("fr"), lexicon("en"), duration_expected=True) == "2h30"


@pytest.mark.parametrize("text", ["3.000", "31/12", "appels", "5 appels"])
def test_what_is_no_literal_is_left_as_it_is(text: str) -> None:
    assert translate_literal(text, lexicon("fr"), lexicon("en")) == text
