"""Landlock: the last layer. What is not named here cannot be opened, even if a mount were undone.

Constants: include/uapi/linux/landlock.h; which rights a kernel knows follows its ABI version (landlock(7)).
"""

from __future__ import annotations

import ctypes
import os

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
#: How many filesystem rights each ABI version knows; the bits are given out in order.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_NEWEST_RIGHTS = 16
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15
_SCOPE_ABI, _SCOPE_ABSTRACT_UNIX, _SCOPE_SIGNAL = 6, 1, 2

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("access", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """The kernel's Landlock ABI, 0 where there is none."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)))


def restrict(rules: list[tuple[bytes, bytes]]) -> int:
    """Restrict this process and its descendants to paths to read (`r`) or write (`w`); returns the ABI, 0 if absent.

    Signals and abstract unix sockets stay inside as well from ABI 6 on.
    """
    abi = version()
    if not abi:
        return 0
    every = (1 << _RIGHTS.get(abi, _NEWEST_RIGHTS)) - 1
    scoped = _SCOPE_ABSTRACT_UNIX | _SCOPE_SIGNAL if abi >= _SCOPE_ABI else 0
    wanted = _Ruleset(every, 0, scoped)
    size = 24 if abi >= _SCOPE_ABI else 16 if abi >= 4 else 8
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(size), 0))
    reading = _EXECUTE | _READ_FILE | _READ_DIR
    try:
        for path, access in rules:
            _allow(ruleset, path, (every if access == b"w" else reading) & every)
        _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return abi


def _allow(ruleset: int, path: bytes, access: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            access &= _ON_FILES
        rule = _Beneath(access, fd)
        _checked(_libc.syscall(_ADD_RULE, ruleset, 1, ctypes.byref(rule), 0))
    finally:
        os.close(fd)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock: {os.strerror(code)}")
    return result
