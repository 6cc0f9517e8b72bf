"""How long loops run: which never end, and how often counted ones turn."""

from __future__ import annotations

import msgspec

from loopwright.guard.checks import safety_tree as t
from loopwright.guard.checks.safety_names import words
from loopwright.guard.checks.safety_seen import Followed
from loopwright.guard.checks.safety_values import Value

#: Calls that wait, or that may end the loop or the program.
_WAITING = frozenset(
    {
        "sleep", "wait", "join", "accept", "recv", "recvfrom", "recv_into", "read", "readline", "get", "input",
        "select", "poll", "acquire", "communicate", "exit", "_exit", "quit",
        "abort", "next", "pop", "popleft", "raw_input", "getch", "getline", "receive", "poll_once", "run_once",
        "call", "run", "check_call", "check_output", "execSync", "spawnSync",
        "question", "prompt", "nextLine", "readSync", "readline_sync", "waitpid", "pause", "sigwait", "epoll",
        "kevent", "get_message", "listen", "serve", "usleep", "nanosleep",
        "step", "tick", "dispatch", "system", "execvp", "execv", "fail", "kill", "shift", "exec", "require", "throw",
        "perform", "sched_yield", "wait_for", "urlopen", "post",
    }
)  # fmt: skip
#: Calls that neither wait nor fail: a loop of nothing else runs as fast as it can for ever.
_QUIET = frozenset(
    {
        "print", "len", "append", "push", "abs", "sum", "min", "max", "range", "str", "int", "float", "bool", "log",
        "info", "debug", "warn", "error", "sha1", "sha256", "sha512", "md5",
        "digest", "hexdigest", "sqrt", "sin", "cos", "tan", "exp", "pow", "factorial", "random", "randint",
        "uniform", "choice", "add", "extend", "update", "upper", "lower", "strip",
        "encode", "format", "round", "floor", "ceil", "fill", "Array", "list", "dict", "set", "tuple", "sorted",
        "reversed", "enumerate", "zip", "bytes", "bytearray", "write", "repeat",
        "concat", "isinstance", "hash", "id", "ord", "chr", "hex", "oct", "divmod", "isPrime", "is_prime",
        "toString", "now", "time", "perf_counter", "monotonic", "urandom", "open",
        "slice", "trim", "toUpperCase", "toLowerCase", "createHash", "stringify", "loads", "dumps", "parse", "copy",
        "deepcopy", "insert", "appendFileSync", "writeFileSync", "flush",
    }
)  # fmt: skip
_GROWING = frozenset({"append", "push", "extend", "add", "insert", "appendleft"})
_WRITING = frozenset(
    {"write", "appendFileSync", "writeFileSync", "write_text", "write_bytes", "writeSync", "appendFile", "writeFile"}
)
_FILED = _WRITING | {"update", "flush", "insert"}
#: Functions of modules that write to the disk.
_MAKING = words(
    "os.mkdir os.makedirs os.symlink os.link shutil.copy shutil.copy2 shutil.copyfile shutil.copytree",
    "logging.error logging.info logging.warning logging.debug fs.mkdirSync fs.copyFileSync fs.cpSync",
)
_STARTING = frozenset(
    {
        "fork",
        "Process",
        "Thread",
        "Popen",
        "start",
        "spawn",
        "forkpty",
        "create_subprocess_exec",
        "startfile",
        "Worker",
        "execFile",
        "start_new_thread",
    }
)
_AT_ONCE = 10_000
#: Nodes looked at for all loops of a file together: loops in loops would else cost the square of their depth.
_MOST_SCANNED = 1_000_000


class Span(msgspec.Struct, frozen=True):
    """`endless`: nothing ends the loop or waits in it. `times`: how often it turns, 1 where that is unknown."""

    endless: bool = False
    times: int = 1
    counted: bool = False


class _Body:
    """What stands in a loop's body and its test."""

    def __init__(self, loop: t.Loop, flow: Followed) -> None:
        self.leaves = self.pauses = self.waits = False
        self.quiet = True
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
                if (
                    node.kind == "raise"
                    or (node.kind == "return" and not called)
                    or (node.kind == "break" and not deep and not called)
                ):
                    self.leaves = True
            elif isinstance(node, t.Pause):
                self.pauses = True
            elif isinstance(node, t.Call):
                self._called(node)
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
        if isinstance(node.func, t.Name):
            known = self._flow.lookup(name)
            if isinstance(known.func, t.Func):
                if id(known.func) not in self._seen and len(self._seen) < 20:
                    self._seen.add(id(known.func))
                    self._scan(known.func.body, True, True)
                return
            name = known.ref.rsplit(".", 1)[-1] or name
        elif name in _FILED and isinstance(node.func, t.Attr):
            held = node.func.of
            ref = (
                self._flow.lookup(held.id).ref
                if isinstance(held, t.Name)
                else "open()"
                if isinstance(held, t.Call)
                else ""
            )
            if not ref.startswith(("open()", "fs", "pathlib", "zipfile")):
                name = f"?.{name}"
        elif isinstance(node.func, t.Attr) and isinstance(node.func.of, t.Name) and name not in _WAITING:
            owner = self._flow.lookup(node.func.of.id)
            name = "write" if f"{owner.ref}.{name}" in _MAKING else name
        elif name == "start" and not {"Process", "Thread"} & self.names:
            name = "?.start"
        self.named.add(name)
        if name in _WAITING:
            self.waits = True
        if name not in _QUIET:
            self.quiet = False

    @property
    def names(self) -> set[str]:
        return {
            c.func.id if isinstance(c.func, t.Name) else c.func.name if isinstance(c.func, t.Attr) else ""
            for c in self.calls
        }

    @property
    def ends(self) -> bool:
        return self.leaves or self.pauses or self.waits


def span(loop: t.Loop, test: Value, over: Value | None, flow: Followed) -> Span:
    """Return how long a loop runs, and report what never ends."""
    times = _count(loop, over, flow)
    always = _forever(loop, test, over)
    if not always and not times and not isinstance(loop.test, t.Op) and over is None:
        return Span()
    if over is not None and not always and not times and not (isinstance(loop.over, t.Name)):
        return Span()
    body = _Body(loop, flow)
    if always and body.pauses and not body.leaves and not body.waits and body.quiet:
        flow.generates()
    if body.ends:
        return Span()
    if always or _stuck(loop, body, flow):
        _report(loop, body, flow)
        return Span(endless=True)
    if isinstance(loop.over, t.Name) and not times:
        _grows_while_read(loop, loop.over.id, body, flow)
    if times >= _AT_ONCE and body.named & _STARTING:
        flow.report(
            "resources",
            "block",
            loop.line,
            f"{times:,} processes or threads are started at once; a pool of a few workers is fine",
        )
    return Span(times=max(1, times), counted=times > 0)


def _forever(loop: t.Loop, test: Value, over: Value | None) -> bool:
    if over is not None:
        return over.ref in ("itertools.count()", "itertools.cycle()", "%forever")
    if test.const is None:
        if loop.test is None or not isinstance(loop.test, t.Op):
            return False
        # `i < Infinity`
        right = loop.test.right
        return isinstance(right, t.Name) and right.id == "Infinity" and loop.test.op in ("<", "<=")
    return bool(test.const) and _constant(loop.test)


def _constant(node: t.Node | None) -> bool:
    """True where a test is written with constants alone: one of variables may change."""
    if node is None or isinstance(node, t.Const):
        return True
    return isinstance(node, t.Op) and _constant(node.left) and _constant(node.right)


def _report(loop: t.Loop, body: _Body, flow: Followed) -> None:
    names = body.named
    if names & _STARTING:
        flow.report(
            "resources",
            "block",
            loop.line,
            "processes or threads are started in a loop that never ends (a fork bomb); a pool of a few workers is fine",
        )
    elif names & _WRITING:
        flow.report(
            "resources",
            "block",
            loop.line,
            "files are written in a loop that never ends; a loop with a count or a `break` is fine",
        )
    elif names & _GROWING and body.quiet:
        flow.report(
            "resources",
            "block",
            loop.line,
            "memory grows in a loop that never ends; a loop with a count or a `break` is fine",
        )
    elif body.quiet:
        flow.report(
            "time",
            "block",
            loop.line,
            (
                "this loop never ends and waits for nothing; one with a `break`, a changing condition, a "
                "wait or a `yield` is fine"
            ),
        )
    else:
        flow.report("time", "warn", loop.line, "nothing in this loop ends it, unless something it calls does")


def _stuck(loop: t.Loop, body: _Body, flow: Followed) -> bool:
    """A test of a local number that the body does not change, or moves away from its bound."""
    test = loop.test
    if (
        isinstance(test, t.Op)
        and test.op in (">", ">=", "!=")
        and isinstance(test.left, t.Call)
        and isinstance(test.right, t.Const)
        and _length_of(test.left)
    ):
        return body.quiet and bool({"append", "push", "add", "extend"} & body.names) and not body.assigned
    if isinstance(test, t.Op) and isinstance(test.left, t.Name) and _compares_nothing(test):
        values = [s.value for s in _steps_of(test.left.id, body)]
        computed = all(isinstance(x, t.Op) or (isinstance(x, t.Const) and x.value is not None) for x in values)
        return body.quiet and computed and flow.lookup(test.left.id).number is not None
    if not isinstance(test, t.Op) or test.op not in ("<", "<=", ">", ">=", "!=") or not body.quiet:
        return False
    if not isinstance(test.left, t.Name) or not isinstance(test.right, (t.Const, t.Name)):
        return False
    name, bound = test.left.id, test.right.id if isinstance(test.right, t.Name) else ""
    if flow.lookup(name).number is None or (bound and flow.lookup(bound).number is None):
        return False
    if name not in body.assigned and bound not in body.assigned:
        return True
    moves = _steps_of(name, body)
    away = {"<": "-", "<=": "-", ">": "+", ">=": "+"}.get(test.op)
    positive = [
        s for s in moves if isinstance(s.value, t.Const) and isinstance(s.value.value, int) and s.value.value > 0
    ]
    return (
        bool(moves) and bound not in body.assigned and len(positive) == len(moves) and all(s.op == away for s in moves)
    )


def _length_of(call: t.Call) -> bool:
    return isinstance(call.func, t.Name) and call.func.id == "len"


def _compares_nothing(test: t.Op) -> bool:
    """`x is not None`"""
    return test.op in ("is not", "!=") and isinstance(test.right, t.Const) and test.right.value is None


def _steps_of(name: str, body: _Body) -> list[t.Assign]:
    return [s for s in body.steps if any(isinstance(x, t.Name) and x.id == name for x in s.targets)]


def _grows_while_read(loop: t.Loop, name: str, body: _Body, flow: Followed) -> None:
    for call in body.calls:
        func = call.func
        if (
            isinstance(func, t.Attr)
            and func.name in ("append", "push")
            and isinstance(func.of, t.Name)
            and func.of.id == name
            and call in loop.body
        ):
            flow.report(
                "resources",
                "block",
                loop.line,
                f"`{name}` grows while it is read, so this never ends; iterate over a copy",
            )


def _count(loop: t.Loop, over: Value | None, flow: Followed) -> int:
    """How often a counted loop turns, 0 where that is not known."""
    if over is not None:
        return over.size // 8 if over.ref == "range()" else 0
    test = loop.test
    if (
        loop.step is None
        or not isinstance(test, t.Op)
        or test.op not in ("<", "<=", ">", ">=")
        or not isinstance(test.left, t.Name)
    ):
        return 0
    limit, start = flow.value(test.right).number, flow.lookup(test.left.id).number
    if not isinstance(loop.step, t.Assign) or loop.step.op not in ("+", "-") or limit is None:
        return 0
    return abs(limit - (start or 0)) if (loop.step.op == "+") == (test.op[0] == "<") else 0
