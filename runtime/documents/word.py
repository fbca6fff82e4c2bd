"""Word templates: a ``.docx`` with tags in its text stays one."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from .filling import environment
from .written import World, Wrong

MOST_BYTES = 100_000_000
"""How much a template may unpack to."""


def fill(template: Path, target: Path, world: World) -> None:
    """Write the filled template. Raises :class:`~.written.Wrong`."""
    try:
        with zipfile.ZipFile(template) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise Wrong("document_template_large", limit=MOST_BYTES // 1_000_000)
    except zipfile.BadZipFile:
        raise Wrong("document_template_broken", name=template.name) from None
    # a child process pays for what it needs
    from docx.opc.exceptions import OpcError
    from docxtpl import DocxTemplate

    try:
        document: Any = DocxTemplate(str(template))
        document.render({}, environment(world), autoescape=True)
        document.save(str(target))
    except (OpcError, KeyError, ValueError) as error:
        raise Wrong("document_template_broken", name=template.name) from error
