"""Regular expressions that are compiled when they are first used: many are for forms that most files do not have."""

from __future__ import annotations

import re
from typing import Any, cast


def lazy_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """What ``re.compile`` gives, compiled on first use. An error in ``source`` is raised then, not now."""
    return cast("re.Pattern[str]", _LazyPattern(source, flags))


class _LazyPattern:
    """Takes each method from the compiled pattern when it is first asked for, and keeps it."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, found)
        return found
