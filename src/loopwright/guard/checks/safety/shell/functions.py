"""Shell functions and scripts that start themselves without end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.shell.loops import commands
from loopwright.guard.checks.safety.shell.seen import Scripted
from loopwright.guard.grammar import shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def judge_functions(shell: Scripted) -> None:
    """Functions that nothing keeps from calling themselves, or one that calls them."""
    _judge_circles(shell)
    for name, node in shell.functions.items():
        body = node.child_by_field_name("body")
        if body is None or not name:
            continue
        own = [(n, each, back) for n, each, back in commands(body) if n == name]
        line = node.start_point[0] + 1
        text = shell_text_of(body)
        guarded = any(_guarded(each, body) for _, each, _ in own)
        piped = own and re.search(rf"{re.escape(name)}\s*\|\s*{re.escape(name)}", text)
        if own and (piped or (not guarded and (len(own) > 1 or any(b for _, _, b in own)))):
            shell.report(
                "resources",
                "block",
                line,
                f"`{name}` starts itself again and again (a fork bomb); a loop with a count is fine",
            )
        elif len(own) > 1 and _given_much(name, shell) and re.search(r"\$\{?1\}?\s*-\s*\d|\$\{\w+:1\}|\bshift\b", text):
            why = f"`{name}` calls itself more than once with a slightly smaller number, which takes exponential time"
            shell.report("time", "block", line, f"{why}; a loop is fine")
        elif own and _same_again(name, text):
            why = f"`{name}` calls itself with what it was given, under a condition that then still holds"
            shell.report("time", "block", line, f"{why}; let each call come nearer to a case that ends")
        elif own and _tries_again(name, text):
            why = f"`{name}` calls itself whenever it fails, without counting, so that it may go on for ever"
            shell.report("time", "block", line, f"{why}; count the tries")
        elif own and not guarded:
            shell.report(
                "time",
                "block",
                line,
                f"`{name}` always calls itself, so it never ends; a condition before the call is fine",
            )


def _tries_again(name: str, text: str) -> bool:
    """`retry() { "$@" && return; sleep 1; retry "$@"; }`: the same again, and nothing is counted."""
    if re.search(
        rf"\|\|\s*(?:\{{\s*)?{re.escape(name)}(?:\s+\"?\$[@*1]\"?)*\s*;?\s*\}}?\s*$", text.rstrip().rstrip("}").rstrip()
    ):
        return not _COUNTS.search(text)
    same = re.search(rf"(?m)^\s*{re.escape(name)}(?:\s+\"?\$[@*1]\"?)*\s*;?\s*\}}?\s*$", text)
    return bool(same) and not _COUNTS.search(text)


def _same_again(name: str, text: str) -> bool:
    """`f() { if [ "$1" -eq 0 ]; then …; else f "$1"; fi; }`"""
    calls = re.findall(rf"(?<![\w-]){re.escape(name)}((?:[ \t]+[^\s;|&)`]+)*)", text)
    same = [c for c in calls if re.fullmatch(r"\s+\"?\$\{?1\}?\"?", c)]
    tests = re.findall(r"\[\[?\s+([^\]]+)\]", text)
    plain = [x for x in tests if re.fullmatch(r"\"?\$\{?1\}?\"?\s+(?:-\w\w|[!=]?=)\s+\"?-?\w+\"?\s*", x)]
    changes = re.search(r"\b(?:shift|set|read|exit|return)\b|\|\||&&", text)
    return bool(same) and len(same) == len(calls) and bool(tests) and len(plain) == len(tests) and not changes


#: What counts, asks or decides in a function.
_COUNTS = expression(r"\(\(|\blet\b|\bshift\b|\[|\bread\b|\bselect\b|\bcase\b|\bif\b")


def _given_much(name: str, shell: Scripted) -> bool:
    """True where the script calls a function with a number that is no small one."""
    root = shell.root
    calls = [shell_text_of(each).split() for n, each, _ in commands(root) if n == name] if root is not None else []
    return any((word.isdecimal() and int(word) >= 25) or len(word) >= 25 for call in calls for word in call[1:])


def _judge_circles(shell: Scripted) -> None:
    """`a() { b; }` and `b() { a; }`."""
    certain: dict[str, set[str]] = {}
    for name, node in shell.functions.items():
        body = node.child_by_field_name("body")
        if body is not None:
            certain[name] = {n for n, each, _ in commands(body) if n in shell.functions and not _guarded(each, body)}
    callers: dict[str, list[str]] = {}
    for name, called in certain.items():
        for each in called:
            callers.setdefault(each, []).append(name)
    # Those that end are taken away until none is left that ends.
    open_calls = {name: len(called) for name, called in certain.items()}
    ending = [name for name, count in open_calls.items() if not count]
    while ending:
        done = ending.pop()
        del open_calls[done]
        for caller in callers.get(done, ()):
            open_calls[caller] -= 1
            if not open_calls[caller]:
                ending.append(caller)
    for name in open_calls:
        if name not in certain[name]:
            line = shell.functions[name].start_point[0] + 1
            why = f"`{name}` always calls functions that call each other without end; a condition is fine"
            shell.report("time", "block", line, why)


def _guarded(node: Node, body: Node) -> bool:
    parent = node.parent
    while parent is not None and parent.id != body.id:
        if parent.type in ("if_statement", "case_statement", "case_item", "while_statement", "for_statement", "list"):
            return True
        parent = parent.parent
    earlier = node
    while earlier.parent is not None and earlier.parent.id != body.id:
        earlier = earlier.parent
    before = earlier.prev_named_sibling
    while before is not None:
        if before.type in ("if_statement", "case_statement", "list", "test_command"):
            return True
        before = before.prev_named_sibling
    return False


def judge_restart(shell: Scripted, root: Node) -> None:
    """`exec "$0" "$@"` that nothing guards: the script starts itself again when it is done."""
    for _, node, background in commands(root):
        text = shell_text_of(node)
        if not _RESTART.match(text) or background or _guarded(node, root) or _leaves_before(node, root):
            continue
        shell.report(
            "time",
            "block",
            node.start_point[0] + 1,
            "the script always starts itself again, so it never ends; a condition before that is fine",
        )


_RESTART = expression(
    r"^(?:exec\s+|source\s+|\.\s+|(?:ba|z|da)?sh\s+(?:-\w+\s+)*)*[\"']?(?:\./)?\$(?:0|\{0\}|\{?BASH_SOURCE)\b"
)


def _leaves_before(node: Node, root: Node) -> bool:
    return any(n in ("exit", "return") and each.start_byte < node.start_byte for n, each, _ in commands(root))
