"""``quand.toml``: defaults, every key, and what is said about a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from quand.project.config import BUDGETS, Config, load_config, read_config
from quand.project.errors import ProjectError
from quand.project.paths import find_config


def config(folder: Path, text: str) -> Config:
    path = folder / "quand.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path)


def refused(folder: Path, text: str, language: str = "fr") -> str:
    """What is said about a file, without the folder it is in."""
    with pytest.raises(ProjectError) as caught:
        config(folder, text)
    return caught.value.text(language).removeprefix(f"{folder}/")


def test_every_key_has_a_default() -> None:
    settings = Config().settings
    assert (settings.language, settings.timezone, settings.currency, settings.holidays) == (
        "fr",
        "Europe/Paris",
        "EUR",
        "FR",
    )
    assert settings.hours == dict.fromkeys("12345", "09:00-18:00")
    assert settings.budgets == BUDGETS
    assert Config().data is None


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert config(tmp_path, "").settings == Config().settings


def test_every_key_is_read(tmp_path: Path) -> None:
    read = config(
        tmp_path,
        """
        language = "en"
        timezone = "America/New_York"
        currency = "USD"
        holidays = "US-CA"
        hours = { mon-fri = "08:00-12:00, 13:00-17:00", sat = "09:00-12:00" }
        data = "postgresql://db/crm"
        vocabulary = ["modele.rules"]
        webhook_hosts = ["api.example.com"]
        budgets = { waves = 5 }
        """,
    )
    assert read.settings.language == "en"
    assert read.settings.timezone == "America/New_York"
    assert read.settings.currency == "USD"
    assert read.settings.holidays == "US-CA"
    assert read.settings.hours["5"] == "08:00-12:00,13:00-17:00"
    assert read.settings.hours["6"] == "09:00-12:00"
    assert "7" not in read.settings.hours
    assert read.data == "postgresql://db/crm"
    assert read.vocabulary == (tmp_path / "modele.rules",)
    assert read.webhook_hosts == ("api.example.com",)
    assert read.settings.budgets == {**BUDGETS, "waves": 5}


def test_days_may_go_round_the_end_of_the_week(tmp_path: Path) -> None:
    assert set(config(tmp_path, 'hours = { sat-mon = "10:00-18:00" }').settings.hours) == {"6", "7", "1"}


def test_a_file_of_data_is_beside_the_configuration(tmp_path: Path) -> None:
    assert config(tmp_path, 'data = "sqlite:///crm.db"').data == f"sqlite:///{tmp_path.as_posix()}/crm.db"
    assert config(tmp_path, 'data = "sqlite:////srv/crm.db"').data == "sqlite:////srv/crm.db"


def test_it_is_found_from_a_file_upwards(tmp_path: Path) -> None:
    (tmp_path / "quand.toml").write_text('currency = "CHF"', encoding="utf-8")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "x.rules").write_text("", encoding="utf-8")
    assert find_config(deep / "x.rules") == tmp_path / "quand.toml"
    assert load_config(deep).settings.currency == "CHF"


def test_an_unknown_key_suggests_the_near_one(tmp_path: Path) -> None:
    assert refused(tmp_path, '\ntimezon = "Europe/Paris"') == (
        "quand.toml:2: le réglage « timezon » n'existe pas : vouliez-vous dire « timezone » ?"
    )
    assert "language, timezone, currency" in refused(tmp_path, "qqq = 1", "en")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('language = "de"', "choisissez en ou fr"),
        ("language = 3", "choisissez en ou fr"),
        ('timezone = "Mars/Base"', "Europe/Paris"),
        ('timezone = "../etc"', "Europe/Paris"),
        ('currency = "euro"', "trois lettres"),
        ('holidays = "France"', "FR-57"),
        ('hours = "09:00-18:00"', "accolades"),
        ('hours = { lundi = "09:00-18:00" }', "mon-fri"),
        ('hours = { mon = "18:00-09:00" }', "heures d'ouverture"),
        ('hours = { mon = "09:00-12:00, 11:00-18:00" }', "heures d'ouverture"),
        ('hours = { mon = "9h-18h" }', "heures d'ouverture"),
        ("hours = { mon = 9 }", "heures d'ouverture"),
        ("budgets = { waves = 0 }", "au moins 1"),
        ("budgets = { wave = 10 }", "« waves »"),
        ('data = "crm.db"', "sqlite:///crm.db"),
        ('vocabulary = "modele.rules"', "liste de textes"),
        ("webhook_hosts = [1]", "liste de textes"),
    ],
)
def test_a_wrong_value_says_what_to_write(tmp_path: Path, text: str, part: str) -> None:
    said = refused(tmp_path, "\n\n" + text)
    assert said.startswith("quand.toml:3: ")
    assert part in said


def test_what_is_not_toml_says_where(tmp_path: Path) -> None:
    assert refused(tmp_path, 'language = "fr"\ntimezone = Paris').startswith("quand.toml:2:")


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "quand.toml").write_bytes(b'# r\xe9glages\nlanguage = "fr"')
    with pytest.raises(ProjectError) as caught:
        load_config(tmp_path)
    assert "UTF-8" in caught.value.text("en")
