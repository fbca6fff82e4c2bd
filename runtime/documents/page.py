"""HTML templates: filled, and printed as PDF where asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .filling import environment
from .written import World, Wrong


def fill(template: Path, target: Path, world: World) -> None:
    """Write the filled page, in UTF-8. Raises :class:`~.written.Wrong`."""
    target.write_text(_filled(template, world), encoding="utf-8")


def print_pdf(template: Path, target: Path, world: World) -> None:
    """Write the page as PDF; pictures and styles come from the template's folder. Raises :class:`~.written.Wrong`."""
    text = _filled(template, world)
    try:
        # a child process pays for what it needs, and the library needs others of the system
        from weasyprint import HTML

        from .fetching import FolderFetcher
    except (ImportError, OSError) as error:
        raise Wrong("document_no_pdf", reason=str(error).splitlines()[0][:200]) from error
    fetcher = FolderFetcher(template.parent)
    base = template.parent.resolve().as_uri() + "/"
    document: Any = HTML(string=text, base_url=base, url_fetcher=fetcher)
    document.write_pdf(str(target))
    if fetcher.refused:
        raise Wrong("document_refused_file", name=fetcher.refused[0][:200])


def _filled(template: Path, world: World) -> str:
    try:
        made = environment(world, template.parent).get_template(template.name)
    except UnicodeDecodeError:
        raise Wrong("document_template_broken", name=template.name) from None
    return made.render()
