"""The wheel holds the whole project, and works on a machine that has only the wheel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("wheel")  # the wheel is built once, also when tests run side by side

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NOT_PACKAGES = {"tests", "benchmarks", "docs", "examples", "editors", "build", "dist"}

RULE = "quand affaire créée et entonnoir = 'Réparation clé en main' alors ajouter produit quantité = surface\n"
EVENT = {
    "id": "e1",
    "event": "deal.created",
    "at": "2026-11-23T10:00:00+01:00",
    "data": {"id": "A-1", "entonnoir": "Réparation clé en main", "longueur": 5, "largeur": "6"},
}


def packages_on_disk() -> set[str]:
    """Every folder of the root package that holds Python, by its dotted name."""
    found = {"quand"}
    for init in ROOT.glob("*/**/__init__.py"):
        parts = init.parent.relative_to(ROOT).parts
        if not any(part.startswith(".") or part in NOT_PACKAGES for part in parts):
            found.add(".".join(("quand", *parts)))
    return found


def test_every_folder_on_disk_is_listed_as_a_package() -> None:
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == packages_on_disk()


def test_every_folder_with_python_is_a_package() -> None:
    folders = {
        file.parent
        for name in ("cli", "dsl", "lsp", "project", "runtime", "stdlib")
        for file in (ROOT / name).rglob("*.py")
    }
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_root_holds_no_other_module() -> None:
    """Every Python file of the root would enter the wheel."""
    assert {file.name for file in ROOT.glob("*.py")} == {"__init__.py", "__main__.py"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the sources, so that nothing left in the checkout helps."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    left_out = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "tests", "node_modules")
    shutil.copytree(ROOT, source, ignore=left_out)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of a fresh environment with the wheel and its dependencies."""
    environment = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", environment)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    return scripts


def run(*command: object, cwd: Path | None = None) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "QUAND"))}
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_tables_and_the_vocabulary(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {
        "quand/" + file.relative_to(ROOT).as_posix()
        for pattern in (
            "grammar/*.lark",
            "grammar/*.json",
            "grammar/*/*.toml",
            "grammar/*/*.json",
            "stdlib/*.rules",
            "project/templates/*/*",
            "py.typed",
        )
        for file in ROOT.glob(pattern)
    }
    assert data <= names
    assert not [name for name in names if name.startswith(("tests/", "quand/tests/"))]


def test_the_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    version = run(installed / "python", "-c", "import quand; print(quand.__version__)", cwd=tmp_path).strip()
    assert run(installed / "quand", "--version", cwd=tmp_path) == f"quand {version}\n"
    assert run(installed / "python", "-m", "quand", "--version", cwd=tmp_path) == f"quand {version}\n"


def test_the_installed_command_checks_and_runs_rules(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_text(RULE, encoding="utf-8")
    (tmp_path / "e.jsonl").write_text(json.dumps(EVENT) + "\n", encoding="utf-8")
    run(installed / "quand", "check", "a.rules", cwd=tmp_path)
    outcome = json.loads(run(installed / "quand", "run", "a.rules", "--events", "e.jsonl", cwd=tmp_path))
    assert outcome["status"] == "applied"
    assert outcome["fired"][0]["effects"] == [
        {"action": "add product", "args": {"quantity": 30, "duplicates": "add", "deal": "A-1"}}
    ]
