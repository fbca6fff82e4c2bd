"""The handler of each group of keywords."""

from __future__ import annotations

from typing import Final

from . import lexer_entries, lexer_tests, lexer_triggers
from .lexer import Handler
from .lexer_reserved import reserved

HANDLERS: Final[dict[str, Handler]] = {
    "reserved": reserved,
    **lexer_tests.HANDLERS,
    **lexer_triggers.HANDLERS,
    **lexer_entries.HANDLERS,
}
