"""System calls told by the kernel while a command runs: which programs start, where ways to others are opened.

A thread of its own answers, so that no command waits for whatever else this process does. Every call is let through
("continue", seccomp_unotify(2)): its arguments may change after they were read, so this is a record and no wall.
Layouts: include/uapi/linux/seccomp.h.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import struct
import threading
from collections.abc import Callable

from loopwright.core.oversight import Observation, SystemCall
from loopwright.sandbox.seccomp import audited_name

_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTICE = struct.Struct("=QIIiIQ6Q")  # id, pid, flags, number, architecture, instruction, arguments
_ANSWER = struct.Struct("=QqiI")  # id, value, error, flags
_CONTINUE = 1
_LONGEST = 256


class Audit:
    """Serves one sandbox's listener until the last process under its filter is gone."""

    def __init__(self, listener: int, observe: Callable[[Observation], None]) -> None:
        self._listener = listener
        self._observe = observe
        self._wake = os.eventfd(0, os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._serve, name="loopwright-audit", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; called when the sandbox has ended, since without an answer its calls would fail."""
        os.eventfd_write(self._wake, 1)
        self._thread.join()
        os.close(self._wake)

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        try:
            while True:
                ready = dict(poll.poll())
                if self._wake in ready or ready.get(self._listener, 0) & (select.POLLHUP | select.POLLERR):
                    return
                with contextlib.suppress(OSError):  # the process was killed meanwhile
                    self._answer()
        finally:
            os.close(self._listener)

    def _answer(self) -> None:
        notice = bytearray(_NOTICE.size)
        fcntl.ioctl(self._listener, _RECEIVE, notice)
        ident, pid, _, number, _, _, *arguments = _NOTICE.unpack(notice)
        try:
            seen = _describe(number, pid, arguments)
        finally:
            fcntl.ioctl(self._listener, _SEND, bytearray(_ANSWER.pack(ident, 0, 0, _CONTINUE)))
        if seen is not None:
            self._observe(seen)


def _describe(number: int, pid: int, arguments: list[int]) -> SystemCall | None:
    name = audited_name(number)
    if name is None:
        return None
    if name in ("connect", "bind"):
        return SystemCall(name, pid, _address(_memory(pid, arguments[1], min(arguments[2], 128))))
    place = arguments[1] if name == "execveat" else arguments[0]
    return SystemCall(name, pid, _memory(pid, place, _LONGEST).split(b"\0")[0].decode(errors="replace"))


def _memory(pid: int, place: int, size: int) -> bytes:
    """What stands there, b"" where it cannot be read."""
    try:
        fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        with contextlib.suppress(OSError, OverflowError):
            return os.pread(fd, size, place)
        page = 4096 - place % 4096
        with contextlib.suppress(OSError, OverflowError):
            return os.pread(fd, min(size, page), place)
        return b""
    finally:
        os.close(fd)


def _address(raw: bytes) -> str:
    """A socket address in words."""
    if len(raw) < 2:
        return ""
    family = int.from_bytes(raw[:2], "little")
    if family == socket.AF_INET and len(raw) >= 8:
        return f"{socket.inet_ntop(family, raw[4:8])}:{int.from_bytes(raw[2:4])}"
    if family == socket.AF_INET6 and len(raw) >= 24:
        return f"[{socket.inet_ntop(family, raw[8:24])}]:{int.from_bytes(raw[2:4])}"
    if family == socket.AF_UNIX:
        name = raw[2:]
        shown = "@" + name[1:].rstrip(b"\0").decode(errors="replace") if name[:1] == b"\0" else ""
        return f"unix:{shown or name.split(bytes(1))[0].decode(errors='replace')}"
    return f"family {family}"
