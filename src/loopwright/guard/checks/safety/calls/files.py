"""Calls that read, write, move and remove files, and what unpickles them."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.asked import judge_path
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.indexes import judge_index_file
from loopwright.guard.checks.safety.installs import judge_library_file, judge_patched_library, judge_written_manifest

_CRYPTO = ("cryptography.", "Crypto.", "nacl.", "crypto.")


def content(flow: Flow, path: Value, line: int) -> int:
    """Return the labels of a file's content, and report the reading of credentials."""
    text = path.text
    if places.is_secret(text) or _device_secret(text):
        flow.report(
            "privilege",
            "block",
            line,
            f"{shown(text)} holds credentials; read the setting that the task needs from its own file",
        )
        return v.SECRET
    if places.is_private(text):
        return v.PRIVATE
    if text == "/dev/stdin" or path.number == 0:
        return v.INPUT
    return v.FILE | (path.labels & (v.WALKED | v.SECRET))


def _device_secret(text: str) -> bool:
    return text.startswith("/dev/") and places.is_device(text)


def shown(text: str) -> str:
    return text.replace(places.HOLE, "…")[:100]


def target(flow: Flow, path: Value, line: int, doing: str = "written") -> None:
    """Judge a path that is written."""
    text = path.text
    if places.is_startup(text):
        flow.report(
            "privilege",
            "block",
            line,
            f"{shown(text)} is {doing}: it runs by itself later; files of the project are fine",
        )
    elif places.is_system(text):
        flow.report(
            "privilege",
            "block",
            line,
            f"{shown(text)} is {doing}: it gives rights over the machine; files of the project are fine",
        )
    elif places.is_device(text):
        flow.report(
            "syntax", "block", line, f"the disk {shown(text)} is {doing} directly; files of the project are fine"
        )


def _judge_text(flow: Flow, path: Value, data: Value, line: int) -> None:
    if ".github/workflows" in path.text and re.search(r"toJSON\(\s*secrets\s*\)", data.text):
        why = "a workflow is written that gives out all of the project's secrets"
        flow.report("privilege", "block", line, f"{why}; name the one that a step needs")
    if places.redirects(path.text, data.text):
        why = "a name is made to lead to another machine for every program of this one"
        flow.report("privilege", "block", line, f"{why}; 127.0.0.1 is fine")


def open_file(flow: Flow, called: Called) -> Value | None:
    """`open(path, mode)`, `Path(path).open(mode)`, `createWriteStream(path)`."""
    method = called.ref.startswith("pathlib.")
    path = called.receiver if method else called.arg(0, "file")
    mode = called.arg(0 if method else 1, "mode")
    writes = any(c in mode.text for c in "wax+") if mode.text else called.name.startswith("createWrite")
    if called.ref == "os.open":
        writes = _opens_to_write(called.node)
    made = Value(None, "open()")
    if writes:
        target(flow, path, called.line)
    else:
        made.labels = content(flow, path, called.line)
    judge_path(flow, path, called.line, "written" if writes else "read")
    made.attrs = {"%path": path}
    if called.name in ("ZipFile", "TarFile") or called.ref == "tarfile.open":
        made.attrs["%archive"] = called.named.get("fileobj") or path
        made.labels |= made.attrs["%archive"].labels & (v.REMOTE | v.INPUT)
        if path.key in flow.dropped:
            made.labels |= v.REMOTE
    return made


def _opens_to_write(node: t.Node) -> bool:
    """True where the flags of `os.open` name a way to write."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, t.Attr) and each.name in ("O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND", "O_TRUNC"):
            return True
        pending.extend(t.inner(each))
    return False


def read(flow: Flow, called: Called) -> Value | None:
    """`read_text`, `readFileSync`: the content of a file."""
    path = called.receiver if _of_path(called) else called.arg(0)
    judge_path(flow, path, called.line, "read")
    made = Value(None, "", content(flow, path, called.line) | path.labels & v.STURDY & ~v.ARGUMENT)
    made.attrs = {"%path": path}
    return made


def _of_path(called: Called) -> bool:
    """True for a method of a path, whatever the path was made by."""
    return called.ref.startswith("pathlib.") or called.name in ("read_text", "read_bytes", "write_text", "write_bytes")


def streamed(flow: Flow, called: Called) -> Value | None:
    """`pipeline(answer.body, createWriteStream(path))`: what is written comes from the first."""
    ends = [a for a in called.args if a.attrs and "%path" in a.attrs]
    if ends and v.join(called.args[:-1]).labels & v.REMOTE and ends[-1].attrs:
        flow.dropped.setdefault(ends[-1].attrs["%path"].key, called.line)
    return None


def read_into(flow: Flow, called: Called) -> Value | None:
    """`parser.read(path)`: a file's settings go into what reads them."""
    labels = content(flow, called.arg(0, "filenames"), called.line)
    called.receiver.labels |= labels & (v.SECRET | v.PRIVATE)
    return Value(None, "", labels)


def write(flow: Flow, called: Called) -> Value | None:
    """`write_text`, `writeFileSync`: all of a file at once."""
    method = _of_path(called)
    path = called.receiver if method else called.arg(0)
    data = called.arg(0 if method else 1)
    target(flow, path, called.line)
    judge_path(flow, path, called.line, "written")
    _judge_text(flow, path, data, called.line)
    if data.labels & v.REMOTE:
        flow.dropped.setdefault(path.key, called.line)
    _amount(flow, called, data)
    _writes_again(flow, called)
    judge_index_file(flow, path.text, data.text, called.line)
    judge_written_manifest(flow, path.text, data.text, called.line)
    judge_patched_library(flow, path.text, called.line)
    if data.labels & v.REMOTE:
        judge_library_file(flow, path.text, called.line)
    if path.text.endswith("package.json"):
        flow.facts.setdefault("manifest", called.line)
    if path.labels & v.WALKED and (data.const is not None or any(data.ref.startswith(c) for c in _CRYPTO)):
        flow.report(
            "syntax",
            "block",
            called.line,
            "every file below a home or the root is overwritten; name the files that the task is about",
        )
    return Value()


def _writes_again(flow: Flow, called: Called) -> None:
    """`write(data, again)` within `again`."""
    if flow.certain and any(a.func is not None and any(f is a.func for f in flow.active) for a in called.args):
        why = "this writes again as soon as it has written, without end, until the disk is full; count, or stop"
        flow.report("resources", "block", called.line, why)


def write_open(flow: Flow, called: Called) -> Value | None:
    """`handle.write(data)`."""
    data, base = called.arg(0), called.receiver
    path = (base.attrs or {}).get("%path")
    if base.ref.startswith(("socket.", "http", "net.", "tls.", "ws", "smtplib.")):
        from loopwright.guard.checks.safety.calls.sending import write_connection

        return write_connection(flow, called)
    if path is not None:
        _writes_again(flow, called)
        _judge_text(flow, path, data, called.line)
    else:
        base.labels |= data.labels
        return None
    if data.labels & v.COOKIE and data.labels & v.TYPED:
        flow.report("privilege", "block", called.line, "the keys that are pressed are written to a file")
    if base.attrs and "%archive" in base.attrs:
        packed = content(flow, data, called.line) if called.name in ("write", "add") else data.labels
        base.labels |= packed
        base.attrs["%archive"].labels |= packed
        _amount(flow, called, called.arg(1) if called.name == "writestr" else data)
        return Value()
    if data.labels & v.REMOTE:
        flow.dropped.setdefault(path.key, called.line)
    if path.labels & v.WALKED and (data.ref.startswith(_CRYPTO) or data.const is not None):
        flow.report(
            "syntax",
            "block",
            called.line,
            "every file below a home or the root is overwritten; name the files that the task is about",
        )
    if path.text.endswith("package.json"):
        flow.facts.setdefault("manifest", called.line)
    _amount(flow, called, data)
    judge_index_file(flow, path.text, data.text, called.line)
    judge_written_manifest(flow, path.text, data.text, called.line)
    judge_patched_library(flow, path.text, called.line)
    if data.labels & v.REMOTE:
        judge_library_file(flow, path.text, called.line)
    return Value()


def write_settings(flow: Flow, called: Called) -> Value | None:
    """`parser.write(file)`: the settings that were put into it."""
    path = (called.arg(0).attrs or {}).get("%path", Value())
    sections = (called.receiver.attrs or {}).values()
    lines = [f"{name} = {value.text}" for section in sections for name, value in (section.attrs or {}).items()]
    judge_index_file(flow, path.text, "\n".join(lines), called.line)
    return Value()


def _amount(flow: Flow, called: Called, data: Value) -> None:
    size = data.size or len(data.text)
    if "storm" in flow.facts and min(size * flow.times, 1 << 60) >= flow.config.memory >> 10:
        why = (
            f"{size >> 20:,} MiB are written at every run of a timer, until the disk is full; write less, or less often"
        )
        flow.report("resources", "block", called.line, why)
    if size and flow.times * size >= flow.config.disk and flow.times < 1 << 70:
        flow.report(
            "resources",
            "block",
            called.line,
            (
                f"about {flow.times * size / 2**30:,.0f} GiB are written; up to "
                f"{flow.config.disk / 2**30:,.0f} GiB is fine"
            ),
        )


#: Calls that copy or move a directory with all below it.
_WHOLE_TREES = frozenset({"copytree", "cpSync", "cp", "copySync", "move", "rename"})


def copy(flow: Flow, called: Called) -> Value | None:
    """`copy`, `move`, `rename`, `symlink`, `link`."""
    old, new = called.arg(0, "src"), called.arg(1, "dst")
    if called.name in ("rename", "replace", "symlink_to", "renames") and called.ref.startswith("pathlib."):
        old, new = called.receiver, called.arg(0)
    target(flow, new, called.line)
    if called.name in ("move", "rename", "renameSync") and places.is_doomed(old.text):
        remove_path(flow, old, called.line)
    held = f"{old.text.rstrip('/')}/*"
    if called.name in _WHOLE_TREES and places.is_secret(held):
        old = Value(held, old.ref, old.labels)
    shown_elsewhere = called.name.startswith(("cop", "cp", "symlink", "link")) and called.name != "symlink_to"
    labels = content(flow, old, called.line) if shown_elsewhere else 0
    if old.key in flow.dropped:
        flow.dropped.setdefault(new.key, called.line)
    return Value(new.const, "", labels & ~v.FILE)


def walk(flow: Flow, called: Called) -> Value | None:
    """`os.walk`, `rglob`, `readdir`: names of files; those below a home or the root are WALKED."""
    path = called.receiver if called.ref.startswith("pathlib.") else called.arg(0)
    made = Value(None, f"{called.ref}()", path.labels & v.STURDY)
    if path.text and places.is_doomed(path.text.rstrip("/*") or "/"):
        made.labels |= v.WALKED
    if places.is_secret(path.text):
        content(flow, path, called.line)
        made.labels |= v.SECRET
    elif places.is_secret(path.text.rstrip("/*") + "/*"):
        made.labels |= v.SECRET
    elif "/proc/" in path.text and "environ" in path.text:
        content(flow, path, called.line)
    made.items = None
    return made


def fetch_file(flow: Flow, called: Called) -> Value | None:
    """`urlretrieve(url, path)`: a file from the network."""
    path = called.arg(1, "filename")
    if len(called.args) < 2 and "filename" not in called.named:
        made = Value(None, "", v.FILE)
        made.items = [Value(None, "", v.REMOTE), Value()]
        return made
    flow.dropped.setdefault(path.key, called.line)
    target(flow, path, called.line)
    judge_library_file(flow, path.text, called.line)
    return Value(None, "", v.FILE)


def remove_path(flow: Flow, path: Value, line: int) -> None:
    """Report the removal of a path that loses the system or a person's files."""
    text = path.text
    judge_path(flow, path, line, "removed")
    if text and (places.is_doomed(text) or re.fullmatch(rf"/+{places.HOLE}/*|{places.HOLE}:[/\\\\]*", text)):
        flow.report(
            "syntax",
            "block",
            line,
            f"{shown(text)} is removed with all below it; removing build output or a temporary directory is fine",
        )
