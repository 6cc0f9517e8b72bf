"""What tests judge with, as it was before any of their code ran, and what of it is another thing at the end."""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from typing import Any

from .records import relative

_BUILTINS = (
    "AssertionError",
    "BaseException",
    "Exception",
    "abs",
    "all",
    "any",
    "bool",
    "bytes",
    "dict",
    "float",
    "frozenset",
    "getattr",
    "hasattr",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "max",
    "min",
    "next",
    "object",
    "range",
    "repr",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "type",
    "zip",
)
_PLACES = (
    ("math", "", ("isclose", "isnan", "fsum")),
    ("operator", "", ("eq", "ne", "lt", "le", "gt", "ge", "contains", "is_", "is_not", "truth", "not_")),
    ("unittest.case", "TestCase", ()),
    ("unittest.result", "TestResult", ()),
    ("pytest", "", ("approx", "raises", "warns", "fail")),
    ("_pytest.runner", "", ("call_and_report", "check_interactive_exception", "runtestprotocol")),
    ("_pytest.runner", "CallInfo", ("from_call",)),
    ("_pytest.reports", "TestReport", ("from_item_and_call",)),
)
_IN_PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)


def snapshot() -> dict[str, Any]:
    """Return by name what is there now."""
    found: dict[str, Any] = {f"builtins.{name}": getattr(builtins, name, None) for name in _BUILTINS}
    for module, kind, names in _PLACES:
        if module.split(".")[0] in ("pytest", "_pytest") and module not in sys.modules:
            continue
        try:
            holder: Any = importlib.import_module(module)
        except ImportError:
            continue
        holder = getattr(holder, kind, None) if kind else holder
        held = vars(holder) if holder is not None else {}
        for name in names or [n for n, value in held.items() if callable(value)]:
            found[".".join(filter(None, (module, kind, name)))] = held.get(name)
    return found


def altered(before: dict[str, Any]) -> list[str]:
    """Return the names of what is another thing now, and of what code of the tree put in the way of every import."""
    now = snapshot()
    found = [name for name, value in before.items() if now.get(name) is not value]
    hooks: list[tuple[str, Any]] = [("sys.meta_path", hook) for hook in sys.meta_path]
    hooks += [("sys.path_hooks", hook) for hook in sys.path_hooks]
    hooks += [("sys.settrace", sys.gettrace()), ("sys.setprofile", sys.getprofile())]
    found += [f"{name} of {module}" for name, hook in hooks if (module := _of_the_tree(hook))]
    return sorted(set(found))


def _of_the_tree(hook: Any) -> str:
    """The module that a hook is from, where that is a file below the directory the process began in."""
    module = str(getattr(hook, "__module__", None) or type(hook).__module__)
    path = str(getattr(sys.modules.get(module), "__file__", None) or "")
    inside = relative(path) != path and not any(part in path for part in _IN_PACKAGES)
    return module if inside else ""
