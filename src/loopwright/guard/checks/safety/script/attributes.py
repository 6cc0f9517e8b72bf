"""What names and attributes stand for: aliases, sources of data, what is known of a module's values."""

from __future__ import annotations

from functools import lru_cache

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.calls import sending
from loopwright.guard.checks.safety.flow import lengths
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value

_PREFIX = expression(r"^(?:globalThis|window|global|self|top|frames|root|%global\(\))\.(?=\w)|^node:")


_RENAMED = {
    "fs.promises.": "fs.",
    "fs/promises.": "fs.",
    "fs-extra.": "fs.",
    "graceful-fs.": "fs.",
    "https.": "http.",
    "http2.": "http.",
    "path/posix.": "path.",
    "path.posix.": "path.",
    "follow-redirects.https.": "http.",
    "follow-redirects.http.": "http.",
    "process.mainModule.require": "require",
    "process.mainModule.": "module.",
    "require.main.": "module.",
    "module.require": "require",
    "cross-spawn": "child_process.spawn",
    "module.constructor.": "module.",
    "module._load": "require",
    "module.createRequire()": "require",
    "node-fetch": "fetch",
    "cross-fetch": "fetch",
    "undici.fetch": "fetch",
    "process.getBuiltinModule": "require",
    "isomorphic-fetch": "fetch",
    "child_process.default.": "child_process.",
    "fs.default.": "fs.",
    "axios.default.": "axios.",
    "os.default.": "os.",
    "http.default.": "http.",
    "axios.create().": "axios.",
}


@lru_cache(maxsize=8192)
def canonical(ref: str) -> str:
    """Return the one name of a thing that has several."""
    ref = _PREFIX.sub("", ref)
    for old, new in _RENAMED.items():
        if ref.startswith(old) or ref == old.rstrip("."):
            return (
                new.rstrip(".") + ref[len(old) - 1 if old.endswith(".") else len(old) :]
                if ref != old.rstrip(".")
                else new.rstrip(".")
            )
    return ref


_REQUEST = expression(r"(?:^|\.)%?(?:req|request|ctx\.request|ctx|event|%request)$")


#: What the language makes its values by: each is a function, and the constructor of functions makes code of text.
_MAKERS = frozenset(
    {"Object", "Array", "String", "Number", "Boolean", "Date", "RegExp", "Promise", "Map", "Set", "Error"}
)
#: What finds a field of a page.
_FOUND = frozenset({"document.querySelector()", "document.getElementById()", "document.getElementsByName()[]"})
_REQUEST_PARTS = frozenset(
    {
        "body",
        "query",
        "params",
        "cookies",
        "rawBody",
        "queryStringParameters",
        "headers",
        "json",
        "text",
        "formData",
        "nextUrl",
    }
)


def attributes(base: Value, name: str) -> Value | None:
    """Return what is known of `base.name` apart from its dotted name; None where nothing is."""
    ref = base.ref
    full = canonical(f"{ref}.{name}" if ref else name)
    if full == "process.env":
        return Value(None, "process.env", v.ENVIRON)
    if ref == "process.env":
        return sending.variable(Value(name))
    if full == "process.argv":
        return Value(None, full, v.ARGUMENT)
    if full in ("yargs.argv", "yargs().argv"):
        return Value(None, full, v.ARGUMENT)
    if name == "value" and ref in _FOUND:
        return Value(None, full, v.VARIABLE)
    if full in ("process.execPath", "process.argv0"):
        return Value("node", full)
    if full in ("document.cookie", "localStorage", "sessionStorage"):
        return Value(None, full, v.COOKIE)
    if full in (
        "location.hash",
        "location.search",
        "document.location.hash",
        "document.location.search",
        "document.URL",
        "location.href",
        "document.referrer",
        "name.window",
    ):
        return Value(None, full, v.INPUT)
    if full == "Number.MAX_SAFE_INTEGER":
        return Value(2**53 - 1, full)
    if full in ("__dirname", "__filename"):
        return Value(None, full, v.HOST_DIR)
    if ref == "module" and name == "constructor":
        return Value(None, "module")
    if name == "constructor" and (ref == "*.constructor" or base.func is not None):
        return Value(None, "*.maker")
    if name == "constructor" and (
        ref.startswith("?")
        or not ref
        or ref in _MAKERS
        or ref.endswith(("constructor", "filter", "this", "getPrototypeOf()"))
        or base.const is not None
    ):
        return Value(None, "*.constructor")
    if name == "length" and lengths.length(base) is not None:
        return lengths.length(base)
    if ref.endswith((".chat.completions", ".messages", ".responses")) and name == "create":
        return Value(None, "%model")
    if name in _REQUEST_PARTS and _REQUEST.search(ref):
        return Value(None, f"{ref}.{name}", v.ASKED)
    if ref in ("localStorage", "sessionStorage"):
        return Value(None, f"{ref}.{name}")
    if ref == "%keys" and name in ("key", "code", "keyCode", "which", "data", "clipboardData"):
        return Value(None, "", v.COOKIE)
    if ref == "%form" and name in ("target", "currentTarget"):
        return Value(None, "", v.COOKIE)
    if ref == "%field" and name == "value":
        return Value(None, "", v.TYPED)
    if ref == "%message" and name == "data":
        return Value(None, "", v.INPUT)
    if ref == "%request":
        return Value(None, f"%request.{name}", v.ASKED)
    if name == "username" and ref == "os.userInfo()":
        return Value(None, "", v.HOST_USER)
    return None
