"""The host's end of the stream to the first process of a container."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from loopwright.core.errors import SandboxError
from loopwright.sandbox.container_frames import Decoder, Frame, encode

_PIECE = 1 << 18
#: Seconds between two signs of life to the container, which ends itself when they stay away.
_ALIVE = 10.0


class Link:
    """Sends frames in order and hands each that comes to `heard`; `lost` is called once, when the stream has ended."""

    def __init__(self, sock: socket.socket, heard: Callable[[Frame], None], lost: Callable[[str], None]) -> None:
        sock.setblocking(False)
        self._sock, self._heard, self._lost = sock, heard, lost
        self._loop = asyncio.get_running_loop()
        self._decoder = Decoder()
        self._out = bytearray()
        self._writing = False
        self._closed = False
        self._loop.add_reader(sock, self._read)
        self._timer = self._loop.call_later(_ALIVE, self._ping)

    def send(self, kind: bytes, ident: int, payload: bytes = b"") -> None:
        """Send one frame as soon as the daemon takes it; never waits."""
        if not self._closed:
            self._out += encode(kind, ident, payload)
            self._write()

    def complaint(self) -> str:
        """The last line the container wrote to standard error."""
        return self._decoder.complaint()

    def close(self) -> None:
        """Hang up: the container's first process ends, and everything with it."""
        if self._closed:
            return
        self._closed = True
        self._timer.cancel()
        self._loop.remove_reader(self._sock)
        if self._writing:
            self._loop.remove_writer(self._sock)
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _ping(self) -> None:
        self._timer = self._loop.call_later(_ALIVE, self._ping)
        self.send(b"p", 0)

    def _write(self) -> None:
        try:
            while self._out:
                del self._out[: self._sock.send(self._out)]
        except BlockingIOError:
            if not self._writing:
                self._writing = True
                self._loop.add_writer(self._sock, self._write)
            return
        except OSError as error:
            self._end(error.strerror or str(error))
            return
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._sock)

    def _read(self) -> None:
        try:
            data = self._sock.recv(_PIECE)
            if not data:
                self._end("")
                return
            for frame in self._decoder.feed(data):
                self._heard(frame)
        except BlockingIOError:
            return
        except (OSError, SandboxError) as error:
            self._end(str(error))

    def _end(self, why: str) -> None:
        if not self._closed:
            self.close()
            self._lost(self.complaint() or why)
