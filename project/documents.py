"""The connector that makes documents, from what ``[connectors.documents]`` of ``quand.toml`` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..dsl import ir
from ..dsl.values import Reference
from ..runtime.connectors.documents import DocumentConnector
from ..runtime.dates import Clockwork
from ..runtime.documents.facts import Facts
from ..runtime.model import Model
from ..runtime.stores.port import Store
from ..stdlib.calendars import project_calendar
from .connector_settings import ConnectorSettings

FOLDER = "documents"
"""Where documents are written unless the configuration says so, beside ``quand.toml``."""


def document_connector(
    settings: ConnectorSettings,
    program: ir.Program,
    store: Store,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> DocumentConnector | None:
    """What fills templates with the data of ``store``; ``None`` where no folder of templates is configured.

    ``clock`` tells the day that a document bears.
    """
    table = settings.documents
    if not table:
        return None
    facts = Facts(Model(program), Clockwork(program.settings.timezone, project_calendar(program.settings)))

    def about(subject: Reference | None) -> Mapping[str, Any]:
        with store.transaction(reading=True) as transaction:
            return facts.about(subject, transaction, clock())

    given = {name: table[name] for name in ("seconds", "megabytes") if name in table}
    return DocumentConnector(
        settings.folder / table["templates"], settings.folder / table.get("folder", FOLDER), about, **given
    )
