"""Names that run code, put together so that they cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value

if TYPE_CHECKING:
    from loopwright.guard.checks.safety.flow.flow import Flow

#: Names that run code or commands: looked up by a spelled-out name they are hidden on purpose.
HIDDEN = frozenset(
    {
        "exec", "eval", "compile", "__import__", "system", "popen", "spawn", "child_process", "execSync",
        "spawnSync", "Function", "os.system", "os.popen", "subprocess",
        "subprocess.run", "subprocess.call", "subprocess.Popen", "subprocess.check_output", "subprocess.getoutput",
        "child_process.exec", "child_process.execSync",
        "child_process.spawn", "pty", "ctypes", "marshal", "__subclasses__", "process", "execFile",
    }
)  # fmt: skip


def composed(node: t.Node, value: Value) -> bool:
    """True where a name is put together instead of written."""
    return isinstance(node, (t.Op, t.Call, t.Text)) or bool(value.labels & v.DECODED)


def report_hidden(flow: Flow, base: Value, key: Value, line: int) -> None:
    """A name that is put together to be looked up, and turns out to be one that runs code."""
    ref = flow.language.canonical(f"{base.ref}.{key.text}") if base.ref and base.ref != "%globals" else key.text
    if ref in HIDDEN or key.text in HIDDEN:
        flow.report(
            "syntax",
            "block",
            line,
            f"the name `{key.text}` is put together so that it cannot be read; write the call plainly",
        )


def spelled(flow: Flow, base: Value, key: Value, node: t.Node, line: int) -> None:
    """Report a looked-up name that is spelled in pieces."""
    if key.text and composed(node, key):
        report_hidden(flow, base, key, line)
