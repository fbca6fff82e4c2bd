"""From the IR to sentences: expressions, triggers and actions as a person of one language would say them.

Everything comes from the program's own names and from the tables of words. A program does not know the gender of its
names; the vocabulary it was compiled from does, and gives the sentences their articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import ir
from .lexicon import lexicon
from .literal_tables import literal_tables
from .messages import section
from .types import NUMBER, TEXT, Type
from .values import Duration, Money, Reference, Value
from .vocabulary import DisplayName, Vocabulary
from .wording import Noun, Wording
from .writing import write_value

Words: TypeAlias = tuple[str, ...]
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
_NEGATIONS = {"contains": "not_contains.words", "list_contains": "not_contains.words"}
_EDGES = {"greater": "exceeds", "greater_or_equal": "reaches", "less": "drops_below"}
_LOGIC = frozenset({"equal", "not_equal", "one_of", "between", "time_between", *_COMPARISONS})


class Sentences:
    """Says the parts of one program in one language.

    Fields of the variable ``bare`` (the subject, unless another is given) are said alone, those of another object with
    the object. Without a ``vocabulary``, articles that depend on a gender are left out.
    """

    def __init__(
        self, program: ir.Program, language: str, vocabulary: Vocabulary | None = None, bare: str = "subject"
    ) -> None:
        self.program = program
        self.language = language
        self.vocabulary = vocabulary
        self.bare = bare
        self.lexicon = lexicon(language)
        self.phrases: Mapping[str, Any] = self.lexicon.tables["phrases"]
        self.keywords: Mapping[str, Any] = self.lexicon.tables["keywords"]
        self._articles: Mapping[str, Any] = self.lexicon.tables["articles"]
        self._wording = Wording(vocabulary or Vocabulary(), language, _unsaid, _unsaid)
        self._kinds: dict[str, ir.ObjectType | ir.EventType] = {
            kind.name: kind for kind in (*program.objects, *program.events)
        }
        self._scopes: list[str] = []

    # --- what others ask for --------------------------------------------------------------------------------------

    def expression(self, expression: ir.Expression, shown: Shown | None = None) -> str:
        """``montant est supérieur à 5 000 €``; with the value of an operand ``shown``, ``montant (1 200 €) ...``."""
        return self._joined(self._said(expression, shown or {}))

    def trigger(self, trigger: ir.Trigger) -> str:
        """``l'étape d'une affaire devient « Gagnée »``."""
        return self._joined(self._trigger(trigger))

    def action(self, action: ir.Action) -> str:
        """``créer une tâche, titre = « Rappeler »``."""
        return self._joined(self._action(action))

    def performed(self, action: str, args: Mapping[str, Value]) -> str:
        """An action that was done, by the name results carry, with the values of its arguments."""
        kind = action.removeprefix("create ")
        if kind != action and kind in self._kinds:
            fields = {field.name: field for field in self._kinds[kind].fields}
            return self._listed(self._creation(kind), fields, args)
        declared = next((each for each in self.program.actions if each.name == action), None)
        if declared is not None:
            parameters = {parameter.name: parameter for parameter in declared.parameters}
            return self._listed(self._call_name(declared), parameters, args)
        pattern = self.phrases["actions"].get(action, [action])[0]
        values = [self.value(value, TEXT) for value in args.values() if value is not None]
        return self._joined((*(part for part in pattern.split() if not part.startswith("{")), *values))

    def assignments(self, kind: str, values: Mapping[str, Value]) -> str:
        """``étape = « Gagnée », remise = 5 %``: fields of an object of type ``kind`` and their values."""
        known = self._kinds.get(kind)
        fields = {field.name: field for field in known.fields} if known is not None else {}
        return self._joined(self._pairs(fields, values))

    def value(self, value: Value, type_: Type, choices: Sequence[ir.Choice] = ()) -> str:
        """A value as a reader expects it; texts in quotation marks, a choice by its name in the language."""
        if isinstance(value, str):
            return self._quoted(self._choice(value, type_, choices))
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(self._timezone)
        if type(value) is tuple:
            return ", ".join(self.value(member, type_.members[0] if type_.members else TEXT) for member in value)
        return write_value(value, type_, self.lexicon, self.program.settings.currency)

    def kind(self, name: str, article: str = "") -> str:
        """The name of an object or event, with an article (``definite``, ``indefinite``) or without."""
        return self._joined(self._noun(self._names_of(name), name, article))

    def field(self, kind: str, name: str) -> str:
        """The name of a field."""
        return " ".join(self._field_name(kind, name))

    def rule(self, rule: ir.Rule) -> str:
        """The name of a rule, in quotation marks."""
        return self._quoted(rule.names.get(self.language, rule.name))

    # --- names ----------------------------------------------------------------------------------------------------

    @cached_property
    def _timezone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.program.settings.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @cached_property
    def _standard(self) -> Mapping[str, Any]:
        return self.lexicon.tables["standard_fields"]

    def _quoted(self, text: str) -> str:
        opening, closing = section(self.language, "format").get("quotes", ['"', '"'])
        return f"{opening}{text}{closing}"

    def _choice(self, value: str, type_: Type, choices: Sequence[ir.Choice]) -> str:
        if not choices and type_.kind == "choice":
            choices = self._choices_by_option.get(type_.options, ())
        found = next((choice for choice in choices if choice.name == value), None)
        return value if found is None else found.names.get(self.language, value)

    @cached_property
    def _choices_by_option(self) -> dict[tuple[str, ...], tuple[ir.Choice, ...]]:
        fields = [field for kind in self._kinds.values() for field in kind.fields]
        fields += [parameter for action in self.program.actions for parameter in action.parameters]
        return {tuple(choice.name for choice in field.choices): field.choices for field in fields if field.choices}

    def _names_of(self, kind: str) -> DisplayName:
        symbol = self.vocabulary.objects.get(kind) if self.vocabulary is not None else None
        if symbol is not None and self.language in symbol.names:
            return symbol.names[self.language]
        known = self._kinds.get(kind)
        return DisplayName(kind if known is None else known.names.get(self.language, kind))

    def _noun(self, name: DisplayName, english: str, article: str, plural: bool = False) -> Words:
        words = tuple(name.text.split()) or (english,)
        if plural and not name.plural:
            words = self._plural(words)
        return (*self._article(article, Noun(name.gender, plural or name.plural), words[0]), *words)

    def _article(self, article: str, noun: Noun, word: str) -> Words:
        forms: Mapping[str, str] = self._articles.get(article, {})
        if noun.plural:
            found = forms.get("plural", "")
        elif not noun.gender and forms.get("masculine") != forms.get("feminine"):
            found = ""
        elif "vowel" in forms and word[:1].lower() in self._articles["vowels"]:
            found = forms["vowel"]
        else:
            found = forms.get(noun.gender or "masculine", "")
        return (found,) if found else ()

    def _plural(self, words: Words) -> Words:
        agreement: Mapping[str, Any] = self.lexicon.tables["agreement"]
        ends = {self.lexicon.fold(word) for word in agreement["after_noun"]}
        elided = tuple(word for word in self._articles.get("elided_words", {}))
        stop = next(
            (n for n, w in enumerate(words) if n and (self.lexicon.fold(w) in ends or w.startswith(elided))),
            len(words),
        )
        first = 0 if agreement["plural_words"] == "all" else stop - 1
        return tuple(self._wording.plural(word) if first <= n < stop else word for n, word in enumerate(words))

    def _field_of(self, kind: str | None, name: str) -> ir.Field | None:
        known = self._kinds.get(kind or "")
        return None if known is None else next((field for field in known.fields if field.name == name), None)

    def _field_noun(self, kind: str | None, name: str) -> DisplayName:
        symbol = self.vocabulary.field(kind or "", name) if self.vocabulary is not None else None
        if symbol is not None and self.language in symbol.names:
            return symbol.names[self.language]
        return DisplayName(" ".join(self._field_name(kind, name)))

    def _field_name(self, kind: str | None, name: str) -> Words:
        field = self._field_of(kind, name)
        if field is None:
            standard = self._standard.get(name.replace(" ", "_"))
            return tuple(standard[0].split()) if isinstance(standard, list) else tuple(name.split())  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]
        return tuple(field.names.get(self.language, name).split())

    def _keyword(self, group: str, concept: str, noun: Noun | None = None) -> Words:
        forms: list[str] = self.keywords[group][concept]
        return self._chosen(forms[0], noun)

    def _chosen(self, form: str, noun: Noun | None = None) -> Words:
        """A form with each choice of words made: singular and masculine unless the noun says otherwise."""
        noun = noun or Noun()
        made: list[str] = []
        for word in form.split():
            options = word.split("|")
            position = (2 if noun.plural else 0) + (noun.gender == "feminine") if len(options) == 4 else noun.plural
            made.append(options[position] if position < len(options) else options[0])
        return tuple(made)

    def _joined(self, words: Iterable[str]) -> str:
        return self._wording.join(words)

    # --- expressions ----------------------------------------------------------------------------------------------

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
                return self._pattern(self.phrases["functions"]["previous"][-1], [self._said(expression.value, shown)])
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
                noun = self._noun(self._names_of(expression.object), expression.object, "definite")
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
        words = self._noun(self._names_of(kind), kind, "definite")
        generated = variable.name == "subject" or variable.name.rstrip("0123456789") in {"each", "given"}
        if generated:
            return words
        if variable.name.startswith("created:"):
            pattern: str = self.phrases["objects"]["created"][0]
            name = self._names_of(kind)
            participle = [
                part if part.startswith("{") else self._participle(part, Noun(name.gender)) for part in pattern.split()
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
        symbol = self._symbol(name)
        if symbol is not None and len(arguments) == 2:
            return (*self._term(arguments[0], shown), symbol, *self._term(arguments[1], shown))
        if name.startswith("negate"):
            return ("-", *self._term(arguments[0], shown))
        return self._function(name, arguments, shown)

    @staticmethod
    def _symbol(name: str) -> str | None:
        for ending in ("", *_FAMILIES):
            stem = name.removesuffix(ending) if ending else name
            if stem in _SYMBOLS:
                return _SYMBOLS[stem]
        return None

    def _term(self, expression: ir.Expression, shown: Shown) -> Words:
        words = self._said(expression, shown)
        nested = isinstance(expression, ir.Apply) and self._symbol(expression.function) is not None
        return (f"({self._joined(words)})",) if nested or isinstance(expression, ir.If) else words

    def _noun_of(self, expression: ir.Expression) -> Noun:
        if isinstance(expression, ir.FieldOf):
            name = self._field_noun(expression.object.type.object, expression.field)
            return Noun(name.gender, name.plural)
        return Noun()

    def _equality(self, expression: ir.Apply, shown: Shown) -> Words:
        left, right = expression.arguments
        concept = "eq" if expression.function == "equal" else "ne"
        empty = isinstance(right, ir.Constant) and right.value is None
        if left.type.kind == "boolean" and not empty:
            sign = ("=",) if concept == "eq" else ("≠",)
        else:
            measured = left.type.kind in {"number", "integer", "money", "percentage", "duration"} and not empty
            sign = self._keyword("compare", f"{concept}.{'words' if measured else 'is'}", self._noun_of(left))
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
            made += _comma(words)
        made[-1] = made[-1].removesuffix(",")
        return (*made, *self._keyword("reserved", "or"), *said[-1])

    def _function(self, name: str, arguments: Sequence[ir.Expression], shown: Shown) -> Words:
        said = [self._said(argument, shown) for argument in arguments]
        if not arguments and name in self.phrases["constants"]:
            return tuple(self.phrases["constants"][name][0].split())
        if name in self.phrases["pairs"]:
            return self._pattern(self.phrases["pairs"][name], said)
        stem = next((name.removesuffix(e) for e in _FAMILIES if name.removesuffix(e) in self.phrases["functions"]), name)
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
            key = f"{kind}_descending" if expression.descending else kind
            holes = [self._collection(expression.collection, shown, "", False)]
            if expression.order_by is not None:
                holes.append(self._inside(expression.collection, expression.order_by, shown))
            pattern = next(p for p in patterns[key] if p.count("{") == len(holes)) if holes else ""
            return self._pattern(self._agreeing(pattern, Noun(noun.gender)), holes)
        if kind == "all":
            noun = Noun(self._names_of(expression.collection.object).gender, True)
            rows = self._collection(expression.collection, shown, "definite", True)
            said = self._pattern(self._agreeing(patterns[kind][0], noun), [rows])
            verify = self._keyword("tests", "satisfy")
            condition = () if expression.value is None else self._inside(expression.collection, expression.value, shown)
            return (*said, *verify, *condition)
        holes = [self._collection(expression.collection, shown, "", True)]
        if expression.value is not None and kind != "count":
            holes.insert(0, self._inside(expression.collection, expression.value, shown))
        return self._pattern(patterns[kind][0], holes)

    def _agreeing(self, pattern: str, noun: Noun) -> str:
        """A pattern whose adjectives agree."""
        forms = {self.lexicon.fold(row[0]): row for row in self.lexicon.tables["agreement"]["forms"] if len(row) == 4}
        position = (2 if noun.plural else 0) + (noun.gender == "feminine")
        words = [
            forms[self.lexicon.fold(word)][position] if self.lexicon.fold(word) in forms else word
            for word in pattern.split()
        ]
        return " ".join(words)

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
            words = self._noun(noun, collection.list_field, article)
        else:
            words = self._noun(name, collection.object, article, plural)
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

    # --- triggers -------------------------------------------------------------------------------------------------

    def _trigger(self, trigger: ir.Trigger) -> Words:
        match trigger:
            case ir.Created() | ir.Updated() | ir.Deleted() | ir.Saved():
                name = self._names_of(trigger.object)
                noun = Noun(name.gender)
                participle = self.phrases["participles"][type(trigger).__name__.lower()][0]
                words = self._noun(name, trigger.object, "indefinite")
                return (*words, self.phrases["auxiliaries"][0], self._participle(participle, noun))
            case ir.Changed():
                return (*self._watched(trigger.object, trigger.value), *self._keyword("trigger", "changes"))
            case ir.Edge():
                return self._edge(trigger)
            case ir.GoesFrom():
                choices = self.choices_of(trigger.value)
                origin, target = (self._chosen_value(e, choices) for e in (trigger.origin, trigger.target))
                to = self._keyword("trigger_parts", "goes_to")
                words = self._watched(trigger.object, trigger.value)
                return (*words, *self._keyword("trigger", "goes_from"), *origin, *to, *target)
            case ir.Occurred():
                return self._noun(self._names_of(trigger.event), trigger.event, "indefinite")
            case ir.Repeated():
                return self._repeated(trigger)
            case ir.DateReached():
                return self._date_reached(trigger)
            case ir.Stays():
                words = self._noun(self._names_of(trigger.object), trigger.object, "indefinite")
                lasting = (self._duration(trigger.duration),)
                into = self._keyword("trigger_parts", "stays_in")
                said = self._said(trigger.condition, {})
                return (*words, *self._keyword("trigger", "stays"), *lasting, *into, *said)
            case ir.Tick():
                return self._tick(trigger)

    def _participle(self, word: str, noun: Noun) -> str:
        return self._wording.participle(word, noun)

    def _watched(self, kind: str, value: ir.Expression) -> Words:
        """What a trigger looks at: ``étape d'une affaire``."""
        owner = self._noun(self._names_of(kind), kind, "indefinite")
        if isinstance(value, ir.FieldOf) and isinstance(value.object, ir.Variable):
            noun = self._field_noun(value.object.type.object, value.field)
            words = self._noun(noun, value.field, "definite")
            return (*words, self.phrases["walk"][0], *owner)
        return (*self._said(value, {}), self.phrases["walk"][0], *owner)

    def _chosen_value(self, expression: ir.Expression, choices: Sequence[ir.Choice]) -> Words:
        if isinstance(expression, ir.Constant):
            return (self.value(expression.value, expression.type, choices),)
        return self._said(expression, {})

    def _edge(self, trigger: ir.Edge) -> Words:
        condition = trigger.condition
        becomes = self._keyword("trigger", "becomes")
        yes, no = (self.phrases["constants"][concept][0] for concept in ("yes", "no"))
        if isinstance(condition, ir.FieldOf):
            return (*self._watched(trigger.object, condition), *becomes, yes)
        if isinstance(condition, ir.Not) and isinstance(condition.operand, ir.FieldOf):
            return (*self._watched(trigger.object, condition.operand), *becomes, no)
        if isinstance(condition, ir.Apply) and condition.arguments:
            left, *others = condition.arguments
            words = self._watched(trigger.object, left)
            said = [self._chosen_value(other, self.choices_of(left)) for other in others]
            if condition.function == "equal":
                return (*words, *becomes, *said[0])
            if condition.function == "one_of":
                return (*words, *becomes, *self._keyword("tests", "one_of"), *self._enumerated(said))
            if condition.function in _EDGES:
                return (*words, *self._keyword("trigger", _EDGES[condition.function]), *said[0])
        return (*self._said(condition, {}), *becomes, self.phrases["constants"]["yes"][-1])

    def _repeated(self, trigger: ir.Repeated) -> Words:
        words = (str(trigger.count), *self._noun(self._names_of(trigger.event), trigger.event, "", True))
        if trigger.same is not None:
            pattern: str = self.phrases["by_same"][0]
            words = self._pattern(pattern, [words, self._field_name(trigger.event, trigger.same)])
        return (*words, *self._keyword("trigger", "within"), self._duration(trigger.within))

    def _date_reached(self, trigger: ir.DateReached) -> Words:
        words = self._watched(trigger.object, trigger.date)
        if trigger.offset != Duration():
            words = (self._duration(trigger.offset), *self._keyword("trigger", trigger.direction), *words)
        if trigger.at is not None:
            words = (*_comma(words), *self._keyword("trigger_parts", "at"), self._time(trigger.at))
        return words

    def _tick(self, trigger: ir.Tick) -> Words:
        calendar: Mapping[str, Any] = self.phrases["calendar"]
        day = trigger.day or 1
        match trigger.every:
            case "week":
                words: Words = (calendar["weekdays"][day - 1][0],)
            case "month":
                words = self._pattern(calendar["month_day"][-1], [(self._day(day),)])
            case "year":
                month = calendar["months"][(trigger.month or 1) - 1][0]
                words = self._pattern(calendar["year_day"][0], [(self._day(day),), (month,)])
            case every:
                words = (calendar[every][0],)
        words = (*self._keyword("trigger", "every"), *words)
        if trigger.at is not None:
            words = self._pattern(calendar["at"][0], [words, (self._time(trigger.at),)])
        if trigger.for_each is not None:
            words = (
                *words,
                *self._keyword("reserved", "for_each"),
                *self._collection(trigger.for_each, {}, "", False),
            )
        return words

    def _day(self, day: int) -> str:
        ordinals: Mapping[str, str] = literal_tables(self.lexicon).numbers["ordinal_in_source"]
        known = {str(key): value for key, value in ordinals.items()}
        return f"{day}{known.get(str(day), '' if str(day) != '1' else known['otherwise'])}"

    def _duration(self, duration: Duration) -> str:
        return write_value(duration, NUMBER, self.lexicon)

    def _time(self, text: str) -> str:
        return write_value(datetime.fromisoformat(f"2000-01-01T{text}").time(), NUMBER, self.lexicon)

    # --- actions --------------------------------------------------------------------------------------------------

    def _action(self, action: ir.Action) -> Words:
        match action:
            case ir.Call():
                declared = next((each for each in self.program.actions if each.name == action.action), None)
                words = tuple(action.action.split()) if declared is None else self._call_name(declared)
                fields = {} if declared is None else {parameter.name: parameter for parameter in declared.parameters}
                return self._with_arguments(words, fields, action.arguments)
            case ir.Create():
                known = self._kinds.get(action.object)
                fields = {} if known is None else {field.name: field for field in known.fields}
                return self._with_arguments(self._creation(action.object), fields, action.fields)
            case ir.Delete():
                return self._builtin("delete", self._said(action.target, {}))
            case ir.Assign():
                target = ir.FieldOf(action.target, action.field, action.value.type)
                value = self._chosen_value(action.value, self.choices_of(target))
                return (*self._field(target, {}), "=", *value)
            case ir.Adjust():
                target = ir.FieldOf(action.target, action.field, action.amount.type)
                return self._builtin(action.direction, self._owner(target, {}), self._said(action.amount, {}))
            case ir.AddToList():
                target = ir.FieldOf(action.target, action.field, action.value.type)
                return self._builtin("add_to", self._said(action.value, {}), self._owner(target, {}))
            case ir.ForEach():
                rows = self._collection(action.collection, {}, "", False)
                self._scopes.append(action.collection.variable)
                try:
                    body = self._listed_actions(action.body)
                finally:
                    self._scopes.pop()
                return (*self._keyword("reserved", "for_each"), *rows, ":", *body)
            case ir.Refuse():
                return self._builtin("refuse", self._said(action.reason, {}))
            case ir.Wait():
                words = (*self._keyword("actions", "wait"), *self._said(action.duration, {}))
                if action.unless is not None:
                    unless = (*self._keyword("reserved", "unless"), *self._said(action.unless, {}))
                    words = (*_comma(words), *_comma(unless))
                return (*words, *self._keyword("reserved", "next"), *self._listed_actions(action.then))
            case ir.CancelReminders():
                return self._builtin("cancel_reminders", self._said(action.target, {}))

    def _listed_actions(self, actions: Sequence[ir.Action]) -> Words:
        made: list[str] = []
        for number, action in enumerate(actions):
            made += (*(self._keyword("reserved", "next") if number else ()), *self._action(action))
        return tuple(made)

    def _builtin(self, concept: str, *holes: Words) -> Words:
        return self._pattern(self.phrases["actions"][concept][0], holes)

    def _call_name(self, declared: ir.ActionType) -> Words:
        """The phrase of an action without its holes, nor the words that only led to them."""
        words = declared.names.get(self.language, declared.name).split()
        while len(words) > 1 and words[-1] in self.phrases["joining"]:
            words.pop()
        return tuple(words)

    def _creation(self, kind: str) -> Words:
        pattern: str = self.phrases["results"]["create"].replace("{article} ", "")
        return self._pattern(pattern, [self._noun(self._names_of(kind), kind, "indefinite")])

    def _with_arguments(
        self, words: Words, fields: Mapping[str, ir.Field], arguments: Sequence[ir.Argument]
    ) -> Words:
        for argument in arguments:
            field = fields.get(argument.name)
            name = argument.name if field is None else field.names.get(self.language, argument.name)
            value = self._chosen_value(argument.value, () if field is None else field.choices)
            words = (*_comma(words), *name.split(), "=", *value)
        return words

    def _listed(self, words: Words, fields: Mapping[str, ir.Field], args: Mapping[str, Value]) -> str:
        pairs = self._pairs(fields, args)
        return self._joined((*_comma(words), *pairs) if pairs else words)

    def _pairs(self, fields: Mapping[str, ir.Field], values: Mapping[str, Value]) -> Words:
        made: Words = ()
        for name, value in values.items():
            field = fields.get(name)
            shown = self.value(value, field.type if field else _type_of(value), field.choices if field else ())
            label = name if field is None else field.names.get(self.language, name)
            made = (*(_comma(made) if made else ()), *label.split(), "=", shown)
        return made


def _comma(words: Words) -> Words:
    return (*words[:-1], words[-1] + ",") if words else words


def _type_of(value: Value) -> Type:
    return Type("reference") if isinstance(value, Reference) else Type("money") if isinstance(value, Money) else TEXT


def _unsaid(_: object) -> str:
    """Sentences are not made from syntax."""
    return ""
