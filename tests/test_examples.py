"""Each example runs as it stands, in both languages, with the result that stands beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from quand.dsl.messages import languages
from quand.project.compile import load
from quand.project.engine import make_engine

EXAMPLES = Path(__file__).parent.parent / "examples"
FOLDERS = [folder for folder in EXAMPLES.iterdir() if (folder / "events.jsonl").exists()]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("language", languages())
def test_the_events_give_the_expected_results(folder: Path, language: str) -> None:
    project = load([str(folder / language)])
    assert [finding.message for finding in project.findings()] == []
    engine = make_engine(project.checked(), project.config)
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    results = [engine.process_line(line, "events.jsonl", number).to_json() for number, line in enumerate(lines, 1)]
    expected = (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(result) for result in results] == [json.loads(line) for line in expected]


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("fr", ("parce que : une affaire est créée et entonnoir = 'Réparation", "quantité : 30", "remise : 5")),
        ("en", ("because: a deal is created and funnel = 'Réparation", "quantity: 30", "discount: 5")),
    ],
)
def test_the_demo_tells_what_fired_and_why(language: str, parts: tuple[str, ...]) -> None:
    demo = EXAMPLES / "renovation" / "demo.py"
    done = subprocess.run([sys.executable, demo, language], capture_output=True, encoding="utf-8", check=True)
    for part in parts:
        assert part in done.stdout
