"""Values of expressions: names, calls, operations, texts and containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.assignment import assign
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import CONTEXTS, MOST_ITEMS, Flow
from loopwright.guard.checks.safety.flow.hidden import HIDDEN, composed
from loopwright.guard.checks.safety.flow.lengths import MANY, column, is_column, look_through
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
_ALL_OF_ENDLESS = "all of a sequence that never ends is taken; itertools.islice takes a part"


def _constant(flow: Flow, node: t.Const) -> Value:
    text = node.value
    if isinstance(text, str) and ("mining." in text or "stratum+" in text) and places.speaks_to_pool(text):
        flow.report("resources", "block", node.line, "a miners' pool is spoken to; it takes all of the processor")
    return Value(text)


def _named(flow: Flow, node: t.Name) -> Value:
    return flow.lookup(node.id)


def _attribute(flow: Flow, node: t.Attr) -> Value:
    return flow.attribute(flow.value(node.of), node.name)


def _item(flow: Flow, node: t.Index) -> Value:
    base, key = flow.value(node.of), flow.value(node.key)
    if key.text and composed(node.key, key):
        report_hidden(flow, base, key, node.line)
    if base.items is not None and key.number is not None and -len(base.items) <= key.number < len(base.items):
        return base.items[key.number]
    if base.ref in ("sys.argv", "process.argv") and key.number is not None:
        return Value(None, f"{base.ref}[{key.number}]", 0 if key.number == 0 else base.labels)
    if base.ref == "%globals" and key.text:
        return flow.lookup(key.text)
    if base.ref == "sys.modules" and key.text:
        return Value(ref=key.text)
    if key.text and (base.ref or base.attrs or not base.labels):
        return flow.attribute(base, key.text)
    if base.length >= MANY and is_column(node.key):
        return column(base, node.key)
    labels = base.labels
    if flow.picking and len(base.text) > 5 and key.const is None:
        return Value(None, "", labels | v.DECODED)  # a letter picked out of a text
    if labels & v.ENVIRON and not key.labels & v.ENVIRON:
        labels &= ~v.ENVIRON
    return Value(None, f"{base.ref}[]" if base.ref else "", labels)


def _called(flow: Flow, node: t.Call) -> Value:
    receiver = Value()
    func = node.func
    if isinstance(func, t.Attr):
        receiver = flow.value(func.of)
        callee = flow.attribute(receiver, func.name)
    else:
        callee = flow.value(func)
        if isinstance(func, t.Index):
            receiver = flow.value(func.of)
    args = [flow.value(a) for a in node.args]
    named: dict[str, Value] = {}
    for name, given in node.named:
        value = flow.value(given)
        named[name or f"**{len(named)}"] = value
        if not name and value.attrs:
            named.update({k: x for k, x in value.attrs.items() if k not in named})
    called = Called(node, callee.ref, args, named, receiver)
    if callee.func is not None:
        return flow.call_local(callee.func, callee, called)
    return _effect(flow, called, callee)


def _effect(flow: Flow, called: Called, callee: Value) -> Value:
    language = flow.language
    if called.ref in flow.config.forbidden_calls:
        flow.report("syntax", "block", called.line, f"`{called.ref}` is on this project's list of forbidden calls")
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
    return result


def _call_back_all(flow: Flow, value: Value, called: Called, result: Value | None) -> int:
    """Follow a callback; one that is called for each of some known items, for each of those."""
    items = called.receiver.items if called.name in _ITERATING else None
    given = [Value(None, f"{called.ref}()", called.receiver.labels | (result.labels if result else 0))]
    if items:
        given = [Value(i.const, i.ref, i.labels | called.receiver.labels) for i in items[:CONTEXTS]]
    times = flow.times
    if called.name in _ITERATING and called.receiver.length >= MANY:
        flow.times = min(flow.times * called.receiver.length, 1 << 80)
        flow.count(called.line, flow.times)
        if isinstance(value.func, t.Func):
            gone_through(flow, called.line, value.func.body, called.receiver.length, called.name == "map")
    made = [flow.call_back(value, [one] * 4, result or called.receiver) for one in given]
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


def _operation(flow: Flow, node: t.Op) -> Value:
    left = flow.value(node.left)
    if node.op == "[::-1]":
        text = left.text[::-1] if left.text else None
        return Value(text, "", left.labels | (v.DECODED if text else 0))
    right = flow.value(node.right)
    if node.op == "[:]":
        part = Value(None, left.ref, left.labels)
        part.token = left.token
        return part
    made = v.operate(node.op, left, right)
    if node.op in ("in", "not in"):
        look_through(flow, right, node.line)
        if right.ref == "itertools.count()" and (left.number or 0) < 0:
            flow.report("time", "block", node.line, f"what is looked for never comes: {_ALL_OF_ENDLESS}")
    if node.op == "+" and made.text in HIDDEN:
        made.labels |= v.DECODED
    if made.size >= flow.config.memory:
        flow.oversize(node.line, made.size)
    elif node.op == "**" and made.size > 1 << 24:
        flow.report(
            "time",
            "block",
            node.line,
            (
                f"this number has about {made.size * 2.4:,.0f} digits and takes minutes to make; "
                "math.log works with such numbers"
            ),
        )
    return made


def _template(flow: Flow, node: t.Text) -> Value:
    return v.concatenate([flow.value(p) for p in node.parts])


def _group(flow: Flow, node: t.Group) -> Value:
    values = [flow.value(i) for i in node.items]
    made = v.join(values)
    made.items = values[:MOST_ITEMS]
    size = sum(x.size for x in values)
    made.size = size if size >= MANY else 0
    if len(values) == 1 and values[0].length and isinstance(node.items[0], t.Call) and _is_spread(node.items[0]):
        made.length, made.size = values[0].length, values[0].size
    return made


def _is_spread(call: t.Call) -> bool:
    return isinstance(call.func, t.Name) and call.func.id == "%spread"


def _table(flow: Flow, node: t.Table) -> Value:
    attrs: dict[str, Value] = {}
    values = []
    for key, item in node.pairs:
        value = flow.value(item)
        values.append(value)
        name = flow.value(key).text if key is not None else ""
        if key is None and value.attrs:
            attrs.update(value.attrs)
        elif name and len(attrs) < 200:
            attrs[name] = value
    made = v.join(values)
    made.attrs = attrs
    size = sum(x.size for x in values)
    made.size = size if size >= MANY else 0
    return made


def _several(flow: Flow, node: t.Several) -> Value:
    return v.join([flow.value(p) for p in node.parts])


def _choice(flow: Flow, node: t.Choice) -> Value:
    first = flow.value(node.test)
    flow.doubtful += 1
    values = [flow.value(p) for p in node.parts]
    flow.doubtful -= 1
    made = v.join([first, *values])
    given = next((x for x in (*values, first) if x.ref or x.const is not None or x.func), None)
    if given is not None:
        made.const, made.ref, made.func, made.items = given.const, given.ref, given.func, given.items
    return made


def _pause(flow: Flow, node: t.Pause) -> Value:
    flow.awaited = None
    value = flow.value(node.value) if node.value is not None else Value()
    if value.ref == "%never":
        flow.lasting = node
    if not node.gives and isinstance(node.value, t.Call):
        flow.lasting = flow.lasting or flow.awaited
    return value


def _comprehension(flow: Flow, node: t.Comprehension) -> Value:
    flow.doubtful += 1
    times = flow.times
    endless = False
    for target, over in node.loops:
        value = flow.value(over)
        endless = endless or value.ref in v.ENDLESS
        flow.times = min(flow.times * max(1, value.length), 1 << 80)
        assign(flow, target, flow.each(value))
    for test in node.tests:
        flow.value(test)
    flow.picking += 1
    made = flow.value(node.element)
    flow.picking -= 1
    if made.size * flow.times >= 16 * flow.config.memory and flow.times > 1:
        flow.oversize(node.line, made.size * flow.times)
    flow.count(node.line, flow.times)
    length = flow.times // max(1, times)
    if length >= MANY:
        gone_through(flow, node.line, [node.element], length, not node.lazy)
    flow.times = times
    flow.doubtful -= 1
    if endless and not node.lazy:
        flow.report("time", "block", node.line, _ALL_OF_ENDLESS)
    labels = made.labels
    if node.tests and not _picks_keys(node.tests):
        labels &= ~v.ENVIRON
    result = Value(None, "%forever" if endless else "", labels)
    if not node.lazy and not node.tests and length >= flow.config.iterations:
        flow.oversize(node.line, min(32 * length, 1 << 62))
    if length > 1 and not node.tests:
        result.length, result.size, result.hashed = length, length * max(8, made.size), node.hashed
    return result


_KEYS = expression(r"(?i)key|token|secret|passw|cred|aws|auth")


def _picks_keys(tests: list[t.Node]) -> bool:
    """True where what is picked out is told by words for credentials."""
    pending = list(tests)
    while pending:
        node = pending.pop()
        if isinstance(node, t.Const) and isinstance(node.value, str) and _KEYS.search(node.value):
            return True
        pending.extend(t.inner(node))
    return False


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


EXPRESSIONS: dict[type[t.Node], Callable[[Flow, Any], Value]] = {
    t.Const: _constant,
    t.Name: _named,
    t.Attr: _attribute,
    t.Index: _item,
    t.Call: _called,
    t.Op: _operation,
    t.Text: _template,
    t.Group: _group,
    t.Table: _table,
    t.Several: _several,
    t.Choice: _choice,
    t.Pause: _pause,
    t.Comprehension: _comprehension,
}
