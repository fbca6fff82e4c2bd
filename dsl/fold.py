"""Folding of words for comparison: case, accents, kinds of apostrophe and of space, ``œ`` and ``æ``.

Small words that differ from another word by their accent alone keep it (``où``/``ou``); they are listed in the table
of words of each language under ``articles.keep_accents``.
"""

from __future__ import annotations

import unicodedata

APOSTROPHES = "'’ʼ‘´`"
SPACES = " \t\u00a0\u202f\u2009\u2007"

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", **dict.fromkeys(APOSTROPHES, "'")})


def fold(word: str, keep_accents: frozenset[str] = frozenset()) -> str:
    """The form under which a word is compared.

    NFD, not NFKD: ``m²`` must not become ``m2``.
    """
    if word.isascii():
        return word.lower()
    lowered = unicodedata.normalize("NFC", word).lower().translate(_LETTERS)
    if lowered in keep_accents:
        return lowered
    decomposed = unicodedata.normalize("NFD", lowered)
    return "".join(c for c in decomposed if not unicodedata.combining(c))
