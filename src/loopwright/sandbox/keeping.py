"""What a command wrote into a layer, brought into the user's directory after everything in the sandbox has ended.

Both sides are walked by descriptors that follow no link, so that nothing can lead out of them, whatever the names and
links in the layer are. What must not come along is left out and named: repository metadata, set-user-ID files,
devices, links that lead out, and files the user changed meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

#: A directory that holds these is a repository for git, wherever it lies (git's setup.c, is_git_directory); what git
#: would run from it stands in those.
_BARE = frozenset({"HEAD", "objects", "refs"})
_COMMANDING = frozenset({"HEAD", "config", "config.worktree", "commondir", "hooks"})
_OPAQUE = ("user.overlay.opaque", "trusted.overlay.opaque")
_SET_ID = stat.S_ISUID | stat.S_ISGID
#: Each level holds two descriptors open; what lies deeper is left out.
_DEEPEST = 200
#: Seconds by which a file system's clock may be behind ours.
_COARSE = 0.02
_SHOWN = 100


@dataclass
class Kept:
    """How many files, links and removals reached the directory; what was left out and why (the first hundred)."""

    count: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)
    failed: bool = False  # something was left out because the directory would not take it

    def leave_out(self, path: str, reason: str) -> None:
        if len(self.left_out) < _SHOWN:
            self.left_out.append((path, reason))

    def fail(self, path: str, error: OSError) -> None:
        self.failed = True
        self.leave_out(path, error.strerror or str(error))


@dataclass(frozen=True)
class _Level:
    """One directory of the layer and its place in the user's tree."""

    layer: int
    target: int
    path: str  # from the top
    depth: int


class Keeper:
    """Brings one layer into the directory `root`. `began` is when the sandbox started, in seconds since the epoch."""

    def __init__(self, root: str, began: float, user: tuple[int, int], kept: Kept) -> None:
        self._root = root
        self._began = int((began - _COARSE) * 1e9)
        self._user = user
        self._kept = kept
        self._owner = (-1, -1)

    def keep(self, layer: int) -> None:
        """Walk the layer. Raises OSError where the directory itself cannot be opened."""
        target = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            status = os.fstat(target)
            self._owner = (status.st_uid, status.st_gid)
            self._directory(_Level(layer, target, "", 0))
        finally:
            os.close(target)

    def _directory(self, level: _Level) -> None:
        names = _names(level.layer)
        bare = bool(_BARE & set(names)) and {*names, *_names(level.target)} >= _BARE
        for name in names:
            path = f"{level.path}{name}"
            try:
                status = os.stat(name, dir_fd=level.layer, follow_symlinks=False)
                if name.casefold() == ".git" or (bare and name in _COMMANDING):
                    self._metadata(level, name, path)
                elif stat.S_ISDIR(status.st_mode):
                    self._below(level, name, path, status)
                else:
                    self._entry(level, name, path, status)
            except OSError as error:
                self._kept.fail(path, error)

    def _metadata(self, level: _Level, name: str, path: str) -> None:
        """Our own mask of an absent repository is empty; anything else is somebody's attempt."""
        with contextlib.suppress(OSError), _opened(level.layer, name) as fd:
            if not _names(fd):
                return
        self._kept.leave_out(path, "repository metadata")

    def _below(self, level: _Level, name: str, path: str, status: os.stat_result) -> None:
        if level.depth >= _DEEPEST:
            self._kept.leave_out(path, f"more than {_DEEPEST} directories deep")
            return
        with _readable(level.layer, name, status), _opened(level.layer, name) as layer:
            there = _look(level.target, name)
            hides = _is_opaque(layer) and there is not None
            if there is None or not stat.S_ISDIR(there.st_mode):
                if there is not None and not self._clear(level, name, path, there):
                    return
                os.mkdir(name, 0o700, dir_fd=level.target)
                hides = False
            with _opened(level.target, name) as target:
                if hides:
                    self._remove_hidden(layer, target, path)
                self._directory(_Level(layer, target, f"{path}/", level.depth + 1))
                before = 0 if there is None else there.st_mode & _SET_ID
                self._give(target, status, there)
                os.fchmod(target, stat.S_IMODE(status.st_mode) & 0o1777 | before)

    def _remove_hidden(self, layer: int, target: int, path: str) -> None:
        """The command made this directory anew: what the old one held is gone."""
        for name in set(_names(target)) - set(_names(layer)):
            there = _look(target, name)
            if there is not None and self._clear(_Level(layer, target, f"{path}/", 0), name, f"{path}/{name}", there):
                self._kept.count += 1

    def _entry(self, level: _Level, name: str, path: str, status: os.stat_result) -> None:
        kind, there = stat.S_IFMT(status.st_mode), _look(level.target, name)
        gone = kind == stat.S_IFCHR and status.st_rdev == 0
        reason = "" if gone else self._refusal(level, name, status)
        if reason:
            self._kept.leave_out(path, reason)
            return
        if gone:
            if there is not None and self._clear(level, name, path, there):
                self._kept.count += 1
            return
        if there is not None and self._changed(there):
            self._kept.leave_out(path, "you changed it meanwhile")
            return
        if there is not None and stat.S_ISDIR(there.st_mode) and not self._clear(level, name, path, there):
            return
        self._write(level, name, status, there)
        self._kept.count += 1

    def _refusal(self, level: _Level, name: str, status: os.stat_result) -> str:
        if stat.S_ISLNK(status.st_mode):
            text = os.readlink(name, dir_fd=level.layer)
            return "" if _stays(text, level.depth, self._root) else "a link that leads out of the directory"
        if not stat.S_ISREG(status.st_mode):
            return "a device, socket or pipe"
        return "a set-user-ID or set-group-ID file" if status.st_mode & _SET_ID else ""

    def _write(self, level: _Level, name: str, status: os.stat_result, there: os.stat_result | None) -> None:
        """In one step for who looks: the new content takes the name of the old one."""
        fresh = f".loopwright-{secrets.token_hex(8)}"
        try:
            if stat.S_ISLNK(status.st_mode):
                os.symlink(os.readlink(name, dir_fd=level.layer), fresh, dir_fd=level.target)
                if os.geteuid() == 0:
                    os.chown(fresh, *self._owner, dir_fd=level.target, follow_symlinks=False)
            else:
                self._copy(level, name, fresh, status, there)
            os.rename(fresh, name, src_dir_fd=level.target, dst_dir_fd=level.target)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(fresh, dir_fd=level.target)
            raise

    def _copy(self, level: _Level, name: str, fresh: str, status: os.stat_result, there: os.stat_result | None) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with _readable(level.layer, name, status):
            source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=level.layer)
        try:
            made = os.open(fresh, flags, 0o600, dir_fd=level.target)
            try:
                _copy_content(source, made, status.st_size)
                self._give(made, status, there)
                os.fchmod(made, stat.S_IMODE(status.st_mode) & 0o1777)
                os.utime(made, ns=(status.st_atime_ns, status.st_mtime_ns))
            finally:
                os.close(made)
        finally:
            os.close(source)

    def _give(self, fd: int, status: os.stat_result, there: os.stat_result | None) -> None:
        """Root gives what a command made to the directory's owner, and what it changed to whom it belonged to."""
        if os.geteuid() != 0:
            return
        if there is not None:
            os.fchown(fd, there.st_uid, there.st_gid)
        else:
            uid = self._owner[0] if status.st_uid in (0, self._user[0]) else status.st_uid
            gid = self._owner[1] if status.st_gid in (0, self._user[1]) else status.st_gid
            os.fchown(fd, uid, gid)

    def _changed(self, there: os.stat_result) -> bool:
        return not stat.S_ISDIR(there.st_mode) and there.st_ctime_ns >= self._began

    def _clear(self, level: _Level, name: str, path: str, there: os.stat_result) -> bool:
        """Remove what stands there; False, with the reason said, where it has to stay."""
        if not stat.S_ISDIR(there.st_mode):
            if self._changed(there):
                self._kept.leave_out(path, "you changed it meanwhile")
                return False
            os.unlink(name, dir_fd=level.target)
            return True
        if reason := self._must_stay(level.target, name):
            self._kept.leave_out(path, reason)
            return False
        shutil.rmtree(name, dir_fd=level.target)
        return True

    def _must_stay(self, above: int, name: str) -> str:
        for _, directories, files, fd in os.fwalk(name, follow_symlinks=False, dir_fd=above):
            if any(n.casefold() == ".git" for n in (*directories, *files)):
                return "it holds repository metadata"
            for each in files:
                there = _look(fd, each)
                if there is not None and self._changed(there):
                    return "you changed something in it meanwhile"
        return ""


def _stays(text: str, depth: int, root: str) -> bool:
    """True for a link's text that cannot lead out: `..` only at its beginning, no more often than it lies deep."""
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if text.startswith("/"):
        return ".." not in parts and (text.rstrip("/") == root or text.startswith(root.rstrip("/") + "/"))
    climbs = 0
    while climbs < len(parts) and parts[climbs] == "..":
        climbs += 1
    return climbs <= depth and ".." not in parts[climbs:]


def _names(directory: int) -> list[str]:
    with os.scandir(directory) as entries:
        return sorted(entry.name for entry in entries)


def _look(directory: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _opened(directory: int, name: str) -> Iterator[int]:
    fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    try:
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def _readable(directory: int, name: str, status: os.stat_result) -> Iterator[None]:
    """A command may take its own rights away; as an ordinary user we need them back to read."""
    need = stat.S_IRUSR | (stat.S_IXUSR if stat.S_ISDIR(status.st_mode) else 0)
    if os.geteuid() != 0 and status.st_mode & need != need:
        os.chmod(name, stat.S_IMODE(status.st_mode) | need, dir_fd=directory)  # nobody is there to swap it for a link
    yield


def _is_opaque(fd: int) -> bool:
    for mark in _OPAQUE:
        with contextlib.suppress(OSError):
            if os.getxattr(fd, mark) == b"y":
                return True
    return False


def _copy_content(source: int, made: int, size: int) -> None:
    """Copy within the kernel, holes kept."""
    place = 0
    while place < size:
        try:
            start = os.lseek(source, place, os.SEEK_DATA)
        except OSError:
            break  # nothing but a hole is left
        end = os.lseek(source, start, os.SEEK_HOLE)
        os.lseek(made, start, os.SEEK_SET)
        while start < end:
            sent = os.sendfile(made, source, start, min(end - start, 1 << 24))
            if sent == 0:
                break
            start += sent
        place = end
    os.ftruncate(made, size)
