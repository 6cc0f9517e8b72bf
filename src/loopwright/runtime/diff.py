"""A change as a unified diff."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from loopwright.core.checks import Change, FileChange
from loopwright.core.expression import expression

_ODD = expression(r'[\x00-\x1f\x7f-\x9f"\\]')
_RAW = expression(rb"\\x([89a-f][0-9a-f])")


def unified(change: Change, contents: Mapping[str, bytes]) -> str:
    """Return the change as `git apply` reads it; binary files are named, not shown."""
    return "".join(line for file in change.files for line in _file(file, contents))


def _file(file: FileChange, contents: Mapping[str, bytes]) -> Iterator[str]:
    before = contents.get(file.before or "", b"")
    after = contents.get(file.after or "", b"")
    yield f"diff --git {_name('a', file.path)} {_name('b', file.path)}\n"
    if file.kind == "add":
        yield f"new file mode {_mode(file, file.mode_after)}\n"
    elif file.kind == "delete":
        yield f"deleted file mode {_mode(file, file.mode_before)}\n"
    elif file.mode_before and file.mode_after and file.mode_before & 0o111 != file.mode_after & 0o111:
        yield f"old mode {_mode(file, file.mode_before)}\nnew mode {_mode(file, file.mode_after)}\n"
    if before == after:
        return
    old = "/dev/null" if file.kind == "add" else _name("a", file.path)
    new = "/dev/null" if file.kind == "delete" else _name("b", file.path)
    try:
        left, right = (_lines(data.decode("utf-8")) for data in (before, after))
    except UnicodeDecodeError:
        yield f"Binary files {old} and {new} differ\n"
        return
    yield from (f"--- {_ended(old)}\n", f"+++ {_ended(new)}\n")
    for line in islice(difflib.unified_diff(left, right), 2, None):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Lines as git counts them: a form feed or a lone carriage return ends none."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _name(side: str, path: str) -> str:
    """The name as git writes it: in quotes, and bytes as octal numbers, where a patch could not hold it as it is."""
    if not _ODD.search(path):
        return f"{side}/{path}"
    # The log has bytes that are not UTF-8 as \\xNN.
    raw = _RAW.sub(lambda found: bytes([int(found[1], 16)]), path.encode("utf-8", "surrogateescape"))
    written = (chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}" for byte in raw)
    return f'"{side}/{"".join(written)}"'


def _ended(name: str) -> str:
    """A tab keeps what follows a blank from being read as a time."""
    return f"{name}\t" if " " in name and not name.startswith('"') else name


def _mode(file: FileChange, mode: int) -> str:
    return "120000" if file.link else "100755" if mode & 0o111 else "100644"
