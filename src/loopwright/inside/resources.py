"""What ended children used, and limits for those to come, by the C library itself: the module `resource`, which a
shared library holds, would be found and loaded while the first command waits.

Structures and numbers as in getrusage(2), wait4(2) and getrlimit(2); those of limits are the same on every machine a
sandbox runs on, asm-generic/resource.h.
"""

import sys

from kernel import Held, call, checked, errno  # type: ignore[import-not-found]  # a neighbour by name, as the programs in here are run

CORE, PROCESSES, FILES = 4, 6, 7
_CHILDREN = -1
_EINTR = 4
_LONG = 8
_RUSAGE = 18 * _LONG


class Used:
    """User and system microseconds, and the largest process's peak in KiB."""

    def __init__(self, rusage: bytes) -> None:
        longs = [int.from_bytes(rusage[i : i + _LONG], sys.byteorder) for i in range(0, 5 * _LONG, _LONG)]
        self.user = longs[0] * 1_000_000 + longs[1]
        self.system = longs[2] * 1_000_000 + longs[3]
        self.peak = longs[4]


def used_by_children() -> Used:
    """What all children that ended used. Raises OSError."""
    rusage = Held(bytes(_RUSAGE))
    checked(call("getrusage", _CHILDREN, rusage.address), "getrusage")
    return Used(rusage.content)


def wait_for_any() -> tuple[int, int, Used]:
    """The next child that ends, its status and what it used. Raises OSError where there is none."""
    status, rusage = Held(bytes(_LONG)), Held(bytes(_RUSAGE))
    while (pid := call("wait4", -1, status.address, 0, rusage.address)) < 0 and errno() == _EINTR:
        pass
    checked(pid, "wait4")
    return pid, int.from_bytes(status.content[:4], sys.byteorder), Used(rusage.content)


def limit(kind: int, most: int) -> None:
    """This process and what it starts may use no more. Raises OSError."""
    held = Held(most.to_bytes(_LONG, sys.byteorder) * 2)
    checked(call("setrlimit", kind, held.address), "setrlimit")


def most(kind: int) -> int:
    """The most this process may raise a limit to. Raises OSError."""
    held = Held(bytes(2 * _LONG))
    checked(call("getrlimit", kind, held.address), "getrlimit")
    return int.from_bytes(held.content[_LONG:], sys.byteorder)
