"""The extension for VS Code, as far as it can be looked at without an editor: docs/tests.md says how it is driven."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from quand.lsp.commands import COMMANDS
from quand.lsp.showing import RUN_EXAMPLES
from quand.project.compile import CompilationError
from quand.project.library import compile_text
from quand.project.version import __version__

ROOT = Path(__file__).parent.parent
EXTENSION = ROOT / "editors" / "vscode"
MANIFEST: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted((EXTENSION / "src").rglob("*.ts"))}


def table(name: str) -> dict[str, str]:
    return json.loads((EXTENSION / name).read_text(encoding="utf-8"))


def words() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vscode_words", EXTENSION / "words.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- what is made from the tables of words ----------------------------------------------------------------------------


def test_grammar_and_configuration_are_those_of_the_tables_of_words() -> None:
    for path, text in words().files().items():
        made = path.read_text(encoding="utf-8")
        assert made == text, f"{path.name} is older than grammar/lexicon: run `python editors/vscode/words.py`"


def test_the_grammar_knows_keywords_of_every_language() -> None:
    expressions = json.dumps(words().grammar()["repository"], ensure_ascii=False)
    for keyword in ("alors", "otherwise", "d[eéèêë]passe", "becomes", "exemple", "example"):
        assert keyword in expressions


# --- the manifest -----------------------------------------------------------------------------------------------------


def strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in cast("dict[str, object]", value).values():
                yield from strings(each)
        case list():
            for each in cast("list[object]", value):
                yield from strings(each)
        case _:
            pass


def test_the_user_interface_is_french_and_english() -> None:
    used = {text[1:-1] for text in strings(MANIFEST) if re.fullmatch(r"%[\w.]+%", text)}
    english, french = table("package.nls.json"), table("package.nls.fr.json")
    assert used == set(english) == set(french)
    assert not [key for key in used if english[key] == french[key]]


def test_every_sentence_of_the_code_has_a_french_one() -> None:
    said = {
        json.loads(f'"{text}"')
        for source in SOURCES.values()
        for text in re.findall(r'l10n\.t\(\s*"((?:[^"\\]|\\.)*)"', source)
    }
    french = table("l10n/bundle.l10n.fr.json")
    assert said == set(french)
    for sentence, translated in french.items():
        assert set(re.findall(r"\{\d\}", sentence)) == set(re.findall(r"\{\d\}", translated))


def test_every_command_is_declared_and_there() -> None:
    declared = {each["command"] for each in MANIFEST["contributes"]["commands"]}
    registered = set(re.findall(r'^ {4}"(quand\.\w+)":', SOURCES[EXTENSION / "src" / "extension.ts"], re.MULTILINE))
    assert declared == registered
    menus = {each["command"] for menu in MANIFEST["contributes"]["menus"].values() for each in menu}
    linked = set(re.findall(r"command:(quand\.\w+)", "".join(table("package.nls.json").values())))
    assert menus | linked <= declared
    # the client makes the server's commands commands of the editor, and two of one name are refused
    assert not declared & {RUN_EXAMPLES, *COMMANDS}


def test_every_command_of_the_server_that_is_asked_for_exists() -> None:
    asked = set(re.findall(r'"(quand\.\w+)": \{ arguments', SOURCES[EXTENSION / "src" / "protocol.ts"]))
    assert asked == set(COMMANDS)


def test_the_extension_has_the_version_of_the_project() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    assert MANIFEST["version"] == lock["version"] == __version__


def test_every_setting_is_read() -> None:
    settings = set(MANIFEST["contributes"]["configuration"]["properties"])
    source = "".join(SOURCES.values())
    # the client of the library reads the trace by itself
    unread = {key for key in settings if f'"{key.removeprefix("quand.")}"' not in source} - {"quand.trace.server"}
    assert not unread


def test_programs_of_an_untrusted_folder_are_not_run() -> None:
    untrusted = MANIFEST["capabilities"]["untrustedWorkspaces"]
    assert untrusted["supported"] == "limited"
    settings = set(MANIFEST["contributes"]["configuration"]["properties"])
    assert set(untrusted["restrictedConfigurations"]) == {key for key in settings if key.startswith("quand.server.")}


def test_files_that_are_named_are_there() -> None:
    for text in strings(MANIFEST):
        if re.fullmatch(r"(\./)?[\w/.-]+\.(json|svg|png|md)", text):
            assert (EXTENSION / text).is_file(), text
    for step in (EXTENSION / "walkthrough").glob("*.md"):
        if ".nls." not in step.name:
            assert step.with_suffix(".nls.fr.md").is_file()


def test_nothing_names_where_packages_come_from() -> None:
    lock = (EXTENSION / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert "omit-lockfile-registry-resolved=true" in (EXTENSION / ".npmrc").read_text(encoding="utf-8")


def test_panels_take_nothing_from_outside() -> None:
    for path, source in SOURCES.items():
        assert not re.search(r"https?://|style=\"", source), path.name


# --- snippets ---------------------------------------------------------------------------------------------------------


def filled(lines: list[str]) -> str:
    """A snippet with its own words in its places."""
    text = "\n".join(lines)
    text = re.sub(r"\$\{\d+\|([^,|]+)[^}]*\}", r"\1", text)
    texts = dict(re.findall(r"\$\{(\d+):([^}]*)\}", text))
    text = re.sub(r"\$\{\d+:((?:[^{}]|\{[^}]*\})*)\}", r"\1", text)
    return re.sub(r"\$(\d+)", lambda match: texts.get(match[1], ""), text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_snippets_are_right_as_they_stand(language: str) -> None:
    for name, snippet in json.loads((EXTENSION / "snippets" / f"{language}.json").read_text(encoding="utf-8")).items():
        text = filled(snippet["body"])
        try:
            compile_text(text, language=language)
        except CompilationError as problem:
            pytest.fail(f"{name}: {problem}\n{text}")


def test_both_languages_have_the_same_snippets() -> None:
    counts = {
        language: len(json.loads((EXTENSION / "snippets" / f"{language}.json").read_text(encoding="utf-8")))
        for language in ("fr", "en")
    }
    assert counts["fr"] == counts["en"]


# --- in real editors --------------------------------------------------------------------------------------------------


@pytest.mark.editors
@pytest.mark.parametrize("part", ["grammar", "unit", "api", "trust", "package", "person", "neovim", "emacs"])
def test_in_real_editors(part: str) -> None:
    command = os.environ.get("QUAND_COMMAND") or shutil.which("quand")
    assert command is not None
    done = subprocess.run(
        [str(ROOT / "editors" / "test"), part],
        env={**os.environ, "QUAND_COMMAND": command},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
