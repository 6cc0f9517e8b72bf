"""The host name in a TLS ClientHello, read without touching what is encrypted (RFC 8446, RFC 6066)."""

from __future__ import annotations

import asyncio

_HANDSHAKE, _CLIENT_HELLO, _SERVER_NAME, _HOST_NAME = 22, 1, 0, 0
_LONGEST = 1 << 16


class NotTls(ValueError):
    """These bytes begin no TLS connection."""


async def read_hello(reader: asyncio.StreamReader) -> tuple[bytes, str]:
    """The bytes of the ClientHello, to be sent on, and the name it asks for ("" = none).

    Raises NotTls with the first bytes as its argument, ValueError for one that is broken or too long.
    """
    raw, handshake = b"", b""
    while len(handshake) < 4 or len(handshake) < 4 + int.from_bytes(handshake[1:4]):
        first = await reader.read(1)
        if not first:
            raise ValueError("the connection was closed")
        if first[0] != _HANDSHAKE:
            if raw:
                raise ValueError("broken TLS")
            raise NotTls(first)
        head = first + await reader.readexactly(4)
        piece = await reader.readexactly(int.from_bytes(head[3:5]))
        raw, handshake = raw + head + piece, handshake + piece
        if len(raw) > _LONGEST or not piece:
            raise ValueError("a ClientHello too long")
        if handshake[0] != _CLIENT_HELLO:
            raise ValueError("no ClientHello")
    return raw, server_name(handshake[4 : 4 + int.from_bytes(handshake[1:4])])


def server_name(hello: bytes) -> str:
    """The server name of a ClientHello's body, "" where it has none. Raises ValueError."""
    cursor = _Cursor(hello)
    cursor.take(2 + 32)
    cursor.take_sized(1)  # session
    cursor.take_sized(2)  # cipher suites
    cursor.take_sized(1)  # compression
    if not cursor.rest:
        return ""
    extensions = _Cursor(cursor.take_sized(2))
    names: list[str] = []
    while extensions.rest:
        kind = int.from_bytes(extensions.take(2))
        body = extensions.take_sized(2)
        if kind == _SERVER_NAME:
            listed = _Cursor(_Cursor(body).take_sized(2))
            while listed.rest:
                what, name = listed.take(1)[0], listed.take_sized(2)
                if what == _HOST_NAME:
                    names.append(name.decode("ascii"))
    if len(names) > 1:
        raise ValueError("more than one server name")
    return names[0] if names else ""


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.rest = data

    def take(self, count: int) -> bytes:
        if len(self.rest) < count:
            raise ValueError("a broken ClientHello")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def take_sized(self, width: int) -> bytes:
        return self.take(int.from_bytes(self.take(width)))
