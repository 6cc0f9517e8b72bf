"""What an assignment does to names, attributes and items."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.lengths import held_each_time, judge_growth
from loopwright.guard.checks.safety.flow.values import Value


def assign(flow: Flow, target: t.Node, value: Value) -> None:
    """Give a name, attribute, item or pattern its value."""
    match target:
        case t.Name():
            _assign_name(flow, target.id, value)
        case t.Attr():
            base = flow.value(target.of)
            if base.ref:
                written(flow, base, target.name, value, target.line)
            if base.attrs is None:
                base.attrs = {}
            base.attrs[target.name] = value
        case t.Index():
            _assign_item(flow, target, value)
        case t.Group():
            for index, item in enumerate(target.items):
                known = value.items is not None and len(value.items) == len(target.items)
                part = value.items[index] if known and value.items else Value(None, "", value.labels)
                if value.ref.endswith(".accept()") and not index:
                    part.ref = value.ref
                assign(flow, item, part)
        case t.Op():  # `items[a:b] = …`
            base = flow.value(target.left)
            base.labels |= value.labels
            written(flow, base, "", value, target.line)
        case _:
            flow.value(target)


def _assign_name(flow: Flow, name: str, value: Value) -> None:
    scope = flow.scope.owner(name) if flow.language.hoists else flow.scope
    old = scope.names.get(name)
    if old is not None and flow.doubtful and old is not value:
        kept = Value(value.const, value.ref, value.labels | old.labels, value.func or old.func, value.size)
        kept.items, kept.attrs, kept.kind, kept.token = value.items, value.attrs, value.kind, value.token
        kept.length, kept.bound, kept.hashed = value.length, value.bound, value.hashed
        value = kept
    scope.names[name] = value


def _assign_item(flow: Flow, target: t.Index, value: Value) -> None:
    base = flow.value(target.of)
    key = flow.value(target.key)
    base.labels |= value.labels
    if key.const is None or not isinstance(target.key, t.Const):
        held_each_time(flow, value.size, target.line)
        wraps = isinstance(target.key, t.Op) and target.key.op == "%"
        if not wraps and (isinstance(target.key, t.Op) or value.size >= flow.config.memory >> 10):
            judge_growth(flow, value.size, target.line)
    written(flow, base, key.text, value, target.line)
    if base.items is not None and key.number is not None and -len(base.items) <= key.number < len(base.items):
        base.items[key.number] = value
    elif key.text:
        base.attrs = {**(base.attrs or {}), key.text: value}


def written(flow: Flow, base: Value, name: str, value: Value, line: int) -> None:
    """Judge what an attribute or item is given by its name."""
    effects = flow.language.effects
    named = effects.get(f"{base.ref}.{name}=" if name else f"{base.ref}=")
    handler = named or effects.get(f"{base.ref}[]=") or effects.get(f"*.{name}=")
    if handler is not None:
        node = t.Call(line, t.Const(line, None), [])
        handler(flow, Called(node, f"{base.ref}.{name}", [value], {}, base))
