"""The conditions of rules as SQL, with words around it: what ``quand sql`` prints."""

from __future__ import annotations

from collections.abc import Iterator

from ..dsl import ir
from ..dsl.diagnostic import Diagnostic
from ..dsl.messages import render, section, ui
from ..dsl.node import Node, node
from ..dsl.sentences import Sentences
from ..dsl.source import Span
from ..runtime.model import Model
from .compile import Project
from .errors import ProjectError

DIALECTS = ("sqlite", "postgres", "duckdb", "spark")

_CODES = {
    "previous": "QD402",
    **dict.fromkeys(("open_type", "list", "duration", "value", "mixture", "business_time", "variable"), "QD403"),
    **dict.fromkeys(("storage", "no_table", "no_column", "composite_key"), "QD404"),
    **dict.fromkeys(("too_large", "long_number", "odd_text"), "QD405"),
}
_OPERATOR = "QD401"


@node
class RuleSql(Node):
    """A rule in SQL: comments that say which, the statement, or why there is none."""

    rule: ir.Rule
    comments: tuple[str, ...]
    statement: str | None
    unsaid: Diagnostic | None = None


def rule_sql(project: Project, dialect: str, language: str) -> Iterator[RuleSql]:
    """The rules of a project in the order in which they are called, each in SQL or with the reason why not.

    The project has no errors. Raises :class:`~.errors.ProjectError` where the libraries for SQL are not installed.
    """
    program = project.checked()
    # sqlglot costs start-up time and is an extra
    try:
        from ..runtime.sql.rules import RuleStatements, asked_of
        from ..runtime.sql.terms import Unsupported
    except ImportError as error:
        raise ProjectError("sql_extra") from error
    sentences = Sentences(program, language, project.compilation.vocabulary)
    statements = RuleStatements(Model(program), dialect)
    for rule in program.rules:
        comments = [sentences.rule(rule), *(sentences.expression(part) for part in asked_of(rule))]
        try:
            text, parameters = statements.text(rule)
        except Unsupported as unsaid:
            part = "" if unsaid.part is None else sentences.expression(unsaid.part)
            yield RuleSql(rule, _lines(comments), None, _reason(rule, unsaid.operator, part, dialect, language))
            continue
        comments += [ui(f"sql_{name}", language, mark="$" if dialect == "duckdb" else ":") for name in parameters]
        yield RuleSql(rule, _lines(comments), text)


def _lines(comments: list[str]) -> tuple[str, ...]:
    return tuple(" ".join(comment.split()) for comment in comments)


def _reason(rule: ir.Rule, operator: str, part: str, dialect: str, language: str) -> Diagnostic:
    named = section(language, "sql").get(operator, operator)
    facts = {"rule": rule.names.get(language, rule.name), "operator": named, "part": part, "dialect": dialect}
    return Diagnostic(_CODES.get(operator, _OPERATOR), Span(0, 0), facts, "info")


def as_sql(found: RuleSql, language: str) -> str:
    """The rule as it is printed: comments, then the statement."""
    lines = list(found.comments)
    if found.unsaid is not None:
        message = render(found.unsaid, language)
        lines += [f"{found.unsaid.code} {message.message}", *([message.help] if message.help else [])]
    written = "\n".join(f"-- {line}" for line in lines)
    return written if found.statement is None else f"{written}\n{found.statement};"
