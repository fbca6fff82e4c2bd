"""The syntax tree: what was written, before any name has a meaning.

The grammar knows the structure only; runs of words stay as written, for the resolver to read against the
vocabulary. Spans count code points from the start of the declaration's own text, so that a declaration can be parsed
once and moved with the file around it. The docstring of each class shows the source text it stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from .node import Node, node
from .source import Span, span_field
from .values import Scalar

# --- words and operands -------------------------------------------------------------------------------------------


@node
class Word(Node):
    """One word of a phrase: ``étape``; ``l'étape`` is two, ``l'`` and ``étape``. ``key`` is the folded form."""

    text: str
    key: str
    span: Span = span_field()


@node
class Phrase(Node):
    """A run of words: ``nom du contact``."""

    words: tuple[Word, ...]
    span: Span = span_field()


@node
class Name(Node):
    """A name in brackets, never split: ``[montant (HT)]``."""

    text: str
    key: str
    span: Span = span_field()


@node
class Literal(Node):
    """A number, quantity, amount, date, time or duration: ``5 %``, ``30 m²``, ``27/11/2026``, ``2 heures``.

    ``kind``: ``number``, ``percentage`` (value 0.05 for 5 %), ``quantity`` (with ``unit``), ``money``, ``date``,
    ``time``, ``datetime`` (naive), ``duration``. ``text`` is the literal as written.
    """

    kind: str
    value: Scalar
    text: str
    unit: str | None = None
    span: Span = span_field()


@node
class Text(Node):
    """A text with its holes: ``"Rappeler {nom du contact}"``. ``parts`` are plain strings and :class:`Hole`.

    ``quote`` is the opening mark.
    """

    parts: tuple[str | Interpolation, ...]
    quote: str
    span: Span = span_field()


@node
class Interpolation(Node):
    """``{prénom sinon 'client'}`` inside a text."""

    value: Expression
    otherwise: Expression | None = None
    span: Span = span_field()


@node
class Group(Node):
    """``(montant > 5 ou renouvelé)``: any expression in parentheses."""

    inner: Expression
    span: Span = span_field()


@node
class PairCall(Node):
    """``minimum entre a et b``, ``number of days between a and b``: a function whose words hold ``et``/``and``.

    ``function`` is the concept of the opening words in the tables (``minimum_of_two``).
    """

    function: str
    first: Run
    second: Run
    span: Span = span_field()


Item: TypeAlias = Phrase | Name | Literal | Text | Group | PairCall


@node
class Run(Node):
    """A row of operand parts, to be read against the vocabulary: ``arrondi de (a + b) à 2 décimales``.

    ``where`` is what follows ``dont``/``whose``; ``rest`` is what follows a filter in parentheses
    (``dont (a et b) depuis 30 jours``).
    """

    items: tuple[Item, ...]
    where: Expression | None = None
    rest: tuple[Item, ...] = ()
    span: Span = span_field()


# --- expressions --------------------------------------------------------------------------------------------------


@node
class Binary(Node):
    """``longueur × largeur``; ``operator`` is one of ``+ - * / ^``, ``operator_span`` its place."""

    operator: str
    left: Expression
    right: Expression
    span: Span = span_field()
    operator_span: Span = span_field()


@node
class Negative(Node):
    """``-5``, ``-montant``."""

    operand: Expression
    span: Span = span_field()


@node
class Comparison(Node):
    """``montant > 5``, ``entonnoir est 'x'``, ``n'est pas renouvelé`` (no ``left``: the subject is meant).

    ``operator`` is a concept: ``eq ne lt le gt ge contains starts_with ends_with matches`` and ``not_`` before one of
    the last four; ``form`` the concept of its wording (``eq``, ``eq_words``, ``eq_is``, ...), which the printer keeps.
    """

    operator: str
    form: str
    left: Expression | None
    right: Expression
    span: Span = span_field()
    operator_span: Span = span_field()


@node
class Between(Node):
    """``montant est entre 5 et 10``, ``il est entre 20h et 8h``."""

    operand: Expression | None
    low: Expression
    high: Expression
    negated: bool = False
    span: Span = span_field()


@node
class Membership(Node):
    """``étape parmi 'A', 'B' ou 'C'``."""

    operand: Expression | None
    items: tuple[Expression, ...]
    negated: bool = False
    span: Span = span_field()


@node
class Not(Node):
    """``non (montant > 5)``."""

    operand: Expression
    span: Span = span_field()


@node
class Logic(Node):
    """``a et b ou c``, kept flat; ``connectors[i]`` (``"and"``/``"or"``) stands between parts ``i`` and ``i + 1``."""

    parts: tuple[Expression, ...]
    connectors: tuple[str, ...]
    span: Span = span_field()


@node
class AllSatisfy(Node):
    """``tous les contrats du contact vérifient renouvelé``; the filter, if any, is in the run."""

    collection: Run
    condition: Expression
    span: Span = span_field()


@node
class Conditional(Node):
    """``si calculer la remise alors 5 % sinon 0 %``."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span = span_field()


@node
class InvalidSyntax(Node):
    """What could not be parsed; a diagnostic says why. It may stand for an expression, an action, an entry, a step."""

    span: Span = span_field()


Expression: TypeAlias = (
    Run | Binary | Negative | Comparison | Between | Membership | Not | Logic | AllSatisfy | Conditional | InvalidSyntax
)

# --- declarations of vocabulary -----------------------------------------------------------------------------------


@node
class Names(Node):
    """``un entonnoir / funnel``: the phrase in the file's language, then the one in the other, if given."""

    phrase: Phrase | Name
    other: Phrase | Name | None = None
    span: Span = span_field()


@node
class ChoiceName(Node):
    """``'Argent' / 'Silver'``."""

    text: Text
    other: Text | None = None
    span: Span = span_field()


@node
class TypeSyntax(Node):
    """``nombre en m``, ``date et heure``, ``parmi 'A', 'B' / 'C'``, ``contact ou texte``, ``liste de commandes``.

    ``alternatives`` has one phrase, or several for a union; it is empty where ``choices`` are given.
    """

    alternatives: tuple[Phrase | Name, ...] = ()
    choices: tuple[ChoiceName, ...] = ()
    span: Span = span_field()


@node
class FieldOption(Node):
    """``identifiant``, ``obligatoire``, ``unique``, ``par défaut 0``: a concept, with a value for ``default``."""

    kind: str
    value: Expression | None = None
    span: Span = span_field()


@node
class FieldDeclaration(Node):
    """``une longueur / length : nombre en m, obligatoire``. Also a parameter of an action and a field of an event."""

    names: Names
    type: TypeSyntax
    options: tuple[FieldOption, ...] = ()
    documentation: str = ""
    span: Span = span_field()


@node
class ObjectDeclaration(Node):
    """``objet une affaire / deal`` and its fields."""

    names: Names
    fields: tuple[FieldDeclaration | InvalidSyntax, ...]
    documentation: str = ""
    span: Span = span_field()


@node
class EventDeclaration(Node):
    """``événement un appel manqué / missed call`` and its fields."""

    names: Names
    fields: tuple[FieldDeclaration | InvalidSyntax, ...]
    documentation: str = ""
    span: Span = span_field()


@node
class DefinitionDeclaration(Node):
    """``définir la surface d'une affaire / area en m² = longueur × largeur``; the unit is in the phrases."""

    names: Names
    body: Expression
    documentation: str = ""
    span: Span = span_field()


@node
class CellTest(Node):
    """One test of a cell: ``'Or'``, ``< 1 000 €``, ``de 1 à 5``, ``pas 'Bronze'``, ``sinon``.

    ``kind``: ``value``, ``compare`` (with ``operator``), ``range``, ``not``, ``not_range``, ``otherwise``.
    """

    kind: str
    operands: tuple[Expression, ...] = ()
    operator: str = ""
    span: Span = span_field()


@node
class Cell(Node):
    """A cell of a decision table; no tests means anything fits. The last cell of a row is its result."""

    tests: tuple[CellTest | InvalidSyntax, ...]
    span: Span = span_field()


@node
class TableRow(Node):
    """``| < 1 000 € | | 0 % |``."""

    cells: tuple[Cell, ...]
    span: Span = span_field()


@node
class TableDeclaration(Node):
    """``table le taux d'une affaire / rate : pourcentage, première ligne`` and its rows.

    ``columns`` are the phrases of the heading row as operands, the last one being ``résultat``; ``options`` are what
    follows the type: a hit policy, ``depuis 'taux.csv'``.
    """

    names: Names
    type: TypeSyntax
    options: tuple[Run, ...]
    columns: tuple[Expression, ...]
    rows: tuple[TableRow, ...]
    documentation: str = ""
    span: Span = span_field()


@node
class PatternHole(Node):
    """``{destinataire : contact ou texte}?`` in the phrase of an action."""

    name: Phrase | Name
    type: TypeSyntax | None = None
    optional: bool = False
    span: Span = span_field()


@node
class ActionPattern(Node):
    """``envoyer un SMS à {destinataire : contact ou texte}``."""

    parts: tuple[Phrase | PatternHole, ...]
    span: Span = span_field()


@node
class ActionDeclaration(Node):
    """``action envoyer un SMS à {...} / send an SMS to {...}``, its ``nom 'send SMS'`` and its parameters."""

    pattern: ActionPattern
    other: ActionPattern | None
    name: Text | None
    parameters: tuple[FieldDeclaration | InvalidSyntax, ...]
    documentation: str = ""
    span: Span = span_field()


@node
class VocabularySetting(Node):
    """``vocabulaire : aucun``; ``value`` is ``"none"``."""

    value: str
    span: Span = span_field()


# --- triggers -----------------------------------------------------------------------------------------------------


@node
class EventTrigger(Node):
    """``une affaire est créée``, ``affaire créée``, ``un appel est manqué``.

    ``est créée ou modifiée`` is two triggers, the second being the bare participle.
    """

    event: Run
    span: Span = span_field()


@node
class ChangeTrigger(Node):
    """``l'étape d'une affaire change``."""

    value: Expression
    span: Span = span_field()


@node
class BecomesTrigger(Node):
    """``l'étape d'une affaire devient 'Gagnée'``, ``devient parmi 'Gagnée', 'Perdue'``."""

    value: Expression
    targets: tuple[Expression, ...]
    one_of: bool = False
    span: Span = span_field()


@node
class TransitionTrigger(Node):
    """``l'étape d'une affaire passe de 'Nouvelle' à 'Perdue'``."""

    value: Expression
    origin: Expression
    target: Expression
    span: Span = span_field()


@node
class ThresholdTrigger(Node):
    """``le montant d'une affaire dépasse 10 000 €``; ``kind``: ``exceeds``, ``reaches``, ``drops_below``."""

    kind: str
    value: Expression
    bound: Expression
    span: Span = span_field()


@node
class WindowTrigger(Node):
    """``3 appels manqués d'un même contact en 2 heures``."""

    count: Literal
    event: Run
    within: Literal
    span: Span = span_field()


@node
class DateTrigger(Node):
    """``30 jours avant la date de fin d'un contrat, à 9h``; ``direction``: ``before``, ``after``."""

    offset: Literal
    direction: str
    date: Run
    at: Literal | None = None
    span: Span = span_field()


@node
class StaysTrigger(Node):
    """``une affaire reste 5 jours en étape = 'Négociation'``."""

    subject: Run
    duration: Literal
    condition: Expression
    span: Span = span_field()


@node
class CalendarTrigger(Node):
    """``chaque lundi à 9h pour chaque affaire dont étape = 'Nouvelle'``; ``schedule`` is what follows ``chaque``."""

    schedule: Run
    for_each: Run | None = None
    span: Span = span_field()


Trigger: TypeAlias = (
    EventTrigger
    | ChangeTrigger
    | BecomesTrigger
    | TransitionTrigger
    | ThresholdTrigger
    | WindowTrigger
    | DateTrigger
    | StaysTrigger
    | CalendarTrigger
    | InvalidSyntax
)

# --- rules --------------------------------------------------------------------------------------------------------


@node
class Argument(Node):
    """``quantité = surface + 10 %`` after a comma."""

    name: Phrase | Name
    value: Expression
    span: Span = span_field()


@node
class ActionCall(Node):
    """``ajouter produit 'Stratifié', quantité = surface``; also ``étape = 'Gagnée'`` and ``étape devient 'Gagnée'``.

    ``value`` is what follows the first ``=`` or ``devient`` without a comma before it: an assignment, or the first
    parameter of the call whose phrase it ends (``ajouter produit quantité = surface``). ``becomes`` says which.
    """

    head: Run
    value: Expression | None = None
    becomes: bool = False
    arguments: tuple[Argument | InvalidSyntax, ...] = ()
    span: Span = span_field()


@node
class ForEach(Node):
    """``pour chaque commande dont client = le contact : (action ; action)``."""

    collection: Run
    actions: tuple[Action, ...]
    span: Span = span_field()


@node
class Wait(Node):
    """``attendre 2 heures, sauf si renouvelé, puis``: all actions after it in the same list wait."""

    duration: Expression
    unless: Expression | None = None
    span: Span = span_field()


Action: TypeAlias = ActionCall | ForEach | Wait | InvalidSyntax


@node
class Attribute(Node):
    """One of the attributes between a rule's parentheses.

    ``kind``: ``priority``, ``tags``, ``validity`` (two dates), ``until``, ``disabled``, ``only_once``, ``once_a_day``,
    ``tolerance``.
    """

    kind: str
    values: tuple[Literal | Text, ...] = ()
    span: Span = span_field()


@node
class RuleDeclaration(Node):
    """``règle "A" / "B" (priorité 10) quand ... si ... alors ... sinon ...``.

    ``names`` is empty for a rule without a header.
    """

    names: tuple[Text, ...]
    attributes: tuple[Attribute | InvalidSyntax, ...]
    triggers: tuple[Trigger, ...]
    condition: Expression | None
    actions: tuple[Action, ...]
    otherwise: tuple[Action, ...] | None = None
    documentation: str = ""
    span: Span = span_field()


# --- examples -----------------------------------------------------------------------------------------------------


@node
class Given(Node):
    """``étant donné une affaire, longueur = 5``, ``étant donné nous sommes le 31/05/2027``."""

    head: Run
    arguments: tuple[Argument | InvalidSyntax, ...] = ()
    span: Span = span_field()


@node
class When(Node):
    """``quand l'affaire est créée``, ``quand l'étape de l'affaire devient 'x'``, ``quand 3 heures passent``,
    ``quand nous sommes le 31/05/2027 à 9h``; the last two are an :class:`EventTrigger` whose run says it."""

    event: Trigger
    arguments: tuple[Argument | InvalidSyntax, ...] = ()
    span: Span = span_field()


@node
class Expectation(Node):
    """``créer une tâche "Rappeler"``, ``jamais envoyer un SMS``, ``surface = 30 m²``: an action or a condition.

    ``arguments`` are those after a comma; the resolver decides which of the two it is.
    """

    body: Expression
    arguments: tuple[Argument | InvalidSyntax, ...] = ()
    never: bool = False
    span: Span = span_field()


@node
class Then(Node):
    """``alors ajouter produit 'x', quantité = 30 et surface = 30 m²``."""

    expectations: tuple[Expectation | InvalidSyntax, ...]
    span: Span = span_field()


Step: TypeAlias = Given | When | Then | InvalidSyntax


@node
class ExampleDeclaration(Node):
    """``exemple "un contrat se renouvelle"`` and its steps; with ``avec table``, ``columns`` and ``rows``."""

    name: Text
    other: Text | None
    steps: tuple[Step, ...]
    columns: tuple[Expression, ...] = ()
    rows: tuple[TableRow, ...] = ()
    documentation: str = ""
    span: Span = span_field()


# --- processes ----------------------------------------------------------------------------------------------------


@node
class StageProperty(Node):
    """``délai 1 jour ouvré``, ``consigne "Qualifier"``, ``fin``.

    ``kind``: ``deadline``, ``instruction``, ``probability``, ``owner``, ``end``, ``success``, ``failure``.
    """

    kind: str
    value: Expression | None = None
    span: Span = span_field()


@node
class Stage(Node):
    """``'Nouvelle' : délai 1 jour ouvré, consigne "Qualifier le besoin"``."""

    name: Text
    properties: tuple[StageProperty, ...]
    span: Span = span_field()


@node
class Transition(Node):
    """``de 'Nouvelle' à 'Négociation', 'Perdue'``."""

    origin: Text
    targets: tuple[Text, ...]
    span: Span = span_field()


@node
class ProcessDeclaration(Node):
    """``processus Vente d'une affaire / Sale, suivant étape`` with its stages and transitions."""

    names: Names
    following: Phrase | Name
    entries: tuple[Stage | Transition | InvalidSyntax, ...]
    documentation: str = ""
    span: Span = span_field()


Declaration: TypeAlias = (
    ObjectDeclaration
    | EventDeclaration
    | DefinitionDeclaration
    | TableDeclaration
    | ActionDeclaration
    | VocabularySetting
    | RuleDeclaration
    | ExampleDeclaration
    | ProcessDeclaration
    | InvalidSyntax
)


@node
class Token(Node):
    """A lossless token: ``leading`` trivia (spaces, comments, line breaks), then ``text``.

    The tokens of a declaration, with the trivia after the last one, give its text back to the letter. ``keyword`` is
    the wording of the tables that starts with this token (:class:`~quand.dsl.keywords.Keyword`), if one does.
    """

    kind: str
    text: str
    leading: str
    keyword: Any = attrs.field(default=None, eq=False)
    span: Span = span_field()


@node
class TokenRow(Node):
    """The tokens of a declaration and the trivia after the last one: concatenated, they give its text.

    ``inner`` are the tokens of the holes of its texts, in order.
    """

    tokens: tuple[Token, ...]
    trailing: str
    inner: tuple[Token, ...] = ()


@node
class ParsedDeclaration(Node):
    """A declaration, parsed on its own.

    ``text`` runs from the end of the declaration before it, so its comments come with it; spans are relative to it.
    ``diagnostics`` are ``Diagnostic`` facts with relative spans. ``tokens`` and ``trailing`` concatenated give
    ``text``; they are made by ``read_tokens`` when they are first asked for.
    """

    text: str
    language: str
    declaration: Declaration
    diagnostics: tuple[object, ...] = ()
    read_tokens: Callable[[str, str], TokenRow] = attrs.field(eq=False, kw_only=True)

    @property
    def tokens(self) -> tuple[Token, ...]:
        return self.read_tokens(self.text, self.language).tokens

    @property
    def trailing(self) -> str:
        return self.read_tokens(self.text, self.language).trailing

    @property
    def inner(self) -> tuple[Token, ...]:
        return self.read_tokens(self.text, self.language).inner


@node
class ParsedFile(Node):
    """A file: its language and each declaration with the offset of its text. ``trailing`` ends the file."""

    text: str
    language: str
    declarations: tuple[tuple[int, ParsedDeclaration], ...]
    diagnostics: tuple[object, ...] = ()
