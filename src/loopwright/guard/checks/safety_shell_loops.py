"""Shell loops without end, and functions that call themselves without end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety_seen import Scripted
from loopwright.guard.checks.safety_values import Value

if TYPE_CHECKING:
    from tree_sitter import Node


_LEAVING = frozenset({"break", "exit", "return", "exec", "kill"})
_WAITING = frozenset(
    {
        "sleep",
        "wait",
        "read",
        "inotifywait",
        "select",
        "nc",
        "ncat",
        "socat",
        "timeout",
        "fg",
        "usleep",
        "tail",
        "pause",
        "journalctl",
        "systemctl",
        "supervisord",
        "expect",
        "ssh",
        "dialog",
    }
)
_QUIET = frozenset(
    {
        ":",
        "true",
        "false",
        "echo",
        "printf",
        "let",
        "[",
        "test",
        "expr",
        "yes",
        "touch",
        "mkdir",
        "cp",
        "cat",
        "date",
        "bc",
        "dd",
        "seq",
        "openssl",
        "sha256sum",
        "md5sum",
        "ls",
    }
)
_WRITING = frozenset({"touch", "mkdir", "cp", "dd", "tee", "fallocate", "truncate", "mktemp"})


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
            if parent is not None and parent.type in ("pipeline", "redirected_statement"):
                after = parent.next_sibling
            found.append(
                (
                    (name.text or b"").decode("utf-8", "replace") if name else "",
                    each,
                    after is not None and after.type == "&",
                )
            )
        elif each.type == "subshell" and each.next_sibling is not None and each.next_sibling.type == "&":
            found.append(("(", each, True))
        pending.extend(each.named_children)
    return found


def _always(node: Node) -> bool:
    text = (node.text or b"").decode("utf-8", "replace")
    if node.type == "c_style_for_statement":
        return bool(re.match(r"for\s*\(\(\s*[^;]*;\s*(?:1|true)?\s*;", text))
    condition = node.child_by_field_name("condition")
    held = (condition.text or b"").decode("utf-8", "replace").strip() if condition is not None else ""
    compared = re.match(r"^\[\[?\s+(\w+)\s+(=|==|!=|-eq|-ne|-lt|-gt)\s+(\w+)\s+\]\]?$", held)
    if compared and "$" not in held:
        same = compared[1] == compared[3]
        holds = same if compared[2] in ("=", "==", "-eq") else not same
        return holds != text.startswith("until")
    if text.startswith("while") and re.match(r"^(?:mkdir|touch|cp|fallocate|dd)\s", held):
        return True
    if text.startswith("until"):
        return held in ("false", "! true", "((0))", "! :", "[ 1 -eq 0 ]")
    return bool(
        re.match(
            (
                r"^(?:true|:|/bin/true|\(\(\s*1\s*\)\)|\[\s+(?:1|true|1\s*-eq\s*1|1\s*=\s*1|"
                r"\"1\"\s*=\s*\"1\")\s+\]|\[\[\s+1\s+\]\]|! false|test 1)$"
            ),
            held,
        )
    )


def judge_loop(shell: Scripted, node: Node) -> bool:
    """Report a loop that never ends; return whether it is one."""
    if not _always(node):
        return False
    line = node.start_point[0] + 1
    body = node.child_by_field_name("body")
    run = commands(body) if body is not None else []
    names = {n for n, _, _ in run} | (
        {"mkdir"}
        if re.match(r"while\s+(?:mkdir|touch|cp|fallocate|dd)\s", (node.text or b"").decode("utf-8", "replace"))
        else set()
    )
    background = any(b for _, _, b in run)
    if names & _LEAVING or names & _WAITING:
        return False
    text = (node.text or b"").decode("utf-8", "replace")
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
    elif names & _WRITING or re.search(r">>?\s*(?!/dev/(?:null|stderr|stdout|tty)|&)\S", text):
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
    elif names <= _QUIET:
        shell.report(
            "time",
            "block",
            line,
            "this loop never ends and waits for nothing; one with `sleep`, `read` or `break` is fine",
        )
    else:
        shell.report("time", "warn", line, "nothing in this loop ends it, unless a command in it does")
    return True


def judge_counted(shell: Scripted, node: Node, values: list[Value]) -> None:
    """`for i in $(seq 1 10^12)`, `{1..10^9}`: how often it turns."""
    text = " ".join((c.text or b"").decode("utf-8", "replace") for c in node.children_by_field_name("value"))
    numbers = [int(n) for n in re.findall(r"\d{1,20}", text)]
    body = node.child_by_field_name("body")
    writes = body is not None and any(n in _WRITING for n, _, _ in commands(body))
    if re.search(r"\bseq\b|\.\.", text) and numbers and max(numbers) >= 10**7 and writes:
        shell.report("resources", "block", node.start_point[0] + 1, f"about {max(numbers):.0e} files are written")
    elif re.search(r"\bseq\b|\.\.", text) and numbers and max(numbers) >= min(10**9, shell.config.iterations):
        shell.report(
            "time",
            "block",
            node.start_point[0] + 1,
            f"this loop turns about {max(numbers):.0e} times; fewer than 1e+09 is fine",
        )


def judge_functions(shell: Scripted) -> None:
    """Functions whose body begins with a call of themselves."""
    for name, node in shell.functions.items():
        body = node.child_by_field_name("body")
        if body is None or not name:
            continue
        own = [(n, each, back) for n, each, back in commands(body) if n == name]
        line = node.start_point[0] + 1
        text = (body.text or b"").decode("utf-8", "replace")
        guarded = any(_guarded(each, body) for _, each, _ in own)
        piped = re.search(rf"{re.escape(name)}\s*\|\s*{re.escape(name)}", text)
        if own and (piped or (not guarded and (len(own) > 1 or any(b for _, _, b in own)))):
            shell.report(
                "resources",
                "block",
                line,
                f"`{name}` starts itself again and again (a fork bomb); a loop with a count is fine",
            )
        elif own and not guarded:
            shell.report(
                "time",
                "block",
                line,
                f"`{name}` always calls itself, so it never ends; a condition before the call is fine",
            )


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
