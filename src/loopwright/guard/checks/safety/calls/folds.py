"""Calls that make texts and paths of others: what they give is known where their arguments are."""

from __future__ import annotations

from urllib.parse import unquote

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.places import HOLE

_UNPACKING = frozenset({"decompress", "gunzipSync", "inflateSync", "brotliDecompressSync", "unzipSync"})


def decoded(flow: Flow, called: Called) -> Value | None:
    """`b64decode(x)`, `bytes.fromhex(x)`, `zlib.decompress(x)`, `Fernet(k).decrypt(x)`, `atob(x)`."""
    if called.name in _UNPACKING and called.arg(0).labels & v.INPUT:
        why = "what a request sent is unpacked whole, which a few bytes can make fill the memory (a bomb)"
        flow.report("resources", "block", called.line, f"{why}; unpack in parts, up to a length")
    return v.decode(called.name, called.arg(0))


def text_decoded(flow: Flow, called: Called) -> Value | None:
    """`bytes.decode("utf-8")` and `codecs.decode(x, "rot13")`: the second hides."""
    module = called.ref.startswith("codecs.")
    value = called.arg(0) if module else called.receiver
    how = called.arg(1 if module else 0, "encoding").text
    if how.replace("-", "").replace("_", "").lower() in (
        "rot13",
        "base64",
        "base64codec",
        "hex",
        "hexcodec",
        "zlib",
        "bz2",
        "uu",
    ):
        return v.decode("decode", value, how)
    made = Value(value.const, "", value.labels)
    made.token = value.token
    return made


def buffer_from(flow: Flow, called: Called) -> Value | None:
    """`Buffer.from(x, "base64")`."""
    value, how = called.arg(0), called.arg(1).text.lower()
    if how in ("base64", "hex", "base64url"):
        return v.decode("base64" if how.startswith("base64") else "hex", value)
    if value.items is not None and value.items:
        numbers = [i.number for i in value.items]
        known = bytes(n & 255 for n in numbers if n is not None)
        return Value(known if len(known) == len(numbers) else None, "", value.labels | v.DECODED)
    return Value(value.const, "", value.labels)


def joined_bytes(flow: Flow, called: Called) -> Value | None:
    """`Buffer.concat([…])`: made by what makes a part of it."""
    parts = called.arg(0).items or []
    made = v.join(parts) if parts else Value(None, "", called.all.labels)
    made.ref = next((p.ref for p in parts if p.ref.startswith("crypto.")), "")
    return made


def percent(flow: Flow, called: Called) -> Value | None:
    """`decodeURIComponent(x)`: hides where nearly all of the text is escapes."""
    value = called.arg(0)
    if value.text.count("%") * 4 > len(value.text):
        return Value(unquote(value.text), "", value.labels | v.DECODED)
    return same_path(flow, called)


def entries(flow: Flow, called: Called) -> Value | None:
    """`Object.entries(x)`, `x.items()`: its pairs, where they are known."""
    held = called.arg(0) if called.args else called.receiver
    made = Value(None, "", held.labels)
    if held.attrs:
        made.items = []
        for name, value in list(held.attrs.items())[:50]:
            pair = Value(None, "", value.labels)
            pair.items = [Value(name), value]
            made.items.append(pair)
    return made


def joined(flow: Flow, called: Called) -> Value | None:
    """`sep.join(items)` of Python, `items.join(sep)` of JavaScript."""
    items, separator = called.arg(0), called.receiver
    if flow.language.name != "python":
        items, separator = called.receiver, called.arg(0)
        if not called.args:
            separator = Value(",")
    made = Value(None, "", items.labels | separator.labels)
    if items.ref in v.ENDLESS:
        flow.report("time", "block", called.line, "a text is joined from a sequence that never ends; take a part of it")
    if items.items is not None and len(items.items) <= 1_000:
        parts: list[Value] = []
        for index, item in enumerate(items.items):
            parts += [separator, item] if index else [item]
        made = v.concatenate(parts) if parts else Value("")
        made.labels |= items.labels
        spelled = len(items.items) > 2 and all(len(i.text) <= 3 for i in items.items) and separator.text == ""
        made.labels |= v.DECODED if spelled or _pieced(items.items, separator, made.text) else 0
    elif items.labels & v.DECODED and isinstance(called.node.args[0] if called.node.args else None, t.Comprehension):
        made.labels |= v.DECODED
    return made


def _pieced(items: list[Value], separator: Value, text: str) -> bool:
    """True for a single word that is put together of written pieces."""
    written = separator.const == "" and len(items) > 1 and all(i.text and not i.labels for i in items)
    return written and len(text) < 40 and text.replace("_", "").replace("-", "").isalnum() and HOLE not in text


def formatted(flow: Flow, called: Called) -> Value | None:
    """`template.format(…)`."""
    made = v.join([called.receiver, *called.args, *called.named.values()])
    pieces = called.receiver.text.split("{")
    if not called.receiver.text or len(pieces) > 200:
        return made
    out = [pieces[0]]
    for position, piece in enumerate(pieces[1:]):
        field, _, rest = piece.partition("}")
        name = field.split("!")[0].split(":")[0]
        value = called.named.get(name) or called.arg(int(name) if name.isdecimal() else position)
        out.append((value.text or (str(value.number) if value.number is not None else HOLE)) + rest)
    made.const = "".join(out)
    return made


def replaced(flow: Flow, called: Called) -> Value | None:
    first = called.arg(0)
    pattern = (first.attrs or {}).get("%pattern", Value()).text
    text, old, new = called.receiver.text, first.text or (pattern if pattern.isalnum() else ""), called.arg(1)
    made = Value(None, "", called.receiver.labels | new.labels)
    if text and old and isinstance(new.const, (str, bytes)):
        made.const = text.replace(old, new.text)
        made.labels |= v.DECODED if len(text) > 12 and made.text != text and not new.text else 0
    return made


def concatenated(flow: Flow, called: Called) -> Value | None:
    """`text.concat(more)`; of a list it makes a longer one."""
    if isinstance(called.receiver.const, str):
        return v.concatenate([called.receiver, *called.args])
    return same_text(flow, called)


def same_text(flow: Flow, called: Called) -> Value | None:
    """`strip`, `encode`, `toString` …: the receiver, nearly."""
    value = called.receiver
    made = Value(value.const, value.ref if called.name in ("setEncoding", "setTimeout") else "", value.labels)
    made.items, made.token = value.items, value.token
    made.size = value.size if called.name == "fill" else 0
    made.length = value.length
    return made


def split(flow: Flow, called: Called) -> Value | None:
    text = called.receiver.text
    made = Value(None, "", called.receiver.labels)
    if text and len(text) <= 5_000:
        separator = called.arg(0)
        pieces = list(text) if separator.const == "" else text.split(separator.text or None)
        made.items = [Value(p, "", made.labels) for p in pieces[:1_000]]
    elif called.arg(0).const == "":
        made.length, made.size = called.receiver.length, 8 * called.receiver.length
        if made.size >= flow.config.memory:
            flow.oversize(called.line, made.size)
    return made


def reversed_items(flow: Flow, called: Called) -> Value | None:
    value = called.receiver if called.receiver.items is not None else called.arg(0)
    made = Value(
        None, "", value.labels | (v.DECODED if value.items is not None and all(i.text for i in value.items) else 0)
    )
    if value.items is not None:
        made.items = [Value(i.const, i.ref, i.labels | v.DECODED) for i in reversed(value.items)]
    elif value.text:
        made.const, made.labels = value.text[::-1], made.labels | v.DECODED
    return made


def path_joined(flow: Flow, called: Called) -> Value | None:
    """`os.path.join(…)`, `path.join(…)`: also from a directory that cannot be known."""
    parts: list[Value] = []
    for index, part in enumerate(called.args):
        if part.text.startswith(("/", "~")):
            parts = [part]
        else:
            parts += [Value("/"), part] if index else [part]
    made = v.concatenate(parts) if parts else Value()
    made.const = made.text.replace("//", "/") or None
    return made


def path_made(flow: Flow, called: Called) -> Value | None:
    """`Path("a", "b")`."""
    made = path_joined(flow, called) or Value()
    made.ref = "pathlib.Path()"
    return made


def path_kept(flow: Flow, called: Called) -> Value | None:
    """`Path.expanduser()`, `.joinpath(…)`, `.resolve()`."""
    base = called.receiver
    made = (
        v.concatenate([x for part in called.args for x in (Value("/"), part)])
        if called.name == "joinpath"
        else Value("")
    )
    joined_text = base.text + made.text
    return Value(joined_text or None, "pathlib.Path()", base.labels | made.labels)


def home(flow: Flow, called: Called) -> Value | None:
    """`Path.home()`, `os.homedir()`."""
    return Value(
        "~",
        "pathlib.Path()" if called.ref.startswith("pathlib") else "",
        v.HOST_DIR if called.ref == "os.homedir" else 0,
    )


#: Where Python's packages lie, as far as it matters.
_LIBRARY = "/usr/lib/python3/site-packages"


def libraries(flow: Flow, called: Called) -> Value | None:
    """`sysconfig.get_path("purelib")`, `site.getsitepackages()`."""
    if called.name == "get_paths":
        made = Value(None, f"{called.ref}()")
        made.attrs = {name: Value(_LIBRARY) for name in ("purelib", "platlib")}
        return made
    if called.name == "getsitepackages":
        made = Value(None, f"{called.ref}()")
        made.items = [Value(_LIBRARY)]
        return made
    named = called.name != "get_path" or called.arg(0).text in ("purelib", "platlib")
    return Value(_LIBRARY if named else None)


def same_value(flow: Flow, called: Called) -> Value | None:
    return called.args[0] if called.args else Value(ref="%globals")


def same_path(flow: Flow, called: Called) -> Value | None:
    """`expanduser(path)`, `abspath(path)`, `resolve(path)`, `String(x)`."""
    value = called.arg(0)
    kept = value.ref.startswith(("pathlib", "import.meta", "__file"))
    made = Value(value.const, value.ref if kept else "", value.labels)
    made.items, made.token = value.items, value.token
    return made


def globbed(flow: Flow, called: Called) -> Value | None:
    """`glob(pattern)`: names that fit it, which stand for the files."""
    path = called.arg(0)
    if called.ref.startswith("pathlib."):
        path = v.concatenate([called.receiver, Value("/"), called.arg(0)])
    made = Value(None, "", path.labels & v.STURDY)
    if called.name == "rglob" and places.is_doomed(called.receiver.text or "?"):
        made.labels |= v.WALKED
    if path.text and "**" in path.text and path.text.startswith(("/*", "~/*", "/home", "/root")):
        made.labels |= v.WALKED
    if path.text.endswith("/*") and places.is_doomed(path.text[:-2] or "/"):
        made.labels |= v.WALKED
    made.items = [Value(path.const, "pathlib.Path()" if called.ref.startswith("pathlib.") else "", made.labels)]
    return made
