"""Words back to text: phrases as written, plain texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from . import syntax as s


def text_of_words(words: Sequence[s.Word]) -> str:
    """The words as written, one space between them, none inside an elision (``l'étape``) or before a suffix."""
    parts: list[str] = []
    end = -1
    for word in words:
        touches = 0 <= end == word.span.start
        if parts and not touches and not _joins(parts[-1], word.text):
            parts.append(" ")
        parts.append(word.text)
        end = word.span.end or -1
    return "".join(parts)


def _joins(left: str, right: str) -> bool:
    return left.endswith(("'", "’")) or right.startswith(("'", "’"))


def plain_text(text: s.Text) -> str:
    """The characters of a text without holes; a hole counts as nothing."""
    return unicodedata.normalize("NFC", "".join(part for part in text.parts if isinstance(part, str)))


def has_holes(text: s.Text) -> bool:
    return any(not isinstance(part, str) for part in text.parts)
