"""A phrase said of an object: ``montant`` of deals is ``montant de l'affaire``."""

from __future__ import annotations

from .agreement import Agreement, Noun
from .lexicon import lexicon
from .pieces import Piece, text_of, words
from .vocabulary import Vocabulary


def owned_by(vocabulary: Vocabulary, language: str, phrase: str, object_name: str) -> str:
    """The phrase followed by its owner, with a definite article."""
    tables = lexicon(language)
    agreement = Agreement(tables)
    name = vocabulary.objects[object_name].names[language]
    noun = Noun(name.gender or agreement.guessed_gender(name.text), name.plural)
    article = agreement.article("definite", noun, name.text.split()[0])
    walk = Piece(tables.tables["phrases"]["walk"][0])
    return text_of(agreement.join([*words(phrase), walk, *words(article), *words(name.text)]))
