"""Quand: a readable French and English rule language for business automation.

::

    program = quand.compile("rules/")
    engine = quand.Engine(program, store=quand.open_store("sqlite:///crm.db"))
    outcome = engine.process({"event": "deal.created", "data": {"id": "A-1"}})

Each name is imported when it is first used, so that ``import quand`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .project.compile import CompilationError
    from .project.engine import Engine
    from .project.findings import Finding
    from .project.library import compile, compile_text  # noqa: A004 - the name the contract gives
    from .project.stores import open_store
    from .project.version import __version__
    from .runtime.outcome import Outcome
    from .runtime.program import Program

__all__ = [
    "CompilationError",
    "Engine",
    "Finding",
    "Outcome",
    "Program",
    "__version__",
    "compile",
    "compile_text",
    "open_store",
]

_HOMES = {
    "CompilationError": ".project.compile",
    "Engine": ".project.engine",
    "Finding": ".project.findings",
    "Outcome": ".runtime.outcome",
    "Program": ".runtime.program",
    "__version__": ".project.version",
    "compile": ".project.library",
    "compile_text": ".project.library",
    "open_store": ".project.stores",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(home, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
