"""Pieces of texts and lists: a letter, a part, the items that are spread, what a computed name picks."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.places import HOLE

#: What holds the functions of the language itself.
BUILTIN = frozenset({"builtins", "__builtins__", "globalThis", "window", "self", "global"})
#: What is picked out of it by a name that is worked out.
COMPUTED = "%computed"
#: What looks a name up in what it is called with.
ATTRIBUTE = "%attribute"


def picked(text: Value, place: int | None) -> Value:
    """Return a letter that is picked out of a text."""
    hidden = v.DECODED if len(text.text) > 5 else 0
    if place is None or HOLE in text.text or not -len(text.text) <= place < len(text.text):
        return Value(None, "", text.labels | hidden)
    return Value(text.text[place], "", text.labels | hidden)


def cut(text: Value, bounds: list[Value], made: Value) -> None:
    """Fill in what `text[a:b]` and `items[a:b:c]` come to, where that is known."""
    numbers = [b.number if b.const is not None else None for b in bounds]
    known = all((b.const is None and not b.ref and not b.labels) or b.number is not None for b in bounds)
    if not known or 0 in numbers[2:]:
        return
    if isinstance(text.const, (str, bytes)) and HOLE not in text.text:
        made.const = text.const[slice(*numbers)]
        made.labels |= v.DECODED if len(numbers) > 2 and numbers[2] else 0
    elif text.items is not None:
        made.items = text.items[slice(*numbers)]


def is_spread(node: t.Node) -> bool:
    return isinstance(node, t.Call) and isinstance(node.func, t.Name) and node.func.id == "%spread"


def opened(nodes: list[t.Node], values: list[Value]) -> list[Value]:
    """Return the values of a list or of arguments, those that are spread into it one by one where they are known."""
    made: list[Value] = []
    for node, value in zip(nodes, values, strict=True):
        if is_spread(node) and value.items is not None:
            made += value.items
        elif is_spread(node) and isinstance(value.const, str) and HOLE not in value.text and value.text:
            made += [Value(letter, "", value.labels) for letter in value.text]
        else:
            made.append(value)
    return made
