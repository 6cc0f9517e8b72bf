"""Calls that make code of text."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value

#: What runs a command, in code that is held as text.
_RUNS_COMMANDS = expression(
    r"\bos\.(?:system|popen|exec[lv]\w*|spawn\w+)\s*\(|\bsubprocess\.(?:run|call|Popen|check_\w+|getoutput)\s*\(|\bpty\.spawn\("
    r"|__import__\(\s*[\"'](?:os|subprocess|pty|ctypes|socket)[\"']\s*\)\s*\.\s*(?:system|popen|run|call|Popen|check_\w+|spawn)"
    r"|require\(\s*[\"'](?:node:)?child_process[\"']\s*\)"
)
_REACHES_OUT = expression(r"return\s+(?:(?:this|globalThis)\.)?(?:process\b|require)|mainModule")
_MODULES = ("importlib.util.module_from_spec", "types.ModuleType", "imp.new_module", "sys.modules", "module.Module")


def code(flow: Flow, called: Called) -> Value | None:
    """`eval`, `exec`, `Function`: text that becomes code."""
    value = called.arg(-1 if called.name in ("Function", "constructor", "AsyncFunction") else 0, "source")
    if called.args and called.name in ("Function", "constructor"):
        value = called.args[-1]
    if value.func is not None:
        return None
    if value.text.strip("; ") in ("this", "return this", "globalThis", "return globalThis"):
        return Value(None, "globalThis" if called.name == "eval" else "%global")
    flow.ran.setdefault(value.key, called.line)
    _judge_place(flow, value, called.line)
    origin = v.origin_of(value.labels)
    if not origin and value.labels & v.VARIABLE:
        origin = "came from a variable of the environment or a field of a page"
    if origin:
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.name}` runs code that {origin}; parsing data (ast.literal_eval, JSON) is fine",
        )
    if value.labels & (v.REMOTE | v.INPUT) and _into_module(called):
        flow.report(
            "imports", "block", called.line, "a module is made of code from outside; install it as a dependency"
        )
    if called.name == "eval" and re.fullmatch(r"[A-Za-z_$][\w$]*(?:\.\w+)*", value.text):
        return Value(None, flow.language.canonical(value.text), value.labels)
    if value.text and not value.text.isidentifier():
        _judge_text(flow, called, value.text)
    elif not origin and called.args and not isinstance(called.node.args[0], t.Const):
        flow.report("syntax", "warn", called.line, f"`{called.name}` runs code that is not known before it runs")
    return Value(None, f"{called.ref}()", value.labels)


def _judge_text(flow: Flow, called: Called, text: str) -> None:
    flow.judge(flow.language.name, text, called.line)
    if _RUNS_COMMANDS.search(text):
        why = "code that runs commands is held as text, so that it is not seen as code"
        flow.report("syntax", "block", called.line, f"{why}; write the call plainly")
    if called.name in ("Function", "constructor", "AsyncFunction") and _REACHES_OUT.search(text):
        why = "a function is made from text to reach `process` or `require`"
        flow.report("syntax", "block", called.line, f"{why}; import what you need")


def _judge_place(flow: Flow, value: Value, line: int) -> None:
    """Report code that is read from where anybody may write."""
    held = (value.attrs or {}).get("%path", Value())
    if places.is_shared(held.text):
        why = f"code is read from {held.text[:80]}, which anybody may write, and run"
        flow.report("imports", "block", line, f"{why}; import it from the project or a dependency")


def _into_module(called: Called) -> bool:
    """`exec(code, module.__dict__)`."""
    where = called.node.args[1] if len(called.node.args) > 1 else None
    return called.arg(1).ref.startswith(_MODULES) or (isinstance(where, t.Attr) and where.name == "__dict__")


def formula(flow: Flow, called: Called) -> Value | None:
    """`pandas.eval(text)`, `table.eval(text)`, `sympify(text)`: formulas that can call functions."""
    given = called.arg(0)
    if given.labels & (v.INPUT | v.REMOTE):
        why = f"`{called.name}` works out a formula that {v.origin_of(given.labels)}, and that may call anything"
        flow.report("syntax", "block", called.line, f"{why}; let the sender choose among formulas of yours")
    return None


def template(flow: Flow, called: Called) -> Value | None:
    """`render_template_string(text)`: a template can reach every object of the program."""
    if called.arg(0).labels & (v.INPUT | v.REMOTE):
        flow.report(
            "syntax", "block", called.line, "a template comes from outside and can run code; pass data to a fixed one"
        )
    return None
