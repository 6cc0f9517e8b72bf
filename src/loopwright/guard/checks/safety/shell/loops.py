"""Shell loops without end, and functions that call themselves without end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.shell.loop_words import LEAVING, QUIET, WAITING, WRITING
from loopwright.guard.checks.safety.shell.retries import retries_at_once
from loopwright.guard.checks.safety.shell.seen import Scripted
from loopwright.guard.checks.safety.shell.turns import counted_turns, counts_nothing, moves_away, never_changes, turns
from loopwright.guard.grammar import shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def commands(node: Node) -> list[tuple[str, Node, bool]]:
    """Return (program, node, in the background) of every command below a node."""
    found = []
    pending = [node]
    while pending:
        each = pending.pop()
        if each.type == "command":
            name = each.child_by_field_name("name")
            after = each.next_sibling
            parent = each.parent
            if parent is not None and parent.type in ("pipeline", "redirected_statement", "list"):
                after = parent.next_sibling if parent.type != "list" or each == parent.children[-1] else after
            found.append(
                (
                    shell_text_of(name),
                    each,
                    after is not None and after.type == "&",
                )
            )
        elif each.type == "subshell" and each.next_sibling is not None and each.next_sibling.type == "&":
            found.append(("(", each, True))
        pending.extend(each.named_children)
    return found


def _always(node: Node) -> bool:
    text = shell_text_of(node)
    if node.type == "c_style_for_statement":
        return bool(re.match(r"for\s*\(\(\s*[^;]*;\s*(?:1|true)?\s*;", text))
    condition = node.child_by_field_name("condition")
    held = shell_text_of(condition).strip()
    compared = re.match(r"^\[\[?\s+(\w+)\s+(=|==|!=|-eq|-ne|-lt|-gt)\s+(\w+)\s+\]\]?$", held)
    if compared and "$" not in held:
        same = compared[1] == compared[3]
        holds = same if compared[2] in ("=", "==", "-eq") else not same
        return holds != text.startswith("until")
    if text.startswith("while") and re.match(r"^sleep (?:0?\.0\d*|0)$", held):
        return True
    if text.startswith("while") and re.match(r"^(?:mkdir|touch|cp|fallocate|dd)\s", held):
        return True
    if text.startswith("until"):
        return held in ("false", "! true", "((0))", "! :", "[ 1 -eq 0 ]")
    return bool(
        re.match(
            (
                r"^(?:true|:|/bin/true|\(\(\s*1\s*\)\)|\[\s+(?:1|true|1\s*-eq\s*1|1\s*=\s*1|"
                r"\"1\"\s*=\s*\"1\")\s+\]|\[\[\s+(?:1|true)\s+\]\]|! false|test 1)$"
            ),
            held,
        )
    )


#: A sleep that is too short to be one.
_MOMENT = expression(r"\bsleep\s+0?(?:\.00\d*|\.0)?(?=\s*(?:[;&|\n]|$))")


def _judge_endless(shell: Scripted, line: int, names: set[str], background: bool, text: str) -> None:
    """Report what a loop that never ends does to the machine."""
    if background:
        shell.report(
            "resources",
            "block",
            line,
            (
                "processes are started in the background in a loop that never ends (a fork bomb); `wait` "
                "for them or count them"
            ),
        )
    elif names & WRITING or re.search(r">{1,2}(?!>)\s*(?!/dev/(?:null|stderr|stdout|tty)|&)\S", text):
        shell.report(
            "resources",
            "block",
            line,
            "files are written in a loop that never ends; a loop with a count or a `break` is fine",
        )
    elif re.search(r"\w\+=", text) and "=$(" not in text:
        shell.report(
            "resources", "block", line, "a variable grows in a loop that never ends; a loop with a count is fine"
        )
    elif names <= QUIET:
        shell.report(
            "time",
            "block",
            line,
            "this loop never ends and waits for nothing; one with `sleep`, `read` or `break` is fine",
        )
    else:
        shell.report("time", "warn", line, "nothing in this loop ends it, unless a command in it does")


def judge_loop(shell: Scripted, node: Node) -> bool:
    """Report a loop that never ends; return whether it is one."""
    stuck = never_changes(shell, node) or moves_away(shell_text_of(node)[:200]) or _kept_by_itself(node)
    line = node.start_point[0] + 1
    body = node.child_by_field_name("body")
    run = commands(body) if body is not None else []
    if not stuck and not _always(node):
        count = counted_turns(shell, node)
        judge_turns(shell, count, line)
        if count >= 10**3 and any(b for _, _, b in run):
            why = f"{count:,} processes are started in the background; `xargs -P 4` runs a few at once"
            shell.report("resources", "block", line, why)
        if _turns_idly(node, run) or retries_at_once(shell, node, {n for n, _, _ in run}):
            why = "this loop waits by turning, with all of a processor; one with `sleep` is fine"
            shell.report("time", "block", line, why)
        return False
    if stuck and "break" in {n for n, _, _ in run} and counts_nothing(shell, node):
        why = "nothing counts what this loop tests, so that it may turn for ever; count, or test what changes"
        shell.report("time", "block", line, why)
        return False
    names = {n for n, _, _ in run} | (
        {"mkdir"} if re.match(r"while\s+(?:mkdir|touch|cp|fallocate|dd)\s", shell_text_of(node)) else set()
    )
    names -= {n for n in names if n in shell.functions and stuck and _sets_its_own(shell.functions[n])}
    background = any(b for _, _, b in run)
    front = {n for n, _, back in run if not back}
    if not names & LEAVING and names <= QUIET | {"sleep", "wait", ""}:
        shell.lasting = line
    if stuck and not names & LEAVING and names <= QUIET | {"sleep"}:
        why = "nothing in this loop changes what it tests, so it never ends; count towards the bound"
        shell.report("time", "block", line, why)
        return True
    if names & LEAVING or front & (WAITING - ({"sleep"} if _MOMENT.search(shell_text_of(body)) else set())):
        return False
    _judge_endless(shell, line, names, background, shell_text_of(body))
    return True


#: Tests that a file is there, or holds something.
_OF_FILE = expression(r"^(?:\[\[?|test)\s+-[efs]\s+[\"']?([\w./$-]+)[\"']?(?:\s+\]\]?)?$")


def _kept_by_itself(node: Node) -> bool:
    """`while [ -s jobs ]; do …; echo "$job" > jobs; done`: the body keeps up what the test asks for."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    held = shell_text_of(condition).strip().rstrip(";").strip() if condition is not None else ""
    found = _OF_FILE.match(held)
    if found is None or body is None or shell_text_of(node).startswith("until"):
        return False
    text = shell_text_of(body)
    writes = re.search(rf"(?:echo|printf|cat|date)\b[^\n;]*>\s*[\"']?{re.escape(found[1])}\b", text)
    return bool(writes) and not re.search(r"\b(?:rm|mv|unlink|truncate|cp|sed|sleep)\b|(?:^|[\n;]\s*):?\s*>", text)


def _sets_its_own(function: Node) -> bool:
    """True for a function that sets nothing but variables of its own."""
    text = shell_text_of(function)
    own = set(re.findall(r"\b(?:local|declare|typeset)\s+(?:-\w+\s+)*(\w+)", text))
    set_here = set(re.findall(r"(?<![\w$-])(\w+)[+-]?=(?!=)", text)) | set(re.findall(r"\b(\w+)(?:\+\+|--)", text))
    return set_here <= own and not re.search(r"\b(?:exit|read|eval|source|kill|exec)\b", text)


_IDLE = frozenset({":", "true", "continue", "echo", "printf"})
_BUILT_IN = frozenset({":", "true", "false", "echo", "printf", "let", "[", "test", "read", "local", "export", "cd", ""})


def _turns_idly(node: Node, run: list[tuple[str, Node, bool]]) -> bool:
    """`while [ -e lock ]; do :; done`: neither the test nor the body waits or changes anything."""
    condition = node.child_by_field_name("condition")
    held = shell_text_of(condition).strip().rstrip(";").strip() if condition is not None else ""
    text = shell_text_of(node.child_by_field_name("body"))
    tests = re.match(r"^(?:!\s*)?(?:\[\[?\s|test\s|pgrep\b|ps\b|ls\b|kill -0\b|grep\s+-\w*q|pidof\b)", held)
    return bool(tests) and {n for n, _, _ in run} <= _IDLE and not re.search(r"\w=|\(\(|\blet\b|>", text)


def judge_stream(shell: Scripted, node: Node) -> None:
    """`yes | while read x`: the loop reads what never ends."""
    body = node.child_by_field_name("body")
    condition = node.child_by_field_name("condition")
    names = {n for n, _, _ in commands(condition)} if condition is not None else set()
    inside = {n for n, _, _ in commands(body)} if body is not None else set()
    if "read" in names and not inside & LEAVING:
        line = node.start_point[0] + 1
        shell.report("time", "block", line, "this loop reads data that never ends; `head -n 100` of it is fine")


#: Starting a program takes as long as so many turns of the shell itself.
_FORKS = 100


def _starts_programs(body: Node | None) -> bool:
    return body is not None and any(n not in _BUILT_IN for n, _, _ in commands(body))


def judge_turns(shell: Scripted, count: int, line: int) -> None:
    """Judge how often a loop turns."""
    if count >= min(10**9, shell.config.iterations):
        shell.report("time", "block", line, f"this loop turns about {count:.0e} times; fewer than 1e+09 is fine")


def judge_counted(shell: Scripted, node: Node, text: str, around: int) -> int:
    """Judge `for i in $(seq 1 10^12)`, `{1..10^9}` by how often it turns, with the loops around it; return that."""
    own = turns(text)
    total = max(own, 1) * around
    body = node.child_by_field_name("body")
    writes = body is not None and any(n in WRITING for n, _, _ in commands(body))
    writes = writes or re.search(r">{1,2}\s*[\"']?[\w./-]*\$", shell_text_of(body)) is not None  # `> file$i`
    line = node.start_point[0] + 1
    if own and total >= 10**6 and writes:
        shell.report("resources", "block", line, f"about {total:.0e} files are written; fewer than 1e+06 is fine")
    elif own:
        judge_turns(shell, total * (_FORKS if _starts_programs(body) else 1), line)
    detached = re.search(
        r"\b(?:docker|podman)\s+(?:run|exec)\b.*(?:\s-\w*d|--detach)|\bsystemd-run\b|\bnohup\b", shell_text_of(body)
    )
    starts = body is not None and (any(back for _, _, back in commands(body)) or (detached and own >= 10**3))
    if starts and own >= 10**3:
        shell.report(
            "resources",
            "block",
            line,
            f"{own:,} processes are started in the background; `xargs -P 4` runs a few at once",
        )
    return total
