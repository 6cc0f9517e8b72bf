"""Landlock: the last layer. What is not named here cannot be opened, even if a mount were undone.

Constants: include/uapi/linux/landlock.h; which rights a kernel knows follows its ABI version (landlock(7)).
"""

import posix as os

from kernel import call, checked, is_directory, number  # type: ignore[import-not-found]  # a neighbour by name, as the programs in here are run

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
#: How many filesystem rights each ABI version knows; the bits are given out in order.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_NEWEST_RIGHTS = 16
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15
_SCOPE_ABI, _SCOPE_ABSTRACT_UNIX, _SCOPE_SIGNAL = 6, 1, 2


def version() -> int:
    """The kernel's Landlock ABI, 0 where there is none."""
    abi: int = call("syscall", _CREATE_RULESET, None, 0, _VERSION_FLAG)
    return max(0, abi)


def restrict(rules: list[tuple[bytes, bytes]]) -> int:
    """Restrict this process and its descendants to paths to read (`r`) or write (`w`); returns the ABI, 0 if absent.

    Signals and abstract unix sockets stay inside as well from ABI 6 on.
    """
    abi = version()
    if not abi:
        return 0
    every = (1 << _RIGHTS.get(abi, _NEWEST_RIGHTS)) - 1
    scoped = _SCOPE_ABSTRACT_UNIX | _SCOPE_SIGNAL if abi >= _SCOPE_ABI else 0
    wanted = number(every, 8) + bytes(8) + number(scoped, 8)  # struct landlock_ruleset_attr: fs, net, scoped
    size = 24 if abi >= _SCOPE_ABI else 16 if abi >= 4 else 8
    ruleset = checked(call("syscall", _CREATE_RULESET, wanted, size, 0), "landlock")
    reading = _EXECUTE | _READ_FILE | _READ_DIR
    try:
        for path, access in rules:
            _allow(ruleset, path, (every if access == b"w" else reading) & every)
        checked(call("syscall", _RESTRICT_SELF, ruleset, 0), "landlock")
    finally:
        os.close(ruleset)
    return abi


def _allow(ruleset: int, path: bytes, access: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not is_directory(path):
            access &= _ON_FILES
        rule = number(access, 8) + number(fd, 4)  # struct landlock_path_beneath_attr, packed
        checked(call("syscall", _ADD_RULE, ruleset, 1, rule, 0), "landlock")
    finally:
        os.close(fd)
