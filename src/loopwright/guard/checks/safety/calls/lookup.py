"""Functions and modules that are looked up by name, and names that are hidden on the way."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.expressions import spelled
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.hidden import HIDDEN, composed
from loopwright.guard.checks.safety.flow.pieces import ATTRIBUTE, BUILTIN, COMPUTED
from loopwright.guard.checks.safety.flow.values import Value

#: What a module is called that the program's arguments name.
CHOSEN = "%chosen"


def partial(flow: Flow, called: Called) -> Value | None:
    """`partial(f, x)`: f with x, which is judged as if called at once."""
    return called.args[0] if called.args and not called.args[1:] else None


def method_named(flow: Flow, called: Called) -> Value | None:
    """`operator.methodcaller(name)`."""
    if called.arg(0).text in HIDDEN:
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.arg(0).text}` is called by its name so that it cannot be seen; write the call plainly",
        )
    return None


def getter(flow: Flow, called: Called) -> Value | None:
    """`operator.attrgetter("system")`: looks the name up in what it is called with."""
    made = Value(None, ATTRIBUTE)
    made.attrs = {"%name": called.arg(0)}
    return made


def look_up(flow: Flow, called: Called) -> Value | None:
    """`getattr(x, name)`."""
    base, key = called.arg(0), called.arg(1)
    if base.ref in _POWERFUL - {"builtins"} and key.text in HIDDEN and len(called.args) == 2:
        why = f"`{key.text}` of `{base.ref}` is looked up by its name, so that the call cannot be seen"
        flow.report("syntax", "block", called.line, f"{why}; write `{base.ref}.{key.text}`")
    node = called.node.args[1] if len(called.node.args) > 1 else called.node
    if key.text:
        spelled(flow, base, key, node, called.line)
        return flow.attribute(base, key.text)
    if base.ref in ("__builtins__", "builtins") and key.labels & (v.DECODED | v.REMOTE | v.INPUT):
        flow.report(
            "syntax",
            "block",
            called.line,
            "a built-in function is looked up by a name that is hidden or comes from outside",
        )
    if base.ref in _POWERFUL and key.labels & (v.REMOTE | v.INPUT):
        why = f"a function of `{base.ref}` is looked up by a name that {v.origin_of(key.labels)}"
        flow.report("syntax", "block", called.line, f"{why}; name the functions that may be called")
    if base.ref == CHOSEN and key.labels & (v.ARGUMENT | v.INPUT | v.REMOTE):
        why = "whoever starts this names both the module and what of it is used, which may be anything"
        flow.report("syntax", "block", called.line, f"{why}; name the functions that may be called")
    return Value(None, COMPUTED if base.ref in BUILTIN else "", base.labels)


def replaced_loader(flow: Flow, called: Called) -> Value | None:
    """`Module._load = …`: every later import passes through it."""
    why = "the loader of modules is replaced, so that every later import passes through this"
    flow.report("syntax", "block", called.line, f"{why}; import what you need, or use the runtime's own hooks")
    return None


def replaced_import(flow: Flow, called: Called) -> Value | None:
    """`builtins.__import__ = hook`; what was there before may be put back."""
    return replaced_loader(flow, called) if called.arg(0).func is not None else None


def _chosen(flow: Flow, name: Value, line: int) -> None:
    """Report a module whose name comes from outside."""
    if name.labels & (v.REMOTE | v.INPUT | v.DECODED | v.COOKIE) and not name.text:
        flow.report(
            "imports",
            "block",
            line,
            f"the module to import {v.origin_of(name.labels)}; name the modules that may be loaded",
        )
    if flow.language.hoists and name.labels & (v.ARGUMENT | v.VARIABLE) and name.const is None and flow.starts_always:
        why = "whoever starts this names the module to load, which may be any file"
        flow.report("imports", "block", line, f"{why}; name the modules that may be loaded")


def load_module(flow: Flow, called: Called) -> Value | None:
    """`import_module`, `__import__`, `require`: a module by name."""
    name = called.arg(0, "name")
    _chosen(flow, name, called.line)
    if not name.text:
        return Value(None, CHOSEN if name.labels & v.ARGUMENT else "", name.labels & v.STURDY)
    module = flow.language.canonical(name.text)
    _roundabout(flow, called, name, module)
    if re.match(r"^(?:https?|data):", module):
        flow.report(
            "imports",
            "block",
            called.line,
            f"code is imported from {module[:80]}; install it as a dependency with a fixed version",
        )
        return Value(None, "", v.REMOTE)
    if places.is_shared(module):
        shared_module(flow, module, called.line)
    whole = called.ref != "__import__" or len(called.args) > 3 or "fromlist" in called.named
    module = module if whole else module.split(".")[0]
    if module.startswith((".", "/")):
        for path in (module, f"{module}.js"):
            flow.ran.setdefault(Value(path).key, called.line)
    else:
        flow.modules.setdefault(module, called.line)
    if called.ref == "__import__" and module in _POWERFUL:
        flow.facts.setdefault(f"inline {module}", called.line)
    return Value(ref=module)


def _roundabout(flow: Flow, called: Called, name: Value, module: str) -> None:
    """A module that is reached or named in a way that hides it."""
    func = called.node.func
    through = func.of.name if isinstance(func, t.Attr) and isinstance(func.of, t.Attr) else ""
    if through == "mainModule" and module in _POWERFUL:
        why = f"`{module}` is reached by way of `mainModule`, as is done to get out of a sandbox"
        flow.report("syntax", "block", called.line, f"{why}; `require` it")
    node = called.node.args[0] if called.node.args else called.node
    if module in _POWERFUL and composed(node, name):
        why = f"the import of `{module}` is put together so that it cannot be read"
        flow.report("syntax", "block", called.line, f"{why}; write `import {module}`")
    if name.labels & v.DECODED and not module.startswith((".", "/")):
        why = f"the name of the module to import, `{module[:60]}`, is put together so that it cannot be read"
        flow.report("imports", "block", called.line, f"{why}; write it plainly")


def remote_modules(flow: Flow, called: Called) -> Value | None:
    """`httpimport.remote_repo(url)`: modules are imported from the network."""
    if called.name != "install" or "://" in called.arg(0).text:
        why = "modules are imported as they come from the network"
        flow.report("imports", "block", called.line, f"{why}; install them as dependencies by name and version")
    return Value(None, f"{called.ref}()")


def shared_module(flow: Flow, path: str, line: int) -> None:
    """Report modules that are loaded from a place that every user of the machine may write."""
    flow.report(
        "imports",
        "block",
        line,
        f"code is imported from {path[:80]}, which anybody may write; import it from the project or a dependency",
    )


def search_path(flow: Flow, called: Called) -> Value | None:
    """`sys.path.insert(0, path)`, `module.paths.unshift(path)`: where imports look first."""
    for value in called.args:
        flow.ran.setdefault(value.key, called.line)
        if places.is_shared(value.text):
            shared_module(flow, value.text, called.line)
    return Value()


def set_search_path(flow: Flow, called: Called) -> Value | None:
    """`sys.path = […]`, `sys.path[0:0] = […]`, `sys.path += […]`."""
    for value in called.arg(0).items or []:
        if places.is_shared(value.text):
            shared_module(flow, value.text, called.line)
    return None


_POWERFUL = frozenset(
    {
        "os",
        "subprocess",
        "pty",
        "ctypes",
        "marshal",
        "socket",
        "builtins",
        "child_process",
        "vm",
        "posix",
        "nt",
        "commands",
    }
)


def object_walk(flow: Flow, called: Called) -> Value | None:
    """`().__class__.__base__.__subclasses__()`: every class there is, to find one that runs code."""
    flow.report(
        "syntax",
        "block",
        called.line,
        "all classes are walked through to find one that runs code; import what you need",
    )
    return None


def make_require(flow: Flow, called: Called) -> Value | None:
    """`createRequire(path)`: modules are then looked for from there."""
    if places.is_shared(called.arg(0).text):
        shared_module(flow, called.arg(0).text, called.line)
    return Value(ref="require")
