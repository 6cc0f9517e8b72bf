"""What a recursion goes on with: all items but a few, or each of some items in turn."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t

#: Methods that call what they are given for each item.
ITERATING = frozenset({"map", "flatMap", "forEach", "filter", "reduce", "from", "some", "every"})


def times_over(over: t.Node | None) -> int:
    """How often a loop over this turns, 2 where that is not known."""
    number: object = None
    if isinstance(over, t.Call) and isinstance(over.func, t.Name) and over.func.id == "range" and len(over.args) == 1:
        number = over.args[0].value if isinstance(over.args[0], t.Const) else None
    elif isinstance(over, t.Table):
        number = next((x.value for _, x in over.pairs if isinstance(x, t.Const)), None)
    elif isinstance(over, t.Const) and isinstance(over.value, str):
        number = len(over.value)
    elif isinstance(over, t.Group):
        number = len(over.items)
    return min(number, 1_000) if isinstance(number, int) and number > 2 else 2


def sliced(node: t.Node) -> bool:
    """`items[1:]`, `items.slice(1)`, `items[:i] + items[i + 1:]`: all but a few."""
    if without_one(node):
        return True
    if isinstance(node, t.Op) and node.op == "[:]":
        held = [n for n in t.inner(node.right) if not (isinstance(n, t.Const) and n.value is None)]
        return isinstance(node.left, t.Name) and bool(held) and all(map(_fixed, held))
    return (
        isinstance(node, t.Call)
        and isinstance(node.func, t.Attr)
        and node.func.name in ("slice", "substring", "substr")
        and isinstance(node.func.of, t.Name)
        and all(map(_fixed, node.args))
    )


def without_one(node: t.Node) -> bool:
    """`items[:i] + items[i + 1:]`, `[...a.slice(0, i), ...a.slice(i + 1)]`, `[x for x in items if x != item]`."""
    if isinstance(node, t.Op) and node.op == "+":
        return all(isinstance(n, t.Op) and n.op == "[:]" for n in (node.left, node.right))
    if isinstance(node, t.Group):
        return len(node.items) == 2 and all(map(_spread_slice, node.items))
    if isinstance(node, t.Call) and isinstance(node.func, t.Attr) and isinstance(node.func.of, (t.Name, t.Call)):
        if node.func.name == "concat":
            return _slice(node.func.of) and len(node.args) == 1 and _slice(node.args[0])
        test = node.args[0].body[-1] if node.args and isinstance(node.args[0], t.Func) and node.args[0].body else None
        kept = test.value if isinstance(test, t.Leave) else None
        return node.func.name == "filter" and isinstance(kept, t.Op) and kept.op == "!="
    if isinstance(node, t.Comprehension) and len(node.loops) == 1 and len(node.tests) == 1:
        test = node.tests[0]
        return isinstance(test, t.Op) and test.op in ("!=", "is not") and node.element == node.loops[0][0]
    return False


def _spread_slice(node: t.Node) -> bool:
    return (
        isinstance(node, t.Call)
        and isinstance(node.func, t.Name)
        and node.func.id == "%spread"
        and _slice(node.args[0])
    )


def _slice(node: t.Node) -> bool:
    return isinstance(node, t.Call) and isinstance(node.func, t.Attr) and node.func.name == "slice"


def _fixed(node: t.Node) -> bool:
    """A number as it is written, with its sign."""
    return isinstance(node, t.Const) or (isinstance(node, t.Op) and all(isinstance(n, t.Const) for n in t.inner(node)))
