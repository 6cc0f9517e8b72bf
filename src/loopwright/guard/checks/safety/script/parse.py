"""JavaScript and TypeScript source as a tree for the safety checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwright.guard import grammar
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.script.expressions import EXPRESSIONS
from loopwright.guard.checks.safety.script.nodes import MAKERS, lower
from loopwright.guard.checks.safety.script.statements import STATEMENTS

if TYPE_CHECKING:
    pass


MAKERS.update(EXPRESSIONS | STATEMENTS)


def parse(text: str, typed: bool) -> tuple[list[t.Node], bool]:
    """Return the statements, and whether all of the text could be parsed. Raises ImportError without a grammar."""
    root = grammar.parse("tsx" if typed else "javascript", text)
    if root is None:
        return [], False
    return [lower(c) for c in root.named_children], not root.has_error
