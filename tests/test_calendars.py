"""Business calendars: opening hours of the project, public holidays of a country or of one of its regions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from quand.project.compile import load_text
from quand.project.config import read_config
from quand.project.engine import make_engine
from quand.runtime.outcome import Outcome

RULES = "quand une affaire est créée alors échéance = aujourd'hui + 2 jours ouvrés"


def due(settings: str, at: str) -> Outcome:
    """What comes of a deal made at an instant, its due date two business days later."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "quand.toml")
        file.write_text(settings, encoding="utf-8")
        config = read_config(file)
    project = load_text(RULES, config=config)
    engine = make_engine(project.checked(), config)
    return engine.process({"event": "affaire.créée", "at": at, "data": {"id": "A-1"}})


def due_date(settings: str, at: str) -> object:
    (change,) = due(settings, at).changes
    return change.set["due date"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        # Good Friday and Easter Monday 2026 are the 3rd and the 6th of April
        ("FR", date(2026, 4, 3)),
        ("FR-57", date(2026, 4, 7)),
        ("DE", date(2026, 4, 7)),
        ("US", date(2026, 4, 3)),
        ("", date(2026, 4, 3)),
    ],
)
def test_holidays_are_those_of_the_country_or_region(place: str, expected: date) -> None:
    assert due_date(f'holidays = "{place}"', "2026-04-01T10:00:00+02:00") == expected
    # from Saturday: Monday is a holiday but in the United States and where none are counted
    after = date(2026, 4, 7) if place in {"US", ""} else date(2026, 4, 8)
    assert due_date(f'holidays = "{place}"', "2026-04-04T10:00:00+02:00") == after


def test_business_days_are_those_with_hours() -> None:
    hours = 'hours = { tue-sat = "09:00-12:00, 14:00-18:00" }'
    assert due_date(hours, "2026-04-10T10:00:00+02:00") == date(2026, 4, 14)


def test_a_region_that_is_not_known_is_told_with_those_that_are() -> None:
    outcome = due('holidays = "FR-67"', "2026-04-01T10:00:00+02:00")
    assert outcome.status == "failed"
    (problem,) = outcome.problems
    assert problem.code == "QD526"
    assert "FR-57" in problem.message and "FR-6AE" in problem.message
