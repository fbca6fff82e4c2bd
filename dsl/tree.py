"""Building the nodes of the syntax tree: one function for each name after an arrow in ``grammar/quand.lark``.

Functions take the values of the symbols of their alternative, in order: nodes, lists of nodes, or terminals as
:class:`~.lexer.Lexeme`. Lists are grown in place.
"""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from . import syntax as s
from .lexer import Lexeme
from .source import Span

NodeLike: TypeAlias = Any

# --- lists and values on their way ---------------------------------------------------------------------------------


def value(lexeme: Lexeme) -> Any:
    return lexeme.value


def nothing() -> None:
    return None


def empty() -> list[Any]:
    return []


def one(item: Any) -> list[Any]:
    return [_plain(item)]


def two(first: Any, _: Lexeme, second: Any) -> list[Any]:
    return [_plain(first), _plain(second)]


def more(items: list[Any], item: Any) -> list[Any]:
    items.append(item)
    return items


def listed(items: list[Any], _: Lexeme, item: Any) -> list[Any]:
    items.append(_plain(item))
    return items


def second(*parts: Any) -> Any:
    return parts[1]


def _plain(item: Any) -> Any:
    """The node of a terminal that stands for one."""
    return item.value if isinstance(item, Lexeme) else item


def _between(first: Any, last: Any) -> Span:
    """From the start of one node or terminal to the end of another."""
    start = first.start if isinstance(first, Lexeme) else first.span.start
    end = last.end if isinstance(last, Lexeme) else last.span.end
    return Span(start, end)


def _here(lexeme: Lexeme) -> Span:
    return Span(lexeme.start, lexeme.end)


def declaration(node: Any, _: Lexeme) -> Any:
    return node


def hole(value_: s.Expression, otherwise: s.Expression | None, end: Lexeme) -> s.Interpolation:
    return s.Interpolation(value_, otherwise, span=Span(value_.span.start, end.end))


# --- operands -----------------------------------------------------------------------------------------------------


def group(opening: Lexeme, inner: s.Expression, closing: Lexeme) -> s.Group:
    return s.Group(inner, span=_between(opening, closing))


def run(items: list[s.Item]) -> s.Run:
    if len(items) == 1:
        return s.Run((items[0],), span=items[0].span)
    return s.Run(tuple(items), span=_between(items[0], items[-1]))


def run_pair(pair_: s.PairCall) -> s.Run:
    return s.Run((pair_,), span=pair_.span)


def run_items_pair(items: list[s.Item], pair_: s.PairCall) -> s.Run:
    return s.Run((*items, pair_), span=_between(items[0], pair_))


def pair(opening: Lexeme, first: s.Run, _: Lexeme, last: s.Run) -> s.PairCall:
    return s.PairCall(opening.value, first, last, span=_between(opening, last))


def run_where(items: list[s.Item], _: Lexeme, where: s.Expression) -> s.Run:
    span = _between(items[0], where)
    if isinstance(where, s.Run) and where.where is None and len(where.items) > 1:
        # `dont (a et b) depuis 30 jours`: the filter is in the parentheses.
        first, *rest = where.items
        if isinstance(first, s.Group):
            return s.Run(tuple(items), s.Run((first,), span=first.span), tuple(rest), span=span)
    return s.Run(tuple(items), where, span=span)


def as_run(expression: s.Expression) -> s.Run:
    """A run; any other expression as if it stood in parentheses."""
    if isinstance(expression, s.Run):
        return expression
    return s.Run((s.Group(expression, span=expression.span),), span=expression.span)


# --- arithmetic and conditions ------------------------------------------------------------------------------------


def binary(left: s.Expression, operator: Lexeme, right: s.Expression) -> s.Binary:
    return s.Binary(operator.value, left, right, span=_between(left, right), operator_span=_here(operator))


def negative(sign: Lexeme, operand: s.Expression) -> s.Expression:
    return s.Negative(operand, span=_between(sign, operand)) if sign.value == "-" else operand


def compare(left: s.Expression, operator: Lexeme, right: s.Expression) -> s.Comparison:
    concept, form = operator.value
    return s.Comparison(concept, form, left, right, span=_between(left, right), operator_span=_here(operator))


def compare_subject(operator: Lexeme, right: s.Expression) -> s.Comparison:
    concept, form = operator.value
    return s.Comparison(concept, form, None, right, span=_between(operator, right), operator_span=_here(operator))


def between(operand: s.Expression, sign: Lexeme, low: s.Expression, _: Lexeme, high: s.Expression) -> s.Between:
    return s.Between(operand, low, high, sign.value, span=_between(operand, high))


def between_subject(sign: Lexeme, low: s.Expression, _: Lexeme, high: s.Expression) -> s.Between:
    return s.Between(None, low, high, sign.value, span=_between(sign, high))


def one_of(operand: s.Expression, sign: Lexeme, members: list[s.Expression]) -> s.Membership:
    return s.Membership(operand, tuple(members), sign.value, span=_between(operand, members[-1]))


def one_of_subject(sign: Lexeme, members: list[s.Expression]) -> s.Membership:
    return s.Membership(None, tuple(members), sign.value, span=_between(sign, members[-1]))


def all_satisfy(collection: s.Expression, _: Lexeme, condition: s.Expression) -> s.AllSatisfy:
    return s.AllSatisfy(as_run(collection), condition, span=_between(collection, condition))


def negation(sign: Lexeme, operand: s.Expression) -> s.Not:
    return s.Not(operand, span=_between(sign, operand))


def chain_one(test: s.Expression) -> list[Any]:
    return [test]


def chain_more(parts: list[Any], connector: Lexeme, test: s.Expression) -> list[Any]:
    parts.append(connector.value)
    parts.append(test)
    return parts


def logic(parts: list[Any]) -> s.Expression:
    if len(parts) == 1:
        return parts[0]
    return s.Logic(tuple(parts[::2]), tuple(parts[1::2]), span=_between(parts[0], parts[-1]))


def conditional(
    sign: Lexeme, condition: s.Expression, _then: Lexeme, then_: s.Expression, _else: Lexeme, otherwise: s.Expression
) -> s.Conditional:
    return s.Conditional(condition, then_, otherwise, span=_between(sign, otherwise))


# --- rules --------------------------------------------------------------------------------------------------------


def rule_header(opening: Lexeme, names_: list[s.Text], attributes: Any = ()) -> tuple[Lexeme, Any, Any]:
    return opening, tuple(names_), tuple(attributes)


def nameless_header(opening: Lexeme, attributes: list[s.Attribute]) -> tuple[Lexeme, Any, Any]:
    return opening, (), tuple(attributes)


def attribute(sign: Lexeme, values: list[Any] | None = None) -> s.Attribute:
    last = values[-1] if values else sign
    return s.Attribute(sign.value, tuple(values or ()), span=_between(sign, last))


def rule(
    header: tuple[Lexeme, Any, Any] | None,
    when: Lexeme | None,
    triggers: list[s.Trigger],
    condition: s.Expression | None,
    _: Lexeme,
    actions: list[s.Action],
    otherwise: list[s.Action] | None,
) -> s.RuleDeclaration:
    opening, names_, attributes = header or (when, (), ())
    last = (otherwise or actions)[-1]
    return s.RuleDeclaration(
        names_,
        attributes,
        tuple(triggers),
        condition,
        tuple(actions),
        None if otherwise is None else tuple(otherwise),
        span=_between(opening or triggers[0], last),
    )


def event_trigger(event_: s.Expression) -> s.EventTrigger:
    return s.EventTrigger(as_run(event_), span=event_.span)


def window_trigger(event_: s.Expression, _: Lexeme, within: Lexeme) -> s.Trigger:
    span = _between(event_, within)
    if isinstance(event_, s.Run) and len(event_.items) > 1 and isinstance(event_.items[0], s.Literal):
        count, *items = event_.items
        rest = s.Run(tuple(items), event_.where, event_.rest, span=Span(items[0].span.start, event_.span.end))
        return s.WindowTrigger(count, rest, within.value, span=span)
    return s.InvalidSyntax(span=span)


def change_trigger(value_: s.Expression, sign: Lexeme) -> s.ChangeTrigger:
    return s.ChangeTrigger(value_, span=_between(value_, sign))


def becomes_trigger(value_: s.Expression, _: Lexeme, target: s.Expression) -> s.BecomesTrigger:
    return s.BecomesTrigger(value_, (target,), span=_between(value_, target))


def becomes_one_of_trigger(
    value_: s.Expression, _: Lexeme, _one_of: Lexeme, targets: list[s.Expression]
) -> s.BecomesTrigger:
    return s.BecomesTrigger(value_, tuple(targets), True, span=_between(value_, targets[-1]))


def transition_trigger(
    value_: s.Expression, _from: Lexeme, origin: s.Expression, _to: Lexeme, target: s.Expression
) -> s.TransitionTrigger:
    return s.TransitionTrigger(value_, origin, target, span=_between(value_, target))


def threshold_trigger(value_: s.Expression, sign: Lexeme, bound: s.Expression) -> s.ThresholdTrigger:
    return s.ThresholdTrigger(sign.value, value_, bound, span=_between(value_, bound))


def date_trigger(
    offset: s.Expression, sign: Lexeme, date: s.Run, _: Lexeme | None = None, at: Lexeme | None = None
) -> s.Trigger:
    span = _between(offset, at or date)
    if isinstance(offset, s.Run) and len(offset.items) == 1 and isinstance(offset.items[0], s.Literal):
        return s.DateTrigger(offset.items[0], sign.value, date, at.value if at else None, span=span)
    return s.InvalidSyntax(span=span)


def stays_trigger(
    subject: s.Expression, _: Lexeme, duration: Lexeme, _in: Lexeme, condition: s.Expression
) -> s.StaysTrigger:
    return s.StaysTrigger(as_run(subject), duration.value, condition, span=_between(subject, condition))


def calendar_trigger(
    sign: Lexeme, schedule: s.Run, _: Lexeme | None = None, for_each_: s.Run | None = None
) -> s.CalendarTrigger:
    return s.CalendarTrigger(schedule, for_each_, span=_between(sign, for_each_ or schedule))


def assignment(sign: Lexeme, value_: s.Expression) -> tuple[bool, s.Expression]:
    return sign.terminal == "BECOMES", value_


def action(head: s.Run, assigned: tuple[bool, s.Expression] | None, arguments: list[Any]) -> s.ActionCall:
    becomes, value_ = assigned or (False, None)
    last = arguments[-1] if arguments else value_ or head
    return s.ActionCall(head, value_, becomes, tuple(arguments), span=_between(head, last))


def argument(name: s.Phrase | s.Name, _: Lexeme, value_: s.Expression) -> s.Argument:
    return s.Argument(name, value_, span=_between(name, value_))


def for_each(sign: Lexeme, collection: s.Run, _: Lexeme, action_: s.Action) -> s.ForEach:
    return s.ForEach(collection, (action_,), span=_between(sign, action_))


def for_each_block(
    sign: Lexeme, collection: s.Run, _: Lexeme, _open: Lexeme, actions: list[s.Action], closing: Lexeme
) -> s.ForEach:
    return s.ForEach(collection, tuple(actions), span=_between(sign, closing))


def wait(
    sign: Lexeme, duration: s.Expression, _: Lexeme | None = None, unless: s.Expression | None = None
) -> s.Wait:
    return s.Wait(duration, unless, span=_between(sign, unless or duration))


# --- vocabulary ---------------------------------------------------------------------------------------------------


def names(phrase: s.Phrase | s.Name, _: Lexeme | None = None, other: s.Phrase | s.Name | None = None) -> s.Names:
    return s.Names(phrase, other, span=_between(phrase, other or phrase))


def _last(first: Any, *lists: list[Any]) -> Any:
    """The last node of some lists that follow one another."""
    for nodes in reversed(lists):
        if nodes:
            return nodes[-1]
    return first


def object_(opening: Lexeme, names_: s.Names, fields_: list[Any]) -> s.ObjectDeclaration:
    return s.ObjectDeclaration(names_, tuple(fields_), span=_between(opening, _last(names_, fields_)))


def event(opening: Lexeme, names_: s.Names, fields_: list[Any]) -> s.EventDeclaration:
    return s.EventDeclaration(names_, tuple(fields_), span=_between(opening, _last(names_, fields_)))


def documented(entries: list[Any], mark: Lexeme, entry: Any) -> list[Any]:
    """An entry with the documentation above it."""
    if mark.value and isinstance(entry, s.FieldDeclaration):
        entry = s.FieldDeclaration(entry.names, entry.type, entry.options, mark.value, span=entry.span)
    entries.append(entry)
    return entries


def field(names_: s.Names, _: Lexeme, type__: s.TypeSyntax, options: list[s.FieldOption]) -> s.FieldDeclaration:
    return s.FieldDeclaration(names_, type__, tuple(options), span=_between(names_, _last(type__, options)))


def option(sign: Lexeme, value_: s.Expression | None = None) -> s.FieldOption:
    kind = "default" if sign.terminal == "DEFAULT" else sign.value
    return s.FieldOption(kind, value_, span=_between(sign, value_ or sign))


def type_(alternatives: list[s.Phrase | s.Name]) -> s.TypeSyntax:
    return s.TypeSyntax(tuple(alternatives), span=_between(alternatives[0], alternatives[-1]))


def type_choices(sign: Lexeme, choices: list[s.ChoiceName]) -> s.TypeSyntax:
    return s.TypeSyntax((), tuple(choices), span=_between(sign, choices[-1]))


def choice(text: Lexeme, _: Lexeme | None = None, other: Lexeme | None = None) -> s.ChoiceName:
    return s.ChoiceName(text.value, other.value if other else None, span=_between(text, other or text))


def definition(opening: Lexeme, names_: s.Names, _: Lexeme, body: s.Expression) -> s.DefinitionDeclaration:
    return s.DefinitionDeclaration(names_, body, span=_between(opening, body))


def vocabulary(opening: Lexeme, _: Lexeme, setting: Lexeme) -> s.VocabularySetting:
    return s.VocabularySetting(setting.value, span=_between(opening, setting))


def pattern(parts: list[Any]) -> s.ActionPattern:
    return s.ActionPattern(tuple(parts), span=_between(parts[0], parts[-1]))


def hole_plain(opening: Lexeme, name: s.Phrase | s.Name, closing: Lexeme) -> s.PatternHole:
    return s.PatternHole(name, span=_between(opening, closing))


def hole_typed(
    opening: Lexeme, name: s.Phrase | s.Name, _: Lexeme, type__: s.TypeSyntax, closing: Lexeme
) -> s.PatternHole:
    return s.PatternHole(name, type__, span=_between(opening, closing))


def hole_optional(part: s.Phrase | s.PatternHole, sign: Lexeme) -> s.Phrase | s.PatternHole:
    if isinstance(part, s.PatternHole):
        return s.PatternHole(part.name, part.type, True, span=_between(part, sign))
    return part


def named(_: Lexeme, text: Lexeme) -> s.Text:
    return cast("s.Text", text.value)


def action_declaration(
    opening: Lexeme, pattern_: s.ActionPattern, other: s.ActionPattern | None, entries: list[Any]
) -> s.ActionDeclaration:
    name = next((entry for entry in entries if isinstance(entry, s.Text)), None)
    parameters = tuple(entry for entry in entries if not isinstance(entry, s.Text))
    span = _between(opening, _last(other or pattern_, entries))
    return s.ActionDeclaration(pattern_, other, name, parameters, span=span)


# --- decision tables ----------------------------------------------------------------------------------------------


def table(
    opening: Lexeme,
    names_: s.Names,
    _: Lexeme,
    type__: s.TypeSyntax,
    options: list[s.Run],
    rows: tuple[list[s.Expression], list[s.TableRow]] | None,
) -> s.TableDeclaration:
    columns, lines = rows or ([], [])
    span = _between(opening, _last(type__, options, columns, lines))
    return s.TableDeclaration(names_, type__, tuple(options), tuple(columns), tuple(lines), span=span)


def table_rows(
    columns: list[s.Expression], rows: list[s.TableRow]
) -> tuple[list[s.Expression], list[s.TableRow]]:
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
    return s.CellTest("compare", (value_,), operator.value[0], span=_between(operator, value_))


def cell_range(opening: Lexeme, low: s.Expression, _: Lexeme, high: s.Expression) -> s.CellTest:
    return s.CellTest("range", (low, high), span=_between(opening, high))


def cell_not(sign: Lexeme, value_: s.Expression) -> s.CellTest:
    return s.CellTest("not", (value_,), span=_between(sign, value_))


def cell_more(tests: list[s.CellTest], _: Lexeme, test: s.CellTest) -> list[s.CellTest]:
    """A further test; a value after ``pas`` is excluded too: ``pas 'Bronze', 'Argent'``."""
    last = tests[-1]
    if isinstance(test, s.CellTest) and last.kind == "not" and test.kind == "value":
        tests[-1] = s.CellTest("not", (*last.operands, *test.operands), span=_between(last, test))
    else:
        tests.append(test)
    return tests


def cell_otherwise(sign: Lexeme) -> s.CellTest:
    return s.CellTest("otherwise", span=_here(sign))


# --- examples -----------------------------------------------------------------------------------------------------


def example(opening: Lexeme, names_: list[s.Text], _: Any, steps: list[Any]) -> s.ExampleDeclaration:
    flat: list[s.Step] = []
    columns: tuple[s.Expression, ...] = ()
    rows: tuple[s.TableRow, ...] = ()
    last: Any = names_[-1]
    for step in steps:
        if isinstance(step, tuple):
            columns, rows = tuple(step[0]), tuple(step[1])
            last = _last(last, step[0], step[1])
        else:
            flat.extend(step if isinstance(step, list) else [step])
            last = flat[-1]
    other = names_[1] if len(names_) > 1 else None
    span = _between(opening, last)
    return s.ExampleDeclaration(names_[0], other, tuple(flat), columns, rows, span=span)


def given(head: s.Run, arguments: list[Any]) -> s.Given:
    return s.Given(head, tuple(arguments), span=_between(head, _last(head, arguments)))


def when_event(trigger: s.Trigger, arguments: list[Any]) -> s.When:
    return s.When(trigger, tuple(arguments), span=_between(trigger, _last(trigger, arguments)))


def then(opening: Lexeme, expectations: list[Any]) -> s.Then:
    return s.Then(tuple(expectations), span=_between(opening, expectations[-1]))


def expectation(body: s.Expression, arguments: list[Any]) -> s.Expectation:
    return s.Expectation(body, tuple(arguments), span=_between(body, _last(body, arguments)))


def never(sign: Lexeme, body: s.Expression, arguments: list[Any]) -> s.Expectation:
    return s.Expectation(body, tuple(arguments), True, span=_between(sign, _last(body, arguments)))


# --- processes ----------------------------------------------------------------------------------------------------


def process(
    opening: Lexeme, names_: s.Names, _: Lexeme, following: s.Phrase | s.Name, entries: list[Any]
) -> s.ProcessDeclaration:
    span = _between(opening, _last(following, entries))
    return s.ProcessDeclaration(names_, following, tuple(entries), span=span)


def stage(name: Lexeme, _: Lexeme, properties: list[s.StageProperty]) -> s.Stage:
    return s.Stage(name.value, tuple(properties), span=_between(name, properties[-1]))


def property_(sign: Lexeme, value_: s.Expression | None = None) -> s.StageProperty:
    return s.StageProperty(sign.value, value_, span=_between(sign, value_ or sign))


def transition(opening: Lexeme, origin: Lexeme, _: Lexeme, targets: list[s.Text]) -> s.Transition:
    return s.Transition(origin.value, tuple(targets), span=_between(opening, targets[-1]))


def builders() -> dict[str, Any]:
    """The functions by the names the grammar calls them by."""
    return {name.rstrip("_"): function for name, function in globals().items() if callable(function)}
