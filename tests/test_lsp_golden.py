"""Each name of the examples is hovered, completed and renamed, each change on offer is made: as the golden files say.

``QUAND_GOLDEN=update`` writes them anew; what has no file yet gets one. The quick part looks at two projects; the long
one at all of them in both languages, at each name in French.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from lsp_golden import EXAMPLES, acted, described, with_an_error

GOLDEN = Path(__file__).parent / "golden_editor"

FOLDERS = sorted(
    folder
    for example in EXAMPLES.iterdir()
    for language in ("fr", "en")
    if (folder := example / language).is_dir() and any(folder.glob("*.rules"))
)
FRENCH = [folder for folder in FOLDERS if folder.name == "fr"]
QUICK = [EXAMPLES / "renovation" / "fr", EXAMPLES / "discount" / "en"]


def compare(folder: Path, name: str, told: Callable[[Path], list[str]]) -> None:
    path = GOLDEN / f"{folder.parent.name}.{folder.name}.{name}.txt"
    made = "\n".join(told(folder)) + "\n"
    if os.environ.get("QUAND_GOLDEN") == "update":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")
    assert "NOT UNDONE" not in made


def identified(folder: Path) -> str:
    return f"{folder.parent.name}-{folder.name}"


@pytest.mark.parametrize("folder", QUICK, ids=identified)
def test_names_are_hovered_completed_and_renamed(folder: Path) -> None:
    compare(folder, "names", described)


@pytest.mark.parametrize("folder", QUICK, ids=identified)
def test_changes_on_offer_leave_no_error(folder: Path) -> None:
    compare(folder, "changes", acted)


@pytest.mark.parametrize("folder", QUICK, ids=identified)
def test_a_file_with_an_error_is_still_known(folder: Path) -> None:
    compare(folder, "errors", with_an_error)


@pytest.mark.long
@pytest.mark.parametrize("folder", FOLDERS, ids=identified)
def test_all_changes_on_offer_leave_no_error(folder: Path) -> None:
    compare(folder, "changes", acted)


@pytest.mark.long
@pytest.mark.parametrize("folder", FOLDERS, ids=identified)
def test_all_files_with_an_error_are_still_known(folder: Path) -> None:
    compare(folder, "errors", with_an_error)


@pytest.mark.long
@pytest.mark.parametrize("folder", FRENCH, ids=identified)
def test_all_names_are_hovered_completed_and_renamed(folder: Path) -> None:
    compare(folder, "names", described)
