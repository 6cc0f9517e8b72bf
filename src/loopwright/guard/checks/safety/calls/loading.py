"""Files that become code or data that runs code: libraries, pickles, archives."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls.files import content, shown
from loopwright.guard.checks.safety.calls.lookup import shared_module
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called, option_of
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value


def connect(flow: Flow, called: Called) -> Value | None:
    """`sqlite3.connect(path)`: the stores of browsers are such files."""
    return Value(None, f"{called.ref}()", content(flow, called.arg(0), called.line) & ~v.FILE)


def load_library(flow: Flow, called: Called) -> Value | None:
    """`ctypes.CDLL(path)`, `sys.path.insert(0, path)`: what stands there will run."""
    for value in called.args:
        if places.is_shared(value.text):
            shared_module(flow, value.text, called.line)
        flow.ran.setdefault(value.key, called.line)
        if value.labels & (v.REMOTE | v.INPUT):
            why = "machine code from outside is loaded; install it as a dependency"
            flow.report("imports", "block", called.line, why)
    return Value(None, f"{called.ref}()")


def temporary(flow: Flow, called: Called) -> Value | None:
    """`NamedTemporaryFile()`, `mkstemp()`: a file whose name is known to the program alone."""
    path = Value()
    made = Value(None, "open()")
    made.attrs = {"%path": path, "name": path}
    if called.name in ("mkstemp", "mktemp"):
        if called.name == "mktemp":
            return path
        made.items = [made, path]
    return made


def run_path(flow: Flow, called: Called) -> Value | None:
    """`runpy.run_path(path)`, `spec_from_file_location(name, path)`: a file becomes code."""
    for value in called.args[:2]:
        flow.ran.setdefault(value.key, called.line)
        if places.is_shared(value.text):
            shared_module(flow, value.text, called.line)
        if value.labels & v.INPUT:
            why = "a file that a person or a request names becomes code; name the files that may be loaded"
            flow.report("imports", "block", called.line, why)
        if value.labels & v.REMOTE:
            for check in ("syntax", "imports"):
                why = "a file from the network becomes code; install it as a dependency"
                flow.report(check, "block", called.line, why)
    return None


def extract(flow: Flow, called: Called) -> Value | None:
    """`archive.extractall(path)`: an archive from outside may name paths outside."""
    path = called.arg(0, "path")
    if called.receiver.labels & v.REMOTE and called.name == "extractall":
        flow.dropped.setdefault(path.key, called.line)
    if places.is_doomed(path.text) or places.is_startup(path.text):
        flow.report(
            "syntax",
            "block",
            called.line,
            f"an archive is unpacked over {shown(path.text)}; take a directory of its own",
        )
    elif called.receiver.labels & (v.REMOTE | v.INPUT) and "filter" not in called.named and "tar" in called.ref:
        flow.report(
            "syntax",
            "block",
            called.line,
            'an archive from outside is unpacked with the paths that it names; extractall(path, filter="data") is fine',
        )
    return None


def entries(flow: Flow, called: Called) -> Value | None:
    """`archive.namelist()`, `archive.getmembers()`: names that whoever packed it chose."""
    if "%archive" not in (called.receiver.attrs or {}):
        return None
    return Value(None, f"{called.ref}()", called.receiver.labels & v.STURDY | v.ENTRY)


def unpack(flow: Flow, called: Called) -> Value | None:
    """`tar.x({C: path})`, `unzipper.Extract({path})`: what is piped in is unpacked there."""
    given = next(
        (x for name in ("C", "cwd", "path", "dir") if (x := option_of(called, name)) is not None), called.arg(1)
    )
    if places.is_doomed(given.text) or places.is_startup(given.text):
        why = f"an archive is unpacked over {shown(given.text)}; take a directory of its own"
        flow.report("syntax", "block", called.line, why)
    return Value(None, f"{called.ref}()")


def load_array(flow: Flow, called: Called) -> Value | None:
    """`np.load(file, allow_pickle=True)`."""
    return unpickle(flow, called) if called.named.get("allow_pickle", Value()).const is True else None


def unpickle(flow: Flow, called: Called) -> Value | None:
    """`pickle.loads`, `yaml.load`, `unserialize`: data that may run code while it is read."""
    value = called.arg(0)
    if "!!python/object" in value.text or re.search(r"^c(?:os|posix|subprocess|builtins)\n", value.text):
        flow.report(
            "syntax", "block", called.line, "the data names code to run while it is read; a safe loader is fine"
        )
    loader = called.arg(1, "Loader")
    if called.name == "load" and called.ref.startswith("yaml.") and "Safe" in loader.ref:
        return None
    loaded = {value.key, (value.attrs or {}).get("%path", Value()).key} & flow.dropped.keys()
    remote = value.labels & v.REMOTE or loaded or re.match(r"(?:https?|ftp|s3)://", value.text)
    typed = called.ref.startswith("yaml.") and value.ref.startswith("sys.stdin")  # workers are sent pickles there
    typed = typed or (called.name == "load" and value.ref.startswith("sys.stdin") and flow.starts_always)
    origin = "the network" if remote else "a person or a request" if value.labels & v.INPUT or typed else ""
    if not origin and value.labels & v.ARGUMENT and called.name == "loads":
        origin = "the arguments that the program is started with"
    if not origin and value.labels & v.DECODED and value.text:
        origin = "an encoded text"
    unsafe = loader.ref.endswith(("UnsafeLoader", "unsafe_load")) or called.name.startswith("unsafe_load")
    named = (value.attrs or {}).get("%path", Value())
    if not origin and unsafe and (value.labels | named.labels) & (v.ARGUMENT | v.VARIABLE):
        origin = "a file that whoever starts this names"
    if origin:
        flow.report(
            "syntax",
            "block",
            called.line,
            (
                f"`{called.ref}` runs code that its data names, and its data comes from {origin}; JSON "
                "or a safe loader is fine"
            ),
        )
    flow.facts.setdefault("unpickled", called.line)
    return Value(None, "%marshalled" if called.ref.startswith("marshal.") else "", value.labels)


#: Schemas of YAML that make nothing but data.
_PLAIN_SCHEMA = expression(r"(?:SAFE|FAILSAFE|JSON|CORE|DEFAULT)_SCHEMA$")


def load_document(flow: Flow, called: Called) -> Value | None:
    """`yaml.load(text, {schema})` of Node, which makes functions where the schema has them."""
    schema = option_of(called, "schema")
    if schema is None or _PLAIN_SCHEMA.search(schema.ref):
        return None
    return unpickle(flow, called)


def function_of_code(flow: Flow, called: Called) -> Value | None:
    """`FunctionType(marshal.loads(data), globals())`: a function of code that nobody can read."""
    if called.arg(0).ref == "%marshalled":
        why = "a function is made of compiled code that is held as data"
        flow.report("syntax", "block", called.line, f"{why}; write the function plainly")
    return None


def reader(flow: Flow, called: Called) -> Value | None:
    """`YAML(typ="unsafe")`, whose `load` makes objects of any class."""
    return Value(None, "yaml.unsafe") if called.arg(0, "typ").text == "unsafe" else Value(None, "%yaml")
