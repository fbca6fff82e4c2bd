"""The units of numbers, by the tables of the languages, and what multiplying and dividing them gives."""

from __future__ import annotations

from functools import cache

from .lexicon import lexicon


@cache
def _forms(language: str) -> dict[str, str]:
    lexicon_ = lexicon(language)
    units: dict[str, list[str]] = lexicon_.tables["writing"].get("units", {})
    return {lexicon_.fold(form): unit for unit, forms in units.items() for form in (unit, *forms)}


def unit_of(language: str, text: str) -> str | None:
    """The unit a word of a language stands for: ``"mètres"`` is ``"m"``; ``None`` for another word."""
    return _forms(language).get(lexicon(language).fold(text))


_POWERS = {"": 1, "²": 2, "³": 3}
_MARKS = {power: mark for mark, power in _POWERS.items()}


def _split(unit: str) -> tuple[str, int]:
    return (unit[:-1], _POWERS[unit[-1]]) if unit[-1] in "²³" else (unit, 1)


def product(left: str | None, right: str | None) -> str | None:
    """The unit of a product: ``m`` times ``m²`` is ``m³``. Raises ``ValueError`` where there is none."""
    if left is None or right is None:
        return left or right
    (base, power), (other, other_power) = _split(left), _split(right)
    if base != other or power + other_power not in _MARKS:
        raise ValueError(f"{left} × {right}")
    return base + _MARKS[power + other_power]


def quotient(left: str | None, right: str | None) -> str | None:
    """The unit of a quotient: ``m²`` by ``m`` is ``m``. Raises ``ValueError`` where there is none."""
    if right is None:
        return left
    if left is None:
        raise ValueError(f"1 / {right}")
    (base, power), (other, other_power) = _split(left), _split(right)
    if base != other or power < other_power:
        raise ValueError(f"{left} / {right}")
    return None if power == other_power else base + _MARKS[power - other_power]
