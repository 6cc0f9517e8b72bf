"""Calls that only JavaScript has: constructors, bindings, compiled modules."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls import (
    lookup,
    native,
    own_program,
    running,
    sending,
)
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.assignment import written
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value


def constructor(flow: Flow, called: Called) -> Value | None:
    text = called.args[-1].text if called.args else ""
    if text or called.all.labels & (v.REMOTE | v.INPUT | v.DECODED | v.COOKIE):
        return running.code(flow, called)
    return None


def maker(flow: Flow, called: Called) -> Value | None:
    """`x.constructor.constructor(text)`: Function by a detour."""
    if called.args:
        flow.report(
            "syntax",
            "block",
            called.line,
            "a function is made from text by way of `constructor`; write the code plainly",
        )
    return running.code(flow, called)


def decipher(flow: Flow, called: Called) -> Value | None:
    return Value(None, "", v.DECODED)


def compiled(flow: Flow, called: Called) -> Value | None:
    """`module._compile(text)`: code from text past the loader."""
    value = called.arg(0)
    if value.labels & (v.REMOTE | v.INPUT | v.DECODED):
        flow.report("imports", "block", called.line, f"a module is made of code that {v.origin_of(value.labels)}")
        return running.code(flow, called)
    return None


def binding(flow: Flow, called: Called) -> Value | None:
    name = called.arg(0).text
    if name in ("spawn_sync", "process_wrap", "fs", "tcp_wrap", "natives", "evals", "contextify"):
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.ref}('{name}')` goes past Node's own modules to what they are made of; `require` them",
        )
    return None


def load_native(flow: Flow, called: Called) -> Value | None:
    path = called.arg(1).text
    flow.ran.setdefault(called.arg(1).key, called.line)
    if places.is_shared(path):
        lookup.shared_module(flow, path, called.line)
    if places.is_shared(path) or called.arg(1).labels & v.REMOTE:
        flow.report(
            "privilege",
            "block",
            called.line,
            "machine code is loaded from a place that anybody may write; install it as a dependency",
        )
    return None


def request(flow: Flow, called: Called) -> Value | None:
    """`axios(…)`, `got(…)`, called as functions."""
    return sending.send(flow, called)


def parse(flow: Flow, called: Called) -> Value | None:
    if re.search(r"[\"']__proto__[\"']\s*:", called.arg(0).text):
        why = "the prototype of all objects is reached by data with the key `__proto__`"
        flow.report(
            "syntax", "block", called.line, f"{why}; objects without a prototype (Object.create(null)) are fine"
        )
    return Value(None, "JSON.parse()", called.arg(0).labels)


def merged(flow: Flow, called: Called) -> Value | None:
    """`_.merge(target, body)`: merges the keys of a request at every depth, `__proto__` too."""
    if any(a.labels & v.REQUEST for a in called.args[1:]):
        why = "what a request sent is merged at every depth, so that `__proto__` in it changes all objects"
        flow.report("syntax", "block", called.line, f"{why}; take the fields that are wanted by their names")
    return None


def load_foreign(flow: Flow, called: Called) -> Value | None:
    """`koffi.load(path)`, `Library(path, functions)`: a library of machine code."""
    if places.is_shared(called.arg(0).text):
        lookup.shared_module(flow, called.arg(0).text, called.line)
    return None


def native_library(flow: Flow, called: Called) -> Value | None:
    """`koffi.load("libc.so.6").func("int system(const char *)")`, `dlopen("libc.so.6", {system: …})`."""
    names = re.findall(r"(\w+)\s*\(", called.arg(0).text) if called.name == "func" else [*(called.arg(1).attrs or {})]
    if called.name == "func" and len(called.args) > 1:
        names = [called.arg(0).text]
    for name in names:
        native.judge_native(flow, name, called.line)
    return None


def set_attribute(flow: Flow, called: Called) -> Value | None:
    """`element.setAttribute("src", address)`: as if it were set by its name."""
    if called.arg(0).text:
        written(flow, called.receiver, called.arg(0).text, called.arg(1), called.line)
    return None


def worker(flow: Flow, called: Called) -> Value | None:
    """`new Worker(address)`: its text becomes code."""
    own_program.judge_storm(flow, called)
    value = called.arg(0)
    if value.labels & (v.REMOTE | v.INPUT) or places.is_bare(value.text) or places.is_drop(value.text):
        why = "a worker runs code that came from the network; load it from a file of the project"
        flow.report("imports", "block", called.line, why)
    return None


def assigned(flow: Flow, called: Called) -> Value | None:
    """`Object.assign(element, {src})`: as if each were set by itself."""
    base = called.arg(0)
    for given in called.args[1:]:
        for name, value in (given.attrs or {}).items():
            written(flow, base, name, value, called.line)
            base.attrs = {**(base.attrs or {}), name: value}
        base.labels |= given.labels
    return base


def mined(flow: Flow, called: Called) -> Value | None:
    flow.report("resources", "block", called.line, "a coin miner is started in the browser of whoever opens the page")
    return None
