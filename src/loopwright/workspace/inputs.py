"""Ignored files that checks can see all the same: a virtual environment, node_modules, local settings."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator

from loopwright.workspace.git import Git
from loopwright.workspace.names import is_cache, to_text

#: Where git is not there to ask.
_USUAL = (b".venv", b"venv", b"node_modules")
#: Entries of one input that are looked at; a larger one says so in its digest.
MOST = 300_000


def ignored_inputs(root: str) -> dict[str, str]:
    """Return each ignored top-level input with a digest of its listing: paths, sizes, modes and times of change.

    Contents are not read: an environment of a gigabyte is told apart in a fraction of a second.
    """
    return {to_text(name): _digest(os.path.join(os.fsencode(root), name)) for name in _names(root)}


def _names(root: str) -> list[bytes]:
    asked = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]
    try:
        status, out = Git(root).run(asked)
    except FileNotFoundError:
        status, out = 1, b""
    found = [name.rstrip(b"/") for name in out.split(b"\0")[:-1]] if status == 0 else list(_USUAL)
    return sorted(n for n in found if not is_cache(n) and os.path.lexists(os.path.join(os.fsencode(root), n)))


def _digest(path: bytes) -> str:
    digest = hashlib.sha256()
    for count, line in enumerate(_lines(path, b"")):
        if count >= MOST:
            return f"first {MOST} entries: {digest.hexdigest()}"
        digest.update(line)
    return digest.hexdigest()


def _lines(path: bytes, shown: bytes) -> Iterator[bytes]:
    info = os.lstat(path)
    yield b"%s\0%d\0%o\0%d\n" % (shown, info.st_size, info.st_mode, info.st_mtime_ns)
    if not stat.S_ISDIR(info.st_mode):
        return
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except PermissionError:
        return
    for entry in entries:
        inner = shown + b"/" + entry.name
        if is_cache(inner.lstrip(b"/")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _lines(entry.path, inner)
        else:
            found = entry.stat(follow_symlinks=False)
            yield b"%s\0%d\0%o\0%d\n" % (inner, found.st_size, found.st_mode, found.st_mtime_ns)
