"""What stands in a loop: its calls by what they do, its exits, what it assigns."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_words import (
    FILED,
    MAKING,
    PURE,
    QUEUEING,
    QUIET,
    TAKING,
    WAITING,
    WORKING,
    WRITING,
)
from loopwright.guard.checks.safety.flow.seen import Followed

#: Nodes looked at for all loops of a file together: loops in loops would else cost the square of their depth.
_MOST_SCANNED = 1_000_000

#: Calls of Node that start a program and do not wait for it, though they are named as what does.
_STARTED = {"child_process.exec": "spawn", "child_process.execFile": "spawn"}


#: Calls beside which a loop still only sleeps.
_SLEEPING = frozenset({"sleep", "usleep", "Promise", "setTimeout", "get", "Thread", "start", "fork", "forkpty"})


class Body:
    """What stands in a loop's body and its test."""

    def __init__(self, loop: t.Loop, flow: Followed) -> None:
        self.leaves = self.pauses = self.waits = self.gives = self.breaks = False
        self.quiet = True
        self.sleeps = True  # it calls nothing but what is quiet, and sleeps
        self.skips = False  # `continue` leaves a part of the body out
        self.calls: list[t.Call] = []
        self.named: set[str] = set()  # calls by the names they go by where they come from
        self.assigned: set[str] = set()
        self.steps: list[t.Assign] = []
        self._flow = flow
        self._seen: set[int] = set()
        parts = [*loop.body, *(n for n in (loop.step, loop.test) if n is not None)]
        if isinstance(loop.over, t.Pause):
            self.pauses = True
        self._scan(parts, False)

    def _scan(self, parts: list[t.Node], nested: bool, called: bool = False) -> None:
        pending = [(p, nested) for p in reversed(parts)]
        while pending:
            node, deep = pending.pop()
            self._flow.scanned += 1
            if self._flow.scanned > _MOST_SCANNED:
                self.waits = True
                return
            if isinstance(node, t.Leave):
                self.skips = self.skips or node.kind == "continue"
                if (
                    node.kind == "raise"
                    or (node.kind == "return" and not called)
                    or (node.kind == "break" and not deep and not called)
                ):
                    self.leaves = True
                    self.breaks = self.breaks or node.kind == "break"
            elif isinstance(node, t.Pause):
                if not node.gives and _settled(node.value):
                    continue
                self.gives = self.gives or node.gives
                if not _writes(node.value):
                    self.pauses = True
            elif isinstance(node, t.Call):
                self._called(node)
                if isinstance(node.func, t.Attr) and node.func.name in QUEUEING:
                    continue  # what is only started neither waits nor ends the loop
            elif isinstance(node, t.Assign):
                self.steps.append(node)
                for target in node.targets:
                    self._target(target)
            if isinstance(node, t.Loop):
                if node.target is not None:
                    self._target(node.target)
                pending.extend((c, True) for c in reversed(t.inner(node)))
            else:
                pending.extend((c, deep) for c in reversed(t.inner(node)))

    def _target(self, target: t.Node) -> None:
        if isinstance(target, t.Name):
            self.assigned.add(target.id)
        for part in t.inner(target):
            self._target(part)

    def _called(self, node: t.Call) -> None:
        name = (
            node.func.id if isinstance(node.func, t.Name) else node.func.name if isinstance(node.func, t.Attr) else ""
        )
        self.calls.append(node)
        if self._own_method(node, name) or _takes_no_time(node, name, self._flow.alone):
            return
        if isinstance(node.func, t.Name):
            known = self._flow.lookup(name)
            if known.func is not None and self._within(known.func):
                return
            name = _STARTED.get(known.ref) or known.ref.rsplit(".", 1)[-1] or name
            if PURE.match(known.ref) and name not in WAITING:
                self.named.add(name)
                return
        elif _is_plain(node.func) and name in ("exec", "execFile"):
            name = _STARTED.get(self._flow.value(node.func).ref, name)
        elif name in FILED and isinstance(node.func, t.Attr):
            if not self._held(node.func.of).startswith(("open()", "fs", "pathlib", "zipfile", "%memory")):
                name = f"?.{name}"
        elif name == "join" and isinstance(node.func, t.Attr) and (isinstance(node.func.of, t.Const) or node.args):
            self.named.add("")
            return
        elif self._makes_a_file(node.func):
            name = "write"
        elif isinstance(node.func, t.Attr) and isinstance(node.func.of, t.Name) and name not in WAITING:
            ref = f"{self._flow.lookup(node.func.of.id).ref}.{name}"
            name = "write" if ref in MAKING else name
            if PURE.match(ref):
                self.named.add(name)
                return
        elif name == "start" and not {"Process", "Thread"} & self.names and not self._is_thread(node.func):
            name = "?.start"
        if name == "send" and isinstance(node.func, t.Attr) and self._held(node.func.of).startswith("dgram."):
            name = "sendto"
        if name == "execute" and _inserts(node):
            name = "insert_many"
        self._does(name)

    def _makes_a_file(self, func: t.Node) -> bool:
        """True for a function two dots down, `os.path.x`, that leaves a file."""
        return isinstance(func, t.Attr) and isinstance(func.of, t.Attr) and self._flow.value(func).ref in MAKING

    def _within(self, func: t.Node) -> bool:
        """Scan what a function or the making of an object does; False for what is neither."""
        if isinstance(func, t.Func):
            if id(func) not in self._seen and len(self._seen) < 20:
                self._seen.add(id(func))
                self._scan(func.body, True, True)
            return True
        if isinstance(func, t.Class):
            made = [f for f in func.body if isinstance(f, t.Func) and f.name in ("__init__", "constructor")]
            self._scan([n for f in made for n in f.body], True, True)
            return True
        return False

    def _does(self, name: str) -> None:
        self.named.add(name)
        self.waits = self.waits or name in WAITING
        if name not in QUIET:
            self.quiet = False
            self.sleeps = self.sleeps and name in _SLEEPING

    def _is_thread(self, func: t.Node) -> bool:
        """True for a method of an object whose class in the source is one of threads or processes."""
        holder = func.of if isinstance(func, t.Attr) else None
        made = (
            self._flow.lookup(holder.func.id)
            if isinstance(holder, t.Call) and isinstance(holder.func, t.Name)
            else None
        )
        kind = made.func if made is not None else None
        if isinstance(holder, t.Name):
            kind = self._flow.lookup(holder.id).kind
        bases = kind.bases if isinstance(kind, t.Class) else []
        return any(isinstance(b, (t.Name, t.Attr)) and base_name(b) in ("Thread", "Process") for b in bases)

    def _own_method(self, node: t.Call, name: str) -> bool:
        """Look into a method of an object whose class is in the source."""
        if not isinstance(node.func, t.Attr) or not isinstance(node.func.of, t.Name):
            return False
        kind = self._flow.lookup(node.func.of.id).kind
        found = [f for f in kind.body if isinstance(f, t.Func) and f.name == name] if kind is not None else []
        if found and name in WAITING and name not in WORKING | TAKING:
            self.waits = True
        if not found or id(found[0]) in self._seen or len(self._seen) >= 20:
            return bool(found)
        self._seen.add(id(found[0]))
        if any(not isinstance(a, t.Const) for a in node.args):
            self.assigned.update(found[0].params)
        self._scan(found[0].body, True, True)
        return True

    def _held(self, holder: t.Node) -> str:
        """What a thing that is written to is called: a file opened in this loop is one."""
        if isinstance(holder, t.Call):
            return "open()"
        if not isinstance(holder, t.Name):
            return ""
        made = [s.value for s in steps_of(holder.id, self)]
        if any(isinstance(m, t.Call) and isinstance(m.func, t.Name) and m.func.id == "open" for m in made):
            return "open()"
        return self._flow.lookup(holder.id).ref

    @property
    def names(self) -> set[str]:
        return {
            c.func.id if isinstance(c.func, t.Name) else c.func.name if isinstance(c.func, t.Attr) else ""
            for c in self.calls
        }

    @property
    def ends(self) -> bool:
        return self.leaves or self.pauses or self.waits


def _writes(value: t.Node | None) -> bool:
    """True for `await fs.writeFile(…)`: it comes back by itself."""
    if not isinstance(value, t.Call) or not isinstance(value.func, t.Attr):
        return False
    return value.func.name in WRITING or value.func.name in ("mkdir", "copyFile", "appendFile", "symlink")


def _takes_no_time(call: t.Call, name: str, script: bool) -> bool:
    """`time.sleep(0)`, `require("fs")`: by their names they might wait."""
    if name == "require" and script:
        return len(call.args) == 1 and isinstance(call.args[0], t.Const)
    return name == "sleep" and len(call.args) == 1 and isinstance(call.args[0], t.Const) and call.args[0].value == 0


def _settled(value: t.Node | None) -> bool:
    """True for `await Promise.resolve()` and `await asyncio.sleep(0)`: nothing is waited for."""
    if isinstance(value, t.Const):
        return True
    if not isinstance(value, t.Call) or not isinstance(value.func, t.Attr) or not isinstance(value.func.of, t.Name):
        return False
    if value.func.name == "sleep":
        return bool(value.args) and isinstance(value.args[0], t.Const) and value.args[0].value == 0
    return value.func.name == "resolve" and value.func.of.id == "Promise"


def _inserts(call: t.Call) -> bool:
    """`execute("insert into …")`"""
    text = call.args[0].value if call.args and isinstance(call.args[0], t.Const) else ""
    return isinstance(text, str) and text.lstrip()[:12].lower().startswith("insert into")


def length_of(call: t.Call) -> bool:
    return isinstance(call.func, t.Name) and call.func.id == "len"


def base_name(node: t.Name | t.Attr) -> str:
    """Return the last part of a dotted name."""
    return node.id if isinstance(node, t.Name) else node.name


def name_of(call: t.Call) -> str:
    """Return the last name of what is called."""
    func = call.func
    return func.id if isinstance(func, t.Name) else func.name if isinstance(func, t.Attr) else ""


def mentions(node: t.Node, names: set[str]) -> bool:
    """True where an expression reads one of the names."""
    return (isinstance(node, t.Name) and node.id in names) or any(mentions(n, names) for n in t.inner(node))


def contains(node: t.Node, wanted: t.Node) -> bool:
    """True where one expression is a part of another."""
    return node is wanted or any(contains(n, wanted) for n in t.inner(node))


def steps_of(name: str, body: Body) -> list[t.Assign]:
    """Return the assignments of a body that give a name its value."""
    return [s for s in body.steps if any(isinstance(x, t.Name) and x.id == name for x in s.targets)]


def _is_plain(func: t.Node) -> bool:
    """`cp.exec`, `require("child_process").exec`"""
    if not isinstance(func, t.Attr):
        return False
    called = func.of.func if isinstance(func.of, t.Call) else func.of
    return isinstance(called, t.Name) and (called is func.of or called.id == "require")
