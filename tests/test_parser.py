"""From text to syntax tree, construct by construct, in both languages."""

from __future__ import annotations

import pytest
from syntax_text import shown

from quand.dsl import syntax as s
from quand.dsl.diagnostic import Diagnostic
from quand.dsl.parser import detect_language, parse_cell, parse_expression, parse_file


def parsed(text: str, language: str | None = None) -> s.ParsedFile:
    file = parse_file(text, language)
    assert file.diagnostics == ()
    return file


def declarations(text: str, language: str | None = None) -> list[s.Declaration]:
    return [declaration.declaration for _, declaration in parsed(text, language).declarations]


def rule(text: str, language: str) -> s.RuleDeclaration:
    (declaration,) = declarations(text, language)
    assert isinstance(declaration, s.RuleDeclaration)
    return declaration


@pytest.mark.parametrize(
    ("language", "trigger", "expected"),
    [
        ("fr", "une affaire est créée", "[EventTrigger(une affaire est créée)]"),
        ("fr", "une affaire est créée ou modifiée", "[EventTrigger(une affaire est créée), EventTrigger(modifiée)]"),
        ("en", "a deal is created or updated", "[EventTrigger(a deal is created), EventTrigger(updated)]"),
        ("fr", "l'étape d'une affaire change", "[ChangeTrigger(l'étape d'une affaire)]"),
        ("en", "the stage of a deal changes", "[ChangeTrigger(the stage of a deal)]"),
        ("fr", "l'étape d'une affaire devient 'A'", "[BecomesTrigger(l'étape d'une affaire, ['A'])]"),
        ("fr", "l'étape devient parmi 'A', 'B' ou 'C'", "[BecomesTrigger(l'étape, ['A', 'B', 'C'], yes)]"),
        ("en", "the stage becomes one of 'A', 'B'", "[BecomesTrigger(the stage, ['A', 'B'], yes)]"),
        ("fr", "l'étape passe de 'A' à 'B'", "[TransitionTrigger(l'étape, 'A', 'B')]"),
        ("en", "the stage goes from 'A' to 'B'", "[TransitionTrigger(the stage, 'A', 'B')]"),
        ("fr", "le montant dépasse 10 000 €", "[ThresholdTrigger(exceeds, le montant, 10 000 €)]"),
        ("fr", "le montant atteint le seuil", "[ThresholdTrigger(reaches, le montant, le seuil)]"),
        ("fr", "le stock descend sous le seuil", "[ThresholdTrigger(drops_below, le stock, le seuil)]"),
        ("en", "the stock drops below the threshold", "[ThresholdTrigger(drops_below, the stock, the threshold)]"),
        (
            "fr",
            "3 appels manqués d'un même contact en 2h",
            "[WindowTrigger(3, appels manqués d'un même contact, 2h)]",
        ),
        (
            "en",
            "3 missed calls by the same contact within 2 hours",
            "[WindowTrigger(3, missed calls by the same contact, 2 hours)]",
        ),
        (
            "fr",
            "30 jours avant la date de fin d'un contrat, à 9h",
            "[DateTrigger(30 jours, before, la date de fin d'un contrat, 9h)]",
        ),
        (
            "en",
            "2 hours after the creation of a deal",
            "[DateTrigger(2 hours, after, the creation of a deal)]",
        ),
        ("fr", "une affaire reste 5 jours en étape = 'A'", "[StaysTrigger(une affaire, 5 jours, {étape eq 'A'})]"),
        ("en", "a deal stays 5 days in stage = 'A'", "[StaysTrigger(a deal, 5 days, {stage eq 'A'})]"),
        ("fr", "chaque lundi à 9h", "[CalendarTrigger(lundi à · 9h)]"),
        ("fr", "chaque 1er janvier à 9h", "[CalendarTrigger(1er · janvier à · 9h)]"),
        ("en", "every December 25 at 9am", "[CalendarTrigger(December · 25 · at · 9am)]"),
        (
            "en",
            "every monday at 9am for each deal whose stage = 'A'",
            "[CalendarTrigger(monday at · 9am, deal ?{stage eq 'A'})]",
        ),
    ],
)
def test_triggers(language: str, trigger: str, expected: str) -> None:
    when, then = {"fr": ("quand", "alors"), "en": ("when", "then")}[language]
    assert shown(rule(f"{when} {trigger} {then} x", language).triggers) == expected


@pytest.mark.parametrize(
    "name",
    ["reste à payer", "mot de passe", "taux de change", "objectif atteint", "passage avant livraison"],
)
def test_a_name_may_hold_words_of_triggers(name: str) -> None:
    (trigger,) = rule(f"quand le {name} d'une affaire change alors x", "fr").triggers
    assert shown(trigger) == f"ChangeTrigger(le {name} d'une affaire)"


@pytest.mark.parametrize("opening", ["et", "si", "et si", ", et"])
def test_the_first_and_or_if_opens_the_condition(opening: str) -> None:
    found = rule(f"quand une affaire est créée {opening} montant > 5 et renouvelé alors x", "fr")
    assert shown(found.condition) == "{montant gt 5} and renouvelé"


@pytest.mark.parametrize(
    ("language", "condition", "expected"),
    [
        ("fr", "montant ≠ 5 ou montant <= 3", "{montant ne 5} or {montant le 3}"),
        ("fr", "étape est 'A'", "{étape eq_is 'A'}"),
        ("fr", "étape n'est pas 'A'", "{étape ne_is 'A'}"),
        ("fr", "montant est supérieur au seuil", "{montant gt_words seuil}"),
        ("fr", "montant est supérieur ou égal à 5", "{montant ge_words 5}"),
        ("fr", "échéance est avant aujourd'hui", "{échéance lt_before aujourd'hui}"),
        ("en", "amount is more than 5", "{amount gt_more_than 5}"),
        ("en", "amount is greater than or equal to 5", "{amount ge_words 5}"),
        ("en", "stage isn't 'A'", "{stage ne_is 'A'}"),
        ("fr", "nom ne contient pas 'a'", "{nom not_contains_words 'a'}"),
        ("en", "name matches 'a*'", "{name matches_words 'a*'}"),
        ("en", "number of matches of the team > 5", "{number of matches of the team gt 5}"),
        ("en", "given name = 'x'", "{given name eq 'x'}"),
        ("fr", "point de l'est = 'x'", "{point de l'est eq 'x'}"),
        ("fr", "zone est est 'x'", "{zone est eq_is 'x'}"),
        ("fr", "nom n'est pas vide", "{nom ne_is vide}"),
        ("fr", "n'est pas renouvelé", "{ne_is renouvelé}"),
        ("fr", "renouvelé = non", "{renouvelé eq non}"),
        ("fr", "non renouvelé", "Not(renouvelé)"),
        ("en", "not (a or b)", "Not((a or b))"),
        ("fr", "montant est entre 5 et 10 et x", "Between(montant, 5, 10) and x"),
        ("fr", "montant n'est pas entre 5 et 10", "Between(montant, 5, 10, yes)"),
        ("fr", "a et s'il est entre 20h et 8h", "a and Between(il, 20h, 8h)"),
        ("en", "it is between 8pm and 8am", "Between(it, 8pm, 8am)"),
        ("fr", "étape parmi 'A', 'B' ou 'C'", "Membership(étape, ['A', 'B', 'C'])"),
        ("fr", "étape parmi 'A', 'B' ou montant > 5", "Membership(étape, ['A', 'B']) or {montant gt 5}"),
        ("en", "stage is one of 'A', 'B' or 'C'", "Membership(stage, ['A', 'B', 'C'])"),
        ("fr", "étape n'est pas parmi 'A', 'B'", "Membership(étape, ['A', 'B'], yes)"),
        ("fr", "tous les contrats vérifient renouvelé et x", "AllSatisfy(tous les contrats, renouvelé) and x"),
        ("en", "all contracts satisfy renewed", "AllSatisfy(all contracts, renewed)"),
        ("en", "there is a deal whose stage = 'A'", "there is a deal ?{stage eq 'A'}"),
        ("fr", "somme des montants dont étape = 'A' > 50 €", "{somme des montants ?{étape eq 'A'} gt 50 €}"),
        ("fr", "nombre d'affaires où renouvelé", "nombre d'affaires ?renouvelé"),
        (
            "fr",
            "nombre d'affaires dont (étape = 'A' et b) depuis 30 jours > 3",
            "{nombre d'affaires ?({étape eq 'A'} and b) +depuis +30 jours gt 3}",
        ),
        ("fr", "nombre d'affaires dont (a + b) > 3 = 5", "{nombre d'affaires ?{(<a + b>) gt 3} eq 5}"),
        ("fr", "nombre d'affaires dont a et montant > 5", "nombre d'affaires ?a and {montant gt 5}"),
        (
            "fr",
            "nombre d'affaires dont étape parmi 'A', 'B' > 5",
            "{nombre d'affaires ?Membership(étape, ['A', 'B']) gt 5}",
        ),
        ("fr", "nombre d'affaires dont a entre 1 et 2 > 5", "{nombre d'affaires ?Between(a, 1, 2) gt 5}"),
        ("fr", "minimum entre a et b > 5", "{minimum_of_two(a; b) gt 5}"),
        ("fr", "le nombre de jours entre a et b est 5", "{number_of_days(a; b) eq_is 5}"),
        ("en", "the larger of a and b > 5", "{maximum_of_two(a; b) gt 5}"),
        ("en", "smaller of the two = 5", "{smaller of the two eq 5}"),
        ("fr", "a - b > 5 × (a + b) ^ 2", "{<a - b> gt <5 * <(<a + b>) ^ 2>>}"),
        ("fr", "a > -5", "{a gt -5}"),
        ("fr", "(si a alors b sinon c) > 5", "{(Conditional(a, b, c)) gt 5}"),
        ("fr", "[montant (HT)] > 5", "{[montant (HT)] gt 5}"),
        ("fr", "arrondi de (a + b) à 2 décimales > 5", "{arrondi de · (<a + b>) · à · 2 · décimales gt 5}"),
    ],
)
def test_conditions(language: str, condition: str, expected: str) -> None:
    found = parse_expression(condition, language)
    assert found.diagnostics == ()
    assert shown(found.expression) == expected


@pytest.mark.parametrize(
    ("language", "actions", "expected"),
    [
        (
            "fr",
            "ajouter produit 'A', quantité = surface + 10 %, doublons = 'a'",
            "[ActionCall(ajouter produit · 'A', [Argument(quantité, <surface + 10 %>), Argument(doublons, 'a')])]",
        ),
        ("fr", "ajouter produit quantité = surface", "[ActionCall(ajouter produit quantité, surface)]"),
        ("fr", "étape devient 'A'", "[ActionCall(étape, 'A', yes)]"),
        ("fr", "a = 1 ; b = 2 puis c et d", "[ActionCall(a, 1), ActionCall(b, 2), ActionCall(c), ActionCall(d)]"),
        (
            "en",
            "add a then add b, c = 1 and d",
            "[ActionCall(add a), ActionCall(add b, [Argument(c, 1)]), ActionCall(d)]",
        ),
        ("fr", "\n  - a, b = 1,\n    c = 2\n  - d", "[ActionCall(a, [Argument(b, 1), Argument(c, 2)]), ActionCall(d)]"),
        ("fr", "\n  a\n  et b\n\n  # ici\n  puis c", "[ActionCall(a), ActionCall(b), ActionCall(c)]"),
        ("fr", "x = a +\n  b\n  y", "[ActionCall(x, <a + b>), ActionCall(y)]"),
        ("fr", "augmenter le bonus de 3 % du montant", "[ActionCall(augmenter le bonus de · 3 % · du montant)]"),
        ("fr", "a, b = (c > 5 et d)", "[ActionCall(a, [Argument(b, ({c gt 5} and d))])]"),
        ("fr", "a = si b > 1 alors 2 sinon 3 et c", "[ActionCall(a, Conditional({b gt 1}, 2, 3)), ActionCall(c)]"),
        ("fr", "a = minimum entre b et c et d", "[ActionCall(a, minimum_of_two(b; c)), ActionCall(d)]"),
        ("fr", "attendre 2h puis a", "[Wait(2h), ActionCall(a)]"),
        ("fr", "attendre 2h, sauf si a et b > 1, puis c", "[Wait(2h, a and {b gt 1}), ActionCall(c)]"),
        ("en", "wait 2 hours, unless a, then b", "[Wait(2 hours, a), ActionCall(b)]"),
        (
            "fr",
            "pour chaque commande dont client = le contact : (a = 1 ; b) ; c",
            "[ForEach(commande ?{client eq le contact}, [ActionCall(a, 1), ActionCall(b)]), ActionCall(c)]",
        ),
        ("en", "for each order: delete order", "[ForEach(order, [ActionCall(delete order)])]"),
        ("fr", "refuser \"non : {a sinon 'b'}\"", "[ActionCall(refuser · \"non : {a | 'b'}\")]"),
    ],
)
def test_actions(language: str, actions: str, expected: str) -> None:
    text = {"fr": f"quand x alors {actions}", "en": f"when x then {actions}"}[language]
    assert shown(rule(text, language).actions) == expected


def test_otherwise_ends_the_actions() -> None:
    found = rule("quand x alors\n  a = si b alors c sinon d\n  e\nsinon\n  f\n  g", "fr")
    assert shown(found.actions) == "[ActionCall(a, Conditional(b, c, d)), ActionCall(e)]"
    assert shown(found.otherwise) == "[ActionCall(f), ActionCall(g)]"


@pytest.mark.parametrize(
    ("language", "header"),
    [
        (
            "fr",
            (
                "règle \"A\" / \"B\" (priorité 10, étiquettes 'a', 'b', du 01/01/2026 au 31/12/2026, désactivée,"
                " une seule fois, une fois par jour, tolérance 2 jours)\nquand x alors y"
            ),
        ),
        (
            "en",
            (
                "rule \"A\" / \"B\" (priority 10, tags 'a', 'b', from 2026-01-01 to 2026-12-31, disabled, only once,"
                " once a day, tolerance 2 days)\nwhen x then y"
            ),
        ),
    ],
)
def test_the_header_of_a_rule(language: str, header: str) -> None:
    found = rule(header, language)
    assert shown(found.names) == '["A", "B"]'
    kinds = [attribute.kind for attribute in found.attributes if isinstance(attribute, s.Attribute)]
    assert kinds == ["priority", "tags", "validity", "disabled", "only_once", "once_a_day", "tolerance"]


def test_a_priority_may_be_negative() -> None:
    assert shown(rule("règle 'a' (priorité -5) quand x alors y", "fr").attributes) == "[Attribute(priority, [-5])]"


def test_an_object() -> None:
    found = parsed(
        "## Une vente.\n"
        "objet une affaire / deal\n"
        "  un numéro / number : texte, identifiant\n"
        "  ## Où l'affaire en est.\n"
        "  étape : parmi 'A' / 'B', 'C', obligatoire, par défaut 'A'\n"
        "  relancer : oui ou non\n"
        "  début : date et heure\n"
        "  client : contact ou société\n"
        "  [prix (HT)] / [price (net)] : argent\n"
        "  objet : n'importe quel objet\n"
        "  lignes : liste de lignes de commande\n"
    )
    ((_, declaration),) = found.declarations
    assert isinstance(declaration.declaration, s.ObjectDeclaration)
    fields = [field for field in declaration.declaration.fields if isinstance(field, s.FieldDeclaration)]
    assert declaration.declaration.documentation == "Une vente."
    assert [shown(field.names) for field in fields[:2]] == ["un numéro / number", "étape"]
    assert fields[1].documentation == "Où l'affaire en est."
    assert shown(fields[1].options) == "[FieldOption(required), FieldOption(default, 'A')]"
    assert [shown(field.type) for field in fields[1:]] == [
        "TypeSyntax([ChoiceName('A', 'B'), ChoiceName('C')])",
        "TypeSyntax([oui ou non])",
        "TypeSyntax([date et heure])",
        "TypeSyntax([contact, société])",
        "TypeSyntax([argent])",
        "TypeSyntax([n'importe quel objet])",
        "TypeSyntax([liste de lignes de commande])",
    ]


def test_an_action_and_its_holes() -> None:
    (found,) = declarations(
        "action ajouter un produit {produit : texte ou article}? / add a product {product}?\n"
        "  nom 'add product'\n"
        "  un nom / name : texte",
        "fr",
    )
    assert isinstance(found, s.ActionDeclaration)
    assert shown(found.pattern.parts[1]) == "PatternHole(produit, TypeSyntax([texte, article]), yes)"
    assert found.other is not None
    assert shown(found.other.parts) == "[add a product, PatternHole(product, yes)]"
    assert (shown(found.name), len(found.parameters)) == ("'add product'", 1)


def test_a_decision_table() -> None:
    (found,) = declarations(
        "table le taux d'une affaire / rate : pourcentage, première ligne\n"
        "  | montant | fidélité | résultat |\n"
        "  | < 1 000 € | | 0 % |\n"
        "  | de 1 000 € à 5 000 € | 'Or', 'Argent' | montant × 5 % |\n"
        "  | au moins 5 | pas 'Bronze', 'Argent' | si a alors 1 % sinon 2 % |\n"
        "  | du 01/01/2026 au 31/12/2026 | vide | 1 % |\n"
        "  | sinon || 2 % |",
        "fr",
    )
    assert isinstance(found, s.TableDeclaration)
    assert (shown(found.options), shown(found.columns)) == ("[première ligne]", "[montant, fidélité, résultat]")
    cells = [[shown(cell.tests) for cell in row.cells] for row in found.rows]
    assert cells == [
        ["[CellTest(compare, [1 000 €], lt)]", "[]", "[CellTest(value, [0 %])]"],
        [
            "[CellTest(range, [1 000 €, 5 000 €])]",
            "[CellTest(value, ['Or']), CellTest(value, ['Argent'])]",
            "[CellTest(value, [<montant * 5 %>])]",
        ],
        [
            "[CellTest(compare, [5], ge)]",
            "[CellTest(not, ['Bronze', 'Argent'])]",
            "[CellTest(value, [Conditional(a, 1 %, 2 %)])]",
        ],
        ["[CellTest(range, [01/01/2026, 31/12/2026])]", "[CellTest(value, [vide])]", "[CellTest(value, [1 %])]"],
        ["[CellTest(otherwise)]", "[]", "[CellTest(value, [2 %])]"],
    ]


def test_a_table_whose_rows_are_in_a_sheet() -> None:
    (found,) = declarations("table rate of a deal: percentage, first row, from 'rates.csv'", "en")
    assert isinstance(found, s.TableDeclaration)
    assert shown(found.options) == "[first row, from · 'rates.csv']"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("de 1 à 5", "CellTest(range, [1, 5])"),
        ("≥ 5", "CellTest(compare, [5], ge)"),
        ("5 %", "CellTest(value, [5 %])"),
        ("", ""),
    ],
)
def test_a_cell_of_a_sheet(cell: str, expected: str) -> None:
    found = parse_cell(cell, "fr")
    assert found.diagnostics == ()
    assert ", ".join(map(shown, found.cell.tests)) == expected


def test_an_example() -> None:
    (example, after) = declarations(
        'exemple "a" / "b" avec table\n'
        "  étant donné une affaire, montant = base\n"
        "    et un contact C, nom = 'x'\n"
        "  quand l'étape de l'affaire devient 'A'\n"
        "\n"
        "  quand 3 heures passent\n"
        "  alors étape = 'A'\n"
        "    et jamais envoyer\n"
        "    créer, a = 'x'\n"
        "  | base | b |\n"
        "  | 5 | 6 |\n"
        "\n"
        "quand x alors y",
        "fr",
    )
    assert isinstance(example, s.ExampleDeclaration)
    assert [shown(step) for step in example.steps] == [
        "Given(une affaire, [Argument(montant, base)])",
        "Given(un contact C, [Argument(nom, 'x')])",
        "When(BecomesTrigger(l'étape de l'affaire, ['A']))",
        "When(EventTrigger(3 heures · passent))",
        "Then([Expectation({étape eq 'A'}), Expectation(envoyer, yes), Expectation(créer, [Argument(a, 'x')])])",
    ]
    assert (shown(example.columns), len(example.rows)) == ("[base, b]", 1)
    assert isinstance(after, s.RuleDeclaration)


def test_an_example_in_english() -> None:
    (example,) = declarations(
        'example "a"\n  given it is 2027-05-31 at 9am\n  when the deal is created\n  then a = 5 and never b',
        "en",
    )
    assert isinstance(example, s.ExampleDeclaration)
    assert [type(step).__name__ for step in example.steps] == ["Given", "When", "Then"]


def test_a_process() -> None:
    file = parse_file(
        "process Sale of a deal / Vente, following stage\n"
        "  'A' : deadline 1 business day, owner = the owner's manager, instruction \"Call\", probability 10 %\n"
        "  'B' : end, success\n"
        "  from 'A' to 'B', 'C'",
        "en",
    )
    told = [(found.code, found.severity) for found in file.diagnostics if isinstance(found, Diagnostic)]
    assert told == [("QD044", "warning")]
    ((_, parsed_process),) = file.declarations
    found = parsed_process.declaration
    assert isinstance(found, s.ProcessDeclaration)
    assert shown(found.following) == "stage"
    stage, _, transition = found.entries
    assert isinstance(stage, s.Stage)
    assert [prop.kind for prop in stage.properties] == ["deadline", "owner", "instruction", "probability"]
    assert shown(transition) == "Transition('A', ['B', 'C'])"


def test_a_definition_over_several_lines() -> None:
    (found,) = declarations("définir la remise d'une affaire / discount =\n  si a\n  alors 5 %\n  sinon 0 %", "fr")
    assert isinstance(found, s.DefinitionDeclaration)
    assert shown(found.names) == "la remise d'une affaire / discount"
    assert shown(found.body) == "Conditional(a, 5 %, 0 %)"


@pytest.mark.parametrize("text", ["vocabulaire : aucun", "vocabulary: none"])
def test_the_standard_vocabulary_can_be_left_out(text: str) -> None:
    assert declarations(text) == [s.VocabularySetting("none")]


# --- files --------------------------------------------------------------------------------------------------------


def test_a_file_is_split_at_the_words_that_open_declarations() -> None:
    found = declarations(
        "objet une action\n"
        "  objet : texte\n"
        "  table / table : texte\n"
        'règle "A"\n'
        "\n"
        "# le déclencheur\n"
        "quand x\n"
        "alors y\n"
        "chaque lundi à 9h\n"
        "alors z\n"
        "30 jours avant la date de fin d'un contrat alors w\n"
        'règle "B"\n'
        "2 heures après la création d'une affaire\n"
        "alors v",
        "fr",
    )
    assert [type(declaration).__name__ for declaration in found] == ["ObjectDeclaration"] + ["RuleDeclaration"] * 4
    assert [len(rule.names) for rule in found if isinstance(rule, s.RuleDeclaration)] == [1, 0, 0, 1]


def test_the_tokens_of_a_file_give_its_text_back() -> None:
    text = (
        "\ufeff# langue : fr\r\n\r\n## doc\r\nquand  une affaire\u00a0est créée # ici\r\n"
        "alors étape = 'A', x = « b »   \r\n\r\nbla § bla\r\n# fin"
    )
    file = parse_file(text)
    pieces = [
        "".join(token.leading + token.text for token in declaration.tokens) + declaration.trailing
        for _, declaration in file.declarations
    ]
    assert "".join(pieces) == text
    assert [offset for offset, _ in file.declarations] == [0] * len(pieces)


def test_what_did_not_change_is_not_read_again() -> None:
    before = parse_file("quand a alors b\nquand c alors d\n", "fr")
    after = parse_file("# nouveau\nquand a alors b\nquand c alors d\n", "fr")
    assert after.declarations[1][1] is before.declarations[1][1]
    assert after.declarations[1][0] == before.declarations[1][0] + len("# nouveau\n")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("quand a deal is created alors x", "fr"),
        ("# language: en\nquand x alors y", "en"),
        ("# langue : fr\nwhen x then y", "fr"),
        ("table t : texte", "fr"),
        ("table t : text", "en"),
        ("# when\n'when' rule", "en"),
        ("action x", "fr"),
        ("", "fr"),
    ],
)
def test_the_language_of_a_file(text: str, language: str) -> None:
    assert detect_language(text) == language
    assert detect_language("action x", default="en") == "en"


def test_spans_are_relative_to_the_declaration() -> None:
    file = parsed("quand a alors b\n\nquand une affaire est créée alors étape = 'A'\n")
    offset, second = file.declarations[1]
    declaration = second.declaration
    assert isinstance(declaration, s.RuleDeclaration)
    (action,) = declaration.actions
    span = action.span.shifted(offset)
    assert file.text[span.start : span.end] == "étape = 'A'"


def test_texts_keep_their_holes_and_escapes() -> None:
    found = parse_expression(r'"a \"b\" {{ {nom de l' + "'affaire} \\n c\"", "fr").expression
    assert isinstance(found, s.Run)
    (text,) = found.items
    assert isinstance(text, s.Text)
    before, hole, after = text.parts
    assert (before, after) == ('a "b" { ', " \n c")
    assert isinstance(hole, s.Interpolation)
    assert shown(hole.value) == "nom de l'affaire"


def test_names_declared_with_brackets_among_words() -> None:
    (found,) = declarations("définir le [prix (HT)] d'une affaire = 5", "fr")
    assert isinstance(found, s.DefinitionDeclaration)
    assert shown(found.names) == "le [prix (HT)] d'une affaire"
