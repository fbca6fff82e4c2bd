"""From the IR to sentences: expressions, triggers and actions as a person of one language would say them.

Everything comes from the program's own names and from the tables of words. A program does not know the gender of its
names; the vocabulary it was compiled from does, and gives the sentences their articles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from . import ir
from .agreement import Noun
from .literal_tables import literal_tables
from .sentence_expressions import Expressions
from .sentence_names import Words, comma
from .types import NUMBER, TEXT
from .values import Duration, Value

_EDGES = {"greater": "exceeds", "greater_or_equal": "reaches", "less": "drops_below"}


class Sentences(Expressions):
    """Says the parts of one program in one language."""

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
            said = {name: (self._argument(value, parameters.get(name)),) for name, value in args.items()}
            return self._joined(self._call(declared, said))
        pattern = self.phrases["actions"].get(action, [action])[0]
        values = [self.value(value, TEXT) for value in args.values() if value is not None]
        return self._joined((*(part for part in pattern.split() if not part.startswith("{")), *values))

    def rule(self, rule: ir.Rule) -> str:
        """The name of a rule, in quotation marks; one without a name with what it waits for."""
        name = self._quoted(rule.names.get(self.language, rule.name))
        return name if rule.names else f"{name} ({', '.join(self.trigger(trigger) for trigger in rule.triggers)})"

    def branch(self, name: str) -> str:
        """The word before a branch of a rule, ``then`` or ``otherwise``."""
        return " ".join(self._keyword("reserved", name))

    def table(self, kind: str, name: str) -> str:
        """The name of a decision table, with its object where it has one (``kind`` is not empty)."""
        if not kind:
            return self._quoted(" ".join(self._global(name)))
        owner = self._noun(self._names_of(kind), "indefinite")
        return self._joined((self._quoted(self.field(kind, name)), self.phrases["walk"][0], *owner))

    def field_value(self, kind: str, name: str, value: Value) -> str:
        """The value of a field of an object of type ``kind``."""
        return self._argument(value, self._field_of(kind, name))

    def assignments(self, kind: str, values: Mapping[str, Value]) -> str:
        """``étape = « Gagnée », remise = 5 %``: fields of an object of type ``kind`` and their values."""
        known = self._kinds.get(kind)
        fields = {field.name: field for field in known.fields} if known is not None else {}
        return self._joined(self._pairs(fields, values))

    # --- triggers -------------------------------------------------------------------------------------------------

    def _trigger(self, trigger: ir.Trigger) -> Words:
        match trigger:
            case ir.Created() | ir.Updated() | ir.Deleted() | ir.Saved():
                name = self._names_of(trigger.object)
                noun = Noun(name.gender)
                participle = self.phrases["participles"][type(trigger).__name__.lower()][0]
                words = self._noun(name, "indefinite")
                return (*words, self.phrases["auxiliaries"][0], self.agreement.participle(participle, noun))
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
                return self._noun(self._names_of(trigger.event), "indefinite")
            case ir.Repeated():
                return self._repeated(trigger)
            case ir.DateReached():
                return self._date_reached(trigger)
            case ir.Stays():
                words = self._noun(self._names_of(trigger.object), "indefinite")
                lasting = (self._duration(trigger.duration),)
                into = self._keyword("trigger_parts", "stays_in")
                self._scopes.append("subject")
                said = self._said(trigger.condition, {})
                self._scopes.pop()
                return (*words, *self._keyword("trigger", "stays"), *lasting, *into, *said)
            case ir.Tick():
                return self._tick(trigger)

    def _watched(self, kind: str, value: ir.Expression) -> Words:
        """What a trigger looks at: ``étape d'une affaire``."""
        owner = self._noun(self._names_of(kind), "indefinite")
        if isinstance(value, ir.FieldOf) and isinstance(value.object, ir.Variable):
            noun = self._field_noun(value.object.type.object, value.field)
            words = self._noun(noun, "definite")
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
        name = self._names_of(trigger.event)
        words = (str(trigger.count), *self._noun(name, "", True))
        if isinstance(self._kinds.get(trigger.event), ir.ObjectType):
            participle: str = self.phrases["participles"]["created"][0]
            words = (*words, self.agreement.participle(participle, Noun(name.gender, True)))
        if trigger.same is not None:
            pattern: str = self.phrases["by_same"][0]
            words = self._pattern(pattern, [words, self._field_name(trigger.event, trigger.same)])
        return (*words, *self._keyword("trigger", "within"), self._duration(trigger.within))

    def _date_reached(self, trigger: ir.DateReached) -> Words:
        words = self._watched(trigger.object, trigger.date)
        if trigger.offset != Duration():
            words = (self._duration(trigger.offset), *self._keyword("trigger", trigger.direction), *words)
        if trigger.at is not None:
            words = (*comma(words), *self._keyword("trigger_parts", "at"), self._time(trigger.at))
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
        """A day of the month; the first has a form of its own."""
        ordinals: Mapping[str, str] = literal_tables(self.lexicon).numbers["ordinal_in_source"]
        return f"{day}{ordinals.get(str(day), '')}"

    def _duration(self, duration: Duration) -> str:
        return self.value(duration, NUMBER)

    def _time(self, text: str) -> str:
        return self.value(time.fromisoformat(text), NUMBER)

    # --- actions --------------------------------------------------------------------------------------------------

    def _action(self, action: ir.Action) -> Words:
        match action:
            case ir.Call():
                declared = self._declared(action.action)
                parameters = {parameter.name: parameter for parameter in declared.parameters}
                given = {each.name: self._given(each.value, parameters.get(each.name)) for each in action.arguments}
                return self._call(declared, given)
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
                return (*self._keyword("reserved", "for_each"), *rows[:-1], rows[-1] + self.colon.rstrip(), *body)
            case ir.Refuse():
                return self._builtin("refuse", self._said(action.reason, {}))
            case ir.Wait():
                words = (*self._keyword("actions", "wait"), *self._said(action.duration, {}))
                if action.unless is not None:
                    unless = (*self._keyword("reserved", "unless"), *self._said(action.unless, {}))
                    words = (*comma(words), *comma(unless))
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

    def _declared(self, name: str) -> ir.ActionType:
        known = next((each for each in self.program.actions if each.name == name), None)
        return known or ir.ActionType(name, {}, ())

    def _call(self, declared: ir.ActionType, given: Mapping[str, Words]) -> Words:
        """The phrase of an action, its holes filled where the vocabulary tells where they are, then the arguments."""
        left = dict(given)
        symbol = self.vocabulary.actions.get(declared.name) if self.vocabulary is not None else None
        made: list[str] = []
        if symbol is None or self.language not in symbol.patterns:
            made += declared.names.get(self.language, declared.name).split()
            self._drop_joining(made)
        else:
            for part in symbol.patterns[self.language]:
                if part.hole is None:
                    made.append(part.text)
                elif part.hole in left:
                    made += left.pop(part.hole)
                else:
                    self._drop_joining(made)
        names = {kind.name: kind.names.get(self.language, kind.name) for kind in self._kinds.values()}
        names |= {each.name: each.names.get(self.language, each.name) for each in declared.parameters}
        words = tuple(made)
        for name, value in left.items():
            words = (*comma(words), *names.get(name, name).split(), "=", *value)
        return words

    def _given(self, value: ir.Expression, parameter: ir.Field | None) -> Words:
        """An argument; an object has its article."""
        if isinstance(value, ir.FieldOf) and value.type.object is not None:
            return self._owner(value, {})
        return self._chosen_value(value, () if parameter is None else parameter.choices)

    def _drop_joining(self, words: list[str]) -> None:
        """Take off the words that only led to a hole."""
        while len(words) > 1 and words[-1] in self.phrases["joining"]:
            words.pop()

    def _creation(self, kind: str) -> Words:
        pattern: str = self.phrases["results"]["create"].replace("{article} ", "")
        return self._pattern(pattern, [self._noun(self._names_of(kind), "indefinite")])

    def _with_arguments(self, words: Words, fields: Mapping[str, ir.Field], arguments: Sequence[ir.Argument]) -> Words:
        for argument in arguments:
            field = fields.get(argument.name)
            name = argument.name if field is None else field.names.get(self.language, argument.name)
            value = self._chosen_value(argument.value, () if field is None else field.choices)
            words = (*comma(words), *name.split(), "=", *value)
        return words

    def _listed(self, words: Words, fields: Mapping[str, ir.Field], args: Mapping[str, Value]) -> str:
        pairs = self._pairs(fields, args)
        return self._joined((*comma(words), *pairs) if pairs else words)

    def _pairs(self, fields: Mapping[str, ir.Field], values: Mapping[str, Value]) -> Words:
        made: Words = ()
        for name, value in values.items():
            field = fields.get(name)
            shown = self._argument(value, field)
            label = name if field is None else field.names.get(self.language, name)
            made = (*(comma(made) if made else ()), *label.split(), "=", shown)
        return made
