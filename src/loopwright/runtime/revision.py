"""What a directory held at a revision, read so that an untrusted repository's configuration runs nothing."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from loopwright.core.errors import UsageError
from loopwright.core.expression import expression
from loopwright.workspace.names import to_text

#: Only object reading commands are used: they know no filter, text conversion, hook or monitor. What is left that a
#: repository could name is a transport for objects that are missing, and none is allowed.
_GIT = ("git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_ENV = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
_INDEXED = expression(
    rb"100\d{3} (?P<name>[0-9a-f]+) 0\t(?P<path>[^\0]*)\0  ctime: [\d:]+\n"
    rb"  mtime: (?P<seconds>\d+):(?P<nanoseconds>\d+)\n.*\n.*\n  size: (?P<size>\d+)\t"
)
_LFS = b"version https://git-lfs.github.com/spec/"


def changed_since(
    root: Path, revision: str, present: Iterable[str], read: Callable[[str], bytes]
) -> dict[str, bytes | None]:
    """Return each path that differs from `revision`, with its contents there; None = it was not there.

    `present` are the files of today and `read` gives their contents. Line ends that git converts are no difference.
    Raises UsageError where the revision cannot be read.
    """
    then, below = _files(root, revision), f"{root}/"
    seen = _seen_by_git(root)
    today = set(present)
    changed: dict[str, bytes | None] = dict.fromkeys(sorted(today - set(then)))
    for path, name in then.items():
        if path in today and seen.get(path) == (name, _state(below + path)):
            continue
        data = read(path) if path in today else None
        if data is not None and name == _digest(data, name):
            continue
        before = _git(root, "cat-file", "blob", name)
        if data is None or not _same(before, data):
            changed[path] = before
    return dict(sorted(changed.items()))


def _files(root: Path, revision: str) -> dict[str, str]:
    """Path below root -> object name of each regular file of the revision."""
    tree = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}").decode().strip()
    found: dict[str, str] = {}
    for line in _git(root, "ls-tree", "-r", "-z", tree).split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, name = head.split(b" ")
        if mode.startswith(b"100"):
            found[to_text(path)] = name.decode()
    return found


def _seen_by_git(root: Path) -> dict[str, tuple[str, tuple[int, int]]]:
    """Path -> object name, size and time of each file as git last saw it: what still has both needs no reading.

    A file written as late as the index itself may have changed since unnoticed, so it is left out, as git does.
    """
    index = root / os.fsdecode(_git(root, "rev-parse", "--git-path", "index").rstrip(b"\n"))
    try:
        written = index.stat().st_mtime_ns
    except OSError:
        return {}
    found = {}
    for each in _INDEXED.finditer(_git(root, "ls-files", "--stage", "--debug", "-z")):
        time = int(each["seconds"]) * 10**9 + int(each["nanoseconds"])
        if time < written:
            found[to_text(each["path"])] = each["name"].decode(), (int(each["size"]), time)
    return found


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _digest(data: bytes, like: str) -> str:
    """The object name that git gives these contents, by the hash that `like` was made with."""
    algorithm = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _same(before: bytes, data: bytes) -> bool:
    if before.startswith(_LFS):
        return f"oid sha256:{hashlib.sha256(data).hexdigest()}".encode() in before.splitlines()
    return before == data.replace(b"\r\n", b"\n")


def _git(root: Path, *words: str) -> bytes:
    try:
        done = subprocess.run([*_GIT, *words], cwd=root, capture_output=True, check=False, env={**os.environ, **_ENV})
    except FileNotFoundError:
        raise UsageError("git was not found: install it, or check the whole tree without --base") from None
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"git: {reason[0]}" if reason else f"there is no revision {words[-1].partition('^{')[0]!r}")
    return done.stdout
