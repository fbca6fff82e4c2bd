"""Expressions as sentences: conditions, calculations, collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from . import ir
from .agreement import Noun
from .sentence_names import Names, Words, comma
from .values import Value
from .vocabulary import Vocabulary

Shown: TypeAlias = Mapping[int, Value]
"""Values to show behind expressions, by the ``id`` of the expression."""

_SYMBOLS = {
    "add": "+",
    "subtract": "-",
    "multiply": "×",
    "divide": "/",
    "ratio": "/",
    "power": "^",
    "percent_on": "+",
    "percent_off": "-",
    "concatenate": "+",
    "days_between": "-",
    "time_elapsed": "-",
}
_FAMILIES = ("_money", "_percentage", "_durations", "_duration_instant", "_duration")
"""Endings of the names of overloads, which all read alike."""

_SILENT = frozenset({"to_money", "to_datetime", "to_date", "key"})
"""Conversions that a reader need not see."""

_COMPARISONS = {
    "less": "lt",
    "less_or_equal": "le",
    "greater": "gt",
    "greater_or_equal": "ge",
    "contains": "contains",
    "list_contains": "contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
    "matches": "matches",
}
_OF_DATES = {"lt": "before", "gt": "after"}
_NEGATIONS = {
    "contains": "not_contains.words",
    "list_contains": "not_contains.words",
    "starts_with": "not_starts_with.words",
    "ends_with": "not_ends_with.words",
    "matches": "not_matches.words",
}
_LEVELS = {"+": 1, "-": 1, "×": 2, "/": 2, "^": 3}
"""How tightly the signs bind; what binds less stands in parentheses."""


class Expressions(Names):
    """Says expressions.

    Fields of the variable ``bare`` (the subject, unless another is given) are said alone, those of another object with
    the object.
    """

    def __init__(
        self, program: ir.Program, language: str, vocabulary: Vocabulary | None = None, bare: str = "subject"
    ) -> None:
        super().__init__(program, language, vocabulary)
        self.bare = bare
        self._scopes: list[str] = []

    def expression(self, expression: ir.Expression, shown: Shown | None = None) -> str:
        """``montant est supérieur à 5 000 €``; with the value of an operand ``shown``, ``montant (1 200 €) ...``."""
        return self._joined(self._said(expression, shown or {}))

    def _said(self, expression: ir.Expression, shown: Shown) -> Words:
        match expression:
            case ir.Constant():
                return (self.value(expression.value, expression.type),)
            case ir.Variable():
                return self._variable(expression)
            case ir.FieldOf():
                return self._field(expression, shown)
            case ir.Global():
                return self._global(expression.name)
            case ir.Previous():
                pattern = self._agreeing(self.phrases["functions"]["previous"][-1], self._noun_of(expression.value))
                return self._pattern(pattern, [self._said(expression.value, shown)])
            case ir.Apply():
                return self._apply(expression, shown)
            case ir.And() | ir.Or():
                return self._logic(expression, shown)
            case ir.Not():
                return self._not(expression, shown)
            case ir.If():
                reserved = [self._keyword("reserved", concept) for concept in ("if", "then", "otherwise")]
                parts = (expression.condition, expression.then, expression.otherwise)
                return tuple(w for k, p in zip(reserved, parts, strict=True) for w in (*k, *self._said(p, shown)))
            case ir.Interpolate():
                return (self._quoted("".join(self._in_text(part) for part in expression.parts)),)
            case ir.OrElse():
                otherwise = self._keyword("reserved", "otherwise")
                return (*self._said(expression.value, shown), *otherwise, *self._said(expression.otherwise, shown))
            case ir.Aggregate():
                return self._aggregate(expression, shown)
            case ir.Lookup():
                noun = self._noun(self._names_of(expression.object), "definite")
                return (*noun, *self._said(expression.key, shown))
            case ir.Decision():
                return tuple(self.keywords["openers"]["table"][0].split())

    def _in_text(self, part: ir.Expression) -> str:
        if isinstance(part, ir.Constant) and isinstance(part.value, str):
            return part.value
        return "{" + self._joined(self._said(part, {})) + "}"

    def _operand(self, expression: ir.Expression, shown: Shown) -> Words:
        """An operand with its value behind it, where it is to be shown."""
        words = self._said(expression, shown)
        if id(expression) not in shown:
            return words
        return (*words, f"({self.value(shown[id(expression)], expression.type, self.choices_of(expression))})")

    def choices_of(self, expression: ir.Expression) -> tuple[ir.Choice, ...]:
        """The choices of the field an expression reads."""
        match expression:
            case ir.FieldOf():
                field = self._field_of(expression.object.type.object, expression.field)
                return () if field is None else field.choices
            case ir.Previous():
                return self.choices_of(expression.value)
            case _:
                return ()

    def _variable(self, variable: ir.Variable) -> Words:
        kind = variable.type.object
        if kind is None:
            return tuple(variable.name.split())
        words = self._noun(self._names_of(kind), "definite")
        generated = variable.name == "subject" or variable.name.rstrip("0123456789") in {"each", "given"}
        if generated:
            return words
        if variable.name.startswith("created:"):
            pattern: str = self.phrases["objects"]["created"][0]
            name = self._names_of(kind)
            participle = [
                part if part.startswith("{") else self.agreement.participle(part, Noun(name.gender))
                for part in pattern.split()
            ]
            said = self._pattern(" ".join(participle), [tuple(name.text.split())])
            return (*self._article("definite", Noun(name.gender), said[0]), *said)
        return (*words, variable.name.upper())

    def _field(self, expression: ir.FieldOf, shown: Shown) -> Words:
        owner = expression.object
        name = self._field_noun(owner.type.object, expression.field)
        words = tuple(name.text.split())
        innermost = self._scopes[-1] if self._scopes else self.bare
        if isinstance(owner, ir.Variable) and owner.name == innermost:
            return words
        return (*words, self.phrases["walk"][0], *self._owner(owner, shown))

    def _owner(self, owner: ir.Expression, shown: Shown) -> Words:
        words = self._said(owner, shown)
        if isinstance(owner, ir.FieldOf):
            noun = self._field_noun(owner.object.type.object, owner.field)
            return (*self._article("definite", Noun(noun.gender, noun.plural), words[0]), *words)
        return words

    def _global(self, name: str) -> Words:
        known = next((each for each in self.program.definitions if each.name == name), None)
        return tuple((name if known is None else known.names.get(self.language, name)).split())

    # --- functions and operators ----------------------------------------------------------------------------------

    def _apply(self, expression: ir.Apply, shown: Shown) -> Words:
        name, arguments = expression.function, expression.arguments
        if name in _SILENT:
            return self._said(arguments[0], shown)
        if name in {"equal", "not_equal"}:
            return self._equality(expression, shown)
        if name in _COMPARISONS:
            concept = _COMPARISONS[name]
            left, right = arguments
            form = "words"
            if concept in _OF_DATES and left.type.kind in {"date", "datetime", "time"}:
                form = _OF_DATES[concept]
            words = self._keyword("compare", f"{concept}.{form}", self._noun_of(left))
            return (*self._operand(left, shown), *words, *self._operand(right, shown))
        if name in {"one_of", "between", "time_between"}:
            return self._tested(expression, shown, name)
        if name == "of_kind" and expression.type.object is not None:
            return self._noun(self._names_of(expression.type.object), "definite")
        symbol = self._symbol(name)
        if symbol is not None and len(arguments) == 2:
            level = _LEVELS[symbol]
            left, right = self._term(arguments[0], shown, level), self._term(arguments[1], shown, level + 1)
            return (*left, symbol, *right)
        if name.startswith("negate"):
            return ("-", *self._term(arguments[0], shown, max(_LEVELS.values())))
        return self._function(name, arguments, shown)

    @staticmethod
    def _symbol(name: str) -> str | None:
        for ending in ("", *_FAMILIES):
            stem = name.removesuffix(ending) if ending else name
            if stem in _SYMBOLS:
                return _SYMBOLS[stem]
        return None

    def _term(self, expression: ir.Expression, shown: Shown, level: int) -> Words:
        """A part of a calculation, in parentheses where it binds less than ``level``."""
        words = self._said(expression, shown)
        while isinstance(expression, ir.Apply) and expression.function in _SILENT:
            expression = expression.arguments[0]
        symbol = self._symbol(expression.function) if isinstance(expression, ir.Apply) else None
        loose = isinstance(expression, ir.If) or (symbol is not None and _LEVELS[symbol] < level)
        return (f"({self._joined(words)})",) if loose else words

    def _equality(self, expression: ir.Apply, shown: Shown) -> Words:
        left, right = expression.arguments
        concept = "eq" if expression.function == "equal" else "ne"
        empty = isinstance(right, ir.Constant) and right.value is None
        if left.type.kind == "boolean" and not empty:
            sign = ("=",) if concept == "eq" else ("≠",)
        else:
            measured = left.type.kind in {"number", "integer", "money", "percentage", "duration"} and not empty
            sign = self._keyword("compare", f"{concept}.{'words' if measured else 'is'}", self._noun_of(left))
            if self._scopes and not empty:
                sign = ("=",) if concept == "eq" else ("≠",)
        said = self._operand(right, shown)
        if isinstance(right, ir.Constant):
            said = (self.value(right.value, right.type, self.choices_of(left)),)
        return (*self._operand(left, shown), *sign, *said)

    def _tested(self, expression: ir.Apply, shown: Shown, name: str, negative: bool = False) -> Words:
        first, *others = expression.arguments
        concept = "one_of" if name == "one_of" else "between"
        choices = self.choices_of(first)
        said = [
            (self.value(other.value, other.type, choices),)
            if isinstance(other, ir.Constant)
            else self._operand(other, shown)
            for other in others
        ]
        words = self._test_words(f"not_{concept}" if negative else concept, self._noun_of(first))
        if concept == "between":
            joined = (*said[0], *self._keyword("reserved", "and"), *said[-1])
        else:
            joined = self._enumerated(said)
        if name == "time_between" and isinstance(first, ir.Apply):
            return (self.phrases["time_subject"][0], *words, *joined)
        return (*self._operand(first, shown), *words, *joined)

    def _test_words(self, concept: str, noun: Noun) -> Words:
        """The first form of a test that begins with a verb; some may leave it out."""
        forms: list[str] = self.keywords["tests"][concept]
        verbs = set(self.phrases["auxiliaries"])
        form = next((form for form in forms if form.split()[0].split("|")[0] in verbs), forms[0])
        return self._chosen(form, noun)

    def _enumerated(self, said: Sequence[Words]) -> Words:
        if len(said) == 1:
            return said[0]
        made: list[str] = []
        for words in said[:-1]:
            made += comma(words)
        made[-1] = made[-1].removesuffix(",")
        return (*made, *self._keyword("reserved", "or"), *said[-1])

    def _function(self, name: str, arguments: Sequence[ir.Expression], shown: Shown) -> Words:
        said = [self._term(argument, shown, max(_LEVELS.values()) + 1) for argument in arguments]
        if not arguments and name in self.phrases["constants"]:
            return tuple(self.phrases["constants"][name][0].split())
        if name in self.phrases["pairs"]:
            return self._pattern(self.phrases["pairs"][name], said)
        stem = next(
            (name.removesuffix(e) for e in _FAMILIES if name.removesuffix(e) in self.phrases["functions"]), name
        )
        patterns: list[str] = self.phrases["functions"].get(stem, [])
        for pattern in patterns:
            if pattern.count("{") == len(said):
                return self._pattern(pattern, said)
        rows = [self._joined(words) for words in said]
        return (f"{name}({', '.join(rows)})",)

    def _pattern(self, text: str, holes: Sequence[Words]) -> Words:
        """A pattern with its holes filled in the order in which they stand."""
        left = iter(holes)
        made: list[str] = []
        for part in text.split():
            made += next(left, ()) if part.startswith("{") else (part,)
        return tuple(made)

    # --- logic ----------------------------------------------------------------------------------------------------

    def _logic(self, expression: ir.And | ir.Or, shown: Shown) -> Words:
        word = self._keyword("reserved", "and" if isinstance(expression, ir.And) else "or")
        made: list[str] = []
        for number, part in enumerate(expression.parts):
            words = self._said(part, shown)
            if isinstance(part, (ir.And, ir.Or)):
                words = (f"({self._joined(words)})",)
            made += words if number == 0 else (*word, *words)
        return tuple(made)

    def _not(self, expression: ir.Not, shown: Shown) -> Words:
        operand = expression.operand
        if isinstance(operand, ir.Apply):
            name, arguments = operand.function, operand.arguments
            if name in _NEGATIONS:
                words = self._keyword("compare", _NEGATIONS[name])
                return (*self._operand(arguments[0], shown), *words, *self._operand(arguments[1], shown))
            if name in {"one_of", "between", "time_between"}:
                return self._tested(operand, shown, name, negative=True)
        if isinstance(operand, ir.FieldOf):
            return (*self._said(operand, shown), "=", self.phrases["constants"]["no"][0])
        return (*self._keyword("reserved", "not"), f"({self._joined(self._said(operand, shown))})")

    # --- collections ----------------------------------------------------------------------------------------------

    def _aggregate(self, expression: ir.Aggregate, shown: Shown) -> Words:
        kind = expression.kind
        patterns: Mapping[str, list[str]] = self.phrases["aggregates"]
        if kind in {"exists", "none"}:
            noun = self._names_of(expression.collection.object)
            said = self._collection(expression.collection, shown, "indefinite" if kind == "exists" else "", False)
            pattern = self._agreeing(patterns[kind][0], Noun(noun.gender))
            return self._pattern(pattern, [said])
        if kind in {"first", "last"}:
            noun = self._names_of(expression.collection.object)
            ordered = expression.order_by is not None
            key = f"{kind}_descending" if expression.descending and ordered else kind
            holes = [self._collection(expression.collection, shown, "", False)]
            if expression.order_by is not None:
                holes.append(self._inside(expression.collection, expression.order_by, shown))
            pattern = next(each for each in patterns[key] if each.count("{") == len(holes))
            return self._pattern(self._agreeing(pattern, Noun(noun.gender)), holes)
        if kind == "all":
            noun = Noun(self._names_of(expression.collection.object).gender, True)
            rows = self._collection(expression.collection, shown, "definite", True)
            said = self._pattern(self._agreeing(patterns[kind][0], noun), [rows])
            verify = self._keyword("tests", "satisfy")
            condition = () if expression.value is None else self._inside(expression.collection, expression.value, shown)
            return (*said, *verify, *condition)
        if expression.value is None or kind == "count":
            return self._pattern(patterns[kind][0], [self._collection(expression.collection, shown, "", True)])
        rows = self._collection(expression.collection, shown, "definite", True)
        return self._pattern(patterns[kind][0], [self._summed(expression.collection, expression.value, shown), rows])

    def _summed(self, collection: ir.Collection, value: ir.Expression, shown: Shown) -> Words:
        """What is added up: a field in the plural."""
        if isinstance(value, ir.FieldOf) and value.object == ir.Variable(collection.variable, value.object.type):
            noun = self._field_noun(value.object.type.object, value.field)
            return self._noun(noun, "definite", True)
        return self._inside(collection, value, shown)

    def _inside(self, collection: ir.Collection, expression: ir.Expression, shown: Shown) -> Words:
        """An expression over the rows of a collection, whose own fields are said alone."""
        self._scopes.append(collection.variable)
        try:
            return self._said(expression, shown)
        finally:
            self._scopes.pop()

    def _collection(self, collection: ir.Collection, shown: Shown, article: str, plural: bool) -> Words:
        name = self._names_of(collection.object)
        if collection.list_field is not None and collection.owner is not None:
            noun = self._field_noun(collection.owner.type.object, collection.list_field)
            words = self._noun(noun, article)
        else:
            words = self._noun(name, article, plural)
        if collection.owner is not None:
            words = (*words, self.phrases["walk"][0], *self._owner(collection.owner, shown))
        if collection.where is not None:
            whose = self._keyword("reserved", "whose")
            said = self._inside(collection, collection.where, shown)
            if isinstance(collection.where, (ir.And, ir.Or)):
                said = (f"({self._joined(said)})",)
            words = (*words, *whose, *said)
        if collection.since is not None:
            words = (*words, *self._pattern(self.phrases["aggregates"]["since"][0], [self._said(collection.since, {})]))
        return words
