"""What a directory held at a revision, read so that an untrusted repository's configuration runs nothing."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Then:
    """One file as the revision holds it: in which repository, its path there, its object."""

    repository: Path
    path: str
    name: str


def changed_since(
    root: Path, revision: str, present: Iterable[str], read: Callable[[str], bytes]
) -> dict[str, bytes | None]:
    """Return each path that differs from `revision`, with its contents there; None = it was not there.

    A revision that went on after HEAD had left it counts as it was where they parted: what others did since is no
    change made here. `present` are the files of today and `read` gives their contents. Line ends that git converts are
    no difference. Raises UsageError where the revision cannot be read.
    """
    then = _files(root, _parted(root, revision))
    seen = {place: _seen_by_git(place) for place in {file.repository for file in then.values()}}
    today = set(present)
    changed: dict[str, bytes | None] = dict.fromkeys(sorted(today - set(then)))
    for path, file in then.items():
        if path in today and seen[file.repository].get(file.path) == (file.name, _state(f"{root}/{path}")):
            continue
        data = read(path) if path in today else None
        if data is not None and file.name == _digest(data, file.name):
            continue
        before = _git(file.repository, "cat-file", "blob", file.name)
        if data is None or not _same(before, data):
            changed[path] = before
    return dict(sorted(changed.items()))


def _parted(root: Path, revision: str) -> str:
    """The commit that HEAD and the revision share last; the revision itself where none is known (no HEAD, a tree)."""
    found = _run(root, "merge-base", "--end-of-options", revision, "HEAD")
    return revision if found.returncode else found.stdout.decode().strip()


def _files(root: Path, revision: str, below: str = "") -> dict[str, _Then]:
    """Path below root -> each regular file of the revision, those of submodules at the commits that it names."""
    tree = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}").decode().strip()
    found: dict[str, _Then] = {}
    for line in _git(root, "ls-tree", "-r", "-z", tree).split(b"\0")[:-1]:
        head, _, raw = line.partition(b"\t")
        mode, _, name = head.decode().split(" ")
        path = to_text(raw)
        if mode.startswith("100"):
            found[below + path] = _Then(root, path, name)
        elif mode == "160000" and _holds(root / path, name):
            found |= _files(root / path, name, f"{below}{path}/")
    return found


def _holds(module: Path, commit: str) -> bool:
    """True where the submodule is checked out and has the commit: one that is not has no files to compare."""
    return (module / ".git").exists() and not _run(module, "cat-file", "-e", f"{commit}^{{tree}}").returncode


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
    done = _run(root, *words)
    if done.returncode:
        raise UsageError(_why(root, words, done.stderr.decode("utf-8", "replace").strip()))
    return done.stdout


def _run(root: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run([*_GIT, *words], cwd=root, capture_output=True, check=False, env={**os.environ, **_ENV})
    except FileNotFoundError:
        raise UsageError("git was not found: install it, or check the whole tree without --base") from None


def _why(root: Path, words: Sequence[str], said: str) -> str:
    if _run(root, "rev-parse", "--git-dir").returncode:
        return f"{root} is in no git repository: --base needs one; without it the whole tree is checked"
    if said:
        return f"git: {said.splitlines()[0]}"
    revision = words[-1].partition("^{")[0]
    if _run(root, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        return f"there is no revision {revision!r}: nothing is committed yet; without --base the whole tree is checked"
    if _run(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        return f"there is no revision {revision!r} in this shallow clone: fetch it, or all with `git fetch --unshallow`"
    return f"there is no revision {revision!r}"
