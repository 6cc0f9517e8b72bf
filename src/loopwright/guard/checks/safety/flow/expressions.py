"""Values of expressions: names, calls, operations, texts and containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.asked import judge_amount
from loopwright.guard.checks.safety.flow.calling import called_value
from loopwright.guard.checks.safety.flow.comprehensions import comprehension
from loopwright.guard.checks.safety.flow.flow import MOST_ITEMS, Flow
from loopwright.guard.checks.safety.flow.hidden import HIDDEN, composed
from loopwright.guard.checks.safety.flow.lengths import MANY, column, is_column, look_through
from loopwright.guard.checks.safety.flow.pieces import BUILTIN, COMPUTED, cut, is_spread, opened, picked
from loopwright.guard.checks.safety.flow.values import Value

#: Modules of which any function at all is too much to choose from outside.
_POWERFUL = frozenset({"child_process", "%globals", "vm", "fs"})
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
    if isinstance(base.const, str) and key.number is not None:
        return picked(base, key.number)
    if base.ref in BUILTIN and key.const is None:
        return Value(None, COMPUTED, key.labels)
    if base.ref in ("sys.argv", "process.argv") and key.number is not None:
        return Value(None, f"{base.ref}[{key.number}]", 0 if key.number == 0 else base.labels)
    if base.ref in _POWERFUL and key.labels & (v.INPUT | v.REMOTE):
        why = f"a function of `{base.ref.lstrip('%')}` is looked up by a name that {v.origin_of(key.labels)}"
        flow.report("syntax", "block", node.line, f"{why}; name the functions that may be called")
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


def _operation(flow: Flow, node: t.Op) -> Value:
    left = flow.value(node.left)
    if node.op == "[::-1]":
        text = left.text[::-1] if left.text else None
        return Value(text, "", left.labels | (v.DECODED if text else 0))
    right = flow.value(node.right)
    if node.op == "[:]":
        part = Value(None, "" if left.ref in ("sys.argv", "process.argv") else left.ref, left.labels)
        part.token = left.token
        bounds = node.right.parts if isinstance(node.right, t.Several) else []
        cut(left, [flow.value(p) for p in bounds], part)
        return part
    made = v.operate(node.op, left, right)
    if node.op in ("*", "**") and (left.const is not None or left.items is not None):
        judge_amount(flow, right, node.line, "resources", "a value is made")
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
    made.items = opened(node.items, values)[:MOST_ITEMS]
    size = sum(x.size for x in values)
    made.size = size if size >= MANY else 0
    if len(values) == 1 and values[0].length and is_spread(node.items[0]):
        made.length, made.size = values[0].length, values[0].size
    return made


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
        if name == "__html" and value.labels & v.INPUT:
            why = "what a request or the page's address holds becomes part of the page as it is"
            flow.report("syntax", "block", item.line, f"{why}; give it as text")
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
    made_here = isinstance(node.value, t.Call) and _called_name(node.value) in ("Future", "create_future", "Promise")
    if value.ref == "%never" or (value.ref == "%unsettled" and made_here):
        flow.lasting = node
        if made_here:
            flow.waits.append(("ever", node.line))
    if not node.gives and isinstance(node.value, t.Call):
        flow.lasting = flow.lasting or flow.awaited
    return value


def _called_name(node: t.Call) -> str:
    return node.func.name if isinstance(node.func, t.Attr) else node.func.id if isinstance(node.func, t.Name) else ""


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
    t.Call: called_value,
    t.Op: _operation,
    t.Text: _template,
    t.Group: _group,
    t.Table: _table,
    t.Several: _several,
    t.Choice: _choice,
    t.Pause: _pause,
    t.Comprehension: comprehension,
}
