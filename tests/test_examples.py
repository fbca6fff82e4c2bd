"""Each example runs as it stands, in both languages, with the results that stand beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from quand.dsl.compile import SourceText, compile_sources
from quand.dsl.ir_json import to_json
from quand.dsl.lexicon import languages, lexicon
from quand.dsl.translate import translate_file
from quand.dsl.types import MONEY
from quand.dsl.values import Money
from quand.dsl.writing import write_value
from quand.project.compile import Project, load, standard_sources
from quand.project.engine import make_engine
from quand.project.rewriting import Rewriting, changes
from quand.project.testing import coverage, run_examples

EXAMPLES = Path(__file__).parent.parent / "examples"
FOLDERS = sorted(folder for folder in EXAMPLES.iterdir() if (folder / "fr").exists())
SHOP = EXAMPLES / "boutique"
WITHOUT_DATA = [folder for folder in FOLDERS if folder.name not in {"boutique", "northwind"}]
"""Those whose events need nothing that was there before."""

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
each_language = pytest.mark.parametrize("language", languages())


@cache
def project(folder: Path, language: str) -> Project:
    return load([str(folder / language)])


@each_folder
@each_language
def test_there_is_nothing_to_say_about_the_rules(folder: Path, language: str) -> None:
    assert [finding.message for finding in project(folder, language).findings()] == []


@each_folder
def test_the_rules_are_the_same_in_all_languages(folder: Path) -> None:
    first, *others = (to_json(project(folder, language).checked()) for language in languages())
    assert all(other == first for other in others)


@each_folder
@each_language
def test_the_examples_in_the_rules_pass_and_each_rule_fires_in_one(folder: Path, language: str) -> None:
    runs = run_examples(project(folder, language))
    assert [run.name for run in runs if not run.result.passed] == []
    assert [rule.name for rule, fired, _ in coverage(project(folder, language), runs).rules if not fired] == []


@pytest.mark.parametrize("folder", WITHOUT_DATA, ids=lambda folder: folder.name)
@each_language
def test_the_events_give_the_expected_results(folder: Path, language: str) -> None:
    engine = make_engine(project(folder, language).checked(), project(folder, language).config)
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    results = [engine.process_line(line, "events.jsonl", number).to_json() for number, line in enumerate(lines, 1)]
    expected = (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(result) for result in results] == [json.loads(line) for line in expected]


@each_folder
@each_language
def test_the_rules_are_formatted(folder: Path, language: str) -> None:
    assert [change.uri for change in changes(Rewriting([str(folder / language)]))] == []


@each_folder
@each_language
def test_the_rules_translate_and_come_back(folder: Path, language: str) -> None:
    here = {file.name: file.read_text(encoding="utf-8") for file in (folder / language).glob("*.rules")}
    for other in set(languages()) - {language}:
        meaning, there = translated(here, other)
        same, back = translated(there, language)
        assert same == meaning
        assert translated(back, other) == (meaning, there)


def translated(texts: dict[str, str], target: str) -> tuple[str, dict[str, str]]:
    """The IR of the files of a project, and what they are in another language."""
    sources = [*standard_sources(), *(SourceText(name, text) for name, text in texts.items())]
    compilation = compile_sources(sources, record_forms=True)
    assert compilation.program is not None
    return to_json(compilation.program), {name: translate_file(compilation, name, target) for name in texts}


@each_folder
def test_what_an_example_is_for_is_said_in_a_few_lines(folder: Path) -> None:
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert all(len(line) <= 160 for line in lines)
    assert folder.name in (EXAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("fr", ("parce que : une affaire est créée et entonnoir = 'Réparation", "quantité : 30", "remise : 5")),
        ("en", ("because: a deal is created and funnel = 'Réparation", "quantity: 30", "discount: 5")),
    ],
)
def test_the_demo_tells_what_fired_and_why(language: str, parts: tuple[str, ...]) -> None:
    told = output(EXAMPLES / "renovation" / "demo.py", language)
    for part in parts:
        assert part in told


def output(script: Path, *arguments: str) -> str:
    """What a script of an example prints."""
    command = [sys.executable, "-B", script, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout


@each_language
def test_the_day_of_the_shop_is_told(language: str) -> None:
    assert output(SHOP / "report.py", language) == (SHOP / f"summary.{language}.txt").read_text(encoding="utf-8")


def test_the_figures_of_the_shop_agree_with_its_events() -> None:
    events = [json.loads(line) for line in output(SHOP / "day.py").splitlines()]
    assert len(events) == 1000
    paid = [Decimal(str(event["data"]["montant"])) for event in events if event["event"] == "payment.created"]
    orders = {event["data"]["id"] for event in events if event["event"] == "order.created"}
    money = write_value(Money(sum((amount for amount in paid if amount > 0), Decimal()), "EUR"), MONEY, lexicon("fr"))
    summary = (SHOP / "summary.fr.txt").read_text(encoding="utf-8")
    assert f"Commandes du jour : {len(orders)}, encaissé : {money}" in summary
