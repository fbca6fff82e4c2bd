"""A new project: a configuration, a few rules, events to try them on."""

from __future__ import annotations

from pathlib import Path

from .errors import ProjectError
from .paths import CONFIG_NAME

README = "README.md"
TEMPLATES = Path(__file__).parent / "templates"
"""A folder per language, copied as it stands."""


def create_project(folder: Path, language: str) -> list[Path]:
    """Write the files of a new project in that language; the paths written, in alphabetical order.

    Nothing is ever overwritten: raises :class:`~.errors.ProjectError` where one of the files is there already, before
    anything is written, and where the folder cannot be written to. A folder that has a README keeps it.
    """
    templates = sorted((TEMPLATES / language).iterdir())
    templates = [template for template in templates if template.name != README or not (folder / README).exists()]
    targets = [folder / template.name for template in templates]
    if (folder / CONFIG_NAME).exists():
        raise ProjectError("project_exists", file=str(folder / CONFIG_NAME))
    for target in targets:
        if target.exists():
            raise ProjectError("file_exists", file=str(target))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for template, target in zip(templates, targets, strict=True):
            target.write_bytes(template.read_bytes())
    except OSError as error:
        raise ProjectError.of("cannot_write", error, str(folder)) from error
    return targets
