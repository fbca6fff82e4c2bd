"""A declaration as text, laid out."""

from __future__ import annotations

from .headings import marks
from .layout import lay_out, levels
from .pieces import read_break
from .printing import Printer


def typeset(printer: Printer) -> str:
    """The declaration of a printer as text, without the comments above and below it and without a last line break."""
    parsed = printer.parsed
    last = read_break(f"{parsed.trailing}\n")
    return lay_out(printer.declaration(marks), levels(parsed), printer.spaced, last.comment if last else "")
