"""How long loops run: which never end, and how often counted ones turn."""

from __future__ import annotations

import msgspec

from loopwright.guard.checks.safety.finding import Name
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.chance import MOST_SQUARED, by_chance, squares
from loopwright.guard.checks.safety.flow.containers import filled_up, puts_back, refilled, taken_out, takes_nothing
from loopwright.guard.checks.safety.flow.hoards import judge_hoards
from loopwright.guard.checks.safety.flow.loop_body import Body
from loopwright.guard.checks.safety.flow.loop_halts import (
    asks_busily,
    is_stuck,
    overgrows,
    stays_on,
    swells,
    uncounted,
    waits_busily,
)
from loopwright.guard.checks.safety.flow.loop_words import (
    CLOSING,
    FLOODING,
    GROWING,
    HOLDING,
    QUEUEING,
    QUIET,
    SENDING,
    STARTING,
    WRITING,
)
from loopwright.guard.checks.safety.flow.piles import judge_piles, makes_files
from loopwright.guard.checks.safety.flow.retries import asks_at_once, fails_always
from loopwright.guard.checks.safety.flow.searches import finds_the_same, searches_from_start
from loopwright.guard.checks.safety.flow.seen import Followed
from loopwright.guard.checks.safety.flow.values import ENDLESS, Value
from loopwright.guard.checks.safety.flow.ways import changes_nothing

_AT_ONCE = 10_000
#: Items of something that is no range, from which on they are counted.
_MANY = 20
_FORKING = frozenset({"fork", "forkpty"})
#: A search through so many, though it may stop early, does not come to an end in a person's time.
_HOPELESS = 3 * 10**11
#: The same where each search of many may stop early.
_HOPELESS_EACH = 10**14
#: Calls by which a loop clears up behind itself.
_REMOVING = frozenset({"remove", "unlink", "rmtree", "unlinkSync", "rmSync", "rmdir", "rename", "replace"})
#: What stands for no bound.
_UNBOUNDED = frozenset({2**53 - 1, 2**63 - 1})


class Span(msgspec.Struct, frozen=True):
    """`endless`: nothing ends the loop or waits in it. `times`: how often it turns, 1 where that is unknown.

    `lasting`: nothing ends it, though it may wait.
    """

    endless: bool = False
    lasting: bool = False
    times: int = 1
    counted: bool = False
    searched: int = 1  # how often it turns where nothing ends it early
    turns: int = 1  # how often it turns, though it may wait


def span(loop: t.Loop, test: Value, over: Value | None, flow: Followed) -> Span:
    """Return how long a loop runs, and report what never ends."""
    times = _count(loop, over, flow)
    always = _forever(loop, test, over)
    if not always and not times and not _looked_into(loop, over):
        return Span()
    body = Body(loop, flow)
    if always and body.gives and not body.leaves and body.sleeps:
        flow.generates()
    if refilled(loop, body):
        why = "each turn puts back what it takes, so this never ends; take more than is put"
        flow.report("time", "block", loop.line, why)
        return Span(endless=True)
    judge_hoards(loop, body, flow, always)
    if times:
        _judge_times(loop, body, flow, times)
    if always and not body.leaves and not body.pauses and body.sleeps and body.named & _FORKING:
        why = "a loop that never ends starts a process at every turn, and none is waited for (a fork bomb)"
        flow.report("resources", "block", loop.line, f"{why}; a pool of a few workers is fine")
    why = _hangs(loop, body, flow, always) or asks_at_once(loop, body, flow, always) if over is None else ""
    if why:
        flow.report("time", "block", loop.line, why)
        return Span()
    if over is None and not always and asks_busily(loop, body, flow):
        return Span()
    if body.ends:
        lasting = always and not body.leaves and not body.gives and body.sleeps
        searched = 1 if body.breaks or body.waits else max(1, times)
        return Span(lasting=lasting, searched=searched, turns=1 if body.leaves else max(1, times))
    if waits_busily(loop, body, flow) or overgrows(loop, flow):
        return Span()
    if always or is_stuck(loop, body, flow) or _only_starts(loop, body, flow):
        _report(loop, body, flow)
        return Span(endless=True)
    if isinstance(loop.over, t.Name) and not times:
        _grows_while_read(loop, loop.over.id, body, flow)
    return Span(times=max(1, times), counted=times > 0, searched=max(1, times), turns=max(1, times))


def _looked_into(loop: t.Loop, over: Value | None) -> bool:
    """True for a loop of which nothing is known, but that may show what it does."""
    if over is not None:
        return isinstance(loop.over, t.Name)
    return isinstance(loop.test, (t.Op, t.Name, t.Call, t.Attr, t.Choice))


def _judge_times(loop: t.Loop, body: Body, flow: Followed, times: int) -> None:
    """Judge a loop by how often it turns."""
    around = times * flow.searching
    searched = around if not body.breaks or around >= _HOPELESS_EACH else times
    quiet = body.quiet and not body.pauses and not body.waits
    if quiet and searched >= _HOPELESS and times not in _UNBOUNDED:
        flow.count(loop.line, searched)
    if times >= MOST_SQUARED and any(squares(s, body) for s in body.steps):
        why = f"a number is multiplied by itself {times:,} times, to more digits than memory holds"
        flow.report("time", "block", loop.line, f"{why}; pow(x, n, m), or fewer turns, are fine")
    judge_piles(loop, body, flow, times)
    if body.gives and not body.leaves:
        flow.generates(min(times * flow.times, 1 << 60))
    if times >= _AT_ONCE and body.named & STARTING and not body.ends:
        why = f"{times:,} processes or threads are started at once; a pool of a few workers is fine"
        flow.report("resources", "block", loop.line, why)


def _hangs(loop: t.Loop, body: Body, flow: Followed, always: bool) -> str:
    """Say why a loop whose test says that it ends may never do so, "" where it may not."""
    if not body.gives and not isinstance(loop.test, t.Const) and changes_nothing(loop, flow):
        why = "a turn of this loop may change nothing of what its tests ask for, and then it never ends"
        return f"{why}; change it on every way around"
    if not always and uncounted(loop, body, flow):
        return "nothing counts what this loop tests, so that it may turn for ever; count, or test what changes"
    if puts_back(loop, body):
        return "what fails is put back and taken again, for ever; count the tries, or leave it out"
    if finds_the_same(loop, body):
        return "each turn finds again what the last one found, so that this never ends; look on behind it"
    if takes_nothing(loop, body, flow):
        return "each turn takes the same item and leaves it there, so that this never ends; take it out"
    if stays_on(loop, body, flow):
        return "nothing in the program sets what this loop tests, so it never ends; set it, or give it a deadline"
    if searches_from_start(loop, body, flow):
        return "this expression finds the same again each time, so that the loop never ends; give it the flag `g`"
    if always and fails_always(loop, flow):
        return "what this tries can only fail, so that it tries for ever; count the tries, or give up"
    if by_chance(loop, body, flow):
        return "this loop ends only by a chance that does not come in a person's time; work out what is looked for"
    return ""


def _forever(loop: t.Loop, test: Value, over: Value | None) -> bool:
    if over is not None:
        return over.ref in ENDLESS
    if test.const is None:
        if loop.test is None or not isinstance(loop.test, t.Op):
            return False
        right = loop.test.right
        if _always_holds(loop.test) or (loop.test.op == "!=" and any(_measured(s) for s in (loop.test.left, right))):
            return True
        # `i < Infinity`
        return isinstance(right, t.Name) and right.id == "Infinity" and loop.test.op in ("<", "<=")
    return bool(test.const) and _constant(loop.test)


def _only_starts(loop: t.Loop, body: Body, flow: Followed) -> bool:
    """`while (cluster.isPrimary) cluster.fork()`: nothing else runs meanwhile that could change what is tested."""
    plain = isinstance(loop.test, (t.Name, t.Attr)) and not body.assigned
    return flow.alone and plain and bool(body.named & STARTING) and body.named <= STARTING | QUIET


def _measured(node: t.Node) -> bool:
    """A clock, or a random number: no number is met exactly."""
    name = node.func.name if isinstance(node, t.Call) and isinstance(node.func, t.Attr) else ""
    return name in ("monotonic", "perf_counter", "random", "uniform", "gauss")


def _always_holds(test: t.Op) -> bool:
    """`items.length >= 0`, `len(items) > -1`, `x == x`: true whatever happens."""
    left, right = test.left, test.right
    measured = left.func if isinstance(left, t.Call) else None
    length = (isinstance(left, t.Attr) and left.name in ("length", "size")) or (
        (isinstance(measured, t.Name) and measured.id in ("len", "abs"))
        or (isinstance(measured, t.Attr) and measured.name in ("tell", "qsize"))
    )
    below = isinstance(right, t.Op) and right.op == "-" and isinstance(right.left, t.Const) and right.left.value == 0
    if length and (
        (test.op == ">=" and isinstance(right, t.Const) and right.value == 0) or (test.op[0] == ">" and below)
    ):
        return True
    return test.op in ("==", "is", ">=", "<=") and isinstance(left, t.Name) and left == right


def _constant(node: t.Node | None) -> bool:
    """True where a test is written with constants alone: one of variables may change."""
    if node is None or isinstance(node, t.Const):
        return True
    return isinstance(node, t.Op) and _constant(node.left) and _constant(node.right)


def _report(loop: t.Loop, body: Body, flow: Followed) -> None:
    name, why = _worst(body, flow)
    if not name and makes_files(body, flow) and not body.names & _REMOVING:
        name, why = "resources", "each turn of a loop that never ends makes another file; a count or a `break` is fine"
    if not name and flow.awaits_nothing(body.pauses):
        name, why = "time", "this loop never ends and awaits nothing, so that no other task gets its turn; await in it"
    if name:
        flow.report(name, "block", loop.line, why)
    else:
        flow.report("time", "warn", loop.line, "nothing in this loop ends it, unless something it calls does")


def _worst(body: Body, flow: Followed) -> tuple[Name | None, str]:
    """What a loop that never ends does to the machine, and what would be fine; None where that is not known."""
    names = body.named
    bounded = "in a loop that never ends; a loop with a count or a `break` is fine"
    if names & STARTING:
        pool = "a pool of a few workers is fine"
        return "resources", f"processes or threads are started in a loop that never ends (a fork bomb); {pool}"
    if names & QUEUEING:
        return "resources", f"tasks are started {bounded}"
    if names & WRITING:
        return "resources", f"files are written {bounded}"
    if names & SENDING:
        return "resources", f"messages are sent {bounded}"
    if names & HOLDING and not names & CLOSING:
        return "resources", "files or connections are opened in a loop that never ends; close each, or count them"
    if flow.alone and names & FLOODING:
        return "resources", "requests are started in a loop that never waits for their answers; `await` each"
    if body.quiet and (names & GROWING or swells(body, flow)):
        return "resources", f"memory grows {bounded}"
    if body.quiet:
        fine = "one with a `break`, a changing condition, a wait or a `yield` is fine"
        return "time", f"this loop never ends and waits for nothing; {fine}"
    return None, ""


def _grows_while_read(loop: t.Loop, name: str, body: Body, flow: Followed) -> None:
    for call in body.calls:
        func = call.func
        if (
            isinstance(func, t.Attr)
            and (func.name in ("append", "push") or _puts_another(call, loop, flow))
            and isinstance(func.of, t.Name)
            and func.of.id == name
            and call in loop.body
        ):
            why = f"`{name}` grows while it is read, so this never ends; iterate over a copy"
            flow.report("resources", "block", loop.line, why)
            flow.report("time", "block", loop.line, why)


def _puts_another(call: t.Call, loop: t.Loop, flow: Followed) -> bool:
    """`seen.add(x + 1)` of JavaScript's sets and maps, of which a loop over them comes to see what is added."""
    put = call.func.name if isinstance(call.func, t.Attr) else ""
    return flow.alone and put in ("add", "set") and bool(call.args) and isinstance(call.args[0], t.Op)


def _count(loop: t.Loop, over: Value | None, flow: Followed) -> int:
    """How often a counted loop turns, 0 where that is not known."""
    if over is None and isinstance(loop.test, (t.Name, t.Call, t.Op)):
        taken = taken_out(loop, flow) or filled_up(loop, flow)
        if taken:
            return taken
    if over is not None:
        return over.length if over.ref == "range()" or over.length >= _MANY else 0
    test = loop.test
    if not isinstance(test, t.Op) or test.op not in ("<", "<=", ">", ">=") or not isinstance(test.left, t.Name):
        return 0
    step = loop.step if loop.step is not None else _step(loop, test.left.id)
    if not isinstance(step, t.Assign) or step.op not in ("+", "-"):
        return 0
    bound, start = flow.value(test.right), flow.lookup(test.left.id).number
    limit = bound.bound // 2 or bound.number  # a counter is on average half of what it comes to
    width = flow.value(step.value).number
    if limit is None or not width or (loop.step is None and start is None):
        return 0
    return abs(limit - (start or 0)) // abs(width) if (step.op == "+") == (test.op[0] == "<") else 0


def _step(loop: t.Loop, name: str) -> t.Node | None:
    """The one assignment by which a `while` loop counts."""
    steps = [
        s
        for s in loop.body
        if isinstance(s, t.Assign) and any(isinstance(x, t.Name) and x.id == name for x in s.targets)
    ]
    return steps[0] if len(steps) == 1 else None
