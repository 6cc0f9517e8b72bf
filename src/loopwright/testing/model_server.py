"""A model server on the loopback interface that answers what it is told, for tests of engines and plugins.

It speaks Chat Completions, Responses, Anthropic Messages, Gemini and Mistral, streaming or not, records every request,
refuses what the real service would refuse, and misbehaves on demand.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import ModuleType, TracebackType
from typing import Any

import msgspec

from loopwright.testing import (
    model_server_anthropic,
    model_server_chat,
    model_server_google,
    model_server_http,
    model_server_mistral,
    model_server_responses,
)
from loopwright.testing.model_server_http import Reader
from loopwright.testing.model_server_script import Answer, Answers, Counted, Failure, Received, Reply, count

DIALECTS: dict[str, ModuleType] = {
    "/mistral/v1/chat/completions": model_server_mistral,
    "/chat/completions": model_server_chat,
    "/responses": model_server_responses,
    "/messages": model_server_anthropic,
    ":generateContent": model_server_google,
    ":streamGenerateContent": model_server_google,
}


class _Head(msgspec.Struct):
    model: str = ""
    stream: bool = False
    stream_options: dict[str, bool] | None = None
    include: list[str] | None = None


class ModelServer:
    """Serve scripted answers: `async with ModelServer([Reply(text="hi")]) as server: ... server.url`.

    `answers` is one answer a request, or a function from the request to its answer. When they have run out it says
    so with status 400. `instant` is for benchmarks: whole streams in one write, requests neither checked nor counted
    (usage says 4 bytes a token, nothing cached), and only the head of their bodies read.
    """

    def __init__(self, answers: Iterable[Answer] | Answers, *, instant: bool = False, record: bool = True) -> None:
        self._answer: Answers = answers if callable(answers) else _in_order(answers)
        self._instant = instant
        self._record = record
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._prefixes: list[list[bytes]] = []
        self.requests: list[Received] = []
        self.count = 0
        self.asked = asyncio.Event()  # set at the first request
        self.disconnects = 0  # clients that went away in the middle of an answer
        self.gone = asyncio.Event()  # set at the first of them

    async def __aenter__(self) -> ModelServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1. Raises OSError where the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connect, "127.0.0.1", port)

    def _connect(self) -> asyncio.StreamReaderProtocol:
        reader = Reader()

        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(reader, writer)

        return asyncio.StreamReaderProtocol(reader, serve)

    async def aclose(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None, "the server is not started"
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def root(self) -> str:
        """The address without a path: ANTHROPIC_BASE_URL, GEMINI_BASE_URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def mistral(self) -> str:
        """The address of what speaks as Mistral does: MISTRAL_BASE_URL."""
        return f"{self.root}/mistral"

    @property
    def addresses(self) -> dict[str, str]:
        """The variables that lead each provider's client here."""
        return {
            "OPENAI_BASE_URL": self.url,
            "ANTHROPIC_BASE_URL": self.root,
            "GEMINI_BASE_URL": self.root,
            "MISTRAL_BASE_URL": self.mistral,
        }

    @property
    def url(self) -> str:
        """The address with the version in its path: OPENAI_BASE_URL."""
        return f"{self.root}/v1"

    async def _serve(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while request := await model_server_http.read_request(reader):
                await self._respond(request, reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _respond(self, request: model_server_http.Request, reader: Reader, writer: asyncio.StreamWriter) -> None:
        dialect = next((d for path, d in DIALECTS.items() if request.path.partition("?")[0].endswith(path)), None)
        if request.method != "POST" or dialect is None:
            writer.write(model_server_http.whole(404, b'{"error":{"message":"no such path"}}', "application/json"))
            return await writer.drain()
        received = self._receive(request, dialect)
        complaint = "" if self._instant else dialect.complaint(received)
        answer = Failure(400, complaint) if complaint else self._answer(received)
        if isinstance(answer, Failure):
            return await self._fail(answer, dialect, writer)
        if self._instant:
            return await self._send(answer, received, dialect, writer)
        return await self._send_unless_gone(answer, received, dialect, reader, writer)

    async def _send_unless_gone(
        self, reply: Reply, received: Received, dialect: ModuleType, reader: Reader, writer: asyncio.StreamWriter
    ) -> None:
        sending = asyncio.create_task(self._send(reply, received, dialect, writer))
        leaving = asyncio.create_task(reader.ended.wait())
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                self.disconnects += 1
                self.gone.set()
                raise ConnectionResetError
            await sending
        finally:
            sending.cancel()
            leaving.cancel()

    def _receive(self, request: model_server_http.Request, dialect: ModuleType) -> Received:
        self.count += 1
        self.asked.set()
        received = Received(
            number=self.count,
            dialect=dialect.__name__.rpartition("_")[2],
            path=request.path,
            headers=request.headers,
            raw=request.body,
            body=self._read(request.body),
        )
        if self._record:
            self.requests.append(received)
        return received

    def _read(self, raw: bytes) -> dict[str, Any]:
        """The body; in instant mode only what an answer depends on, for a long history takes long to read."""
        if self._instant:
            head: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(raw, type=_Head))
            return head
        body: dict[str, Any] = msgspec.json.decode(raw)
        return body

    async def _send(self, reply: Reply, request: Received, dialect: ModuleType, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(reply.delay)
        counted = self._count(reply, request, dialect)
        if not (request.body.get("stream") or ":stream" in request.path):
            body = msgspec.json.encode(dialect.body(reply, request, counted))
            writer.write(model_server_http.whole(200, body, "application/json"))
            return await writer.drain()
        events = [
            model_server_http.event(name, data.encode() if isinstance(data, str) else msgspec.json.encode(data))
            for name, data in dialect.events(reply, request, counted)
        ]
        if self._instant:
            joined = model_server_http.chunk(b"".join(events)) + model_server_http.chunk(b"")
            writer.write(model_server_http.stream_head() + joined)
            return await writer.drain()
        return await model_server_http.send_stream(writer, _paced(reply, events, writer))

    async def _fail(self, failure: Failure, dialect: ModuleType, writer: asyncio.StreamWriter) -> None:
        if failure.drop:
            raise ConnectionAbortedError
        extra = {"retry-after": failure.retry_after} if failure.retry_after else {}
        body = msgspec.json.encode(dialect.error(failure))
        writer.write(model_server_http.whole(failure.status, body, "application/json", extra))
        await writer.drain()

    def _count(self, reply: Reply, request: Received, dialect: ModuleType) -> Counted:
        if self._instant:
            return count(reply, request, 0)
        mine = [msgspec.json.encode(part) for part in dialect.segments(request)]
        shared = max((_shared(mine, other) for other in self._prefixes), default=0)
        self._prefixes.append(mine)
        return count(reply, request, shared)


async def _paced(reply: Reply, events: list[bytes], writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    for number, event in enumerate(events):
        if reply.cut == number:
            writer.transport.abort()
            raise ConnectionAbortedError
        if reply.fade == number:
            return
        yield event
        await asyncio.sleep(reply.pace)


def _in_order(answers: Iterable[Answer]) -> Answers:
    left = iter(tuple(answers))

    def answer(request: Received) -> Answer:
        return next(left, Failure(400, "the script of the fake model server has run out"))

    return answer


def _shared(mine: list[bytes], other: list[bytes]) -> int:
    """Return how many bytes two requests share before their first difference: what a prompt cache could serve."""
    total = 0
    for a, b in zip(mine, other, strict=False):
        if a != b:
            break
        total += len(a)
    return total


def last_text(request: Received) -> str:
    """Return the last message of a request as JSON text, for answers that depend on what was said."""
    messages: list[Any] = request.body.get("messages") or request.body.get("input") or []
    return msgspec.json.encode(messages[-1]).decode() if messages else ""
