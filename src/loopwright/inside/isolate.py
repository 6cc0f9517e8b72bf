"""What a process gives up before it starts code nobody has checked: mounts first, then rights, then system calls."""

from __future__ import annotations

import ctypes
import os

import landlock

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 4, 22, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_SIGKILL, _SECCOMP_MODE_FILTER = 9, 2
_MS_NOSUID, _MS_NODEV, _MS_REMOUNT = 2, 4, 32
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
_CLONE_NEWUSER = 0x10000000


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def _prctl(option: int, argument: object = 0, further: object = 0) -> None:
    if _libc.prctl(option, argument, further, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}: {os.strerror(ctypes.get_errno())}")


def hide() -> None:
    """Keep other processes of the same user from tracing this one and from reading its memory and descriptors."""
    _prctl(_PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """End when the parent ends."""
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def apply(fields: list[bytes]) -> bytes:
    """Do what the host asks for in order; returns `ready ABI` or `failed TEXT`, the answer for the host."""
    how, uid, gid, home, tmp_bytes, tmp_inodes, mapped, seccomp, *rules = fields
    try:
        if int(tmp_bytes):
            for target in (b"/tmp", b"/var/tmp", b"/dev/shm"):
                _limit_memory(target, int(tmp_bytes), int(tmp_inodes))
        if mapped:
            import ownership

            ownership.show_as_own(mapped, int(uid), int(gid))
        if how == b"drop":
            shrink_bounding_set()
            os.setgroups([])
            os.setresgid(int(gid), int(gid), int(gid))
            os.setresuid(int(uid), int(uid), int(uid))
        elif how == b"remap":
            leave_user_namespace(int(uid), int(gid))
            shrink_bounding_set()
        if home:
            os.makedirs(home, mode=0o700, exist_ok=True)
        if seccomp:
            drop_capabilities()
            die_with_parent()
            hide()
            _prctl(_PR_SET_NO_NEW_PRIVS, 1)
            abi = landlock.restrict(rules) if rules else 0
            _filter(bytes.fromhex(seccomp.decode()))
        else:
            abi = 0
    except (OSError, ValueError) as error:
        return b"failed\0" + str(error).encode()
    return b"ready\0%d" % abi


def _limit_memory(target: bytes, size: int, inodes: int) -> None:
    """Limit the bytes and inodes of a tmpfs that is mounted already, whatever is mounted below it."""
    options = b"size=%d,nr_inodes=%d" % (size, inodes)
    if _libc.mount(None, target, None, _MS_REMOUNT | _MS_NOSUID | _MS_NODEV, options) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"limit the size of {os.fsdecode(target)}: {os.strerror(code)}")


def leave_user_namespace(uid: int, gid: int) -> None:
    """Move into a user namespace below the one that owns the mounts, as an ordinary user; no further one can follow."""
    _write(b"/proc/sys/user/max_user_namespaces", b"1")
    if _libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), f"user namespace: {os.strerror(ctypes.get_errno())}")
    _write(b"/proc/self/setgroups", b"deny")
    _write(b"/proc/self/uid_map", b"%d 0 1" % uid)
    _write(b"/proc/self/gid_map", b"%d 0 1" % gid)


def _write(path: bytes, text: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text)
    finally:
        os.close(fd)


def shrink_bounding_set() -> None:
    """No program started from here can be given a capability by its file."""
    for number in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
            return  # past the last one this kernel has, or without the right to: no_new_privs follows all the same


def drop_capabilities() -> None:
    """Give up every capability for good. Raises OSError where one is left."""
    header = (ctypes.c_uint32 * 2)(_LINUX_CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()
    if _libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _filter(program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))
    wanted = _Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(wanted))
