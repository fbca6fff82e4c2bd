"""Make the TextMate grammar and the language configuration from the tables of words of all languages.

``python editors/vscode/words.py`` writes them; a test compares them with what this makes. A grammar of regular
expressions cannot tell a name from a keyword the way the compiler does: it colours a file before the server answers,
and the server's own tokens go over it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from quand.dsl.lexicon import Lexicon, languages, lexicon

HERE = Path(__file__).parent
GRAMMAR = HERE / "syntaxes" / "quand.tmLanguage.json"
CONFIGURATION = HERE / "language-configuration.json"

_LETTER = r"[\p{L}\p{M}\p{N}_]"
_BEFORE, _AFTER = rf"(?<!{_LETTER})", rf"(?!{_LETTER})"
_SPACE = r"[ \t\u00A0\u202F]+"
_HOLE = re.compile(r"\{\w+\}")
_VARIANTS = {
    "a": "aàâ",
    "e": "eéèêë",
    "i": "iîï",
    "o": "oô",
    "u": "uùûü",
    "c": "cç",
}
_FOLDED = {letter: f"[{row}]" for row in _VARIANTS.values() for letter in row[1:]}
"""People leave accents out; one that is written may also be missing."""


def grammar() -> dict[str, Any]:
    """The TextMate grammar."""
    return {
        "comment": "Made by editors/vscode/words.py from grammar/lexicon/*.toml.",
        "name": "Quand",
        "scopeName": "source.quand",
        "fileTypes": ["rules"],
        "patterns": [_include(each) for each in ("comments", "headings", "rows", "expression")],
        "repository": {
            "comments": _patterns(*_comments()),
            "headings": _patterns(*_headings()),
            "rows": _patterns(
                {"match": r"\|", "name": "punctuation.separator.table.quand"},
                {"match": r"^\s*(-)(?=\s)", "captures": {"1": {"name": "punctuation.definition.list.quand"}}},
            ),
            "expression": _patterns(
                *(_include(each) for each in ("comments", "texts", "names", "literals", "types", "options", "words")),
                {"match": r"[=≠<>≤≥!]=?|<>", "name": "keyword.operator.comparison.quand"},
                {"match": r"(?<=\s)[-+×*/^](?=\s)", "name": "keyword.operator.arithmetic.quand"},
                {"match": r"[,;:/]", "name": "punctuation.separator.quand"},
            ),
            "texts": _patterns(*_texts()),
            "names": _patterns({"match": r"\[[^\]\n]*\]", "name": "variable.other.bracketed.quand"}),
            "literals": _patterns(*_literals()),
            "types": _patterns(*_types()),
            "options": _patterns(_listed(_each("keywords", "options"), "storage.modifier.quand", before=r"(?<=,)\s*")),
            "words": _patterns(*_words()),
        },
    }


def configuration() -> dict[str, Any]:
    """The language configuration: comments, brackets, words, indentation."""
    openers = _alternatives(
        form
        for each in _lexicons()
        for concept, forms in each.tables["keywords"]["openers"].items()
        if concept in {"object", "event", "action", "table", "example", "process"}
        for form in forms
    )
    then = _alternatives(form for form in _of("reserved", "then", "otherwise"))
    return {
        "comments": {"lineComment": "#"},
        "brackets": [["(", ")"], ["[", "]"], ["{", "}"], ["«", "»"]],
        "autoClosingPairs": [
            {"open": "(", "close": ")"},
            {"open": "[", "close": "]"},
            {"open": "{", "close": "}"},
            {"open": '"', "close": '"', "notIn": ["string", "comment"]},
            {"open": "'", "close": "'", "notIn": ["string", "comment"]},
            {"open": "« ", "close": " »", "notIn": ["string", "comment"]},
        ],
        "surroundingPairs": [["(", ")"], ["[", "]"], ["{", "}"], ['"', '"'], ["'", "'"], ["« ", " »"]],
        "wordPattern": {"pattern": r"[\p{L}\p{M}\p{N}_]+(?:-[\p{L}\p{M}\p{N}_]+)*", "flags": "u"},
        "indentationRules": {
            "increaseIndentPattern": {"pattern": rf"^\s*(?:{openers})(?![\p{{L}}\p{{N}}_]).*$", "flags": "iu"},
            "decreaseIndentPattern": {"pattern": r"^(?!)$", "flags": "u"},
        },
        "onEnterRules": [
            # a second line break ends a declaration
            {"beforeText": r"^\s+$", "action": {"indent": "none", "removeText": 99}},
            {"beforeText": r"^\s*##(?:\s.*)?$", "action": {"indent": "none", "appendText": "## "}},
            {
                "beforeText": {"pattern": rf"^\s*(?:.*\s)?(?:{then})\s*$", "flags": "iu"},
                "action": {"indent": "indent"},
            },
            {"beforeText": r"^\s*\|.*\|\s*$", "action": {"indent": "none", "appendText": "| "}},
        ],
        "folding": {"offSide": True},
    }


# --- parts of the grammar ---------------------------------------------------------------------------------------------


def _comments() -> Iterator[dict[str, Any]]:
    yield {"match": r"##.*$", "name": "comment.line.documentation.quand"}
    yield {"match": r"#.*$", "name": "comment.line.number-sign.quand"}


def _headings() -> Iterator[dict[str, Any]]:
    """The first words of declarations, with the names they declare."""
    named = _alternatives(_of("openers", "rule", "example", "process"))
    yield {
        "begin": rf"^[ \t]*((?i:{named})){_AFTER}",
        "beginCaptures": {"1": {"name": "keyword.control.declaration.quand"}},
        "end": r"$",
        "patterns": [
            _include("comments"),
            {
                "begin": r"\(",
                "end": r"\)|$",
                "patterns": [_listed(_attributes(), "storage.modifier.quand"), _include("expression")],
            },
            _include("expression"),
        ],
    }
    objects = _alternatives(_of("openers", "object", "event"))
    name = r"([^/:#\n]+?)"
    yield {
        "match": rf"^[ \t]*((?i:{objects})){_AFTER}{_SPACE}{name}\s*(?:(/)\s*{name}\s*)?(?=$|#)",
        "captures": {
            "1": {"name": "keyword.control.declaration.quand"},
            "2": {"name": "entity.name.type.quand"},
            "3": {"name": "punctuation.separator.quand"},
            "4": {"name": "entity.name.type.quand"},
        },
    }
    others = _alternatives(_of("openers", "define", "action", "table", "vocabulary"))
    yield {
        "match": rf"^[ \t]*((?i:{others})){_AFTER}(?!\s*[:/=,|])",
        "captures": {"1": {"name": "keyword.control.declaration.quand"}},
    }
    settings = _alternatives(_of("openers", "vocabulary"))
    yield {
        "match": rf"^[ \t]*((?i:{settings}))\s*:\s*(.*)$",
        "captures": {"1": {"name": "keyword.control.declaration.quand"}, "2": {"name": "constant.language.quand"}},
    }


def _texts() -> Iterator[dict[str, Any]]:
    inside = [
        {"match": r"\\.", "name": "constant.character.escape.quand"},
        {"match": r"\{\{|\}\}", "name": "constant.character.escape.quand"},
        {
            "begin": r"\{",
            "end": r"\}|(?=$)",
            "name": "meta.interpolation.quand",
            "contentName": "source.quand",
            "beginCaptures": {"0": {"name": "punctuation.section.interpolation.begin.quand"}},
            "endCaptures": {"0": {"name": "punctuation.section.interpolation.end.quand"}},
            "patterns": [_include("expression")],
        },
    ]
    kinds = {
        "double": ('"', '"'),
        "guillemets": ("«", "»"),
        # an apostrophe between two letters belongs to a word
        "single": (r"(?<!\p{L})['’]|['’](?!\p{L})", r"(?<!\p{L})'|'(?!\p{L})"),
    }
    for kind, (begin, end) in kinds.items():
        yield {"begin": begin, "end": rf"{end}|$", "name": f"string.quoted.{kind}.quand", "patterns": inside}


def _literals() -> Iterator[dict[str, Any]]:
    digits = r"\d(?:[\d\u00A0\u202F\u2009]|[., ](?=\d{3}(?!\d)))*(?:[.,]\d+)?"
    months = _alternatives(form for each in _lexicons() for form in each.tables["writing"]["dates"]["months"])
    yield {
        "match": r"(?<![\p{L}\d])\d{4}-\d{2}-\d{2}(?!\d)|(?<![\p{L}\d])\d{1,2}/\d{1,2}/\d{2,4}(?!\d)",
        "name": "constant.numeric.date.quand",
    }
    yield {
        "match": rf"{_BEFORE}\d{{1,2}}\p{{L}}*{_SPACE}(?i:{months})(?:{_SPACE}\d{{4}})?{_AFTER}"
        rf"|{_BEFORE}(?i:{months}){_SPACE}\d{{1,2}},?{_SPACE}\d{{4}}{_AFTER}",
        "name": "constant.numeric.date.quand",
    }
    yield {
        "match": rf"{_BEFORE}\d{{1,2}}(?:[h:]\d{{2}}(?::\d{{2}})?|h(?!\p{{L}})|(?::\d{{2}})? ?[ap]m){_AFTER}",
        "name": "constant.numeric.time.quand",
    }
    units = sorted({form for each in _lexicons() for form in _units(each)}, key=lambda form: (-len(form), form))
    written = "|".join(_form(form) for form in units)
    yield {
        "match": rf"(?<![\p{{L}}\d])([€$£¥]?{digits})(?:\s?({written}|%|[€$£¥]|\p{{Lu}}{{3}})(?!{_LETTER}))?",
        "captures": {
            "1": {"name": "constant.numeric.quand"},
            "2": {"name": "keyword.other.unit.quand"},
        },
    }
    constants = (
        form for each in _lexicons() for forms in each.tables["phrases"]["constants"].values() for form in forms
    )
    yield _listed(constants, "constant.language.quand")


def _types() -> Iterator[dict[str, Any]]:
    types = [form for each in _lexicons() for forms in each.tables["phrases"]["types"].values() for form in forms]
    types += [form for each in _lexicons() for form in each.tables["phrases"]["list_of"]]
    yield _listed([*types, *_of("types", "composite", "one_of")], "support.type.quand", before=r"(?<=:)\s*")


def _words() -> Iterator[dict[str, Any]]:
    """Keywords, longest first within a kind; those that are mere prepositions are left to the server."""
    yield _listed(_participles(), "keyword.other.trigger.quand", after=r"(?!\s*[:=])")
    for groups, scope in (
        (("tests", "compare"), "keyword.operator.word.quand"),
        (("trigger", "actions"), "keyword.other.trigger.quand"),
        (("reserved",), "keyword.control.quand"),
    ):
        yield _listed(_plain(*groups), scope, after=r"(?!\s*[:=])")
    yield _listed(_plain("examples"), "keyword.other.example.quand", after=r"(?!\s*[:=])")
    yield _listed(_of("openers", "when", "every"), "keyword.control.quand")
    elided = (
        f"{start}{word}"
        for each in _lexicons()
        for start, words in each.tables["keywords"]["elided_if"].items()
        for word in words
    )
    yield _listed(elided, "keyword.control.quand")
    yield _listed(_beginnings("functions", "aggregates", "pairs"), "support.function.quand")
    yield _listed(_beginnings("actions"), "support.function.action.quand")
    yield _listed(_plain("stages"), "storage.modifier.quand", before=r"(?<=[:,])\s*")


# --- words of the tables ----------------------------------------------------------------------------------------------


def _lexicons() -> list[Lexicon]:
    return [lexicon(language) for language in languages()]


def _each(table: str, *groups: str) -> Iterator[str]:
    for each in _lexicons():
        for group in groups:
            for forms in each.tables[table][group].values():
                yield from [forms] if isinstance(forms, str) else forms


def _of(group: str, *concepts: str) -> Iterator[str]:
    for each in _lexicons():
        for concept in concepts:
            yield from each.tables["keywords"][group][concept]


def _attributes() -> Iterator[str]:
    """The attributes of rules, and what joins their values."""
    yield from _each("keywords", "attributes", "attribute_parts")


def _plain(*groups: str) -> list[str]:
    """The keywords of some groups that are more than prepositions."""
    small = {word for each in _lexicons() for word in each.tables["keywords"]["prepositions"]}
    return [form for form in _each("keywords", *groups) if not set(form.split()) <= small]


def _beginnings(*groups: str) -> list[str]:
    """The words before the first hole of patterns, in all their agreements."""
    small = {word for each in _lexicons() for word in each.tables["keywords"]["prepositions"]}
    made: list[str] = []
    for each in _lexicons():
        forms = {row[0]: "|".join(row) for row in each.tables["agreement"]["forms"]}
        for group in groups:
            for patterns in each.tables["phrases"][group].values():
                for pattern in [patterns] if isinstance(patterns, str) else patterns:
                    words = _HOLE.split(pattern)[0].split()
                    if words and not set(words) <= small:
                        made.append(" ".join(forms.get(word, word) for word in words))
    return made


def _participles() -> Iterator[str]:
    """``est créée``, ``was updated``: what objects can undergo."""
    for each in _lexicons():
        phrases, endings = each.tables["phrases"], each.tables["agreement"].get("participle_endings", {})
        feminine, plural = endings.get("feminine", ""), endings.get("plural", "")
        for forms in phrases["participles"].values():
            for form in forms:
                agreed = "|".join(dict.fromkeys((form + feminine + plural, form + feminine, form + plural, form)))
                for auxiliary in phrases["auxiliaries"]:
                    yield f"{auxiliary} {agreed}"


def _units(each: Lexicon) -> Iterator[str]:
    writing = each.tables["writing"]
    for forms in (
        *writing["units"].values(),
        *writing["money"]["words"].values(),
        *writing["money"]["symbols"].values(),
    ):
        yield from forms
    for name, forms in writing["durations"].items():
        if name == "short":
            yield from (form for shorts in forms.values() for form in shorts)
        elif name != "refused":
            yield from forms


# --- regular expressions ----------------------------------------------------------------------------------------------


def _listed(forms: Iterable[str], scope: str, before: str = "", after: str = "") -> dict[str, Any]:
    """A rule for words and phrases that stand alone."""
    if before:
        match = rf"{before}((?i:{_alternatives(forms)})){_AFTER}{after}"
        return {"match": match, "captures": {"1": {"name": scope}}}
    return {"match": rf"{_BEFORE}(?i:{_alternatives(forms)}){_AFTER}{after}", "name": scope}


def _alternatives(forms: Iterable[str]) -> str:
    made = sorted(dict.fromkeys(forms), key=lambda form: (-len(form), form))
    return "|".join(_form(form) for form in made)


def _form(form: str) -> str:
    """The expression for a form of a table: ``est|sont au moins`` has a choice in its first word."""
    words: list[str] = []
    for word in form.split():
        choices = [_letters(each) for each in sorted(word.split("|"), key=len, reverse=True)]
        words.append(choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})")
    last = form.rsplit(maxsplit=1)[-1]
    if len(words) > 1 and (contracted := _contractions().get(last)):
        words[-1] = f"(?:{'|'.join((words[-1], *contracted))})"
    return _SPACE.join(words)


@cache
def _contractions() -> dict[str, list[str]]:
    """What a preposition becomes before an article or a vowel: ``de`` is ``du``, ``des``, ``d'``."""
    made: dict[str, list[str]] = {}
    for each in _lexicons():
        articles = each.tables["articles"]
        for contraction, (preposition, _) in articles["contractions"].items():
            made.setdefault(preposition, []).append(_letters(contraction))
        for elided, word in articles["elided_words"].items():
            made.setdefault(word, []).append(f"{_letters(elided[:-1])}(?=['’])")
    return made


def _letters(word: str) -> str:
    made = (_FOLDED.get(letter, "['’]" if letter in "'’" else re.escape(letter)) for letter in word)
    return "".join(made)


def _include(name: str) -> dict[str, str]:
    return {"include": f"#{name}"}


def _patterns(*patterns: dict[str, Any]) -> dict[str, Any]:
    return {"patterns": list(patterns)}


def files() -> dict[Path, str]:
    """The files that are made, with their text."""
    made = {GRAMMAR: grammar(), CONFIGURATION: configuration()}
    return {path: json.dumps(tables, ensure_ascii=False, indent=2) + "\n" for path, tables in made.items()}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8", newline="\n")
