"""Taking descriptors from the first process of a container: what listens inside is then served from here.

pidfd_getfd(2) needs the rights of a tracer, so root's, and a process that this machine's kernel runs.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

from loopwright.core.errors import SandboxError

_PIDFD_GETFD = 438  # the same on all machines (include/uapi/asm-generic/unistd.h)
#: What may be taken; a number that means something else in another kernel's process is let go.
_KINDS = ("socket:", "anon_inode:seccomp notify")


def may_borrow(runtime: str) -> bool:
    """Whether containers of this runtime can lend anything to this process: another runtime's kernel has its own."""
    return os.geteuid() == 0 and runtime in ("", "runc")


def borrow(pid: int, numbers: Sequence[int]) -> list[int]:
    """The process's descriptors of these numbers, as ours. Raises SandboxError where one cannot be taken."""
    taken: list[int] = []
    try:
        handle = os.pidfd_open(pid) if pid else -1
        try:
            for number in numbers:
                taken.append(_take(handle, number))
        finally:
            if handle >= 0:
                os.close(handle)
    except OSError as error:
        for fd in taken:
            os.close(fd)
        said = error.strerror or str(error)
        raise SandboxError(f"what listens in the container cannot be served from here: {said}") from None
    return taken


def _take(handle: int, number: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    fd = int(libc.syscall(_PIDFD_GETFD, handle, number, 0))
    if fd < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    if not str(Path(f"/proc/self/fd/{fd}").readlink()).startswith(_KINDS):
        os.close(fd)
        raise OSError(0, "it is another kernel's")
    return fd
