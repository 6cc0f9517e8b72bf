"""The only way out of a sandbox: a proxy on this side that serves a listening socket made inside.

A socket belongs to the network it was made in, whoever holds it. So the supervisor listens on the sandbox's own
loopback and hands the socket out; there is no process in between that a command could take over, and no path.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from loopwright.core.calls import Approval
from loopwright.core.expression import expression
from loopwright.core.oversight import NetworkRequest, Oversight
from loopwright.sandbox.network_head import BadRequest, Head, read_head
from loopwright.sandbox.network_hello import NotTls, read_hello
from loopwright.sandbox.network_rules import USUAL_PORTS, Rule, as_address, is_open, normal_host

#: Where commands find the proxy, on the sandbox's own loopback.
PORT = 3128
Verdict = Literal["allowed", "denied", "failed"]
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_PIECE = 1 << 16
_CHUNK = expression(rb"[0-9a-fA-F]{1,8}[ \t]*(;[^\r\n]*)?\r\n")
_SAID = {400: "Bad Request", 403: "Forbidden", 408: "Request Timeout", 431: "Request Header Fields Too Large",
         429: "Too Many Requests", 502: "Bad Gateway", 504: "Gateway Timeout"}  # fmt: skip


@dataclass(frozen=True)
class Patience:
    """Seconds, and how much of everything."""

    head: float = 10.0  # to send a request's head, or a ClientHello
    dial: float = 15.0
    idle: float = 60.0
    total: float = 900.0
    connections: int = 64
    bytes: int = 1 << 30  # both ways, all requests of a sandbox together


class Denied(Exception):
    """The request may not pass; the text says why."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The host's addresses. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


@dataclass
class _Exchange:
    """One connection of a client."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: Head | None = None
    sent: int = 0
    received: int = 0
    begun: bool = False  # the client has had an answer


@dataclass
class Proxy:
    """Serves one sandbox. `asks`: a host no rule covers is asked about, once."""

    rules: tuple[Rule, ...]
    asks: bool
    oversight: Oversight
    resolve: Resolve = resolve
    patience: Patience = Patience()
    requests: int = 0
    denied: int = 0
    _pinned: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _answers: dict[Rule, asyncio.Future[Approval]] = field(default_factory=dict)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _spent: int = 0

    async def serve(self, listener: socket.socket) -> None:
        """Serve what connects to the listener, from now on."""
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=_PIECE)

    async def aclose(self) -> None:
        """End every connection."""
        if self._server:
            for listener in self._server.sockets:
                asyncio.get_running_loop().remove_reader(listener)
            await _rounds()  # what was accepted just now reaches us; of a closed server it would stay open
            self._server.close()
        # What nobody has answered yet is asked no longer.
        ended: list[asyncio.Future[Any]] = [*self._tasks, *self._answers.values()]
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        await _rounds()  # what was closed lets go of its socket

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._handle(_Exchange(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: writer.close())  # one that is cancelled before it began closes nothing itself

    async def _handle(self, exchange: _Exchange) -> None:
        verdict: Verdict = "allowed"
        reason = ""
        try:
            async with asyncio.timeout(self.patience.total):
                if len(self._tasks) > self.patience.connections:
                    raise BadRequest(429, "too many connections at a time")
                async with asyncio.timeout(self.patience.head):
                    exchange.head = await read_head(exchange.reader)
                await self._pass(exchange, exchange.head)
        except EOFError:
            pass
        except Denied as error:
            verdict, reason = "denied", str(error)
            await self._refuse(exchange, 403, reason)
        except BadRequest as error:
            verdict, reason = "denied", str(error)
            await self._refuse(exchange, error.status, reason)
        except TimeoutError:
            verdict, reason = "failed", "it took too long"
            await self._refuse(exchange, 504 if exchange.head else 408, reason)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            verdict, reason = "failed", str(error) or type(error).__name__
            await self._refuse(exchange, 502, reason)
        finally:
            self._record(exchange, verdict, reason)

    def _record(self, exchange: _Exchange, verdict: Verdict, reason: str) -> None:
        head = exchange.head
        if head is None and not reason:
            return
        self.requests += 1
        self.denied += verdict == "denied"
        method, host, port = (head.method, head.host, head.port) if head else ("", "", 0)
        shown = NetworkRequest(method, host, port, verdict, reason, exchange.sent, exchange.received)
        self.oversight.observe(shown)

    async def _refuse(self, exchange: _Exchange, status: int, reason: str) -> None:
        if exchange.begun:
            return
        body = f"loopwright: {reason}\n".encode()
        head = f"HTTP/1.1 {status} {_SAID[status]}\r\nContent-Type: text/plain\r\nConnection: close\r\n"
        with contextlib.suppress(OSError, TimeoutError):
            exchange.writer.write(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            async with asyncio.timeout(self.patience.head):
                await exchange.writer.drain()

    async def _pass(self, exchange: _Exchange, head: Head) -> None:
        rule = await self._permit(head)
        async with asyncio.timeout(self.patience.dial):
            address = await self._address(head)
            server_reader, server_writer = await asyncio.open_connection(address, head.port, limit=_PIECE)
        try:
            if head.method == "CONNECT":
                await self._tunnel(exchange, head, rule, server_reader, server_writer)
            else:
                await self._forward(exchange, head, server_reader, server_writer)
        finally:
            server_writer.close()

    async def _permit(self, head: Head) -> Rule:
        """The rule that covers the request. Raises Denied."""
        for rule in self.rules:
            if rule.covers(head.host, head.port):
                return rule
        if not self.asks:
            raise Denied(f"{head.host}:{head.port} is not allowed")
        rule = Rule(head.host, port=None if head.port in USUAL_PORTS else head.port)
        if rule not in self._answers:
            asked = NetworkRequest(head.method, head.host, head.port, "denied", "asked")
            self._answers[rule] = asyncio.ensure_future(self._ask(asked))
        answer = await asyncio.shield(self._answers[rule])
        if not answer.granted:
            raise Denied(f"{head.host}:{head.port} is not allowed: {answer.text or 'the answer was no'}")
        return rule

    async def _ask(self, request: NetworkRequest) -> Approval:
        return await self.oversight.ask(request)

    async def _address(self, head: Head) -> str:
        """The address to connect to: resolved once for each name, so that it cannot change between check and use."""
        literal = as_address(head.host)
        if head.host not in self._pinned:
            found = [head.host] if literal else await self.resolve(head.host, head.port)
            self._pinned[head.host] = tuple(found)
        named = [*self.rules, *(rule for rule, answer in self._answers.items() if _granted(answer))]
        for text in self._pinned[head.host]:
            address = as_address(text.partition("%")[0])
            if address is not None and is_open(address, head.host, named):
                return str(address)
        raise Denied(f"{head.host} leads to an address of this machine or its network")

    async def _tunnel(
        self,
        exchange: _Exchange,
        head: Head,
        rule: Rule,
        server_reader: asyncio.StreamReader,
        server_writer: asyncio.StreamWriter,
    ) -> None:
        exchange.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        exchange.begun = True
        try:
            async with asyncio.timeout(self.patience.head):
                first, name = await read_hello(exchange.reader)
        except NotTls as error:
            if rule.port in (None, 443):
                raise Denied("only TLS may pass a tunnel to a port that was not named") from None
            first, name = error.args[0], head.host
        except (ValueError, asyncio.IncompleteReadError):
            raise Denied("no proper TLS began in the tunnel") from None
        if not _same_host(name, head.host):
            raise Denied(f"the TLS in the tunnel asks for {name or 'no name'}, not for {head.host}")
        self._count(exchange, sent=len(first))
        server_writer.write(first)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(exchange, exchange.reader, server_writer, up=True))
                group.create_task(self._pump(exchange, server_reader, exchange.writer, up=False))
        except ExceptionGroup as failed:  # not `except*`: Python 3.11.2 puts what is raised in there into a group
            raise _first(failed) from None

    async def _forward(
        self,
        exchange: _Exchange,
        head: Head,
        server_reader: asyncio.StreamReader,
        server_writer: asyncio.StreamWriter,
    ) -> None:
        """One request with exactly its body: no second one, for another host, can follow on the same connection."""
        start = head.for_server()
        self._count(exchange, sent=len(start))
        server_writer.write(start)
        body = asyncio.ensure_future(self._send_body(exchange, head, server_writer))
        try:
            await self._pump(exchange, server_reader, exchange.writer, up=False)
        finally:
            body.cancel()
            await asyncio.gather(body, return_exceptions=True)

    async def _send_body(self, exchange: _Exchange, head: Head, writer: asyncio.StreamWriter) -> None:
        if head.length is not None:
            await self._send_exactly(exchange, head.length, writer)
            return
        while True:
            line = await exchange.reader.readuntil(b"\r\n")
            if not _CHUNK.fullmatch(line):
                raise ValueError("a broken body")
            size = int(line.split(b";")[0].strip(), 16)
            writer.write(b"%x\r\n" % size)
            await self._send_exactly(exchange, size, writer)
            if await exchange.reader.readexactly(2) != b"\r\n":
                raise ValueError("a broken body")  # trailers are not passed on
            writer.write(b"\r\n")
            if size == 0:
                return

    async def _send_exactly(self, exchange: _Exchange, size: int, writer: asyncio.StreamWriter) -> None:
        while size:
            async with asyncio.timeout(self.patience.idle):
                data = await exchange.reader.read(min(size, _PIECE))
                if not data:
                    raise ValueError("the body ends too early")
                self._count(exchange, sent=len(data))
                writer.write(data)
                await writer.drain()
            size -= len(data)

    async def _pump(
        self, exchange: _Exchange, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                async with asyncio.timeout(self.patience.idle):
                    data = await reader.read(_PIECE)
                    if not data:
                        break
                    exchange.begun = True
                    self._count(exchange, **{"sent" if up else "received": len(data)})
                    writer.write(data)
                    await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

    def _count(self, exchange: _Exchange, sent: int = 0, received: int = 0) -> None:
        exchange.sent += sent
        exchange.received += received
        self._spent += sent + received
        if self._spent > self.patience.bytes:
            raise Denied(f"more than {self.patience.bytes} bytes over the network")


def _first(group: BaseExceptionGroup[Exception]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _granted(answer: asyncio.Future[Approval]) -> bool:
    return answer.done() and not answer.cancelled() and answer.exception() is None and answer.result().granted


def _same_host(name: str, host: str) -> bool:
    if not name:
        return as_address(host) is not None
    try:
        return normal_host(name) == host
    except ValueError:
        return False


async def _rounds() -> None:
    """Let the event loop come round: it makes a connection in two, and ends one in the next."""
    for _ in range(3):
        await asyncio.sleep(0)
