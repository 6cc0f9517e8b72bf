"""The parsers of the installed grammars, made when first asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tree_sitter import Parser

Grammar = Literal["bash", "javascript", "typescript", "tsx"]


@lru_cache(maxsize=4)
def parser_of(grammar: Grammar) -> Parser:
    """Return the parser of a grammar. Raises ImportError where it is not installed."""
    from tree_sitter import Language, Parser

    return Parser(Language(_language(grammar)))


def _language(grammar: Grammar) -> object:
    if grammar == "bash":
        import tree_sitter_bash

        return tree_sitter_bash.language()
    if grammar == "javascript":
        import tree_sitter_javascript

        return tree_sitter_javascript.language()
    import tree_sitter_typescript

    return tree_sitter_typescript.language_tsx() if grammar == "tsx" else tree_sitter_typescript.language_typescript()
