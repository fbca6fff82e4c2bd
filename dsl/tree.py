"""Building the nodes of the syntax tree: one function for each name after an arrow in ``grammar/quand.lark``.

Functions take the values of the symbols of their alternative, in order: nodes, lists of nodes, or terminals as
:class:`~.lexer.Lexeme`. Lists are grown in place.
"""

from __future__ import annotations

from typing import Any

from . import syntax as s
from . import tree_declarations
from .lexemes import Lexeme
from .source import Span
from .tree_spans import covering, here, plain

# --- lists and values on their way ---------------------------------------------------------------------------------


def value(lexeme: Lexeme) -> Any:
    return lexeme.value


def nothing() -> None:
    return None


def empty() -> list[Any]:
    return []


def one(item: Any) -> list[Any]:
    return [plain(item)]


def two(first: Any, _: Lexeme, second: Any) -> list[Any]:
    return [plain(first), plain(second)]


def more(items: list[Any], item: Any) -> list[Any]:
    items.append(item)
    return items


def listed(items: list[Any], _: Lexeme, item: Any) -> list[Any]:
    items.append(plain(item))
    return items


def second(*parts: Any) -> Any:
    return parts[1]


def declaration(node: Any, _: Lexeme) -> Any:
    return node


def hole(value_: s.Expression, otherwise: s.Expression | None, end: Lexeme) -> s.Interpolation:
    return s.Interpolation(value_, otherwise, span=Span(value_.span.start, end.end))


# --- operands -----------------------------------------------------------------------------------------------------


def group(opening: Lexeme, inner: s.Expression, closing: Lexeme) -> s.Group:
    return s.Group(inner, span=covering(opening, closing))


def run(items: list[s.Item]) -> s.Run:
    if len(items) == 1:
        return s.Run((items[0],), span=items[0].span)
    return s.Run(tuple(items), span=covering(items[0], items[-1]))


def run_pair(pair_: s.PairCall) -> s.Run:
    return s.Run((pair_,), span=pair_.span)


def run_items_pair(items: list[s.Item], pair_: s.PairCall) -> s.Run:
    return s.Run((*items, pair_), span=covering(items[0], pair_))


def pair(opening: Lexeme, first: s.Run, _: Lexeme, last: s.Run) -> s.PairCall:
    return s.PairCall(opening.value, first, last, span=covering(opening, last))


def run_where(items: list[s.Item], _: Lexeme, where: s.Expression) -> s.Run:
    span = covering(items[0], where)
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
    return s.Binary(operator.value, left, right, span=covering(left, right), operator_span=here(operator))


def negative(sign: Lexeme, operand: s.Expression) -> s.Expression:
    return s.Negative(operand, span=covering(sign, operand)) if sign.value == "-" else operand


def compare(left: s.Expression, operator: Lexeme, right: s.Expression) -> s.Comparison:
    concept, form = operator.value
    return s.Comparison(concept, form, left, right, span=covering(left, right), operator_span=here(operator))


def compare_subject(operator: Lexeme, right: s.Expression) -> s.Comparison:
    concept, form = operator.value
    return s.Comparison(concept, form, None, right, span=covering(operator, right), operator_span=here(operator))


def between(operand: s.Expression, sign: Lexeme, low: s.Expression, _: Lexeme, high: s.Expression) -> s.Between:
    return s.Between(operand, low, high, sign.value, span=covering(operand, high))


def between_subject(sign: Lexeme, low: s.Expression, _: Lexeme, high: s.Expression) -> s.Between:
    return s.Between(None, low, high, sign.value, span=covering(sign, high))


def one_of(operand: s.Expression, sign: Lexeme, members: list[s.Expression]) -> s.Membership:
    return s.Membership(operand, tuple(members), sign.value, span=covering(operand, members[-1]))


def one_of_subject(sign: Lexeme, members: list[s.Expression]) -> s.Membership:
    return s.Membership(None, tuple(members), sign.value, span=covering(sign, members[-1]))


def all_satisfy(collection: s.Expression, _: Lexeme, condition: s.Expression) -> s.AllSatisfy:
    return s.AllSatisfy(as_run(collection), condition, span=covering(collection, condition))


def negation(sign: Lexeme, operand: s.Expression) -> s.Not:
    return s.Not(operand, span=covering(sign, operand))


def chain_one(test: s.Expression) -> list[Any]:
    return [test]


def chain_more(parts: list[Any], connector: Lexeme, test: s.Expression) -> list[Any]:
    parts.append(connector.value)
    parts.append(test)
    return parts


def logic(parts: list[Any]) -> s.Expression:
    if len(parts) == 1:
        return parts[0]
    return s.Logic(tuple(parts[::2]), tuple(parts[1::2]), span=covering(parts[0], parts[-1]))


def conditional(
    sign: Lexeme, condition: s.Expression, _then: Lexeme, then_: s.Expression, _else: Lexeme, otherwise: s.Expression
) -> s.Conditional:
    return s.Conditional(condition, then_, otherwise, span=covering(sign, otherwise))


# --- rules --------------------------------------------------------------------------------------------------------


def rule_header(opening: Lexeme, names_: list[s.Text], attributes: Any = ()) -> tuple[Lexeme, Any, Any]:
    return opening, tuple(names_), tuple(attributes)


def nameless_header(opening: Lexeme, attributes: list[s.Attribute]) -> tuple[Lexeme, Any, Any]:
    return opening, (), tuple(attributes)


def attribute(sign: Lexeme, values: list[Any] | None = None) -> s.Attribute:
    last = values[-1] if values else sign
    return s.Attribute(sign.value, tuple(values or ()), span=covering(sign, last))


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
        span=covering(opening or triggers[0], last),
    )


def event_trigger(event_: s.Expression) -> s.EventTrigger:
    return s.EventTrigger(as_run(event_), span=event_.span)


def window_trigger(event_: s.Expression, _: Lexeme, within: Lexeme) -> s.Trigger:
    span = covering(event_, within)
    if isinstance(event_, s.Run) and len(event_.items) > 1 and isinstance(event_.items[0], s.Literal):
        count, items = event_.items[0], event_.items[1:]
        rest = s.Run(items, event_.where, event_.rest, span=Span(items[0].span.start, event_.span.end))
        return s.WindowTrigger(count, rest, within.value, span=span)
    return s.InvalidSyntax(span=span)


def change_trigger(value_: s.Expression, sign: Lexeme) -> s.ChangeTrigger:
    return s.ChangeTrigger(value_, span=covering(value_, sign))


def becomes_trigger(value_: s.Expression, _: Lexeme, target: s.Expression) -> s.BecomesTrigger:
    return s.BecomesTrigger(value_, (target,), span=covering(value_, target))


def becomes_one_of_trigger(
    value_: s.Expression, _: Lexeme, _one_of: Lexeme, targets: list[s.Expression]
) -> s.BecomesTrigger:
    return s.BecomesTrigger(value_, tuple(targets), True, span=covering(value_, targets[-1]))


def transition_trigger(
    value_: s.Expression, _from: Lexeme, origin: s.Expression, _to: Lexeme, target: s.Expression
) -> s.TransitionTrigger:
    return s.TransitionTrigger(value_, origin, target, span=covering(value_, target))


def threshold_trigger(value_: s.Expression, sign: Lexeme, bound: s.Expression) -> s.ThresholdTrigger:
    return s.ThresholdTrigger(sign.value, value_, bound, span=covering(value_, bound))


def date_trigger(
    offset: s.Expression, sign: Lexeme, date: s.Run, _: Lexeme | None = None, at: Lexeme | None = None
) -> s.Trigger:
    span = covering(offset, at or date)
    if isinstance(offset, s.Run) and len(offset.items) == 1 and isinstance(offset.items[0], s.Literal):
        return s.DateTrigger(offset.items[0], sign.value, date, at.value if at else None, span=span)
    return s.InvalidSyntax(span=span)


def stays_trigger(
    subject: s.Expression, _: Lexeme, duration: Lexeme, _in: Lexeme, condition: s.Expression
) -> s.StaysTrigger:
    return s.StaysTrigger(as_run(subject), duration.value, condition, span=covering(subject, condition))


def calendar_trigger(
    sign: Lexeme, schedule: s.Run, _: Lexeme | None = None, for_each_: s.Run | None = None
) -> s.CalendarTrigger:
    return s.CalendarTrigger(schedule, for_each_, span=covering(sign, for_each_ or schedule))


def assignment(sign: Lexeme, value_: s.Expression) -> tuple[bool, s.Expression]:
    return sign.terminal == "BECOMES", value_


def action(head: s.Run, assigned: tuple[bool, s.Expression] | None, arguments: list[Any]) -> s.ActionCall:
    becomes, value_ = assigned or (False, None)
    last = arguments[-1] if arguments else value_ or head
    return s.ActionCall(head, value_, becomes, tuple(arguments), span=covering(head, last))


def argument(name: s.Phrase | s.Name, _: Lexeme, value_: s.Expression) -> s.Argument:
    return s.Argument(name, value_, span=covering(name, value_))


def for_each(sign: Lexeme, collection: s.Run, _: Lexeme, action_: s.Action) -> s.ForEach:
    return s.ForEach(collection, (action_,), span=covering(sign, action_))


def for_each_block(
    sign: Lexeme, collection: s.Run, _: Lexeme, _open: Lexeme, actions: list[s.Action], closing: Lexeme
) -> s.ForEach:
    return s.ForEach(collection, tuple(actions), span=covering(sign, closing))


def wait(sign: Lexeme, duration: s.Expression, _: Lexeme | None = None, unless: s.Expression | None = None) -> s.Wait:
    return s.Wait(duration, unless, span=covering(sign, unless or duration))


def builders() -> dict[str, Any]:
    """The functions by the names the grammar calls them by."""
    named = {**vars(tree_declarations), **globals()}
    return {name.rstrip("_"): function for name, function in named.items() if callable(function)}
