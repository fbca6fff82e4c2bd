"""Why a condition held or not: each part as a sentence with its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..dsl import ir
from ..dsl.diagnostic import Diagnostic
from ..dsl.messages import render, ui
from ..dsl.sentences import Sentences
from ..dsl.source import NOWHERE
from ..dsl.values import Value
from ..runtime.problems import Problem
from ..runtime.tracing import Explained


class Reason(NamedTuple):
    """A part of a condition: how deep it stands in it, the sentence with its values, what it was worth and in words."""

    depth: int
    sentence: str
    value: Value
    verdict: str


def reasons(explained: Explained, sentences: Sentences) -> list[Reason]:
    """The parts of a condition, from left to right."""
    if isinstance(explained.expression, ir.And):
        return [reason for part in explained.parts for reason in _reasons(part, sentences, 0)]
    return list(_reasons(explained, sentences, 0))


def line(reason: Reason, sentences: Sentences) -> str:
    """``montant (1 200 €) est supérieur à 5 000 € : non``."""
    link = " — " if reason.value is None else sentences.colon
    return f"{reason.sentence}{link}{reason.verdict}"


def verdict(explained: Explained, sentences: Sentences) -> str:
    """``oui``, ``non``, ``inconnu : montant est vide``."""
    if explained.value is None:
        fields = [sentences.field(reference.object, name) for reference, name in explained.empty]
        if fields:
            return render(
                Diagnostic("QD503", NOWHERE, {"fields": fields, "count": len(fields)}), sentences.language
            ).message
        return ui("explain_unknown", sentences.language)
    words = sentences.lexicon.tables["writing"]
    return words["yes" if explained.value is True else "no"]


def problem_text(problem: Problem, sentences: Sentences) -> str:
    """A problem in the language of the sentences; what an author wrote in a rule stays as it is."""
    facts = {"rule": problem.rule or "", "object": problem.object or "", "field": problem.field or "", **problem.args}
    diagnostic = Diagnostic(problem.code, NOWHERE, facts)
    if problem.message != render(diagnostic, sentences.program.settings.language).message:
        return problem.message
    return render(diagnostic, sentences.language).message


def _reasons(explained: Explained, sentences: Sentences, depth: int) -> Iterator[Reason]:
    expression = explained.expression
    if isinstance(expression, (ir.And, ir.Or)):
        key = "explain_all_of" if isinstance(expression, ir.And) else "explain_one_of"
        yield Reason(depth, ui(key, sentences.language), explained.value, verdict(explained, sentences))
        for part in explained.parts:
            yield from _reasons(part, sentences, depth + 1)
        return
    inner = explained
    while isinstance(inner.expression, ir.Not) and inner.parts:
        inner = inner.parts[0]
    if isinstance(inner.expression, (ir.And, ir.Or)):
        yield Reason(depth, ui("explain_not", sentences.language), explained.value, verdict(explained, sentences))
        yield from _reasons(inner, sentences, depth + 1)
        return
    shown = {id(operand): value for operand, value in inner.operands if value is not None or inner.value is not None}
    told = explained if explained.empty else Explained(expression, explained.value, empty=inner.empty)
    yield Reason(depth, sentences.expression(expression, shown), explained.value, verdict(told, sentences))
