"""After any edits, the answers are those about the same text opened afresh."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lsp_text import NAME

from quand.dsl.source import LineIndex
from quand.lsp.document import Change, Position
from quand.lsp.features.completion import complete
from quand.lsp.features.diagnostics import findings
from quand.lsp.features.hints import selections, signature
from quand.lsp.features.hover import hover
from quand.lsp.features.navigation import definition, references
from quand.lsp.features.outline import folds, outline
from quand.lsp.features.tokens import tokens
from quand.lsp.snapshot import Snapshot
from quand.lsp.workspace import Workspace

EXAMPLES = Path(__file__).parent.parent / "examples"
TYPED = ["", "\n", " ", "'", '"', "(", "é", "quand ", "de ", "= ", "{", "|", ", ", "😀", "objet un x\n", "définir "]


def answers(snapshot: Snapshot, offset: int) -> list[object]:
    """What the editor may ask about a place, completion first: it is asked before anything is compiled."""
    return [
        complete(snapshot, NAME, offset),
        signature(snapshot, NAME, offset),
        selections(snapshot, NAME, offset),
        findings(snapshot, NAME),
        hover(snapshot, NAME, offset),
        definition(snapshot, NAME, offset),
        references(snapshot, NAME, offset),
        outline(snapshot, NAME),
        folds(snapshot, NAME),
        tokens(snapshot, NAME),
    ]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("path", ["renovation/fr/renovation.rules", "loyalty_bonus/en/loyalty.rules"])
def test_edits_leave_no_trace(path: str, seed: int) -> None:
    dice = random.Random(seed)
    workspace = Workspace()
    workspace.open(NAME, (EXAMPLES / path).read_text(encoding="utf-8"), 0)
    for version in range(1, 7):
        text = workspace.documents[NAME].text
        index = LineIndex(text)
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice([0, 0, 1, 2, 30]))
        places = [Position(*index.position(place)) for place in (start, end)]
        workspace.change(NAME, [Change(dice.choice(TYPED), *places)], version, "utf-32")
        snapshot = workspace.snapshot(NAME)
        afresh = Workspace()
        afresh.open(NAME, snapshot.text(NAME), 0)
        offset = dice.randrange(len(snapshot.text(NAME)) + 1)
        assert answers(snapshot, offset) == answers(afresh.snapshot(NAME), offset)
