"""Folders import each other in one direction, and starting costs nothing that is not needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

import quand

ROOT = Path(__file__).parent.parent


def test_folders_import_in_one_direction(capsys: pytest.CaptureFixture[str]) -> None:
    """grammar -> dsl -> runtime -> stdlib -> project -> lsp -> cli, as pyproject.toml says."""
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_no_folder_imports_the_root() -> None:
    graph = grimp.build_graph("quand", cache_dir=None)
    assert graph.find_modules_that_directly_import("quand") == set()


def test_the_root_gives_all_it_names() -> None:
    missing = [name for name in quand.__all__ if getattr(quand, name, None) is None]
    assert missing == []
    assert set(quand.__all__) <= set(dir(quand))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'compil'"):
        getattr(quand, "compil")  # noqa: B009 - type checkers know it is not there


def modules_after(statement: str) -> set[str]:
    """The modules that are loaded once a statement has run in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_imports_no_library() -> None:
    assert not modules_after("import quand") & {"lark", "attrs", "attr", "click", "sqlalchemy"}


def test_the_compiled_form_is_read_without_the_parser() -> None:
    assert "lark" not in modules_after("import quand.dsl.ir, quand.dsl.ir_json, quand.runtime.program")
