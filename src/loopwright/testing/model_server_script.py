"""What the fake model server is told to answer, and what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from loopwright.core.fact import JsonValue


class ScriptedCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tool call of a reply. A string as `args` goes out as it is: malformed arguments are made that way."""

    tool: str
    args: dict[str, JsonValue] | str = {}
    id: str = ""  # "" = made from the number of the request


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer of the model. Nothing set = an empty reply. Token counts of None are worked out from the request."""

    text: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    reasoning: str = ""
    input_tokens: int | None = None  # cached ones included
    cached_tokens: int | None = None
    output_tokens: int | None = None  # reasoning included
    reasoning_tokens: int = 0
    usage: bool = True  # False = the server reports none, as some local servers do
    stop: str = ""  # length: the answer was cut at the token limit
    piece: int = 0  # characters per delta, 0 = all in one
    delay: float = 0.0  # seconds before the first byte
    pace: float = 0.0  # seconds between events
    cut: int | None = None  # drop the connection after so many events
    fade: int | None = None  # end the stream after so many events, in good order, as some proxies do


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer with an error status. `retry_after` is seconds; `drop` closes the connection without a word."""

    status: int = 500
    message: str = "scripted failure"
    code: str = ""
    retry_after: str = ""
    drop: bool = False


class Received(msgspec.Struct, frozen=True):
    """One request as it came: the exact bytes, and the body read from them."""

    number: int
    dialect: str
    path: str
    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]


Answer = Reply | Failure
Answers = Callable[[Received], Answer]


def pieces(text: str, size: int) -> list[str]:
    """Return text in pieces of `size` characters (0 = one piece); none for an empty text."""
    if not text:
        return []
    return [text[at : at + size] for at in range(0, len(text), size)] if size else [text]


def arguments(call: ScriptedCall) -> str:
    """Return a call's arguments as they go over the wire."""
    return call.args if isinstance(call.args, str) else msgspec.json.encode(call.args).decode()


def call_id(call: ScriptedCall, request: Received, index: int) -> str:
    """Return the call's id: its own, else one that is unique in the conversation."""
    return call.id or f"call_{request.number}_{index}"


class Counted(msgspec.Struct, frozen=True):
    """Token counts of one reply."""

    input: int
    cached: int
    output: int
    reasoning: int


def count(reply: Reply, request: Received, shared: int) -> Counted:
    """Return the counts to report: as scripted, else four bytes a token, `shared` bytes of the request cached."""
    said = len(reply.text) + len(reply.reasoning) + sum(len(arguments(c)) + len(c.tool) for c in reply.calls)
    total = len(request.raw) // 4 if reply.input_tokens is None else reply.input_tokens
    cached = shared // 4 if reply.cached_tokens is None else reply.cached_tokens
    output = max(1, said // 4) if reply.output_tokens is None else reply.output_tokens
    return Counted(input=total, cached=min(cached, total), output=output, reasoning=reply.reasoning_tokens)
