"""From ``quand.toml`` and the environment to what sends."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..dsl import ir
from ..runtime.connectors.documents import DocumentConnector
from ..runtime.connectors.notify import FileConnector, LogConnector
from ..runtime.connectors.port import Connector, Rate
from ..runtime.connectors.sms import FIELDS, SmsConnector
from ..runtime.connectors.smtp import PORTS, EmailConnector
from ..runtime.connectors.webhook import Host, WebhookConnector
from ..runtime.deliveries import FunctionConnector
from ..runtime.outbox import Policy
from ..runtime.stores.port import Store
from .config import Config
from .connector_settings import ConnectorSettings
from .documents import document_connector
from .engine import installed_actions, installed_names
from .errors import ProjectError

NOTIFY = {"to": "user", "subject": "message", "text": "message"}
"""The arguments of ``notify`` that a message is made of."""


def connectors_of(
    config: Config,
    environment: Mapping[str, str] | None = None,
    *,
    program: ir.Program | None = None,
    store: Store | None = None,
) -> dict[str, Connector]:
    """What delivers each action: what ``quand.toml`` says, then the functions that are installed.

    ``environment`` holds the secrets, that of this process unless given; documents speak of the data of ``store`` as
    ``program`` knows them, and are not made without these. What is not configured is left out, and its effects wait.
    Raises :class:`~.errors.ProjectError` for a secret that is not there.
    """
    documents = None
    if program is not None and store is not None and config.connectors is not None:
        documents = document_connector(config.connectors, program, store)
    makers = _Makers(config, os.environ if environment is None else environment, documents)
    return {**makers.all(), **{name: FunctionConnector(function) for name, function in installed_actions()}}


def delivered_actions(config: Config) -> frozenset[str]:
    """The actions that something delivers, whether its secrets are there or not."""
    settings = config.connectors or ConnectorSettings()
    configured = {
        "send email": settings.email,
        "send SMS": settings.sms,
        "call webhook": settings.webhook,
        "notify": settings.notify,
        "generate document": settings.documents,
    }
    return frozenset({"log", *(name for name, table in configured.items() if table), *installed_names()})


def policy_of(config: Config) -> Policy:
    """When a project tries again and gives up."""
    settings = config.connectors
    given: dict[str, Any] = {}
    if settings is not None and settings.attempts is not None:
        given["attempts"] = settings.attempts
    if settings is not None and settings.hours is not None:
        given["age"] = timedelta(hours=settings.hours)
    return Policy(**given)


class _Makers:
    """Makes the connectors of one configuration."""

    def __init__(self, config: Config, environment: Mapping[str, str], documents: DocumentConnector | None) -> None:
        self._config = config
        self._settings = config.connectors or ConnectorSettings()
        self._environment = environment
        self._documents = documents

    def all(self) -> dict[str, Connector]:
        """The connectors by action."""
        settings = self._settings
        made: dict[str, Connector] = {"log": self._log()}
        if settings.email:
            made["send email"] = self._email(settings.email)
        if settings.sms:
            made["send SMS"] = self._sms(settings.sms)
        if settings.webhook:
            made["call webhook"] = self._webhook()
        if settings.notify:
            made["notify"] = self._notify()
        if self._documents is not None:
            made["generate document"] = self._documents
        return made

    def _email(self, table: Mapping[str, Any], **arguments: Any) -> EmailConnector:
        security = table.get("security", "starttls")
        return EmailConnector(
            table["host"],
            table["from"],
            port=table.get("port", PORTS[security]),
            security=security,
            sender_name=table.get("name", ""),
            user=table.get("user", ""),
            password=self._secret(table, "password_env"),
            reply_to=table.get("reply_to", ""),
            attacher=None if self._documents is None else self._documents.attachment,
            **_common(table),
            **arguments,
        )

    def _sms(self, table: Mapping[str, Any], **arguments: Any) -> SmsConnector:
        given = {name: table[f"{name}_field"] for name in FIELDS if f"{name}_field" in table}
        return SmsConnector(
            table["url"],
            token=self._secret(table, "token_env"),
            token_header=table.get("token_header", "Authorization"),
            sender=table.get("from", ""),
            fields={**FIELDS, **given},
            country_code=table.get("country_code", ""),
            **_common(table),
            **arguments,
        )

    def _webhook(self) -> WebhookConnector:
        hosts = {
            name: Host(self._secret(table, "key_env"), table.get("private", False), table.get("http", False))
            for name, table in self._settings.webhook.items()
        }
        return WebhookConnector(hosts, self._config.settings.currency)

    def _notify(self) -> Connector:
        table, settings = self._settings.notify, self._settings
        if table["by"] == "file":
            if "file" not in table:
                raise self._problem("config_required", table="connectors.notify", missing="file")
            return FileConnector(settings.folder / table["file"], self._config.settings.currency, NOTIFY["to"])
        other = settings.email if table["by"] == "email" else settings.sms
        if not other:
            raise self._problem("connector_missing", name=table["by"])
        if table["by"] == "email":
            return self._email(other, **NOTIFY)
        return self._sms(other, to=NOTIFY["to"], text=NOTIFY["text"])

    def _log(self) -> Connector:
        name = self._settings.log.get("file")
        if name is None:
            return LogConnector()
        return FileConnector(self._settings.folder / name, self._config.settings.currency)

    def _secret(self, table: Mapping[str, Any], key: str) -> str:
        """What the variable holds that a setting names; ``""`` where there is no such setting."""
        variable = table.get(key)
        if variable is None:
            return ""
        value = self._environment.get(variable, "").strip()
        if not value or not value.isprintable():
            raise self._problem("connector_secret", name=variable, setting=key)
        return value

    def _problem(self, key: str, **facts: Any) -> ProjectError:
        return ProjectError(key, file=str(self._config.path) if self._config.path is not None else None, **facts)


def _common(table: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that all have."""
    periods = {"per_hour": timedelta(hours=1), "per_day": timedelta(days=1)}
    rates = tuple(Rate(table[name], period) for name, period in periods.items() if name in table)
    given = {name: table[name] for name in ("seconds", "at_most_once") if name in table}
    return {"rates": rates, **given}
