"""What one event may cost before it fails whole."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

from .problems import Failure

DEFAULTS: Mapping[str, int] = {"waves": 100, "firings": 10_000, "objects": 10_000, "text": 65_536, "seconds": 10}
"""``text`` is in bytes of UTF-8, the rest counts; ``quand.toml`` may say otherwise."""


class Budgets:
    """The limits of a project, and the clock of the transaction under way."""

    __slots__ = ("_end", "limits")

    def __init__(self, limits: Mapping[str, int]) -> None:
        self.limits = {**DEFAULTS, **limits}
        self._end: float | None = None

    def start(self) -> None:
        """Time runs from here."""
        self._end = monotonic() + self.limits["seconds"]

    def check_time(self) -> None:
        """Raises :class:`Failure` once the time is over."""
        if self._end is not None and monotonic() > self._end:
            raise Failure("QD516", limit=self.limits["seconds"])

    def allows(self, text: str) -> bool:
        """Whether a text is within the limit."""
        limit = self.limits["text"]
        return len(text) * 4 <= limit or len(text.encode("utf-8", "surrogatepass")) <= limit

    def check_text(self, text: str) -> None:
        """Raises :class:`Failure` for a text above the limit."""
        if not self.allows(text):
            raise Failure("QD515", limit=self.limits["text"])
