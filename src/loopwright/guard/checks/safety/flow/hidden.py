"""Names that run code, put together so that they cannot be read."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value

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
