"""Reads a simple command from its node: the words it would run with, what it reads, sets and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.shell.braces import words_of
from loopwright.guard.checks.safety.shell.redirects import read_redirects
from loopwright.guard.checks.safety.shell.seen import Command, Scripted
from loopwright.guard.checks.safety.shell.turns import turns
from loopwright.guard.checks.safety.shell.words import expand, split_words
from loopwright.guard.grammar import shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node

#: Words that braces may stand for.
_MOST_WORDS = 10**7


def read_command(shell: Scripted, node: Node, stdin: Value, writes: list[Value]) -> Command:
    """Return a command as it would run."""
    words: list[Value] = []
    env: dict[str, Value] = {}
    stdin, more, _ = read_redirects(shell, node, stdin)
    for child in node.named_children:
        if child.type == "variable_assignment":
            given = child.child_by_field_name("value")
            name = shell_text_of(child.child_by_field_name("name"))
            env[name] = expand(shell, given) if given is not None else Value("")
        elif child.type == "command_name":
            held = child.named_children[0] if child.named_children else None
            named = expand(shell, held) if held is not None else Value(shell_text_of(child))
            words += words_of(named, shell_text_of(child))
        elif not child.type.endswith("redirect"):
            words += words_of(expand(shell, child), shell_text_of(child))
    words = split_words(shell, words, shell_text_of(node))
    line = node.start_point[0] + 1
    _judge_braces(shell, words, line)
    command = Command(words, stdin, line)
    command.env, command.writes = env, [*writes, *more]
    return command


def _judge_braces(shell: Scripted, words: list[Value], line: int) -> None:
    """Judge `{1..N}`: all of its words are made before the command begins."""
    many = max((turns(w.text) for w in words if "{" in w.text), default=0)
    makes = bool(words) and words[0].text in ("touch", "mkdir", "mktemp", "truncate")
    if many >= (_MOST_WORDS // 10 if makes else _MOST_WORDS):
        shell.report("resources", "block", line, f"{many:,} words are held in memory at once; `seq` is fine")
