"""Shell loops that try something again at once, as often as it fails: neither a pause nor a count is between."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.shell.seen import Scripted
from loopwright.guard.grammar import shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node

#: What a loop may do between two tries that neither waits nor changes anything.
_BETWEEN = frozenset({":", "true", "continue", "echo", "printf", "date", "log", "logger"})
#: Programs that wait by themselves, or ask a person.
_WAITING = expression(
    r"\b(?:sleep|wait|read|timeout|inotifywait|select|dialog|whiptail|expect|socat|ssh|flock|tail|watch|mkdir|ln)\b"
    r"|--(?:wait|timeout|retry|connect-timeout|max-time)\b|\s-[wWm]\s*\d|\$\(\(|\+\+|\blet\b|\bshift\b|\bgetopts\b"
)
_WORD = expression(r"^(?:!\s*)?(?:\./|\w|/)[\w./-]*")


def retries_at_once(shell: Scripted, node: Node, run: set[str]) -> bool:
    """True for `until curl …; do :; done`, `while ! ./migrate; do echo again; done`."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    text = shell_text_of(node)
    held = shell_text_of(condition).strip().rstrip(";").strip() if condition is not None else ""
    if body is None or not (text.startswith("until") or held.startswith("!")) or not _WORD.match(held):
        return False
    tried = held.lstrip("! ").split()[0]
    if tried in shell.functions and _WAITING.search(shell_text_of(shell.functions[tried])):
        return False
    written = shell_text_of(body)
    changes = re.search(r"(?<![\w$-])\w+[+-]?=(?!=)|\(\(|>\s*[^&/\s]", written)
    return run <= _BETWEEN and not changes and not _WAITING.search(f"{held} {written}")
