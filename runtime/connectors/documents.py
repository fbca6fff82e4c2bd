"""Documents: templates are filled into files, and go with e-mails.

The file of a document is ``<folder>/<identifier of the document>/<name>``, the same in every attempt, so that it is
made once. It is written whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import attrs

from ...dsl.values import Reference
from ..documents.render import form_of, render
from ..stores.port import Effect
from .port import Postponed, Rate, Reader, Rejected
from .smtp import Attachment

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff\u202a-\u202e\u2066-\u2069]+')
_LONGEST_NAME: Final = 100
_LONGEST_FOLDER: Final = 200
_MEDIA_TYPES: Mapping[str, str] = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
    ".html": "text/html",
}

FactsAbout = Callable[["Reference | None"], Mapping[str, Any]]
"""What a template may speak of, with that subject. Raises :class:`~..stores.port.StoreError`."""


@attrs.frozen
class DocumentConnector:
    """Fills templates of the folder ``templates`` and writes the documents into ``folder``.

    ``megabytes`` is the memory that filling one may take, ``seconds`` the time.
    """

    templates: Path
    folder: Path
    facts: FactsAbout
    seconds: float = 30.0
    megabytes: int = 1500
    at_most_once: bool = False
    rates: tuple[Rate, ...] = ()

    def recipient(self, effect: Effect, read: Reader) -> str:
        """The template: nobody else is concerned."""
        return str(effect.arguments.get("template") or "")

    def send(self, effect: Effect, recipient: str, read: Reader) -> None:
        """Make the document, unless it is there."""
        template = self._template(recipient)
        asked = effect.arguments.get("format")
        form = form_of(recipient, asked if isinstance(asked, str) else None)
        document = effect.arguments.get("document")
        identifier = document.id if isinstance(document, Reference) else effect.key
        name = effect.arguments.get("name")
        target = self.place(identifier) / f"{file_name(name if isinstance(name, str) else template.stem)}.{form}"
        if target.is_file():
            return
        subject = effect.arguments.get("subject", effect.object)
        facts = self.facts(subject if isinstance(subject, Reference) else None)
        if facts["root"] is None and isinstance(subject, Reference):
            raise Rejected("document_subject_gone", object=subject.id)
        # a process that starts and is stopped needs its part of the time
        render(template, target, form, facts, seconds=max(1, int(self.seconds) - 6), megabytes=self.megabytes)

    def _template(self, name: str) -> Path:
        folder = self.templates.resolve()
        if not name.strip() or "\x00" in name:
            raise Rejected("document_no_name")
        try:
            path = (folder / name).resolve()
            there = path.is_file()
        except (OSError, RuntimeError, ValueError) as error:
            # too long, or no name on this system
            raise Rejected("document_no_template", name=name[:_LONGEST_NAME]) from error
        if not path.is_relative_to(folder):
            raise Rejected("document_outside", name=name)
        if not there:
            raise Rejected("document_no_template", name=name)
        return path

    def place(self, identifier: str) -> Path:
        """The folder of one document; no identifier leads out of the folder of all."""
        safe = quote(identifier, safe=" ", errors="surrogatepass")
        if not safe.strip(". "):
            safe = safe.replace(".", "%2E").replace(" ", "%20")
        if len(safe) > _LONGEST_FOLDER:
            # no two documents share one
            safe = f"{safe[: _LONGEST_FOLDER - 65]}.{sha256(safe.encode('ascii')).hexdigest()}"
        return self.folder / safe

    def attachment(self, document: Reference, read: Reader) -> Attachment:
        """The file of a document, for an e-mail; see :data:`~.smtp.Attacher`."""
        place = self.place(document.id)
        found = sorted(
            path for path in place.glob("*") if path.suffix in _MEDIA_TYPES and not path.name.startswith(".")
        )
        if not found:
            raise Postponed("document_not_made", object=document.id)
        try:
            content = found[0].read_bytes()
        except OSError as error:
            raise Postponed("document_unreadable", name=str(found[0]), reason=error.strerror or str(error)) from error
        return Attachment(found[0].name, _MEDIA_TYPES[found[0].suffix], content)


def file_name(name: str) -> str:
    """A name that every system takes as that of a file: no path, no signs that mean something, not too long."""
    safe = " ".join(_NOT_IN_NAMES.sub(" ", name).split()).strip(". ")
    while len(safe.encode()) > _LONGEST_NAME:
        safe = safe[:-1]
    return safe.strip(". ") or "document"
