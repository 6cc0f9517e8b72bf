"""Redirections: what a command reads and which files it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.shell.seen import Scripted
from loopwright.guard.checks.safety.shell.statements import STATEMENTS
from loopwright.guard.checks.safety.shell.words import expand, pieces
from loopwright.guard.grammar import shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def read_redirects(shell: Scripted, node: Node, stdin: Value) -> tuple[Value, list[Value], list[Node]]:
    """Return what is read, the files that are written, and the statements that stand behind a heredoc."""
    writes: list[Value] = []
    after: list[Node] = []
    for child in node.named_children:
        if child.type == "file_redirect":
            target = child.child_by_field_name("destination")
            if target is None:
                continue
            word = expand(shell, target)
            operator = "".join(c.type for c in child.children if not c.is_named)
            if ">" in operator and not (operator == ">&" and word.text.isdecimal()):
                writes.append(word)
            elif "<" in operator:
                stdin = word if target.type == "process_substitution" else shell.content(word, child.start_point[0] + 1)
        elif child.type == "herestring_redirect":
            stdin = (
                v.join([expand(shell, c) for c in child.named_children])
                if len(child.named_children) != 1
                else expand(shell, child.named_children[0])
            )
        elif child.type == "heredoc_redirect":
            stdin = _heredoc(shell, child)
            after += [c for c in child.named_children if c.type in STATEMENTS]
            for inner in child.named_children:
                if inner.type == "file_redirect" and (target := inner.child_by_field_name("destination")) is not None:
                    writes.append(expand(shell, target))
    return stdin, writes, after


def _heredoc(shell: Scripted, node: Node) -> Value:
    start = next((c for c in node.named_children if c.type == "heredoc_start"), None)
    body = next((c for c in node.named_children if c.type == "heredoc_body"), None)
    if body is None:
        return Value("")
    raw = shell_text_of(body)
    if start is None or shell_text_of(start)[:1] in "'\"\\":
        return Value(raw)
    return pieces(shell, body)
