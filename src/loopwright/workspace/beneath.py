"""Opening paths that cannot lead out of a directory: openat2(2), and a walk of components where it is missing."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

_SYS_OPENAT2 = 437  # the same on every architecture
_RESOLVE_NO_MAGICLINKS, _RESOLVE_NO_SYMLINKS, _RESOLVE_BENEATH = 2, 4, 8
_RENAME_NOREPLACE, _RENAME_EXCHANGE = 1, 2
_RETRIES = 32  # EAGAIN: something was renamed while the kernel resolved the path

_libc = ctypes.CDLL(None, use_errno=True)
_missing = False  # no openat2 here: an old kernel, or a filter around us


class _OpenHow(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


def open_beneath(directory: int, path: bytes, flags: int, mode: int = 0, *, follow: bool = False) -> int:
    """Open path below a directory descriptor. With `follow`, symbolic links may be used if they stay inside.

    Raises OSError; ELOOP for a link where none is allowed, EXDEV for a path that leads out.
    """
    global _missing
    if not path:
        path = b"."
    if _missing:
        return _walk(directory, path, flags, mode)
    resolve = _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS | (0 if follow else _RESOLVE_NO_SYMLINKS)
    how = _OpenHow(flags | os.O_CLOEXEC, mode if flags & os.O_CREAT else 0, resolve)
    for _ in range(_RETRIES):
        fd = _libc.syscall(_SYS_OPENAT2, directory, path, ctypes.byref(how), ctypes.sizeof(how))
        if fd >= 0:
            return int(fd)
        code = ctypes.get_errno()
        if code in (errno.ENOSYS, errno.EPERM) and not _works():
            _missing = True
            return _walk(directory, path, flags, mode)
        if code not in (errno.EAGAIN, errno.EINTR):
            raise OSError(code, os.strerror(code), os.fsdecode(path))
    raise OSError(errno.EAGAIN, "changed while it was being opened", os.fsdecode(path))


def _works() -> bool:
    how = _OpenHow(os.O_PATH | os.O_CLOEXEC, 0, 0)
    fd = _libc.syscall(_SYS_OPENAT2, -100, b"/", ctypes.byref(how), ctypes.sizeof(how))
    if fd >= 0:
        os.close(fd)
    return bool(fd >= 0)


def _walk(directory: int, path: bytes, flags: int, mode: int) -> int:
    """Without openat2 no link is followed at all: stricter, never weaker."""
    *above, name = [part for part in path.split(b"/") if part != b"."] or [b"."]
    if b".." in above or name == b"..":
        raise OSError(errno.EXDEV, "leads out", os.fsdecode(path))
    at = os.dup(directory)
    try:
        for part in above:
            deeper = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = deeper
        return os.open(name, flags | os.O_NOFOLLOW, mode, dir_fd=at)
    finally:
        os.close(at)


@contextmanager
def parent_of(directory: int, path: bytes, *, follow: bool = False) -> Iterator[tuple[int, bytes]]:
    """The directory that holds path, and the last name. Raises OSError as open_beneath does."""
    above, _, name = path.rpartition(b"/")
    fd = open_beneath(directory, above, os.O_RDONLY | os.O_DIRECTORY, follow=follow)
    try:
        yield fd, name
    finally:
        os.close(fd)


def names_in(directory: int) -> list[bytes]:
    """The names in an open directory, sorted."""
    with os.scandir(directory) as found:
        return sorted(os.fsencode(entry.name) for entry in found)


def stat_beneath(directory: int, path: bytes) -> os.stat_result | None:
    """What stands at path, links not followed; None where nothing does."""
    try:
        with parent_of(directory, path) as (fd, name):
            return os.stat(name or b".", dir_fd=fd, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise


#: A name in an open directory.
Place = tuple[int, bytes]


def exchange(one: Place, other: Place, aside: bytes) -> None:
    """Swap two names in one step; where the file system cannot, by way of the name `aside` next to `one`.

    Raises OSError.
    """
    if _rename(one, other, _RENAME_EXCHANGE):
        return
    os.rename(other[1], aside, src_dir_fd=other[0], dst_dir_fd=one[0])
    os.rename(one[1], other[1], src_dir_fd=one[0], dst_dir_fd=other[0])
    os.rename(aside, one[1], src_dir_fd=one[0], dst_dir_fd=one[0])


def move_new(source: Place, target: Place) -> None:
    """Rename, but never over something. Raises FileExistsError, OSError."""
    if _rename(source, target, _RENAME_NOREPLACE):
        return
    try:
        os.stat(target[1], dir_fd=target[0], follow_symlinks=False)
    except FileNotFoundError:
        os.rename(source[1], target[1], src_dir_fd=source[0], dst_dir_fd=target[0])
        return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fsdecode(target[1]))


def _rename(source: Place, target: Place, flags: int) -> bool:
    """False where the file system does not know the flags."""
    if _libc.renameat2(source[0], source[1], target[0], target[1], ctypes.c_uint(flags)) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(code, os.strerror(code), os.fsdecode(target[1]))
