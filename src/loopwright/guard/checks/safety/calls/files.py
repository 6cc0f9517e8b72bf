"""Calls that read, write, move and remove files, and what unpickles them."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.installs import judge_index_file, judge_library_file

_CRYPTO = ("cryptography.", "Crypto.", "nacl.", "crypto.")


def content(flow: Flow, path: Value, line: int) -> int:
    """Return the labels of a file's content, and report the reading of credentials."""
    text = path.text
    if places.is_secret(text) or _device_secret(text):
        flow.report(
            "privilege",
            "block",
            line,
            f"{_shown(text)} holds credentials; read the setting that the task needs from its own file",
        )
        return v.SECRET
    if places.is_private(text):
        return v.PRIVATE
    if text in ("/dev/stdin", "0"):
        return v.ARGUMENT
    return v.FILE | (path.labels & (v.WALKED | v.SECRET))


def _device_secret(text: str) -> bool:
    return text.startswith("/dev/") and places.is_device(text)


def _shown(text: str) -> str:
    return text.replace(places.HOLE, "…")[:100]


def target(flow: Flow, path: Value, line: int, doing: str = "written") -> None:
    """Judge a path that is written."""
    text = path.text
    if places.is_startup(text):
        flow.report(
            "privilege",
            "block",
            line,
            f"{_shown(text)} is {doing}: it runs by itself later; files of the project are fine",
        )
    elif places.is_system(text):
        flow.report(
            "privilege",
            "block",
            line,
            f"{_shown(text)} is {doing}: it gives rights over the machine; files of the project are fine",
        )
    elif places.is_device(text):
        flow.report(
            "syntax", "block", line, f"the disk {_shown(text)} is {doing} directly; files of the project are fine"
        )


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


def connect(flow: Flow, called: Called) -> Value | None:
    """`sqlite3.connect(path)`: the stores of browsers are such files."""
    return Value(None, f"{called.ref}()", content(flow, called.arg(0), called.line) & ~v.FILE)


def load_library(flow: Flow, called: Called) -> Value | None:
    """`ctypes.CDLL(path)`, `sys.path.insert(0, path)`: what stands there will run."""
    for value in called.args:
        flow.ran.setdefault(value.key, called.line)
    return Value(None, f"{called.ref}()")


def read_shadow(flow: Flow, called: Called) -> Value | None:
    flow.report(
        "privilege", "block", called.line, "the password file is read; ask the operating system to check a password"
    )
    return Value(None, "", v.SECRET)


def change_root(flow: Flow, called: Called) -> Value | None:
    if re.match(r"/(?:host|mnt|h|rootfs)\b|/proc/1", called.arg(0).text):
        flow.report("privilege", "block", called.line, "the host's own file system is entered; stay in the one given")
    return None


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
        if value.labels & v.REMOTE:
            flow.report(
                "syntax", "block", called.line, "a file from the network becomes code; install it as a dependency"
            )
    return None


def read(flow: Flow, called: Called) -> Value | None:
    """`read_text`, `readFileSync`: the content of a file."""
    path = called.receiver if called.ref.startswith("pathlib.") else called.arg(0)
    return Value(None, "", content(flow, path, called.line) | path.labels & v.STURDY & ~v.ARGUMENT)


def read_into(flow: Flow, called: Called) -> Value | None:
    """`parser.read(path)`: a file's settings go into what reads them."""
    labels = content(flow, called.arg(0, "filenames"), called.line)
    called.receiver.labels |= labels & (v.SECRET | v.PRIVATE)
    return Value(None, "", labels)


def write(flow: Flow, called: Called) -> Value | None:
    """`write_text`, `writeFileSync`: all of a file at once."""
    method = called.ref.startswith("pathlib.")
    path = called.receiver if method else called.arg(0)
    data = called.arg(0 if method else 1)
    target(flow, path, called.line)
    if data.labels & v.REMOTE:
        flow.dropped.setdefault(path.key, called.line)
    _amount(flow, called, data)
    judge_index_file(flow, path.text, data.text, called.line)
    if data.labels & v.REMOTE:
        judge_library_file(flow, path.text, called.line)
    if ".github/workflows" in path.text and re.search(r"toJSON\(\s*secrets\s*\)", data.text):
        flow.report(
            "privilege", "block", called.line, "a workflow is written that gives out all of the project's secrets"
        )
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


def write_open(flow: Flow, called: Called) -> Value | None:
    """`handle.write(data)`."""
    data, base = called.arg(0), called.receiver
    path = (base.attrs or {}).get("%path")
    if base.ref.startswith(("socket.", "http", "net.", "tls.", "ws", "smtplib.")):
        from loopwright.guard.checks.safety.calls.sending import write_connection

        return write_connection(flow, called)
    if path is None:
        base.labels |= data.labels
        return None
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
    if data.labels & v.REMOTE:
        judge_library_file(flow, path.text, called.line)
    return Value()


def _amount(flow: Flow, called: Called, data: Value) -> None:
    size = data.size or len(data.text)
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


def truncate(flow: Flow, called: Called) -> Value | None:
    """`truncate(size)`, `seek(position)` and a write."""
    sizes = [a.number or a.size for a in (*called.args, *called.named.values())]
    size = max([s for s in sizes if s], default=0)
    if called.arg(0).labels & v.WALKED:
        flow.report("syntax", "block", called.line, "every file below a home or the root is emptied; name the files")
    if size >= flow.config.disk:
        flow.report(
            "resources",
            "block",
            called.line,
            f"a file of {size / 2**30:,.0f} GiB is made; up to {flow.config.disk / 2**30:,.0f} GiB is fine",
        )
    return None


def copy(flow: Flow, called: Called) -> Value | None:
    """`copy`, `move`, `rename`, `symlink`, `link`."""
    old, new = called.arg(0, "src"), called.arg(1, "dst")
    if called.name in ("rename", "replace", "symlink_to", "renames") and called.ref.startswith("pathlib."):
        old, new = called.receiver, called.arg(0)
    target(flow, new, called.line)
    if called.name in ("move", "rename", "renameSync") and places.is_doomed(old.text):
        remove_path(flow, old, called.line)
    labels = content(flow, old, called.line) if called.name.startswith("cop") else 0
    if old.key in flow.dropped:
        flow.dropped.setdefault(new.key, called.line)
    return Value(new.const, "", labels & ~v.FILE)


def extract(flow: Flow, called: Called) -> Value | None:
    """`archive.extractall(path)`: an archive from outside may name paths outside."""
    path = called.arg(0, "path")
    if places.is_doomed(path.text) or places.is_startup(path.text):
        flow.report(
            "syntax",
            "block",
            called.line,
            f"an archive is unpacked over {_shown(path.text)}; take a directory of its own",
        )
    elif called.receiver.labels & (v.REMOTE | v.INPUT) and "filter" not in called.named and "tar" in called.ref:
        flow.report(
            "syntax",
            "block",
            called.line,
            'an archive from outside is unpacked with the paths that it names; extractall(path, filter="data") is fine',
        )
    return None


def remove_tree(flow: Flow, called: Called) -> Value | None:
    """`rmtree`, `rmSync`, `rimraf`."""
    for path in (*called.args, *([called.named["path"]] if "path" in called.named else [])):
        remove_path(flow, path, called.line)
    return None


def remove_path(flow: Flow, path: Value, line: int) -> None:
    text = path.text
    if text and places.is_doomed(text):
        flow.report(
            "syntax",
            "block",
            line,
            f"{_shown(text)} is removed with all below it; removing build output or a temporary directory is fine",
        )


def remove_file(flow: Flow, called: Called) -> Value | None:
    """`os.remove`, `unlink`: one file; of a walk through a home or the root, all of them."""
    path = called.receiver if called.ref.startswith("pathlib.") else called.arg(0)
    if path.labels & v.WALKED:
        flow.report(
            "syntax",
            "block",
            called.line,
            "every file below a home or the root is removed; name the files that the task is about",
        )
    return None


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


def mode(flow: Flow, called: Called) -> Value | None:
    """`chmod(path, mode)`."""
    path = called.receiver if called.ref.startswith("pathlib.") else called.arg(0)
    bits = called.arg(0 if called.ref.startswith("pathlib.") else 1, "mode")
    number = bits.number
    if (number is not None and number & 0o6000 and number & 0o111) or bits.labels & v.SETS_ID:
        flow.report(
            "privilege",
            "block",
            called.line,
            "a program is made to run with its owner's rights (setuid); modes up to 0o777 are fine",
        )
    if number is not None and number & 0o002 and (places.is_system(path.text) or path.text.startswith("/etc/")):
        flow.report("privilege", "block", called.line, f"{_shown(path.text)} is made writable for everybody")
    if number is not None and number & 0o002 and path.labels & v.WALKED:
        flow.report("privilege", "block", called.line, "every file below a home or the system is made writable for all")
    if path.key in flow.dropped:
        flow.ran.setdefault(path.key, called.line)
    return None


def fetch_file(flow: Flow, called: Called) -> Value | None:
    """`urlretrieve(url, path)`: a file from the network."""
    path = called.arg(1, "filename")
    flow.dropped.setdefault(path.key, called.line)
    target(flow, path, called.line)
    judge_library_file(flow, path.text, called.line)
    return Value(None, "", v.FILE)


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
    origin = "the network" if value.labels & v.REMOTE else "a person or a request" if value.labels & v.INPUT else ""
    if not origin and value.labels & v.DECODED and value.text:
        origin = "an encoded text"
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
    return Value(None, "", value.labels)
