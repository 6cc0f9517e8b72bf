"""The head of a request to the proxy (RFC 9112): read with an end to its size, and rewritten for the server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from loopwright.core.expression import expression
from loopwright.sandbox.network_rules import normal_host, split_port

_LONGEST, _MOST_LINES = 16 << 10, 100
_TOKEN = expression(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: Headers for the proxy, not for the server, and those that this proxy sets itself.
_OURS = frozenset(
    {b"connection", b"proxy-connection", b"proxy-authorization", b"keep-alive", b"te", b"upgrade", b"host"}
)


class BadRequest(ValueError):
    """`status` is what the client is told."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Head:
    """A request line and its headers. `length` is the body's size, None for a chunked one."""

    method: str
    host: str
    port: int
    path: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    length: int | None = 0

    def for_server(self) -> bytes:
        """The head as the server gets it: one request, then the connection ends."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        where = name if self.port == 80 else f"{name}:{self.port}"
        lines = [f"{self.method} {self.path} HTTP/1.1".encode(), b"Host: " + where.encode(), b"Connection: close"]
        lines += [name + b": " + value for name, value in self.headers if name.lower() not in _OURS]
        return b"\r\n".join([*lines, b"", b""])


async def read_head(reader: asyncio.StreamReader) -> Head:
    """The next request. Raises BadRequest, EOFError where the client has closed."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise BadRequest(431, "the head of the request is too large") from None
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            raise EOFError from None
        raise BadRequest(400, "the request ends in its head") from None
    lines = raw[:-4].split(b"\r\n")
    if len(raw) > _LONGEST or len(lines) > _MOST_LINES:
        raise BadRequest(431, "the head of the request is too large")
    return _parse(lines)


def _parse(lines: list[bytes]) -> Head:
    words = lines[0].split(b" ")
    if len(words) != 3 or not _TOKEN.fullmatch(words[0]) or words[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise BadRequest(400, "not a request")
    headers = tuple(_header(line) for line in lines[1:])
    method, target = words[0].decode(), _text(words[1])
    try:
        if method == "CONNECT":
            name, port = split_port(target)
            if port is None:
                raise BadRequest(400, "CONNECT needs HOST:PORT")
            return Head(method, normal_host(name), port, headers=headers)
        url = urlsplit(target)
        if url.scheme.lower() != "http" or not url.netloc or "@" in url.netloc:
            raise BadRequest(400, "this is a proxy: the request must name http://HOST/PATH, or CONNECT")
        name, port = split_port(url.netloc)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        return Head(method, normal_host(name), port or 80, path, headers, _length(headers))
    except BadRequest:
        raise
    except ValueError as error:
        raise BadRequest(400, str(error)) from None


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon or not _TOKEN.fullmatch(name) or any(c in value for c in b"\r\n\0"):
        raise BadRequest(400, "a header that is none")
    return name, value.strip(b" \t")


def _text(target: bytes) -> str:
    text = target.decode("utf-8", "strict") if not target.isascii() else target.decode()
    if any(ord(c) < 33 or ord(c) == 127 for c in text):
        raise BadRequest(400, "a target with a control character")
    return text


def _length(headers: tuple[tuple[bytes, bytes], ...]) -> int | None:
    lengths = {value for name, value in headers if name.lower() == b"content-length"}
    codings = [value.lower() for name, value in headers if name.lower() == b"transfer-encoding"]
    if codings and (lengths or codings != [b"chunked"]):
        raise BadRequest(400, "a body whose length is not certain")
    if codings:
        return None
    if len(lengths) > 1 or not all(value.isdigit() and len(value) < 16 for value in lengths):
        raise BadRequest(400, "a body whose length is not certain")
    return int(lengths.pop()) if lengths else 0
