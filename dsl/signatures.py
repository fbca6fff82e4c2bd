"""The built-in functions and operators, with one name for each overload.

``number`` stands for a number of any unit. Where a result's unit depends on the operands' the resolver computes it.
Arguments and results are given by the kind of their type; ``same`` in a result is the type of the first argument.
Unless said otherwise a function over a missing argument is missing (comparisons: unknown).
"""

from __future__ import annotations

from typing import NamedTuple


class Signature(NamedTuple):
    """The kinds of the arguments and of the result, and what the function means in one line."""

    arguments: tuple[str, ...]
    result: str
    meaning: str


SIGNATURES: dict[str, Signature] = {
    # comparisons; `any` is any value of one type; texts compare exactly after NFC
    "equal": Signature(("any", "any"), "boolean", "both missing, or the same value"),
    "not_equal": Signature(("any", "any"), "boolean", "not equal; a missing value is a value"),
    "one_of": Signature(("any", "any..."), "boolean", "equal to one of the others"),
    "less": Signature(("ordered", "ordered"), "boolean", "a < b, unknown when one is missing"),
    "less_or_equal": Signature(("ordered", "ordered"), "boolean", "a <= b"),
    "greater": Signature(("ordered", "ordered"), "boolean", "a > b"),
    "greater_or_equal": Signature(("ordered", "ordered"), "boolean", "a >= b"),
    "between": Signature(("ordered", "ordered", "ordered"), "boolean", "low <= x <= high"),
    "time_between": Signature(("time", "time", "time"), "boolean", "the time of day, across midnight if low > high"),
    "contains": Signature(("text", "text"), "boolean", "ignores case and accents"),
    "list_contains": Signature(("list", "any"), "boolean", "the list has that member"),
    "starts_with": Signature(("text", "text"), "boolean", "ignores case and accents"),
    "ends_with": Signature(("text", "text"), "boolean", "ignores case and accents"),
    "matches": Signature(("text", "text"), "boolean", "the whole text fits the pattern, `*` is any run of characters"),
    # arithmetic: decimal, 34 digits, half-even
    "add": Signature(("number", "number"), "same", "numbers of one unit"),
    "subtract": Signature(("number", "number"), "same", ""),
    "multiply": Signature(("number", "number"), "number", "m x m is m²"),
    "divide": Signature(("number", "number"), "number", "missing when the divisor is 0"),
    "power": Signature(("number", "number"), "number", ""),
    "negate": Signature(("number",), "same", ""),
    "add_money": Signature(("money", "money"), "money", "one currency, else an error"),
    "subtract_money": Signature(("money", "money"), "money", ""),
    "multiply_money": Signature(("money", "number"), "money", ""),
    "divide_money": Signature(("money", "number"), "money", ""),
    "ratio_money": Signature(("money", "money"), "number", ""),
    "negate_money": Signature(("money",), "money", ""),
    "percent_on": Signature(("number", "percentage"), "same", "x + 10 %: ten per cent more"),
    "percent_off": Signature(("number", "percentage"), "same", "x - 10 %"),
    "percent_of": Signature(("percentage", "number"), "number", "5 % of x; also x times a percentage"),
    "percent_on_money": Signature(("money", "percentage"), "money", ""),
    "percent_off_money": Signature(("money", "percentage"), "money", ""),
    "percent_of_money": Signature(("percentage", "money"), "money", ""),
    "add_percentage": Signature(("percentage", "percentage"), "percentage", "5 % + 3 % is 8 %"),
    "subtract_percentage": Signature(("percentage", "percentage"), "percentage", ""),
    "multiply_percentage": Signature(("percentage", "number"), "percentage", ""),
    "divide_percentage": Signature(("percentage", "number"), "percentage", ""),
    "negate_percentage": Signature(("percentage",), "percentage", ""),
    "ratio": Signature(("percentage", "percentage"), "number", ""),
    "concatenate": Signature(("text", "text"), "text", ""),
    # dates; months clamp to the last day; seconds are elapsed, business time follows the calendar
    "add_duration": Signature(("date", "duration"), "same", "civil: a date and whole days, months"),
    "subtract_duration": Signature(("date", "duration"), "same", ""),
    "add_duration_instant": Signature(("datetime", "duration"), "datetime", ""),
    "subtract_duration_instant": Signature(("datetime", "duration"), "datetime", ""),
    "add_durations": Signature(("duration", "duration"), "duration", ""),
    "subtract_durations": Signature(("duration", "duration"), "duration", ""),
    "multiply_duration": Signature(("duration", "number"), "duration", ""),
    "negate_duration": Signature(("duration",), "duration", ""),
    "days_between": Signature(("date", "date"), "duration", "d1 - d2 of two dates, in days"),
    "time_elapsed": Signature(("datetime", "datetime"), "duration", "i1 - i2 of two instants, in seconds"),
    "number_of_days": Signature(("date", "date"), "number", "whole days from a to b"),
    "in_duration": Signature(("duration",), "datetime", "now plus it: `dans 2 heures`"),
    "ago": Signature(("duration",), "datetime", "now minus it: `il y a 3 jours`"),
    "now": Signature((), "datetime", "the instant of the event"),
    "today": Signature((), "date", "the local date of now"),
    "tomorrow": Signature((), "date", ""),
    "yesterday": Signature((), "date", ""),
    "time_of_day": Signature(("datetime",), "time", "in the project's time zone"),
    "year": Signature(("date",), "number", "local"),
    "month": Signature(("date",), "number", "1 to 12"),
    "day": Signature(("date",), "number", "of the month"),
    "weekday": Signature(("date",), "number", "1 is Monday"),
    "date_at": Signature(("date", "time"), "datetime", "that local time of that date"),
    "to_datetime": Signature(("date",), "datetime", "local midnight of the date"),
    "to_date": Signature(("datetime",), "date", "the local date"),
    # numbers
    "round": Signature(("number", "number"), "same", "to n decimals, halves away from zero"),
    "round_up": Signature(("number",), "same", "the least whole number not below"),
    "round_down": Signature(("number",), "same", "the greatest whole number not above"),
    "absolute": Signature(("number",), "same", ""),
    "minimum_of_two": Signature(("ordered", "ordered"), "same", ""),
    "maximum_of_two": Signature(("ordered", "ordered"), "same", ""),
    # texts
    "length": Signature(("text",), "number", "in characters"),
    "uppercase": Signature(("text",), "text", ""),
    "lowercase": Signature(("text",), "text", ""),
    # conversions the resolver inserts
    "to_money": Signature(("number",), "money", "in the project's currency"),
    "digits": Signature(("number",), "text", "a number as mere digits: a year in a text"),
    "key": Signature(("reference",), "text", "the identifier of an object"),
    "of_kind": Signature(("any", "text"), "reference", "the object, missing when it is of another type than that"),
}
"""``round``, ``round_up``, ``round_down``, ``absolute``, ``add_duration`` take money and percentages, or instants, too:
the value's own class tells, and the result has the type of the first argument."""
