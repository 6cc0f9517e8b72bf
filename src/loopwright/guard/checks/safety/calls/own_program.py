"""Programs that start themselves again, and processes without end."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.entering import call_back
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value

#: What a program's own file is called.
_ITSELF = frozenset(
    {"__file__", "__filename", "sys.argv", "process.argv", "import.meta.url", "sys.argv[0]", "process.argv[1]"}
)
#: A line that begins with what runs a file, or with a file that is not known.
_RUNS = expression(
    rf"\s*(?:\S*/)?(?:python|pypy|node|bun|deno|perl|ruby|php|lua|(?:ba|z|da|k|a|fi)?sh|ts-node|tsx)[\d.]*(?:\.exe)?\s|\s*{places.HOLE}"
)
_AGAIN = "the program always starts itself again (a fork bomb); a condition is fine"


def judge_storm(flow: Flow, called: Called) -> None:
    if flow.endless and "storm" in flow.facts:
        why = "processes are started as fast as possible for ever (a fork bomb); a pool of a few workers is fine"
        flow.report("resources", "block", called.line, why)


def _is_itself(value: Value) -> bool:
    """True for the file of the program, whatever it is called by."""
    return value.ref in _ITSELF


def _names_itself(flow: Flow, node: t.Node) -> bool:
    """True where the program's own file is in a command that is put together."""
    held = isinstance(node, (t.Name, t.Attr, t.Index)) and _is_itself(flow.value(node))
    return held or any(_names_itself(flow, n) for n in t.inner(node))


def judge_own_line(flow: Flow, called: Called, command: Value) -> None:
    """Judge a command line by which a program may run itself."""
    runs = _RUNS.match(command.text) or not command.text
    if runs and flow.starts_always and called.node.args and _names_itself(flow, called.node.args[0]):
        flow.report("resources", "block", called.line, _AGAIN)


def judge_own_words(flow: Flow, called: Called, words: list[Value]) -> None:
    """Judge the words of a program that may be this one: itself, or an interpreter with its file."""
    if not flow.starts_always or not words:
        return
    script = next((w for w in words[1:] if not w.text.startswith("-")), called.arg(1))
    if _is_itself(words[0]) or (_RUNS.match(f"{words[0].text} ") and _is_itself(script)):
        flow.report("resources", "block", called.line, _AGAIN)


def fork(flow: Flow, called: Called) -> Value | None:
    """`fork`, `Process`, `Thread`: one is fine, without end it is a bomb. The loops judge those that stand in them."""
    judge_storm(flow, called)
    if flow.starts_always and any(_is_itself(x) for x in called.args):
        flow.report("resources", "block", called.line, _AGAIN)
    target = called.named.get("target")
    if target is not None and any(f is target.func for f in flow.active) and flow.sure:
        flow.report(
            "resources",
            "block",
            called.line,
            "each process or thread starts the next ones, without end (a fork bomb); a pool of a few workers is fine",
        )
    if target is not None and isinstance(target.func, t.Func):
        items = called.named["args"].items if "args" in called.named else None
        call_back(flow, target, items or [])
    if called.ref == "cluster.fork" and flow.starts_always and not flow.active:
        why = "each worker runs this file again and starts the next ones (a fork bomb); ask `cluster.isPrimary` first"
        flow.report("resources", "block", called.line, why)
    if called.ref == "child_process.fork":
        flow.ran.setdefault(called.arg(0).key, called.line)
    return Value(None, f"{called.ref}()")
