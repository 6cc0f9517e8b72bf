"""JavaScript and TypeScript source as a tree for the safety checks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.script.expressions import EXPRESSIONS
from loopwright.guard.checks.safety.script.nodes import MAKERS, lower
from loopwright.guard.checks.safety.script.statements import STATEMENTS

if TYPE_CHECKING:
    from tree_sitter import Parser


MAKERS.update(EXPRESSIONS | STATEMENTS)


@lru_cache(maxsize=2)
def _parser(typed: bool) -> Parser:
    from tree_sitter import Language, Parser

    if typed:
        import tree_sitter_typescript

        return Parser(Language(tree_sitter_typescript.language_tsx()))
    import tree_sitter_javascript

    return Parser(Language(tree_sitter_javascript.language()))


def parse(text: str, typed: bool) -> tuple[list[t.Node], bool]:
    """Return the statements, and whether all of the text could be parsed. Raises ImportError without a grammar."""
    root = _parser(typed).parse(text.encode("utf-8", "replace")).root_node
    return [lower(c) for c in root.named_children], not root.has_error
