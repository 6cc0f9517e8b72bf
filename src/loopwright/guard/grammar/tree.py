"""Text to a syntax tree, and a node of it back to text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.guard.grammar import trial
from loopwright.guard.grammar.parsers import Grammar, parser_of

if TYPE_CHECKING:
    from tree_sitter import Node

# On some broken programs these never come to an end, so they are tried in another process first. The others were
# given 300,000 random texts each and ended.
_ENDLESS = frozenset({"typescript", "tsx"})

# The scanner of the bash grammar looks characters up in the C library's tables, which end at 255: a wider one reads
# memory that is not there. Such a character is written as its number between two marks, and read back by `shell_text`.
_WIDE = expression("[\xb6\u0100-\U0010ffff]")
_WRITTEN = expression("\xb6([0-9a-f]{1,6})\xb6")


def parse(grammar: Grammar, text: str) -> Node | None:
    """Return the root of the syntax tree, or None for text on which the grammar comes to no end.

    Raises ImportError where the grammar is not installed.
    """
    parser = parser_of(grammar)
    if grammar == "bash":
        text = _WIDE.sub(lambda m: f"\xb6{ord(m[0]):x}\xb6", text)
    source = text.encode("utf-8", "replace")
    if grammar in _ENDLESS and not trial.ends(grammar, source):
        return None
    return parser.parse(source).root_node


def text_of(node: Node | None) -> str:
    """Return the text of a node of a program in JavaScript or TypeScript."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def shell_text_of(node: Node | None) -> str:
    """Return the text of a node of a shell script."""
    return shell_text(node.text or b"") if node is not None else ""


def shell_text(source: bytes) -> str:
    """Return a piece of the bytes of a shell script's node as text."""
    return _WRITTEN.sub(_character, source.decode("utf-8", "replace"))


def walk(root: Node) -> Iterator[Node]:
    """Every node, parents first, in the order of the text."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.children))


def _character(written: re.Match[str]) -> str:
    number = int(written[1], 16)
    return chr(number) if number <= 0x10FFFF else written[0]
