"""Instants that people give on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

from ..runtime.zones import zone
from .config import Config
from .errors import ProjectError


def read_instant(text: str, config: Config) -> datetime:
    """An instant in UTC from ISO 8601; without an offset it is local to the project. Raises :class:`ProjectError`."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ProjectError("wrong_instant", value=text) from error
    return (read if read.tzinfo else read.replace(tzinfo=zone(config.settings.timezone))).astimezone(UTC)
