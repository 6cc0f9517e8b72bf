"""Texts that are spelled in numbers, picked letter by letter or cut out of others."""

from __future__ import annotations

import json
from typing import Any

from loopwright.guard.checks.safety.calls import sending, sizes
from loopwright.guard.checks.safety.calls.folds import same_text
from loopwright.guard.checks.safety.flow import itemwise, pieces
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.entering import call_back
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.places import HOLE


def spelled(values: list[Value]) -> str | None:
    """Return the text that numbers stand for, None where one is not known."""
    numbers = [x.number for x in values]
    known = [n for n in numbers if n is not None and 0 <= n < 0x110000]
    return "".join(map(chr, known)) if known and len(known) == len(numbers) else None


def character(flow: Flow, called: Called) -> Value | None:
    """`chr(n)`, `String.fromCharCode(…)`: text that is spelled in numbers."""
    return Value(spelled(called.args), "", v.DECODED)


def code_of(flow: Flow, called: Called) -> Value | None:
    """`ord(c)`, `text.charCodeAt(i)`: the number of a character."""
    method = called.name in ("charCodeAt", "codePointAt")
    text, place = (called.receiver, called.arg(0).number or 0) if method else (called.arg(0), 0)
    letter = text.text[place : place + 1] if HOLE not in text.text else ""
    return Value(ord(letter) if letter else None, "", text.labels)


def char_at(flow: Flow, called: Called) -> Value | None:
    """`text.charAt(i)`, `text.at(i)`."""
    return pieces.picked(called.receiver, called.arg(0).number)


def sliced(flow: Flow, called: Called) -> Value | None:
    """`text.slice(a, b)`, `text.substring(a, b)`, `text.substr(a, n)`."""
    text = called.receiver
    bounds = [a.number for a in called.args]
    if text.items is not None and bounds and None not in bounds and called.name == "slice":
        made = Value(None, "", text.labels)
        made.items = text.items[slice(bounds[0], bounds[1] if len(bounds) > 1 else None)]
        return made
    if text.ref == "process.argv" and bounds == [1]:
        return Value(None, "process.argv[1]", text.labels)
    if not isinstance(text.const, str) or HOLE in text.text or None in bounds or not bounds:
        return same_text(flow, called)
    start, end = bounds[0] or 0, bounds[1] if len(bounds) > 1 else None
    if called.name == "substr" and end is not None:
        end += start
    return Value(text.text[start:end], "", text.labels)


def mapped(flow: Flow, called: Called) -> Value | None:
    """`map(chr, [...])`, `map(lambda c: c ^ 7, data)`."""
    function, values = called.arg(0), called.arg(1)
    items = itemwise.items_of(flow, values) if len(called.args) == 2 else None
    made = Value(None, "%forever" if values.ref in v.ENDLESS else "", values.labels)
    made.length, made.size = values.length, 8 * values.length
    if items is not None:
        made.items = itemwise.mapped(flow, function, items) or _each(flow, called, function, items)
    if made.items is not None:
        made.labels |= v.join(made.items).labels
    elif function.func is not None:
        made.labels |= call_back(flow, function, [flow.each(values)]).labels
    elif function.ref == "chr":
        made.labels |= v.DECODED
    return made


#: Functions that are applied to each item without anything being run by that.
_PLAIN = frozenset({"chr", "ord", "int", "str"})


def _each(flow: Flow, called: Called, function: Value, items: list[Value]) -> list[Value] | None:
    handler = flow.language.effects.get(function.ref) if function.ref in _PLAIN else None
    if handler is None:
        return None
    return [handler(flow, Called(called.node, function.ref, [item], {}, Value())) or Value() for item in items]


def exchange(flow: Flow, called: Called) -> Value | None:
    """`str.maketrans(old, new)`."""
    made = Value(None, "str.maketrans()")
    made.items = list(called.args[:2])
    return made


def translated(flow: Flow, called: Called) -> Value | None:
    """`text.translate(table)`: each letter becomes another."""
    text, pair = called.receiver, called.arg(0).items or []
    made = Value(None, "", text.labels | v.DECODED)
    known = [x.text for x in pair if x.text and HOLE not in x.text]
    if len(known) == 2 and len(known[0]) == len(known[1]) and text.text and HOLE not in text.text:
        made.const = text.text.translate(str.maketrans(*known))
    return made


def made_bytes(flow: Flow, called: Called) -> Value | None:
    """`bytes([104, 105])`, `bytearray(n)`."""
    value = called.arg(0)
    if isinstance(value.const, (str, bytes)):
        return Value(value.const, "", value.labels)
    items = value.items or []
    numbers = [i.number for i in items]
    known = [n for n in numbers if n is not None and 0 <= n < 256]
    if known and len(known) == len(items):
        return Value(bytes(known), "", value.labels | v.DECODED)
    made: Value | None = sizes.allocated(1)(flow, called)
    return made


def read_bytes(flow: Flow, called: Called) -> Value | None:
    """`new TextDecoder().decode(bytes)`."""
    value = called.arg(0)
    text = spelled(value.items) if value.items else value.const
    return Value(text, "", value.labels | (v.DECODED if value.items else 0))


def as_text(flow: Flow, called: Called) -> Value | None:
    """`str(x)`, `String(x)`."""
    value = called.arg(0)
    if value.number is not None and len(called.args) == 1 and not isinstance(value.const, float):
        return Value(str(value.number), "", value.labels)
    made = Value(value.const, value.ref if value.ref.startswith(("pathlib", "__file")) else "", value.labels)
    made.items, made.token = value.items, value.token
    return made


def as_json(flow: Flow, called: Called) -> Value | None:
    """`JSON.stringify(x)`, `json.dumps(x)`: its text, where all of it is known."""
    made = sending.keep(flow, called)
    known, value = _plain(called.arg(0), 0)
    if made is not None and known and not isinstance(value, (str, int)):
        made.const = json.dumps(value)
    return made


def _plain(value: Value, depth: int) -> tuple[bool, Any]:
    """Whether a value is known, and what it is."""
    if depth > 8:
        return False, None
    if value.items is not None:
        items = [_plain(i, depth + 1) for i in value.items[:200]]
        return all(known for known, _ in items), [x for _, x in items]
    if value.attrs and not value.ref:
        pairs = {k: _plain(x, depth + 1) for k, x in list(value.attrs.items())[:200] if not k.startswith("%")}
        return all(known for known, _ in pairs.values()), {k: x for k, (_, x) in pairs.items()}
    const = value.const
    return isinstance(const, (str, int, float, bool)) and HOLE not in str(const), const


def whole(flow: Flow, called: Called) -> Value | None:
    """`int("68", 16)`, `parseInt(text, 16)`: else as other numbers."""
    text, base = called.arg(0), called.arg(1, "base").number
    if isinstance(text.const, str) and HOLE not in text.text:
        try:
            return Value(int(text.text, base or 10), "", text.labels)
        except ValueError:
            return None
    return sizes.whole(flow, called)
