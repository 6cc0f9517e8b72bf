"""Calls: what they are given, what is known of them by name, and the functions that they are handed."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.entering import CONTEXTS, call_back, call_local
from loopwright.guard.checks.safety.flow.flow import SERVER, Flow
from loopwright.guard.checks.safety.flow.itemwise import items_of, mapped, reduced
from loopwright.guard.checks.safety.flow.lengths import MANY
from loopwright.guard.checks.safety.flow.pieces import ATTRIBUTE, COMPUTED, opened
from loopwright.guard.checks.safety.flow.piles import gone_through
from loopwright.guard.checks.safety.flow.values import Value

#: Methods that call their argument for each item of what they are called on.
_ITERATING = frozenset({"forEach", "map", "filter", "some", "every", "find", "flatMap", "reduce"})
#: Methods by which a pool is given work.
_POOLED = frozenset({"map", "submit", "apply", "apply_async", "imap", "imap_unordered", "starmap"})
#: Functions that run what they are given.
_RUNNING = frozenset(
    {"exec", "eval", "compile", "os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.Popen",
     "subprocess.check_output", "subprocess.getoutput", "Function", "child_process.exec", "child_process.execSync"}
)  # fmt: skip
#: Methods by which an object comes to hold what it is given, and what is then told of the object.
_HOLDING = ("set_", "set", "add", "attach", "put", "with_")
_HELD = v.SECRET | v.ENVIRON | v.WALKED | v.PRIVATE | v.FILE


#: What runs a command, where the module has no name: `__import__("os").system(…)`.
_INLINE = frozenset(
    {"os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.Popen", "subprocess.check_output",
     "subprocess.getoutput", "pty.spawn", "os.execl", "os.execv", "os.execvp"}
)  # fmt: skip


def _judge_inline(flow: Flow, module: t.Call, callee: Value, line: int) -> None:
    """Report a command that is run by a module which is imported for that alone."""
    if isinstance(module.func, t.Name) and module.func.id == "__import__":
        why = f"`{callee.ref}` is called on an import without a name, so that neither is seen"
        flow.report("syntax", "block", line, f"{why}; import the module and call it plainly")


def called_value(flow: Flow, node: t.Call) -> Value:
    receiver = Value()
    func = node.func
    if isinstance(func, t.Attr):
        receiver = flow.value(func.of)
        callee = flow.attribute(receiver, func.name)
    else:
        callee = flow.value(func)
        if isinstance(func, t.Index):
            receiver = flow.value(func.of)
    if isinstance(func, t.Attr) and isinstance(func.of, t.Call) and callee.ref in _INLINE:
        _judge_inline(flow, func.of, callee, node.line)
    args = opened(node.args, [flow.value(a) for a in node.args])
    named: dict[str, Value] = {}
    for name, given in node.named:
        value = flow.value(given)
        named[name or f"**{len(named)}"] = value
        if not name and value.attrs:
            named.update({k: x for k, x in value.attrs.items() if k not in named})
    callee, receiver, args = _redirected(flow, func, callee, receiver, args)
    called = Called(node, callee.ref, args, named, receiver)
    if callee.func is not None:
        return call_local(flow, callee.func, callee, called)
    return _effect(flow, called, callee)


def _redirected(
    flow: Flow, func: t.Node, callee: Value, receiver: Value, args: list[Value]
) -> tuple[Value, Value, list[Value]]:
    """What is called with what by `f.call(x, a)`, `f.apply(x, [a])` and `Reflect.apply(f, x, [a])`."""
    name = func.name if isinstance(func, t.Attr) and flow.language.hoists else ""
    if callee.ref == "Reflect.construct" and len(args) > 1:
        return args[0], receiver, args[1].items or args[1:]
    if callee.ref == "Reflect.apply" and len(args) > 1:
        receiver, args, name = args[0], args[1:], "apply"
    if name not in ("call", "apply") or not args or not (receiver.ref or receiver.func):
        return callee, receiver, args
    given = args[1:]
    if name == "apply" and given and given[0].items is not None:
        given = given[0].items
    return receiver, args[0], given


def _judge_name(flow: Flow, called: Called) -> None:
    """Report a function that nobody may call, and one whose name nobody can know."""
    if called.ref in flow.config.forbidden_calls:
        flow.report("syntax", "block", called.line, f"`{called.ref}` is on this project's list of forbidden calls")
    if called.ref == COMPUTED and called.all.labels & (v.REMOTE | v.INPUT | v.DECODED):
        origin = v.origin_of(called.all.labels)
        why = f"a function of the language that is picked by a computed name is given what {origin}"
        flow.report("syntax", "block", called.line, f"{why}; name the function")


def _effect(flow: Flow, called: Called, callee: Value) -> Value:
    language = flow.language
    _judge_name(flow, called)
    if called.ref == ATTRIBUTE and callee.attrs and called.args:
        found = called.args[0]
        for name in callee.attrs["%name"].text.split("."):
            found = flow.attribute(found, name)
        return found
    handler = language.effects.get(called.ref)
    if handler is None:
        handler = language.methods.get(called.name)
    result = handler(flow, called) if handler is not None else None
    if handler is None and called.receiver.ref.endswith("()") and called.name.startswith(_HOLDING):
        called.receiver.labels |= called.all.labels & _HELD
    _handed(flow, called)
    if called.name in _POOLED and called.args and flow.sure and any(f is called.args[0].func for f in flow.active):
        why = "each process of a pool opens the next pool, without end (a fork bomb); one pool of a few workers is fine"
        if called.receiver.ref.endswith(("Pool()", "Executor()")):
            flow.report("resources", "block", called.line, why)
    if called.name == "filter" and called.receiver.items and result is None:
        result = Value(None, "", called.receiver.labels)
        result.items = called.receiver.items
    for value in called.args:
        if value.func is not None:
            known = called.receiver.items or called.receiver.length >= MANY
            if result is None and known and called.name in _ITERATING:
                result = Value(None, f"{called.ref}()", called.receiver.labels)
            labels = _call_back_all(flow, value, called, result)
            result = result or Value(None, f"{called.ref}()", called.receiver.labels)
            result.labels |= labels
    if result is None:
        labels = (called.all.labels | callee.labels) & v.STURDY
        result = Value(None, f"{called.ref}()" if called.ref else "", labels)
        if called.receiver.attrs is not None and SERVER in called.receiver.attrs:
            result.attrs = {k: x for k, x in called.receiver.attrs.items() if k.startswith("%")}
    return result


def _call_back_all(flow: Flow, value: Value, called: Called, result: Value | None) -> int:
    """Follow a callback; one that is called for each of some known items, for each of those."""
    items = called.receiver.items if called.name in _ITERATING else None
    given = [Value(None, f"{called.ref}()", called.receiver.labels | (result.labels if result else 0))]
    if items:
        given = [Value(i.const, i.ref, i.labels | called.receiver.labels) for i in items[:CONTEXTS]]
    whole = _worked_out(flow, value, called, result)
    if whole is not None:
        return whole
    times = flow.times
    if called.name in _ITERATING and called.receiver.length >= MANY:
        flow.times = min(flow.times * called.receiver.length, 1 << 80)
        flow.count(called.line, flow.times)
        if isinstance(value.func, t.Func):
            gone_through(flow, called.line, value.func.body, called.receiver.length, called.name == "map")
    made = [call_back(flow, value, [one] * 4, result or called.receiver) for one in given]
    flow.times = times
    if result is not None and called.name == "map":
        result.length = called.receiver.length
        result.size = result.length * max(8, *(m.size for m in made))
        if result.size >= flow.config.memory:
            flow.oversize(called.line, result.size)
    if items and result is not None and called.name in ("map", "filter", "forEach"):
        result.items = made if called.name == "map" else items
    labels = 0
    for each in made:
        labels |= each.labels
    return labels


def _worked_out(flow: Flow, value: Value, called: Called, result: Value | None) -> int | None:
    """Fill in what `map` and `reduce` give for items that are all known; return its labels, None where they are not."""
    if result is None or called.name not in ("map", "reduce") or flow.language.name == "python":
        return None
    items = items_of(flow, called.receiver)
    if items is None:
        return None
    if called.name == "map":
        result.items = mapped(flow, value, items)
        return v.join(result.items).labels if result.items is not None else None
    held = reduced(flow, value, items, called.args[1] if len(called.args) > 1 else None)
    if held is None:
        return None
    result.const, result.ref, result.items = held.const, held.ref, held.items
    return held.labels | (v.DECODED if held.text else 0)


def _handed(flow: Flow, called: Called) -> None:
    """A function that runs code or commands, handed on to be called: `map(exec, xs)`, `submit(os.system, x)`."""
    values = [*called.args, *(x for k, x in called.named.items() if k in ("target", "function", "func", "fn"))]
    for index, value in enumerate(values):
        if value.ref not in _RUNNING or value.func is not None:
            continue
        handler = flow.language.effects.get(value.ref)
        if handler is None:
            continue
        if called.name in ("map", "filter", "starmap"):
            given = [flow.each(x) for x in called.args[index + 1 :]]
        elif called.args and index < len(called.args) and called.args[index + 1 :]:
            given = called.args[index + 1 :]
        elif "args" in called.named:
            given = called.named["args"].items or []
        else:
            given = [flow.each(called.receiver)]
        handler(flow, Called(called.node, value.ref, given, {}, Value()))
