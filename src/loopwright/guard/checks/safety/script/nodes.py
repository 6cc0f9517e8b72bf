"""What the lowering of every kind of JavaScript node needs: lines, texts, fields, literals."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.flow import tree as t

if TYPE_CHECKING:
    from tree_sitter import Node


_ESCAPE = expression(r"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|(\r?\n)|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
Maker = Callable[["Node"], t.Node]
#: How each kind of tree-sitter's nodes is lowered; filled by the modules of expressions and statements.
MAKERS: dict[str, Maker] = {}


def lower(node: Node) -> t.Node:
    """Return one syntax node as a node of the checks' tree."""
    make = MAKERS.get(node.type)
    if make is not None:
        return make(node)
    return t.Several(line_of(node), [lower(c) for c in node.named_children])


def unescape(text: str) -> str:
    """Return a string literal's content with its escapes resolved."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        return chr(min(int(digits, 16), 0x10FFFF))
    return "" if found[4] else _LETTERS.get(found[5], found[5])


def line_of(node: Node) -> int:
    return node.start_point[0] + 1


def field(node: Node, name: str) -> t.Node:
    child = node.child_by_field_name(name)
    return lower(child) if child is not None else t.Several(line_of(node), [])


def optional(node: Node, name: str) -> t.Node | None:
    child = node.child_by_field_name(name)
    return lower(child) if child is not None else None


def nothing(node: Node) -> t.Node:
    return t.Several(line_of(node), [])


def body_of(node: Node | None) -> list[t.Node]:
    if node is None:
        return []
    return [lower(c) for c in node.named_children] if node.type in ("statement_block", "class_body") else [lower(node)]
