"""Functions that call themselves again when something failed, came or was written, without a count of how often."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.finding import Found
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.ways import is_same_call, repeats


def judge_again(func: t.Func, called: set[str], within: set[str], named: set[str]) -> Iterator[Found]:
    """Judge a function by what it calls, what functions without a name in it call, and by all names that it calls."""
    name = func.name
    if name in called and repeats(func):
        why = f"`{name}` calls itself with what it was given, under a condition that then still holds"
        yield Found("time", "block", func.line, f"{why}; let each call come nearer to a case that ends")
    elif name in called and _tries_again(func) and not named & _ASKING:
        why = f"`{name}` calls itself whenever it fails, without counting, so that it may go on for ever"
        yield Found("time", "block", func.line, f"{why}; count the tries, or give up at a deadline")
    elif name in within and _writes_again(func):
        why = f"`{name}` writes a file and calls itself when that is done, without end"
        yield Found("resources", "block", func.line, f"{why}; count the files")
    elif name in within and "fetch" in within | named and not _decides(func):
        why = f"`{name}` loads whatever an answer names, and what that names, without end"
        yield Found("resources", "block", func.line, f"{why}; a depth and a set of what was seen are fine")
    elif func.later and _goes_on_at_once(func, named | within):
        why = f"`{name}` asks the same again at once, until the answer changes, and may do so for ever"
        yield Found("time", "block", func.line, f"{why}; wait between two tries, and count them")


#: Names of what waits between two tries.
_PAUSES = expression(r"(?i)sleep|wait|delay|backoff|pause|timer|timeout|tick")


def _goes_on_at_once(func: t.Func, named: set[str]) -> bool:
    """`async function poll(url) { …; return poll(url); }`: what it asks for is all that may end it."""
    last = func.body[-1] if func.body else None
    value = last.value if isinstance(last, t.Leave) and last.kind == "return" else last
    value = value.value if isinstance(value, t.Pause) and not value.gives else value
    awaits = any(isinstance(n, t.Pause) for s in func.body[:-1] for n in _nodes(s))
    same = bool(func.params) and is_same_call(value, func)
    return awaits and same and not any(_PAUSES.search(n) for n in named)


def _writes_again(func: t.Func) -> bool:
    """`function fill(n) { fs.writeFile(name, data, () => fill(n + 1)); }`"""
    for node in func.body:
        if isinstance(node, (t.Branch, t.Loop, t.Try, t.Leave)):
            return False
        if isinstance(node, t.Call) and isinstance(node.func, t.Attr) and node.func.name in ("writeFile", "appendFile"):
            then = node.args[-1] if node.args else None
            first = then.body[0] if isinstance(then, t.Func) and not then.name and then.body else None
            again = first.value if isinstance(first, t.Leave) else first
            if isinstance(again, t.Call) and isinstance(again.func, t.Name) and again.func.id == func.name:
                return True
    return False


def _decides(func: t.Func) -> bool:
    """True where a function, or one without a name in it, goes this way or that."""
    pending = list(func.body)
    while pending:
        node = pending.pop()
        if isinstance(node, (t.Branch, t.Choice)):
            return True
        if isinstance(node, t.Func):
            pending.extend(node.body)
        pending.extend(t.inner(node))
    return False


def _nodes(node: t.Node) -> Iterator[t.Node]:
    yield node
    for each in t.inner(node):
        yield from _nodes(each)


#: Calls by which a person is asked, as often as it takes.
_ASKING = frozenset({"input", "prompt", "question", "readline", "getpass", "ask", "confirm", "raw_input", "select"})


def _tries_again(func: t.Func) -> bool:
    """True where a function that fails calls itself with what it was given."""
    for node in func.body:
        for arm in node.rescue if isinstance(node, t.Try) else []:
            if any(isinstance(n, (t.Branch, t.Loop, t.Try)) for n in arm):
                continue
            for each in arm:
                value = each.value if isinstance(each, t.Leave) and each.kind == "return" else each
                value = value.value if isinstance(value, t.Pause) and not value.gives else value
                if is_same_call(value, func):
                    return True
    return False
