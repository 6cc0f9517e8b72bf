"""Messages between the host, a supervisor and its keepers: fields joined by NUL, and descriptors beside them."""

import _socket
import posix as os
import sys

MESSAGE = 1 << 16
FDS = 32


def encode(*fields: str | bytes | int) -> bytes:
    """Join fields by NUL."""
    return b"\0".join(f if isinstance(f, bytes) else str(f).encode("utf-8", "surrogateescape") for f in fields)


def receive(control: _socket.socket) -> tuple[list[bytes], list[int]]:
    """One message and its descriptors; no fields at the end of the connection."""
    data, ancillary, _, _ = control.recvmsg(MESSAGE, _socket.CMSG_SPACE(FDS * 4), _socket.MSG_CMSG_CLOEXEC)
    fds: list[int] = []
    for _level, _kind, payload in ancillary:
        fds.extend(int.from_bytes(payload[i : i + 4], sys.byteorder) for i in range(0, len(payload) - 3, 4))
    if data == b"@":
        memory = fds.pop(0)
        data = os.pread(memory, os.fstat(memory).st_size, 0)
        os.close(memory)
    return (data.split(b"\0") if data else []), fds


def send(control: _socket.socket, fields: list[bytes], fds: list[int]) -> None:
    """Send one message with descriptors. Raises OSError where nobody takes it, or not in one piece."""
    rights = b"".join(fd.to_bytes(4, sys.byteorder) for fd in fds)
    control.sendmsg([b"\0".join(fields)], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
