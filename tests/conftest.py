"""How many programs a property is tried on (a few in the quick suite, a thousand with ``HYPOTHESIS_PROFILE=long``),
and nothing remembered from one test to the next.
"""

from __future__ import annotations

import os
import sys

from hypothesis import HealthCheck, settings

_ANY = list(HealthCheck)
settings.register_profile("quick", max_examples=30, deadline=None, suppress_health_check=_ANY)
settings.register_profile("long", max_examples=1000, deadline=None, suppress_health_check=_ANY)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

os.environ["QUAND_CACHE"] = "off"


def pytest_sessionfinish() -> None:
    """Stop the database server that tests may have started."""
    started = sys.modules.get("postgres_server")
    if started is not None:
        started.stop()
