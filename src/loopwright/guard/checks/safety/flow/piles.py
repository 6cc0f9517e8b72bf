"""What piles up where a counted loop starts, opens or makes something at each turn, and neither waits nor closes it."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.loop_body import Body, mentions
from loopwright.guard.checks.safety.flow.loop_words import CLOSING
from loopwright.guard.checks.safety.flow.seen import Followed
from loopwright.guard.checks.safety.names import words

#: Processes and threads, descriptors, requests, tasks and files that may be made by one loop.
_MOST_STARTED, _MOST_OPEN, _MOST_SENT, _MOST_TASKS, _MOST_FILES = 2_000, 2_000, 50_000, 1_000_000, 1_000_000
#: Forks of which nobody looks at the outcome double the processes each time.
_MOST_DOUBLED = 10

_STARTED = words(
    "subprocess.Popen os.popen os.spawnl os.spawnv os.spawnlp os.spawnvp asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell multiprocessing.Process threading.Thread threading.Timer child_process.exec",
    "child_process.execFile child_process.spawn child_process.fork worker_threads.Worker cluster.fork Worker",
)
_OPENED = words(
    "open os.open socket.socket socket.create_connection tempfile.NamedTemporaryFile tempfile.TemporaryFile",
    "tempfile.mkstemp fs.openSync fs.createReadStream fs.createWriteStream fs.open os.pipe",
)
_SENT = words(
    "fs.readFile fetch net.connect net.createConnection http.get http.request axios.get axios.post axios got WebSocket"
)
_TASKS = words("asyncio.create_task asyncio.ensure_future asyncio.sleep setTimeout setInterval")
_FILES = words(
    "open tempfile.NamedTemporaryFile tempfile.mkstemp tempfile.mkdtemp os.mkdir os.makedirs shutil.copy",
    "shutil.copyfile",
    "fs.writeFileSync fs.writeFile fs.mkdirSync fs.copyFileSync fs.createWriteStream pathlib.Path().touch",
    "pathlib.Path().write_text pathlib.Path().write_bytes pathlib.Path().mkdir",
)
_WAITED = words("join wait communicate waitpid result kill terminate")
_KEPT = words("append push add appendleft set")


def judge_piles(loop: t.Loop, body: Body, flow: Followed, times: int, kept: bool = False) -> None:
    """Judge what a loop of so many turns piles up; `kept`: what each turn gives is kept."""
    if body.leaves or times < _MOST_DOUBLED:
        return
    made = {_name(c.func, flow): c for c in body.calls}
    if "os.fork" in made and not _looked_at(loop, body):
        why = f"each of {times:,} turns doubles the processes (a fork bomb); a pool of a few workers is fine"
        flow.report("resources", "block", loop.line, why)
    if times < _MOST_STARTED or body.pauses:
        return
    named = body.names
    if "os.system" in made and _in_background(made["os.system"]):
        made["os.popen"] = made["os.system"]
    if made.keys() & _STARTED and not named & _WAITED:
        why = f"{times:,} processes or threads are started at once; a pool of a few workers is fine"
        flow.report("resources", "block", loop.line, why)
    opened = [made[n] for n in made.keys() & _OPENED]
    if not named & CLOSING and any(kept or _is_kept(c, body) for c in opened):
        why = f"{times:,} files or connections are held open at once; close each before the next"
        flow.report("resources", "block", loop.line, why)
    sent = made.keys() & _SENT
    if sent and flow.alone and times >= _MOST_SENT:
        why = f"{times:,} requests are started at once; `await` each, or a few at a time"
        flow.report("resources", "block", loop.line, why)
    if (made.keys() & _TASKS or named & {"create_task", "submit", "apply_async"}) and times >= _MOST_TASKS:
        why = f"{times:,} tasks are held at once; start a few at a time"
        flow.report("resources", "block", loop.line, why)
    if times >= _MOST_FILES and any(_makes_another(made[n], body) for n in made.keys() & _FILES):
        why = f"about {times:,} files are made; pack them into one, or make fewer"
        flow.report("resources", "block", loop.line, why)


def makes_files(body: Body, flow: Followed) -> bool:
    """True where each turn makes a file of another name."""
    made = ((_name(c.func, flow), c) for c in body.calls)
    return any(name in _FILES and _makes_another(call, body) for name, call in made)


def gone_through(flow: Followed, line: int, body: list[t.Node], times: int, kept: bool) -> None:
    """Judge what a comprehension or a callback piles up that is gone through so often."""
    loop = t.Loop(line, None, None, None, [_given(n) for n in body])
    judge_piles(loop, Body(loop, flow), flow, times, kept)


def _given(node: t.Node) -> t.Node:
    """What a statement gives: one that returns does not leave what goes through the items."""
    return node.value if isinstance(node, t.Leave) and node.kind == "return" and node.value is not None else node


def _name(func: t.Node, flow: Followed) -> str:
    """The dotted name of what is called, as far as it takes no call to know it."""
    plain = isinstance(func, t.Attr) and (isinstance(func.of, t.Name) or _is_named_call(func.of))
    return flow.value(func).ref if isinstance(func, t.Name) or plain else ""


def _is_named_call(node: t.Node) -> bool:
    return isinstance(node, t.Call) and isinstance(node.func, t.Name) and node.func.id in ("Path", "require")


def _in_background(call: t.Call) -> bool:
    """`os.system("job &")`"""
    text = call.args[0].value if call.args and isinstance(call.args[0], t.Const) else ""
    return isinstance(text, str) and text.rstrip().endswith("&")


def _looked_at(loop: t.Loop, body: Body) -> bool:
    """True where something is done with what `fork` gives, or a child leaves the loop."""
    calls = [n for n in loop.body if isinstance(n, t.Call)]
    return not calls or bool(body.names & {"exit", "_exit", "wait", "waitpid"})


def _is_kept(call: t.Call, body: Body) -> bool:
    names = {x.id for s in body.steps if s.value is call for x in s.targets if isinstance(x, t.Name)}
    if any(s.value is call and any(isinstance(x, t.Index) for x in s.targets) for s in body.steps):
        return True
    keeping = [c for c in body.calls if isinstance(c.func, t.Attr) and c.func.name in _KEPT]
    return any(a is call or (isinstance(a, t.Name) and a.id in names) for c in keeping for a in c.args)


def _makes_another(call: t.Call, body: Body) -> bool:
    """True for a call that makes a file of a name that changes from turn to turn."""
    name = call.func.id if isinstance(call.func, t.Name) else call.func.name if isinstance(call.func, t.Attr) else ""
    if name == "open":
        modes = [*call.args[1:], *(x for k, x in call.named if k == "mode")]
        if not any(isinstance(m, t.Const) and isinstance(m.value, str) and set(m.value) & set("wax") for m in modes):
            return False
    if not call.args:
        return (
            name in ("mkstemp", "mkdtemp") or any(k == "delete" for k, _ in call.named) or isinstance(call.func, t.Attr)
        )
    return bool(mentions(call, body.assigned)) or not isinstance(call.args[0], (t.Const, t.Name))
