"""Building the nodes of the declarations other than rules: see ``dsl/tree.py``."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from . import syntax as s
from .lexemes import Lexeme
from .source import Span
from .tree_spans import covering, here, last_of

# --- vocabulary ---------------------------------------------------------------------------------------------------


def names(phrase: s.Phrase | s.Name, _: Lexeme | None = None, other: s.Phrase | s.Name | None = None) -> s.Names:
    return s.Names(phrase, other, span=covering(phrase, other or phrase))


def object_(opening: Lexeme, names_: s.Names, fields_: list[Any]) -> s.ObjectDeclaration:
    return s.ObjectDeclaration(names_, tuple(fields_), span=covering(opening, last_of(names_, fields_)))


def event(opening: Lexeme, names_: s.Names, fields_: list[Any]) -> s.EventDeclaration:
    return s.EventDeclaration(names_, tuple(fields_), span=covering(opening, last_of(names_, fields_)))


def documented(entries: list[Any], mark: Lexeme, entry: Any) -> list[Any]:
    """An entry with the documentation above it."""
    if mark.value and isinstance(entry, s.FieldDeclaration):
        entry = s.FieldDeclaration(entry.names, entry.type, entry.options, mark.value, span=entry.span)
    entries.append(entry)
    return entries


def field(names_: s.Names, _: Lexeme, type__: s.TypeSyntax, options: list[s.FieldOption]) -> s.FieldDeclaration:
    return s.FieldDeclaration(names_, type__, tuple(options), span=covering(names_, last_of(type__, options)))


def option(sign: Lexeme, value_: s.Expression | None = None) -> s.FieldOption:
    kind = "default" if sign.terminal == "DEFAULT" else sign.value
    return s.FieldOption(kind, value_, span=covering(sign, value_ or sign))


def type_(alternatives: list[s.Phrase | s.Name]) -> s.TypeSyntax:
    return s.TypeSyntax(tuple(alternatives), span=covering(alternatives[0], alternatives[-1]))


def type_choices(sign: Lexeme, choices: list[s.ChoiceName]) -> s.TypeSyntax:
    return s.TypeSyntax((), tuple(choices), span=covering(sign, choices[-1]))


def choice(text: Lexeme, _: Lexeme | None = None, other: Lexeme | None = None) -> s.ChoiceName:
    return s.ChoiceName(text.value, other.value if other else None, span=covering(text, other or text))


def definition(opening: Lexeme, names_: s.Names, _: Lexeme, body: s.Expression) -> s.DefinitionDeclaration:
    return s.DefinitionDeclaration(names_, body, span=covering(opening, body))


def vocabulary(opening: Lexeme, _: Lexeme, setting: Lexeme) -> s.VocabularySetting:
    return s.VocabularySetting(setting.value, span=covering(opening, setting))


def pattern(parts: list[Any]) -> s.ActionPattern:
    return s.ActionPattern(tuple(parts), span=covering(parts[0], parts[-1]))


def hole_plain(opening: Lexeme, name: s.Phrase | s.Name, closing: Lexeme) -> s.PatternHole:
    return s.PatternHole(name, span=covering(opening, closing))


def hole_typed(
    opening: Lexeme, name: s.Phrase | s.Name, _: Lexeme, type__: s.TypeSyntax, closing: Lexeme
) -> s.PatternHole:
    return s.PatternHole(name, type__, span=covering(opening, closing))


def hole_optional(part: s.Phrase | s.PatternHole, sign: Lexeme) -> s.Phrase | s.PatternHole:
    if isinstance(part, s.PatternHole):
        return s.PatternHole(part.name, part.type, True, span=covering(part, sign))
    return part


def named(_: Lexeme, text: Lexeme) -> s.Text:
    return cast("s.Text", text.value)


def action_declaration(
    opening: Lexeme, pattern_: s.ActionPattern, other: s.ActionPattern | None, entries: list[Any]
) -> s.ActionDeclaration:
    name = next((entry for entry in entries if isinstance(entry, s.Text)), None)
    parameters = tuple(entry for entry in entries if not isinstance(entry, s.Text))
    span = covering(opening, last_of(other or pattern_, entries))
    return s.ActionDeclaration(pattern_, other, name, parameters, span=span)


TableRows: TypeAlias = tuple[list[s.Expression], list[s.TableRow]]

# --- decision tables ----------------------------------------------------------------------------------------------


def table(
    opening: Lexeme,
    names_: s.Names,
    _: Lexeme,
    type__: s.TypeSyntax,
    options: list[s.Run],
    rows: TableRows | None,
) -> s.TableDeclaration:
    columns, lines = rows or ([], [])
    span = covering(opening, last_of(type__, options, columns, lines))
    return s.TableDeclaration(names_, type__, tuple(options), tuple(columns), tuple(lines), span=span)


def table_rows(columns: list[s.Expression], rows: list[s.TableRow]) -> TableRows:
    return columns, rows


def row(opening: Lexeme, cells: list[Any], closing: Lexeme | None) -> s.TableRow:
    start, end = opening.end, opening.end
    built: list[s.Cell] = []
    for tests in cells:
        if tests:
            start, end = tests[0].span.start, tests[-1].span.end
        built.append(s.Cell(tuple(tests), span=Span(start, end) if tests else Span(end, end)))
    return s.TableRow(tuple(built), span=Span(opening.start, closing.end if closing else end))


def cell_value(value_: s.Expression) -> s.CellTest:
    return s.CellTest("value", (value_,), span=value_.span)


def cell_compare(operator: Lexeme, value_: s.Expression) -> s.CellTest:
    return s.CellTest("compare", (value_,), operator.value[0], span=covering(operator, value_))


def cell_range(opening: Lexeme, low: s.Expression, _: Lexeme, high: s.Expression) -> s.CellTest:
    return s.CellTest("range", (low, high), span=covering(opening, high))


def cell_not(sign: Lexeme, value_: s.Expression) -> s.CellTest:
    return s.CellTest("not", (value_,), span=covering(sign, value_))


def cell_not_range(sign: Lexeme, _: Lexeme, low: s.Expression, __: Lexeme, high: s.Expression) -> s.CellTest:
    return s.CellTest("not_range", (low, high), span=covering(sign, high))


def cell_more(tests: list[Any], _: Lexeme, test: s.CellTest | s.InvalidSyntax) -> list[Any]:
    """A further test; a value after ``pas`` is excluded too: ``pas 'Bronze', 'Argent'``."""
    last = tests[-1]
    negated = isinstance(last, s.CellTest) and last.kind == "not"
    if negated and isinstance(test, s.CellTest) and test.kind == "value":
        tests[-1] = s.CellTest("not", (*last.operands, *test.operands), span=covering(last, test))
    else:
        tests.append(test)
    return tests


def cell_otherwise(sign: Lexeme) -> s.CellTest:
    return s.CellTest("otherwise", span=here(sign))


# --- examples -----------------------------------------------------------------------------------------------------


def example(opening: Lexeme, names_: list[s.Text], _: Any, steps: list[Any]) -> s.ExampleDeclaration:
    flat: list[s.Step] = []
    table_: TableRows = ([], [])
    last: Any = names_[-1]
    for step in steps:
        if type(step) is tuple:
            table_ = cast("TableRows", step)
            last = last_of(last, *table_)
        else:
            flat.extend(cast("list[s.Step]", step) if type(step) is list else [step])
            last = flat[-1]
    other = names_[1] if len(names_) > 1 else None
    span = covering(opening, last)
    columns, rows = table_
    return s.ExampleDeclaration(names_[0], other, tuple(flat), tuple(columns), tuple(rows), span=span)


def given(head: s.Run, arguments: list[Any]) -> s.Given:
    return s.Given(head, tuple(arguments), span=covering(head, last_of(head, arguments)))


def when_event(trigger: s.Trigger, arguments: list[Any]) -> s.When:
    return s.When(trigger, tuple(arguments), span=covering(trigger, last_of(trigger, arguments)))


def then(opening: Lexeme, expectations: list[Any]) -> s.Then:
    return s.Then(tuple(expectations), span=covering(opening, expectations[-1]))


def expectation(body: s.Expression, arguments: list[Any]) -> s.Expectation:
    return s.Expectation(body, tuple(arguments), span=covering(body, last_of(body, arguments)))


def never(sign: Lexeme, body: s.Expression, arguments: list[Any]) -> s.Expectation:
    return s.Expectation(body, tuple(arguments), True, span=covering(sign, last_of(body, arguments)))


# --- processes ----------------------------------------------------------------------------------------------------


def process(
    opening: Lexeme, names_: s.Names, _: Lexeme, following: s.Phrase | s.Name, entries: list[Any]
) -> s.ProcessDeclaration:
    span = covering(opening, last_of(following, entries))
    return s.ProcessDeclaration(names_, following, tuple(entries), span=span)


def stage(name: Lexeme, _: Lexeme, properties: list[s.StageProperty]) -> s.Stage:
    return s.Stage(name.value, tuple(properties), span=covering(name, properties[-1]))


def property_(sign: Lexeme, value_: s.Expression | None = None) -> s.StageProperty:
    return s.StageProperty(sign.value, value_, span=covering(sign, value_ or sign))


def transition(opening: Lexeme, origin: Lexeme, _: Lexeme, targets: list[s.Text]) -> s.Transition:
    return s.Transition(origin.value, tuple(targets), span=covering(opening, targets[-1]))
