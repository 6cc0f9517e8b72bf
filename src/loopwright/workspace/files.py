"""Files of a view as tools use them: relative paths that cannot lead out, whole writes, clear failures."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from loopwright.core.errors import ToolFailure
from loopwright.core.ports import Entry
from loopwright.workspace import beneath
from loopwright.workspace.beneath import names_in
from loopwright.workspace.content import keep_apart, write_all
from loopwright.workspace.names import is_git, parents, to_path, to_text
from loopwright.workspace.tree import Item

_REASONS = {
    errno.ENOENT: "{name}: no such file",
    errno.EISDIR: "{name} is a directory",
    errno.ENOTDIR: "{name}: a part of the path is not a directory",
    errno.EXDEV: "{name} leads outside the workspace",
    errno.ELOOP: "{name}: too many symbolic links, or one where none is allowed",
    errno.ENOSPC: "no space left in the view: delete something, or allow more with --disk or --inodes",
    errno.EDQUOT: "no space left in the view: delete something, or allow more with --disk or --inodes",
    errno.EACCES: "{name}: permission denied",
    errno.EROFS: "{name}: the view is read-only",
    errno.ENAMETOOLONG: "{name}: the name is too long",
    errno.EOVERFLOW: "{name} belongs to another user, so it cannot be changed in the view",
}


class ViewFiles:
    """The files below one directory descriptor. `members` gives the tree's files, `owner` who gets what is made."""

    def __init__(self, root: str, tree: int, owner: tuple[int, int], members: Callable[[], dict[bytes, Item]]) -> None:
        self._root, self._tree, self._owner, self._members = root, tree, owner, members

    def move(self, tree: int, owner: tuple[int, int]) -> None:
        """Stand on another view from now on."""
        self._tree, self._owner = tree, owner

    def read(self, path: str, limit: int = 64 << 20) -> bytes:
        """The content of a file of at most `limit` bytes. Raises ToolFailure."""
        with _told(path):
            fd = beneath.open_beneath(self._tree, self._path(path), os.O_RDONLY | os.O_NONBLOCK, follow=True)
            with os.fdopen(fd, "rb") as file:
                info = os.fstat(fd)
                if stat.S_ISDIR(info.st_mode):
                    raise IsADirectoryError(errno.EISDIR, "")
                if not stat.S_ISREG(info.st_mode):
                    raise ToolFailure(f"{path} is not a regular file")
                data = file.read(limit + 1) if info.st_size <= limit else None
                if data is None or len(data) > limit:
                    raise ToolFailure(f"{path} is too large: {info.st_size} bytes, at most {limit} are read")
                return data

    def write(self, path: str, data: bytes, mode: int | None = None) -> None:
        """Write a file, whole or not at all; directories are made. Raises ToolFailure."""
        name = self._writable(path)
        with _told(path):
            self._make_parents(name)
            with beneath.parent_of(self._tree, name, follow=True) as (above, last):
                old = _stat(above, last)
                if old is not None and stat.S_ISDIR(old.st_mode):
                    raise IsADirectoryError(errno.EISDIR, "")
                if old is not None and stat.S_ISLNK(old.st_mode):
                    self._write_through(name, data)
                    return
                kept = stat.S_IMODE(old.st_mode) if old is not None else 0o644
                self._replace(above, last, data, kept if mode is None else mode, old)

    def _replace(self, above: int, last: bytes, data: bytes, mode: int, old: os.stat_result | None) -> None:
        temporary = b".loopwright-" + secrets.token_hex(8).encode()
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=above)
        try:
            try:
                write_all(fd, data)
                keep_apart(fd, old)
                self._give(fd, (old.st_uid, old.st_gid) if old is not None else self._owner)
                os.fchmod(fd, mode & 0o777)
            finally:
                os.close(fd)
            os.rename(temporary, last, src_dir_fd=above, dst_dir_fd=above)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=above)
            raise

    def _write_through(self, name: bytes, data: bytes) -> None:
        """Into the file a link of the tree leads to; the link stays."""
        fd = beneath.open_beneath(self._tree, name, os.O_RDWR, follow=True)
        with os.fdopen(fd, "r+b", buffering=0) as file:
            if is_git(bytes(Path(f"/proc/self/fd/{fd}").readlink())):
                raise ToolFailure(f"{to_text(name)} leads into .git, which is read-only")
            before, old = file.readall(), os.fstat(fd)
            try:
                file.seek(0)
                write_all(fd, data)
                file.truncate(len(data))
                keep_apart(fd, old)
            except OSError:
                file.seek(0)
                write_all(fd, before)
                raise

    def delete(self, path: str) -> None:
        """Remove a file or a link. Raises ToolFailure."""
        name = self._writable(path)
        with _told(path), beneath.parent_of(self._tree, name, follow=True) as (above, last):
            os.unlink(last, dir_fd=above)

    def stat(self, path: str) -> Entry | None:
        """What stands at path, a link not followed; None where nothing does. Raises ToolFailure for one outside."""
        name = self._path(path)
        try:
            with _told(path):
                if not name:
                    return _entry(b"", os.fstat(self._tree))
                try:
                    with beneath.parent_of(self._tree, name, follow=True) as (above, last):
                        info = _stat(above, last)
                except (FileNotFoundError, NotADirectoryError):
                    return None
                return None if info is None else _entry(name, info)
        except UnicodeError:
            return None

    def entries(self, path: str = "") -> list[Entry]:
        """The entries of a directory, sorted, `.git` left out. Raises ToolFailure."""
        name = self._path(path)
        with _told(path or "."):
            fd = beneath.open_beneath(self._tree, name, os.O_RDONLY | os.O_DIRECTORY, follow=True)
            try:
                found = []
                for last in names_in(fd):
                    info = _stat(fd, last)
                    full = name + b"/" + last if name else last
                    if info is not None and not is_git(full):
                        found.append(_entry(full, info))
                return found
            finally:
                os.close(fd)

    def walk(self, path: str = "") -> list[Entry]:
        """All tracked or unignored files below path, sorted. Raises ToolFailure."""
        name = self._path(path)
        prefix = name + b"/" if name else b""
        members = self._members()
        return [
            Entry(to_text(each), "file" if item.kind == "f" else "link", item.size, item.mode)
            for each, item in sorted(members.items())
            if each.startswith(prefix) or each == name
        ]

    def _path(self, path: str) -> bytes:
        r"""The name meant; one listed with \xNN for bytes that are not UTF-8 is found again."""
        name = to_path(path, self._root)
        if b"\\x" in name and beneath.stat_beneath(self._tree, name) is None:
            for each in self._members():
                if to_text(each).encode() == name:
                    return each
        return name

    def _writable(self, path: str) -> bytes:
        name = self._path(path)
        if not name:
            raise ToolFailure(f"{path or '.'} is a directory")
        if is_git(name):
            raise ToolFailure(f"{path}: .git is read-only")
        return name

    def _make_parents(self, name: bytes) -> None:
        for above in reversed(parents(name)):
            with beneath.parent_of(self._tree, above, follow=True) as (fd, last):
                try:
                    os.mkdir(last, 0o755, dir_fd=fd)
                except FileExistsError:
                    continue
                made = os.open(last, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
                try:
                    self._give(made, self._owner)
                finally:
                    os.close(made)

    def _give(self, fd: int, owner: tuple[int, int]) -> None:
        if os.geteuid() == 0:
            os.fchown(fd, *owner)


def _stat(directory: int, name: bytes) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _entry(path: bytes, info: os.stat_result) -> Entry:
    kinds: dict[int, Literal["file", "dir", "link"]] = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link"}
    kind = kinds.get(stat.S_IFMT(info.st_mode))
    return Entry(to_text(path), kind or "other", info.st_size, stat.S_IMODE(info.st_mode))


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn the kernel's errors into lines an engine can act on."""
    try:
        yield
    except OSError as error:
        line = _REASONS.get(error.errno or 0, "{name}: " + (error.strerror or str(error)))
        raise ToolFailure(line.format(name=name)) from None
