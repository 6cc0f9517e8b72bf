"""Shell loops without end, and functions that call themselves without end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.seen import Scripted
from loopwright.guard.checks.safety.shell.turns import moves_away, never_changes, turns

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
        "find",
        "grep",
        "sed",
        "awk",
        "sort",
        "wc",
        "head",
        "ps",
        "df",
        "du",
        "who",
        "id",
        "hostname",
        "uname",
        "curl",
        "wget",
        "gzip",
        "factor",
        "sum",
        "cut",
        "tr",
        "uniq",
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
    if text.startswith("while") and re.match(r"^sleep 0(?:\.0+)?$", held):
        return True
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
    stuck = never_changes(shell, node) or moves_away((node.text or b"")[:200].decode("utf-8", "replace"))
    if not stuck and not _always(node):
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
    front = {n for n, _, back in run if not back}
    if names & _LEAVING or front & _WAITING:
        return False
    text = (body.text or b"").decode("utf-8", "replace") if body is not None else ""
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
    elif names & _WRITING or re.search(r">{1,2}(?!>)\s*(?!/dev/(?:null|stderr|stdout|tty)|&)\S", text):
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


def judge_stream(shell: Scripted, node: Node) -> None:
    """`yes | while read x`: the loop reads what never ends."""
    body = node.child_by_field_name("body")
    condition = node.child_by_field_name("condition")
    names = {n for n, _, _ in commands(condition)} if condition is not None else set()
    inside = {n for n, _, _ in commands(body)} if body is not None else set()
    if "read" in names and not inside & _LEAVING:
        line = node.start_point[0] + 1
        shell.report("time", "block", line, "this loop reads data that never ends; `head -n 100` of it is fine")


def judge_counted(shell: Scripted, node: Node, text: str, around: int) -> int:
    """Judge `for i in $(seq 1 10^12)`, `{1..10^9}` by how often it turns, with the loops around it; return that."""
    own = turns(text)
    total = max(own, 1) * around
    body = node.child_by_field_name("body")
    writes = body is not None and any(n in _WRITING for n, _, _ in commands(body))
    line = node.start_point[0] + 1
    if own and total >= 10**7 and writes:
        shell.report("resources", "block", line, f"about {total:.0e} files are written; fewer than 1e+07 is fine")
    elif own and total >= min(10**9, shell.config.iterations):
        shell.report("time", "block", line, f"this loop turns about {total:.0e} times; fewer than 1e+09 is fine")
    if own >= 10**4 and body is not None and any(back for _, _, back in commands(body)):
        shell.report(
            "resources",
            "block",
            line,
            f"{own:,} processes are started in the background; `xargs -P 4` runs a few at once",
        )
    return total


def judge_functions(shell: Scripted) -> None:
    """Functions that nothing keeps from calling themselves, or one that calls them."""
    _judge_circles(shell)
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
        text = (node.text or b"").decode("utf-8", "replace")
        if not _RESTART.match(text) or background or _guarded(node, root) or _leaves_before(node, root):
            continue
        shell.report(
            "time",
            "block",
            node.start_point[0] + 1,
            "the script always starts itself again, so it never ends; a condition before that is fine",
        )


_RESTART = re.compile(
    r"^(?:exec\s+|source\s+|\.\s+|(?:ba|z|da)?sh\s+(?:-\w+\s+)*)*[\"']?(?:\./)?\$(?:0|\{0\}|\{?BASH_SOURCE)\b"
)


def _leaves_before(node: Node, root: Node) -> bool:
    return any(n in ("exit", "return") and each.start_byte < node.start_byte for n, each, _ in commands(root))
