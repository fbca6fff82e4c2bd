"""What the panels of an editor show: a rule as boxes, the cascade, explanations; and the commands that answer them."""

from __future__ import annotations

from lsp_text import NAME, here

from quand.lsp.features.diagram import cascade, rule_diagram
from quand.lsp.features.explaining import explained
from quand.lsp.features.running import run
from quand.project.cascade import Link, links
from quand.project.library import compile_text

RULES = """# langue : fr
règle "Gagnée" / "Won"
quand le montant d'une affaire dépasse 1 000 €
   et (remise = 5 % ou remise = 10 %)
alors étape = 'Gagnée'
sinon journaliser "non"

règle "Fête" / "Party"
quand l'étape d'une affaire devient 'Gagnée'
alors ▮attendre 2 heures, sauf si remise = 5 %, puis créer une tâche "Fêter"

exemple "la fête"
  étant donné une affaire, étape = 'Nouvelle'
  quand étape de l'affaire devient 'Gagnée'
  quand 2 heures passent
  alors créer une tâche "Fêter fort"
"""


# --- diagrams ---------------------------------------------------------------------------------------------------------


def test_a_rule_is_boxes_in_branches() -> None:
    place = here(RULES.replace("▮", "").replace("montant", "mon▮tant"))
    made = rule_diagram(place.snapshot, NAME, place.offset)
    assert made is not None
    assert (made.name, made.title) == ("Won", "Gagnée")
    assert [(branch.kind, branch.title) for branch in made.branches] == [
        ("when", "quand"),
        ("if", "si"),
        ("then", "alors"),
        ("otherwise", "sinon"),
    ]
    (condition,) = made.branches[1].parts
    assert (condition.kind, condition.text) == ("any", "l'une de ces conditions")
    assert [part.text for part in condition.parts] == ["remise est égale à 5 %", "remise est égale à 10 %"]


def test_what_comes_after_a_wait_stands_inside_it() -> None:
    place = here(RULES)
    made = rule_diagram(place.snapshot, NAME, place.offset)
    assert made is not None
    (wait,) = made.branches[-1].parts
    assert (wait.kind, wait.text) == ("wait", "attendre 2 heures")
    assert [part.kind for part in wait.parts] == ["unless", "action"]


def test_there_is_no_diagram_outside_of_rules() -> None:
    place = here(RULES.replace("▮", "").replace("étant donné", "étant ▮donné"))
    assert rule_diagram(place.snapshot, NAME, place.offset) is None
    place = here("▮")
    assert rule_diagram(place.snapshot, NAME, place.offset) is None


# --- cascades ---------------------------------------------------------------------------------------------------------


def linked(text: str) -> set[tuple[str, str]]:
    program = compile_text(text, language="fr").ir
    return {(link.source, link.target) for link in links(program)}


def rule(name: str, text: str) -> str:
    return f'règle "{name}"\n{text}\n'


WON = rule("B", "quand l'étape d'une affaire devient 'Gagnée' alors journaliser \"x\"")


def test_a_rule_sets_off_those_that_wait_for_what_it_writes() -> None:
    program = compile_text(RULES.replace("▮", ""), language="fr").ir
    assert links(program) == (Link("Won", "Party", "deal", "written", "stage"),)


def test_another_value_than_the_one_awaited_sets_nothing_off() -> None:
    trigger = "quand une affaire est créée alors"
    assert linked(rule("A", f"{trigger} étape = 'Gagnée'") + WON) == {("A", "B")}
    assert linked(rule("A", f"{trigger} étape = 'Perdue'") + WON) == set()
    assert linked(rule("A", f"{trigger} étape = nom") + WON) == {("A", "B")}


def test_creations_set_off_what_waits_for_them() -> None:
    trigger = "quand un contact est créé alors"
    created = rule("B", 'quand une affaire est créée alors journaliser "x"')
    assert linked(rule("A", f'{trigger} créer une affaire "x"') + created) == {("A", "B")}
    assert linked(rule("A", f'{trigger} créer une tâche "x"') + created) == set()
    assert linked(rule("A", f'{trigger} créer une affaire "x"') + WON) == set()
    assert linked(rule("A", f"{trigger} créer une affaire \"x\", étape = 'Gagnée'") + WON) == {("A", "B")}


def test_standard_actions_set_off_too() -> None:
    lines = rule("B", 'quand une ligne de produit est créée alors journaliser "x"')
    assert linked(rule("A", "quand une affaire est créée alors ajouter produit 'x'") + lines) == {("A", "B")}


def test_what_is_computed_is_followed_to_what_it_reads() -> None:
    text = "définir la marge d'une affaire = montant × 20 %\n"
    text += rule("A", "quand une affaire est créée alors montant = 5 €")
    text += rule("B", 'quand la marge d\'une affaire dépasse 1 € alors journaliser "x"')
    assert linked(text) == {("A", "B")}


def test_waits_loops_and_other_branches_count_and_disabled_rules_do_not() -> None:
    writes = "étape = 'Gagnée'"
    for actions in (f"attendre 2 heures puis {writes}", f'journaliser "x"\nsinon {writes}'):
        assert linked(rule("A", f"quand une affaire est créée et nom = 'x'\nalors {actions}") + WON) == {("A", "B")}
    loop = f"pour chaque affaire du contact dont nom = 'x' : {writes}"
    assert linked(rule("A", f"quand un contact est créé alors {loop}") + WON) == {("A", "B")}
    assert linked(f'règle "A" (désactivée)\nquand une affaire est créée alors {writes}\n{WON}') == set()


def test_the_cascade_says_why_in_the_language_of_the_file() -> None:
    place = here(RULES)
    made = cascade(place.snapshot, NAME)
    assert made is not None
    assert [(box.name, box.title) for box in made.rules] == [("Won", "Gagnée"), ("Party", "Fête")]
    assert [(arrow.source, arrow.target, arrow.text) for arrow in made.arrows] == [("Won", "Party", "étape (affaire)")]


def test_rules_without_a_name_are_called_by_what_they_wait_for() -> None:
    place = here('# langue : fr\nquand une affaire est créée alors journaliser "x"\n▮')
    made = cascade(place.snapshot, NAME)
    assert made is not None
    assert [box.title for box in made.rules] == ["une affaire est créée"]


# --- explanations -----------------------------------------------------------------------------------------------------


def test_a_rule_is_explained_in_words_and_by_the_examples_it_heard() -> None:
    place = here(RULES)
    told = explained(place.snapshot, NAME, place.offset)
    assert told is not None
    assert told.title == "Fête"
    words, heard = told.sections
    assert words.heading == ""
    assert "  l'étape d'une affaire devient « Gagnée »" in words.lines
    assert heard.heading == "la fête"
    assert any("s'est déclenchée" in line for line in heard.lines)


def test_an_example_is_explained_event_by_event() -> None:
    place = here(RULES.replace("▮", "").replace("étant donné", "étant ▮donné"))
    told = explained(place.snapshot, NAME, place.offset)
    assert told is not None
    assert [section.heading for section in told.sections] == ["la fête"]
    assert any("a continué, son attente finie" in line for line in told.sections[0].lines)


def test_rules_with_errors_are_not_explained() -> None:
    place = here(RULES + "\nquand une affaire est créée et montannt > 5 alors remise = 5 %\n")
    assert explained(place.snapshot, NAME, place.offset) is None


# --- examples ---------------------------------------------------------------------------------------------------------


def test_a_failure_stands_where_it_was_expected() -> None:
    place = here(RULES)
    outcomes = run(place.snapshot, NAME)
    assert outcomes is not None
    ((failure,),) = (outcome.failures for outcome in outcomes)
    assert failure.span is not None
    assert place.shown(failure.span) == 'créer une tâche "Fêter fort"'
