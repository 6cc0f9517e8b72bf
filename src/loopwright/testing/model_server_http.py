"""As much HTTP/1.1 as a fake model server needs: requests with a body, answers whole or as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from http import HTTPStatus

import msgspec

MAX_HEAD = 64 << 10


class Request(msgspec.Struct, frozen=True):
    """One request off the wire; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reader(asyncio.StreamReader):
    """A connection's incoming side; `ended` is set when the client has gone away."""

    def __init__(self) -> None:
        super().__init__(limit=MAX_HEAD)
        self.ended = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.ended.set()

    def set_exception(self, exc: BaseException) -> None:
        super().set_exception(exc)  # type: ignore[arg-type]
        self.ended.set()


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request of a connection, None where the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    lines = head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name:
            headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


def whole(status: int, body: bytes, kind: str, extra: dict[str, str] | None = None) -> bytes:
    """Return a complete answer."""
    headers = {"content-type": kind, "content-length": str(len(body)), **(extra or {})}
    return _head(status, headers) + body


def event(name: str, data: bytes) -> bytes:
    """Return one server-sent event."""
    return (b"event: " + name.encode() + b"\n" if name else b"") + b"data: " + data + b"\n\n"


def stream_head() -> bytes:
    """Return the head of a chunked stream of server-sent events."""
    return _head(200, {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"})


def chunk(data: bytes) -> bytes:
    """Return one chunk; that of no data ends the stream."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def send_stream(writer: asyncio.StreamWriter, events: AsyncIterable[bytes]) -> None:
    """Send events as they come. Raises ConnectionError when the client has gone."""
    writer.write(stream_head())
    async for data in events:
        writer.write(chunk(data))
        await writer.drain()
    writer.write(chunk(b""))
    await writer.drain()


def _head(status: int, headers: dict[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
