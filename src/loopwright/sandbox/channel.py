"""The host's end of the socket to a supervisor (see inside/supervisor.py for the messages)."""

from __future__ import annotations

import array
import asyncio
import os
import socket
from collections.abc import Callable, Sequence

#: What is sent whole; a longer message goes into a memory file.
_LONGEST = 60_000
_ROOM = 1 << 16
#: Descriptors in one message: the tree, the layers and the listener of the audit.
_FDS = 64


class Channel:
    """Sends requests, and hands each answer to `heard`; `closed` is called once when the supervisor is gone."""

    def __init__(
        self, sock: socket.socket, heard: Callable[[list[bytes], list[int]], None], closed: Callable[[], None]
    ) -> None:
        self._sock = sock
        self._heard = heard
        self._closed = closed
        self._loop = asyncio.get_running_loop()
        sock.setblocking(False)
        self._loop.add_reader(sock, self._read)

    def send(self, fields: Sequence[str | bytes | int], fds: Sequence[int] = ()) -> None:
        """Send one request. Raises OSError where the supervisor is gone or does not take it."""
        data = b"\0".join(f if isinstance(f, bytes) else os.fsencode(str(f)) for f in fields)
        if len(data) <= _LONGEST:
            self._send(data, fds)
            return
        memory = os.memfd_create("request", os.MFD_CLOEXEC)
        try:
            with os.fdopen(os.dup(memory), "wb") as file:
                file.write(data)
            self._send(b"@", (memory, *fds))
        finally:
            os.close(memory)

    def _send(self, data: bytes, fds: Sequence[int]) -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self._sock.sendmsg([data], rights, socket.MSG_NOSIGNAL)

    def _read(self) -> None:
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(self._sock, _ROOM, _FDS, socket.MSG_CMSG_CLOEXEC)
            except BlockingIOError:
                return
            except OSError:
                data, fds = b"", []
            if not data:
                self.close()
                self._closed()
                return
            self._heard(data.split(b"\0"), fds)

    def close(self) -> None:
        """Hang up: the supervisor ends everything it started."""
        if self._sock.fileno() >= 0:
            self._loop.remove_reader(self._sock)
            self._sock.close()
