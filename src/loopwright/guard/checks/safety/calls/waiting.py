"""Waits without a deadline for what nothing in the program does."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each

#: What ends a wait, by what is waited on.
_ENDED_BY = {
    "Event": frozenset({"set"}),
    "Condition": frozenset({"notify", "notify_all", "notifyAll"}),
    "Barrier": frozenset({"abort", "reset"}),
    "Queue": frozenset({"put", "put_nowait"}),
    "Future": frozenset({"set_result", "set_exception", "cancel"}),
    "Atomics": frozenset({"notify"}),
    "unread": frozenset({"get", "get_nowait"}),
    # what else a program may do meanwhile
    "ever": frozenset(
        {
            "create_task",
            "ensure_future",
            "serve",
            "start_server",
            "start_unix_server",
            "Thread",
            "Process",
            "start",
            "submit",
            "run_forever",
            "signal",
            "add_signal_handler",
            "gather",
            "listen",
            "on",
            "once",
            "subscribe",
            "TaskGroup",
            "connect",
            "start_soon",
            "createServer",
            "addEventListener",
            "call_later",
            "call_soon",
            "Timer",
            "add_job",
            "start_polling",
            "idle",
            "setInterval",
            "setTimeout",
            "watch",
            "launch",
            "spawn",
            "run_in_executor",
            "to_thread",
            "open_nursery",
        }
    ),
}
_WAITING = {"Event": "wait", "Condition": "wait", "Queue": "get", "Future": "result"}
#: Modules that start nothing by being imported.
_STILL = frozenset(
    {"asyncio", "time", "signal", "sys", "os", "select", "math", "threading", "logging", "random", "typing", "json",
     "re", "itertools", "functools", "contextlib", "subprocess", "__future__", "fs", "path", "util", "events"}
)  # fmt: skip
_MODULES = ("threading", "multiprocessing", "asyncio", "queue", "concurrent.futures", "trio")


def wait(kind: str, arguments: int = 0) -> object:
    """Return a handler for calls that wait on something of a kind, for ever with no more than so many arguments."""

    def handle(flow: Flow, called: Called) -> Value | None:
        receiver = called.node.func
        named = isinstance(receiver, t.Attr) and isinstance(receiver.of, (t.Name, t.Attr))
        elsewhere = kind == "Queue" and not flow.starts_always  # what takes from it may be fed by another file
        if len(called.args) <= arguments and not called.named and named and not elsewhere:
            flow.waits.append((kind, called.line))
        elif not named and not called.args and not called.named:
            flow.lasting = called.node
        return None

    return handle


def pause(flow: Flow, called: Called) -> Value | None:
    """`signal.pause()`: until a signal comes, which ends the program where nothing handles it."""
    if "signal" not in flow.facts:
        flow.lasting = called.node
        flow.waits.append(("ever", called.line))
    return None


def handles_signal(flow: Flow, called: Called) -> Value | None:
    flow.facts.setdefault("signal", called.line)
    return None


def acquire(flow: Flow, called: Called) -> Value | None:
    """`lock.acquire()`."""
    if flow.certain and not called.args and not called.named:
        flow.locks.take(called.receiver, called.line)
    return None


def release(flow: Flow, called: Called) -> Value | None:
    """`lock.release()`."""
    flow.locks.release(called.receiver)
    return None


def promise(flow: Flow, called: Called) -> Value | None:
    """`new Promise(() => {})`: nothing settles it."""
    func = called.arg(0).func
    return Value(None, "%never") if isinstance(func, t.Func) and not func.params else None


def _elsewhere(flow: Flow) -> bool:
    """True where a module that is imported may run something of its own meanwhile."""
    return any(m.split(".")[0] not in _STILL for m in flow.modules)


def forever(flow: Flow, called: Called) -> Value | None:
    """`asyncio.Future()`, `loop.create_future()`: awaited where it is made, nobody else can settle it."""
    return Value(None, "%unsettled")


def endless_sleep(flow: Flow, called: Called) -> bool:
    """Note a sleep without an end; return whether it is one."""
    node = called.node.args[0] if called.node.args else None
    text = node.args[0] if isinstance(node, t.Call) and isinstance(node.func, t.Name) and node.args else None
    inf = isinstance(text, t.Const) and str(text.value).lstrip("+").lower() in ("inf", "infinity")
    if inf or called.arg(0).ref in ("math.inf", "np.inf"):
        flow.waits.append(("ever", called.line))
        return True
    return False


def selected(flow: Flow, called: Called) -> Value | None:
    """`select([], [], [])`: without anything to wait for and without a timeout."""
    if len(called.args) == 3 and all(a.items == [] for a in called.args):
        flow.waits.append(("ever", called.line))
    return None


def queue(flow: Flow, called: Called) -> Value | None:
    """`Queue(maxsize=n)`."""
    made = Value(None, f"{called.ref}()")
    bound = called.arg(0, "maxsize")
    if called.args or called.named:
        made.attrs = {"maxsize": bound}
    return made


WAITS: dict[str, object] = {
    **{f"{module}.{kind}().{verb}": wait(kind) for kind, verb in _WAITING.items() for module in _MODULES},
    **{f"queue.{kind}().get": wait("Queue") for kind in ("LifoQueue", "PriorityQueue", "SimpleQueue")},
    **each(acquire, "threading.Lock().acquire multiprocessing.Lock().acquire asyncio.Lock().acquire"),
    **each(release, "threading.Lock().release multiprocessing.Lock().release asyncio.Lock().release"),
    "Promise": promise,
    **{f"{module}.{kind}": queue for module in _MODULES for kind in ("Queue", "LifoQueue", "PriorityQueue")},
    "signal.pause": pause,
    **each(forever, "asyncio.Future asyncio.get_running_loop().create_future asyncio.get_event_loop().create_future"),
    "select.select": selected,
    "signal.signal": handles_signal,
    "Atomics.wait": wait("Atomics", 3),
}


def judge_waits(flow: Flow, body: list[t.Node]) -> None:
    """Report waits that nothing in the program ends."""
    if not flow.waits:
        return
    named: set[str] = set()
    called: set[str] = set()
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, t.Attr):
            named.add(node.name)
        if isinstance(node, t.Call) and isinstance(node.func, t.Name):
            called.add(node.func.id)
        if isinstance(node, (t.Func, t.Class)):
            pending.extend(node.body)
        pending.extend(t.inner(node))
    for kind, line in flow.waits:
        if named.isdisjoint(_ENDED_BY[kind]) and kind == "unread":
            why = "a queue without a bound is filled without end, and nothing in the program takes from it"
            flow.report("resources", "block", line, f"{why}; a maxsize is fine")
        elif kind == "ever" and (named | called).isdisjoint(_ENDED_BY[kind]) and not _elsewhere(flow):
            why = "this waits for ever, and nothing else runs meanwhile"
            flow.report("time", "block", line, f"{why}; wait for an event, with a timeout")
        elif kind != "ever" and named.isdisjoint(_ENDED_BY[kind]):
            what = "an answer" if kind == "Atomics" else f"a {kind.lower()}"
            why = f"this waits without a deadline for {what} that nothing in the program gives"
            flow.report("time", "block", line, f"{why}; a timeout is fine")
