"""What the editor knows about a name, the outline of a file, its formatting, its fixes."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsp_text import NAME, applied, here

from quand.dsl.source import Span
from quand.lsp.features.diagnostics import findings, findings_at
from quand.lsp.features.formatting import formatting, range_formatting, translated
from quand.lsp.features.hover import hover
from quand.lsp.features.navigation import definition, highlights, references
from quand.lsp.features.outline import folds, outline, workspace_entries
from quand.lsp.features.symbols import in_declaration
from quand.lsp.workspace import Workspace

PROJECT = """\
## Ce que l'on vend.
objet un forfait / plan
  un prix / price : argent
  un niveau / level : parmi 'Or' / 'Gold', 'Argent' / 'Silver'

définir le prix doublé d'un forfait / double price = prix × 2

règle "Cher" / "Dear"
quand le prix d'un forfait dépasse 10 €
   et prix doublé > 30 € et niveau = 'Or'
alors prix = 10 €
"""


def marked(text: str, before: str) -> str:
    """The text with the mark before a word of it."""
    return text.replace(before, f"▮{before}", 1)


def hovered(word: str, text: str = PROJECT) -> str:
    place = here(marked(text, word))
    made = hover(place.snapshot, NAME, place.offset)
    assert made is not None
    return made.markdown


def test_an_object_is_explained() -> None:
    shown = hovered("forfait dépasse")
    assert shown.splitlines()[0] == "**forfait** — objet, « plan » en anglais"
    assert "Ce que l'on vend." in shown
    assert "Champs : prix, niveau et prix doublé." in shown


def test_a_field_shows_its_type_and_its_values() -> None:
    shown = hovered("niveau = 'Or'")
    assert shown.splitlines()[0] == "**niveau** — champ de « forfait », « level » en anglais"
    assert "Valeurs : « Or » ou « Argent »." in shown


def test_a_definition_shows_its_formula() -> None:
    assert "`= prix × 2`" in hovered("prix doublé > 30")


def test_a_value_of_a_choice_shows_its_names() -> None:
    assert hovered("'Or'\nalors") == "Or, « Gold » en anglais"


def test_the_standard_vocabulary_says_so() -> None:
    shown = hovered("notifier", "quand une affaire est créée alors notifier le responsable, message = 'x'\n")
    assert shown.splitlines()[0].startswith("**notifier {utilisateur}** — action, « notify {user} » en anglais")
    assert "*Vocabulaire standard.*" in shown


def test_nothing_is_said_about_nothing() -> None:
    place = here("▮\n" + PROJECT)
    assert hover(place.snapshot, NAME, place.offset) is None


def test_a_name_leads_to_its_declaration() -> None:
    place = here(marked(PROJECT, "niveau = 'Or'"))
    found = definition(place.snapshot, NAME, place.offset)
    assert found is not None
    assert (found.uri, place.shown(found.span)) == (NAME, "niveau")
    assert found.span.start == PROJECT.index("niveau / level")


def test_a_standard_name_leads_to_the_standard_vocabulary() -> None:
    place = here("quand une ▮affaire est créée alors remise = 5 %\n")
    found = definition(place.snapshot, NAME, place.offset)
    assert found is not None
    assert found.uri == "quand:sales.rules"
    assert place.snapshot.text(found.uri)[found.span.start : found.span.end] == "une affaire / deal"


def test_all_mentions_are_found() -> None:
    place = here(marked(PROJECT, "prix = 10"))
    found = references(place.snapshot, NAME, place.offset)
    assert [place.shown(each.span) for each in found] == ["prix", "price", "prix", "prix", "prix"]
    used = references(place.snapshot, NAME, place.offset, declarations=False)
    assert len(used) == len(found) - 2
    assert [each.declares for each in highlights(place.snapshot, NAME, place.offset)] == [True, True] + [False] * 3


def test_the_outline_names_each_declaration() -> None:
    place = here(PROJECT)
    entries = outline(place.snapshot, NAME)
    assert [(each.kind, each.name) for each in entries] == [
        ("object", "un forfait"),
        ("definition", "le prix doublé d'un forfait"),
        ("rule", "Cher"),
    ]
    assert [child.name for child in entries[0].children] == ["un prix", "un niveau"]
    for entry in entries:
        assert entry.span.start <= entry.name_span.start <= entry.name_span.end <= entry.span.end


def test_a_file_with_errors_has_an_outline_and_hovers() -> None:
    broken = PROJECT + "\nquand (\n\nrègle « x\n"
    assert [each.kind for each in outline(here(broken).snapshot, NAME)][:3] == ["object", "definition", "rule"]
    assert hovered("niveau = 'Or'", broken).startswith("**niveau**")


def test_symbols_are_found_by_parts_of_their_names() -> None:
    found = workspace_entries(here(PROJECT).snapshot, "UN NIV")
    assert [(each.entry.name, each.container) for each in found] == [("un niveau", "un forfait")]
    assert workspace_entries(here(PROJECT).snapshot, "nvx") == []


def test_declarations_and_comments_fold() -> None:
    text = "# un\n# deux\n" + PROJECT
    assert [(each.start, each.end, each.kind) for each in folds(here(text).snapshot, NAME)] == [
        (0, 2, "comment"),
        (3, 5, "region"),
        (9, 12, "region"),
    ]


def test_formatting_is_a_few_edits() -> None:
    text = PROJECT.replace("prix doublé > 30 €", "prix doublé>30€").replace("alors prix", "alors   prix")
    place = here(text)
    edits = formatting(place.snapshot, NAME)
    assert applied(text, [(edit.span, edit.text) for edit in edits]) == PROJECT
    assert formatting(here(PROJECT).snapshot, NAME) == []


def test_formatting_a_range_leaves_the_rest() -> None:
    text = PROJECT.replace("prix × 2", "prix  ×  2").replace("alors prix", "alors   prix")
    place = here(text)
    start = text.index("définir")
    edits = range_formatting(place.snapshot, NAME, Span(start, start + 5))
    assert applied(text, [(edit.span, edit.text) for edit in edits]) == PROJECT.replace("alors prix", "alors   prix")


def test_findings_carry_their_fixes_in_the_language_of_the_file() -> None:
    text = PROJECT.replace("niveau = 'Or'", "niveu = 'Or'")
    place = here(text)
    (finding,) = findings(place.snapshot, NAME)
    assert finding.code == "QD102"
    assert "« niveu » n'est pas un champ de « forfait »" in finding.message
    assert [fix.title for fix in finding.fixes] == ["remplacer par « niveau »"]
    fixed = applied(text, [(edit.span, edit.text) for edit in finding.fixes[0].edits])
    assert fixed == PROJECT
    assert findings(here(fixed).snapshot, NAME) == ()
    assert findings_at(place.snapshot, NAME, finding.span) == [finding]


def test_a_file_is_translated_where_it_has_no_errors() -> None:
    edits = translated(here(PROJECT).snapshot, NAME, "en")
    assert edits is not None
    english = applied(PROJECT, [(edit.span, edit.text) for edit in edits])
    assert 'rule "Dear" / "Cher"\nwhen the price of a plan exceeds €10' in english
    assert findings(here(english).snapshot, NAME) == ()
    assert translated(here("quand (").snapshot, NAME, "en") is None


EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*/*/*.rules"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_every_name_of_the_examples_is_known(path: Path) -> None:
    """Each has a text about it, leads to a declaration, and is among its own references."""
    name = str(path)
    snapshot = Workspace().snapshot(name)
    file = snapshot.parsed(name)
    assert file is not None
    seen: set[object] = set()
    for start, parsed in file.declarations:
        for each in in_declaration(snapshot, name, start, parsed):
            if each.key in seen:
                continue
            seen.add(each.key)
            shown = hover(snapshot, name, each.span.start)
            assert shown is not None, each
            assert shown.markdown.startswith("**"), each
            assert definition(snapshot, name, each.span.start) is not None or each.key.name in STANDARD_FIELDS, each
            assert any(place.span == each.span for place in references(snapshot, name, each.span.start)), each


STANDARD_FIELDS = {"id", "created at", "updated at", "origin"}
